"""
The client of the Imagine API.

It submits, fetches and uploads, and hands on to `polling` what is asked by a take's id; what is sent, and whether it may
be, is decided above. A submit is one POST on a connection of its own, and is never repeated here: either it was surely
not taken, or it was, or nobody knows, and each of the three has its own outcome. Questions are free and are asked again.

The key goes to the API's own origin and nowhere else, and is in no message, log or repr.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from storyreel.errors import ImagineError, ServiceUnreachable, SubmitPaced, TakeModerated
from storyreel.imagine import answers, download, requests
from storyreel.imagine.account import Account
from storyreel.imagine.addresses import is_private
from storyreel.imagine.asking import insist
from storyreel.imagine.connection import ANSWER_BYTES, Answer, Connection, NoAnswer, NotSent, NotWhole
from storyreel.imagine.patience import Patience
from storyreel.imagine.polling import SANDBOX_POLL_S, Polling
from storyreel.imagine.rate import Pace
from storyreel.imagine.readings import Accepted, Paced, Refused, Trouble, Unreadable, Withheld, WrongKey
from storyreel.imagine.refusals import named, unanswered, unmade
from storyreel.imagine.send_deadline import Lease
from storyreel.imagine.types import (
    Finished,
    Media,
    Models,
    Progress,
    Service,
    Standing,
    StillElsewhere,
    StillMade,
    StillUnread,
)
from storyreel.model.recipe import STILLS, Operation

SUBMIT_S, STILL_S = 60.0, 180.0  # for the answer to a POST; sending it has a minute of its own, see `lease`
UPLOAD_S = 900.0
KEEP_UPLOADS_S = 86_400  # files go in and are not needed again: a day outlives every queue
LIMIT_BYTES = 2 << 30
STILL_BYTES = 64 << 20
STILL_ANSWER_BYTES = 100 << 20  # a still comes inside its answer, a third larger than it is


class Imagine:
    """
    A connection to the Imagine API, or to the sandbox that plays it. Use it as an async context manager.

    Args:
        base_url: Where the API is, its version included: `https://api.x.ai/v1`.
        key: The API key, or None where none is wanted.
        transport: What carries requests instead of the network (an app in this process).
        poll_s: Pause between two questions for a take, in seconds, give or take a fifth. None: 5 at the real API, a
            fifth of a second at the sandbox, once `service` has found out.
        submits_per_second: How fast `paced` gives turns.
        patience: How long things are waited for.
        user: Who asks, told with each request; None says nothing of it.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        poll_s: float | None = None,
        submits_per_second: float = 1.0,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        user: str | None = None,
    ) -> None:
        self._user = user
        self._connection = Connection(base_url, key, transport)
        self._has_key = bool(key)
        self._where = self._connection.where
        self.patience = patience
        self._pace = Pace(submits_per_second, first_hold_s=patience.hold_s)
        self._account = Account(self._connection, has_key=self._has_key, backoff_s=patience.backoff_s)
        self._polling = Polling(self._connection, has_key=self._has_key, poll_s=poll_s, patience=patience)

    def __repr__(self) -> str:
        return f"Imagine({self._where!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.close()

    # --- who is there ----------------------------------------------------------------------------------------------

    async def service(self) -> Service:
        """Ask who answers, and whether the key is good: see `Account.service`."""
        service = await self._account.service()
        if self._polling.poll_s is None and service.name == "sandbox":
            self._polling.poll_s = SANDBOX_POLL_S
        return service

    async def keeps_nothing(self) -> bool:
        """Ask once whether the team that asks has zero data retention: see `Account.keeps_nothing`."""
        return await self._account.keeps_nothing()

    async def standing(self) -> Standing:
        """Return what the service says of whoever asks, beside the key: see `Account.standing`."""
        return await self._account.standing()

    async def models(self) -> Models:
        """Return the models that this key may use: see `Account.models`."""
        return await self._account.models()

    async def reaches(self, host: str) -> bool:
        """Tell whether the service may be able to write to a host: not to one of a private network, unless it is in one itself."""
        return await self._connection.is_private() or await is_private(host) is not True

    # --- what costs ------------------------------------------------------------------------------------------------

    async def paced(self) -> bool:
        """
        Wait for a turn to submit. Awaited before a claim, since nothing may wait between claim and answer.

        Returns:
            False where none is given, since the service has asked us to wait: see `held`.
        """
        return await self._pace.turn()

    def held(self) -> tuple[float, str]:
        """Return for how many seconds more nothing is to be submitted, and the words in which the service said so."""
        return self._pace.held()

    def hold_back(self, seconds: float) -> None:
        """Give no turns for so many seconds. `submit` and `make_still` do so themselves when they are paced."""
        self._pace.hold_back(seconds)

    async def submit(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        media: Sequence[Media] = (),
        *,
        idempotency_key: str,
        lease: Lease | None = None,
        upload_url: str | None = None,
    ) -> str:
        """
        Send one request for a video, once.

        Args:
            operation: What is asked for; not a still.
            body: Everything but the media, exactly as it is sent.
            media: Pictures or the clip that go in, in order.
            idempotency_key: Sent along; the real API promises nothing about it.
            lease: Until when it may be sent; None: a minute from now.
            upload_url: Where the service is to PUT the clip, for teams for which it keeps none. A secret.

        Returns:
            The request id: all that any process needs to wait for the take.

        Raises:
            SubmitPaced: Surely not taken; the same may be sent later. `after_s` if the service said when.
            SubmitRefused: Surely not taken, and it will not be; as NoRetention, not without an `upload_url`.
            KeyRefused: Surely not taken, because of the key.
            SubmitNamed: Answered with no success and with an id, which is to be kept and asked for: see `knows`.
            SubmitUnknown: Sent, and no readable answer came within 60 s. It may be billed.
        """
        if operation in STILLS:
            raise ValueError(f"{operation} makes a still, and is not waited for by id")
        path, request = requests.write(operation, body, media)
        request = requests.sent_for(operation, request, user=self._user, upload_url=upload_url)
        answer = await self._post(path, request, idempotency_key, lease, within_s=SUBMIT_S)
        reading = answers.read_submit(answer.status, answer.exact)
        if isinstance(reading, Accepted):
            self._pace.accepted()
            return reading.request_id
        if answer.cut and (isinstance(reading, Unreadable) or _may_go_on(answer)):
            reading = Unreadable(reading.status, reading.code, f"{reading.words} ({answer.cut})")
        if isinstance(reading, Withheld):
            # Not known to happen to videos before there is an id. A told charge makes it a matter for a person.
            billed = f"{reading.words} (and {reading.ticks} ticks charged)"
            reading = (
                Unreadable(reading.status, reading.code, billed)
                if reading.ticks
                else Refused(reading.status, reading.code, reading.words)
            )
        other = answers.read_other_name(answer.status, answer.exact) if isinstance(reading, Unreadable) else None
        if other is not None:
            raise named(other, self._unmade(reading, answer), reading)
        raise self._named(answer, self._unmade(reading, answer), reading)

    async def make_still(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        media: Sequence[Media] = (),
        *,
        idempotency_key: str,
        lease: Lease | None = None,
    ) -> StillMade | StillElsewhere | StillUnread:
        """
        Send one request for a picture, once, and return what came: it is paid for, whatever it is.

        Args:
            operation: `generate-image` or `edit-image`.
            body: Everything but the media; it asks for one picture (`n` 1) as `b64_json`.
            media: Pictures that go in, in order.
            idempotency_key: Sent along; the real API promises nothing about it.
            lease: Until when it may be sent; None: a minute from now.

        Raises:
            SubmitPaced, SubmitRefused, KeyRefused: As for `submit`.
            TakeModerated: Made and withheld. It is billed.
            SubmitUnknown: Sent, and no answer of success came within 180 s. It may be billed.
        """
        if operation not in STILLS:
            raise ValueError(f"{operation} makes no still")
        path, request = requests.write(operation, body, media)
        request = requests.sent_for(operation, request, user=self._user)
        answer = await self._post(path, request, idempotency_key, lease, within_s=STILL_S, most=STILL_ANSWER_BYTES)
        reading = answers.read_still(answer.status, answer.text)
        came = answer.raw or answer.text.strip().encode()
        if isinstance(reading, Unreadable) and 200 <= answer.status < 300 and came:
            self._pace.accepted()
            return StillUnread(came, answer.cut or reading.words, reading.ticks)
        if isinstance(reading, StillMade | StillElsewhere):
            self._pace.accepted()
            return reading
        if answer.cut and not isinstance(reading, Withheld) and _may_go_on(answer):
            reading = Unreadable(reading.status, reading.code, f"{reading.words} ({answer.cut})", reading.ticks)
        raise self._named(answer, self._unmade(reading, answer), reading)

    def _named(self, answer: Answer, unmade: ImagineError, reading: Trouble) -> ImagineError:
        """Return the error of an answer on top of which an id stands; the same one where none does."""
        request_id = answers.read_name(answer.status, answer.exact)
        if request_id is None or isinstance(unmade, TakeModerated):
            return unmade
        return named(request_id, unmade, reading)

    async def fetch_still(self, url: str) -> bytes:
        """
        Return the picture that is at an address.

        Raises:
            DownloadFailed: It could not be fetched whole; it may be later.
        """
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            to = Path(folder) / "still"
            await self.fetch(url, to, limit_bytes=STILL_BYTES, within_s=60)
            return await asyncio.to_thread(to.read_bytes)

    def _unmade(self, reading: Refused | Paced | WrongKey | Withheld | Unreadable, answer: Answer) -> ImagineError:
        if isinstance(reading, Paced):
            self._pace.refused(answer.after_s, reading.words)
        return unmade(reading, where=self._where, has_key=self._has_key, after_s=answer.after_s, onward=answer.onward)

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        idempotency_key: str,
        lease: Lease | None,
        *,
        within_s: float,
        most: int = ANSWER_BYTES,
    ) -> Answer:
        headers, lease = {"Idempotency-Key": idempotency_key}, lease or Lease()
        try:
            return await self._connection.post(path, body, headers, within_s=within_s, lease=lease, most=most)
        except NotWhole as error:
            after_s = 0.0 if error.lapsed else None
            raise SubmitPaced(f"{error}; nothing was bought", code="not_sent", after_s=after_s) from None
        except NotSent as error:
            self._pace.refused(None, f"nobody answers at {self._where}")
            raise SubmitPaced(f"nobody answers at {self._where} ({error}); nothing was sent") from None
        except NoAnswer as error:
            raise unanswered(f"no answer came from {self._where} ({error})") from None

    # --- what is free ----------------------------------------------------------------------------------------------

    async def wait(
        self,
        request_id: str,
        *,
        on_progress: Callable[[int | None], None] | None = None,
        came: Callable[[], Awaitable[bool]] | None = None,
    ) -> Finished:
        """Wait until a take is finished, and say where its video can be fetched: see `Polling.wait`."""
        return await self._polling.wait(request_id, on_progress=on_progress, came=came)

    async def ask(self, request_id: str) -> Finished | Progress:
        """Ask once how far a take is: see `Polling.ask`."""
        return await self._polling.ask(request_id)

    async def knows(
        self, request_id: str, *, times: int | None = None, given_up: bool = False, of_a_take: bool = False
    ) -> bool | None:
        """Ask for an id that came with no success, until the service knows it: see `Polling.knows`."""
        return await self._polling.knows(request_id, times=times, given_up=given_up, of_a_take=of_a_take)

    async def fetch(
        self,
        url: str,
        to: Path,
        *,
        on_bytes: download.OnBytes | None = None,
        limit_bytes: int = LIMIT_BYTES,
        within_s: float = 900.0,
    ) -> int:
        """
        Stream a finished file to a path of the caller's choice, without the key, and see it safely on the disk.

        A gateway may keep clips behind the key: its own origin, which has seen the key already, is asked again with it if it refuses.
        Addresses inside private networks are refused, unless the API itself is inside one.

        Args:
            url: As a finished take gives it; good for about a day.
            to: A temporary path. It is gone again if the fetch fails.
            on_bytes: Told the bytes so far and the bytes expected (None if nobody said).
            limit_bytes: The most that is taken.
            within_s: Time for all of it, in seconds.

        Returns:
            The number of bytes.

        Raises:
            DownloadFailed: It could not be fetched whole. The caller asks for a new address by id.
        """
        limits = download.Limits(limit_bytes, within_s, self.patience.backoff_s, self.patience.download_tries)
        return await download.fetch(await self._connection.ways(), self._connection.absolute(url), to, limits, on_bytes)

    async def upload(self, path: Path, mime: str, filename: str) -> str:
        """
        Put a file into the service's storage for a day. Uploads are free, so they are repeated like questions.

        Args:
            path: The file.
            mime: Its kind: PNG, JPEG, WebP or MP4 are taken.
            filename: How the service is to call it.

        Returns:
            The file's id.

        Raises:
            SubmitRefused: The service does not take the file. Nothing is charged.
            KeyRefused: It does not take the key.
            ServiceUnreachable: No answer came, or none that says anything, several times.
        """
        answer = await insist(
            lambda: self._connection.upload(path, mime, filename, keep_s=KEEP_UPLOADS_S, within_s=UPLOAD_S),
            where=self._where,
            backoff_s=self.patience.backoff_s,
        )
        reading = answers.read_upload(answer.status, answer.text)
        if isinstance(reading, str):
            return reading
        if isinstance(reading, Unreadable):
            raise ServiceUnreachable(f"{self._where} took {filename} and gave no id for it: {reading.words}")
        raise self._unmade(reading, answer)


def _may_go_on(answer: Answer) -> bool:
    """Whether an id may stand in what did not come of an answer."""
    return answers.read_name(answer.status, answer.exact) is None and answer.text.lstrip().startswith("{")
