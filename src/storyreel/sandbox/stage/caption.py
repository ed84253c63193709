"""
The words on the picture: the prompt in a rounded box, and a line that says that this is the sandbox.

The face comes with the package, so that no system font is needed. Characters that it lacks are left out, and a line
says how many and of which scripts: who rehearses a prompt in Japanese is not to take an empty box for their words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import Image, ImageFont

from storyreel.console import counted
from storyreel.fonts import FACE, divided, scripts
from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.paint import Brush

SMALL_PRINT = "storyreel sandbox - nothing was generated or billed"

# A clip's ends are fed on as first frames of other clips; a caption burnt into them would be seen twice.
CLEAR_AT_START = 6
CLEAR_AT_END = 12

SIZES = ((8, 0.0235), (6, 0.0146), (6, 0.0185))
"""The least height in pixels and the part of the frame: of a prompt, of the small print, of what is told of missing words."""

FINER = 4

_TAGS = {"picture": re.compile(r"<IMAGE_(\d+)>"), "voice": re.compile(r"<AUDIO_(\d+)>")}


def spoken(prompt: str) -> tuple[str, str]:
    """
    Return a prompt as a person would read it, and what of it the face cannot draw.

    Tags are told as `picture 0` and `voice 0`, all of it stands on one line, and of a word that is missing no punctuation is left over.
    """
    words: list[str] = []
    missing: list[str] = []
    for name, tag in _TAGS.items():
        prompt = tag.sub(rf"{name} \1", prompt)
    for word in prompt.split():
        drawn, lacking = divided(word)
        missing.append(lacking)
        if not lacking or any(character.isalnum() for character in drawn):
            words += drawn.split()
    return " ".join(words), "".join(missing)


def untold(missing: str) -> str:
    """Return a line that says what is left out of a caption; empty where nothing is."""
    if not missing:
        return ""
    return f"{counted(len(missing), 'character')} ({', '.join(scripts(missing))}) cannot be shown in the rehearsal"


@lru_cache(maxsize=16)
def face(size: int) -> ImageFont.FreeTypeFont:
    """Return the package's face in this size."""
    return ImageFont.truetype(FACE, max(6, size))


def _cut(row: str, size: int, width: float) -> str:
    """Return a row with its end cut off, and dots in its place, where it is too wide."""
    font = face(size)
    if font.getlength(row) <= width:
        return row
    while row and font.getlength(row + "...") > width:
        row = row[:-1]
    return (row.rpartition(" ")[0] or row).rstrip(" ,;:.") + "..."


def _wrapped(words: str, size: int, width: float, lines: int) -> list[str]:
    """Return the words in so many rows, the last of them cut where there are more."""
    font = face(size)
    rows: list[str] = [""]
    for word in words.split():
        longer = f"{rows[-1]} {word}".strip()
        if font.getlength(longer) <= width or not rows[-1]:
            rows[-1] = longer
        elif len(rows) < lines:
            rows.append(word)
        else:
            rows[-1] = longer
            break
    return [_cut(row[:400], size, width) for row in rows if row]


def plate(prompt: str, width: int, height: int) -> Image.Image:
    """Paint the box with its words for a frame of this size."""
    short = min(width, height * 16 // 9, 1.3 * height)
    # Letters of a few pixels stand unevenly where each of them begins on a whole pixel, so all is painted larger first.
    size, small, lacking = (FINER * max(least, round(short * part)) for least, part in SIZES)
    room = FINER * 0.9 * width - 2 * size
    most = min(room, FINER * 1.02 * height - 2 * size)
    words, missing = spoken(prompt)
    below = SMALL_PRINT if face(small).getlength(SMALL_PRINT) <= room else "storyreel sandbox"
    rows = [
        *((row, size, (250, 248, 240, 255)) for row in _wrapped(words, size, most, 2)),
        *((row, lacking, (255, 206, 120, 255)) for row in _wrapped(untold(missing), lacking, most, 3)),
        (below, small, (214, 218, 230, 190)),
    ]
    pad = round(size * 0.75)
    box_w = _whole(max(face(high).getlength(row) for row, high, _ in rows) + 2 * pad)
    box_h = _whole(1.6 * pad + sum(1.32 * high for _, high, _ in rows))
    picture = Image.new("RGBA", (box_w, box_h), (14, 16, 24, 0))
    draw = Brush(picture)
    draw.rounded_rectangle((0, 0, box_w - 1, box_h - 1), radius=round(size * 0.6), fill=(14, 16, 24, 172))
    y = 0.7 * pad
    for row, high, colour in rows:
        draw.text((pad, y), row, font=face(high), fill=colour)
        y += 1.32 * high
    return picture.reduce(FINER)


def _whole(length: float) -> int:
    """Return a length that makes an even number of pixels when it is reduced."""
    return 2 * FINER * round(length / (2 * FINER))


def caption(prompt: str, width: int, height: int, frames: int) -> list[Layer]:
    """Return the caption as a layer; no layer where the clip is too short to show one between its clear ends."""
    first, last = CLEAR_AT_START, frames - CLEAR_AT_END - 1
    last -= 1 - last % 2  # an even first and an odd last frame keep the layer calm
    if last - first < 6:
        return []
    box = plate(prompt, width, height)
    margin = round(min(width, height) * 0.04)
    return [Layer(box, Track(margin), Track(height - margin - box.height), between=(first, last))]


EDGE = (8, 4)
"""The size of an edge mark in pixels."""
EDGE_PACE = 2
"""How many pixels it moves from one frame to the next: the least by which a layer can be moved."""


def edge_mark(width: int, height: int, frames: int) -> list[Layer]:
    """
    Return a mark at the lower edge that tells each frame of what is added to a clip from every other: it moves by `EDGE_PACE`.

    So it can be told from the pictures alone whether a frame was lost, or is shown twice, where such clips are joined. The last frame has
    none, since other clips begin with it.
    """
    light = Image.new("RGBA", EDGE, (255, 214, 140, 230))
    way = Track(0, speed=EDGE_PACE, wrap=width - width % EDGE_PACE)
    return [Layer(light, way, Track(height - height % 2 - EDGE[1]), between=(0, frames - 2))] if frames > 1 else []
