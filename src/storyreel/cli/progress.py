"""
What is known of a run while it goes on: the newest word on each step, since when it holds, and what was sent, made and charged.

At a terminal it is drawn by `run_screen`; elsewhere each word that matters is a plain line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from rich.console import Console
from rich.text import Text

from storyreel.console import redraws
from storyreel.model.events import Event, Stage, is_rough
from storyreel.model.money import TICKS_PER_USD, dollars
from storyreel.model.plan import Plan, Step
from storyreel.production.turnaround import Pace, Sort, sort_of

MARK: dict[Stage, tuple[str, str]] = {
    "reused": ("=", "green"),
    "sending": (">", "yellow"),
    "refused": ("~", "yellow"),
    "accepted": (">", "yellow"),
    "making": (">", "yellow"),
    "fetching": ("v", "cyan"),
    "made": ("+", "green"),
    "failed": ("!", "red"),
    "not reached": ("-", "red"),
    "left out": ("-", "dim"),
    "checking": (">", "cyan"),
    "checked": (".", "dim"),
    "cutting": (">", "cyan"),
    "cut": ("+", "green"),
}
IN_WORDS: dict[Stage, str] = {"checking": "your own clips are tried out", "checked": "waits"}
QUIET: frozenset[Stage] = frozenset({"making", "fetching", "sending", "checking", "checked"})
"""Stages that are told in a terminal only; in a log they would be noise."""
ANNOUNCED: frozenset[Stage] = frozenset({"refused", "made", "reused", "cut"})
"""Stages whose text is told at once: why a step waits, what is odd about a clip, how the film is not as asked."""
SETTLED: frozenset[Stage] = frozenset({"reused", "made", "failed", "not reached", "left out", "cut"})
"""Stages after which a run does nothing more about a step."""
GOOD: frozenset[Stage] = frozenset({"reused", "made", "cut"})
"""Those of them that are as it was wished."""
TAKEN: frozenset[Stage] = frozenset({"accepted", "making", "fetching"})
"""Stages in which the service has taken a request, and may charge for it."""


@dataclass(frozen=True)
class Known:
    """The newest word on a step: since when it holds, and when something was first done about the step, in seconds of a clock."""

    event: Event
    since: float
    began: float

    @property
    def settled(self) -> bool:
        """Whether nothing more is done about it."""
        return self.event.stage in SETTLED

    @property
    def at_work(self) -> bool:
        """Whether it is being sent, made or fetched."""
        return not self.settled and self.event.stage != "checked"


@dataclass
class Monitor:
    """
    The newest word on each step, and what this run has sent, made and been charged so far.

    Args:
        there: The steps whose clips were in the vault before: they wait for nothing, also where the run has not come to them.
        bought: The steps that are expected to be paid for; None for all that are not there.
        alike: Of steps that ask for the same as one before them, that one: it is one purchase.
        pace: How fast such takes come; None where nothing is known of it.
        budget_ticks: What the run may spend; None where nothing bounds it.
        clock: Seconds that only grow.
    """

    plan: Plan
    console: Console
    there: Collection[str] = frozenset()
    bought: Collection[str] | None = None
    alike: Mapping[str, str] = field(default_factory=dict)
    pace: Pace | None = None
    budget_ticks: int | None = None
    clock: Callable[[], float] = time.monotonic
    known: dict[str, Known] = field(default_factory=dict)
    requests: int = 0
    takes: int = 0
    charged_ticks: int = 0
    uncharged_ticks: int = 0
    over: bool = False
    changing: threading.RLock = field(default_factory=threading.RLock, repr=False)
    """Held while a word is taken note of, and while all of them are drawn."""
    _counted: set[str] = field(default_factory=set, repr=False)
    """The request ids that are in the sums: the service may give one to two steps."""
    _asked: dict[str, set[str]] = field(default_factory=dict, repr=False)
    """The steps for which this run was given a request id."""
    _lately: dict[Sort, list[float]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def live(self) -> bool:
        """Whether a person watches, so that lines can be drawn anew."""
        return redraws(self.console)

    @property
    def newest(self) -> Mapping[str, Event]:
        """The newest word on each step, and on the film."""
        return {step: known.event for step, known in self.known.items()}

    @cached_property
    def scenes(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each member of the cast and of each scene, in the storyboard's order."""
        by: dict[str, list[Step]] = {}
        for step in self.plan.steps:
            by.setdefault(step.scene, []).append(step)
        places = {scene.id: place for place, scene in enumerate(self.plan.board.scenes)}
        variants = {name: place for place, name in enumerate(self.plan.board.variants)}
        # What a delivery alone is shot for stands below its scene.
        named = sorted(
            by, key=lambda name: (variants.get(by[name][0].variant, -1), places.get(by[name][0].scene_id, -1))
        )
        return {name: tuple(by[name]) for name in named}

    @cached_property
    def fine(self) -> bool:
        """Whether any price has thousandths: then all are shown with them, so that they stand below each other."""
        return any(step.ticks % (TICKS_PER_USD // 100) for step in self.plan.steps)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """The steps of the plan, by id."""
        return {step.id: step for step in self.plan.steps}

    @property
    def films(self) -> tuple[str, ...]:
        """What is cut at the end: each film, or a rough cut in the master's place."""
        return tuple(
            film.rough_called if not film.name and film.rough_called in self.known else film.called
            for film in self.plan.films
        )

    def __call__(self, event: Event) -> None:
        """Take note of what happened to a step."""
        if event.stage == "noted":
            self._note(event)
            return
        with self.changing:
            event = self._counted_in(event)
        if not self.live and event.stage not in QUIET:
            self.console.print(Text(self._line(event)), soft_wrap=True)

    def _counted_in(self, event: Event) -> Event:
        before, now = self.known.get(event.step), self.clock()
        if event.stage == "sending":
            self.requests += 1
        if event.stage == "reused":
            # A still is in the vault as soon as it is accepted: what this run has just bought, it does not reuse.
            event = replace(event, stage="made") if before is not None else replace(event, ticks=None)
        if event.stage == "failed" and before is None:
            # Nothing was done about this step: its end is an old one, paid for by another run.
            event = replace(event, ticks=None)
        taken = event.stage == "made" or (before is not None and before.event.stage in TAKEN)
        if event.stage in ("made", "failed") and event.request_id not in self._counted:
            self.takes += event.stage == "made"
            self.charged_ticks += event.ticks or 0
            if taken and event.ticks is None:
                self.uncharged_ticks += self.steps[event.step].ticks
            self._counted.update([event.request_id] if event.request_id is not None else [])
        if event.stage == "accepted" and event.request_id is not None:
            self._asked.setdefault(event.request_id, set()).add(event.step)
        if event.stage == "made" and event.step not in self._asked.get(event.request_id or "", {event.step}):
            # Another step of this run has asked for it, and its charge stands there.
            event = replace(event, stage="reused", ticks=None)
        began = before.began if before is not None else now
        same = before is not None and before.event.stage == event.stage
        # The id is told once, and belongs to the step from then on.
        request_id = event.request_id or (before.event.request_id if before is not None else None)
        self.known[event.step] = Known(
            replace(event, request_id=request_id), before.since if same and before is not None else now, began
        )
        if event.stage == "made" and before is not None and event.step in self.steps:
            self._lately.setdefault(sort_of(self.steps[event.step]), []).append(now - began)
        return event

    @property
    def to_come(self) -> tuple[Step, ...]:
        """The steps that have no end yet, and are expected to be paid for: not those that build on what failed."""
        steps: list[Step] = []
        without: set[str] = set()
        for step in self.plan.steps:
            known = self.known.get(step.id)
            if known is not None and known.settled:
                without.update([] if known.event.stage in GOOD else [step.id])
            elif any(need in without for need in step.needs):
                without.add(step.id)
            elif step.id not in self.there and (known or self.bought is None or step.id in self.bought):
                steps.append(step)
        return tuple(steps)

    @property
    def purchases_to_come(self) -> tuple[Step, ...]:
        """Those of them that are paid for: what several ask for alike once, and not where one of them has it already."""
        return tuple(step for step in self.to_come if step.id not in self.alike)

    @property
    def seconds_left(self) -> float | None:
        """Until the last clip is there, in seconds, by what such steps took; None where that cannot be told."""
        if self.pace is None or self.over:
            return None
        now = self.clock()
        sent = {
            step: now - known.began
            for step, known in self.known.items()
            if known.at_work and known.event.stage != "refused"
        }
        return self.pace.left(self.to_come, sent, self._lately)

    def _note(self, event: Event) -> None:
        """Say what changes nothing of how a step stands: at a terminal above all that is drawn anew."""
        self.console.print(Text(f"note: {event.step}: {event.text}"), soft_wrap=True)

    def _line(self, event: Event) -> str:
        return f"{MARK[event.stage][0]} {event.step}: {in_words(event)}"


def in_words(event: Event) -> str:
    """Return a word on a step as a line says it."""
    words: str = IN_WORDS.get(event.stage, event.stage)
    if event.stage == "making" and event.percent is not None:
        words = f"making {event.percent} %"
    if event.stage == "accepted" and event.request_id:
        words = f"accepted, request {event.request_id}"
    if event.ticks is not None:
        words += f", {dollars(event.ticks)}"
    # Why a step failed is told at the end, in full and once.
    announced = event.stage in ANNOUNCED and not is_rough(event.step)  # what is missing of that, too
    return f"{words}: {event.text}" if event.text and announced else words
