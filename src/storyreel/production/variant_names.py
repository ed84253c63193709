"""
What a name that a person gives means to each variant of a storyboard: `stop` is the scene of all of them, `porto:stop` that of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.errors import SettingsError
from storyreel.model.plan import Plan, Step
from storyreel.model.storyboard import Storyboard
from storyreel.production.selectors import step_named


def names_for(board: Storyboard, names: Sequence[str]) -> tuple[str, ...]:
    """
    Return the names that mean something of this variant, without the variant before them.

    Args:
        board: A variant, or a storyboard that has none, of which all names are.
        names: As they were given: scenes, steps, members of the cast.
    """
    meant = []
    for name in names:
        variant, sign, rest = name.partition(":")
        if not sign or variant not in board.variants:
            meant.append(name)
        elif variant == board.variant:
            meant.append(rest)
    return tuple(meant)


def check_names(
    boards: Sequence[Storyboard], flag: str, names: Sequence[str], *, variants: Sequence[str] | None = None
) -> None:
    """
    Refuse a name that means a variant which is not among those of this run.

    Args:
        boards: Those of this run.
        variants: Those that `--variant` names, none if all are, where `--only` may have left out others; None where it cannot.

    Raises:
        SettingsError: One does.
    """
    here = [board.variant for board in boards]
    for name in names:
        variant, sign, _ = name.partition(":")
        if sign and variant in boards[0].variants and variant not in here:
            by_only = variants is not None and (not variants or variant in variants)
            by = f"--only {name.partition('/')[0]}" if by_only else f"--variant {variant}"
            raise SettingsError(
                f"{flag}{' ' if flag else ''}{name}: {by.partition(' ')[0]} leaves {variant} out, and names {', '.join(here)}; say {by} as well"
            )


def step_meant(plans: Sequence[Plan], name: str) -> tuple[int, Step]:
    """
    Return the one step that a name means among the variants of a storyboard, and the number of the plan that has it.

    Raises:
        SettingsError: None has it, or several have.
    """
    check_names([plan.board for plan in plans], "", [name])
    meant = [
        (number, step_named(plan, f"{plan.board.prefix}{own}"))
        for number, plan in enumerate(plans)
        for own in names_for(plan.board, [name])
    ]
    if len(meant) > 1:
        raise SettingsError(f"{name}: say which one: {', '.join(step.id for _, step in meant)}")
    return meant[0]
