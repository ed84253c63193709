"""
Who answers at an address, and what it says of whoever asks: key, team, what is kept for them, and which models they may use.

All of it is free, and nothing is sent before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from storyreel.errors import ServiceUnreachable
from storyreel.imagine import answers
from storyreel.imagine.asking import insist
from storyreel.imagine.connection import Answer, Connection, NoAnswer, NotSent
from storyreel.imagine.readings import Trouble, WrongKey
from storyreel.imagine.refusals import key_refused, remedy
from storyreel.imagine.types import Models, Service, Standing

SANDBOX_HEADER = "x-storyreel-sandbox"
KEEPS_NOTHING_S = 5.0


class Account:
    """
    Asks about the account of a key, over the connection of one client.

    Args:
        connection: What carries the questions.
        has_key: Whether a key is sent along.
        backoff_s: First pause after a question that went wrong, in seconds; doubled each time.
    """

    def __init__(self, connection: Connection, *, has_key: bool, backoff_s: float) -> None:
        self._connection = connection
        self._where = connection.where
        self._has_key = has_key
        self._backoff_s = backoff_s

    async def service(self) -> Service:
        """
        Ask who answers, and whether the key is good. It is free, and nothing is sent before it.

        Raises:
            KeyRefused: The service wants another key.
            ServiceUnreachable: Nobody answered, or somebody who is not the API.
        """
        answer = await self._get("api-key")
        sandbox = SANDBOX_HEADER in answer.headers
        match answers.read_key(answer.status, answer.text):
            case WrongKey(words=words):
                raise key_refused(words, where=self._where, has_key=self._has_key)
            case Trouble(status=status, words=words):
                # A key without the right to ask about itself, or a gateway that lacks this path, is a service still.
                if status not in (403, 404, 405):
                    advice = remedy(Trouble(status, None, words), self._where, answer.onward)
                    raise ServiceUnreachable(f"what answers at {self._where} is not the Imagine API: {words}{advice}")
                team = None
            case fields:
                team = fields.get("team_id")
        # It is written into claims, so it has to be text that can be written.
        named = isinstance(team, str) and team.strip() and team.isprintable()
        return Service("sandbox" if sandbox else "xai", team if named else None)

    async def keeps_nothing(self) -> bool:
        """Ask once whether the team that asks has zero data retention. Whatever goes wrong with it is no news: a refusal says it too."""
        try:
            async with asyncio.timeout(KEEPS_NOTHING_S):
                answer = await self._connection.get("me")
        except (NotSent, NoAnswer, TimeoutError):
            return False
        return _standing(answer).keeps_nothing

    async def standing(self) -> Standing:
        """
        Return what the service says of whoever asks, beside the key; each is None where it does not say.

        Raises:
            ServiceUnreachable: Nobody answered.
        """
        return _standing(await self._get("me"))

    async def models(self) -> Models:
        """
        Return the models that this key may use.

        Raises:
            KeyRefused: The service wants another key.
            ServiceUnreachable: Nobody answered, or not with a list.
        """
        lists = []
        for path in ("video-generation-models", "image-generation-models"):
            answer = await self._get(path)
            cards = answers.read_models(answer.status, answer.text)
            if isinstance(cards, WrongKey):
                raise key_refused(cards.words, where=self._where, has_key=self._has_key)
            if isinstance(cards, Trouble):
                raise ServiceUnreachable(f"{self._where}/{path} gives no list of models: {cards.words}")
            lists.append(cards)
        return Models(video=lists[0], still=lists[1])

    async def _get(self, path: str) -> Answer:
        return await insist(lambda: self._connection.get(path), where=self._where, backoff_s=self._backoff_s)


def _standing(answer: Answer) -> Standing:
    fields = answers.read_key(answer.status, answer.text)
    zdr = fields.get("zdr_status") if isinstance(fields, Mapping) else None
    date = next((value for name, value in answer.headers.items() if name.lower() == "date"), None)
    return Standing(zdr if isinstance(zdr, str) and zdr.isprintable() else None, date)
