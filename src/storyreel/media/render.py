"""
Render a window: have ffmpeg encode its frames, and prove that they are the right ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media.conform import landed
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House, matches
from storyreel.media.packets import Scan
from storyreel.media.probe import Measured, probe
from storyreel.media.seek import Landing, landing
from storyreel.media.survey import Survey
from storyreel.media.window_args import ONE_GROUP, LaidPicture, Source, window_args
from storyreel.media.windows import Stretch, Window
from storyreel.media.words.inlay import draw_lettering
from storyreel.model.words import Lettering


async def render(
    window: Window,
    house: House,
    to: Path,
    survey: Survey | None = None,
    *,
    group: int = ONE_GROUP,
    fonts: Mapping[str, Path] | None = None,
) -> Measured:
    """
    Render a window, so that it can stand in one track with packets of its clips.

    The picture alone: sound is laid for a film as a whole. The same window gives the same bytes with the same ffmpeg.

    Args:
        to: An MP4; whole once it is there.
        survey: What is known of clips already.
        group: Frames from one key frame to the next, at most.
        fonts: The file of each font that its words are written in, by its content.

    Raises:
        MediaError: A clip does not match the house or has no such frames, or ffmpeg failed.
    """
    known = await asyncio.to_thread(_read, window, survey or Survey())
    for each in window.stretches:
        measured, structure = known[each.clip]
        if differences := matches(measured, house):
            raise MediaError(f"{each.clip.name} is not in the house format: {'; '.join(differences)}")
        if not 0 <= each.first < each.end <= structure.frames:
            raise MediaError(f"{each.clip.name} has {structure.frames} frames, not {each.first} to {each.end}")
    like = max((structure.sequences[0] for _, structure in known.values()), key=lambda sequence: sequence.references)
    furthest = max(each.end for each in window.stretches)
    timeout_s = max(300.0, 60.0 * float((furthest + window.frames) / house.fps))
    async with workbench(to) as bench:
        output = bench / "rendered.mp4"
        sources = [
            await asyncio.to_thread(_source, each, *known[each.clip], house, bench / f"{number}.txt")
            for number, each in enumerate(window.stretches)
        ]
        laid = [
            await asyncio.to_thread(_laid, each, house, bench / f"words-{number}.rgba", fonts or {})
            for number, each in enumerate(window.words)
        ]
        args = window_args(window, sources, house, output, like=like, group=group, laid=laid)
        await run_ffmpeg(args, timeout_s=timeout_s)
        if not all(
            source.proof is None or landed(source.proof, source.landing) for source in sources if source.landing
        ):
            whole = [Source(source.measured) for source in sources]
            args = window_args(window, whole, house, output, like=like, group=group, laid=laid)
            await run_ffmpeg(args, timeout_s=timeout_s)
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != window.frames:
            names = ", ".join(clip.name for clip in known)
            raise MediaError(f"{names}: {result.frames} frames were rendered, not {window.frames}")
        output.replace(to)
    return result


def _read(window: Window, survey: Survey) -> dict[Path, tuple[Measured, Scan]]:
    clips = dict.fromkeys(each.clip for each in window.stretches)
    return {clip: (survey.measured(clip), survey.scan(clip)) for clip in clips}


def _laid(words: Lettering, house: House, to: Path, fonts: Mapping[str, Path]) -> LaidPicture:
    """Draw words to a file, and return how it is laid over the window."""
    inlay = draw_lettering(words, (house.width, house.height), fonts)
    to.write_bytes(inlay.picture.tobytes())
    return LaidPicture(to, inlay.picture.size, inlay.x, inlay.y, words.first_frame, words.frames)


def _source(stretch: Stretch, measured: Measured, structure: Scan, house: House, proof: Path) -> Source:
    """Return how a stretch is read: from the last IDR picture before it, from which on everything is certain."""
    start = max((start for start in structure.starts if start <= stretch.first), default=0)
    if not start:
        return Source(measured)
    key = measured.start + start / house.fps
    # Of an MP4 it is known where reading begins: at the last key frame before a time. Half a frame later, since clocks are coarse.
    late = key + 1 / house.fps / 2
    near = Landing(late, late) if measured.container == "mov" else landing(stretch.clip, key)
    return Source(measured) if near is None else Source(measured, near, proof)
