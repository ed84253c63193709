"""
What a file of settings says, held against the table of what it may say: each word that it may not have is told with its place and what to
do instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyreel.api_key import starred
from storyreel.errors import SettingsError, SettingsFileError
from storyreel.settings.toml_places import Entry
from storyreel.variables.table import TABLE
from storyreel.variables.variable import InFiles, Variable

KEY_IS_NO_SETTING = (
    "a key stands in no file of settings: files are copied, shown and kept with films; take it out, and set XAI_API_KEY in the environment "
    "of the command"
)
_LIKE_A_SETTING = re.compile(r"[a-z]{1,20}([._-][a-z]{1,20})*", re.IGNORECASE)
"""Words, as settings are called by them: what has digits or signs among its letters, or no end, is none."""
_SECRET = ("key", "token", "secret", "password", "notify")


@dataclass(frozen=True)
class Line:
    """One line of a file of settings that is right: what it says, as a variable's text, and where that stands, `PATH:LINE`."""

    text: str
    place: str


class Wrong(Exception):
    """Why a line may not stand in its file, and what to do, in words."""


def variables_in_files() -> Mapping[str, tuple[Variable[object], InFiles]]:
    """Return every variable that some file may say, by what it is called there."""
    return {each.files.key: (each, each.files) for each in TABLE if each.files is not None}


def checked(
    path: Path,
    entries: Iterable[Entry],
    allowed: Sequence[str],
    refusal: Callable[[str], str | None],
    check: Callable[[Variable[object], InFiles, str], None],
) -> dict[str, Line]:
    """
    Return what a file says, by the names of the variables.

    Args:
        path: The file.
        entries: What stands in it.
        allowed: The keys that it may have.
        refusal: Returns why it may not have a key that another file may; None where there is no more to say.
        check: Raises `Wrong` or a SettingsError where a value may not be what it is.

    Raises:
        SettingsFileError: Something stands there that may not: all of it, each with its place.
    """
    lines: dict[str, Line] = {}
    problems: list[str] = []
    known = variables_in_files()
    tables = {key.partition(".")[0] for key in allowed if "." in key}
    for entry in entries:
        key, place = ".".join(entry.names), f"{path}:{entry.line}"
        if entry.value == {} and key in tables:
            continue
        called = f"{place}:{entry.column}: {_shown(key)}"
        try:
            if key not in allowed:
                raise Wrong(_not_allowed(key, entry.value, allowed, tables, refusal))
            variable, rule = known[key]
            text = text_of(entry.value, rule)
            check(variable, rule, text)
            variable.parse(text, called)
            lines[variable.name] = Line(text, place)
        except Wrong as wrong:
            problems.append(f"{called}: {wrong}")
        except SettingsError as error:
            problems.append(str(error))
    if problems:
        # Whoever takes this file for a place for their key is told so, and the key is not shown.
        raise SettingsFileError([starred(each) for each in problems])
    return lines


def text_of(value: object, rule: InFiles) -> str:
    """
    Return a value of a file as the text that its variable would hold.

    Raises:
        Wrong: It is of another kind.
    """
    if rule.number:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong("this is a number, without quotation marks")
        return f"{value!r}"[:40]
    if not isinstance(value, str):
        raise Wrong("this is a text, in quotation marks")
    if not value.strip() or not value.isprintable():
        raise Wrong("this text is empty, or has a character that nobody sees; write it anew, or take the line away")
    return value.strip()


def _not_allowed(
    key: str, value: object, allowed: Sequence[str], tables: Iterable[str], refusal: Callable[[str], str | None]
) -> str:
    last = key.rpartition(".")[2].lower()
    if any(word in last for word in _SECRET):
        return KEY_IS_NO_SETTING
    if key in tables:
        inner = next(each for each in allowed if each.startswith(f"{key}.")).partition(".")[2]
        return f"this is a table: write [{key}] in a line of its own, and below it {inner} = {_as_example(value)}"
    by_name = {each.name.lower(): each.files.key for each in TABLE if each.files is not None}
    meant = by_name.get(last, key)
    if (why := refusal(meant)) is not None:
        return why
    if meant in allowed:
        return f"in a file this is called {meant}"
    from storyreel.did_you_mean import did_you_mean  # whose file is right need not wait for it

    asked = did_you_mean(key, allowed)
    return f"there is no such setting; {f'{asked} ' if asked else ''}there are {', '.join(allowed)}"


def _as_example(value: object) -> str:
    return f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else "20"


def _shown(key: str) -> str:
    """Return a name as it is told. What no setting could be called may be a secret that was pasted there: its first letters do."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in key)
    if _LIKE_A_SETTING.fullmatch(shown):
        return shown if len(shown) <= 40 else f"{shown[:40]}..."
    table = shown.partition(".")[0]
    known = {"projects", *(each.partition(".")[0] for each in variables_in_files())}
    if table in known and table != shown:
        return f"{table}...."
    return shown if len(shown) <= 8 else f"{shown[:3]}..."
