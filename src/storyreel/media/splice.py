"""
Join clips into a film without touching a single picture.

Packets of the clips are copied as they are, in their order, onto one exact grid of frames (see `track`); their sound is
laid end to end as samples, each piece's exactly as long as its picture, and encoded once. So neither rounding nor an
encoder's run-in adds up over the joints, and the same clips give the same film, byte for byte.

Whether clips fit together is decided by `format.matches`; that the film came out right is proven by `verify`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg, settled, to_its_end, workbench
from storyreel.media.format import House, matches
from storyreel.media.probe import Measured, probe
from storyreel.media.track import Piece, lay_out, write_track

BYTES_A_SAMPLE = 4  # 16 bit, stereo


@dataclass(frozen=True)
class Spliced:
    """
    A film that was just joined.

    `renumbered`: some clips' parameter sets share a number and differ, so those of all but one have other numbers in the
    film; otherwise every packet of the film is a clip's packet, byte for byte.
    """

    path: Path
    frames: int
    seconds: float
    renumbered: bool


async def splice(pieces: Sequence[Piece], house: House, to: Path) -> Spliced:
    """
    Join pieces into a film.

    Args:
        pieces: In the order of the film; the same clip may come more than once.
        house: What all of them match.
        to: An MP4; whole once it is there, and nothing of it is if this fails or is cancelled.

    Raises:
        MediaError: A piece does not match the house, cannot be cut out of its clip, or ffmpeg failed.
    """
    if not pieces:
        raise MediaError("a film needs at least one clip")
    measured = await asyncio.to_thread(_measured, pieces, house)
    layout = await asyncio.to_thread(lay_out, pieces)
    frames = sum(piece.frames for piece in pieces)
    async with workbench(to) as bench:
        picture, bus, film = bench / "picture.mp4", bench / "bus.s16", bench / "film.mp4"
        await _side_by_side(
            [
                to_its_end(lambda stop: write_track(pieces, layout, house, picture, stop)),
                _lay_sound(pieces, measured, house, bus, bench),
            ]
        )
        await run_ffmpeg(
            ffmpeg_args.join_args(picture, bus, house, film), timeout_s=max(300.0, float(frames / house.fps))
        )
        film.replace(to)
    return Spliced(path=to, frames=frames, seconds=float(frames / house.fps), renumbered=layout.renumbered)


def _measured(pieces: Sequence[Piece], house: House) -> list[Measured]:
    """Measure each piece once and refuse what would make a film that only looks right."""
    known: dict[Path, Measured] = {}
    for piece in pieces:
        if piece.path not in known:
            try:
                known[piece.path] = probe(piece.path)
            except MediaError as error:
                raise error.of(piece.called) from error
        if differences := matches(known[piece.path], house):
            raise MediaError(f"{piece.called} is not in the house format: {'; '.join(differences)}")
    return [known[piece.path] for piece in pieces]


async def _lay_sound(
    pieces: Sequence[Piece], measured: Sequence[Measured], house: House, bus: Path, bench: Path
) -> None:
    """Write the sound of all pieces end to end, each exactly as long as its picture; where there is none, silence."""
    ends = list(accumulate(piece.frames for piece in pieces))
    edges = [house.samples(frame) for frame in [0, *ends]]
    lengths = [end - start for start, end in pairwise(edges)]
    turn = asyncio.Semaphore(max(2, os.cpu_count() or 2))

    async def take(number: int) -> Path | None:
        piece = pieces[number]
        if not measured[number].has_audio:
            return None
        to = bench / f"{number:05}.s16"
        async with turn:
            await run_ffmpeg(
                ffmpeg_args.sound_args(
                    piece.path, measured[number], house, to, samples=lengths[number], skipped=piece.first / house.fps
                )
            )
        return to

    takes = await _side_by_side([take(number) for number in range(len(pieces))])
    await asyncio.to_thread(_lay, takes, lengths, bus)


def _lay(takes: Sequence[Path | None], lengths: Sequence[int], bus: Path) -> None:
    with bus.open("wb") as file:
        for take, length in zip(takes, lengths, strict=True):
            if take is None:
                file.write(bytes(length * BYTES_A_SAMPLE))
                continue
            sound = take.read_bytes()
            if len(sound) != length * BYTES_A_SAMPLE:
                got = len(sound) // BYTES_A_SAMPLE
                raise MediaError(f"the sound of clip {int(take.stem) + 1} has {got} samples, not {length}")
            file.write(sound)
            take.unlink()


async def _side_by_side(work: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Do all of it at once; when one part fails, stop the others, wait until they have, and raise what failed."""
    tasks = [asyncio.create_task(part) for part in work]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await settled(asyncio.gather(*tasks, return_exceptions=True))
        raise
