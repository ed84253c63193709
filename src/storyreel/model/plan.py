"""
What will be made, in which order, for how much, and the film that is cut from it. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from storyreel.model.events import FILM, ROUGH
from storyreel.model.footage import Footage
from storyreel.model.recipe import Recipe
from storyreel.model.storyboard import MASTER, Scene, Storyboard
from storyreel.model.timeline import Timeline

Kind = Literal["video", "extend", "edit", "still"]


@dataclass(frozen=True)
class Step:
    """
    One request of the plan: `climb/video`, `climb/extend-1`, `door/still`, or `lisbon:vertical:climb/video`.

    `scene` and `name` are the two halves of `id`; for a still of the cast `scene` is the name of the cast member. `variant` is that of its
    storyboard, `delivery` the one for which alone it is bought; both are empty where there is none, and stand in `scene` where there is one.
    `seconds` is the asked length of the clip that comes back (0 for a still), `bought_seconds` how many of them are
    new: of an extension the others are those that were fed. `is_tail`: it extends the end of a clip that is too long to go in whole. `ticks` is the estimate of the charge. `needs` are the steps whose takes go in, in order, each once.
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
    variant: str = ""
    delivery: str = ""
    is_tail: bool = False

    @property
    def scene_id(self) -> str:
        """The scene, or the member of the cast, as the storyboard calls it."""
        return self.scene.rpartition(":")[2]


@dataclass(frozen=True)
class PlannedFilm:
    """
    One film of a plan: `board` is the storyboard as this film has it. `needs` are the steps whose clips it shows, and all that these
    go on from, in the order of the plan.
    """

    board: Storyboard
    timeline: Timeline
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its delivery's; empty for the master."""
        return self.board.delivery

    @property
    def called(self) -> str:
        """What is said of it in a run: `film`, of a delivery `film vertical`; with `lisbon:` before it where there are variants."""
        return f"{self.board.prefix}{FILM}{f' {self.name}' if self.name else ''}"

    @property
    def rough_called(self) -> str:
        """What is said in a run of what is cut in its place."""
        return f"{self.board.prefix}{ROUGH}"

    @property
    def seconds(self) -> float:
        """How long it is to last."""
        return self.timeline.seconds


@dataclass(frozen=True)
class Plan:
    """
    What will be made, in which order, for how much, and the films that are cut from it.

    `steps` are in an order in which each comes after what it needs. `films` are what is made, one at least: the master first, where it is
    among them. `files` are the media that recipes name by their sha256. `notes` are remarks on the run, beside those on the storyboard.
    """

    board: Storyboard
    steps: tuple[Step, ...]
    films: tuple[PlannedFilm, ...]
    files: Mapping[str, Footage] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def step(self, step_id: str) -> Step:
        """Return the step of this id; KeyError if there is none."""
        return {step.id: step for step in self.steps}[step_id]

    def board_of(self, step: Step) -> Storyboard:
        """Return the storyboard that asks for a step: a delivery's where it is bought for that one alone."""
        boards = (each for each in self.board.deliveries if each.delivery == step.delivery)
        return next(boards, self.board) if step.delivery else self.board

    def scene_of(self, step: Step) -> Scene:
        """Return the scene of a step; KeyError for a still of the cast."""
        return self.board_of(step).scene(step.scene_id)

    def steps_of(self, film: PlannedFilm) -> tuple[Step, ...]:
        """Return the steps that a film is made of; with the master's stand those that no film needs."""
        needs = set(film.needs)
        if not film.name:
            needs.update({step.id for step in self.steps}.difference(*(each.needs for each in self.films)))
        return tuple(step for step in self.steps if step.id in needs)

    @property
    def deliver(self) -> tuple[str, ...]:
        """The films that are made, as a command names them; empty where all of them are."""
        return () if len(self.films) > len(self.board.deliveries) else tuple(film.name or MASTER for film in self.films)

    @property
    def master(self) -> PlannedFilm | None:
        """The storyboard's own film; None where it is not made."""
        return next((film for film in self.films if not film.name), None)

    @property
    def timeline(self) -> Timeline:
        """The first film's: the master's, where that is made."""
        return self.films[0].timeline

    @property
    def seconds(self) -> float:
        """How long the first film is to last."""
        return self.timeline.seconds

    @property
    def ticks(self) -> int:
        """What all films together are estimated to cost when nothing is in the vault."""
        return sum(step.ticks for step in self.steps)


def side_by_side(plans: Sequence[Plan]) -> Plan:
    """Return the plans of the variants of a storyboard as one, for whoever shows or counts all of it; its `board` is the first's."""
    return replace(
        plans[0],
        steps=tuple(step for each in plans for step in each.steps),
        films=tuple(film for each in plans for film in each.films),
        files={sha256: file for each in plans for sha256, file in each.files.items()},
        notes=tuple(dict.fromkeys(note for each in plans for note in each.notes)),
    )
