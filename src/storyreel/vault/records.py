"""
The shapes that the vault keeps, each as one JSON object in a file, readable with `cat`; see `record_text`.

Every record has its version `v` and the time `at` which it was made, by the clock of whoever made it. Records are
never changed, so these shapes are frozen. What follows from several of them together is said in `asks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from storyreel.model.money import believed
from storyreel.model.recipe import WITHOUT_URL, Frozen, ServiceName
from storyreel.model.request_ids import INBOX, STILL, is_in_inbox
from storyreel.vault.record_values import Estimate, Moment, Request, Words, right_now

End = Literal["clip", "failed", "moderated", "expired"]
"""How a take ends. `clip` is the good one."""

State = Literal["refused", "lost", "claimed", "unknown", "open", "clip", "missing", "failed", "moderated", "expired"]
"""What an attempt is worth now; `missing` is a take that ended with a clip which the vault has no more."""


class Record(Frozen):
    """What all records have. Numbers are finite, since JSON knows no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    v: Literal[1] = 1
    at: Moment = Field(default_factory=right_now)

    @property
    def unwritten(self) -> frozenset[str]:
        """Fields that stand in no file while they are empty, so that versions which do not know them read it as well."""
        return frozenset()


class Ask(Frozen):
    """One execution of a flow up to its summary: the flow run's id, and how many summaries it has reached before."""

    run_id: str
    k: int

    def __str__(self) -> str:
        return f"{self.run_id}#{self.k}"


class Claim(Record):
    """
    Written before anything is sent: who is about to send what, for which ask.

    Args:
        nonce: Tells this claim from every other one, also from another of the same process.
        host, boot_id, pid_space, pid, started: The process, exactly enough to find out later that it is gone. Empty
            (0) where the system does not tell.
        recipe: What is sent, in clear, so that a person can see it.
        board: The slug of the storyboard that it was first sent for, so that a person can find it again.
        estimate_ticks: What it is expected to cost.
        till: The name of the till that it was spent from, or None.
        cap: The name of the day's till that it was set aside in as well, where a cap bounded it.
        team: The service's own id of the account, if it is known: a request id is good for that account alone.
    """

    service: ServiceName
    fingerprint: str
    attempt: int = Field(ge=1)
    nonce: str
    host: str
    boot_id: str
    pid_space: str
    pid: int = Field(ge=1, lt=2**31)
    started: int
    ask: Ask
    step: str
    board: str = ""
    recipe: Request
    estimate_ticks: Estimate
    till: str | None = None
    cap: str | None = None
    team: str | None = None

    @property
    def unwritten(self) -> frozenset[str]:
        """The cap's till, where there was no cap."""
        return frozenset() if self.cap else frozenset({"cap"})

    @property
    def key(self) -> str:
        """The attempt's name, as tills use it."""
        return attempt_key(self.fingerprint, self.attempt)


class Answer(Record):
    """
    What came of a claim.

    `accepted` and `refused` are the service's own answers; `resolved` and `lost` are a person's, about a submission
    that was unknown. `request_id` belongs to `accepted` and `resolved`; `status`, `code` and `message` to `refused`.
    """

    kind: Literal["accepted", "refused", "resolved", "lost"]
    nonce: str
    request_id: str | None = None
    status: int | None = None
    code: Words | None = None
    message: Words = ""


class Silence(Record):
    """A POST ended without an answer that could be read. The answer itself is left for a person to give."""

    nonce: str
    reason: Words

    @property
    def why(self) -> str:
        """What came instead of an answer. Older versions wrote a whole sentence about it."""
        why, _, _ = self.reason.removeprefix("the request was sent, and ").partition("; it may be billed")
        return why


class Named(Record):
    """
    A POST was answered with no success and with a request id, kept before it is asked for.

    If the service knows the id, the request was taken all the same. `status`, `code` and `message` are the answer's.
    """

    nonce: str
    request_id: str
    status: int
    code: Words | None = None
    message: Words = ""


class Take(Record):
    """
    How a take ended. Of a clip: what it is, measured; of the other ends: the service's words.

    Args:
        seconds, frames, width, height, fps, has_audio: Measured on the file (a still has 0 seconds and one frame).
        asked_seconds: The length that was asked for.
        charged_ticks: What the service said it charged, or None if it said nothing.
        estimate_ticks: What it had been expected to cost.
    """

    service: ServiceName
    request_id: str
    fingerprint: str
    attempt: int
    end: End
    sha256: str | None = None
    suffix: str = ""
    seconds: float = 0.0
    frames: int = 0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    has_audio: bool = False
    asked_seconds: float = 0.0
    charged_ticks: int | None = None
    estimate_ticks: Estimate = 0
    code: Words | None = None
    message: Words = ""
    notes: tuple[str, ...] = ()

    @property
    def charge(self) -> int | None:
        """What it cost, in ticks, where that was told and can be believed; older records may hold any number."""
        return believed(self.charged_ticks, self.estimate_ticks)

    @property
    def without_url(self) -> bool:
        """Whether it is no end yet: the clip is made, and every run asks whether it can be had by now."""
        return self.end == "failed" and self.code == WITHOUT_URL


class Entry(Record):
    """
    One line of a till: `spend` takes an estimate out, `settle` corrects it by `ticks` once the charge is known.

    A day's till of a cap may be closed, once another day has begun: after a `close` there is no `spend` any more. It has no
    attempt, its `ticks` are the sum of all before it, and `held` says what of that was set aside and not settled by then.
    """

    kind: Literal["spend", "settle", "close"]
    attempt: str
    ticks: int
    nonce: str
    held: dict[str, int] | None = None

    @model_validator(mode="after")
    def _reckoned_with(self) -> Self:
        # A sum that is read wrong lets a run spend what nobody has, so what cannot be one is damage.
        if (self.kind == "close") != (self.attempt == "") or (self.kind == "close" and self.held is None):
            raise ValueError("an entry names its attempt, and a closing what was held then")
        if self.kind != "settle" and self.ticks < 0:
            raise ValueError("ticks are no amount of money")
        return self

    @property
    def unwritten(self) -> frozenset[str]:
        """What is said by a `close` alone."""
        return frozenset({"held"}) if self.held is None else frozenset()


class Joined(Record):
    """Another ask waited for this attempt, or stopped on it, and so takes it as its own."""

    ask: Ask


class Awaited(Record):
    """A take is awaited that no attempt in this vault has asked for."""

    request_id: str


class Begun(Record):
    """An ask was begun, or taken up again after a crash."""

    ask: Ask


class Summary(Record):
    """An ask came to its end. `told` is what it said then."""

    ask: Ask
    told: dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """
    All that the vault knows of one attempt.

    Args:
        late: Answers that came when `answer` had been given by somebody else.
        takes: Those of its takes that have ended, in the order of `request_ids`.
        joined: The asks, besides the one that claimed it, that count it as their own.
        without_url: Those that are called done and have no address yet: their charge is known, their end is not.
        unknown: Why nobody knows what came of it; empty while it is waited for, and when it is known.
        named: The id that came with an answer that was no success, if one did.
        here: Whether the vault has the clip of the take that ended with one.
    """

    claim: Claim
    answer: Answer | None = None
    late: tuple[Answer, ...] = ()
    takes: tuple[Take, ...] = ()
    joined: tuple[Ask, ...] = ()
    unknown: str = ""
    here: bool = False
    named: Named | None = None
    without_url: tuple[Take, ...] = ()

    @property
    def doubtful_id(self) -> str | None:
        """
        An id that the service gave and is not known to know; it is asked for before anything is bought again.

        Whose clip was put into the vault needs none: that clip is what the request gave.
        """
        if self.named is None or self.named.request_id in self.request_ids or any(map(is_in_inbox, self.request_ids)):
            return None
        return self.named.request_id

    @property
    def number(self) -> int:
        """Its number among the attempts at this fingerprint; the first is 1."""
        return self.claim.attempt

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Every id that the service gave for it: one, unless an answer came late."""
        return ids_of(self.answer, self.late)

    @property
    def take(self) -> Take | None:
        """The end that counts: the one with a clip if there is one, else the last; None while one is still open."""
        for take in self.takes:
            if take.end == "clip":
                return take
        return self.takes[-1] if self.takes and not self.open_ids else None

    @property
    def open_ids(self) -> tuple[str, ...]:
        """
        Those of its ids whose end nobody has seen: with a late answer there may be one beside a take with a clip. None, where that
        clip was put into the vault for the attempt: then every id is of that one request.
        """
        ended = {take.request_id for take in self.takes}
        if any(take.end == "clip" and is_in_inbox(take.request_id) for take in self.takes):
            return ()
        return tuple(i for i in self.request_ids if i not in ended)

    @property
    def request_id(self) -> str | None:
        """The id that counts: that of `take`, or the first that is still open."""
        return self.take.request_id if self.take is not None else next(iter(self.open_ids), None)

    @property
    def state(self) -> State:
        """What it is worth now."""
        if self.take is not None:
            if self.take.end == "clip":
                return "clip" if self.here else "missing"
            return self.take.end
        if self.request_id is not None:
            return "open"
        if self.answer is not None:
            return "lost" if self.answer.kind == "lost" else "refused"
        return "unknown" if self.unknown else "claimed"

    def owned_by(self, ask: Ask) -> bool:
        """Whether this ask opened it, waited for it or stopped on it."""
        return ask in (self.claim.ask, *self.joined)

    def owned_by_run(self, run_id: str, *, before: int | None = None) -> bool:
        """Whether some ask of this run has it as its own; with `before`, an ask that came before that one."""
        asks = (self.claim.ask, *self.joined)
        return any(a.run_id == run_id and (before is None or a.k < before) for a in asks)


def ids_of(answer: Answer | None, late: Iterable[Answer] = ()) -> tuple[str, ...]:
    """Return every id that the service gave in some answers, each once."""
    return tuple(dict.fromkeys(a.request_id for a in (answer, *late) if a is not None and a.request_id is not None))


def attempt_key(fingerprint: str, attempt: int) -> str:
    """Return the name of an attempt, as tills use it."""
    return f"{fingerprint}/{attempt}"


def still_id(fingerprint: str, attempt: int) -> str:
    """Return the request id of a still: the service gives none, since it answers with the picture itself."""
    return f"{STILL}{fingerprint[:24]}-{attempt}"


def inbox_id(fingerprint: str, attempt: int) -> str:
    """Return the request id of a clip that came into the vault's inbox, where the answer that had one was lost."""
    return f"{INBOX}{fingerprint[:24]}-{attempt}"
