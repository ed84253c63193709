"""
A run in its own log on Prefect's page: what became of each step, with its request and its dollars.

Prefect's own line for each task, which has neither, is left out for it. At DEBUG everything is there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from prefect.logging import get_run_logger
from prefect.logging.handlers import APILogHandler
from prefect.logging.loggers import PrefectLogAdapter, get_logger
from prefect.settings import PREFECT_API_URL

from storyreel.defects import without_secrets
from storyreel.errors import NotReached, StoryreelError
from storyreel.model.events import Event, Stage, Watcher, is_rough
from storyreel.model.money import dollars
from storyreel.production.summary import words_of
from storyreel.variables.table import UNWATCHED

LEVEL: dict[Stage, int] = {
    "reused": logging.INFO,
    "noted": logging.INFO,
    "refused": logging.WARNING,
    "accepted": logging.INFO,
    "making": logging.INFO,
    "fetching": logging.DEBUG,
    "made": logging.INFO,
    "failed": logging.ERROR,
    "not reached": logging.WARNING,
    "left out": logging.INFO,
    "checking": logging.DEBUG,
    "checked": logging.DEBUG,
    "cutting": logging.INFO,
    "cut": logging.INFO,
}
"""How loud each stage is. That a request is about to be sent has no line: between a claim and its answer nobody waits for a log."""
QUARTER = 25
"""How many percent a take gets on between two lines about it."""
AFTER_ALL = 100
TAKEN: frozenset[Stage] = frozenset({"accepted", "making", "fetching"})
"""Stages in which the service has taken a request of this run, and may charge for it."""


def watched() -> bool:
    """Whether there is a page on which people look at runs: a server for one command has none."""
    return PREFECT_API_URL.value() is not None and UNWATCHED.read() is None


def leave_out_what_ours_say() -> None:
    """Have Prefect write no line for what our own say better, and no traceback of an error that was foreseen."""
    logging.getLogger("prefect.task_runs").addFilter(_of_tasks)
    logging.getLogger("prefect.flow_runs").addFilter(_of_flows)


class RunLog:
    """
    What happens to each step of a run, in the run's log: each thing once.

    Args:
        at_terminal: Whether somebody watches the run at a terminal, where the same is told: then it goes to Prefect alone.
    """

    def __init__(self, *, at_terminal: bool) -> None:
        leave_out_what_ours_say()
        self._log = _alone() if at_terminal else get_run_logger()
        self._stages: dict[str, Stage] = {}
        self._estimates: dict[str, int] = {}
        self._percents: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Write down what happened, if that is anything new."""
        if event.stage == "sending":
            self._estimates[event.step] = event.ticks or 0
            self._percents.pop(event.step, None)
            return
        before = self._stages.get(event.step)
        stage: Stage = event.stage
        if stage == "reused" and before in TAKEN:
            # A still is in the vault as soon as it is accepted: what this run has just bought, it does not reuse.
            stage = "made"
        if stage == before and stage in ("failed", "reused", "made"):
            return
        if stage != "noted":
            self._stages[event.step] = stage
        if stage == "making" and not self._further(event):
            return
        self._write(LEVEL[stage], event.step, self._words(event, stage))

    def failed(self, step: str, error: BaseException) -> None:
        """Write down that a step came to its end without a clip, as soon as that is known."""
        if isinstance(error, StoryreelError) and not isinstance(error, NotReached):
            self(Event(step, "failed", text=words_of(error)))

    def summed_up(self, variant: str, run: str, so_far: str) -> None:
        """Write down what the run was charged for a storyboard or a variant of it, and what all requests for that came to."""
        self._write(logging.INFO, f"{variant}, this run" if variant else "this run", f"{run}; in all: {so_far}")

    def _further(self, event: Event) -> bool:
        quarter = (event.percent or 0) // QUARTER * QUARTER
        if not self._percents.get(event.step, 0) < quarter < AFTER_ALL:
            return False
        self._percents[event.step] = quarter
        return True

    def _words(self, event: Event, stage: Stage) -> str:
        words, charge = [str(stage)], None if event.ticks is None else dollars(event.ticks)
        if stage == "making":
            words = [f"made to {event.percent} %"]
        elif stage == "cutting":
            words = ["is being cut"]
        elif is_rough(event.step):
            words = []
        elif stage == "noted":
            words = ["note"]
        elif stage in ("failed", "not reached", "left out"):
            words = []  # its own words say how, and what was charged
        if event.request_id is not None:
            words.append(f"request {event.request_id}")
        if stage == "accepted":
            words.append(f"{dollars(self._estimates.get(event.step, 0))} expected")
        elif stage == "made":
            words.append(f"{charge} charged" if charge else "nobody said what was charged")
        elif stage == "reused" and charge:
            words.append(f"{charge} charged when it was made")
        elif stage == "refused":
            words.append("nothing charged")
        text = event.text.removeprefix(f"{event.step} was ") or ("" if words else str(stage))
        return ": ".join(filter(None, [", ".join(words), text]))

    def _write(self, level: int, step: str, words: str) -> None:
        self._log.log(level, "%s: %s", step, without_secrets(words))


def both(one: Watcher | None, other: Watcher) -> Watcher:
    """Return a watcher that tells both."""
    if one is None:
        return other
    first = one

    def watch(event: Event) -> None:
        other(event)
        first(event)

    return watch


def _alone() -> PrefectLogAdapter:
    """Return a logger of the run that goes to Prefect and to no terminal, whatever is shown there of Prefect's own."""
    log = get_run_logger()
    ours = get_logger("flow_runs.storyreel")
    ours.propagate = False
    ours.setLevel(logging.INFO)
    theirs = logging.getLogger("prefect.flow_runs").handlers
    ours.handlers = (
        [each for each in theirs if isinstance(each, APILogHandler)] if watched() else [logging.NullHandler()]
    )
    return PrefectLogAdapter(ours, extra=log.extra if isinstance(log, logging.LoggerAdapter) else None)


def _unless(ours: Callable[[logging.LogRecord], bool], name: str) -> Callable[[logging.LogRecord], bool]:
    def keeps(record: logging.LogRecord) -> bool:
        return logging.getLogger(name).isEnabledFor(logging.DEBUG) or not ours(record)

    return keeps


def _ends_a_task(record: logging.LogRecord) -> bool:
    """Whether a line says that some task has ended: which one and with what, ours says."""
    return record.levelno <= logging.ERROR and record.getMessage().startswith("Finished in state ")


def _traces_ours(record: logging.LogRecord) -> bool:
    """Whether a line has the traceback of an error that was foreseen: what it says stands in the run's state, in one line."""
    return record.exc_info is not None and isinstance(record.exc_info[1], StoryreelError)


_of_tasks = _unless(lambda record: _ends_a_task(record) or _traces_ours(record), "prefect.task_runs")
_of_flows = _unless(_traces_ours, "prefect.flow_runs")
