"""
Turn a storyboard into a plan.

A plan is data: the steps in an order in which each comes after what it needs, what each of them sends, and the films that
are cut from them. Nothing is sent, read or timed here; the same storyboard always gives the same plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from storyreel.catalog import Catalog
from storyreel.model.plan import Plan, PlannedFilm, Step
from storyreel.model.storyboard import MASTER, Storyboard
from storyreel.planning.requests import Requests
from storyreel.planning.timeline import timeline


def plan(board: Storyboard, catalog: Catalog, *, only: Collection[str] = (), deliver: Collection[str] = ()) -> Plan:
    """
    Plan a storyboard.

    The plan has the films that are made, and the scenes that they show with whatever these continue; a scene that no film
    shows is planned only if `only` names it.

    Args:
        board: A storyboard as `storyboard.load` returns it: whole, with its limits checked.
        catalog: For the prices.
        only: Scenes that are to be shot although no film shows them.
        deliver: The films that are made, by the names of their deliveries, `master` for the master; all if empty.
    """
    draft = _Draft(board, catalog, only)
    films = [draft.film(each) for each in (board, *board.deliveries)]
    wanted = [film for film in films if not deliver or (film.name or MASTER) in deliver]
    needed = {step for film in wanted for step in film.needs}
    needed |= draft.with_needs(step.id for step in draft.steps if step.scene_id in only and not step.delivery)
    return Plan(
        board=board,
        steps=tuple(step for step in draft.steps if step.id in needed),
        films=tuple(wanted),
        files=draft.requests.files,
    )


def within(plan: Plan, only: Collection[str]) -> frozenset[str]:
    """
    Return the steps that may be bought: those of the scenes named, and all that these continue.

    An empty `only` allows every step.
    """
    if not only:
        return frozenset(step.id for step in plan.steps)
    return _with_needs(plan.steps, (step.id for step in plan.steps if is_of(step, only)))


def is_of(step: Step, scenes: Collection[str]) -> bool:
    """
    Whether a step is of one of these scenes. A name without a variant means all of them, one without a delivery only what is no
    delivery's alone.
    """
    return step.scene in scenes or bool(step.variant and step.scene.partition(":")[2] in scenes)


def following(plan: Plan, redo: Collection[str]) -> tuple[str, ...]:
    """Return the steps named, and every step that continues one of them, in the order of the plan."""
    reached = set(redo)
    for step in plan.steps:
        if reached.intersection(step.needs):
            reached.add(step.id)
    return tuple(step.id for step in plan.steps if step.id in reached)


def _with_needs(steps: Iterable[Step], wanted: Iterable[str]) -> frozenset[str]:
    needs = {step.id: step.needs for step in steps}
    reached: set[str] = set()
    waiting = list(wanted)
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting.extend(needs[step])
    return frozenset(reached)


class _Draft:
    """
    A plan in the making: the steps of all films that there may be, each after what it needs.

    What is asked for alike is the storyboard's own step, also where only a delivery shows its scene.
    """

    def __init__(self, board: Storyboard, catalog: Catalog, only: Collection[str]) -> None:
        self._catalog = catalog
        self.requests = _shot(
            board, catalog, {item.scene for each in (board, *board.deliveries) for item in each.cut}, only
        )
        names = {step: f"{board.prefix}{step}" for step in self.requests.steps} if board.variant else {}
        self._own = {
            each: _named(step, names, variant=board.variant) if names else step
            for each, step in self.requests.steps.items()
        }
        self.steps = list(self._own.values())

    def film(self, board: Storyboard) -> PlannedFilm:
        """Return the film of the storyboard, or of one of its deliveries."""
        shown, chains = {item.scene for item in board.cut}, dict[str, list[Step]]()
        for step in self._asked(board).values():
            if step.kind != "still" and step.scene_id in shown:
                chains.setdefault(step.scene_id, []).append(step)
        film = timeline(board, self._catalog, chains)
        needed = self.with_needs(film.steps)
        return PlannedFilm(board, film, tuple(step.id for step in self.steps if step.id in needed))

    def with_needs(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return these steps with all that they are made from."""
        return _with_needs(self.steps, wanted)

    def _asked(self, board: Storyboard) -> dict[str, Step]:
        """
        Return the steps of a film, by what they are called without variant and delivery.

        What asks for the same as a step of the storyboard is that step, with its take and its pin: those that the film has are of what
        is bought for it.
        """
        if not board.is_regenerated:
            return self._own
        requests = _shot(board, self._catalog, {item.scene for item in board.cut})
        self.requests.files.update(requests.files)
        names: dict[str, str] = {}
        steps: dict[str, Step] = {}
        for each, step in requests.steps.items():
            own = self._own.get(each)
            if own is not None and own.recipe == step.recipe.renamed(names).model_copy(
                update={"take": own.recipe.take}
            ):
                names[each], steps[each] = own.id, own
                continue
            names[each] = f"{board.prefix}{board.delivery}:{each}"
            steps[each] = _named(step, names, variant=board.variant, delivery=board.delivery)
            self.steps.append(steps[each])
        return steps


def _shot(board: Storyboard, catalog: Catalog, shown: Collection[str], only: Collection[str] = ()) -> Requests:
    """Return the requests of the scenes that are shown, or that `only` names."""
    requests = Requests(board, catalog)
    for scene in board.scenes:
        if scene.drawn is None and (scene.id in shown or scene.id in only):
            requests.shoot(scene)
    return requests


def _named(step: Step, names: dict[str, str], *, variant: str = "", delivery: str = "") -> Step:
    """Return a step as the plan calls it: for a variant, or for one delivery alone."""
    name = names[step.id]
    return replace(
        step,
        id=name,
        scene=name.rpartition("/")[0],
        recipe=step.recipe.renamed(names),
        needs=tuple(names[need] for need in step.needs),
        variant=variant,
        delivery=delivery,
    )
