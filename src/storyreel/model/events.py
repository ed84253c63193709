"""
What happens to a step while it is being made, told to whoever watches.

Nobody has to watch: a flow run by a worker does not, the command line does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal[
    "reused",       # its clip is in the vault; nothing is sent
    "noted",        # something is to be said about it, which changes nothing
    "sending",      # a request is about to be sent
    "refused",      # for now: it will be sent again after a pause
    "accepted",     # the service has taken it, and it has an id
    "making",       # the service is at it; `percent` if it says how far
    "fetching",     # its clip is being downloaded and checked
    "made",         # its clip is in the vault
    "failed",
    "not reached",
    "left out",     # --only does not allow it to be bought
    "checking",     # own clips are decoded before anything is bought (step is "film")
    "checked",
    "cutting",      # a film is being cut (step is "film", of a delivery "film vertical")
    "cut",
]  # fmt: skip


FILM, ROUGH = "film", "rough cut"
"""What events call a film, which comes after all its steps, and what is cut in the master's place where that cannot be."""


def is_rough(step: str) -> bool:
    """Whether it is a rough cut that events call so, of whichever variant."""
    return step.rpartition(":")[2] == ROUGH


@dataclass(frozen=True)
class Event:
    """One thing that happened to one step. `ticks` is the estimate when sending, the charge when it was made or failed."""

    step: str
    stage: Stage
    percent: int | None = None
    request_id: str | None = None
    ticks: int | None = None
    text: str = ""


Watcher = Callable[[Event], None]
"""Told what happens, as it happens."""


def both(first: Watcher, second: Watcher | None) -> Watcher:
    """Return a watcher that tells two, or the one that there is."""
    if second is None:
        return first

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell
