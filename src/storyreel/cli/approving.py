"""
Approve what was made so far: at the terminal that shoots, or by a command of its own, from any machine with the vault.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.live import Live

from storyreel.catalog import load_catalog
from storyreel.cli.screen import counted, say
from storyreel.errors import AwaitingApproval, SettingsError
from storyreel.plan import within
from storyreel.reel import Gate, Plan, dollars
from storyreel.settings import read_settings
from storyreel.studio.approving import Standing, Word, approve, approve_command, awaits, files, gate_of
from storyreel.studio.asked import service_asked
from storyreel.studio.forecast import Forecast, forecast
from storyreel.studio.reading import read_plan
from storyreel.studio.review import Review, behind
from storyreel.vault import Vault, open_vault

# --- while it is shot ----------------------------------------------------------------------------------------------


class AtTheTerminal:
    """Asks whoever shoots: shows what was made and what would follow, and waits for a `y`."""

    def __init__(self, plan: Plan, vault: Vault, console: Console, display: Live | None) -> None:
        self._plan = plan
        self._vault = vault
        self._console = console
        self._display = display

    async def __call__(self, review: Review) -> Word:
        """Return what the person said; anything but a yes is a no."""
        if self._display is not None:
            self._display.stop()
        await _show(self._console, self._plan, self._vault, review)
        them = f"these {review.what}" if len(review.looks) > 1 else f"this {review.what.removeprefix('1 ')}"
        _forget_what_was_typed()
        say(self._console, f"approve {them} and go on ({review.what_follows})? [y/N] ", end="")
        word = Word((await _answer()).strip().lower() in ("y", "yes"), person())
        if self._display is not None and word.approve:
            self._display.start(refresh=True)
        return word


class Elsewhere:
    """Asks nobody, since nobody is there: says by which commands a person approves and goes on."""

    def __init__(self, plan: Plan, vault: Vault, console: Console, approve: str, go_on: str) -> None:
        self._plan = plan
        self._vault = vault
        self._console = console
        self._approve = approve
        self._go_on = go_on

    async def __call__(self, review: Review) -> Word:
        """
        Show what waits.

        Raises:
            AwaitingApproval: Always.
        """
        await _show(self._console, self._plan, self._vault, review)
        raise AwaitingApproval(
            f"{awaits(review)} ({review.what_follows}). Look at what was made, approve it, and shoot again:\n"
            f"  {self._approve}\n  {self._go_on}"
        )


async def _show(console: Console, plan: Plan, vault: Vault, review: Review) -> None:
    say(console)
    for look, path in await files(plan, vault, review):
        say(console, f"  {look.step}  {path}")
    say(console, f"{review.what}, {dollars(review.charged_ticks)} so far")


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
    board: Path, only: Sequence[str], gate: Gate | None, vault: str | None, sandbox: bool, console: Console
) -> int:
    """
    Approve what a storyboard's takes show now; return the exit code.

    Raises:
        SettingsError: The storyboard wants no approval (there), or what is to be approved is not made yet.
    """
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    storyboard, plan = read_plan(board, catalog, only)
    wanted = storyboard.review
    if wanted is None:
        raise SettingsError(f"{board} wants no approval: it has no `review: before-video` or `review: before-final`")
    if gate not in (None, wanted):
        raise SettingsError(f"{board} waits at {wanted} and not at {gate}")
    kept = open_vault(vault or settings.vault, cache=settings.cache)

    async def written_down() -> tuple[Review, str | None]:
        service = await service_asked(settings, catalog, sandbox=sandbox)
        allowed = within(plan, only)
        outlook = await forecast(plan, kept, service, allowed=allowed)
        standing = await gate_of(plan, kept, service, outlook, allowed=allowed)
        if standing is None:
            raise SettingsError(f"{board} has nothing to approve {wanted.replace('-', ' ')}: none of it is generated")
        if standing.review is None:
            here = approve_command(board, only=only, vault=vault, sandbox=sandbox)
            shoot = here.replace("storyreel approve", "storyreel shoot", 1)
            missing = "; ".join(f"{said.step.id} ({said.why})" for said in standing.missing)
            raise SettingsError(
                f"not everything is made that is to be approved: {missing}; make it first with: {shoot}"
            )
        await _show(console, plan, kept, standing.review)
        if standing.approval is None:
            await approve(kept, standing.review, Word(True, person()), "command")
            return standing.review, None
        return standing.review, f"{standing.approval.by}, {standing.approval.at:%Y-%m-%d %H:%M} UTC"

    review, before = asyncio.run(written_down())
    say(console, f"{review.what} {'approved' if before is None else f'approved before by {before}'}")
    say(console, f"request ids: {', '.join(review.shown)}")
    if not _resume_waiting(review, console):
        say(console, f"the next run goes on from here: {review.what_follows}")
    return 0


def _resume_waiting(review: Review, console: Console) -> bool:
    """Resume the runs that are suspended for exactly this, if a Prefect server is known; say whether there were any."""
    import httpx

    from storyreel.cli.finding import data_home, desk_here
    from storyreel.desk.home import leave_the_folder, named_server

    desk = desk_here()
    if desk is None and named_server(os.environ) is None:
        return False
    leave_the_folder(Path.cwd(), data_home(), desk.variables() if desk else None)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    try:
        resumed = asyncio.run(_resume(review))
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
    service: str,
    only: Sequence[str],
    approve: str,
) -> tuple[Plan, tuple[Forecast, ...]]:
    """Return a plan with a note on what has to be approved, and its outlook with the steps that wait for that."""
    standing = await gate_of(plan, vault, service, outlook, allowed=within(plan, only))
    if standing is None or standing.approval is not None:
        return plan, tuple(outlook)
    held = behind(plan)
    told = tuple(
        replace(said, why=f"{said.why}, after approval") if said.buys and said.step.id in held else said
        for said in outlook
    )
    note = _note(plan, standing, approve)
    return replace(plan, board=replace(plan.board, notes=(*plan.board.notes, note))), told


def _note(plan: Plan, standing: Standing, approve: str) -> str:
    if standing.review is not None:
        return f"review: {awaits(standing.review)}; look at what was made, and then: {approve}"
    what = "these stills" if plan.board.review == "before-video" else "these clips"
    missing = counted(len(standing.missing), "step")
    return f"review: a run makes {missing} first, and then waits until a person approves {what}: {approve}"
