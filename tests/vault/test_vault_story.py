"""
Any story of runs, crashes, retries, redos, ends and lost answers, told to a real vault: nothing is paid for twice.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from storyreel.vault import Ask, Attempt, Buy, Claim, Have, Take, Unknown, open_vault

FINGERPRINT = "ef" + "0" * 62
RUNS = st.sampled_from(["plain-a", "plain-b", "redo-c"])
ANSWERS = st.sampled_from(["accepted", "refused", "silence", "killed"])
ENDS = st.sampled_from(["failed", "moderated", "clip"])
T = TypeVar("T")


class Story(RuleBasedStateMachine):
    """One step, three runs (one of which redoes it), and whatever may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.vault = open_vault(str(self.folder / "vault"), cache=self.folder)
        self.posts: list[tuple[Ask, int]] = []
        self.in_flight: dict[int, Claim] = {}
        self.clips: set[str] = set()

    def teardown(self) -> None:
        self.loop.close()
        shutil.rmtree(self.folder)

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def attempts(self) -> tuple[Attempt, ...]:
        return self.do(self.vault.attempts("xai", FINGERPRINT))

    @rule(run=RUNS, answer=ANSWERS, end=ENDS)
    def a_run_goes_through(self, run: str, answer: str, end: str) -> None:
        self.a_run_comes_to_the_step(run)
        if self.in_flight:
            self.an_answer_comes(answer)
        self.a_take_ends(end)

    @rule(run=RUNS)
    def a_run_comes_to_the_step(self, run: str) -> None:
        before = self.attempts()
        ask = self.do(self.vault.ask(run))
        verdict = self.do(self.vault.recall("xai", FINGERPRINT, ask, redo=run.startswith("redo")))
        states = [a.state for a in before]
        if isinstance(verdict, Have):
            assert self.do(self.vault.has(verdict.sha256))
        if isinstance(verdict, Buy):
            assert not {"claimed", "open", "unknown"} & set(states[-1:])
            if not run.startswith("redo"):
                assert not {"clip", "missing", "open", "claimed"} & set(states)
            claim = self.do(
                self.vault.claim(
                    "xai", FINGERPRINT, verdict.attempt, ask=ask, recipe={}, step="s", estimate_ticks=1, till=None
                )
            )
            assert claim is not None
            self.in_flight[verdict.attempt] = claim
            self.posts.append((ask, verdict.attempt))
        if isinstance(verdict, Unknown):
            assert "unknown" in states

    @rule(run=RUNS)
    def a_run_reaches_its_summary(self, run: str) -> None:
        self.do(self.vault.close_ask(self.do(self.vault.ask(run)), {}))

    @precondition(lambda self: self.in_flight)
    @rule(answer=ANSWERS)
    def an_answer_comes(self, answer: str) -> None:
        number, claim = self.in_flight.popitem()
        match answer:
            case "accepted":
                self.do(self.vault.answer_accepted(claim, f"id-{number}"))
            case "refused":
                self.do(self.vault.answer_refused(claim, 429, None, "later"))
            case "silence":
                self.do(self.vault.answer_unknown(claim, "reset"))
            case "killed":
                path = self.folder / "vault/xai/slates/ef" / FINGERPRINT / str(number) / "claim.json"
                path.write_text(json.dumps(json.loads(path.read_text()) | {"started": 1}))

    @rule(end=ENDS)
    def a_take_ends(self, end: str) -> None:
        for attempt in self.attempts():
            for request_id in attempt.open_ids[:1]:
                take = {"service": "xai", "request_id": request_id, "fingerprint": FINGERPRINT, "attempt": 1}
                if end == "clip":
                    path = self.folder / "download"
                    path.write_text(request_id)
                    take["sha256"] = self.do(self.vault.keep(path, "mp4"))
                    self.clips.add(take["sha256"])
                self.do(self.vault.end_take(Take.model_validate(take | {"end": end, "code": "internal_error"})))

    @rule(lost=st.booleans())
    def a_person_resolves(self, lost: bool) -> None:
        for attempt in self.attempts():
            if attempt.unknown:
                self.do(self.vault.resolve(attempt, None if lost else f"id-{attempt.number}"))

    @precondition(lambda self: self.clips)
    @rule()
    def a_clip_is_deleted(self) -> None:
        path = self.do(self.vault.local(self.clips.pop()))
        path.unlink()

    @invariant()
    def an_ask_never_pays_twice(self) -> None:
        nothing_came = {a.number for a in self.attempts() if a.state in ("refused", "lost")}
        paying = [ask for ask, number in self.posts if number not in nothing_came]

        assert len(paying) == len(set(paying))

    @invariant()
    def attempts_are_numbered_without_gaps(self) -> None:
        numbers = [a.number for a in self.attempts()]

        assert numbers == list(range(1, len(numbers) + 1))


def test_no_story_pays_twice():
    """
    Whatever happens to three runs that come to the same step, no ask pays for it twice, and none buys over a clip.
    """
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
