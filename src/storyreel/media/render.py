"""
Encode a few frames of a clip anew, where they are to be shown and its own packets cannot be copied.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.conform import landed
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House, matches
from storyreel.media.packets import scan
from storyreel.media.probe import Measured, probe
from storyreel.media.seek import landing


async def render(clip: Path, frames: range, house: House, to: Path) -> Measured:
    """
    Encode frames of a clip that matches the house, so that they can stand in one track with packets of that clip.

    The picture alone: sound is laid for a film as a whole. The same frames give the same bytes with the same ffmpeg.

    Args:
        frames: Of the clip, none left out.
        to: An MP4; whole once it is there.

    Raises:
        MediaError: The clip does not match the house or has no such frames, or ffmpeg failed.
    """
    measured, structure = await asyncio.gather(asyncio.to_thread(probe, clip), asyncio.to_thread(scan, clip))
    if differences := matches(measured, house):
        raise MediaError(f"{clip.name} is not in the house format: {'; '.join(differences)}")
    if not 0 <= frames.start < frames.stop <= structure.frames:
        raise MediaError(f"{clip.name} has {structure.frames} frames, not {frames.stop}")
    start = max((start for start in structure.starts if start <= frames.start), default=0)
    async with workbench(to) as bench:
        output, proof = bench / "rendered.mp4", bench / "proof.txt"
        encode = partial(
            ffmpeg_args.render_args, clip, measured, house, output,
            first=measured.start + frames.start / house.fps, frames=len(frames), like=structure.sequences[0],
        )  # fmt: skip
        timeout_s = max(300.0, 60.0 * float(frames.stop / house.fps))
        # From an IDR picture on everything is certain; what comes before it is read and left out.
        near = await asyncio.to_thread(landing, clip, measured.start + start / house.fps) if start else None
        if near is not None:
            await run_ffmpeg(encode(landing=near, proof=proof), timeout_s=timeout_s)
        if near is None or not landed(proof, near):
            await run_ffmpeg(encode(), timeout_s=timeout_s)
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != len(frames):
            raise MediaError(f"{clip.name}: {result.frames} frames were rendered, not {len(frames)}")
        output.replace(to)
    return result
