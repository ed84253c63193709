"""
Lay variables that are given with a command or a run over those that a storyboard has.

Each is read as if its text stood in the file, so that nothing can be said of it that a storyboard could not say.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError, StoryboardError
from storyreel.storyboard.files import short
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import Source, read_source

GIVEN = "given vars"
"""What places in a text begin with that stands in no file."""
_BREAKS = re.compile("[\u2028\u2029\ufeff]")
"""What YAML would not read as a part of a text."""
_PLAIN = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?|true|false")
"""What stands for a number, or for true or false, where one is written already."""


def lay_over(source: Source, given: Mapping[str, str]) -> Source:
    """
    Return what is written with other texts for some of its variables.

    Args:
        source: Of a storyboard, with what it uses.
        given: Texts by the names of variables that are there, dotted for names within names.

    Raises:
        SettingsError: There is no such variable, or no text can stand for it.
        StoryboardError: A text is one that cannot be read.
    """
    data, grafts = dict(source.data), dict(source.grafts)
    for name, text in given.items():
        steps = _steps(source, name)
        _check_text(name, text)
        own = read_source(_as_yaml(steps, text, data), GIVEN)
        if own.faults:
            raise StoryboardError(own.faults)
        holder = data
        for step in steps[:-1]:
            holder[step] = copy(holder[step])
            holder = holder[step]
        holder[steps[-1]] = own.at(steps)
        grafts[steps] = own
    return replace(source, data=data, grafts=grafts)


def _steps(source: Source, name: str) -> tuple[str, ...]:
    """Return where a variable stands."""
    written = source.data.get("vars")
    value: Any = written if isinstance(written, dict) else {}
    steps = tuple(name.split("."))
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            raise SettingsError(f"there is no var '{short(name)}' in {source.file}; {_instead(name, written)}")
        value = value[step]
    if isinstance(value, dict):
        names = ", ".join(_leaves(value, f"{name}."))
        raise SettingsError(f"var '{name}' of {source.file} is a mapping, and no text; its names are {names or 'none'}")
    if isinstance(value, list):
        raise SettingsError(
            f"var '{name}' of {source.file} is a list, and a text cannot stand for it; write it in a file"
        )
    return ("vars", *steps)


def _instead(name: str, written: Any) -> str:
    known = list(_leaves(written if isinstance(written, dict) else {}))
    if not known:
        return "it has none: write it into `vars` first"
    likely = did_you_mean(name, known)
    return f"{likely} (there are {', '.join(known)})" if likely else f"there are {', '.join(known)}"


def _leaves(names: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in names.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def _check_text(name: str, text: str) -> None:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise SettingsError(
                f"the text of var '{name}' has a control character, U+{ord(character):04X}: take it out"
            )


def _as_yaml(steps: Trail, text: str, data: Mapping[str, Any]) -> str:
    """Return a file that has this one text. Where a number stands, a number is one; everything else is text."""
    value: Any = data
    for step in steps:
        value = value[step]
    quoted = _BREAKS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))
    words = text if not isinstance(value, str) and _PLAIN.fullmatch(text) else quoted
    for step in reversed(steps[1:]):
        words = f"{{{step}: {words}}}"
    return f"{steps[0]}: {words}\n"
