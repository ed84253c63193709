"""
Approve what was made so far: at the terminal that shoots, or by a command of its own, from any machine with the vault.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live

from storyreel.cli.arguments import Board, Only, Rehearse, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.console import counted, say
from storyreel.delivery.places import film_files
from storyreel.errors import AwaitingApproval, MediaError, SettingsError
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Gate
from storyreel.planning.steps import within
from storyreel.production.approval import status
from storyreel.production.approval.review import Review, behind
from storyreel.production.approval.status import (
    Decision,
    GateState,
    approve_command,
    awaits,
    files,
    gate_of,
    sheet,
    sheet_place,
)
from storyreel.production.outlook import Forecast, forecast
from storyreel.production.prepare import prepare
from storyreel.production.service import service_asked
from storyreel.settings import Settings, read_settings
from storyreel.vault import Vault

# --- while it is shot ----------------------------------------------------------------------------------------------


def approve(
    board: Board,
    /,
    *,
    only: Only = (),
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
    vault: VaultAddress = None,
    out: Annotated[
        Path | None, Parameter(name="--out", help="Folder for the sheet. Default: STORYREEL_OUT, else out.")
    ] = None,
    sandbox: Rehearse = False,
) -> int:
    """
    Approve what a storyboard with `review` has made so far. The next run goes on; one that is suspended is resumed.

    Example: storyreel approve storyboards/ad-spot.yaml
    """
    return approve_board(board, only, gate, vault, sandbox, Screen(), shown=shown, out=out)


class AtTheTerminal:
    """Asks whoever shoots: shows what was made and what would follow, and waits for a `y`."""

    def __init__(
        self, plan: Plan, vault: Vault, console: Console, display: Live | None, out: Path | None = None
    ) -> None:
        self._plan = plan
        self._vault = vault
        self._console = console
        self._display = display
        self._out = out

    async def __call__(self, review: Review) -> Decision:
        """Return what the person said; anything but a yes is a no."""
        if self._display is not None:
            self._display.stop()
        await _show(self._console, self._plan, self._vault, review, self._out)
        decision = await _asked(self._console, review)
        if self._display is not None and decision.approve:
            self._display.start(refresh=True)
        return decision


class WithoutTerminal:
    """Asks nobody, since nobody is there: says by which commands a person approves and goes on."""

    def __init__(
        self,
        plan: Plan,
        vault: Vault,
        console: Console,
        approve: Callable[[Review], str],
        go_on: str,
        out: Path | None = None,
    ) -> None:
        self._plan = plan
        self._vault = vault
        self._console = console
        self._approve = approve
        self._go_on = go_on
        self._out = out

    async def __call__(self, review: Review) -> Decision:
        """
        Show what waits.

        Raises:
            AwaitingApproval: Always.
        """
        await _show(self._console, self._plan, self._vault, review, self._out)
        raise AwaitingApproval(
            f"{awaits(review)} ({review.what_follows}). Look at what was made, approve it, and shoot again:\n"
            f"  {self._approve(review)}\n  {self._go_on}"
        )


async def _show(console: Console, plan: Plan, vault: Vault, review: Review, out: Path | None) -> None:
    """Show exactly what would be approved: each file, and all of them on one sheet."""
    say(console)
    shown = await files(plan, vault, review)
    for look, path in shown:
        say(console, f"  {look.step}  {path}")
    settings = read_settings()
    out = out or settings.out
    drawn = sheet_place(film_files(out, plan.board.slug, review.service).film, review)
    try:
        await sheet(shown, drawn)
    except MediaError as error:
        say(console, f"  (no sheet of them could be drawn: {' '.join(str(error).split())})")
    else:
        say(console, f"  sheet  {drawn}")
        if served := _films_url(settings, out):
            say(console, f"  page   {served}/{quote(drawn.parent.name)}/{quote(drawn.name)}")
    say(console, f"{review.what}, {review.so_far}")


def _films_url(settings: Settings, out: Path) -> str | None:
    """Return where the folder of films is served, if it is."""
    from storyreel.desk.discovery import running_desk

    if settings.films_url is not None:
        return settings.films_url
    desk = running_desk()
    return desk.films if desk is not None and out.absolute() == Path(desk.out) else None


async def _asked(console: Console, review: Review) -> Decision:
    """Ask whoever is at the terminal; anything but a yes to this question is a no."""
    them = f"these {review.what}" if len(review.looks) > 1 else f"this {review.noun}"
    _forget_what_was_typed()
    say(console, f"approve {them} and go on ({review.what_follows})? [y/N] ", end="")
    return Decision((await _answer()).strip().lower() in ("y", "yes"), person())


def _forget_what_was_typed() -> None:
    """Throw away what was typed before the question: it is no answer to it."""
    with suppress(ImportError, OSError):
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


async def _answer() -> str:
    """Read one line from the terminal."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def typed() -> None:
        if not line.done():
            line.set_result(sys.stdin.readline())

    # A thread that reads could not be stopped by Ctrl-C.
    loop.add_reader(sys.stdin.fileno(), typed)
    try:
        return await line
    finally:
        loop.remove_reader(sys.stdin.fileno())


def person() -> str:
    """Return who sits here, as far as the machine knows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = "somebody"
    return f"{name}@{platform.node()}"


# --- afterwards ----------------------------------------------------------------------------------------------------


def approve_board(
    board: Path,
    only: Sequence[str],
    gate: Gate | None,
    vault: str | None,
    sandbox: bool,
    console: Console,
    *,
    shown: str | None = None,
    out: Path | None = None,
) -> int:
    """
    Approve what a person was shown; return the exit code.

    Args:
        shown: The beginning of the identity of what they were shown before, at least 12 characters. Without it they are
            shown what is there now, and asked.
        out: Folder for the sheet.

    Raises:
        SettingsError: The storyboard wants no approval (there), or what is to be approved is not made yet.
        AwaitingApproval: Nobody can be asked here, or what was shown is not what is there now. Nothing was written.
    """
    ready = prepare(board, only=only, vault=vault, out=out)
    settings, catalog, plan, opened = ready.settings, ready.catalog, ready.plan, ready.vault
    wanted = plan.board.review
    if wanted is None:
        raise SettingsError(f"{board} wants no approval: it has no `review: before-video` or `review: before-final`")
    if gate not in (None, wanted):
        raise SettingsError(f"{board} waits at {wanted} and not at {gate}")
    if shown is not None and not re.fullmatch("[0-9a-f]{12,64}", shown):
        raise SettingsError(
            f"--as {shown}: that is not how a set is called; take it as `shoot` or `approve` printed it"
        )

    async def stands() -> GateState:
        service = await service_asked(settings, catalog, opened, sandbox=sandbox)
        allowed = ready.allowed
        outlook = await forecast(plan, opened, service, allowed=allowed)
        state = await gate_of(plan, opened, service, outlook, allowed=allowed)
        if state is None:
            raise SettingsError(f"{board} has nothing to approve {wanted.replace('-', ' ')}: none of it is generated")
        return state

    async def settled() -> int:
        state = await stands()
        review = state.review
        if review is None:
            here = approve_command(board, only=only, vault=vault, sandbox=sandbox)
            shoot = here.replace("storyreel approve", "storyreel shoot", 1)
            missing = "; ".join(f"{each.step.id} ({each.why})" for each in state.missing)
            raise SettingsError(
                f"not everything is made that is to be approved: {missing}; make it first with: {shoot}"
            )
        await _show(console, plan, opened, review, out)
        how = approve_command(board, only=only, vault=vault, sandbox=sandbox, shown=review)
        if shown is not None and not review.identity.startswith(shown):
            raise AwaitingApproval(
                f"what {shown} was is not what is there now: something was made again, or the storyboard was changed, so "
                f"nothing was approved. Look at what is there now, and approve it:\n  {how}"
            )
        if state.approval is not None:
            before = f"approved before by {state.approval.by}, {state.approval.at:%Y-%m-%d %H:%M} UTC"
            return await _go_on(review, before, console)
        decision = Decision(True, person())
        if shown is None:
            if not (sys.stdin.isatty() and console.is_terminal):
                raise AwaitingApproval(
                    f"{awaits(review)} ({review.what_follows}). Look at what was made, and approve it:\n  {how}"
                )
            decision = await _asked(console, review)
        if not decision.approve:
            say(console, "Not approved; nothing was written.")
            return 1
        await status.approve(opened, review, decision, "command")
        return await _go_on(review, "approved", console)

    return asyncio.run(settled())


async def _go_on(review: Review, became: str, console: Console) -> int:
    """Say what became of a review, and have go on what waits for it."""
    say(console, f"{review.what} {became}")
    say(console, f"request ids: {', '.join(review.shown)}")
    if not await _resume_waiting(review, console):
        say(console, f"the next run goes on from here: {review.what_follows}")
    return 0


async def _resume_waiting(review: Review, console: Console) -> bool:
    """Resume the runs that are suspended for exactly this, if a Prefect server is known; say whether there were any."""
    import httpx

    from storyreel.desk.discovery import data_home, desk_here
    from storyreel.desk.home import leave_the_folder, named_server

    desk = desk_here()
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


async def with_review(
    plan: Plan,
    outlook: Sequence[Forecast],
    vault: Vault,
    service: ServiceName,
    only: Sequence[str],
    approve: str,
) -> tuple[Plan, tuple[Forecast, ...]]:
    """Return a plan with a note on what has to be approved, and its outlook with the steps that wait for that."""
    state = await gate_of(plan, vault, service, outlook, allowed=within(plan, only))
    if state is None or state.approval is not None:
        return plan, tuple(outlook)
    held = behind(plan)
    gated = tuple(
        replace(each, why=f"{each.why}, after approval") if each.buys and each.step.id in held else each
        for each in outlook
    )
    note = _note(plan, state, approve)
    return replace(plan, board=replace(plan.board, notes=(*plan.board.notes, note))), gated


def _note(plan: Plan, state: GateState, approve: str) -> str:
    if state.review is not None:
        return f"review: {awaits(state.review)}; look at what was made, and then: {approve}"
    what = "these stills" if plan.board.review == "before-video" else "these clips"
    missing = counted(len(state.missing), "step")
    return f"review: a run makes {missing} first, and then waits until a person approves {what}: {approve}"
