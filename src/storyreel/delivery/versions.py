"""
Older films: what a film takes the place of is kept beside it, with the storyboard that it was cut for.

    OUT/tram/tram.mp4                       the film
    OUT/tram/versions/tram-0003/            one that stood there before
        version.json                        what it is, and whose
        storyboard.yaml                     the text that it was cut for
        tram.mp4, tram.cut.json, ...        the film, and what lay beside it
    OUT/tram/versions/storyboards/*.json    whose films they are that stand in the folder now

A version is there whole before the next film comes into its place, by hard links where the disk has them. So whatever is killed, there is
a film where there was one, and no half of a version.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from storyreel.delivery.places import FilmFiles, lies_here
from storyreel.delivery.replaced import replaced
from storyreel.delivery.version_records import (
    FOLDER,
    NAME,
    RECORD,
    TEXT,
    FilmOf,
    VersionRecord,
    version_folders,
    versions,
)
from storyreel.errors import MediaError
from storyreel.files.place import place_bytes, place_copy, refused, workplace
from storyreel.files.regular import WORDS_MOST, read_plain, reason_of
from storyreel.model.finish import CONTAINERS
from storyreel.model.recipe import sha256_of
from storyreel.systems import CLOSED_TO_OTHERS, hold

MOST = 20
"""Versions of one film that are kept; the oldest go first. What a person had put there is not counted, and stays."""
MOST_BYTES = 2_000_000_000
"""Bytes that all these may have together. The newest of each film stays, however large it is."""

PATIENCE_S = 30.0
"""How long one run waits for another that keeps what stands in the same folder."""

STORYBOARDS = "storyboards"


def keep_former(files: FilmFiles, coming: FilmOf, *, keeps_older: bool) -> tuple[str, ...]:
    """
    Keep what is at the place of a film as a version, before the film comes there, and return what there is to say of it.

    Kept is what another storyboard had put there, what nobody here had, and an older cut where `keeps_older`. The same cut that says
    something else of itself, or is handed over otherwise, takes the place of the former one.

    Args:
        files: Where the film goes. What lies beside it is still that of the former one.
        coming: Whose film it is that comes.

    Raises:
        MediaError: It cannot be kept; then nothing may take its place.
    """
    words = []
    for former in dict.fromkeys(filter(None, (files.film, replaced(files)))):
        if (sha256 := _content(former)) is None or sha256 == coming.sha256:
            continue
        of = _film_of(files, former.name, sha256)
        listed = _listed(files, former.name, sha256)
        identity = of.identity if of is not None else listed
        foreign = identity is None
        another = of is not None and of.is_of_another(coming)
        if not (foreign or another or (keeps_older and identity != coming.identity)):
            continue
        version = _have(files, former, sha256, of, beside=listed is not None)
        _prune(files.film.parent)
        if another:
            assert of is not None
            words.append(f"{former.name} was the film of {of.whose}, and is kept in {FOLDER}/{version.name}")
        elif foreign:
            words.append(
                f"{former.name} was no film that was put there by storyreel, and is kept in {FOLDER}/{version.name}"
            )
    return tuple(words)


def keep_foreign(files: FilmFiles) -> tuple[str, ...]:
    """
    Keep what is at the place of a film that is to be taken away, if it is not ours, and return what there is to say of it.

    Raises:
        MediaError: It cannot be kept.
    """
    sha256 = _content(files.film)
    if sha256 is None or _film_of(files, files.film.name, sha256) is not None:
        return ()
    if _listed(files, files.film.name, sha256) is not None:
        return ()
    version = _have(files, files.film, sha256, None, beside=False)
    return (f"{files.film.name} was no film that was put there by storyreel, and is kept in {FOLDER}/{version.name}",)


@asynccontextmanager
async def turn(files: FilmFiles) -> AsyncIterator[None]:
    """
    Hold the folder of a film while what is there is kept and another comes into its place: two runs at once would each keep the same former
    one, and the later would take the place of a film that nobody has kept. Where the disk knows no such lock nobody waits.
    """
    try:
        descriptor = os.open(files.film.parent, os.O_RDONLY | CLOSED_TO_OTHERS)
    except OSError:
        yield
        return
    try:
        for _ in range(int(PATIENCE_S / 0.05)):
            try:
                hold(descriptor, wait=False)
            except BlockingIOError:
                await asyncio.sleep(0.05)
                continue
            except OSError:
                pass
            break
        yield
    finally:
        os.close(descriptor)


def remember(files: FilmFiles, film: FilmOf) -> None:
    """
    Write down whose a film is, that is at its place or about to come there: when it has to give way, its storyboard may say something else.

    Raises:
        MediaError: It cannot be written.
    """
    content = film.model_dump_json(indent=2).encode() + b"\n"
    path = _whose(files, film.film, film.sha256)
    try:
        if read_plain(path, WORDS_MOST) == content:
            return
    except OSError:
        pass
    place_bytes(content, path)


def forget_others(files: FilmFiles, film: FilmOf) -> None:
    """Take away what is known of films that stood at this place before."""
    own = _whose(files, film.film, film.sha256)
    names = {files.film.with_suffix(container).name for container in CONTAINERS}
    with suppress(OSError):
        for path in own.parent.iterdir():
            of, _, rest = path.name[: -len(".json")].rpartition(".")
            if path != own and of in names and re.fullmatch(r"[0-9a-f]{16}", rest):
                path.unlink()


def _have(files: FilmFiles, former: Path, sha256: str, of: FilmOf | None, *, beside: bool) -> Path:
    """Have a version of what is at a place, and return its folder: it may be that it was kept before its place was taken."""
    folder = files.film.parent
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    for version in versions(folder):
        record = version.record
        same = record.sha256 == sha256 or _says_the_same(record.of, of)
        if record.film == former.name and same and _is(version.film, record.sha256):
            # It gives way now once more: by its old date it would be the first to go.
            now = record.model_copy(update={"replaced_at": at})
            place_bytes(now.model_dump_json(indent=2).encode() + b"\n", version.folder / RECORD)
            return version.folder
    taken = [
        int(match["number"])
        for each in version_folders(folder)
        if (match := NAME.fullmatch(each.name)) and match["film"] == former.stem
    ]
    number = max(taken, default=0) + 1
    while True:
        to = folder / FOLDER / f"{former.stem}-{number:04}"
        try:
            _put(files, former, sha256, of, number, at, to, beside=beside)
        except _Taken:
            number += 1
        else:
            return to


def _says_the_same(one: FilmOf | None, other: FilmOf | None) -> bool:
    """Whether two films are one cut of one storyboard: a film that is signed again is another file each time."""
    return one is not None and other is not None and one == other.model_copy(update={"sha256": one.sha256})


class _Taken(Exception):
    """Another run has put a version under this number meanwhile."""


def _put(
    files: FilmFiles, former: Path, sha256: str, of: FilmOf | None, number: int, at: str, to: Path, *, beside: bool
) -> None:
    record = VersionRecord(number=number, film=former.name, sha256=sha256, replaced_at=at, of=of)
    with workplace(to) as bench, refused(to):
        whole = bench / to.name
        whole.mkdir()
        _link(former, whole / former.name)
        belongs = (files.cut_list, files.sheet, files.srt, files.vtt, files.label) if beside else ()
        for path in filter(lies_here, belongs):
            with suppress(FileNotFoundError):
                _link(path, whole / path.name)
        if of is not None and of.text:
            (whole / TEXT).write_text(of.text, encoding="utf-8")
        (whole / RECORD).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
        try:
            whole.rename(to)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise _Taken from error
            raise


def _link(path: Path, to: Path) -> None:
    """Have a file under another name: the same one where the disk can do that, else a copy."""
    path = path.resolve(strict=True)
    try:
        os.link(path, to)
    except FileNotFoundError:
        raise
    except OSError:
        place_copy(path, to)
        shutil.copystat(path, to)


def _prune(folder: Path) -> None:
    """Take away the oldest films of which there are too many, or for which there is no room; not the newest, and nothing of a person's own."""
    newest: set[str] = set()
    count: dict[str, int] = {}
    size = 0
    for version in versions(folder):
        if version.record.of is None and version.cut_list is None:
            continue
        name = Path(version.record.film).stem
        count[name] = count.get(name, 0) + 1
        size += version.size
        if name not in newest:
            newest.add(name)
        elif count[name] > MOST or size > MOST_BYTES:
            size -= version.size
            with suppress(OSError, MediaError), workplace(version.folder) as bench:
                version.folder.rename(bench / version.folder.name)


def _whose(files: FilmFiles, film: str, sha256: str) -> Path:
    return files.film.parent / FOLDER / STORYBOARDS / f"{film}.{sha256[:16]}.json"


def _film_of(files: FilmFiles, film: str, sha256: str) -> FilmOf | None:
    """Return whose the film of this name and content is, if that is written down."""
    try:
        of = FilmOf.model_validate_json(read_plain(_whose(files, film, sha256), WORDS_MOST))
    except (OSError, ValidationError):
        return None
    return of if of.film == film and of.sha256 == sha256 else None


def _is(path: Path, sha256: str) -> bool:
    with suppress(OSError):
        return sha256_of(path) == sha256
    return False


def _listed(files: FilmFiles, film: str, sha256: str) -> str | None:
    """Return the identity of a film as the cut list beside it has it; None where that is of another file, or there is none."""
    with suppress(OSError, ValueError, RecursionError):
        fields = json.loads(read_plain(files.cut_list, WORDS_MOST))
        if isinstance(fields, dict) and fields.get("film") == film and fields.get("sha256") == sha256:
            return identity if isinstance(identity := fields.get("identity"), str) else None
    return None


def _content(path: Path) -> str | None:
    """Return the content of what is at a place, by its sha256; None if nothing is there, or a link to what lies elsewhere."""
    if path.is_symlink() and path.exists() and not lies_here(path):
        return None
    try:
        return sha256_of(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MediaError(
            f"{path} has the name of a film and {reason_of(error)}, so it cannot be kept before the film takes its place; move it away"
        ) from error
