"""
Decide what an ask does about a step, from what the vault knows of its attempts. Pure: nothing is read or written here.

An open attempt is waited for; else the newest one with a clip speaks; where none has, it depends on how the last one
ended, on whether this is a plain run or a person's Retry of the run that failed on it, and on whether a person asked
for a redo. Nothing is bought while it is unknown whether it has been bought already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storyreel.vault.records import Ask, Attempt, Claim, Take

PASSING = frozenset({"service_unavailable", "internal_error"})
"""Codes of a failure that is the service's own and may be gone tomorrow."""

MOST_ATTEMPTS = 3
"""How many attempts in all a plain run goes up to when they fail like that. A person may go on."""


@dataclass(frozen=True)
class Buy:
    """Nothing stands in the way: claim this attempt."""

    attempt: int


@dataclass(frozen=True)
class Have:
    """The clip is in the vault."""

    request_id: str
    sha256: str
    take: Take


@dataclass(frozen=True)
class Collect:
    """
    The service has accepted it: wait for it and fetch it.

    With `clip_missing` it was fetched before and the vault lacks the clip: it is fetched again, and where the service
    does not have it any more, the step stops.
    """

    request_id: str
    attempt: int
    clip_missing: bool = False


@dataclass(frozen=True)
class WaitForClaim:
    """Some process is sending it just now: look again shortly."""

    attempt: int
    claim: Claim


@dataclass(frozen=True)
class Unknown:
    """It was sent, nobody knows what came of it, and a person decides. `why` says how that is known."""

    attempt: int
    claim: Claim
    why: str


@dataclass(frozen=True)
class Stop:
    """It ended without a clip, and this ask may not buy another."""

    end: Take
    attempt: int


Verdict = Buy | Have | Collect | WaitForClaim | Unknown | Stop


def decide(attempts: Sequence[Attempt], ask: Ask | None = None, *, redo: bool = False) -> Verdict:
    """
    Return what is to be done about a step.

    Args:
        attempts: All attempts at its fingerprint, in order.
        ask: Who asks; None for somebody who has no run yet, such as a plan.
        redo: Whether this run was told to make the step anew. It does so once, whatever the number of its asks.
    """
    following = max((a.number for a in attempts), default=0) + 1
    # Of a refused one nothing came, and of a lost one a person has said so: both leave things as they were.
    live = [a for a in attempts if a.state not in ("refused", "lost")]
    if not live:
        return Buy(following)
    last = live[-1]
    former: Sequence[Attempt] = ()
    if redo:
        ours = [i for i, a in enumerate(live) if ask is not None and a.owned_by_run(ask.run_id)]
        if not ours:
            return _in_flight(last) or Buy(following)
        former, live = live[: ours[0]], live[ours[0] :]
    for attempt in reversed(live):
        if verdict := _verdict_of(attempt):
            return verdict
    if last.take is None:
        return Unknown(last.number, last.claim, last.unknown)
    stop = Stop(last.take, last.number)
    if any(a.take is not None and a.take.end == "clip" for a in former):
        return stop
    if ask is not None and any(a.owned_by(ask) for a in live):
        return stop
    if ask is not None and last.owned_by_run(ask.run_id, before=ask.k):
        return Buy(following)
    tried = sum(a.state != "refused" for a in attempts)
    passing = last.take.end == "failed" and last.take.code in PASSING
    return Buy(following) if passing and tried < MOST_ATTEMPTS else stop


def _verdict_of(attempt: Attempt) -> Verdict | None:
    """Return what an attempt gives or may yet give; None if it gives nothing (any more)."""
    take, request_id = attempt.take, attempt.request_id
    match attempt.state:
        case "claimed":
            return WaitForClaim(attempt.number, attempt.claim)
        case "open" if request_id is not None:
            return Collect(request_id, attempt.number)
        case "clip" if take is not None and take.sha256 is not None:
            return Have(take.request_id, take.sha256, take)
        case "missing" if take is not None:
            return Collect(take.request_id, attempt.number, clip_missing=True)
        case _:
            return None


def _in_flight(attempt: Attempt) -> Verdict | None:
    """
    Return the verdict on an attempt of which nobody knows the end yet; None if it has ended.

    One that is done and has no address is waited for by whoever wants it, and keeps nobody from making another.
    """
    if attempt.without_url and attempt.state == "open":
        return None
    if attempt.state == "unknown":
        return Unknown(attempt.number, attempt.claim, attempt.unknown)
    return _verdict_of(attempt) if attempt.state in ("claimed", "open") else None
