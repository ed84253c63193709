"""
Who calls a run from this process, and what they hand to it beside its parameters, which Prefect passes on as JSON.

A run that a worker begins has no caller: nobody watches, nobody can be asked, and everything is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from storyreel.model.events import Watcher
from storyreel.production.approval.gate import Approver
from storyreel.production.prepare import Prepared


@dataclass(frozen=True)
class Caller:
    """
    Whoever began a run here.

    Args:
        prepared: What they have read already: the storyboard, or each of its variants.
        watcher: Told what happens to each step.
        approver: Asked where something has to be approved.
        stop: Called for a SIGTERM to the run in place of the usual, in the run's event loop.
        pass_on: Called once the run is at its end for a SIGTERM that was held back for it.
    """

    prepared: Sequence[Prepared] = ()
    watcher: Watcher | None = None
    approver: Approver | None = None
    stop: Callable[[], None] | None = None
    pass_on: Callable[[], None] | None = None


_caller: ContextVar[Caller] = ContextVar("storyreel_caller", default=Caller())  # noqa: B039 - frozen


def caller() -> Caller:
    """Return who has called this run."""
    return _caller.get()


@contextmanager
def calling(**parts: Any) -> Iterator[None]:
    """Be, in these parts of a `Caller`, the caller of what runs inside."""
    token = _caller.set(replace(_caller.get(), **parts))
    try:
        yield
    finally:
        _caller.reset(token)
