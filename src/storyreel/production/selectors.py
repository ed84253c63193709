"""
What a person may name on the way in: scenes for `only`, steps for `redo`. Wrong names are refused before anything is bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan, Step
from storyreel.model.storyboard import Storyboard

LISTED = 12
"""How many names a message lists: of hundreds nobody finds the one they look for."""


def scenes_named(board: Storyboard, only: Iterable[str]) -> frozenset[str]:
    """
    Return the scenes that `only` names.

    Raises:
        SettingsError: No scene has that id.
    """
    known = [scene.id for scene in board.scenes]
    for name in only:
        if name not in known:
            raise _unknown(name, known, "--only ", "scene")
    return frozenset(only)


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
    if name in steps:
        return (steps[name],)
    own = tuple(step for step in plan.steps if step.scene == name)
    # A scene makes a video; of a member of the cast there are stills alone.
    if own:
        return tuple(step for step in own if step.kind != "still")[:1] or own
    if name in {scene.id for scene in plan.board.scenes}:
        raise SettingsError(f"{flag}{name}: this run would generate nothing of that scene")
    raise _unknown(name, [*dict.fromkeys(step.scene for step in plan.steps), *steps], flag, "step")


def _unknown(name: str, known: Sequence[str], flag: str, what: str) -> SettingsError:
    hint = f"{meant}  " if (meant := did_you_mean(name, known)) else ""
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return SettingsError(f"{flag}{name}: no {what} has that name; {hint}(there are: {', '.join(known[:LISTED])}{more})")
