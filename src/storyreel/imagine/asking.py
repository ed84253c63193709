"""
Questions to the service: they are free, so they are asked again where no usable answer comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from storyreel.errors import ServiceUnreachable
from storyreel.imagine import troubles
from storyreel.imagine.connection import Answer, NoAnswer, NotSent
from storyreel.imagine.rate import backoff

TRIES = 4
BORNE_S = 60.0
"""The longest pause between two questions that a Retry-After is given: a service that wants more is not waited for."""

_TRY_LATER = frozenset({408, 425, 429})


async def insist(once: Callable[[], Awaitable[Answer]], *, where: str, backoff_s: float) -> Answer:
    """
    Repeat what is free until somebody answers to it.

    Args:
        once: Asks one time.
        where: The service's address, as it may be shown.
        backoff_s: First pause after a question that went wrong, in seconds; doubled each time.

    Raises:
        ServiceUnreachable: No answer came, or none that says anything, several times.
    """
    for tries in range(1, TRIES + 1):
        after_s = None
        try:
            answer = await once()
        except (NotSent, NoAnswer) as error:
            why = str(error)
        else:
            if answer.status < 500 and answer.status not in _TRY_LATER:
                return answer
            why, after_s = troubles.read_error(answer.status, answer.text).words, answer.after_s
        if (after_s or 0.0) > BORNE_S:
            raise ServiceUnreachable(f"no usable answer from {where} ({why}{asked_to_wait(after_s)}); run again later")
        if tries < TRIES:
            await asyncio.sleep(backoff(tries, backoff_s, told_s=after_s))
    raise ServiceUnreachable(
        f"no usable answer from {where} in {TRIES} tries ({why}); look at the network, and at XAI_BASE_URL if it is set"
    )


def asked_to_wait(seconds: float | None) -> str:
    """Return, to be put after why nothing came, how long the service asks to wait."""
    return "; it asks to wait " + (f"{seconds:.0f} s" if seconds is not None and seconds < 1e6 else "for days")
