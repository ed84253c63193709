"""
Spoil what was drawn, as models sometimes do: black, frozen, silent, with bars, with clipped sound, with a jump.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageDraw

from storyreel.sandbox.stage import camera
from storyreel.sandbox.stage.clips_in import measure

BAR = 0.125
"""The share of the height of each of two bars: a picture of 16:9 looks like one of 64:27."""
TOO_LOUD_DB = 50


def spoil_clip(kind: str, source: Path, to: Path, *, last_s: float | None = None, seam_s: float = 0.0) -> None:
    """
    Write a clip spoilt: from beginning to end, or the last `last_s` seconds of it; a `jump` is at `seam_s`.

    Raises:
        MediaError: ffmpeg failed.
    """
    rush = measure(source)
    rate = Fraction(rush.fps)
    begins = max(0.0, float(rush.frames / rate) - last_s) if last_s is not None else 0.0
    first = min(rush.frames - 1, round(begins * rate))
    late = f":enable='gte(n,{first})'"
    picture = {
        "black": f"drawbox=c=black:t=fill{late}",
        "frozen": f"loop=loop={rush.frames}:size=1:start={first}",
        "bars": f"drawbox=h=ih*{BAR}:c=black:t=fill,drawbox=y=ih*{1 - BAR}:h=ih*{BAR}:c=black:t=fill",
        "jump": f"hflip=enable='gte(t,{seam_s - 0.001:.3f})'",
    }.get(kind, "null")
    sound = {
        "silent": f"volume=0:enable='gte(t,{begins:.3f})'",
        "clipped": f"volume={TOO_LOUD_DB}dB:enable='gte(t,{begins:.3f})',aformat=sample_fmts=s16,aformat=sample_fmts=fltp",
    }.get(kind, "anull")
    heard = ["-map", "0:a:0", "-af", sound, *camera.SPEAKER] if rush.has_sound else []
    drawn = ["-map", "0:v:0", "-vf", f"{picture},{camera.TAGGED}", "-frames:v", str(rush.frames), *camera.ENCODER]
    camera.run(["-f", "mov", "-i", str(source), *drawn, "-crf", "20", *heard, *camera.EXACT, *camera.MP4, str(to)])


def spoil_still(kind: str, path: Path) -> None:
    """Spoil a picture in its place: all `black`, or with `bars`; nothing else can be wrong with one."""
    with Image.open(path) as opened:
        picture, form = opened.convert("RGB"), opened.format
    width, height = picture.size
    bar = round(height * BAR)
    boxes = [(0, 0, width, height)] if kind == "black" else [(0, 0, width, bar), (0, height - bar, width, height)]
    draw = ImageDraw.Draw(picture)
    for box in boxes if kind in ("black", "bars") else ():
        draw.rectangle(box, fill=(0, 0, 0))
    picture.save(path, form, quality=92)
