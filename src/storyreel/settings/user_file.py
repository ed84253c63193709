"""
The user's own settings file: for all that they do, or for one project by its folder.

It says where the vault is and which address is asked, so nobody else may be able to write it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from storyreel.errors import SettingsError, SettingsFileError
from storyreel.settings.toml_places import Entry, read_entries
from storyreel.settings.written import Line, Wrong, checked, variables_in_files
from storyreel.systems import knows_users, user
from storyreel.variables.table import CONFIG_HOME
from storyreel.variables.variable import InFiles, Variable

NAME = "settings.toml"
PROJECTS = "projects"
"""The table in which each project has its own settings, by its folder."""


@dataclass(frozen=True)
class UserFile:
    """
    What the user's own file says.

    Args:
        path: Where it is, or would be.
        general: For all that they do, by the names of the variables.
        projects: For some folders alone, and all that is in them.
    """

    path: Path
    general: Mapping[str, Line] = field(default_factory=dict)
    projects: Mapping[Path, Mapping[str, Line]] = field(default_factory=dict)

    def of(self, folder: Path) -> tuple[Path, Mapping[str, Line]] | None:
        """Return what it says for the nearest folder at or above one, with that folder; None where it names none of them."""
        own = max(
            (each for each in self.projects if folder.is_relative_to(each)), default=None, key=lambda at: len(at.parts)
        )
        return None if own is None else (own, self.projects[own])


def user_file_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the user's own settings file is, or would be."""
    return CONFIG_HOME.read(environ) / "storyreel" / NAME


def read_user_file(environ: Mapping[str, str] | None = None) -> UserFile:
    """
    Return what the user's own settings file says; nothing where there is none.

    Raises:
        SettingsError: Somebody else may write it, it cannot be read, or something in it is wrong.
    """
    path = user_file_path(environ)
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return UserFile(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be looked at: {error.strerror}; see who may, or take it away") from None
    _check_writers(path, status)
    return _read(path, (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size))


def _check_writers(path: Path, status: os.stat_result) -> None:
    """Refuse a file that somebody else may write, or put another one in the place of."""
    if not knows_users():
        return
    for place, of in ((path, status), (path.parent, path.parent.stat())):
        what = "file" if place == path else "folder"
        if of.st_uid not in (user(), 0):
            raise SettingsError(
                f"{place} belongs to somebody else, who could have your films go elsewhere; it has to be a {what} of yours: take it away"
            )
        if of.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise SettingsError(
                f"{place} may be written by others, who could have your films and your key go elsewhere: chmod go-w {place}"
            )


@lru_cache(maxsize=4)
def _read(path: Path, _: object) -> UserFile:
    general: list[Entry] = []
    of_projects: dict[str, list[Entry]] = {}
    problems: list[str] = []
    for entry in read_entries(path):
        if entry.names[0] != PROJECTS:
            general.append(entry)
        elif len(entry.names) > 1:
            own = Entry(entry.names[2:], entry.value, entry.line, entry.column)
            named = of_projects.setdefault(entry.names[1], [])
            if own.names:
                named.append(own)
            elif entry.value != {}:
                problems.append(f"{path}:{entry.line}:{entry.column}: {PROJECTS}.{entry.names[1]}: {_AS_TABLE}")
        elif entry.value != {}:
            problems.append(f"{path}:{entry.line}:{entry.column}: {PROJECTS}: {_AS_TABLE}")
    known = variables_in_files()
    every = tuple(known)
    lines: Mapping[str, Line] = {}
    projects: dict[Path, Mapping[str, Line]] = {}
    try:
        lines = checked(path, general, every, lambda _: None, _check_general)
    except SettingsFileError as error:
        problems += error.lines
    for folder, entries in of_projects.items():
        whole = Path(folder)
        with suppress(RuntimeError):
            whole = whole.expanduser()
        if not whole.is_absolute():
            place = f"{path}:{entries[0].line}:1" if entries else f"{path}"
            problems.append(
                f'{place}: {PROJECTS}."{folder}" is no whole path of a folder, such as "/home/ana/tram" or "~/tram"'
            )
            continue
        try:
            own_lines = checked(
                path, entries, [key for key in every if known[key][1].each], _not_for_one, _check_of_project
            )
            projects[Path(os.path.realpath(whole))] = own_lines
        except SettingsFileError as error:
            problems += error.lines
    if problems:
        raise SettingsFileError(problems)
    return UserFile(path, lines, projects)


_AS_TABLE = (
    f'this is a table: write [{PROJECTS}."/whole/path/of/its/folder"] in a line of its own, and the settings below it'
)


def _not_for_one(key: str) -> str | None:
    return (
        "this is the same for all projects: write it above the first [projects...]"
        if key in variables_in_files()
        else None
    )


def _check_general(variable: Variable[object], rule: InFiles, text: str) -> None:
    # Where films go may be another folder wherever a command runs, as with the variable.
    if rule.key != "out":
        _check_of_project(variable, rule, text)


def _check_of_project(_: Variable[object], rule: InFiles, text: str) -> None:
    scheme, colon, path = text.partition(":")
    if not rule.place or (colon and scheme.lower() != "file" and "/" not in scheme):
        return
    path = path if colon and scheme.lower() == "file" else text
    if rule.key == "ffmpeg" and "/" not in path:
        return  # a name that PATH knows
    if rule.key == "out":
        return  # in the folder of the project
    if not path.startswith(("/", "~")):
        raise Wrong(
            f"{text!r} is another place wherever a command runs; write the whole path, or one that begins with ~/"
        )
