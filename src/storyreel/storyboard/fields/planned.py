"""
Fields that later versions of the language are to have.
"""

PLANNED = {
    "say": ("dialogue", "speech", "subtitle_text"),
    "captions": ("caption", "subtitle", "subtitles"),
    "titles": ("overlay", "text_overlay", "lower_third"),
    "music": ("soundtrack", "score", "bgm", "background_music"),
    "voiceover": ("narration", "vo", "voice_over"),
    "sounds": ("sfx", "sound_effects", "effects"),
    "sound": ("volume", "gain", "mute"),
    "voices": ("voice",),
    "last_frame": (),
    "keyframes": (),
    "tail": (),
    "loudness": (),
    "chapters": (),
    "deliver": ("deliveries", "outputs"),
    "variants": ("matrix",),
    "use": ("include", "import", "extends"),
}
"""Fields that later versions are to have, wherever they are written, and what people call them."""
