"""
Approve what was made so far, from any machine with the vault: `storyreel approve`.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from storyreel.cli.approvers import asked, person, show
from storyreel.cli.arguments import Board, Deliver, Rehearsals, Variants, Vars, VaultAddress, given_vars, switch
from storyreel.cli.errors import Screen
from storyreel.cli.single_stills import SingleStills
from storyreel.console import say
from storyreel.errors import AwaitingApproval, SettingsError, StoryreelError
from storyreel.model.storyboard import Gate
from storyreel.production.approval import status
from storyreel.production.approval.review import Review
from storyreel.production.approval.status import (
    GateState,
    approve_command,
    awaits,
    gate_of,
)
from storyreel.production.approval.stills import Decision
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Prepared, Reading, prepare_all
from storyreel.production.service import service_asked
from storyreel.production.summary import one_below_the_other
from storyreel.variables.table import OUT


def approve(
    board: Board,
    /,
    *,
    only: Annotated[
        tuple[str, ...],
        switch("--only", "Approve the stills of this scene only, as `shoot --only` made them. May be repeated."),
    ] = (),
    still: Annotated[
        tuple[str, ...],
        switch(
            "--still",
            "Approve this still alone: a step, door/still, or a request id, for exactly the still that you have seen. May be repeated; "
            "once each is approved the set is.",
        ),
    ] = (),
    reject: Annotated[
        tuple[str, ...],
        switch(
            "--reject",
            "Reject this still: nothing that follows is sent until it is made again, or approved. May be repeated.",
        ),
    ] = (),
    note: Annotated[
        str, Parameter(help="With --still or --reject: a word on why, which is kept with it.", show_default=False)
    ] = "",
    gate: Annotated[
        Gate | None, Parameter(help="Where it waits. Default: where the storyboard's `review` says.")
    ] = None,
    shown: Annotated[
        str | None,
        Parameter(
            name="--as",
            help="What was shown, as `shoot` or `approve` printed it: exactly that is approved. Without it you are shown "
            "what is there and asked; where nobody can be asked, the command to approve it is printed (exit code 8).",
        ),
    ] = None,
    variant: Variants = (),
    deliver: Deliver = (),
    var: Vars = (),
    vault: VaultAddress = None,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder for the sheet. {OUT.in_help}")] = None,
    sandbox: Rehearsals = False,
) -> int:
    """
    Approve what a storyboard with `review` has made so far. The next run goes on; one that is suspended is resumed.

    Example: storyreel approve storyboards/reviewed/mascot.yaml --sandbox
    """
    return approve_board(
        board,
        only,
        gate,
        vault,
        sandbox,
        Screen(),
        still=still,
        reject=reject,
        note=note,
        shown=shown,
        out=out,
        given=given_vars(var),
        deliver=deliver,
        variant=variant,
    )


def approve_board(
    board: Path,
    only: Sequence[str],
    gate: Gate | None,
    vault: str | None,
    sandbox: bool,
    console: Console,
    *,
    still: Sequence[str] = (),
    reject: Sequence[str] = (),
    note: str = "",
    shown: str | None = None,
    out: Path | None = None,
    given: Mapping[str, str] | None = None,
    deliver: Sequence[str] = (),
    variant: Sequence[str] = (),
) -> int:
    """
    Approve what a person was shown; return the exit code.

    Args:
        still: Stills that are approved by themselves, and `reject` those that are rejected; `note` is kept with each.
        shown: The beginning of the identity of what they were shown before, at least 12 characters. Without it they are
            shown what is there now, and asked.
        out: Folder for the sheet.
        given: Texts for the storyboard's variables.
        deliver: The films that it is about, by name; all if empty.
        variant: The variants that it is about, by name; all if empty, one after the other.

    Raises:
        SettingsError: The storyboard wants no approval (there), or what is to be approved is not made yet.
        AwaitingApproval: Nobody can be asked here, or what was shown is not what is there now. Nothing was written.
    """

    def check(reading: Reading) -> None:
        wanted = reading.plan.board.review
        if not wanted:
            raise SettingsError(
                f"{board} wants no approval: it has no `review: before-video`, `review: before-final` or `review: on-fault`"
            )
        if gate is not None and gate not in wanted:
            raise SettingsError(f"{board} waits at {', '.join(wanted)} and not at {gate}")
        if shown is not None and not re.fullmatch("[0-9a-f]{12,64}", shown):
            raise SettingsError(
                f"--as {shown}: that is not how a set is called; take it as `shoot` or `approve` printed it"
            )

    every = prepare_all(
        board,
        only=only,
        variant=variant,
        deliver=deliver,
        vault=vault,
        out=out,
        root=Path.cwd(),
        given=given,
        check=check,
    )
    # Nobody looks at what they may not answer.
    asyncio.run(every[0].vault.closing.check())
    if still or reject:
        single = SingleStills(console, still, reject, note=note, vault=vault, sandbox=sandbox, shown=shown)
        return asyncio.run(_single(single, every, console))
    if note:
        raise SettingsError("--note is said of single stills: name them with --still or --reject")
    asking = _Asking(console, vault=vault, sandbox=sandbox, shown=shown, gate=gate)
    return asyncio.run(asking.settled(every[0]) if len(every) == 1 else asking.all_settled(every))


@dataclass(frozen=True)
class _Asking:
    """Asks a person for what was made of storyboards."""

    console: Console
    _: KW_ONLY
    vault: str | None
    sandbox: bool
    shown: str | None
    gate: Gate | None = None

    async def all_settled(self, every: Sequence[Prepared]) -> int:
        """
        Ask for each variant, one after the other. What was shown before is that of one of them.

        Raises:
            SettingsError, AwaitingApproval: None of them could be approved.
        """
        if self.shown is not None:
            reviews = [(each, (await self._stands(each)).review) for each in every]
            meant = [each for each, review in reviews if review is not None and review.identity.startswith(self.shown)]
            return await self.settled((meant or every)[0])
        codes, errors = list[int](), dict[str, StoryreelError]()
        for each in every:
            name = each.plan.board.variant
            say(self.console, (name, "bold"))
            try:
                codes.append(await self.settled(each))
            except (SettingsError, AwaitingApproval) as error:
                errors[name] = error
        if not errors:
            return max(codes)
        words = one_below_the_other([f"{name}: {error}" for name, error in errors.items()])
        raise type(next(iter(errors.values())))(words)

    async def _stands(self, ready: Prepared) -> GateState:
        plan, board = ready.plan, ready.plan.board
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=self.sandbox)
        outlook = await forecast(plan, ready.vault, service, allowed=ready.allowed)
        state = await gate_of(plan, ready.vault, service, outlook, allowed=ready.allowed, gate=self.gate)
        if state is None:
            raise SettingsError(
                f"{board.path} has nothing to approve {nothing_to_approve(self.gate or board.review[0])}"
            )
        return state

    async def settled(self, ready: Prepared) -> int:
        """Show what was made of one storyboard, and write down that it is approved; return the exit code."""
        plan, console, shown = ready.plan, self.console, self.shown
        state = await self._stands(ready)
        review = state.review
        if review is None:
            here = approve_command(plan, only=ready.only, vault=self.vault, sandbox=self.sandbox)
            shoot = here.replace("storyreel approve", "storyreel shoot", 1)
            missing = "; ".join(f"{each.step.id} ({each.why})" for each in state.missing)
            raise SettingsError(
                f"not everything is made that is to be approved: {missing}; make it first with: {shoot}"
            )
        await show(console, ready, review)
        how = approve_command(plan, only=ready.only, vault=self.vault, sandbox=self.sandbox, shown=review)
        if shown is not None and not review.identity.startswith(shown):
            raise AwaitingApproval(
                f"what {shown} was is not what is there now: something was made again, or the storyboard was changed, so "
                f"nothing was approved. Look at what is there now, and approve it:\n  {how}"
            )
        if state.approval is not None:
            before = f"approved before by {state.approval.by}, {state.approval.at:%Y-%m-%d %H:%M} UTC"
            return await _go_on(review, before, ready.settings.project, console)
        decision = Decision(True, person())
        if shown is None:
            if not (sys.stdin.isatty() and console.is_terminal):
                raise AwaitingApproval(
                    f"{awaits(review)} (with an approval: {review.what_follows}). Look at what was made, and approve it:\n  {how}"
                )
            decision = await asked(console, review)
        if not decision.approve:
            say(console, "Not approved; nothing was written.")
            if review.gate == "before-video":
                say(console, "Single ones are approved by --still STEP and rejected by --reject STEP.")
            return 1
        await status.approve(plan, ready.vault, review, decision, "command")
        return await _go_on(review, "approved", ready.settings.project, console)


def nothing_to_approve(gate: Gate) -> str:
    """Return why nothing is to be approved at a gate, as the end of a sentence."""
    if gate == "on-fault":
        return "on a fault: nothing is to be bought on a take that has a mark and no approval"
    return f"{gate.replace('-', ' ')}: none of it is generated"


async def _single(single: SingleStills, every: Sequence[Prepared], console: Console) -> int:
    """Write down what a person said of single stills; what is open by that goes on."""
    code, opened = await single.of(every)
    return max([code, *[await _go_on(review, "approved", every[0].settings.project, console) for review in opened]])


async def _go_on(review: Review, became: str, project: Path | None, console: Console) -> int:
    """Say what became of a review, and have go on what waits for it."""
    say(console, f"{review.what} {became}")
    say(console, f"request ids: {', '.join(review.shown)}")
    if not await _resume_waiting(review, project, console):
        say(console, f"the next run goes on from here: {review.what_follows}")
    return 0


async def _resume_waiting(review: Review, project: Path | None, console: Console) -> bool:
    """Resume the runs that are suspended for exactly this, if a Prefect server is known; say whether there were any."""
    import httpx

    from storyreel.desk.discovery import data_home, desk_here
    from storyreel.desk.home import leave_the_folder
    from storyreel.desk.named_server import named_server

    # What waits may have been begun at the user's own desk, too.
    desk = desk_here(project) or desk_here()
    if desk is None and named_server(os.environ) is None:
        return False
    leave_the_folder(Path.cwd(), data_home(), desk.variables() if desk else None)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    try:
        resumed = await _resume(review)
    except (httpx.HTTPError, RuntimeError) as error:
        why = " ".join(str(error).split())
        say(
            console,
            f"approved all the same, but Prefect did not answer ({why}); a suspended run goes on after Resume on its page",
        )
        return False
    for name in resumed:
        say(console, f"resumed: run {name}")
    return bool(resumed)


async def _resume(review: Review) -> list[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.responses import SetStateStatus

    paused = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    resumed = []
    async with get_client() as client:
        for run in await client.read_flow_runs(flow_run_filter=paused):
            key = run.state.state_details.pause_key if run.state is not None else None
            if key is not None and key.startswith(f"{review.key}-"):
                answer = await client.resume_flow_run(run.id, run_input={"approve": True, "by": person()})
                if answer.status == SetStateStatus.ACCEPT:
                    resumed.append(f"{run.name} ({run.id})")
    return resumed


# --- foreseen ------------------------------------------------------------------------------------------------------
