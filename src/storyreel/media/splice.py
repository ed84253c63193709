"""
Join clips into a film without touching a single picture.

Packets of the clips are copied as they are, in their order, onto one exact grid of frames (see `track`); their sound is
laid as samples (see `bus`), each clip's exactly as long as its picture, and encoded once. So neither rounding nor an
encoder's run-in adds up over the joints, and the same clips give the same film, byte for byte.

Whether clips fit together is decided by `format.matches`; that the film came out right is proven by `verify`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.bus import SoundPiece, lay
from storyreel.media.ffmpeg import run_ffmpeg, to_its_end, workbench
from storyreel.media.format import House, matches
from storyreel.media.survey import Survey
from storyreel.media.track import Piece, lay_out, write_track


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


async def splice(
    pieces: Sequence[Piece],
    house: House,
    to: Path,
    *,
    sounds: Sequence[SoundPiece] | None = None,
    survey: Survey | None = None,
) -> Spliced:
    """
    Join pieces into a film.

    Args:
        pieces: In the order of the film; the same clip may come more than once.
        house: What all of them match.
        sounds: What is heard, in order; that of each piece for as long as it is shown, if not given.
        to: An MP4; whole once it is there, and nothing of it is if this fails or is cancelled.
        survey: What is known of clips already.

    Raises:
        MediaError: A piece does not match the house, cannot be cut out of its clip, or ffmpeg failed.
    """
    if not pieces:
        raise MediaError("a film needs at least one clip")
    survey = survey or Survey()
    await asyncio.to_thread(_check, pieces, house, survey)
    layout = await asyncio.to_thread(lay_out, pieces, survey)
    frames = sum(piece.frames for piece in pieces)
    async with workbench(to) as bench:
        bus, sound, film = bench / "bus.s16", bench / "sound.mp4", bench / "film.mp4"
        await lay(_own_sounds(pieces, house) if sounds is None else sounds, frames, house, bus, bench, survey)
        await run_ffmpeg(ffmpeg_args.bus_sound_args(bus, house, sound), timeout_s=max(300.0, float(frames / house.fps)))
        await to_its_end(lambda stop: write_track(pieces, layout, house, film, stop, sound))
        film.replace(to)
    return Spliced(path=to, frames=frames, seconds=float(frames / house.fps), renumbered=layout.renumbered)


def _check(pieces: Sequence[Piece], house: House, survey: Survey) -> None:
    """Refuse what would make a film that only looks right."""
    for piece in {piece.path: piece for piece in reversed(pieces)}.values():
        try:
            measured = survey.measured(piece.path)
        except MediaError as error:
            raise error.of(piece.called) from error
        if differences := matches(measured, house):
            raise MediaError(f"{piece.called} is not in the house format: {'; '.join(differences)}")


def _own_sounds(pieces: Sequence[Piece], house: House) -> list[SoundPiece]:
    """Return the sound of each piece, for as long as it is shown."""
    places = accumulate((piece.frames for piece in pieces), initial=0)
    return [
        SoundPiece(piece.path, at, piece.frames, skipped=piece.first / house.fps)
        for piece, at in zip(pieces, places, strict=False)
    ]
