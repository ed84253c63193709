"""
Any story of runs, crashes, retries, redos, ends and lost answers, told to a real vault: it does what the table says.

The table of who may buy when is written down here once more, in its own words and over facts that the story itself has
made; whatever the vault says to a run has to be what stands there.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storyreel.vault import (
    Ask,
    Attempt,
    Buy,
    Claim,
    Collect,
    Have,
    Stop,
    Take,
    Unknown,
    Verdict,
    WaitForClaim,
    open_vault,
)
from storyreel.vault.liveness import Process, leave_mark

FINGERPRINT = "ef" + "0" * 62
RUNS = st.sampled_from(["plain-a", "plain-b", "redo-c", "redo-d", "fresh"])
ANSWERS = st.sampled_from(["accepted", "accepted", "accepted", "refused", "silence", "killed", "none"])
ENDS = st.sampled_from(
    ["clip", "clip", "internal_error", "service_unavailable", "invalid_argument", "moderated", "expired"]
)
BAD_ENDS = st.sampled_from(["internal_error", "invalid_argument", "moderated", "expired"])
PASSING = ("internal_error", "service_unavailable")
T = TypeVar("T")


@dataclass
class Fact:
    """
    What the story has made of one attempt, and whose it is.

    `came` is claimed, refused, lost, unknown, open, clip, missing, or how it ended without a clip.
    """

    number: int
    asks: set[Ask]
    came: str = "claimed"
    request_id: str = field(default="")

    def of_run(self, run: str, *, before: int | None = None) -> bool:
        return any(ask.run_id == run and (before is None or ask.k < before) for ask in self.asks)


def by_the_table(facts: Sequence[Fact], ask: Ask, *, redo: bool) -> tuple[str, int]:
    """Return what the table says that an ask does, and about which attempt (0: a new one)."""
    known = [fact for fact in facts if fact.came not in ("refused", "lost")]
    former: list[Fact] = []
    if redo:
        first = next((n for n, fact in enumerate(known) if fact.of_run(ask.run_id)), None)
        if first is None:
            # Not done yet: it buys, but never beside one of which nobody knows the end.
            at_work = {"claimed": "wait", "open": "collect", "unknown": "unknown"}
            last = known[-1].came if known else ""
            return (at_work[last], known[-1].number) if last in at_work else ("buy", 0)
        # Done once: from there on its own attempts count, and the former take stands beside.
        former, known = known[:first], known[first:]
    if not known:
        return ("buy", 0)
    gives = {"claimed": "wait", "open": "collect", "clip": "have", "missing": "collect"}
    for fact in reversed(known):
        if fact.came in gives:
            return (gives[fact.came], fact.number)
    last = known[-1]
    if last.came == "unknown":
        return ("unknown", last.number)
    # From here on the last one has ended without a clip.
    redone = any(fact.came in ("clip", "missing") for fact in former)
    same_ask = any(ask in fact.asks for fact in known)
    retry = last.of_run(ask.run_id, before=ask.k)
    sent = sum(fact.came != "refused" for fact in facts)
    buys = not redone and not same_ask and (retry or (last.came in PASSING and sent < 3))
    return ("buy", 0) if buys else ("stop", last.number)


def in_words(verdict: Verdict) -> tuple[str, int]:
    """Return what the vault says, in the same words."""
    match verdict:
        case Buy():
            return ("buy", 0)
        case Have():
            return ("have", verdict.take.attempt)
        case Collect():
            return ("collect", verdict.attempt)
        case WaitForClaim():
            return ("wait", verdict.attempt)
        case Unknown():
            return ("unknown", verdict.attempt)
        case Stop():
            return ("stop", verdict.attempt)


class Story(RuleBasedStateMachine):
    """One step, some runs (two of which redo it), and whatever may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.vault = open_vault(str(self.folder / "vault"), cache=self.folder)
        self.facts: list[Fact] = []
        self.claims: dict[int, Claim] = {}
        self.summaries: dict[str, int] = {}
        self.fresh = 0

    def teardown(self) -> None:
        self.loop.close()
        shutil.rmtree(self.folder)

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def attempts(self) -> tuple[Attempt, ...]:
        return self.do(self.vault.attempts.of("xai", FINGERPRINT))

    def came(self, *states: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.came in states]

    # --- runs

    @initialize(
        begun=st.sampled_from(
            [
                "nothing",
                "a redo of a clip",
                "two good takes",
                "what no run may pass",
                "a redo of nothing",
                "a zombie",
                "a bad night",
                "a lost one",
            ]
        ),
        end=BAD_ENDS,
        again=ENDS,
        redone=st.booleans(),
    )
    def it_begins_with(self, begun: str, end: str, again: str, redone: bool) -> None:
        """Tell first what is seldom come upon by chance."""
        next_one = "redo-c" if redone else "plain-b"
        match begun:
            case "a redo of a clip":
                self.a_run_goes_through("plain-a", "accepted", "clip")
                self.a_run_goes_through("redo-c", "accepted", end)
                self.a_run_reaches_its_summary("redo-c")
                self.comes("redo-c")
            case "two good takes":
                self.a_run_goes_through("plain-a", "accepted", "clip")
                self.a_run_goes_through("redo-c", "accepted", "clip")
                self.comes("plain-b")
            case "what no run may pass":
                self.a_run_goes_through("plain-a", "accepted", "invalid_argument")
                self.comes("plain-b")
            case "a redo of nothing":
                self.a_run_goes_through("plain-a", "accepted", end)
                self.a_run_goes_through(next_one, "accepted", again)
                self.a_run_goes_through(next_one, "accepted", again)
            case "a zombie":
                # Of a run that did not reach this step before it was taken up again.
                self.a_run_reaches_its_summary("plain-a")
                self.a_run_goes_through("plain-a", "accepted", end)
                self.comes("plain-a", late=True)
            case "a bad night":
                self.the_service_is_ill_all_night(
                    ["refused", "accepted", "refused", "accepted", "accepted"], PASSING[0]
                )
            case "a lost one":
                self.a_run_goes_through("plain-a", "silence", end)
                self.comes(next_one)
                self.a_person_resolves(lost=True)
                self.the_service_is_ill_all_night(["accepted"] * 3, PASSING[1])

    @rule(run=RUNS, answer=ANSWERS, end=ENDS)
    def a_run_goes_through(self, run: str, answer: str, end: str) -> None:
        run = self.named(run)
        self.comes(run)
        if self.came("claimed"):
            self.an_answer_comes(answer)
        self.a_take_ends(end)
        self.comes(run)

    @rule(answers=st.lists(ANSWERS, min_size=2, max_size=5), end=st.sampled_from(PASSING))
    def the_service_is_ill_all_night(self, answers: list[str], end: str) -> None:
        for answer in answers:
            self.a_run_goes_through("fresh", answer, end)

    @rule(run=RUNS, late=st.booleans())
    def a_run_comes_to_the_step(self, run: str, late: bool) -> None:
        """Late: a process that was taken for dead goes on, in an ask that has had its summary."""
        self.comes(self.named(run), late=late)

    def named(self, run: str) -> str:
        self.fresh += run == "fresh"
        return f"fresh-{self.fresh}" if run == "fresh" else run

    def comes(self, run: str, *, late: bool = False) -> None:
        ask = self.do(self.vault.asks.of(run))
        assert ask == Ask(run_id=run, k=self.summaries.get(run, 0))
        if late and ask.k:
            ask = Ask(run_id=run, k=ask.k - 1)
        redo = run.startswith("redo")
        said, number = by_the_table(self.facts, ask, redo=redo)
        verdict = self.do(self.vault.claims.recall("xai", FINGERPRINT, ask, redo=redo))

        assert (said, number) == in_words(verdict)

        fact = self.facts[number - 1] if number else None
        if said in ("wait", "stop") or (fact is not None and fact.came == "open"):
            assert fact is not None
            fact.asks.add(ask)
        if isinstance(verdict, Have):
            assert fact is not None
            assert verdict.request_id == fact.request_id
            assert self.do(self.vault.clips.has(verdict.sha256))
        if isinstance(verdict, Buy):
            assert verdict.attempt == len(self.facts) + 1
            self.a_run_claims(ask, verdict.attempt)

    def a_run_claims(self, ask: Ask, number: int) -> None:
        ours = {"recipe": {}, "step": "s", "estimate_ticks": 1, "till": None}
        claim = self.do(self.vault.claims.claim("xai", FINGERPRINT, number, ask=ask, **ours))
        assert claim is not None
        self.claims[number] = claim
        self.facts.append(Fact(number, {ask}))

    @rule(run=RUNS)
    def a_run_reaches_its_summary(self, run: str) -> None:
        self.do(self.vault.asks.close(self.do(self.vault.asks.of(run)), {}))
        self.summaries[run] = self.summaries.get(run, 0) + 1

    # --- answers

    @precondition(lambda self: self.came("claimed"))
    @rule(answer=ANSWERS)
    def an_answer_comes(self, answer: str) -> None:
        fact = self.came("claimed")[-1]
        claim = self.claims[fact.number]
        match answer:
            case "accepted":
                fact.came, fact.request_id = "open", f"id-{fact.number}"
                self.do(self.vault.claims.answer_accepted(claim, fact.request_id))
            case "refused":
                fact.came = "refused"
                self.do(self.vault.claims.answer_refused(claim, 429, None, "later"))
            case "silence":
                fact.came = "unknown"
                self.do(self.vault.claims.answer_unknown(claim, "reset"))
            case "killed":
                fact.came = "unknown"
                path = self.folder / "vault/xai/slates/ef" / FINGERPRINT / str(fact.number) / "claim.json"
                record = json.loads(path.read_text()) | {"started": 1}
                path.write_text(json.dumps(record))
                leave_mark(Process(record["host"], record["boot_id"], record["pid_space"], record["pid"], 1))

    @precondition(lambda self: self.came("unknown"))
    @rule(lost=st.booleans())
    def a_person_resolves(self, lost: bool) -> None:
        for fact in self.came("unknown"):
            fact.came, fact.request_id = ("lost", "") if lost else ("open", f"id-{fact.number}")
            self.do(self.vault.claims.resolve(self.attempts()[fact.number - 1], fact.request_id or None))

    @precondition(lambda self: self.came("lost"))
    @rule()
    def an_answer_comes_after_all(self) -> None:
        fact = self.came("lost")[-1]
        fact.came, fact.request_id = "open", f"late-{fact.number}"
        self.do(self.vault.claims.answer_accepted(self.claims[fact.number], fact.request_id))

    # --- takes

    @precondition(lambda self: self.came("open"))
    @rule(end=ENDS)
    def a_take_ends(self, end: str) -> None:
        for fact in self.came("open"):
            kind = {"clip": "clip", "moderated": "moderated", "expired": "expired"}.get(end, "failed")
            take: dict[str, Any] = {
                "service": "xai",
                "request_id": fact.request_id,
                "fingerprint": FINGERPRINT,
                "end": kind,
            }
            if end == "clip":
                take["sha256"] = self.clip_of(fact)
            # Whatever the code: only a failure may pass.
            take |= {"attempt": fact.number, "code": end if kind == "failed" else PASSING[0]}
            self.do(self.vault.takes.end(Take.model_validate(take)))
            fact.came = end

    @precondition(lambda self: self.came("clip"))
    @rule()
    def a_clip_is_deleted(self) -> None:
        fact = self.came("clip")[-1]
        fact.came = "missing"
        self.do(self.vault.clips.local(self.clip_of(fact))).unlink()

    @precondition(lambda self: self.came("missing"))
    @rule()
    def a_clip_is_fetched_again(self) -> None:
        fact = self.came("missing")[-1]
        fact.came = "clip"
        self.clip_of(fact)

    def clip_of(self, fact: Fact) -> str:
        path = self.folder / "download"
        path.write_text(fact.request_id)
        return self.do(self.vault.clips.keep(path, "mp4"))

    # --- what always holds

    @invariant()
    def the_vault_knows_what_came_and_no_ask_has_paid_twice(self) -> None:
        attempts = self.attempts()
        told = [(a.number, a.take.code if a.state == "failed" and a.take else a.state) for a in attempts]
        # What a person called lost may turn up after all, and its ask has bought another one by then.
        called_lost = [a for a in attempts if a.answer is not None and a.answer.kind == "lost"]
        paying = [a.claim.ask for a in attempts if a.state != "refused" and a not in called_lost]

        assert told == [(fact.number, fact.came) for fact in self.facts]
        assert len(paying) == len(set(paying))


def test_the_vault_does_what_the_table_says(monkeypatch: pytest.MonkeyPatch):
    """
    Whatever happens to runs that come to the same step, each does what the table says, and no ask pays twice.
    """
    # The power does not fail in these stories.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=40,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
