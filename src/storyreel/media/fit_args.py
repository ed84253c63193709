"""
How a clip of another ratio fills the house, as filters of ffmpeg's: with bars, cut off, or before a blurred copy of itself.
"""

from __future__ import annotations

from typing import Any

from storyreel.media.format import House
from storyreel.media.look import Look
from storyreel.media.picture_filters import SCALER, read_as
from storyreel.media.words.ground import BLUR, DIM
from storyreel.model.drawn import Framing

BLURRED_AT = 8
"""How many times smaller the ground of `blur` is while it is blurred: nobody sees it, and it takes a hundredth of the time."""


def fitted(stream: Any, look: Look, house: House, framing: Framing) -> Any:
    """
    Return a stream of pictures in the size of the house, in its colours.

    Each frame is fitted by itself: windows and calls change their size midway.
    """
    width, height = house.width, house.height
    if framing.fit == "pad":
        inside = _scaled(stream, look, _within(width, f"{height}*dar"), _within(height, f"{width}/dar"))
        x, y = f"trunc(({width}-iw)/4)*2", f"trunc(({height}-ih)/4)*2"
        return inside.filter("pad", width, height, x, y, eval="frame")
    parts = stream.split()
    if framing.fit == "crop":
        return _cut_off(parts[0], parts[1], look, width, height, framing)
    ground = parts[0].split()
    across, down = (max(2, length // BLURRED_AT // 2 * 2) for length in (width, height))
    page = (
        _cut_off(ground[0], ground[1], look, across, down, framing)
        .filter("gblur", sigma=f"{BLUR * max(across, down):.3f}")
        .filter("lutyuv", y=f"16+(val-16)*{DIM}", u=f"128+(val-128)*{DIM}", v=f"128+(val-128)*{DIM}")
        .filter("scale", width, height, flags=SCALER)
    )
    inside = _scaled(parts[1], look, _within(width, f"{height}*dar"), _within(height, f"{width}/dar"))
    return page.overlay(inside, x="trunc((W-w)/4)*2", y="trunc((H-h)/4)*2", eval="frame", format="yuv420")


def _cut_off(below: Any, shown: Any, look: Look, width: int, height: int, framing: Framing) -> Any:
    """
    Return pictures that fill a size and are cut off around their focus.

    They are laid over something of that size that is seen nowhere: the filter `crop` takes every frame for as large as the first.
    """
    page = _scaled(below, look, width, height, flags="neighbor")
    cover = _scaled(shown, look, _over(width, f"{height}*dar"), _over(height, f"{width}/dar"))
    x, y = (
        f"-trunc(clip({share:.6f}*{own}-{room}/2,0,{own}-{room})/2)*2"
        for share, own, room in zip(framing.focus, "wh", "WH", strict=True)
    )
    return page.overlay(cover, x=x, y=y, eval="frame", format="yuv420")


def _scaled(stream: Any, look: Look, width: int | str, height: int | str, *, flags: str = SCALER) -> Any:
    colours = {**read_as(look), "out_color_matrix": "bt709", "out_range": "tv"}
    return stream.filter("scale", width, height, eval="frame", flags=flags, **colours)


def _within(most: int, length: str) -> str:
    """Return as an expression of ffmpeg's the even number nearest to a length, from 2 up to `most`."""
    return f"min({most},max(2,round(min({most},{length})/2)*2))"


def _over(least: int, length: str) -> str:
    """Return as an expression of ffmpeg's the even number next above a length, from `least` on."""
    return f"max({least},ceil({length}/2-0.001)*2)"
