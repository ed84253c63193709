"""
The words of the language as people meet them: what each field wants, where it belongs, what others write for it.

Only tables are here; `shape` makes sentences of them.
"""

from __future__ import annotations

from pydantic import BaseModel

from storyreel.storyboard import fields

LATER = frozenset(
    [
        "transition",
        "say",
        "last_frame",
        "keyframes",
        "voices",
        "tail",
        "music",
        "titles",
        "captions",
        "loudness",
        "deliver",
    ]
)
"""Fields that later versions are to have, wherever they are written."""

OTHER_WORDS = {
    "length": "duration",
    "seconds": "duration",
    "ratio": "aspect_ratio",
    "audio": "generate_audio",
    "picture": "image",
    "video": "clip",
    "text": "prompt",
    "name": "id",
}
"""What people write for a field that has another name here."""

WANTED: dict[str, str] = {
    "version": "the number 1",
    "duration": "a whole number of seconds",
    "take": "a whole number from 1",
    "budget": "a number of US dollars, from 0 to a billion",
    "start": "a number of seconds",
    "end": "a number of seconds",
    "generate_audio": "true or false",
    "aspect_ratio": 'a ratio, as in "16:9"',
    "resolution": "a word such as 720p",
    "id": "lower-case letters, digits and hyphens, the first a letter",
    "last_frame_of": "the id of a scene",
    "slug": "up to 64 letters, digits, hyphens and underscores: it names the film's files",
    "pin": "a request id, as `storyreel takes` shows it",
    "scenes": "a list: every scene begins with `- id:`",
    "then": "a list of `- extend: ...` and `- edit: ...`",
    "references": "a list",
    "order": "a list of scene ids",
    "vars": "a mapping of names to values",
    "cast": "a mapping of names to what is known of them",
    "trim": "{start: ..., end: ...} in seconds",
    "review": "before-video or before-final",
}
"""What a field takes, for somebody who wrote something else."""

WHAT_A_REFERENCE_IS = "a reference is a name from the cast, or a picture under a name of its own: {lamp: refs/lamp.png}"

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "top": (fields.Sheet,),
    "defaults": (fields.Defaults,),
    "still-defaults": (fields.StillDefaults,),
    "member": (fields.Member,),
    "still": (fields.Still,),
    "scene": (fields.Scene,),
    "image": (fields.LastFrameOf, fields.Still),
    "trim": (fields.Trim,),
    "link": (fields.Extension, fields.Edit),
    "cut": (fields.Cut,),
}
"""What may stand at a place of the file, by the place's name here."""

HOMES = {
    "top": "at the top",
    "defaults": "into `defaults`",
    "scene": "into a scene",
    "cut": "into `cut`",
    "member": "into `cast`",
}
"""Where to move a field that belongs to another place."""

IN_WHERE: dict[str, str] = {
    "top": "in a storyboard",
    "scene": "in a scene",
    "defaults": "in the defaults",
    "cut": "in the cut",
    "link": "in an item of `then`",
    "image": "in an image",
    "still": "in a generated picture",
    "member": "in the cast",
    "trim": "in a trim",
    "still-defaults": "in the defaults of stills",
}
"""The places, as they follow on what is not there."""
