"""
Make of a film as it is cut the film as it is handed over: one pass over its pictures, and none over what is heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from storyreel.media.ffmpeg import run_ffmpeg, to_its_end, workbench
from storyreel.media.handover.args import Laid, handover_args
from storyreel.media.handover.encoders import check_encoder
from storyreel.media.handover.join import join_sound
from storyreel.media.handover.proof import Box, Expected, check_handed_over
from storyreel.media.handover.watermark import watermark
from storyreel.media.words.burn_in import burnt_in, strip_for
from storyreel.model.finish import Finish, Shown
from storyreel.model.rates import frames_at

PATIENCE_S, PATIENCE = 600.0, 60.0
"""Seconds that it may take at least, and for each second of a film of 1280x720."""


@dataclass(frozen=True)
class Handover:
    """
    What is made of a film of `frames` frames, `fps` of them a second: its `size` is kept, `shown` is what is burnt in where that is
    asked for, each from its first frame on.
    """

    finish: Finish
    size: tuple[int, int]
    fps: Fraction
    frames: int
    shown: tuple[Shown, ...] = ()

    @property
    def rate(self) -> Fraction:
        """Frames a second of what is made."""
        return self.finish.rate or self.fps

    @property
    def frames_made(self) -> int:
        """How many frames come out."""
        return frames_at(self.frames, self.fps, self.rate)

    @property
    def patience_s(self) -> float:
        """How many seconds it may take."""
        width, height = self.size
        seconds = float(max(self.frames / self.fps, self.frames_made / self.rate))
        return max(PATIENCE_S, PATIENCE * seconds * max(1.0, width * height / (1280 * 720)))


async def hand_over(film: Path, how: Handover, to: Path, *, bus: Path | None = None) -> None:
    """
    Encode a film as it is handed over, and prove what came out.

    The same film gives the same bytes with the same ffmpeg, on whatever machine.

    Args:
        film: An MP4 as `splice` makes it.
        to: A MOV for ProRes, else an MP4; whole once it is there.
        bus: For ProRes what is heard of the film, as `produce` writes it down; others have the film's own packets.

    Raises:
        MediaError: ffmpeg has no such encoder, or failed; or what came out is not the film.
    """
    await asyncio.to_thread(check_encoder, how.finish.codec)
    async with workbench(to) as bench:
        laid, strips, covered = await asyncio.to_thread(_laid, how, bench)
        output = picture = bench / f"film{how.finish.container}"
        args = handover_args(
            film,
            how.finish.codec,
            picture,
            film_rate=how.fps,
            rate=how.rate,
            frames=how.frames_made,
            laid=laid,
            bus=bus,
        )
        await run_ffmpeg(args, timeout_s=how.patience_s, stdin=strips)
        if bus is None:
            output = bench / "joined.mp4"
            await to_its_end(lambda stop: join_sound(picture, film, output, stop))
        expected = Expected(how.finish.codec, how.size, how.fps, how.rate, how.frames_made, covered)
        await to_its_end(lambda stop: check_handed_over(output, film, expected, bus, stop))
        output.replace(to)


def _laid(how: Handover, bench: Path) -> tuple[Sequence[Laid], Iterable[bytes] | None, tuple[Box, ...]]:
    """Return what is laid over the film, the strips that go with it, and what of its picture it hides."""
    width, height = how.size
    laid: list[Laid] = []
    covered: list[Box] = []
    strips: Iterable[bytes] | None = None
    if how.finish.overlay is not None:
        mark = watermark(how.finish.overlay, how.size)
        still = bench / "watermark.rgba"
        still.write_bytes(mark.picture.tobytes())
        laid.append(Laid(mark.picture.size, mark.x, mark.y, still))
        covered.append(mark.box)
    if how.finish.burn_in:
        strip = strip_for(how.shown, how.size)
        laid.append(Laid((width, strip.height), 0, height - strip.height))
        covered.append((0, height - strip.height, width, height))
        strips = burnt_in(how.shown, strip, how.frames_made, how.fps, how.rate)
    return laid, strips, tuple(covered)
