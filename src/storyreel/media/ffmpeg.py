"""
Find ffmpeg, and run it so that it can neither hang, nor ask, nor outlive who started it.

What to run is decided elsewhere: this module takes arguments and knows nothing of clips.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from storyreel.errors import MediaError
from storyreel.settings import as_set
from storyreel.systems import kill_group
from storyreel.variables.table import FFMPEG, FFMPEG_LOG

TAIL_LINES = 20
SECRETS = ("XAI_", "AWS_", "PREFECT_", "STORYREEL_NOTIFY")
"""Variables that begin so hold keys and addresses, and ffmpeg needs none of them."""
REMEDY = "install ffmpeg with libx264, or `pip install imageio-ffmpeg`, or name one in STORYREEL_FFMPEG"


T = TypeVar("T")


def ffmpeg_binary() -> str:
    """
    Return the ffmpeg to use: the one that `STORYREEL_FFMPEG` names, else the one on PATH, else imageio-ffmpeg's.

    Each is asked whether it runs and can encode H.264 before it is taken; the answer is kept while the environment
    stays as it is. A variable that names a broken one is an error: nothing else is used in its place. Nothing is run that
    PATH finds in the current folder, which may be a stranger's.

    Raises:
        MediaError: None works. Its text says what to do.
    """
    whole = [place for place in os.environ.get("PATH", "").split(os.pathsep) if Path(place).is_absolute()]
    return _find(FFMPEG.read(as_set()), os.pathsep.join(whole))


@lru_cache(maxsize=8)
def _find(named: str | None, path: str) -> str:
    if named is not None:
        binary = shutil.which(named, path=path)
        if binary is None or not _works(binary):
            raise MediaError(f"STORYREEL_FFMPEG={named} is no ffmpeg that runs and has libx264; {REMEDY}")
        return str(Path(binary).absolute())
    installed = shutil.which("ffmpeg", path=path)
    if installed and _works(installed):
        return installed
    with contextlib.suppress(ImportError, RuntimeError):
        import imageio_ffmpeg

        bundled = str(imageio_ffmpeg.get_ffmpeg_exe())
        if _works(bundled):
            return bundled
    raise MediaError(f"no ffmpeg was found that runs and has libx264; {REMEDY}")


def _works(binary: str) -> bool:
    """Whether it starts and has what we ask of it. Some distributions ship an ffmpeg without libx264."""
    return {"libx264", "aac"} <= encoders(binary)


def encoders(binary: str) -> frozenset[str]:
    """Return the names of the encoders that an ffmpeg has; none where it does not run."""
    try:
        return _listed(binary)
    except (OSError, subprocess.SubprocessError):
        return frozenset()


def version_of(binary: str) -> str:
    """
    Return which version an ffmpeg says it is, `6.1.1-3ubuntu5`.

    Raises:
        MediaError: It does not say.
    """
    command = [binary, "-hide_banner", "-nostdin", "-version"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True, env=without_secrets()
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MediaError(f"{binary} does not say which version it is ({error}); {REMEDY}") from None
    words = done.stdout.decode("utf-8", "replace").partition("\n")[0].split()
    return words[2] if words[:2] == ["ffmpeg", "version"] and len(words) > 2 else "of an unknown version"


@lru_cache(maxsize=8)
def _listed(binary: str) -> frozenset[str]:
    """Ask an ffmpeg which encoders it has. What it answers is kept; that it did not is not, for a machine may be busy."""
    command = [binary, "-hide_banner", "-v", "error", "-nostdin", "-encoders"]
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True, env=without_secrets()
    )
    rows = (line.split() for line in finished.stdout.decode("utf-8", "replace").splitlines())
    return frozenset(row[1] for row in rows if len(row) > 1)


async def run_ffmpeg(
    args: Sequence[str], *, timeout_s: float = 600, stdin: bytes | Iterable[bytes] | None = None
) -> None:
    """
    Run ffmpeg to its end.

    When its time is up, or whoever waits for it is cancelled, its whole process group is killed and gone before this
    function returns.

    Args:
        args: Everything but the binary and `-hide_banner -v error -nostdin -y`, which are always there.
        timeout_s: Patience in seconds.
        stdin: Bytes for `pipe:0`, at once or piece by piece; without them there is nothing to read.

    Raises:
        MediaError: It ended with an error, or not in time. Carries the command and the last lines it said.
    """
    binary = await asyncio.to_thread(ffmpeg_binary)
    command = [binary, "-hide_banner", "-v", "error", "-nostdin", "-y", *args]
    _note(command)
    try:
        process, stderr = await _communicate(command, timeout_s, stdin)
    except TimeoutError:
        raise MediaError(f"ffmpeg was not done after {timeout_s:g} s and was stopped", command=command) from None
    except OSError as error:
        raise MediaError(f"ffmpeg could not be started: {error.strerror}", command=command) from error
    if process.returncode != 0:
        lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        # ffmpeg names the cause first and then complains about what follows from it.
        cause = lines[0] if lines else f"it ended with code {process.returncode} and said nothing"
        raise MediaError(f"ffmpeg failed: {cause}", command=command, tail="\n".join(lines[-TAIL_LINES:]))


async def _communicate(
    command: Sequence[str], timeout_s: float, stdin: bytes | Iterable[bytes] | None
) -> tuple[asyncio.subprocess.Process, bytes]:
    """Run a command and return it with what it said; when this is left early, its process group is gone by then."""
    # A start that is cancelled half-way may leave a process that nobody knows, so it always comes to its end.
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=without_secrets(),
        )
    )
    try:
        await settled(starting)
        async with asyncio.timeout(timeout_s):
            if stdin is None or isinstance(stdin, bytes):
                _, stderr = await starting.result().communicate(stdin)
            else:
                stderr = await _fed(starting.result(), stdin)
        return starting.result(), stderr
    finally:
        if starting.exception() is None and starting.result().returncode is None:
            with contextlib.suppress(ProcessLookupError):
                kill_group(starting.result().pid)
            await settled(asyncio.ensure_future(starting.result().wait()))


async def _fed(process: asyncio.subprocess.Process, pieces: Iterable[bytes]) -> bytes:
    """Hand a process pieces as fast as it takes them, each made in a thread when it is wanted; return what it said."""
    assert process.stdin is not None, "it was asked to be a pipe"
    assert process.stderr is not None, "it was asked to be a pipe"
    heard = asyncio.ensure_future(process.stderr.read())
    waiting = iter(pieces)
    try:
        # Whoever stops reading says why on its other pipe.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while (piece := await asyncio.to_thread(next, waiting, None)) is not None:
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.close()
        stderr = await heard
        await process.wait()
        return stderr
    finally:
        heard.cancel()


def without_secrets() -> dict[str, str]:
    """Return the environment that ffmpeg runs in: ours, without what is secret."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}


async def settled(task: asyncio.Future[Any]) -> None:
    """Wait until a task has ended, however it ends and however often the wait is cancelled; then pass that on."""
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


async def to_its_end(work: Callable[[threading.Event], T]) -> T:
    """Run work in a thread; when cancelled, tell it to stop and wait until it has, so that it writes nothing after."""
    stop = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        await settled(running)
        raise


def _note(command: Sequence[str]) -> None:
    """Append the command to the file that `STORYREEL_FFMPEG_LOG` names, one JSON object a line."""
    if (log := FFMPEG_LOG.read(as_set())) is not None:
        line = json.dumps({"argv": list(command), "encodes_video": encodes_video(command)}) + "\n"
        with log.open("a", encoding="utf-8") as file:
            file.write(line)


def encodes_video(command: Sequence[str]) -> bool:
    """Whether a command encodes video: it names a video encoder other than `copy`."""
    return any(flag in ("-c:v", "-vcodec", "-codec:v") and value != "copy" for flag, value in pairwise(command))


@contextlib.asynccontextmanager
async def workbench(to: Path) -> AsyncIterator[Path]:
    """
    Give a folder to work in, beside `to` so that what is finished can be renamed into place; nothing of it stays.
    """
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        bench = Path(tempfile.mkdtemp(prefix=f".{to.name[:40]}-", dir=to.parent.absolute()))
    except OSError as error:
        raise MediaError(f"cannot write in {to.parent}: {error.strerror}") from error
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)


async def side_by_side(work: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Do all of it at once; when one part fails, stop the others, wait until they have, and raise what failed."""
    tasks = [asyncio.create_task(part) for part in work]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await settled(asyncio.gather(*tasks, return_exceptions=True))
        raise
