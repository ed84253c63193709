"""
A project's own settings: `storyreel.toml` in its folder, which may have come with it from a stranger.

So it names places in its own folder alone, lowers what may be spent and never raises it, and says nothing of where takes are kept, who is
asked, what things cost or which programs run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from storyreel.errors import SettingsError
from storyreel.files.project import MARK, project_file
from storyreel.settings.toml_places import read_entries
from storyreel.settings.written import Line, Wrong, checked, variables_in_files
from storyreel.variables.table import OUT
from storyreel.variables.variable import InFiles, Variable

ALLOWED = tuple(key for key, (_, rule) in variables_in_files().items() if rule.project != "never")
"""What a project's file may say, by the names that it has there."""
USERS_PORTS = (4200, 4201)
"""Those of the user's own desk, which no project takes away."""


@dataclass(frozen=True)
class Project:
    """
    A folder with a `storyreel.toml`.

    Args:
        folder: Links resolved.
        lines: What its file says, by the names of the variables.
    """

    folder: Path
    lines: Mapping[str, Line] = field(default_factory=dict)

    @property
    def out(self) -> Path | None:
        """The folder for films that it names, as a whole path; None where it names none."""
        line = self.lines.get(OUT.name)
        return None if line is None else self.folder / line.text


def project_at(folder: Path) -> Project | None:
    """
    Return the project that a folder belongs to, with what its file says; None where it belongs to none.

    Args:
        folder: That of a storyboard, or the one that somebody works in, links resolved.

    Raises:
        SettingsError: Its file cannot be read, or says what it may not.
    """
    mark = project_file(folder)
    if mark is None:
        return None
    try:
        status = mark.stat()
    except OSError as error:
        raise SettingsError(f"{mark} cannot be looked at: {error.strerror}") from None
    return _read(mark, (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size))


@lru_cache(maxsize=32)
def _read(mark: Path, _: object) -> Project:
    folder = mark.parent
    return Project(folder, checked(mark, read_entries(mark), ALLOWED, _refusal, partial(_check, folder)))


def check_within(folder: Path, path: Path) -> None:
    """
    Refuse a path that leads out of a project's folder by a link.

    Raises:
        SettingsError: It does.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):
        real = Path("/")
    if not real.is_relative_to(folder.resolve()):
        raise SettingsError(
            f"{path} leads out of the project's folder {folder}, which a project's films stay in; take that link away, or give --out"
        )


def _refusal(key: str) -> str | None:
    """Return why a project may not say what the user may, and where it is said instead."""
    if key == "projects" or key.startswith("projects."):
        return f"a project says nothing of others; that stands in the user's own settings.toml: take it out of {MARK}"
    if key not in variables_in_files() or key in ALLOWED:
        return None
    variable, _ = variables_in_files()[key]
    return (
        f"a project's file does not say this, since it may come from a stranger: take it out. For yourself set {variable.name}, or write "
        f"{key} into your own settings.toml (storyreel settings says where that is)"
    )


def _check(folder: Path, variable: Variable[object], rule: InFiles, text: str) -> None:
    if rule.place:
        _check_place(folder, text)
    if rule.bounds is not None:
        least, most = rule.bounds
        if not least <= float(text) <= most:
            raise Wrong(
                f"{text[:20]} is not from {least:g} to {most:g}, as a project may say; set {variable.name} for yourself"
            )
    if rule.key.startswith("desk.") and text in {str(port) for port in USERS_PORTS}:
        raise Wrong(
            f"{text} is a port of the user's own desk; name another one, from 1024 to 65535, or none: a free one is taken"
        )


def _check_place(folder: Path, text: str) -> None:
    names = text.replace("\\", "/").split("/")
    if text.startswith(("/", "~")) or ".." in names or ":" in names[0] or len(text) > 200:
        raise Wrong(f'{text[:80]!r} leads out of the project\'s folder; name a folder in it, such as out = "out"')
    try:
        real = (folder / text).resolve()
    except (OSError, RuntimeError, ValueError):
        raise Wrong(f'{text[:80]!r} leads nowhere; name a folder in the project\'s, such as out = "out"') from None
    if not real.is_relative_to(folder.resolve()):
        raise Wrong(
            f"{text[:80]!r} leads out of the project's folder by a link; take the link away, or name another folder"
        )
