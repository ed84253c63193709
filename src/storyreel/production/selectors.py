"""
What a person may name on the way in: scenes for `only`, steps for `redo`, films. Wrong names are refused before anything is bought.

What a delivery buys for itself alone is named with the delivery before it, `vertical:climb`; a name without one never means it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan, Step
from storyreel.model.storyboard import MASTER, Storyboard
from storyreel.planning.steps import is_of

LISTED = 12
"""How many names a message lists: of hundreds nobody finds the one they look for."""


def films_named(board: Storyboard, deliver: Iterable[str]) -> frozenset[str]:
    """
    Return the films that `deliver` names: deliveries of the storyboard, and `master`.

    Raises:
        SettingsError: The storyboard has no film of that name.
    """
    known = [MASTER, *(each.delivery for each in board.deliveries)]
    for name in deliver:
        if name not in known:
            raise _unknown(name, known, "--deliver ", "film")
    return frozenset(deliver)


def scenes_named(board: Storyboard, only: Iterable[str]) -> frozenset[str]:
    """
    Return the scenes that `only` names, with the delivery before them where what this buys for itself is meant.

    Raises:
        SettingsError: No scene has that id, or no delivery that name.
    """
    known = [scene.id for scene in board.scenes]
    own = {each.delivery: [f"{each.delivery}:{scene}" for scene in known] for each in board.deliveries}
    of_films = [name for each in board.deliveries if each.is_regenerated for name in own[each.delivery]]
    for name in only:
        delivery, _, scene = name.removeprefix(board.prefix).rpartition(":")
        if scene not in known or (delivery and delivery not in own):
            raise _unknown(name, own.get(delivery, of_films or known) if delivery else known, "--only ", "scene")
    return frozenset(only)


def refuse_unplanned(plan: Plan, only: Iterable[str]) -> None:
    """
    Refuse a scene with a delivery before it of which that buys nothing for itself.

    Raises:
        SettingsError: What a name is refused for.
    """
    for name in only:
        delivery, _, scene = name.removeprefix(plan.board.prefix).rpartition(":")
        if delivery and not any(is_of(step, {name}) for step in plan.steps):
            raise _not_of(plan, name, scene, delivery, "--only ")


def steps_named(plan: Plan, redo: Iterable[str]) -> frozenset[str]:
    """
    Return the steps that `redo` names; a scene's id alone stands for its first step that makes video, a member of the cast
    for all its stills.

    `climb` is `climb/video`: what continues it follows by itself, since it is made from another take then.

    Raises:
        SettingsError: No scene, step or member of the cast has that name, or it has nothing to redo.
    """
    named = [step for name in redo for step in _named(plan, name, "--redo ")]
    for step in named:
        if step.pin is not None:
            raise SettingsError(f"--redo {step.id}: it is pinned to {step.pin}; take the pin out of the storyboard")
    return frozenset(step.id for step in named)


def step_named(plan: Plan, name: str) -> Step:
    """
    Return the one step of this name: a scene's id alone stands for its first step that makes video.

    Raises:
        SettingsError: There is none, or nothing of the scene is generated, or they are several.
    """
    named = _named(plan, name)
    if len(named) > 1:
        raise SettingsError(f"{name}: say which one: {', '.join(step.id for step in named)}")
    return named[0]


def _named(plan: Plan, name: str, flag: str = "") -> tuple[Step, ...]:
    """
    Return the steps that a name stands for, one at least.

    Args:
        flag: What the name was given to, for the message; empty if it stood alone.
    """
    steps = {step.id: step for step in plan.steps}
    full = name if name.startswith(plan.board.prefix) else f"{plan.board.prefix}{name}"
    if full in steps:
        return (steps[full],)
    own = tuple(step for step in plan.steps if step.scene == full)
    # A scene makes a video; of a member of the cast there are stills alone.
    if own:
        return tuple(step for step in own if step.kind != "still")[:1] or own
    delivery, _, step = full.removeprefix(plan.board.prefix).rpartition(":")
    scenes = {scene.id for scene in plan.board.scenes}
    if delivery in {each.delivery for each in plan.board.deliveries}:
        if step in scenes or f"{plan.board.prefix}{step}" in steps:
            raise _not_of(plan, name, step, delivery, flag)
    elif step in scenes and not delivery:
        raise SettingsError(f"{flag}{name}: this run would generate nothing of that scene")
    raise _unknown(name, [*dict.fromkeys(step.scene for step in plan.steps), *steps], flag, "step")


def _not_of(plan: Plan, name: str, step: str, delivery: str, flag: str) -> SettingsError:
    """Return what is said of a step that a delivery does not buy for itself, or that is not made since the delivery is not."""
    films = [film.name or MASTER for film in plan.films]
    if delivery not in films and any(
        each.is_regenerated for each in plan.board.deliveries if each.delivery == delivery
    ):
        return SettingsError(
            f"{flag}{name}: --deliver leaves {delivery} out, and names {', '.join(films)}; say --deliver {delivery} as well"
        )
    return SettingsError(f"{flag}{name}: '{delivery}' buys nothing of that for itself; say {flag}{step}")


def _unknown(name: str, known: Sequence[str], flag: str, what: str) -> SettingsError:
    hint = f"{meant}  " if (meant := did_you_mean(name, known)) else ""
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return SettingsError(f"{flag}{name}: no {what} has that name; {hint}(there are: {', '.join(known[:LISTED])}{more})")
