"""
What became of field files in a film: its frames and its sound, read back and held against what was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.field.clip import BEEP_S, NEAR, Clip
from tests.field.numbered import Colour, Pixels, Seen, alike, read
from tests.field.pictures import NUMBER, Picture

FPS, RATE = 24, 48000
ALIKE = 12
"""How far the colours of a picture that is taken out of a clip may be off what the film shows."""
QUIETEST, LOUDER_DB = 0.06, 1.5
Kind = Clip | Picture


def scene_of(kind: Kind) -> str:
    """Return the id of the scene in which a file is shown."""
    return re.sub(r"[^a-z0-9]+", "-", kind.name.lower())


def scene(kind: Kind) -> dict[str, object]:
    """Return the scene in which a file is shown: a clip as it is, a picture as the first frame of a clip."""
    if isinstance(kind, Clip):
        return {"id": scene_of(kind), "clip": kind.name}
    return {"id": scene_of(kind), "image": kind.name, "prompt": "It stays as it is.", "duration": 1}


def board(scenes: Sequence[Mapping[str, object]], title: str) -> str:
    """Return a storyboard, which is YAML as any JSON is."""
    defaults = {"resolution": "480p", "aspect_ratio": "16:9"}
    return json.dumps({"title": title, "defaults": defaults, "scenes": [*scenes]}, indent=1)


@dataclass(frozen=True)
class Found:
    """
    What a film shows of a file. `wrong` says what is not as it should be, and is empty where all is.

    `frames` and `seconds` are those of its scene, `apart` by how many seconds its beep comes late; None without one.
    `first` and `last` are its first and last picture.
    """

    frames: int
    seconds: float
    asked_frames: int
    asked_seconds: float
    apart: float | None
    first: Seen
    last: Seen
    wrong: tuple[str, ...]


def found_in(film: Path, kinds: Sequence[Kind]) -> dict[str, Found]:
    """Read a film, and say of each file what it shows of it, by the name of the file."""
    cuts = json.loads(film.with_suffix(".cut.json").read_text(encoding="utf-8"))["cuts"]
    places = {cut["scene"]: (cut["first_frame"], cut["frames"]) for cut in cuts}
    pictures, sound = _pictures(film), _sound(film)
    found: dict[str, Found] = {}
    for kind in kinds:
        first, frames = places[scene_of(kind)]
        part = pictures[first : first + frames]
        heard = sound[round(first / FPS * RATE) : round((first + frames) / FPS * RATE)]
        found[kind.name] = _of_clip(kind, part, heard) if isinstance(kind, Clip) else _of_picture(kind, part)
    return found


def _of_clip(kind: Clip, pictures: Sequence[Pixels], heard: NDArray[np.float32]) -> Found:
    wrong: list[str] = []
    asked = round(kind.length * FPS)
    if abs(len(pictures) - kind.length * FPS) >= 1:
        wrong.append(f"{len(pictures)} frames, not {asked}")
    seen = [read(each, kind.size) for each in pictures]
    off = [n for n, each in enumerate(seen) if each.number not in kind.shows(n / FPS)]
    if off:
        numbers = f"{seen[off[0]].number}, not {sorted(kind.shows(off[0] / FPS))}"
        wrong.append(f"{len(off)} wrong pictures (frame {off[0]} shows {numbers})")
    ground = tuple(np.median([each.ground for each in seen], axis=0))
    if not alike(ground, kind.ground, kind.off_by):
        wrong.append(f"its blue is {_shown(ground)}, not {_shown(kind.ground)}")
    apart = None
    if kind.sound and kind.heard_at is not None:
        loud = np.flatnonzero(np.abs(heard) > QUIETEST)
        if not len(loud):
            wrong.append("no sound")
        else:
            apart = float(loud[0] / RATE - kind.heard_at)
            if abs(apart) > 1 / FPS:
                wrong.append(f"sound {apart * 1000:+.0f} ms")
            middle = heard[loud[0] + round(0.2 * BEEP_S * RATE) : loud[0] + round(0.8 * BEEP_S * RATE)]
            level = float(np.sqrt(2 * np.mean(middle**2))) if len(middle) else 0.0
            louder = 20 * np.log10(max(level, 1e-4) / kind.level)
            if abs(louder) > LOUDER_DB:
                wrong.append(f"{louder:+.1f} dB")
    return Found(len(pictures), len(pictures) / FPS, asked, kind.length, apart, seen[0], seen[-1], tuple(wrong))


def _of_picture(kind: Picture, pictures: Sequence[Pixels]) -> Found:
    seen = read(pictures[0], (320, 180))
    wrong = [] if seen.number == NUMBER else [f"the first frame shows {seen.number}, not {NUMBER}"]
    if kind.ground is not None and not alike(seen.ground, kind.ground, NEAR):
        wrong.append(f"its blue is {_shown(seen.ground)}, not {_shown(kind.ground)}")
    return Found(len(pictures), len(pictures) / FPS, FPS, 1.0, None, seen, seen, tuple(wrong))


def _shown(colour: Colour) -> str:
    return "/".join(f"{part:.0f}" for part in colour)


def pixels_of(frame: av.VideoFrame) -> Pixels:
    """Return a frame of a film in red, green and blue."""
    # Both are named, since PyAV before 17 looks at no tag, and takes every clip for BT.601.
    return frame.reformat(format="rgb24", src_colorspace="ITU709", dst_colorspace="DEFAULT").to_ndarray()


def _pictures(film: Path) -> list[Pixels]:
    with av.open(str(film)) as reader:
        return [pixels_of(frame) for frame in reader.decode(video=0)]


def _sound(film: Path) -> NDArray[np.float32]:
    """Return the left channel, each sample at its time from 0 on."""
    parts: list[NDArray[np.float32]] = []
    with av.open(str(film)) as reader:
        for frame in reader.decode(audio=0):
            first = round(float((frame.pts or 0) * frame.time_base) * RATE)
            samples = frame.to_ndarray()[0].astype(np.float32)
            parts.append(samples[-first:] if first < 0 else samples)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
