"""
Show what a vault has cost: `storyreel costs`.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import Json, Rehearsals, VaultAddress, switch


def costs(
    *,
    month: Annotated[str | None, Parameter(help="One month alone, such as 2026-11; months are in UTC.")] = None,
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    as_csv: Annotated[
        bool, switch("--csv", "Print a table for a spreadsheet or a bill: comma-separated, exact.")
    ] = False,
    as_json: Json = False,
) -> int:
    """
    Show what a vault has cost, by month, storyboard, variant and kind of step: what was charged, and what is not known yet.

    Example: storyreel costs --month 2026-11

    Example: storyreel costs --csv > bill.csv
    """
    # What only says how it is called loads nothing of it.
    import asyncio

    from storyreel.cli.costs_screen import HEADS, bill_row, read_vault, show
    from storyreel.cli.csv_out import print_csv
    from storyreel.cli.errors import Screen
    from storyreel.cli.render import print_json
    from storyreel.errors import SettingsError

    if as_csv and as_json:
        raise SettingsError("--csv and --json: say one of them")
    data = asyncio.run(read_vault(vault, sandbox, month))
    if as_json:
        print_json(data)
    elif as_csv:
        print_csv(HEADS, [bill_row(data, row) for row in data.rows])
    else:
        show(Screen(), data)
    return 0
