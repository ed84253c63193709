"""
What the columns of shot lists are called, and what each means here.
"""

from __future__ import annotations

import re
from typing import Literal

Meaning = Literal["scene", "shot", "place", "prompt", "camera", "sound", "duration", "say", "note"]
"""`place`, `camera` and `sound` go into the prompt, before and after what happens; what is none of these goes into the scene's note."""

_NAMES: dict[Meaning, str] = {
    "scene": "scene, sc, sequence, seq, scene name, szene, escena, scène",
    "shot": "shot, shot id, id, setup, cut, frame, panel, nr, no, name, shot name, einstellung, plano, plan, shot code, code",
    "place": "location, setting, set, place, int ext, i e, time of day, day night, d n, ort, lieu, lugar",
    "prompt": "description, shot description, prompt, action, visual, visuals, video, picture, content, what happens, scene description, "
    "image, subject, beschreibung, inhalt, handlung, descripción, descripcion, acción, action description",
    "camera": "camera, camera movement, camera move, movement, move, camera angle, angle, shot size, size, shot type, type, framing, lens, "
    "camera notes, kamera, bewegung, cámara, caméra",
    "sound": "sound, audio, sfx, sound effects, sound fx, ton, son, sonido",
    "duration": "duration, length, time, dur, secs, sec, seconds, s, est time, timing, runtime, run time, trt, screen time, dauer, länge, "
    "durée, duración",
    "say": "dialogue, dialog, vo, voiceover, voice over, narration, line, lines, text spoken, script, dialogo, diálogo",
    "note": "note, notes, comment, comments, remark, remarks, bemerkung, bemerkungen, notas",
}
_KNOWN: dict[str, Meaning] = {name.strip(): meaning for meaning, names in _NAMES.items() for name in names.split(",")}
_WORDS: dict[Meaning, str] = {
    "prompt": "description prompt visual visuals",
    "duration": "duration length secs seconds",
    "camera": "camera lens angle framing",
    "say": "dialogue dialog voiceover narration",
    "note": "note notes comments",
    "scene": "scene",
    "shot": "shot",
}
_BY_WORD: dict[str, Meaning] = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
"""What a longer name means by one of its words, the first of these that it has."""


def meaning_of(name: str) -> Meaning | None:
    """Return what a column means by its name; None where nobody can know."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", name.casefold())
    words = re.findall(r"[^\W_]+", plain)
    short = [word for word in words if word not in ("number", "num", "the", "of")] or words
    if (exact := _KNOWN.get(" ".join(short))) is not None:
        return exact
    if len(short) > 1 and short[-1] in ("no", "nr", "id", "code"):
        return meaning_of(" ".join(short[:-1]))
    return next((_BY_WORD[word] for word in _BY_WORD if word in short), None)


def unit_of(name: str) -> float:
    """Return the seconds of one of what a column of durations counts: frames (24 a second) and minutes where its name says so."""
    words = set(re.findall(r"[a-z]+", name.casefold()))
    if words & {"frames", "frame", "fr"}:
        return 1 / 24
    if words & {"ms", "milliseconds"}:
        return 1 / 1000
    return 60.0 if words & {"min", "mins", "minutes"} else 1.0
