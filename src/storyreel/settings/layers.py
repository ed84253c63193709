"""
Who says what holds: the environment, else the user's own file for this folder, else the user's own file, else the project's, else nobody,
and then the default. A project only lowers what may be spent.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from storyreel.settings.project_file import Project, project_at
from storyreel.settings.user_file import read_user_file
from storyreel.settings.written import Line
from storyreel.variables.table import BUDGET, CAP_DAY, CAP_MONTH, OUT, TABLE

Source = Literal["environment", "user-project", "user", "project", "default"]
"""Where a value comes from: a variable, the user's own file for one project or for all, the project's file, or nowhere."""
LOWERED = (CAP_DAY, CAP_MONTH)
"""What bounds all runs of a vault, and what a project may lower for its own."""


@dataclass(frozen=True)
class Origin:
    """
    Where a value comes from.

    Args:
        place: `PATH:LINE` of a file; empty otherwise.
        over: What holds elsewhere and was lowered by it, in words; empty otherwise.
    """

    source: Source = "default"
    place: str = ""
    over: str = ""


@dataclass(frozen=True)
class Layers:
    """
    All that is set for a folder, as one environment.

    Args:
        environ: The environment, with what the files say where it says nothing.
        origins: Where each of them comes from, by the names of the variables; what is not there is the default.
        project: The project that the folder belongs to; None where it belongs to none.
        budget: What the project's file says of a run's budget, beside what holds elsewhere; None where it says nothing.
        unused: What the project's file says, and what holds all the same, in words.
    """

    environ: Mapping[str, str]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    project: Project | None = None
    budget: Line | None = None
    unused: tuple[str, ...] = ()


def as_set(environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """
    Return an environment with what the user's own file says for all projects, where it says nothing itself.

    Args:
        environ: An environment; that of this process where it is None.

    Raises:
        SettingsError: The user's own file is wrong.
    """
    env = os.environ if environ is None else environ
    lines = read_user_file(env).general
    if not lines:
        return env
    unset = {each.name for each in TABLE if each.files is not None and not each.text(env)}
    return {**env, **{name: line.text for name, line in lines.items() if name in unset}}


def layers(environ: Mapping[str, str] | None, folder: Path) -> Layers:
    """
    Return all that is set for a folder.

    Args:
        environ: An environment; that of this process where it is None.
        folder: That of a storyboard, or the one that somebody works in, links resolved.

    Raises:
        SettingsError: A file of settings is wrong.
    """
    env = os.environ if environ is None else environ
    users, project = read_user_file(env), project_at(folder)
    texts: dict[str, str] = {}
    origins = {each.name: Origin("environment") for each in TABLE if each.text(env)}

    def say(name: str, text: str, origin: Origin) -> None:
        if name not in origins:
            texts[name], origins[name] = text, origin

    if (of := users.of(folder)) is not None:
        for name, line in of[1].items():
            text = str(of[0] / Path(line.text).expanduser()) if name == OUT.name else line.text
            say(name, text, Origin("user-project", line.place))
    for name, line in users.general.items():
        say(name, line.text, Origin("user", line.place))
    lines = {} if project is None else dict(project.lines)
    budget = lines.pop(BUDGET.name, None)
    unused: list[str] = []
    for variable in LOWERED:
        if variable.name not in lines:
            continue
        line, origin = lines.pop(variable.name), origins.get(variable.name)
        if origin is not None:
            most, lowered = variable.read({**env, **texts}), variable.parse(line.text, variable.name)
            if most is not None and lowered is not None and lowered >= most:
                key = variable.files.key if variable.files is not None else variable.name
                who = origin.place or variable.name
                unused.append(
                    f"{line.place} says {line.text} for {key}, and {who} says {most:g}: a project only lowers it"
                )
                continue
            over = f"{most:g} ({origin.place or variable.name})"
            texts[variable.name], origins[variable.name] = line.text, Origin("project", line.place, over)
        else:
            say(variable.name, line.text, Origin("project", line.place))
    for name, line in lines.items():
        out = project.out if project is not None and name == OUT.name else None
        say(name, str(out) if out is not None else line.text, Origin("project", line.place))
    return Layers({**env, **texts}, origins, project, budget, tuple(unused))


def of_environment(environ: Mapping[str, str] | None) -> Layers:
    """Return what is set where no file has a say."""
    env = os.environ if environ is None else environ
    return Layers(env, {each.name: Origin("environment") for each in TABLE if each.text(env)})
