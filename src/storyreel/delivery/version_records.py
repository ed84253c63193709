"""
Older films as they lie beside the one that took their place: what each is, and whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from storyreel.files.regular import WORDS_MOST, check_plain, read_plain
from storyreel.model.recipe import Frozen, ServiceName

FOLDER = "versions"
RECORD = "version.json"
TEXT = "storyboard.yaml"
NAME = re.compile(r"(?P<film>.+)-(?P<number>\d{4,})")
"""What the folder of a version is called."""


class FilmOf(Frozen):
    """
    Whose a film is: `film` is the name of its file, `storyboard` the whole path of the storyboard, `variant` the name of the variant, empty
    where there is none, and `given` what was given for its variables. `identity` is the film's as it was cut.
    """

    film: str
    sha256: str
    identity: str
    title: str
    service: ServiceName
    storyboard: str
    variant: str = ""
    given: tuple[tuple[str, str], ...] = ()
    text: str = ""

    def is_of_another(self, other: FilmOf) -> bool:
        """Whether it was cut for another storyboard, or another variant; one that was only moved is the same."""
        if self.variant != other.variant:
            return True
        return self.storyboard != other.storyboard and self.text != other.text

    @property
    def whose(self) -> str:
        """The storyboard, and its variant, in words."""
        return f"{self.storyboard}{f' ({self.variant})' if self.variant else ''}"


def readable(text: str) -> str:
    """Return a text that a record can have: names of files may have bytes in them that are no letters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class VersionRecord(Frozen):
    """
    What a version is: `film` is the name that its file had, `replaced_at` when another came into its place, in UTC, ISO 8601. `of` says
    whose it is; null where nobody knows, and of a file that storyreel had not put there.
    """

    version: int = 1
    number: int
    film: str
    sha256: str
    replaced_at: str
    of: FilmOf | None = None


@dataclass(frozen=True)
class Version:
    """
    A film that stood in a folder before: its own `folder`, its file, what is known of it, its size in bytes with all that is beside it.
    `cut_list`, `sheet` and `storyboard` (the text it was cut for) are None where it has none.
    """

    folder: Path
    film: Path
    record: VersionRecord
    size: int
    cut_list: Path | None = None
    sheet: Path | None = None
    storyboard: Path | None = None


def versions(folder: Path) -> tuple[Version, ...]:
    """
    Return the versions of films that a folder of films has, the newest first.

    Args:
        folder: That of the films, `OUT/<slug>`. What cannot be read there, or is no version, is left out.
    """
    there = [version for each in version_folders(folder) if (version := read_version(each)) is not None]
    return tuple(sorted(there, key=lambda each: (each.record.replaced_at, each.record.number), reverse=True))


def version_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders of the versions in a folder of films, by their names."""
    try:
        there = sorted((folder / FOLDER).iterdir())
    except OSError:
        return
    yield from (each for each in there if NAME.fullmatch(each.name) and each.is_dir())


def read_version(folder: Path) -> Version | None:
    """Return the version that a folder is; None where it is none that can be read."""
    try:
        record = VersionRecord.model_validate_json(read_plain(folder / RECORD, WORDS_MOST))
        film = folder / record.film
        if film.name != record.film:
            return None
        check_plain(film)
        size = film.stat().st_size + sum(each.lstat().st_size for each in folder.iterdir() if each != film)
    except (OSError, ValidationError, ValueError):
        return None
    name = Path(record.film)

    def there(beside: str) -> Path | None:
        path = folder / beside
        return path if path.is_file() else None

    return Version(
        folder,
        film,
        record,
        size,
        cut_list=there(f"{name.stem}.cut.json"),
        sheet=there(f"{name.stem}.png"),
        storyboard=there(TEXT),
    )
