"""
What will be made, in which order, for how much, and the film that is cut from it. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from storyreel.model.footage import Footage
from storyreel.model.recipe import Recipe
from storyreel.model.storyboard import Storyboard
from storyreel.model.timeline import Timeline

Kind = Literal["video", "extend", "edit", "still"]


@dataclass(frozen=True)
class Step:
    """
    One request of the plan: `climb/video`, `climb/extend-1`, `door/still`.

    `scene` and `name` are the two halves of `id`; for a still of the cast `scene` is the name of the cast member.
    `seconds` is the asked length of the clip that comes back (0 for a still), `bought_seconds` how many of them are
    new. `ticks` is the estimate of the charge. `needs` are the steps whose takes go in, in order, each once.
    """

    id: str
    scene: str
    name: str
    kind: Kind
    recipe: Recipe
    seconds: float
    bought_seconds: float
    ticks: int
    needs: tuple[str, ...] = ()
    pin: str | None = None


@dataclass(frozen=True)
class Plan:
    """
    What will be made, in which order, for how much, and the list that the film is cut from.

    `steps` are in an order in which each comes after what it needs. `files` are the media that recipes name by their
    sha256. `notes` are remarks on the run, beside those on the storyboard.
    """

    board: Storyboard
    steps: tuple[Step, ...]
    timeline: Timeline
    files: Mapping[str, Footage] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def step(self, step_id: str) -> Step:
        """Return the step of this id; KeyError if there is none."""
        return {step.id: step for step in self.steps}[step_id]

    @property
    def seconds(self) -> float:
        """How long the film is to last."""
        return self.timeline.seconds

    @property
    def ticks(self) -> int:
        """What the whole film is estimated to cost when nothing is in the vault."""
        return sum(step.ticks for step in self.steps)
