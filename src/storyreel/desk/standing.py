"""
How Prefect's server and the desk stand, as `storyreel doctor` says it: which one a run would be on, and whose it is. Prefect is not imported.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import httpx

from storyreel.desk.discovery import desk_here, running_desk
from storyreel.desk.named_server import named_server
from storyreel.errors import StoryreelError
from storyreel.imagine.addresses import name_of
from storyreel.production.preflight.finding import Finding, fault, note, ok

PATIENCE_S = 5.0
"""How long a named server may take to say which version it is."""


def look_at_server(project: Path | None) -> Sequence[Finding]:
    """
    Say which of Prefect's servers a run would be on, and whether it answers.

    Args:
        project: The folder of the project; None outside of one.
    """
    here, named = version("prefect"), named_server(os.environ)
    desk = desk_here(project)
    if desk is not None:
        return [ok("Prefect's server", f"that of the desk, Prefect {here}")]
    if named is None:
        return [
            ok("Prefect's server", f"a run at the terminal has one of its own for as long as it lasts, Prefect {here}")
        ]
    shown = name_of(named)
    try:
        answer = httpx.get(f"{named.rstrip('/')}/admin/version", timeout=PATIENCE_S, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        remedy = "start it, or unset PREFECT_API_URL (or the profile that names it)"
        return [fault("Prefect's server", StoryreelError, f"{shown} does not answer ({type(error).__name__})", remedy)]
    if answer.status_code in (401, 403):
        return [
            note(
                "Prefect's server",
                f"{shown} answers, and wants to know who asks",
                "see that its key or its headers are set",
            )
        ]
    theirs = answer.text.strip().strip('"')[:40] if answer.status_code == 200 else ""
    if not theirs.replace(".", "").isalnum():
        return [
            fault("Prefect's server", StoryreelError, f"{shown} is no API of Prefect's", "its address ends with /api")
        ]
    if theirs.split(".")[0] != here.split(".")[0]:
        return [
            fault(
                "Prefect's server",
                StoryreelError,
                f"{shown} is Prefect {theirs}, and here is {here}",
                "have both of one version",
            )
        ]
    return [ok("Prefect's server", f"{shown} answers, Prefect {theirs}; here is {here}")]


def look_at_desk(project: Path | None) -> Sequence[Finding]:
    """Say which desks are open, and whose they are."""
    own, users = (None if project is None else running_desk(project=project)), running_desk()
    whose = f"the desk of {project}" if project is not None else "your desk"
    if project is not None and own is None:
        beside = (
            f"; your own is, at {users.page}, and runs of this project do not land there" if users is not None else ""
        )
        return [ok("desk", f"{whose} is not open{beside}. Schedules and the page need one: storyreel studio")]
    desk = users if project is None else own
    if desk is None:
        return [ok("desk", "none is open. Schedules and the page need one: storyreel studio")]
    return [ok("desk", f"{whose} is open at {desk.page}, films of {desk.out}")]
