"""
Draw a clip: a card, a placeholder, or a picture, held or slowly moved over, in the house format. It is silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import PICTURE_MOST, read_plain, reason_of
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House
from storyreel.media.moves import Box, window
from storyreel.media.pictures import upright
from storyreel.media.probe import Measured, probe
from storyreel.media.words.card import draw_card
from storyreel.media.words.ground import framed
from storyreel.media.words.placeholder import draw_placeholder
from storyreel.model.drawn import Card, Drawn, HeldPicture, Placeholder

if TYPE_CHECKING:
    from PIL.Image import Image

DECODED = 2.5
"""How many times as large as the film a picture is decoded, at least: what a move comes near to has to be sharp."""


async def draw(drawn: Drawn, house: House, to: Path, *, before: int, frames: int) -> Measured:
    """
    Draw a clip in the house format.

    Args:
        before: How many of its frames are drawn from before its first second; they go on as it begins.
        frames: How many frames come out.
        to: An MP4; whole once it is there.

    Raises:
        MediaError: A picture cannot be read, or ffmpeg failed.
    """
    async with workbench(to) as bench:
        output = bench / "drawn.mp4"
        pictures = _pictures(drawn, house, before, frames)
        args = ffmpeg_args.drawn_args(house, output, frames=frames)
        await run_ffmpeg(args, timeout_s=max(300.0, 60.0 * float(frames / house.fps)), stdin=pictures)
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != frames:
            raise MediaError(f"{drawn.shows} was drawn with {result.frames} frames, not {frames}")
        output.replace(to)
    return result


def drawn_at(drawn: Drawn, size: tuple[int, int], at_s: float = 0.0) -> Image:
    """
    Return a picture of a drawn clip in RGB.

    Args:
        size: Width and height in pixels.
        at_s: The second of the clip; it may lie before its beginning or after its end.

    Raises:
        MediaError: A picture cannot be read.
    """
    if isinstance(drawn.what, Placeholder):
        return draw_placeholder(drawn.what, size)
    ground = _opened(drawn, size)
    if isinstance(drawn.what, Card):
        return draw_card(drawn.what, size, ground, drawn.framing)
    assert ground is not None, "a held picture has a file"
    if not drawn.moves:
        return framed(ground, size, drawn.framing)
    return _seen(ground, _window(drawn, drawn.what, ground, size, at_s), size)


def _pictures(drawn: Drawn, house: House, before: int, frames: int) -> Iterator[bytes]:
    """Yield the pictures of a clip as bare bytes in RGB; one alone where all are alike."""
    size = (house.width, house.height)
    if not drawn.moves or not isinstance(drawn.what, HeldPicture):
        yield drawn_at(drawn, size).tobytes()
        return
    picture = _opened(drawn, size)
    assert picture is not None, "a held picture has a file"
    moments = (float((number - before) / house.fps) for number in range(frames))
    boxes = [_window(drawn, drawn.what, picture, size, at_s) for at_s in moments]
    near, boxes = _nearer(picture, boxes, size)
    del picture
    for box in boxes:
        yield _seen(near, box, size).tobytes()


def _window(drawn: Drawn, held: HeldPicture, picture: Image, size: tuple[int, int], at_s: float) -> Box:
    return window(held.move, at_s / drawn.seconds, drawn.seconds, picture.size, size, drawn.framing.focus)


def _nearer(picture: Image, boxes: Sequence[Box], size: tuple[int, int]) -> tuple[Image, list[Box]]:
    """Return what of a picture is seen in some boxes, no larger than is seen of it, and the boxes as they lie in that."""
    from PIL import Image

    left, top = (floor(min(box[side] for box in boxes)) for side in (0, 1))
    right, bottom = (ceil(max(box[side] for box in boxes)) for side in (2, 3))
    right, bottom = min(right, picture.width), min(bottom, picture.height)
    dense = min(1.0, size[0] / min(box[2] - box[0] for box in boxes))
    width, height = ceil((right - left) * dense), ceil((bottom - top) * dense)
    part = picture.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, right, bottom))
    across, down = width / (right - left), height / (bottom - top)

    def placed(box: Box) -> Box:
        x, y = (box[0] - left) * across, (box[1] - top) * down
        # Sums of parts of pixels may end a hair beyond the picture.
        return x, y, min((box[2] - left) * across, width), min((box[3] - top) * down, height)

    return part, [placed(box) for box in boxes]


def _seen(picture: Image, box: Box, size: tuple[int, int]) -> Image:
    """Return a part of a picture in another size. The box need not begin or end on a pixel, so a move is as smooth as its path."""
    from PIL import Image

    return picture.resize(size, Image.Resampling.BICUBIC, box=box)


def _opened(drawn: Drawn, size: tuple[int, int]) -> Image | None:
    """Return the picture that is drawn from, no larger than it takes; None where there is none."""
    if drawn.picture is None:
        return None
    path = drawn.picture.path
    try:
        data = read_plain(path, PICTURE_MOST)
    except OSError as error:
        raise MediaError(f"{path.name} {reason_of(error)}") from error
    return upright(data, name=path.name, least=round(DECODED * max(size)))
