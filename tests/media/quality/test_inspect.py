"""
Clips as they come are looked at: a calm scene is no frozen one, whatever an encoder takes away of it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storyreel.media import probe
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.quality.inspect import inspect
from storyreel.media.quality.judge import judge
from storyreel.sandbox.stage import clips

LAND = "color=c=0x6a7b5c:s=320x180:r=24:d=4,noise=alls=30:all_seed=7"
"""A landscape that stands: its texture is the same in all frames."""
BOAT = "color=c=0x7d8f70:s=48x24:r=24:d=4,noise=alls=20:all_seed=3"
"""A fiftieth of the picture, hardly another colour than what is around it."""
MOVES = {
    "calm": "noise=alls=4:allf=t[land];[land][boat]overlay=x='150+5*sin(2*t)':y=90",
    "stands": "null[land];[land][boat]overlay=x=150:y=90",
    "stops": "null[land];[land][boat]overlay=x='150+60*min(t,1.5)':y=90",
}


@pytest.mark.parametrize("crf", [18, 30])
@pytest.mark.parametrize(
    ("way", "begins"),
    [
        pytest.param("calm", [], id="a-fiftieth-moves"),
        pytest.param("stands", [0.0], id="one-frame-again-and-again"),
        pytest.param("stops", [1.5], id="stops"),
    ],
)
async def test_what_repeats_its_frames_is_frozen_and_what_is_calm_is_not(
    tmp_path: Path, way: str, begins: list[float], crf: int
):
    """
    A still camera on a still landscape, in which a small boat rocks, is not frozen, though compression takes away its grain. An encoder
    needs some frames until it repeats one as it is.
    """
    clip = tmp_path / "clip.mp4"
    graph = f"{LAND}[plain];{BOAT}[boat];[plain]{MOVES[way]}"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p"]
    await run_ffmpeg(["-filter_complex", graph, *encoder, str(clip)], timeout_s=30)
    inspection = await inspect(clip, await asyncio.to_thread(probe, clip))

    assert inspection is not None
    marks = judge(inspection)
    assert [("frozen", 4.0) for _ in begins] == [(mark.kind, mark.end) for mark in marks]
    assert begins == pytest.approx([mark.start for mark in marks], abs=0.5)


@pytest.mark.parametrize(
    ("picture", "film", "sides"),
    [
        ("270x480", "854:480", "left right"),
        ("405x720", "1280:720", "left right"),
        ("702x480", "854:480", "left right"),
        ("480x270", "480:854", "top bottom"),
        ("854x364", "854:480", "top bottom"),
        ("854x480", "854:480", ""),
    ],
)
async def test_bars_are_seen_whatever_their_width(tmp_path: Path, picture: str, film: str, sides: str):
    """
    Where a bar ends within one of the few samples that are looked at, the other one may seem a little wider or narrower.
    """
    clip = tmp_path / "clip.mp4"
    graph = f"testsrc2=s={picture}:r=24:d=0.5,pad={film}:(ow-iw)/2:(oh-ih)/2:black,setsar=1"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    await run_ffmpeg(["-filter_complex", graph, *encoder, str(clip)], timeout_s=30)
    inspection = await inspect(clip, await asyncio.to_thread(probe, clip))

    assert inspection is not None
    assert {*sides.split()} == {side for side, share in inspection.bars.model_dump().items() if share}


@pytest.mark.parametrize(
    "prompt", ["Snow falls in a forest at night", "A storm at sea, rain, lightning", "The lamp flares."]
)
async def test_a_short_clip_that_stands_is_frozen_however_much_there_is_in_its_picture(tmp_path: Path, prompt: str):
    """
    Two seconds, which is as long as nothing has to move for: what the encoder did in the first of its frames is no motion.
    """
    plain, frozen = tmp_path / "plain.mp4", tmp_path / "frozen.mp4"
    await asyncio.to_thread(clips.text_to_video, clips.Shot(prompt, 480, 480, 2.0, False), plain)
    await asyncio.to_thread(clips.spoil_clip, "frozen", plain, frozen)
    marks = []
    for clip in (plain, frozen):
        inspection = await inspect(clip, await asyncio.to_thread(probe, clip))
        assert inspection is not None
        marks.append([(mark.kind, mark.start, mark.end) for mark in judge(inspection)])

    assert [[], [("frozen", 0.0, 2.0)]] == [[one for one in each if one[0] == "frozen"] for each in marks]
