"""
What a vault has cost, as a person, a program and a spreadsheet read it.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.text import Text

from storyreel.catalog import load_catalog
from storyreel.cli.closed import say_if_closed
from storyreel.cli.csv_out import exact_usd
from storyreel.cli.render import print_prose, print_table
from storyreel.console import counted, say
from storyreel.model.money import TICKS_PER_USD
from storyreel.production.costs_data import CostRow, CostsData, CostSums, costs_data
from storyreel.production.service import service_asked
from storyreel.settings import read_settings, vault_from
from storyreel.vault import open_vault

HEADS = (
    "month",
    "service",
    "board",
    "variant",
    "kind",
    "requests",
    "charged_usd",
    "untold_usd",
    "held_usd",
    "unknown_usd",
)
"""The columns of the table for other programs."""


async def read_vault(address: str | None, sandbox: bool, month: str | None) -> CostsData:
    """Return what a vault has cost: the one at an address, else that of the settings."""
    settings = read_settings()
    opened = open_vault(vault_from(Path.cwd(), address or settings.vault), cache=settings.cache, to_look=True)
    await say_if_closed(opened)
    service = await service_asked(settings, load_catalog(settings.catalog), opened, sandbox=sandbox)
    return await costs_data(opened, service, month)


def bill_row(data: CostsData, row: CostRow) -> list[str | int | Decimal]:
    """Return a row of a bill, in the order of its heads; dollars are exact."""
    ticks = (row.charged_ticks, row.untold_ticks, row.held_ticks, row.unknown_ticks)
    return [row.month, data.service, row.board, row.variant, row.kind, row.requests, *map(exact_usd, ticks)]


def show(console: Console, data: CostsData) -> None:
    """Show what a vault has cost: a row for each storyboard and kind of step, the sums of each month, and of all."""
    whose = "the sandbox, nothing is billed" if data.service == "sandbox" else "the real API"
    say(console, f"vault: {data.vault} ({whose})")
    if not data.rows:
        say(console, f"Nothing was asked for{f' in {data.month}' if data.month else ' yet'}.")
    columns = [
        name for name in ("charged", "untold", "held", "unknown") if name == "charged" or _ticks(data.totals, name)
    ]
    fine = any(_ticks(row, name) % (TICKS_PER_USD // 100) for row in data.rows for name in columns)
    parted = any(row.variant for row in data.rows)
    rows = []
    for month in data.months:
        own = [row for row in data.rows if row.month == month.month]
        rows += [
            [
                Text(row.month),
                Text(row.board or "-"),
                *([Text(row.variant)] if parted else []),
                Text(row.kind),
                *_numbers(row, columns, fine=fine),
            ]
            for row in own
        ]
        if len(own) > 1:
            rows.append(
                [
                    Text(month.month, "bold"),
                    Text("in all", "bold"),
                    *([Text("")] * (1 + parted)),
                    *_numbers(month, columns, fine=fine),
                ]
            )
    if len(data.months) > 1:
        rows.append([Text("in all", "bold"), *([Text("")] * (2 + parted)), *_numbers(data.totals, columns, fine=fine)])
    numbers = ("requests", *(WORDS[name] for name in columns))
    heads = ("month", "board", *(["for"] if parted else []), "kind", *numbers)
    if rows:
        print_table(console, heads, rows, numbers=numbers, last=10)
    for name in columns[1:]:
        print_prose(console, (f"{_amount(_ticks(data.totals, name), fine=fine)} {MEANING[name]}", "yellow"))
    for damaged in data.damaged:
        say(console, (damaged, "red"))
    if data.damaged:
        say(console, f"not in the sums: {counted(len(data.damaged), 'step')} whose records are damaged")


WORDS = {"charged": "charged", "untold": "not told", "held": "under way", "unknown": "unknown"}
MEANING = {
    "untold": "is an estimate: the service did not say what it charged",
    "held": "is an estimate: it is being made, or was not fetched yet",
    "unknown": "is an estimate: it was sent and never answered, so it may be billed",
}


def _ticks(sums: CostSums, name: str) -> int:
    return int(getattr(sums, f"{name}_ticks"))


def _numbers(sums: CostSums, columns: list[str], *, fine: bool) -> list[Text]:
    amounts = [
        _amount(ticks, fine=fine) if (ticks := _ticks(sums, name)) or name == "charged" else "" for name in columns
    ]
    return [Text(str(sums.requests)), *map(Text, amounts)]


def _amount(ticks: int, *, fine: bool) -> str:
    return f"${ticks / TICKS_PER_USD:.{3 if fine else 2}f}"
