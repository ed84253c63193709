"""
Find the desk that runs on this machine: whoever opens one leaves notes of where it is, and a note is checked.

The notes do not hold the secret, only where it is: a file that nobody else can read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from storyreel.desk.links import NEW
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
    """Where a desk is: Prefect's API, the films and the folder they are in, its own folder, and who holds it open."""

    api: str
    films: str
    out: str
    folder: str
    pid: int

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


def note(environ: Mapping[str, str] | None = None) -> Path:
    """Return the place of the note that a running desk leaves for all who look for one."""
    return data_home(environ) / "desk.json"


def data_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of storyreel's own data, in which a desk leaves its note."""
    return data_folder(environ)


def leave_note(desk: RunningDesk) -> None:
    """Write down where a desk is: in its own folder, and for all; there the first that is open stays the one they find."""
    places = [_note_of(desk)]
    if running_desk() is None:
        places.append(note())
    for place in places:
        place_bytes(json.dumps(asdict(desk)).encode(), place)


def take_note_away(desk: RunningDesk) -> None:
    """Remove the notes of a desk; one that another desk has left since stays."""
    for place in (_note_of(desk), note()):
        if _read(place) == desk:
            place.unlink(missing_ok=True)


def running_desk(folder: Path | None = None, patience_s: float = PATIENCE_S) -> RunningDesk | None:
    """
    Return the desk that runs on this machine and answers at once; else None.

    Args:
        folder: The one of that folder; else the one that all find.
        patience_s: How long it may take to answer.
    """
    desk = _read(note() if folder is None else folder / "desk.json")
    # Where nobody holds a desk open, somebody else may be at its port, and would be told the secret.
    if desk is None or not alive(desk.pid):
        return None
    try:
        # Not /health, which answers those too who may do nothing there.
        answer = httpx.get(
            f"{desk.api}/admin/version", timeout=patience_s, trust_env=False, headers=desk.secret.headers
        )
    except (httpx.HTTPError, httpx.InvalidURL, SettingsError):
        return None
    return desk if answer.status_code == 200 else None


def desk_here() -> RunningDesk | None:
    """
    Return the desk that is open here, if no other server is named: whoever names its own address is at the desk as well.

    Somebody who has set headers of their own for the server that they name knows how to get in there.
    """
    named = os.environ.get("PREFECT_API_URL", "").strip().rstrip("/")
    if named:
        desk = _read(note())
        if desk is None or desk.api != named or "PREFECT_CLIENT_CUSTOM_HEADERS" in os.environ:
            return None
    return running_desk()


def _note_of(desk: RunningDesk) -> Path:
    return Path(desk.folder) / "desk.json"


def _read(place: Path) -> RunningDesk | None:
    try:
        fields = json.loads(read_words(place))
        words = {name: str(fields[name]) for name in ("api", "films", "out", "folder")}
        return RunningDesk(**words, pid=int(fields["pid"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
