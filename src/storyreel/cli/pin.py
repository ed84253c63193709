"""
Choose a take: write its pin into the storyboard, or take that back.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from storyreel.cli.arguments import Board, Rehearsals, Variants, Vars, VaultAddress, given_vars, switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.console import say
from storyreel.errors import SettingsError
from storyreel.model.request_ids import in_yaml
from storyreel.production.pinning import Check, Pinned, take_meant, unpin
from storyreel.production.pinning import pin as pin_step
from storyreel.production.prepare import Prepared, prepare_all
from storyreel.production.service import service_asked
from storyreel.production.variant_names import step_meant


def pin(
    board: Board,
    step: Annotated[
        str, Parameter(help="The step whose take it is: climb/extend-1, or a scene's id for its first clip.")
    ],
    take: Annotated[
        str | None,
        Parameter(
            help="Its request id, or six characters or more that begin it and no other; or its number, t02, as `takes` shows it."
        ),
    ] = None,
    /,
    *,
    undo: Annotated[
        bool, switch("--undo", "Take back the last pin that this command has written for the step, to the byte.")
    ] = False,
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
) -> int:
    """
    Write into a storyboard which take of a step it uses, in one line that leaves all else as it stands; or take that back.

    Example: storyreel pin storyboards/lighthouse.yaml climb t02
    """
    return pin_board(board, step, take, undo, vault, sandbox, Screen(), given_vars(var), variant)


def pin_board(
    board: Path,
    name: str,
    word: str | None,
    undo: bool,
    vault: str | None,
    sandbox: bool,
    console: Console,
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
) -> int:
    """
    Write the pin of a step into its storyboard, or take the last one back; return the exit code.

    Raises:
        SettingsError: Not one of the two was asked for, the take may not be chosen, or the storyboard cannot be written. Nothing was.
    """
    if undo is (word is not None):
        raise SettingsError(
            "name the take, or say --undo: storyreel pin BOARD STEP TAKE, or storyreel pin BOARD STEP --undo"
        )
    # A pin may stand where all variants have it, so that all of them are looked at.
    every = prepare_all(board, vault=vault, root=Path.cwd(), given=given, to_look=True)
    asyncio.run(say_if_closed(every[0].vault))
    plans = [each.plan for each in every]
    if unknown := [each for each in variant if each not in [plan.board.variant for plan in plans]]:
        names = ", ".join(plan.board.variant for plan in plans if plan.board.variant) or "it has none"
        raise SettingsError(f"--variant {unknown[0]}: {board} has no such variant ({names})")
    _, step = step_meant([plan for plan in plans if not variant or plan.board.variant in variant], name)
    command = shlex.join(["storyreel", "pin", str(board), step.id, "--undo"])
    if word is None:
        back = unpin(plans, step, Path.cwd())
        now = f"is pinned to {back.now} again" if back.now is not None else "is not pinned any more"
        say(console, f"{board}:{back.line}: {step.id} {now}; that was {back.former}")
        return 0
    pinned = asyncio.run(_pinned(every, step.id, word, sandbox, given or {}))
    took = f"{step.id} {'is' if pinned.changed else 'was already'} pinned to t{pinned.take.number:02d}"
    say(console, f"{board}:{pinned.line}: {took}")
    say(console, f"  pin: {in_yaml(str(pinned.take.request_id))}")
    if pinned.changed and pinned.remembered:
        say(console, f"taken back by: {command}")
    elif pinned.changed:
        say(
            console,
            "it cannot be taken back by --undo: nothing could be noted in the folder of your state (XDG_STATE_HOME)",
        )
    return 0


async def _pinned(
    every: Sequence[Prepared], step_id: str, word: str, sandbox: bool, given: Mapping[str, str]
) -> Pinned:
    ready, plans = every[0], [each.plan for each in every]
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    step = next(step for plan in plans for step in plan.steps if step.id == step_id)
    take, takes = await take_meant(plans, step, word, ready.vault, service)
    check = Check(plans[0].board.path, ready.catalog, Path.cwd(), given)
    return pin_step(plans, step, take, takes, Path.cwd(), check)
