"""
What a person may name on the way in: scenes for `only`, steps for `redo`. Wrong names are refused before anything is bought.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan, Step
from storyreel.model.storyboard import Storyboard


def scenes_named(board: Storyboard, only: Iterable[str]) -> frozenset[str]:
    """
    Return the scenes that `only` names.

    Raises:
        SettingsError: No scene has that id.
    """
    known = [scene.id for scene in board.scenes]
    return frozenset(_known(name, known, "--only ", "scene") for name in only)


def steps_named(plan: Plan, redo: Iterable[str]) -> frozenset[str]:
    """
    Return the steps that `redo` names; a scene's id alone stands for its first step that makes video.

    `climb` is `climb/video`: what continues it follows by itself, since it is made from another take then.

    Raises:
        SettingsError: No scene or step has that name, or it has nothing to redo.
    """
    named = [step_named(plan, name, flag="--redo ") for name in redo]
    for step in named:
        if step.pin is not None:
            raise SettingsError(f"--redo {step.id}: it is pinned to {step.pin}; take the pin out of the storyboard")
    return frozenset(step.id for step in named)


def step_named(plan: Plan, name: str, *, flag: str = "") -> Step:
    """
    Return the step of this name; a scene's id alone stands for its first step that makes video.

    Args:
        flag: What the name was given to, for the message; empty if it stood alone.

    Raises:
        SettingsError: There is none, or nothing of the scene is generated.
    """
    steps = {step.id: step for step in plan.steps}
    first: dict[str, str] = {}
    for step in plan.steps:
        if step.kind != "still":
            first.setdefault(step.scene, step.id)
    wanted = first.get(name, name)
    if wanted not in steps and name in {scene.id for scene in plan.board.scenes}:
        raise SettingsError(f"{flag}{name}: this run would generate nothing of that scene")
    return steps[_known(wanted, [*first, *steps], flag, "step")]


def _known(name: str, known: Collection[str], flag: str, what: str) -> str:
    if name in known:
        return name
    hint = f"{meant}  " if (meant := did_you_mean(name, known)) else ""
    raise SettingsError(f"{flag}{name}: no {what} has that name; {hint}(there are: {', '.join(known)})")
