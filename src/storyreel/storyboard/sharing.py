"""
Read the files that a storyboard uses, and lay what they share under its own words.

What they have is judged together with the storyboard, at the same trails; only the places are theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import normpath
from typing import Any

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import StoryboardError
from storyreel.storyboard.fields import Sheet
from storyreel.storyboard.files import Folder, Missing, short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.file import read_text
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import Source, read_source
from storyreel.storyboard.values import described

SHARED: Mapping[str, int] = {"cast": 2, "vars": 2, "style": 1, "defaults": 2}
"""What may be shared, and how deep the names are of which each is taken whole."""
BY_NAME: Trail = ("defaults", "still")
"""A field of the defaults of which the fields are taken one by one."""
MOST_FILES = 16


@dataclass(frozen=True)
class _Used:
    """A file that is used: what it has, and the folder that its paths begin in."""

    source: Source
    folder: Folder


def lay_under(findings: Findings, path: Path) -> bool:
    """
    Lay what the files of `use` share under a storyboard's own words. What is wrong with them is told.

    Args:
        path: Of the storyboard, as it was given.

    Returns:
        Whether all of it could be read. If not, names are missing that nobody has left out.
    """
    written = findings.source.data.get("use")
    if written is None:
        return not findings.has(("use",))
    if not isinstance(written, list) or not all(isinstance(each, str) for each in written):
        return False  # its shape is judged with that of all fields
    if not written:
        findings.tell("empty-list", ("use",), "the list of files to use is empty", "name a file, or leave `use` out")
    if len(written) > MOST_FILES:
        message = f"{len(written)} files are used; {MOST_FILES} are the most"
        findings.tell("too-long", ("use",), message, "put what belongs together into one", key=True)
        return False
    files = [file for at, each in enumerate(written) if (file := _read(findings, path, at, each)) is not None]
    whole = len(files) == len(written) and not any(file.source.faults for file in files)
    _graft(findings, files)
    return whole


def _read(findings: Findings, path: Path, at: int, written: str) -> _Used | None:
    """Read a file that is used; None where that cannot be, which is told."""
    trail: Trail = ("use", at)
    try:
        real, folder = findings.folder.used(written)
    except Missing as missing:
        findings.tell(missing.code, trail, missing.message, missing.remedy)
        return None
    shown = _shown(path, written)
    if str(shown) in findings.folders:
        findings.tell("repeated-name", trail, f"'{short(written)}' is used twice", "name each file once")
        return None
    findings.folders[str(shown)] = folder
    try:
        source = read_source(read_text(shown, real), str(shown))
    except StoryboardError as error:
        for problem in error.problems:
            findings.add(problem)
        return None
    for fault in source.faults:
        findings.add(fault)
    findings.notes.extend(source.remarks)
    for spoiled in source.spoiled:
        findings.spoil(spoiled)
    _judge(findings, source)
    return _Used(source, folder)


def _shown(path: Path, written: str) -> Path:
    """Return how places in a file that is used begin: its path from where the storyboard's was given."""
    shown = path.parent / written
    return Path(normpath(shown)) if ".." in shown.parts else shown


def _judge(findings: Findings, source: Source) -> None:
    """Tell what stands in a file that is used and cannot be shared."""

    def refuse(key: str, message: str, remedy: str) -> None:
        findings.add(source.diagnostic("not-shared", source.span((key,), key=True), message, remedy))

    for key, value in source.data.items():
        known = ", ".join(SHARED)
        if key == "use":
            refuse(
                key, "a file that is used has no `use` of its own", "name that file in the storyboard, beside this one"
            )
        elif key in Sheet.model_fields and key not in SHARED:
            refuse(key, f"`{key}` cannot be shared; {known} can", "write it in the storyboard that uses this file")
        elif key not in SHARED and not key.startswith("x-"):
            refuse(
                key,
                f"there is no '{short(key)}' in a file that is used",
                did_you_mean(key, SHARED) or f"known: {known}",
            )
        elif key in SHARED and value is None:
            refuse(key, f"'{key}' has no value", "give it one, or take the key away")
        elif key in SHARED and SHARED[key] > 1 and not isinstance(value, dict):
            wanted = "a mapping of names" if key != "defaults" else "a mapping"
            refuse(
                key, f"{key} is {described(value)}; it must be {wanted}", "write what it has below it, or take it away"
            )


def _entries(source: Source) -> Iterator[tuple[Trail, Any]]:
    """Yield the names that a file shares, each with what it says of it."""
    for key, depth in SHARED.items():
        value = source.data.get(key)
        if depth == 1 and value is not None:
            yield (key,), value
        for name, inner in value.items() if depth > 1 and isinstance(value, dict) else ():
            if (key, name) == BY_NAME and isinstance(inner, dict):
                yield from (((key, name, field), each) for field, each in inner.items())
            else:
                yield (key, name), inner


def _graft(findings: Findings, files: list[_Used]) -> None:
    board = findings.source
    data = dict(board.data)
    grafts: dict[Trail, _Used] = {}
    for file in files:
        for trail, value in _entries(file.source):
            if (other := grafts.get(trail)) is not None:
                if _meaning(other, trail) != _meaning(file, trail):
                    _differ(findings, file.source, other.source, trail)
            elif _put(data, trail, value):
                grafts[trail] = file
    findings.source = replace(board, data=data, grafts={trail: file.source for trail, file in grafts.items()})


def _put(data: dict[str, Any], trail: Trail, value: Any) -> bool:
    """Put a value under what a storyboard has written; return whether it was free there. What is filled is a copy."""
    holder = data
    for step in trail[:-1]:
        inner = holder.get(str(step), {})
        if not isinstance(inner, dict):
            return False  # the storyboard's own words win, also where they are wrong
        holder[str(step)] = copy(inner)
        holder = holder[str(step)]
    if trail[-1] in holder:
        return False
    holder[str(trail[-1])] = value
    return True


def _meaning(file: _Used, trail: Trail) -> tuple[str, Path | None]:
    """Return what a file says of a name: the same words with paths in them mean other files in another folder."""
    words = json.dumps(file.source.at(trail), sort_keys=True)
    return words, file.folder.path if '"references"' in words or "include" in words else None


def _differ(findings: Findings, source: Source, other: Source, trail: Trail) -> None:
    name = ".".join(map(str, trail[1:] or trail))
    first = other.place(trail, key=True)
    here, there = (described(each.at(trail)) for each in (source, other))
    values = f"{here} here, and {there}" if here != there else "not the same here and"
    message = f"'{name}' is {values} in {first.file}, line {first.line}"
    remedy = "take one away, or write it in the storyboard: its own words win"
    findings.add(source.diagnostic("shared-differs", source.span(trail, key=True), message, remedy))
