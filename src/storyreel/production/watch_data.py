"""
What runs are doing, as the vault alone tells it on any machine: what `storyreel watch --json` prints. docs/watch.schema.json is
made from it.

Nobody is asked, so there are no percentages: the vault knows what was claimed, what was accepted and when, and what came of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from storyreel.model.money import usd
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.vault import Attempt, Vault
from storyreel.vault.liveness import Process, known_dead
from storyreel.vault.lookout import Looked, Lookout
from storyreel.vault.records import State, Summary

WatchedState = Literal[
    "claimed", "accepted", "made", "failed", "moderated", "expired", "missing", "refused", "lost", "unknown"
]
_WORDS: Mapping[State, WatchedState] = {
    "open": "accepted",
    "clip": "made",
    "claimed": "claimed",
    "failed": "failed",
    "moderated": "moderated",
    "expired": "expired",
    "missing": "missing",
    "refused": "refused",
    "lost": "lost",
    "unknown": "unknown",
}


RunState = Literal["under way", "ended", "gone", "silent"]
SILENT_S = 24 * 3600.0
"""After how long nobody takes a run for under way any more: what it waits for would be expired."""


class WatchedStep(Frozen):
    """One request."""

    step: str
    state: Annotated[
        WatchedState,
        Field(
            description="claimed: being sent. accepted: the service has it. made: its clip is in the vault. unknown: sent, its answer "
            "was lost; a person says what became of it."
        ),
    ]
    at: Annotated[str, Field(description="Since when it is so, ISO 8601.")]
    age_s: Annotated[int, Field(description="For how many seconds.")]
    request_id: str | None
    usd: Annotated[float, Field(description="What was charged; else what is expected.")]
    charged: Annotated[bool, Field(description="Whether the service said so.")]
    why: Annotated[str, Field(description="Why it has no clip; empty where it has one, or may get one.")]


class WatchedRun(Frozen):
    """A run, and its requests that are under way or have lately come to their end."""

    run: str
    board: Annotated[str, Field(description="The storyboard's slug.")]
    service: ServiceName
    host: str
    state: Annotated[
        RunState,
        Field(
            description="ended: it came to its summary. silent: nothing was heard of it for a day. gone: its process has ended without one, as this machine sees; what was sent is "
            "fetched by the next run."
        ),
    ]
    waits: Annotated[
        str, Field(description="What a person has to approve, and how, where it ended for that; else empty.")
    ]
    steps: tuple[WatchedStep, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is under way or waits for anybody."""
        return not self.waits and not any(step.state in ("claimed", "accepted", "unknown") for step in self.steps)


class WatchData(Frozen):
    """What runs are doing."""

    version: Literal[1] = 1
    vault: str
    at: Annotated[str, Field(description="When it was looked, ISO 8601.")]
    runs: tuple[WatchedRun, ...]
    damaged: Annotated[tuple[str, ...], Field(description="Records that cannot be read, each with its files.")]


class Watch:
    """
    Looks again and again at what runs do.

    Args:
        services: Whose requests are looked at.
        boards: The slugs of the storyboards, or the variants, that are looked at; None for all.
    """

    def __init__(self, vault: Vault, services: Iterable[ServiceName], boards: Collection[str] | None = None) -> None:
        self.vault = vault
        self._boards = boards
        self._lookouts = {service: Lookout(vault, service) for service in services}

    async def look(self) -> WatchData:
        """
        Return what runs are doing now.

        Raises:
            VaultError: The vault cannot be read.
        """
        now = datetime.now(UTC)
        looked = {service: await lookout.look() for service, lookout in self._lookouts.items()}
        runs = [run for service, each in looked.items() for run in _runs(service, each, self._boards, now)]
        damaged = tuple(dict.fromkeys(words for each in looked.values() for words in each.damaged))
        return WatchData(
            vault=self.vault.address, at=now.isoformat(timespec="seconds"), runs=tuple(runs), damaged=damaged
        )


def _runs(service: ServiceName, looked: Looked, boards: Collection[str] | None, now: datetime) -> list[WatchedRun]:
    """Return the runs that some attempts are of, in the order of their first; that a later run waits is told of that one alone."""
    by: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in looked.attempts:
        if boards is None or attempt.claim.board in boards:
            by.setdefault((attempt.claim.ask.run_id, attempt.claim.board), []).append(attempt)
    last = {slug: run for run, slug in by}
    return [
        WatchedRun(
            run=run,
            board=slug,
            service=service,
            host=attempts[-1].claim.host,
            state=_state(attempts, looked.ended.get(run), now),
            waits=_waits(looked.ended.get(run)) if last[slug] == run else "",
            steps=tuple(_step(attempt, now) for attempt in attempts),
        )
        for (run, slug), attempts in by.items()
    ]


def _state(attempts: Sequence[Attempt], summary: Summary | None, now: datetime) -> RunState:
    claim = attempts[-1].claim
    if summary is not None and summary.ask.k >= claim.ask.k:
        return "ended"
    process = Process(claim.host, claim.boot_id, claim.pid_space, claim.pid, claim.started)
    if known_dead(process):
        return "gone"
    return "silent" if (now - claim.at).total_seconds() > SILENT_S else "under way"


def _waits(summary: Summary | None) -> str:
    return str(summary.told.get("review", "")) if summary is not None else ""


def _step(attempt: Attempt, now: datetime) -> WatchedStep:
    take, answer, claim = attempt.take, attempt.answer, attempt.claim
    since = (take or answer or claim).at if attempt.state not in ("claimed", "unknown") else claim.at
    charge = take.charge if take is not None else None
    why = attempt.unknown or (take.message if take is not None else answer.message if answer is not None else "")
    return WatchedStep(
        step=claim.step,
        state=_WORDS[attempt.state],
        at=since.isoformat(timespec="seconds"),
        age_s=max(0, round((now - since).total_seconds())),
        request_id=attempt.request_id,
        usd=usd(charge if charge is not None else 0 if attempt.state in ("refused", "lost") else claim.estimate_ticks),
        charged=charge is not None,
        why="" if attempt.state in ("open", "clip") else why,
    )
