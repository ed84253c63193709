"""
Encode a clip once: to the house format for a film, or to a trimmed copy of itself for the service.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from functools import partial
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House
from storyreel.media.look import HDR_TRANSFERS
from storyreel.media.probe import Measured, probe
from storyreel.media.seek import Landing, landing
from storyreel.media.sound import lay_sound
from storyreel.model.drawn import PLAIN, Framing
from storyreel.model.tails import tail_frames

MOST_FPS = 60
SEEK_LEAD_S = 3  # decoding starts this much before the first frame that is wanted, so that sound has settled
TAKEN = ("h264", "hevc", "av1")
"""Codecs of the MP4 that the service takes; docs.x.ai video editing, read 2026-11-22."""
NAMES = {"matroska": "Matroska or WebM", "avi": "AVI", "mpegts": "an MPEG transport stream"}
QUICKTIME = (b"qt  ", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""How a MOV begins: with a brand of its own, or, from before there were brands, with any other box."""


def why_converted(measured: Measured, head: bytes) -> str:
    """
    Return why a clip is encoded before it goes to the service; empty where it goes as it is.

    The service takes MP4 of three codecs. What a player turns, crops, stretches or tones down is encoded as well, since
    nobody tells what the service makes of such a mark.

    Args:
        head: The first bytes of its file.
    """
    now = measured.signature
    if measured.container != "mov":
        return NAMES.get(measured.container, measured.container)
    if now.codec not in TAKEN:
        return now.codec.upper()
    if (head[8:12] if head[4:8] == b"ftyp" else head[4:8]) in QUICKTIME:
        return "QuickTime (MOV)"
    if now.transfer in HDR_TRANSFERS:
        return "HDR"
    if now.rotation or now.mirrored:
        return "turned or mirrored by a mark in its header"
    if now.sar != 1:
        return "of pixels that are not square"
    return "interlaced" if now.interlaced else "cut by a mark in its header" if measured.hidden else ""


async def conform(
    clip: Path,
    house: House,
    to: Path,
    *,
    start: float | None = None,
    end: float | None = None,
    frames: int | None = None,
    lead: int = 0,
    framing: Framing = PLAIN,
) -> Measured:
    """
    Bring a clip to the house format: size (with bars, or as `framing` says), rate, colours, closed groups of pictures.

    Its sound is kept without loss at the rate of the house, as long as the picture; a silent clip stays silent.

    Args:
        to: An MP4; whole once it is there.
        start: First second of the clip to take; its beginning if not given.
        end: Where to stop, in seconds of the clip; its end if not given.
        frames: How many frames come out; as many as these seconds are if not given.
        lead: How many of them come before what is wanted: the one behind them is the frame that a player shows there, as it would be
            without them.
        framing: How its picture fills the house where its ratio is another.

    Raises:
        MediaError: The clip cannot be read, does not reach to `end`, or ffmpeg failed.
    """
    measured = await asyncio.to_thread(probe, clip)
    return await _encode(
        clip, measured, house, to, start=start, end=end, frames=frames, lead=lead, lossless_sound=True, framing=framing
    )


async def trim(clip: Path, start: float, end: float, to: Path) -> Measured:
    """
    Copy a part of a clip, accurate to the frame, as H.264 and AAC of the clip's own size and rate.

    A varying rate becomes a steady 30, one over 60 becomes 60, odd lengths lose a pixel; rotation is applied.

    Args:
        start: First second to take.
        end: Where to stop, in seconds of the clip.

    Raises:
        MediaError: The clip cannot be read, does not reach to `end`, or ffmpeg failed.
    """
    measured = await asyncio.to_thread(probe, clip)
    width, height = (max(2, length - length % 2) for length in measured.shown)
    rate = Fraction(30) if measured.signature.vfr else min(measured.signature.fps, Fraction(MOST_FPS))
    own = House(width, height, fps=rate)
    return await _encode(clip, measured, own, to, start=start, end=end, lossless_sound=False)


async def tail(clip: Path, seconds: float, to: Path) -> Measured:
    """
    Copy the end of a clip as `trim` does: as many of its last frames as are shown in so many seconds, or all that it has.

    Raises:
        MediaError: The clip cannot be read, or ffmpeg failed.
    """
    measured = await asyncio.to_thread(probe, clip)
    rate = measured.signature.fps
    first = measured.frames - tail_frames(measured.frames, rate, seconds)
    return await trim(clip, float(first / rate), float(measured.frames / rate), to)


async def _encode(
    clip: Path,
    measured: Measured,
    house: House,
    to: Path,
    *,
    start: float | None,
    end: float | None,
    lossless_sound: bool,
    frames: int | None = None,
    lead: int = 0,
    framing: Framing = PLAIN,
) -> Measured:
    first = start or 0.0
    last = measured.lasts if end is None else end
    # A person's seconds are rounded; less than a frame beyond the end is the end.
    if not 0 <= first < last <= measured.lasts + 1 / measured.signature.fps:
        raise MediaError(f"{clip.name} has {measured.lasts:.3f} s; {first:g} s to {last:g} s is no part of it")
    frames = frames or max(1, round((last - first) * house.fps))
    async with workbench(to) as bench:
        output, proof = bench / "conformed.mp4", bench / "proof.txt"
        ahead = lead / house.fps
        at = measured.begins(first + float(ahead), house.fps) - ahead
        sound = None
        if measured.has_audio:
            samples = house.samples(frames)
            sound = await lay_sound(
                clip, measured, bench / "sound.f32", first=at, samples=samples, rate=house.sample_rate
            )
        encode = partial(
            ffmpeg_args.conform_args, clip, measured, house, output,
            sound=sound, first=at, frames=frames, lossless_sound=lossless_sound, framing=framing,
        )  # fmt: skip
        # Slow machines and large footage take their time; a minute a second of film is stuck.
        timeout_s = max(300.0, 60.0 * (last - first))
        near = await _landing(clip, measured, at)
        if near is not None:
            await run_ffmpeg(encode(landing=near, proof=proof), timeout_s=timeout_s)
        if near is None or not landed(proof, near):
            await run_ffmpeg(encode(), timeout_s=timeout_s + 10.0 * first)
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != frames:
            raise MediaError(f"{clip.name} was conformed to {result.frames} frames, not {frames}")
        output.replace(to)
    return result


async def _landing(clip: Path, measured: Measured, at: Fraction) -> Landing | None:
    """Return where to begin reading for the frame shown at `at`; None for the start, from which an AVI's frames are counted."""
    wanted = at - SEEK_LEAD_S
    if measured.container == "avi" or wanted <= measured.start:
        return None
    return await asyncio.to_thread(landing, clip, wanted)


def landed(proof: Path, near: Landing) -> bool:
    """Whether ffmpeg began to read where it was asked to: at the key frame that is known to be there, or at one before it."""
    key = ffmpeg_args.first_key(proof.read_text(encoding="ascii", errors="replace")) if proof.exists() else None
    return key is not None and key <= near.key
