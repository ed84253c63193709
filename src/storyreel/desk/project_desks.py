"""
The desk of a project: a folder of its own among the user's data, found by the project's folder, and ports that it keeps.

Nothing of it lies in the project's folder, which may be a stranger's: its secret, its database and its ports are the user's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storyreel.desk.discovery import data_home, folder_of
from storyreel.desk.listening import bound
from storyreel.errors import SettingsError
from storyreel.files.place import place_bytes
from storyreel.files.regular import read_words
from storyreel.settings import Settings
from storyreel.settings.project_file import USERS_PORTS
from storyreel.variables.table import PORT

NAME = "project.json"
"""The file in a desk's folder that says whose it is, and which ports it keeps."""
FIRST_PORT = USERS_PORTS[-1] + 1
LAST_PORT = 4399
"""Within these a project's desk takes the first two that are free and next to each other."""


@dataclass(frozen=True)
class Ports:
    """The two ports of a desk: Prefect's page, and the films."""

    page: int
    films: int


@dataclass(frozen=True)
class ProjectDesk:
    """The desk of a project as it is remembered: the project's folder, its own folder, and its ports."""

    project: str
    folder: Path
    ports: Ports


def remembered(project: Path) -> ProjectDesk | None:
    """Return what is remembered of a project's desk; None where it has never had one."""
    return _read(folder_of(project) / NAME)


def remember(project: Path, ports: Ports) -> None:
    """Note which ports a project's desk keeps."""
    words = {"project": str(project), "page": ports.page, "films": ports.films}
    place_bytes(json.dumps(words).encode(), folder_of(project) / NAME)


def others(project: Path) -> Iterator[ProjectDesk]:
    """Yield what is remembered of the desks of all other projects."""
    for place in sorted((data_home() / "desks").glob(f"*/{NAME}")):
        desk = _read(place)
        if desk is not None and desk.folder != folder_of(project):
            yield desk


def ports_for(settings: Settings, port: int | None, films_port: int | None) -> Ports:
    """
    Return the ports that a desk takes: those that are named, else those that a project's desk has had, else the next two that are free;
    of the user's own desk 4200 and 4201.

    Args:
        settings: Those of the folder that it is opened in.
        port: For Prefect's page, as the command line names it; None where it does not.
        films_port: For the films.

    Raises:
        SettingsError: They are one and the same, a project names those of another one's desk, or no two are free.
    """
    page = settings.port if port is None else port
    films = settings.films_port if films_port is None else films_port
    if settings.project is not None and port is None:
        _check_others(settings, page, films)
    if page is None and settings.project is not None:
        known = remembered(settings.project)
        pair = known.ports if known is not None else _free(settings.project)
        page, films = pair.page, pair.films if films is None else films
    page = USERS_PORTS[0] if page is None else page
    films = page + bool(page) if films is None else films
    if page == films != 0:
        raise SettingsError(f"the desk needs two ports, not {page} twice; choose another --films-port")
    return Ports(page, films)


def _check_others(settings: Settings, *named: int | None) -> None:
    assert settings.project is not None
    for desk in others(settings.project):
        for port in named:
            if port is not None and port in (desk.ports.page, desk.ports.films):
                raise SettingsError(
                    f"{settings.where_set(PORT)}: port {port} is that of the desk of {desk.project}; name another one, or none: a free one "
                    "is taken"
                )


def _free(project: Path) -> Ports:
    taken = {port for desk in others(project) for port in (desk.ports.page, desk.ports.films)}
    for page in range(FIRST_PORT, LAST_PORT, 2):
        if not taken & {page, page + 1} and all(map(_is_free, (page, page + 1))):
            return Ports(page, page + 1)
    raise SettingsError(
        f"no two ports from {FIRST_PORT} to {LAST_PORT} are free for the desk of {project}; choose one with --port"
    )


def _is_free(port: int) -> bool:
    try:
        with closing(bound(port)):
            return True
    except OSError:
        return False


def _read(place: Path) -> ProjectDesk | None:
    try:
        words = json.loads(read_words(place))
        return ProjectDesk(str(words["project"]), place.parent, Ports(int(words["page"]), int(words["films"])))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
