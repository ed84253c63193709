"""
The words on the picture: the prompt in a rounded box, and a line that says that this is the sandbox.

The face comes with Pillow, so that no system font is needed. It is a Latin face: characters that it lacks are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import Image, ImageFont

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.paint import Brush

SMALL_PRINT = "storyreel sandbox - nothing was generated or billed"

# A clip's ends are fed on as first frames of other clips; a caption burnt into them would be seen twice.
CLEAR_AT_START = 6
CLEAR_AT_END = 12

_TAG = re.compile(r"<IMAGE_(\d+)>")
_UNDRAWABLE = re.compile(r"[^\x20-\x7e\xa1-\u017f\u2013\u2014\u2018-\u201e\u2026]+")


def spoken(prompt: str) -> str:
    """Return a prompt as a person would read it: tags as `picture 0`, one line, only characters that can be drawn."""
    words = _TAG.sub(r"picture \1", prompt)
    words = _UNDRAWABLE.sub(" ", " ".join(words.split()))
    return " ".join(words.split())


@lru_cache(maxsize=16)
def face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own face in this size."""
    return ImageFont.load_default(size=max(6, size))


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
    size = max(8, round(short * 0.0235))
    small = max(6, round(size * 0.62))
    most = min(0.9 * width, 1.02 * height) - 2 * size
    rows = _wrapped(spoken(prompt), size, most, 2)
    below = SMALL_PRINT if face(small).getlength(SMALL_PRINT) <= 0.9 * width - 2 * size else "storyreel sandbox"
    wide = max([face(size).getlength(row) for row in rows] + [face(small).getlength(below)])
    leading, pad = round(size * 1.32), round(size * 0.75)
    box_w = round(wide) + 2 * pad
    box_h = 2 * round(pad * 0.8) + leading * len(rows) + round(small * 1.35)
    picture = Image.new("RGBA", (box_w + box_w % 2, box_h + box_h % 2), (14, 16, 24, 0))
    draw = Brush(picture)
    draw.rounded_rectangle((0, 0, box_w - 1, box_h - 1), radius=round(size * 0.6), fill=(14, 16, 24, 172))
    y = round(pad * 0.7)
    for row in rows:
        draw.text((pad, y), row, font=face(size), fill=(250, 248, 240, 255))
        y += leading
    draw.text((pad, y + round(small * 0.1)), below, font=face(small), fill=(214, 218, 230, 190))
    return picture


def caption(prompt: str, width: int, height: int, frames: int) -> list[Layer]:
    """Return the caption as a layer; no layer where the clip is too short to show one between its clear ends."""
    first, last = CLEAR_AT_START, frames - CLEAR_AT_END - 1
    last -= 1 - last % 2  # an even first and an odd last frame keep the layer calm
    if last - first < 6:
        return []
    box = plate(prompt, width, height)
    margin = round(min(width, height) * 0.04)
    return [Layer(box, Track(margin), Track(height - margin - box.height), between=(first, last))]
