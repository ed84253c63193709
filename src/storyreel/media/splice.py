"""
Join clips into a film without touching a single picture.

Packets of the clips are copied as they are, in their order, onto one exact grid of frames; their sound is laid end to
end as samples, each clip's exactly as long as its picture, and encoded once. So neither rounding nor an encoder's
run-in adds up over the joints, and the same clips give the same film, byte for byte.

Whether clips fit together is decided by `format.matches`; that the film came out right is proven by `verify`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args, parameter_sets
from storyreel.media.ffmpeg import run_ffmpeg, settled, to_its_end, workbench
from storyreel.media.format import House, matches
from storyreel.media.probe import Measured, opened, probe, shown

BYTES_A_SAMPLE = 4  # 16 bit, stereo


@dataclass(frozen=True)
class Piece:
    """A clip as it goes into a film: in the house format already, `frames` long; `name` is what errors call it."""

    path: Path
    frames: int
    name: str = ""

    @property
    def called(self) -> str:
        """What it is to people."""
        return self.name or self.path.name


@dataclass(frozen=True)
class Spliced:
    """
    A film that was just joined.

    `sets_in_band`: some clips' parameter sets share a number and differ, so each clip's own stand in front of its key
    frames; otherwise every packet of the film is a clip's packet, byte for byte.
    """

    path: Path
    frames: int
    seconds: float
    sets_in_band: bool


async def splice(pieces: Sequence[Piece], house: House, to: Path) -> Spliced:
    """
    Join pieces into a film.

    Args:
        pieces: In the order of the film; the same clip may come more than once.
        house: What all of them match.
        to: An MP4; whole once it is there, and nothing of it is if this fails or is cancelled.

    Raises:
        MediaError: A piece does not match the house or has another number of frames than it says, or ffmpeg failed.
    """
    if not pieces:
        raise MediaError("a film needs at least one clip")
    measured = await asyncio.to_thread(_measured, pieces, house)
    frames = sum(piece.frames for piece in pieces)
    async with workbench(to) as bench:
        picture, bus, film = bench / "picture.mp4", bench / "bus.s16", bench / "film.mp4"
        in_band, _ = await _side_by_side(
            [
                to_its_end(lambda stop: join_picture(pieces, measured, house, picture, stop)),
                _lay_sound(pieces, measured, house, bus, bench),
            ]
        )
        await run_ffmpeg(
            ffmpeg_args.join_args(picture, bus, house, film), timeout_s=max(300.0, float(frames / house.fps))
        )
        film.replace(to)
    return Spliced(path=to, frames=frames, seconds=float(frames / house.fps), sets_in_band=in_band)


def _measured(pieces: Sequence[Piece], house: House) -> list[Measured]:
    """Measure each piece once and refuse what would make a film that only looks right."""
    known: dict[Path, Measured] = {}
    for piece in pieces:
        if piece.path not in known:
            try:
                known[piece.path] = probe(piece.path)
            except MediaError as error:
                raise error.of(piece.called) from error
        measured = known[piece.path]
        if differences := matches(measured, house):
            raise MediaError(f"{piece.called} is not in the house format: {'; '.join(differences)}")
        if measured.frames != piece.frames:
            raise MediaError(f"{piece.called} has {measured.frames} frames, not {piece.frames}")
    return [known[piece.path] for piece in pieces]


def join_picture(
    pieces: Sequence[Piece], measured: Sequence[Measured], house: House, to: Path, stop: threading.Event
) -> bool:
    """
    Write the pictures of all pieces into one track; return whether parameter sets had to go in band.

    A frame's place on the grid is known, so clocks, offsets and roundings of the pieces do not matter. Decoding times
    run one per frame over the whole film, early enough for the piece that reorders its frames most.
    """
    import av

    sets = [_sets(each) for each in measured]
    surveys = {
        piece.path: _survey(piece, each, own)
        for piece, each, own in zip(pieces, measured, sets, strict=True)
        if not stop.is_set()
    }
    if stop.is_set():
        return False
    merged = None if any(survey.strays for survey in surveys.values()) else parameter_sets.together(sets)
    lead = max(position - place for survey in surveys.values() for position, place in enumerate(survey.places))
    base = Fraction(1, ffmpeg_args.timescale(house.fps))
    tick = int(1 / (house.fps * base))
    options = {"fflags": "+bitexact", "video_track_timescale": str(base.denominator)}
    with av.open(str(to), "w", format="mp4", options=options) as writer:
        with opened(pieces[0].path, measured[0].container) as (_, first):
            track = writer.add_stream_from_template(first)
        track.time_base = base
        track.codec_context.extradata = (merged or sets[0]).box()
        at = 0
        for piece, each, own in zip(pieces, measured, sets, strict=True):
            with opened(piece.path, each.container) as (reader, video):
                packets = shown(reader.demux(video))
                for position, (packet, place) in enumerate(zip(packets, surveys[piece.path].places, strict=True)):
                    if stop.is_set():
                        return False
                    content = bytes(packet)
                    copy = av.Packet(
                        parameter_sets.with_sets(content, own) if merged is None and packet.is_keyframe else content
                    )
                    copy.is_keyframe = packet.is_keyframe
                    copy.time_base = base
                    copy.pts, copy.dts = (at + place) * tick, (at + position - lead) * tick
                    copy.duration = tick
                    copy.stream = track
                    writer.mux(copy)
            at += piece.frames
    return merged is None


@dataclass(frozen=True)
class _Survey:
    """
    A clip's packets, in decoding order: the place of each frame among those shown, and whether key frames bring
    parameter sets that the clip's header lacks.
    """

    places: Sequence[int]
    strays: bool


def _survey(piece: Piece, measured: Measured, own: parameter_sets.ParameterSets) -> _Survey:
    times, strays = [], False
    with opened(piece.path, measured.container) as (reader, video):
        assert video.time_base is not None
        for packet in shown(reader.demux(video)):
            assert packet.pts is not None
            times.append(packet.pts * video.time_base)
            strays = strays or (packet.is_keyframe and parameter_sets.stray_sets(bytes(packet), own))
    places = [round((time - measured.start) * measured.signature.fps) for time in times]
    if sorted(places) != list(range(measured.frames)):
        raise MediaError(f"{piece.called} shows two frames at one time")
    return _Survey(places, strays)


def _sets(measured: Measured) -> parameter_sets.ParameterSets:
    sets = parameter_sets.read_box(measured.parameters)
    assert sets is not None, "a clip that matches the house has its parameter sets in its header"
    return sets


async def _lay_sound(
    pieces: Sequence[Piece], measured: Sequence[Measured], house: House, bus: Path, bench: Path
) -> None:
    """Write the sound of all pieces end to end, each exactly as long as its picture; where there is none, silence."""
    ends = list(accumulate(piece.frames for piece in pieces))
    edges = [house.samples(frame) for frame in [0, *ends]]
    lengths = [end - start for start, end in pairwise(edges)]
    turn = asyncio.Semaphore(max(2, os.cpu_count() or 2))

    async def take(number: int) -> Path | None:
        if not measured[number].has_audio:
            return None
        to = bench / f"{number:05}.s16"
        async with turn:
            args = ffmpeg_args.sound_args(pieces[number].path, measured[number], house, to, samples=lengths[number])
            try:
                await run_ffmpeg(args)
            except MediaError as error:
                raise error.of(f"the sound of {pieces[number].called}") from error
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
