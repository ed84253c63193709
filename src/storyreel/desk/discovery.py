"""
Find the desk that runs on this machine: whoever opens one leaves notes of where it is, and a note is checked.

The notes do not hold the secret, only where it is: a file that nobody else can read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from storyreel.desk.listening import NEW, believes_nobody
from storyreel.desk.processes import alive
from storyreel.desk.secret import SECRET, Secret, prefect_variables, read_secret
from storyreel.errors import SettingsError
from storyreel.files.place import place_bytes
from storyreel.files.regular import read_words
from storyreel.variables.table import data_folder

PATIENCE_S = 0.5
"""How long a desk may take to say that it is there: one that hangs must not hold up a shoot."""


@dataclass(frozen=True)
class RunningDesk:
    """
    Where a desk is: Prefect's API, the films and the folder they are in, its own folder, who holds it open, and the project whose it is;
    empty for the user's own.
    """

    api: str
    films: str
    out: str
    folder: str
    pid: int
    project: str = ""

    @property
    def of_project(self) -> Path | None:
        """The folder of the project whose desk it is; None where it is the user's own."""
        return Path(self.project) if self.project else None

    @property
    def port(self) -> int:
        """The port of Prefect's page."""
        return urlsplit(self.api).port or 80

    @property
    def secret(self) -> Secret:
        """What lets this person's processes in."""
        return read_secret(Path(self.folder) / SECRET)

    @property
    def page(self) -> str:
        """The address of Prefect's page, under the name that has the browser's cookie."""
        return f"http://{self.secret.browser_name}:{self.port}"

    @property
    def links(self) -> str:
        """What Prefect's own links to its page begin with."""
        return f"{self.page}{NEW}"

    def variables(self) -> dict[str, str]:
        """Return the settings with which Prefect in another process works at this desk."""
        return {
            **prefect_variables(self.api, self.secret),
            "PREFECT_UI_URL": self.links,
            "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        }


def note(environ: Mapping[str, str] | None = None, project: Path | None = None) -> Path:
    """
    Return the place of the note that a running desk leaves for all who look for one.

    Args:
        environ: An environment; that of this process where it is None.
        project: The folder of the project whose desk it is; None for the user's own.
    """
    return (data_home(environ) if project is None else folder_of(project, environ)) / "desk.json"


def folder_of(project: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of a project's desk among the user's data: its name for a person, and what tells it from all others of that name."""
    name = re.sub(r"[^a-z0-9]+", "-", project.name.lower()).strip("-")[:40] or "project"
    return data_home(environ) / "desks" / f"{name}-{hashlib.sha256(bytes(project)).hexdigest()[:12]}"


def data_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of storyreel's own data, in which a desk leaves its note."""
    return data_folder(environ)


def leave_note(desk: RunningDesk) -> None:
    """
    Write down where a desk is: in its own folder, and for all, or for those who work in its project; there the first that is open stays the
    one they find.
    """
    places = [_note_of(desk)]
    if running_desk(project=desk.of_project) is None:
        places.append(note(project=desk.of_project))
    for place in dict.fromkeys(places):
        place_bytes(json.dumps(asdict(desk)).encode(), place)


def take_note_away(desk: RunningDesk) -> None:
    """Remove the notes of a desk; one that another desk has left since stays."""
    for place in (_note_of(desk), note(project=desk.of_project)):
        if _read(place) == desk:
            place.unlink(missing_ok=True)


def running_desk(
    folder: Path | None = None, patience_s: float = PATIENCE_S, *, project: Path | None = None
) -> RunningDesk | None:
    """
    Return the desk that runs on this machine and answers at once; else None.

    Args:
        folder: The one of that folder; else the one that all find who work in the same project, or in none.
        patience_s: How long it may take to answer.
        project: The folder of the project that somebody works in; None for none.
    """
    desk = _read(note(project=project) if folder is None else folder / "desk.json")
    # Where nobody holds a desk open, somebody else may be at its port, and would be told the secret.
    if desk is None or not alive(desk.pid):
        return None
    # To look whether there is a note of one takes no time.
    import httpx

    try:
        # Not /health, which answers those too who may do nothing there.
        answer = httpx.get(
            f"{desk.api}/admin/version",
            timeout=patience_s,
            trust_env=False,
            headers=desk.secret.headers,
            verify=believes_nobody(),
        )
    except (httpx.HTTPError, httpx.InvalidURL, SettingsError):
        return None
    return desk if answer.status_code == 200 else None


def is_noted(project: Path | None = None) -> bool:
    """Whether somebody holds a desk open, by its note and without asking it."""
    desk = _read(note(project=project))
    return desk is not None and alive(desk.pid)


def desk_here(project: Path | None = None) -> RunningDesk | None:
    """
    Return the desk that is open for a project, or the user's own for what is in none, if no other server is named: whoever names a desk's own
    address is at that desk.

    Somebody who has set headers of their own for the server that they name knows how to get in there.
    """
    named = os.environ.get("PREFECT_API_URL", "").strip().rstrip("/")
    if named:
        if "PREFECT_CLIENT_CUSTOM_HEADERS" in os.environ:
            return None
        for whose in dict.fromkeys((project, None)):
            desk = _read(note(project=whose))
            if desk is not None and desk.api == named:
                return running_desk(project=whose)
        return None
    return running_desk(project=project)


def _note_of(desk: RunningDesk) -> Path:
    return Path(desk.folder) / "desk.json"


def _read(place: Path) -> RunningDesk | None:
    try:
        fields = json.loads(read_words(place))
        words = {name: str(fields[name]) for name in ("api", "films", "out", "folder")}
        return RunningDesk(**words, pid=int(fields["pid"]), project=str(fields.get("project", "")))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
