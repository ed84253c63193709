"""
Take a request in: what is checked between a good body and an accepted job, and what may go wrong there on purpose.

Nothing is drawn here, and what a body may say is not decided here either.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from storyreel.errors import SettingsError
from storyreel.sandbox import SandboxSettings
from storyreel.sandbox.api import responses
from storyreel.sandbox.api.faults import Fault, first, marked
from storyreel.sandbox.api.jobs import JobFolder
from storyreel.sandbox.api.records import Ask, Job, Source

_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)


@dataclass(frozen=True)
class Envelope:
    """What is around a request: where it was sent, and the key by which its sender would know it again."""

    path: str
    host: str
    idempotency_key: str | None


class NoAnswer(Exception):
    """The connection is to break instead of an answer."""


class Submits:
    """The submits of one app. Numbers of faults (`@2`) count from when it was created."""

    def __init__(self, settings: SandboxSettings, folder: JobFolder) -> None:
        self._settings = settings
        self._folder = folder
        self._numbers = itertools.count(1)
        self._struck: Counter[int] = Counter()
        self._lately: defaultdict[str, deque[float]] = defaultdict(deque)

    def repeated(self, envelope: Envelope) -> dict[str, Any] | None:
        """Return the answer that was given to this idempotency key before, where that is honoured."""
        key = self._key(envelope)
        return self._folder.answer(key) if key else None

    def remember(self, envelope: Envelope, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep the answer for this idempotency key, where that is honoured. Return the one that stands."""
        key = self._key(envelope)
        if key is None or self._folder.keep_answer(key, answer):
            return answer
        return self._folder.answer(key) or answer

    def pace(self, model: str) -> None:
        """
        Count a submit for this model.

        Raises:
            Refused: There were as many as a second takes.
        """
        limit = self._settings.submits_per_second
        if limit is None:
            return
        window_s, most = max(1.0, 1 / limit), max(1, int(limit))
        lately, now = self._lately[model], time.monotonic()
        while lately and now - lately[0] >= window_s:
            lately.popleft()
        if len(lately) >= most:
            raise responses.too_fast(model, limit)
        lately.append(now)

    def faults_for(self, ask: Ask) -> tuple[Ask, tuple[Fault, ...]]:
        """
        Find what is to go wrong with a request.

        Returns:
            The request without the markers in its prompt, and its faults: those of the markers first.

        Raises:
            Refused: A marker makes no sense.
        """
        try:
            prompt, wanted = marked(ask.prompt)
        except SettingsError as error:
            raise responses.invalid(f"sandbox marker: {error}") from None
        number = next(self._numbers)
        own = tuple(f for f in wanted if f.times is None or self._folder.strike(f"{ask.prompt}\n{f}", f.times))
        return ask.model_copy(update={"prompt": prompt}), own + self._scripted(number)

    def accept(self, ask: Ask, faults: tuple[Fault, ...], envelope: Envelope, upload_url: str | None = None) -> Job:
        """
        Make a job of a request, and write it down.

        Returns:
            The job; or an older one, if this idempotency key has made one in the meantime.
        """
        accepted = time.time()
        slow = first(faults, "slow")
        wait_s = slow.number if slow and slow.number is not None else self._settings.latency_s
        job = Job(
            request_id=str(uuid4()),
            path=envelope.path,
            host=envelope.host,
            accepted=accepted,
            due=None if first(faults, "stuck") else accepted + wait_s,
            ask=self.settled(ask),
            faults=faults,
            handed_over=upload_url is not None,
        )
        self._folder.add(job, upload_url)
        stands: str = self.remember(envelope, {"request_id": job.request_id})["request_id"]
        if stands != job.request_id:
            self._folder.remove(job)
            return self._folder.job(stands) or job
        self.note(job.request_id, envelope)
        return job

    def settled(self, ask: Ask) -> Ask:
        """Take the content of data URIs out of a request, and keep it in the folder."""
        return ask.model_copy(
            update={
                "first_frame": self._content(ask.first_frame) if ask.first_frame else None,
                "references": tuple(self._content(source) for source in ask.references),
                "pinned": tuple(self._content(source) for source in ask.pinned),
                "video": self._content(ask.video) if ask.video else None,
            }
        )

    def note(self, request_id: str, envelope: Envelope) -> None:
        """Write down that a request was accepted."""
        line = {
            "time": time.time(),
            "request_id": request_id,
            "idempotency_key": envelope.idempotency_key,
            "path": envelope.path,
        }
        self._folder.note_accepted(line)

    def _scripted(self, number: int) -> tuple[Fault, ...]:
        struck = []
        for place, fault in enumerate(self._settings.faults):
            if fault.at and number not in fault.at:
                continue
            if fault.times is not None and self._struck[place] >= fault.times:
                continue
            self._struck[place] += 1
            struck.append(fault)
        return tuple(struck)

    def _key(self, envelope: Envelope) -> str | None:
        if not self._settings.honour_idempotency or not envelope.idempotency_key:
            return None
        return f"{envelope.path}\n{envelope.idempotency_key}"

    def _content(self, source: Source) -> Source:
        head = _DATA_URI.match(source.url or "")
        if not head or source.url is None:
            return source
        try:
            return Source(sha256=self._folder.keep(base64.b64decode(source.url[head.end() :], validate=True)))
        except (binascii.Error, ValueError):
            return Source(sha256="")


def break_in(faults: tuple[Fault, ...], model: str, *, after: bool) -> None:
    """
    Let a submit go wrong, before or after the job is accepted.

    Raises:
        Refused: An answer of another kind goes out, one with status 200 too.
        NoAnswer: None goes out.
    """
    if not after and (fault := first(faults, "refused")):
        raise responses.scripted_refusal(fault)
    for fault in faults:
        if fault.kind not in ("submit", "drop") or fault.has("after") != after:
            continue
        if fault.kind == "drop":
            raise NoAnswer
        status = int(fault.words[0])
        if status == 200:
            raise responses.Refused(200, {"error": "quota"})
        if status == 429:
            raise responses.too_fast(model, 2, fault.number if len(fault.words) > 1 else None)
        raise responses.no_key() if status == 401 else responses.page(status)
