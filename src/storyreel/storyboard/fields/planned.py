"""
Fields that later versions of the language are to have.
"""

PLANNED = {
    "say": ("dialogue", "speech", "subtitle_text"),
    "captions": ("caption", "subtitle", "subtitles"),
    "voices": ("voice",),
    "last_frame": (),
    "keyframes": (),
    "tail": (),
    "chapters": (),
    "deliver": ("deliveries", "outputs"),
    "variants": ("matrix",),
    "use": ("include", "import", "extends"),
}
"""Fields that later versions are to have, wherever they are written, and what people call them."""
