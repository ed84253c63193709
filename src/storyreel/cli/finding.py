"""
Find the desk that runs on this machine: whoever opens one leaves a note where it is, and the note is checked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

PATIENCE_S = 0.5
"""How long a desk may take to say that it is there: one that hangs must not hold up a shoot."""


@dataclass(frozen=True)
class RunningDesk:
    """Where a desk is: Prefect's API, the films and the folder they are in, and the process that holds it open."""

    api: str
    films: str
    out: str
    pid: int


def note(environ: Mapping[str, str] | None = None) -> Path:
    """Return the place of the note that a running desk leaves."""
    return data_home(environ) / "desk.json"


def data_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of storyreel's own data; the base directory specification has an empty or relative value unset."""
    env = os.environ if environ is None else environ
    given = Path(env.get("XDG_DATA_HOME", ""))
    home = given if given.is_absolute() else Path(env.get("HOME") or Path.home()) / ".local/share"
    return home / "storyreel"


def leave_note(desk: RunningDesk) -> None:
    """Write down where a desk is, for the commands that look for one; the first that is open stays the one they find."""
    if running_desk() is not None:
        return
    place = note()
    place.parent.mkdir(parents=True, exist_ok=True)
    whole = place.with_name(f"{place.name}.{os.getpid()}")
    whole.write_text(json.dumps(asdict(desk)), encoding="utf-8")
    whole.replace(place)


def take_note_away(desk: RunningDesk) -> None:
    """Remove the note of a desk; one that another desk has left since stays."""
    if _read() == desk:
        note().unlink(missing_ok=True)


def running_desk() -> RunningDesk | None:
    """Return the desk that runs on this machine and answers at once; else None."""
    desk = _read()
    if desk is None:
        return None
    user, colon, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    try:
        # Not /health, which answers those too who may do nothing there.
        answer = httpx.get(
            f"{desk.api}/admin/version",
            timeout=PATIENCE_S,
            trust_env=False,
            auth=httpx.BasicAuth(user, password) if colon else None,
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return desk if answer.status_code == 200 else None


def _read() -> RunningDesk | None:
    try:
        told = json.loads(note().read_text(encoding="utf-8"))
        return RunningDesk(api=str(told["api"]), films=str(told["films"]), out=str(told["out"]), pid=int(told["pid"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
