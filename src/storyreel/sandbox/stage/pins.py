"""
Hold a clip to given pictures: each is seen alone at its moment, and the clip dissolves to it and away from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from storyreel.sandbox.stage.camera import TO_YUV, Stage
from storyreel.sandbox.stage.references import opened

DISSOLVE = 12
"""Frames in which a clip dissolves to a picture, or away from it, where there is room for them."""
ALONE = 1
"""Frames before its moment and after it in which a picture is seen alone: who looks there may be a frame off."""


@dataclass(frozen=True)
class Pin:
    """A picture and the frame of the clip that shows it."""

    picture: Path
    frame: int


def hold(stage: Stage, video: str, pins: Sequence[Pin], size: tuple[int, int], frames: int) -> str:
    """
    Lay pictures over the stream `video`, each alone at its moment; return the label of the result.

    Args:
        size: Of the clip, in pixels: a picture of another shape is cropped to it.
        frames: How long the clip is.
    """
    before = -1
    for number, pin in enumerate(sorted(pins, key=lambda each: each.frame)):
        at = min(max(pin.frame, 0), frames - 1)
        picture = ImageOps.fit(opened(pin.picture), size, Image.Resampling.LANCZOS)
        source = stage.picture(picture.convert("RGBA"), stage.fps)
        # The picture before is seen alone as long as it should be, and this one then comes over whatever is there.
        comes = max(before + 1, at - ALONE - DISSOLVE, 0)
        full, goes = max(at - ALONE, comes), at + ALONE + 1
        fades = [f"fade=t=in:s={comes}:n={full - comes}:alpha=1"] if full > comes else []
        fades += [f"fade=t=out:s={goes}:n={DISSOLVE}:alpha=1"] if goes < frames else []
        label = f"pin{number}"
        stage.graph.append(f"[{source}:v]{TO_YUV},{','.join(['format=yuva420p', 'loop=-1:1', *fades])}[{label}p]")
        shown = f"enable='between(n,{comes},{min(goes + DISSOLVE, frames)})'"
        stage.graph.append(f"[{video}][{label}p]overlay=format=yuv420:shortest=1:{shown}[{label}]")
        video, before = label, at + ALONE
    return video
