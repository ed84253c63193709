"""
The folder of an export: what is written into it, and what belongs to somebody else.

A list of what was written lies in it, with the content of each file. So a later export knows its own files, and whatever else is there,
or was changed since, is left alone. All that takes long is made beside it first; what changes is renamed into place last, clips before the
timelines that name them, and what is of no use any more goes after that.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from storyreel.errors import SettingsError
from storyreel.files.place import link_read_only, place_bytes, place_copy, refused, workplace
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.recipe import Frozen, sha256_of

LIST = "export.json"
CLUTTER = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What a machine puts into folders that are looked at."""
_PLACE = re.compile(r"(media/|sound/)?[\w][\w.-]*")
_REMEDY = "give another --to, or move it away"


class FileList(Frozen):
    """
    What an export has written into its folder: `name` is what its files are called, `files` the sha256 of each, by its place. Where it was
    stopped meanwhile a file is one of two.
    """

    version: int = Field(default=1, ge=1, le=1)
    name: str
    files: dict[str, tuple[str, ...]]

    def as_bytes(self) -> bytes:
        """Return the list as it stands in the folder."""
        return self.model_dump_json(indent=2).encode() + b"\n"


@dataclass(frozen=True)
class Put:
    """What came of putting files into a folder: which were new or changed, which are gone, and which were to be linked and could not be."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    copied_instead: tuple[str, ...]


def file_list(folder: Path, name: str) -> FileList:
    """
    Return what an export of this name has written into a folder so far.

    Raises:
        SettingsError: It is no folder, holds something else than such an export, or cannot be looked into.
    """
    nothing = FileList(name=name, files={})
    try:
        there = sorted(each.name for each in folder.iterdir() if not _is_clutter(each.name))
        if not there:
            return nothing
        written = FileList.model_validate_json(read_plain(folder / LIST, WORDS_MOST))
    except FileNotFoundError:
        if not folder.exists():
            return nothing
        raise SettingsError(f"{folder} is not empty, and no export lies in it; {_REMEDY}") from None
    except ValidationError:
        raise SettingsError(f"{folder / LIST} is not what an export has written; {_REMEDY}") from None
    except OSError as error:
        raise SettingsError(f"{folder} cannot be used: {error.strerror or error}; {_REMEDY}") from error
    if written.name != name:
        raise SettingsError(f"{folder} holds the export of {written.name}, and this is {name}; {_REMEDY}")
    return written


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """
    Give a folder within an export's own to make its files in; nothing of it stays.

    Raises:
        MediaError: The folder cannot be made or written.
    """
    with workplace(folder / LIST) as bench:
        yield bench


def put(
    folder: Path,
    before: FileList,
    files: Sequence[tuple[str, Path | bytes]],
    bench: Path,
    stop: threading.Event | None = None,
    *,
    link: bool = False,
) -> Put:
    """
    Put files into an export's folder, and take those away that it had before and has no more.

    Args:
        before: What was written into it so far.
        files: The content of each, by its place, in the order in which they are put there: a file elsewhere, of which it is a copy, or one of
            the bench, or bytes.
        bench: A folder from `staging`.
        stop: Set where it is to stop before anything is changed.
        link: Whether a file elsewhere is linked where it can be.

    Raises:
        SettingsError: A file has the place of one of them, and is somebody else's.
        MediaError: It cannot be written.
    """
    with refused(folder):
        return _put(folder, before, files, bench, stop, link=link)


def _put(
    folder: Path,
    before: FileList,
    files: Sequence[tuple[str, Path | bytes]],
    bench: Path,
    stop: threading.Event | None,
    *,
    link: bool,
) -> Put:
    contents = {place: _sha256(content) for place, content in files}
    theirs = [
        place for place, sha256 in contents.items() if not _is_ours(folder / place, sha256, before.files.get(place))
    ]
    if theirs:
        named = ", ".join(theirs[:3]) + (f" and {len(theirs) - 3} more" if len(theirs) > 3 else "")
        raise SettingsError(f"{folder}: {named} would be written over, and storyreel has not written that; {_REMEDY}")
    staged, instead = [], []
    for number, (place, content) in enumerate(files):
        if stop is not None and stop.is_set():
            return Put((), (), ())
        if _is_there(folder / place, content, contents[place], link=link):
            continue
        half = bench / f"{number:05}"
        if not _stage(content, half, bench, link=link):
            instead.append(place)
        staged.append((half, place))
    gone = [place for place in before.files if place not in contents and _PLACE.fullmatch(place)]
    if staged or gone:
        both = {place: (sha256, *_other(before.files.get(place, ()), sha256)) for place, sha256 in contents.items()}
        place_bytes(before.model_copy(update={"files": {**before.files, **both}}).as_bytes(), folder / LIST)
    for half, place in staged:
        (folder / place).parent.mkdir(exist_ok=True)
        half.replace(folder / place)
    removed = [place for place in gone if _remove(folder / place, before.files[place])]
    now = before.model_copy(update={"files": {place: (sha256,) for place, sha256 in contents.items()}})
    if now != before:
        place_bytes(now.as_bytes(), folder / LIST)
    return Put(tuple(place for _, place in staged), tuple(removed), tuple(instead))


def _is_clutter(name: str) -> bool:
    return name in CLUTTER or (name.startswith(f".{LIST}.") and name.endswith(".half"))


def _other(before: tuple[str, ...], sha256: str) -> Iterator[str]:
    yield from (each for each in before if each != sha256)


def _sha256(content: Path | bytes) -> str:
    return sha256_of(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()


def _is_ours(path: Path, sha256: str, written: Sequence[str] | None) -> bool:
    """Whether a place is free, or has what an export has written, or what it is to have."""
    if not os.path.lexists(path):
        return True
    try:
        return sha256_of(path) in (sha256, *(written or ()))
    except OSError:
        return False


def _is_there(path: Path, content: Path | bytes, sha256: str, *, link: bool) -> bool:
    try:
        same = sha256_of(path) == sha256
        linked = isinstance(content, Path) and path.samefile(content)
    except OSError:
        return False
    return same and (link or not linked)


def _stage(content: Path | bytes, half: Path, bench: Path, *, link: bool) -> bool:
    """Have the content of a file under a name of the bench; return False where it was to be linked and could not be."""
    if isinstance(content, bytes):
        half.write_bytes(content)
    elif content.is_relative_to(bench):
        content.replace(half)
    elif link:
        try:
            link_read_only(content, half)
        except OSError:
            place_copy(content, half)
            return False
    else:
        place_copy(content, half)
    return True


def _remove(path: Path, written: Sequence[str]) -> bool:
    with suppress(OSError):
        if sha256_of(path) in written:
            path.unlink()
            return True
    return False
