"""
Fields that later versions of the language are to have.
"""

PLANNED = {
    "voices": ("voice",),
    "last_frame": (),
    "keyframes": (),
}
"""Fields that later versions are to have, wherever they are written, and what people call them."""
