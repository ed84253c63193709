"""
Polling takes by their ids: when the service is asked again, how long, and what is believed.

All of it is free, and works in any process: an id is all that is needed. What an answer means for a take is judged by
`verdicts`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx

from storyreel.errors import KeyRefused, ServiceUnreachable, TakeGone, WaitedTooLong
from storyreel.imagine import answers
from storyreel.imagine.asking import BORNE_S, TRIES, asked_to_wait
from storyreel.imagine.connection import Connection, NoAnswer, NotSent
from storyreel.imagine.patience import Patience
from storyreel.imagine.rate import backoff, jittered
from storyreel.imagine.readings import Gone, Hiccup, PollAnswer, WithoutAddress, WrongKey
from storyreel.imagine.refusals import key_refused, remedy
from storyreel.imagine.types import Finished, Progress
from storyreel.imagine.verdicts import TIMES_GONE, Again, Watch
from storyreel.model.request_ids import in_address

POLL_S, SANDBOX_POLL_S = 5.0, 0.2
"""Pause between two questions for a take, in seconds, at the real API and at the sandbox."""
LONGEST_ID = 65_000  # percent-encoded; httpx takes addresses of 64 KB

_NO_SUCH_ID = frozenset({400, 405, 406, 413, 414, 415, 422, 431})
"""Answers to a poll that are about the id, and about nothing that may pass: one that is refused for its length or form."""


class Polling:
    """
    Asks for takes, over the connection of one client.

    Args:
        connection: What carries the questions.
        has_key: Whether a key is sent along.
        poll_s: Pause between two questions, in seconds. It may be set later; None: 5 seconds.
        patience: How long takes and ids are asked for.
    """

    def __init__(self, connection: Connection, *, has_key: bool, poll_s: float | None, patience: Patience) -> None:
        self.poll_s = poll_s
        self._connection = connection
        self._where = connection.where
        self._has_key = has_key
        self._patience = patience
        self._known_words: set[str] = set()

    async def wait(
        self,
        request_id: str,
        *,
        on_progress: Callable[[int | None], None] | None = None,
        came: Callable[[], Awaitable[bool]] | None = None,
    ) -> Finished:
        """
        Wait until a take is finished, and say where its video can be fetched.

        The first question is asked at once, since a resumed take is often done already. Whatever is not plainly a
        verdict is asked again: the network, a gateway's page, a refused key, a status that we do not know.

        Args:
            request_id: As `submit` returned it. Any process may wait for any take.
            on_progress: Told the percentage after each question, None where the service does not say.
            came: Asked, while the service calls the take done and shows no address, whether its clip has come by another way.

        Returns:
            The finished take; without an address if its clip has come already.

        Raises:
            TakeFailed: The service gave up; `code` is its word, or `done_without_url`.
            TakeModerated: Made and withheld. It is billed.
            TakeExpired: Made, and no longer kept.
            TakeGone: The service does not know the id, or not for this key. No verdict on the take.
            KeyRefused: The key was refused for minutes on end. No verdict on the take.
            WaitedTooLong: Patience ran out. The take may still finish: the same id can be waited for again.
        """
        watch = self._watch(request_id)
        until = time.monotonic() + self._patience.take_s
        astray = 0
        while True:
            answer, after_s = await self._look(request_id)
            verdict = watch.judge(answer)
            pause, last = jittered(POLL_S if self.poll_s is None else self.poll_s), "it is still being made"
            match verdict:
                case Finished():
                    return verdict
                case Progress(percent=percent):
                    astray = 0
                    if on_progress is not None:
                        on_progress(percent)
                case Again() if isinstance(answer, WithoutAddress) and came is not None and await came():
                    return Finished(request_id, "", None, answer.ticks, None)
                case Again(why=why):
                    astray, last = astray + 1, why
                    pause = max(pause, backoff(astray, self._patience.backoff_s, told_s=after_s))
            left = until - time.monotonic()
            if left <= 0:
                raise WaitedTooLong(
                    f"take {request_id} did not finish within {self._patience.take_s:g} s ({last}); "
                    "it is kept under its id: run again to go on waiting",
                    request_id=request_id,
                )
            await asyncio.sleep(min(pause, left))

    async def ask(self, request_id: str) -> Finished | Progress:
        """
        Ask once how far a take is; the question is repeated a few times where the answer says nothing.

        Raises:
            TakeFailed, TakeModerated, TakeExpired, TakeGone: As for `wait`.
            KeyRefused: The key was refused each time. No verdict on the take.
            ServiceUnreachable: No answer that says anything. No verdict on the take.
        """
        watch = self._watch(request_id)
        for tries in range(1, TRIES + 1):
            answer, after_s = await self._look(request_id)
            verdict = watch.judge(answer)
            if not isinstance(verdict, Again):
                return verdict
            why = verdict.why
            if (after_s or 0.0) > BORNE_S:
                why += asked_to_wait(after_s)
                break
            if tries < TRIES:
                await asyncio.sleep(backoff(tries, self._patience.backoff_s, told_s=after_s))
        if isinstance(answer, WrongKey):
            raise self._key_refused(answer.words, request_id)
        raise ServiceUnreachable(
            f"{self._where} says nothing of take {request_id} ({why}); it is kept under its id",
            request_id=request_id,
        )

    async def knows(
        self, request_id: str, *, times: int | None = None, given_up: bool = False, of_a_take: bool = False
    ) -> bool | None:
        """
        Ask for an id that came with no success, until the service knows it.

        Args:
            request_id: As the answer had it.
            times: How often; None: for a minute, and three times at least.
            given_up: Whether a person has given the request up: then it is enough that the service calls the id none
                that could be asked for, too long or of a wrong form.
            of_a_take: Whether the service has to say something of a take: an id under another name may be anything's, and some gateways
                answer whatever they are asked for.

        Returns:
            True: it knows the id, so the request was taken. False: the last answer was that it does not, and none was
            that it does. None: it does not say.
        """
        until, asked = time.monotonic() + self._patience.name_s, 0
        while True:
            answer, after_s = await self._look(request_id)
            asked += 1
            silent = of_a_take and isinstance(answer, Progress) and not answer.of_a_take
            if not silent and not isinstance(answer, Gone | Hiccup | WrongKey):
                return True
            left = until - time.monotonic()
            if asked == times or (times is None and left <= 0 and asked >= TIMES_GONE):
                no_such_id = given_up and (silent or (isinstance(answer, Hiccup) and answer.status in _NO_SUCH_ID))
                return False if isinstance(answer, Gone) or no_such_id else None
            pause = min(backoff(asked, self._patience.backoff_s, told_s=after_s, most_s=POLL_S), BORNE_S)
            await asyncio.sleep(pause if times is not None else min(pause, max(left, 0)))

    async def _look(self, request_id: str) -> tuple[PollAnswer, float | None]:
        try:
            answer = await self._connection.get(f"videos/{in_address(request_id)}")
        except (NotSent, NoAnswer) as error:
            return Hiccup(0, None, f"no answer, {error}"), None
        except httpx.InvalidURL:
            return Hiccup(414, None, f"its id of {len(request_id)} letters is too long for an address"), None
        reading = answers.read_poll(request_id, answer.status, answer.text)
        if isinstance(reading, Hiccup) and (advice := remedy(reading, self._where, answer.onward)):
            reading = replace(reading, words=reading.words + advice)
        return reading, answer.after_s

    def _watch(self, request_id: str) -> Watch:
        if not request_id.strip():  # a person may have written it: the path of all takes is no take's
            raise TakeGone("an empty id is no request id", request_id=request_id)
        if len(in_address(request_id)) > LONGEST_ID:
            raise TakeGone(
                f"the request id {request_id[:40]}... has {len(request_id)} letters, too many to be asked for in an address",
                request_id=request_id,
            )
        return Watch(request_id, self._patience, known=self._known_words)

    def _key_refused(self, words: str, request_id: str | None = None) -> KeyRefused:
        return key_refused(words, where=self._where, has_key=self._has_key, request_id=request_id)
