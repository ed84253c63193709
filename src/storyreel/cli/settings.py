"""
Show what storyreel is set up with, and where each of it comes from: `storyreel settings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import Field
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storyreel.cli.arguments import Json
from storyreel.cli.errors import Screen
from storyreel.cli.render import notes, print_json, print_prose
from storyreel.errors import SettingsError, SettingsFileError
from storyreel.files.project import project_file
from storyreel.model.money import usd
from storyreel.model.recipe import Frozen
from storyreel.production.budget import DEFAULT_BUDGET_TICKS
from storyreel.production.settings_notes import not_read
from storyreel.settings import Origin, masked
from storyreel.settings.layers import Layers, Source, layers, of_environment
from storyreel.settings.user_file import user_file_path
from storyreel.variables.table import BUDGET, TABLE
from storyreel.variables.variable import Variable, in_words


class SettingData(Frozen):
    """A variable that storyreel reads, and what it holds."""

    name: str
    value: Annotated[
        str | None,
        Field(
            description="What holds now, no password in it; of what is secret: `set` or `not set`. null where nothing does, and where "
            "there is a problem."
        ),
    ]
    source: Annotated[
        Source,
        Field(
            description="Where the value comes from: environment, the variable; user-project, the user's own file for this project; user, "
            "the user's own file for all; project, the project's storyreel.toml; default, nowhere."
        ),
    ]
    place: Annotated[str | None, Field(description="The file and the line that say it; null where no file does.")]
    lowered_from: Annotated[
        str | None,
        Field(description="What holds elsewhere and who says so, where a project has lowered it; null where none has."),
    ]
    problem: Annotated[
        str | None, Field(description="Why what is set makes no sense, and stops the commands that need it.")
    ]
    meaning: str
    values: Annotated[str, Field(description="What it may hold, with unit and range.")]
    default: Annotated[str, Field(description="What holds where it is not set, in words; `~` is the home.")]
    option: Annotated[str | None, Field(description="The option that goes before it.")]
    commands: Annotated[tuple[str, ...], Field(description="The commands that have this option.")]
    ours: Annotated[bool, Field(description="Whether storyreel sets it for processes of its own, and people need not.")]


class SettingsData(Frozen):
    """Every variable that storyreel reads, and the files that have a say."""

    version: Literal[1] = 1
    settings: tuple[SettingData, ...]
    user_file: Annotated[str, Field(description="The user's own settings file, there or not.")]
    project_file: Annotated[
        str | None, Field(description="The file of the project that this folder belongs to; null where there is none.")
    ]
    problems: Annotated[
        tuple[str, ...],
        Field(
            description="What is wrong with the files; while there is anything, they are left out above, and commands stop."
        ),
    ]
    notes: Annotated[
        tuple[str, ...], Field(description="What a file says and what holds all the same, and files that are not read.")
    ]


def settings(*, as_json: Json = False) -> int:
    """
    Show every variable that storyreel reads: what it holds, where that comes from, and what it is for.

    An option goes before a variable, a variable before your own settings file, that before a project's storyreel.toml, and that before the
    default. A project only lowers what may be spent. What is secret is not shown. A value that makes no sense is told, and then the exit code is 2.

    Example: storyreel settings
    """
    data = settings_data()
    if as_json:
        print_json(data)
    else:
        show(Screen(), data)
    return SettingsError.exit_code if data.problems or any(each.problem for each in data.settings) else 0


def settings_data(environ: Mapping[str, str] | None = None) -> SettingsData:
    """
    Return every variable that storyreel reads, with what it holds in the folder of this process.

    Args:
        environ: An environment; that of this process where it is None.
    """
    folder, problems = Path.cwd().resolve(), list[str]()
    try:
        held = layers(environ, folder)
    except SettingsFileError as error:
        problems, held = [*error.lines], of_environment(environ)
    except SettingsError as error:
        problems, held = [str(error)], of_environment(environ)
    mark = project_file(folder)
    budget, note = _budget(held) if held.budget is not None else (None, "")
    return SettingsData(
        settings=tuple(budget if budget and variable is BUDGET else _setting(variable, held) for variable in TABLE),
        user_file=str(user_file_path(environ)),
        project_file=None if mark is None else str(mark),
        problems=tuple(map(masked, problems)),
        notes=(*([note] if note else []), *held.unused, *not_read(folder)),
    )


def _setting(variable: Variable[object], held: Layers) -> SettingData:
    value, problem, origin = None, None, held.origins.get(variable.name, Origin())
    try:
        value = in_words(variable.read(held.environ)) or None
    except SettingsError as error:
        problem = masked(str(error))
    if variable.secret and problem is None:
        value = "set" if value else "not set"
    return SettingData(
        name=variable.name,
        value=shown(value) if value else None,
        source=origin.source,
        place=origin.place or None,
        lowered_from=origin.over or None,
        problem=problem,
        meaning=variable.meaning,
        values=variable.values,
        default=variable.default,
        option=variable.option or None,
        commands=variable.commands,
        ours=variable.ours,
    )


def _budget(held: Layers) -> tuple[SettingData, str]:
    """Return the budget of a run as a project's file has it, and what is to be said where that is more than what holds."""
    assert held.budget is not None
    usual = _setting(BUDGET, held)
    if usual.problem is not None:
        return usual, ""
    most, before = float(held.budget.text), float(usual.value or usd(DEFAULT_BUDGET_TICKS))
    if most >= before:
        return usual, f"{held.budget.place} says a budget of ${most:g}, and ${before:g} holds: a project only lowers it"
    over = f"{before:g} ({usual.place or (BUDGET.name if usual.source == 'environment' else 'the default')})"
    lowered = {"value": in_words(most), "source": "project", "place": held.budget.place, "lowered_from": over}
    return usual.model_copy(update=lowered), ""


def shown(value: str) -> str:
    """Return a value as it may be seen: what looks like an address with a name or a password has neither any more."""
    path = value.startswith(("/", "~", "file:")) and not value.startswith("//")
    if path or value in ("set", "not set"):
        return value
    plain = unquote(value)
    scheme = re.match(r"[A-Za-z0-9+.-]+:/+", plain)
    hidden = f"{scheme[0] if scheme else ''}***{plain[plain.rfind('@') :]}" if "@" in plain else value
    return f"{hidden.partition('?')[0]}?***" if "?" in hidden else masked(hidden)


WORDS: Mapping[Source, str] = {
    "environment": "environment",
    "user-project": "your file, here",
    "user": "your file",
    "project": "the project",
    "default": "default",
}
"""What a screen calls where a value comes from."""
NARROW = 64
"""Columns from which a table of three columns can be read."""


def show(console: Console, data: SettingsData) -> None:
    """Show all variables, those that storyreel sets itself only where they are set; in a narrow terminal one by one."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("variable", no_wrap=True)
    table.add_column("value now, and what it is for", overflow="fold")
    table.add_column("from", no_wrap=True)
    for each in data.settings:
        if each.ours and each.source == "default":
            continue
        before = f" {each.option} goes before it." if each.option else ""
        before += f" Lowered from {each.lowered_from}." if each.lowered_from else ""
        source = Text(WORDS[each.source], style="" if each.source == "default" else "green")
        value = Text.assemble(
            (each.problem, "red") if each.problem else each.value or each.default,
            "\n",
            (f"{each.meaning}{before}", "dim"),
            *((f"\n{each.place}", "green") for _ in range(each.place is not None)),
        )
        if console.width < NARROW:
            console.print(Text.assemble((each.name, "bold"), "  ", source), value, "", sep="\n")
        else:
            table.add_row(Text(each.name), value, source)
    missing = "" if Path(data.user_file).exists() else "\nThere is none yet."
    rows = [("your own file", f"{data.user_file}{missing}")]
    rows += [("project's file", data.project_file)] if data.project_file else []
    for name, words in rows:
        if console.width < NARROW:
            console.print(Text(name, "bold"), words, "", sep="\n")
        else:
            table.add_row(Text(name), Text(words), "")
    if table.row_count:
        console.print(table)
    for problem in data.problems:
        print_prose(console, (problem, "red"))
    notes(console, *data.notes)
