"""
Encode a few frames of a clip anew, where they are to be shown and its own packets cannot be copied.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House, matches
from storyreel.media.packets import scan
from storyreel.media.probe import Measured, probe


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
    async with workbench(to) as bench:
        output = bench / "rendered.mp4"
        await run_ffmpeg(
            ffmpeg_args.render_args(
                clip, measured, house, output, first=frames.start, frames=len(frames), like=structure.sequences[0]
            ),
            timeout_s=max(300.0, 60.0 * float(frames.stop / house.fps)),
        )
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != len(frames):
            raise MediaError(f"{clip.name}: {result.frames} frames were rendered, not {len(frames)}")
        output.replace(to)
    return result
