"""
A variable of the environment: what it is called, what it is for, how it is read, and which file may say it as well. All of storyreel
reads by this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, kw_only=True)
class InFiles:
    """
    How a variable is written in a file of settings, and who may write it: the user in their own, and a project, whose file may be a
    stranger's.

    Args:
        key: What it is called there; a dot parts a table from its key.
        project: Whether a project's file may say it: where nobody else does, only to lower what holds, or never.
        number: Whether it is a number there, and no text.
        place: Whether it names a file or a folder, of which a relative one would be another one wherever a command runs.
        each: Whether the user may say it for one project.
        bounds: The least and the most that a project may say of a number, in its unit.
    """

    key: str
    project: Literal["says", "lowers", "never"] = "never"
    number: bool = False
    place: bool = False
    each: bool = True
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Variable(Generic[Value]):
    """
    A variable of the environment that storyreel reads, and all that is to be known of it: a row of the table.

    Args:
        name: As it is written; capitals count.
        meaning: What it is for, in one sentence for a person.
        values: What it may hold, with unit and range.
        parse: Makes a value of a text, given the name to call it by; raises a SettingsError where it makes no sense.
        otherwise: Returns what holds in an environment where it is not set.
        instead: That in words, where the value itself does not say it.
        option: The option that goes before it, if there is one.
        commands: The commands that have this option.
        secret: Whether nobody may see its value.
        absolute: Whether a relative path counts as unset.
        ours: Whether storyreel sets it for processes of its own, and people need not.
        files: How it is written in files of settings; None where no file says it.
    """

    name: str
    meaning: str
    values: str
    parse: Callable[[str, str], Value]
    otherwise: Callable[[Mapping[str, str]], Value]
    instead: str = ""
    option: str = ""
    commands: tuple[str, ...] = ()
    secret: bool = False
    absolute: bool = False
    ours: bool = False
    files: InFiles | None = None

    def text(self, environ: Mapping[str, str] | None = None) -> str:
        """
        Return what is set; empty where it is not set, or counts as that. Spaces around it are left out, but for a place
        that has to be a whole path: it stays where it is, since a vault that moves is empty, and all would be bought again.

        Args:
            environ: An environment; that of this process where it is None.
        """
        text = (os.environ if environ is None else environ).get(self.name, "")
        if self.absolute:
            return text if Path(text).is_absolute() else ""
        return text.strip()

    def read(self, environ: Mapping[str, str] | None = None) -> Value:
        """
        Return the value that holds: what is set, else what holds otherwise.

        Args:
            environ: An environment; that of this process where it is None.

        Raises:
            SettingsError: It is set, and makes no sense; or nobody knows the home in which it would lie.
        """
        text = self.text(environ)
        return self.parse(text, self.name) if text else self.otherwise(os.environ if environ is None else environ)

    @property
    def default(self) -> str:
        """What holds where it is not set, in words, with `~` for the person's home."""
        return self.instead or in_words(self.otherwise({"HOME": "~"})) or "none"

    @property
    def in_help(self) -> str:
        """What the help of its option says of it."""
        return f"Default: {self.name}, else {self.default}."


def in_words(value: object) -> str:
    """Return a value as a person reads it; empty for None."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
