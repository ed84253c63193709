"""
An example for each field that takes more than a few words: an editor offers it. What the catalogue knows, it offers instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PIN = "0f9dff04-c1f2-4b1e-9d52-3f0b7c1d5a11"
_STILL = {"prompt": "portrait of {{ cast.mira }}, plain background"}

BY_NAME: Mapping[str, Any] = {
    "aspect_ratio": "16:9",
    "at": 0.5,
    "background": "#0b1020",
    "captions": {"language": "en"},
    "card": {"text": "THE END"},
    "cast": {"mira": {"description": "a woman in a deep-red parka", "references": [_STILL]}},
    "clip": "media/endcard.mp4",
    "close": {"kind": "fade-black", "duration": 1},
    "color": "#ffd166",
    "cut": {"order": ["coast", "door"]},
    "budget": 5.0,
    "defaults": {"duration": 4, "aspect_ratio": "16:9", "resolution": "480p"},
    "deliver": {"vertical": {"aspect_ratio": "9:16", "fit": "crop"}},
    "description": "a woman in a deep-red parka",
    "duck_db": -10,
    "duration": 2,
    "edit": "Add driving snow.",
    "extend": "She reaches the lamp room; the lamp flares.",
    "fade_in": 0.5,
    "fade_out": 1,
    "file": "media/music.m4a",
    "focus": [0.5, 0.25],
    "font": "media/NotoSansJP-Regular.otf",
    "frame_of": "coast",
    "from": "coast",
    "gain_db": -6,
    "id": "coast",
    "image": [{"prompt": "An iron door in a wet wall."}, {"last_frame_of": "coast"}, "media/coast.jpg"],
    "keyframes": [{"image": "media/coast.jpg", "at": 2}],
    "language": "en",
    "last_frame": {"prompt": "The door stands open."},
    "last_frame_of": "coast",
    "length": 30,
    "loudness": -16,
    "music": [{"file": "media/music.m4a", "gain_db": -8, "fade_out": 2}],
    "note": "hold the horizon in the upper third",
    "opacity": 0.5,
    "order": ["coast", {"scene": "door", "end": 2, "transition": "dissolve"}],
    "overlay": {"file": "media/logo.png", "opacity": 0.5},
    "picture": "media/poster.jpg",
    "pin": _PIN,
    "prompt": "A lighthouse on a cliff at dusk, gulls, slow dolly right.",
    "references": ["mira"],
    "say": "Wait for me!",
    "scene": "coast",
    "size": 7,
    "slug": "last-ferry",
    "sound": {"gain_db": -6, "fade_out": 0.5},
    "sounds": [{"file": "media/bell.m4a", "at": 0.5}],
    "speed": 0.5,
    "start": 0.5,
    "end": -0.5,
    "still": {"resolution": "1k"},
    "style": "35 mm film, blue dusk, soft grain",
    "take": 2,
    "text": "Rua da Bica, Lisboa",
    "then": [{"extend": "The lamp flares.", "duration": 3}],
    "title": "The Last Ferry",
    "titles": [{"text": "Lisboa", "at": 0.5, "duration": 2}],
    "to": "door",
    "trim": {"start": 0.5, "end": -0.25},
    "use": ["shared/cast.yaml"],
    "variants": {"lisboa": {}, "porto": {"vars": {"city": "Porto"}}},
    "vars": {"city": "Lisboa"},
    "voice": "eve",
    "voices": ["mira"],
    "voiceover": [{"file": "media/voice.m4a", "at": 0.2}],
}
OF_A_PART: Mapping[tuple[str, str], Any] = {
    ("Captions", "file"): "media/captions.srt",
    ("Delivery", "scenes"): {"coast": {"take": 2}},
    ("Delivery", "music"): "off",
    ("Delivery", "titles"): "off",
    ("Keyframe", "at"): 2,
    ("Keyframe", "image"): "media/coast.jpg",
    ("Line", "text"): "Wait for me!",
    ("Member", "references"): [_STILL],
    ("Overlay", "file"): "media/logo.png",
    ("Scene", "sounds"): [{"file": "media/bell.m4a", "at": 0.5}],
    ("Sheet", "scenes"): [{"id": "coast", "prompt": "A lighthouse on a cliff at dusk, gulls."}],
    ("Still", "prompt"): "portrait of {{ cast.mira }}, plain background",
    ("Variant", "scenes"): {"coast": {"take": 2}},
}
"""Where the same name means something else."""


def examples_of(part: str, field: str) -> list[Any]:
    """Return examples for a field of a part, by the names that both have; none where there is none."""
    example = OF_A_PART.get((part, field), BY_NAME.get(field))
    if example is None:
        return []
    return list(example) if field == "image" else [example]
