"""ffmpeg is found, and neither hangs nor outlives who started it."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_binary, run_ffmpeg

ENDLESS = ["-re", "-f", "lavfi", "-i", "color=s=64x64", "-f", "null", "-"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """Keep an eye on the processes that are started."""
    seen: list[asyncio.subprocess.Process] = []
    real = asyncio.create_subprocess_exec

    async def watched(*args: object, **kwargs: object) -> asyncio.subprocess.Process:
        process = await real(*args, **kwargs)  # type: ignore[arg-type]
        seen.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    return seen


def gone(process: asyncio.subprocess.Process) -> bool:
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_named_ffmpeg_that_does_not_run_is_an_error_with_a_remedy(monkeypatch):
    """
    A variable that names a broken ffmpeg is not passed over in silence.
    """
    monkeypatch.setenv("STORYREEL_FFMPEG", "/nowhere/ffmpeg")

    with pytest.raises(MediaError, match=r"STORYREEL_FFMPEG=/nowhere/ffmpeg .*pip install imageio-ffmpeg"):
        ffmpeg_binary()


def test_an_ffmpeg_is_found_without_a_system_package(monkeypatch, tmp_path):
    """
    With nothing on PATH, the binary that came with the Python packages is used.
    """
    monkeypatch.delenv("STORYREEL_FFMPEG")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert Path(ffmpeg_binary()).is_file()


def test_an_ffmpeg_that_cannot_encode_is_passed_over(monkeypatch, tmp_path):
    """
    A program called ffmpeg that has no libx264 is not taken from PATH.
    """
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\necho ' V..... mpeg4'\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.delenv("STORYREEL_FFMPEG")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert str(tmp_path / "ffmpeg") != ffmpeg_binary()


async def test_an_error_says_its_cause_on_one_line_and_keeps_command_and_tail(tmp_path):
    """
    What ffmpeg said first is the message; the command and the last lines are there for who needs them.
    """
    with pytest.raises(MediaError) as caught:
        await run_ffmpeg(["-i", str(tmp_path / "none.mp4"), "-f", "null", "-"])

    assert "No such file" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert ("-hide_banner", "-v", "error", "-nostdin", "-y") == caught.value.command[1:6]
    assert "none.mp4" in caught.value.tail


async def test_a_process_that_takes_too_long_is_killed(started):
    """
    When time is up ffmpeg is gone before the error is raised.
    """
    begun = time.monotonic()

    with pytest.raises(MediaError, match=r"not done after 0\.3 s"):
        await run_ffmpeg(ENDLESS, timeout_s=0.3)

    assert time.monotonic() - begun < 5
    assert [True] == [gone(process) for process in started]


async def test_cancelling_kills_the_process(started):
    """
    Whoever is cancelled while waiting for ffmpeg leaves no process behind.
    """
    task = asyncio.create_task(run_ffmpeg(ENDLESS))
    while not started:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert [True] == [gone(process) for process in started]


async def test_bytes_can_be_handed_in(tmp_path):
    """
    Ffmpeg reads from its standard input what it is given there.
    """
    await run_ffmpeg(
        ["-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", "-f", "s16le", str(tmp_path / "out")],
        stdin=bytes(4000),
    )

    assert bytes(4000) == (tmp_path / "out").read_bytes()


async def test_the_log_tells_which_calls_encode_pictures(tmp_path, monkeypatch, clip):
    """
    Every call is one line of the log, with its arguments and whether it encodes video.
    """
    log = tmp_path / "calls.jsonl"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))

    await run_ffmpeg(["-i", str(clip), "-c:v", "copy", "-f", "mp4", str(tmp_path / "copy.mp4")])
    await run_ffmpeg(["-i", str(clip), "-c:v", "libx264", "-f", "mp4", str(tmp_path / "made.mp4")])

    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert [False, True] == [call["encodes_video"] for call in calls]
    assert str(clip) in calls[0]["argv"]
