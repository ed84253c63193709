"""
Show what storyreel takes from the environment: `storyreel settings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import Field
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storyreel.cli.arguments import Json
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.errors import SettingsError
from storyreel.model.recipe import Frozen
from storyreel.settings import masked
from storyreel.variables.table import TABLE
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
    source: Annotated[Literal["environment", "default"], Field(description="Where the value comes from.")]
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
    """Every variable that storyreel reads."""

    version: Literal[1] = 1
    settings: tuple[SettingData, ...]


def settings(*, as_json: Json = False) -> int:
    """
    Show every variable that storyreel reads: what it holds, whether that is set or the default, and what it is for.

    What is secret is not shown. A value that makes no sense is told, and then the exit code is 2.

    Example: storyreel settings
    """
    data = settings_data()
    if as_json:
        print_json(data)
    else:
        show(Screen(), data)
    return SettingsError.exit_code if any(each.problem for each in data.settings) else 0


def settings_data(environ: Mapping[str, str] | None = None) -> SettingsData:
    """
    Return every variable that storyreel reads, with what it holds.

    Args:
        environ: An environment; that of this process where it is None.
    """
    return SettingsData(settings=tuple(_setting(variable, environ) for variable in TABLE))


def _setting(variable: Variable[object], environ: Mapping[str, str] | None) -> SettingData:
    value, problem = None, None
    try:
        value = in_words(variable.read(environ)) or None
    except SettingsError as error:
        problem = masked(str(error))
    if variable.secret and problem is None:
        value = "set" if value else "not set"
    return SettingData(
        name=variable.name,
        value=shown(value) if value else None,
        source="environment" if variable.text(environ) else "default",
        problem=problem,
        meaning=variable.meaning,
        values=variable.values,
        default=variable.default,
        option=variable.option or None,
        commands=variable.commands,
        ours=variable.ours,
    )


def shown(value: str) -> str:
    """Return a value as it may be seen: what looks like an address with a name or a password has neither any more."""
    path = value.startswith(("/", "~", "file:")) and not value.startswith("//")
    if path or value in ("set", "not set"):
        return value
    plain = unquote(value)
    scheme = re.match(r"[A-Za-z0-9+.-]+:/+", plain)
    hidden = f"{scheme[0] if scheme else ''}***{plain[plain.rfind('@') :]}" if "@" in plain else value
    return f"{hidden.partition('?')[0]}?***" if "?" in hidden else masked(hidden)


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
        source = Text(each.source, style="green" if each.source == "environment" else "")
        value = Text.assemble(
            (each.problem, "red") if each.problem else each.value or each.default,
            "\n",
            (f"{each.meaning}{before}", "dim"),
        )
        if console.width < NARROW:
            console.print(Text.assemble((each.name, "bold"), "  ", source), value, "", sep="\n")
        else:
            table.add_row(Text(each.name), value, source)
    if table.row_count:
        console.print(table)
