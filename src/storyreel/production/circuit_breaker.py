"""
Stop sending where the service is broken: three answers in a row that are about anything but the request.

An outage, a spent account or a blocked key meets every scene alike. What is sent into it is at best refused and at worst
unknown, each to be looked after by a person; so after three the other scenes are held back. A refusal of one prompt or
picture says nothing about the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storyreel.errors import (
    Braked,
    KeyRefused,
    ServiceUnreachable,
    SubmitPaced,
    SubmitRefused,
    SubmitUnknown,
)

IN_A_ROW = 3
"""How many such answers in a row, over all scenes of a run, hold the others back."""

_ABOUT_THE_ACCOUNT = frozenset({301, 302, 303, 307, 308, 401, 402, 404, 405, 407, 429})


class Brake:
    """
    Counts what one run is answered.

    Until the first request was taken, and while the last answer was a bad one, no more requests are under way than
    could be borne if all of them failed: so an outage meets three, and not as many as fit into the time of an answer.
    """

    def __init__(self) -> None:
        self._in_a_row = 0
        self._under_way = 0
        self._taken = False
        self._why = ""
        self._answered = asyncio.Condition()

    @property
    def why(self) -> str:
        """Why others are held back; empty while they are not."""
        return self._why if self._in_a_row >= IN_A_ROW else ""

    def look(self, step: str) -> None:
        """
        Return if a step may be sent.

        Raises:
            Braked: It may not.
        """
        if self.why:
            raise Braked(step, self.why)

    async def room(self, step: str) -> None:
        """
        Wait until a step may be sent.

        Raises:
            Braked: It may not.
        """
        async with self._answered:
            await self._answered.wait_for(lambda: self.why or self._is_room())
        self.look(step)

    @asynccontextmanager
    async def sending(self, step: str) -> AsyncIterator[None]:
        """
        Have what is raised inside counted, and send no more at once than may fail.

        Raises:
            Braked: It may not be sent.
        """
        await self.room(step)
        self._under_way += 1
        try:
            yield
        except BaseException as error:
            self._count(error)
            raise
        finally:
            self._under_way -= 1
            async with self._answered:
                self._answered.notify_all()

    def taken(self) -> None:
        """Take note that a request was accepted: the service is well."""
        self._in_a_row, self._taken, self._why = 0, True, ""

    def _is_room(self) -> bool:
        return (self._taken and not self._in_a_row) or self._under_way + self._in_a_row < IN_A_ROW

    def _count(self, error: BaseException) -> None:
        if is_about_the_service(error):
            self._in_a_row += 1
            self._why = " ".join(str(error).split())


def is_about_the_service(error: BaseException) -> bool:
    """Tell whether an answer says something about the next request as well, whatever that is."""
    match error:
        case SubmitUnknown() | KeyRefused() | ServiceUnreachable() | SubmitPaced():
            return True
        case SubmitRefused(status=status):
            words = f"{error.code or ''} {error}".lower()
            if status == 403:
                return not any(sign in words for sign in ("safety", "usage guidelines", "moderat"))
            return status in _ABOUT_THE_ACCOUNT or (status or 0) >= 500 or "zero data retention" in words
        case _:
            return False
