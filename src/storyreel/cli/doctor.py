"""
Look at all that a shoot needs, before one: `storyreel doctor`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from storyreel.cli.arguments import Json, Rehearse, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json, print_table
from storyreel.console import counted, say
from storyreel.variables.table import OUT

if TYPE_CHECKING:
    from storyreel.model.plan import Plan
    from storyreel.production.doctor_data import DoctorData
    from storyreel.production.preflight.finding import Check, Finding

COLOURS = {"ok": "green", "note": "yellow", "fault": "red"}


def doctor(
    board: Annotated[Path | None, Parameter(help="A storyboard, whose own files and models are looked at too.")] = None,
    /,
    *,
    vault: VaultAddress = None,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder for films. {OUT.in_help}")] = None,
    sandbox: Rehearse = False,
    as_json: Json = False,
) -> int:
    """
    Look at all that a shoot needs: the key, models, files, folders, the vault, ffmpeg, disks, clock, Prefect and the desk.

    Nothing is bought, and nothing stays of what is tried. Each line says what it means and what to do: `ok`, `note` for what stops nothing,
    `fault` for what a shoot would stop at. The exit code is that of the first fault: 2 settings, 3 service, 4 media, 5 vault.

    Example: storyreel doctor storyboards/lighthouse.yaml
    """
    from storyreel.production.doctor_data import doctor_data

    data = doctor_data(asyncio.run(_findings(board, vault, out, sandbox=sandbox)))
    if as_json:
        print_json(data)
    else:
        show(Screen(), data)
    return data.exit_code


def show(console: Console, data: DoctorData) -> None:
    """Show what was looked at, a row each."""
    rows = []
    for each in data.checks:
        words = Text(each.words)
        if each.remedy:
            words.append(f"\n{each.remedy}", "dim" if each.state == "ok" else "bold")
        rows.append([Text(each.state, COLOURS[each.state]), Text(each.about), words])
    print_table(console, ("", "what", "how it stands, and what to do"), rows, last=40)
    faults = sum(each.state == "fault" for each in data.checks)
    remarks = sum(each.state == "note" for each in data.checks)
    beside = f", {counted(remarks, 'note')}" if remarks else ""
    if faults:
        say(console, f"\n{counted(faults, 'fault')}{beside}: a shoot would stop.")
    else:
        say(console, f"\nNothing stands in the way of a shoot{beside}.")


async def _findings(board: Path | None, vault: str | None, out: Path | None, *, sandbox: bool) -> Sequence[Finding]:
    """Return what all checks have seen. Where the settings are wrong, what does not need them is looked at all the same."""
    from storyreel.catalog import load_catalog
    from storyreel.desk.standing import look_at_desk, look_at_server
    from storyreel.errors import SettingsError, SettingsFileError, StoryreelError
    from storyreel.production.preflight import access, machine
    from storyreel.production.preflight import board as of_board
    from storyreel.production.preflight import vault as vault_findings
    from storyreel.production.preflight.finding import CHECK_S, fault, in_thread, looked_at, note, ok
    from storyreel.production.read_plan import read_plans
    from storyreel.production.settings_notes import not_read
    from storyreel.settings import read_settings

    folder = Path.cwd() if board is None else Path.cwd() / board.parent
    first: list[Finding] = [note("settings", line) for line in not_read(folder)]
    machines: dict[str, Check] = {
        "ffmpeg": partial(in_thread, machine.look_at_ffmpeg),
        "fonts": partial(in_thread, machine.look_at_fonts),
    }
    try:
        settings = read_settings(folder=folder)
        settings = settings.with_out(Path(out or settings.out))
        catalog = load_catalog(settings.catalog)
    except SettingsError as error:
        lines = error.lines if isinstance(error, SettingsFileError) else (str(error),)
        faults = [fault("settings", SettingsError, line) for line in lines]
        rest = note("settings", "key, vault, folders and desk were not looked at, since the settings are wrong")
        return [*first, *faults, rest, *await looked_at(machines)]
    files = f"of the project {settings.project} and of your own" if settings.project is not None else "of your own"
    first.append(ok("settings", f"what is set {files} makes sense; storyreel settings shows who says what"))
    plans: Sequence[Plan] = ()
    if board is not None:
        try:
            plans = await asyncio.wait_for(in_thread(partial(read_plans, board, catalog, root=Path.cwd())), 4 * CHECK_S)
            first.append(ok("storyboard", f"{board} is right"))
        except TimeoutError:
            first.append(fault("storyboard", StoryreelError, f"{board} was not read in {4 * CHECK_S:g} s"))
        except StoryreelError as error:
            first.append(fault("storyboard", error, remedy=f"storyreel check {board} shows each place"))
    wanted = tuple(
        dict.fromkeys(
            str(step.recipe.body["model"]) for plan in plans for step in plan.steps if "model" in step.recipe.body
        )
    )
    films, project = settings.root / settings.out, settings.project

    async def at_once(look: Check | Sequence[Finding]) -> Sequence[Finding]:
        return look if isinstance(look, Sequence) else await look()

    checks: dict[str, Check] = {
        "access": partial(access.access, settings, catalog, sandbox=sandbox),
        "models": partial(access.models, settings, catalog, sandbox=sandbox, wanted=wanted),
        "mode": partial(access.mode, settings, catalog, sandbox=sandbox),
        **({"media": partial(of_board.media, plans, settings.cache)} if plans else {}),
        "signing": partial(in_thread, partial(of_board.look_at_signing, plans)),
        "output": partial(in_thread, partial(machine.look_at_out, films)),
        "failure policy": partial(at_once, of_board.failure_policy(settings, plans, sandbox=sandbox)),
        "safety": partial(in_thread, partial(vault_findings.safety, settings, vault)),
        **machines,
        "disk": partial(
            in_thread,
            partial(machine.look_at_disk, _places(settings.root, vault or settings.vault, films, settings.cache)),
        ),
        "vault": partial(in_thread, lambda: asyncio.run(vault_findings.vault(settings, vault))),
        "Prefect's server": partial(in_thread, partial(look_at_server, project)),
        "desk": partial(in_thread, partial(look_at_desk, project)),
    }
    # To decode long clips takes as long as it takes: a shoot waits for it as well.
    patience = CHECK_S * (8 if plans else 1)
    return [*first, *await looked_at(checks, patience)]


def _places(root: Path, vault: str, films: Path, cache: Path) -> dict[str, Path]:
    from storyreel.production.preflight.vault import place_of
    from storyreel.settings import vault_from

    folder = place_of(vault_from(root, vault))
    return {**({"the vault": folder} if folder is not None else {}), "films": films, "what can be made again": cache}
