"""
What a check has seen: how it stands, what that means, and what to do.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from storyreel.defects import known
from storyreel.errors import MediaError, ServiceUnreachable, SettingsError, StoryreelError, VaultError

State = Literal["ok", "note", "fault"]
"""Whether it is as it should be, is worth a thought, or stops a shoot."""
CHECK_S = 15.0
"""How long one check may take; what does not answer by then is a fault, and the others are shown all the same."""
T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """
    One line of the list.

    Args:
        about: What was looked at: `vault`.
        words: How it stands, and what that means.
        remedy: What to do; empty where there is nothing to do.
        exit_code: That of the stage which a fault stops; 0 where it is none.
    """

    about: str
    state: State
    words: str
    remedy: str = ""
    exit_code: int = 0


def ok(about: str, words: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(about, "ok", words)


def note(about: str, words: str, remedy: str = "") -> Finding:
    """Return that something is worth a thought."""
    return Finding(about, "note", words, remedy)


def fault(about: str, error: StoryreelError | type[StoryreelError], words: str = "", remedy: str = "") -> Finding:
    """Return that something stops a shoot, with the error that the shoot would end with."""
    return Finding(about, "fault", words or str(error), remedy, error.exit_code)


Check = Callable[[], Awaitable[Sequence[Finding]]]
"""Looks at one thing."""
STAGES: Mapping[str, type[StoryreelError]] = {
    "access": ServiceUnreachable,
    "models": ServiceUnreachable,
    "clock": ServiceUnreachable,
    "media": MediaError,
    "ffmpeg": MediaError,
    "fonts": MediaError,
    "safety": VaultError,
    "vault": VaultError,
}
"""What a shoot would end with where something could not be looked at; everything else is of the settings."""


async def looked_at(checks: Mapping[str, Check], patience_s: float = CHECK_S) -> tuple[Finding, ...]:
    """
    Return what all checks have seen, in their order. They are made side by side, and what becomes of one is nothing to the others.

    Args:
        checks: Each by what it is about.
        patience_s: How long each of them may take.
    """
    findings = await asyncio.gather(*(_one(about, check, patience_s) for about, check in checks.items()))
    return tuple(finding for each in findings for finding in each)


async def _one(about: str, check: Check, patience_s: float) -> Sequence[Finding]:
    stage = STAGES.get(about, SettingsError)
    try:
        return await asyncio.wait_for(check(), patience_s)
    except TimeoutError:
        words = f"there was no answer within {patience_s:g} s, so a shoot would wait for it as well"
        return [fault(about, stage, words, "see whether the network or the disk that it is on hangs, and try again")]
    except StoryreelError as error:
        return [fault(about, error)]
    except Exception as error:
        final = known(error)
        return [fault(about, final if final.exit_code != 70 else stage, f"it could not be looked at: {final}")]


async def in_thread(look: Callable[[], T]) -> T:
    """Return what a look at the machine gives. One that hangs, as at a disk that is gone, is left behind and holds up nobody."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def put(method: Callable[..., None], value: object) -> None:
        if not outcome.done():
            method(value)

    def run() -> None:
        try:
            value, method = look(), outcome.set_result
        except BaseException as error:
            if not loop.is_closed():
                loop.call_soon_threadsafe(put, outcome.set_exception, error)
            return
        if not loop.is_closed():
            loop.call_soon_threadsafe(put, method, value)

    threading.Thread(target=run, daemon=True).start()
    return await outcome
