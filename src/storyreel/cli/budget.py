"""
Show what all runs of a vault have spent together, and what is left of the caps: `storyreel budget`.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from rich.console import Console
from rich.text import Text

from storyreel.catalog import load_catalog
from storyreel.cli.arguments import Json, VaultAddress, switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.cli.render import amount, notes, print_json, print_prose, print_table
from storyreel.console import counted, say
from storyreel.production.budget_data import BudgetData, Held, Use, budget_data
from storyreel.production.reserve import caps_of, today
from storyreel.production.service import service_asked
from storyreel.settings import read_settings, vault_from
from storyreel.settings.user_file import user_file_path
from storyreel.variables.table import CAP_DAY, CAP_MONTH
from storyreel.vault import open_vault
from storyreel.vault.cap import Caps

SHOWN = 12
"""How many of those that are held are shown one by one."""


def budget(
    *,
    vault: VaultAddress = None,
    sandbox: Annotated[bool, switch("--sandbox", "Show what was rehearsed, which has caps of its own.")] = False,
    as_json: Json = False,
) -> int:
    """
    Show what is spent, held and left of the caps of a day and a month, over all runs of a vault, in UTC.

    A cap is raised by a person alone, where it is said: STORYREEL_CAP_DAY and STORYREEL_CAP_MONTH, or a file of settings.

    Example: storyreel budget
    """
    settings = read_settings()
    caps = caps_of(settings)
    opened = open_vault(vault_from(settings.root, vault or settings.vault), cache=settings.cache, to_look=True)

    async def looked_up() -> BudgetData:
        await say_if_closed(opened)
        service = await service_asked(settings, load_catalog(settings.catalog), opened, sandbox=sandbox)
        return await budget_data(opened, service, caps, today())

    data = asyncio.run(looked_up())
    if as_json:
        print_json(data)
    else:
        show(Screen(), data, caps)
    return 0


def show(console: Console, data: BudgetData, caps: Caps) -> None:
    """Show how far the caps are used, what is held, and where they are raised."""
    whose = "the sandbox" if data.service == "sandbox" else "the real API"
    say(console, f"vault: {data.vault}, {whose}, in UTC")
    if data.day.cap_usd is None and data.month.cap_usd is None:
        print_prose(
            console,
            f"There is no cap. {CAP_DAY.name} and {CAP_MONTH.name} set one, in US dollars, for every process that they are set "
            f"for, and day and month under [cap] in {user_file_path()} for all that you do; what is spent counts from then on.",
        )
        if not data.month.spent_usd + data.month.held_usd:
            return
    rows = [
        [
            Text(f"{when} {use.period}"),
            Text("none" if use.cap_usd is None else amount(use.cap_usd)),
            Text(amount(use.spent_usd)),
            Text(amount(use.held_usd)),
            Text("" if use.left_usd is None else amount(use.left_usd), style="yellow" if use.nearly else ""),
        ]
        for when, use in (("day", data.day), ("month", data.month))
    ]
    print_table(console, ("", "cap", "spent", "held", "left"), rows, numbers=("cap", "spent", "held", "left"), last=10)
    for held in data.held[:SHOWN]:
        say(console, f"held: {amount(held.usd)} of {held.till.removeprefix('cap-')}, {_why(held)}")
    if more := data.held[SHOWN:]:
        say(
            console,
            f"held: {amount(sum(held.usd for held in more))} more, {counted(len(more), 'request')}; --json has all",
        )
    uses = ((data.day, caps.day_by), (data.month, caps.month_by))
    notes(console, *(_nearly(use, raised_by) for use, raised_by in uses if use.nearly))


def _why(held: Held) -> str:
    step = f"{held.step} of {held.board}" if held.board else held.step
    match held.state:
        case "sent":
            return f"{step}: it is under way, or its run was killed and collects it when it is run again"
        case "answer lost":
            return f"{step}: its answer was lost; storyreel resolve says what became of it"
        case "charge not told":
            return f"{step}: the service did not say what it charged, so the estimate stands"
        case "not settled":
            return f"{step}: it has ended, and its run was killed before that was settled, so the estimate stands"
        case "not sent":
            return f"not sent: run {held.run} is about to, or was killed before it did"


def _nearly(use: Use, raised_by: str) -> str:
    remedy = f"a person raises it with {raised_by}, where runs are started"
    if not use.cap_usd:
        return f"the cap of {use.period} is $0.00, so nothing is bought; {remedy}"
    return f"{amount(use.spent_usd + use.held_usd)} of the {amount(use.cap_usd)} of {use.period} are spent or held; {remedy}"
