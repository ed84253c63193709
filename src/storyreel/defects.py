"""
What nobody foresaw: one line for the person, and the rest in a log that can be handed on.

No secret stands in either. That something could not be logged is never a reason to say less.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import secrets
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from storyreel.errors import MachineError, NetworkError, SettingsError, StoryreelError, Unforeseen
from storyreel.notify_address import secrets_of
from storyreel.systems import user
from storyreel.variables.table import NOTIFY, STATE_HOME

MOST_CHARACTERS = 200_000
"""How long a log grows: an answer of a megabyte may stand in an exception's text."""

MOST_LOGS = 50
"""How many logs are left: a worker that fails every night is not to fill a disk."""

MOST_SAID = 300
"""How many characters of an exception's own text a line shows."""

SHORTEST_SECRET = 6

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL|COOKIE", re.IGNORECASE)
_SHOWN = (
    (re.compile(r"(?<=://)[^\s/@\"'<>]+@"), "***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"\bxai-[A-Za-z0-9_-]{8,}"), "***"),
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

_NETWORK = ("httpx", "httpcore", "ssl", "websockets")
"""Whose exceptions tell of the network."""

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the quota is used up; free some space",
    errno.EFBIG: "a file may not grow that large here; raise the limit on file sizes",
    errno.EROFS: "the disk is mounted read-only; choose another folder",
    errno.EACCES: "change its owner or mode, or choose another folder",
    errno.EPERM: "change its owner or mode, or choose another folder",
    errno.ENOENT: "see that it is there",
    errno.ENOTDIR: "something above it is a file; choose another folder",
    errno.EISDIR: "a file is wanted there, not a folder",
    errno.EEXIST: "something else is there already; choose another place",
    errno.ENOTEMPTY: "something else is there already; choose another place",
    errno.ELOOP: "its links lead round in a circle",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "close something, or use a machine with more memory",
    errno.EAGAIN: "too many processes run here; end some",
    errno.EIO: "look after the disk",
    errno.ESTALE: "look after the share",
    errno.ENODEV: "see that it is there",
    errno.ENXIO: "see that it is there",
    errno.ETIMEDOUT: "look after the share or the network, and run it again",
    errno.EADDRINUSE: "choose another port",
    errno.EADDRNOTAVAIL: "choose another address",
}
"""What to do about what a machine says. An error that is not among these is a defect until somebody has thought of it."""


def known(error: BaseException) -> StoryreelError:
    """
    Return an exception as one of storyreel's own, with what to do.

    What the machine says (a full disk, a folder that may not be written) is a `MachineError`; the rest is a defect, which
    is written down for whoever mends it.
    """
    if isinstance(error, StoryreelError):
        return error
    inner = list(leaves(error))
    if isinstance(error, BaseExceptionGroup) and inner:
        # Of several the gravest speaks; one that nobody foresaw is graver than all.
        return max((known(one) for one in inner), key=lambda one: one.exit_code)
    if type(error).__module__.partition(".")[0] in _NETWORK or isinstance(error, ConnectionError):
        return NetworkError(
            f"somebody on the network did not answer as they should: {named(error)}; see that PREFECT_API_URL, proxies and "
            "certificates (SSL_CERT_FILE) are right. Whatever was sent is in the vault: run it again"
        )
    if isinstance(error, OSError) and type(error).__module__ == "builtins" and error.errno in _REMEDIES:
        return MachineError(without_secrets(_of_the_machine(error)))
    if (setting := _of_prefect(error)) is not None:
        return SettingsError(setting)
    if isinstance(error, MemoryError):
        return MachineError("there is not enough memory; close something, or use a machine with more")
    log = write_down(error)
    where = f"report it with {log}" if log else "report it (no log could be written)"
    return Unforeseen(
        f"nobody foresaw this: {named(error)}. What was sent is in the vault, and nothing is bought twice: run it again; "
        f"if it comes back, {where}",
        log=log,
    )


def to_the_end(main: Callable[[], object]) -> None:
    """
    Run a process of ours that nobody looks at, but for its log: what ends it is one line there, and an exit code.

    Raises:
        SystemExit: It did not come to a good end.
    """
    try:
        main()
    except Exception as error:
        failure = known(error)
        print(f"storyreel: {failure}", file=sys.stderr, flush=True)  # noqa: T201 - its log
        raise SystemExit(failure.exit_code) from None


@asynccontextmanager
async def foreseen() -> AsyncIterator[None]:
    """Have whatever is raised within be one of storyreel's own errors: what becomes of it on Prefect's page is one line."""
    try:
        yield
    except StoryreelError:
        raise
    except Exception as error:
        raise known(error) from error


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions of a group, and of groups within it; of anything else itself."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def named(error: BaseException) -> str:
    """Return an exception's kind and text as one line without secrets."""
    try:
        text = without_secrets(" ".join(str(error).split()))
    except Exception:
        text = "(it has no text)"
    text = text if len(text) <= MOST_SAID else f"{text[: MOST_SAID - 1]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def without_secrets(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return text in which every secret of the environment, and whatever looks like one, is a row of stars."""
    env = os.environ if environ is None else environ
    hidden = {value.strip() for name, value in env.items() if _SECRET.search(name)} | secrets_of(NOTIFY.text(env))
    # What is shorter than any secret would star out half of the words.
    hidden = {value for value in hidden if len(value) >= SHORTEST_SECRET}
    for secret in sorted(hidden, key=len, reverse=True):
        for written in {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}:
            text = text.replace(written, "***")
    for pattern, stars in _SHOWN:
        text = pattern.sub(stars, text)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_down(error: BaseException) -> Path | None:
    """Write all that is known of an exception into a log of its own; None if there is nowhere to write."""
    try:
        trace = "".join(traceback.TracebackException.from_exception(error).format())
    except Exception:
        trace = f"{type(error).__name__}, whose traceback cannot be told\n"
    head = [
        f"storyreel {_version()}, Python {platform.python_version()}, {platform.platform()}",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, process {os.getpid()}",
        " ".join(sys.argv),
    ]
    if len(trace) > MOST_CHARACTERS:
        trace = f"{trace[: MOST_CHARACTERS // 2]}\n[...]\n{trace[-MOST_CHARACTERS // 2 :]}"
    text = without_secrets("\n".join([*head, "", trace]))
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.log"
    for folder in _folders():
        with suppress(OSError, RuntimeError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            log = folder / name
            with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            for old in sorted(folder.glob("*.log"))[:-MOST_LOGS]:
                old.unlink(missing_ok=True)
            return log
    return None


def _version() -> str:
    try:
        return version("storyreel")
    except PackageNotFoundError:
        return "(not installed)"


def _folders() -> Iterator[Path]:
    """Yield the places for logs, the best first."""
    with suppress(SettingsError):
        yield STATE_HOME.read() / "storyreel" / "defects"
    with suppress(OSError):
        yield Path(tempfile.gettempdir()) / f"storyreel-defects-{user()}"


def remedy(error: OSError) -> str:
    """Return what to do about what a machine says."""
    return _REMEDIES.get(error.errno or 0, "look after the disk")


def _of_prefect(error: BaseException) -> str | None:
    """Return what is wrong with a setting that Prefect does not take; None if this is about something else."""
    title = str(getattr(error, "title", ""))
    if not type(error).__module__.startswith("pydantic") or not title.endswith("Settings"):
        return None
    wrong = [(str(each["loc"][-1]), str(each["input"])) for each in getattr(error, "errors", list)() if each["loc"]]
    values = {value.casefold() for _, value in wrong}
    names = sorted(
        name for name, value in os.environ.items() if name.startswith("PREFECT_") and value.casefold() in values
    )
    what = without_secrets("; ".join(f"{name} is {value!r}" for name, value in wrong)) or named(error)
    return f"Prefect does not take what is set for it ({what}); look at {', '.join(names) or 'its variables and its profile'}"


def _of_the_machine(error: OSError) -> str:
    why = os.strerror(error.errno or 0)
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    where = f"{' -> '.join(names)}: " if names else ""
    return f"{where}{why}; {_REMEDIES[error.errno or 0]}"
