"""
Which Prefect server a person has named: by a variable or in their profile, as their command `prefect` takes it.

That command reads settings of the current folder as well. We do not: the folder may be a stranger's, and whoever names the
server sees storyboards, and may start runs where the key is. A person is told what the folder says, and may say it themselves.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from storyreel.files.regular import read_words

VARIABLE = "PREFECT_API_URL"
_IN_DOTENV = re.compile(rf"""^\s*(?:export\s+)?{VARIABLE}\s*=\s*(["']?)(.*?)\1\s*$""", re.MULTILINE)


def named_server(environ: Mapping[str, str]) -> str | None:
    """Return the address of the Prefect server that a person has named: by PREFECT_API_URL, else in their profile."""
    if named := _by_variable(environ):
        return named
    given = environ.get("PREFECT_PROFILES_PATH", "").strip()
    persons = environ.get("PREFECT_HOME", "").strip() or "~/.prefect"
    theirs, prefects = _toml(given or f"{persons}/profiles.toml"), _toml(_profiles_of_prefect())
    name = environ.get("PREFECT_PROFILE", "").strip() or theirs.get("active") or prefects.get("active")
    # Prefect has some profiles of its own, such as `local`: whoever uses one has nothing of it in their own file.
    for profiles in (theirs, prefects):
        profile = _table(profiles, "profiles").get(name) if isinstance(name, str) else None
        if isinstance(profile, dict):
            return _address(profile.get(VARIABLE))
    return None


def server_of_folder(folder: Path) -> tuple[str, str] | None:
    """Return the address that `prefect` would take from a folder, and the name of the file; None where there is none."""
    # Whether a server is named is asked before the client is loaded, which these belong to.
    from storyreel.imagine.addresses import read_address

    try:
        in_dotenv = _IN_DOTENV.findall(read_words(folder / ".env"))
    except (OSError, ValueError):
        in_dotenv = []
    prefect, project = _toml(folder / "prefect.toml"), _toml(folder / "pyproject.toml")
    for file, value in (
        (".env", in_dotenv[-1][1] if in_dotenv else None),
        ("prefect.toml", _table(prefect, "api").get("url")),
        ("pyproject.toml", _table(project, "tool", "prefect", "api").get("url")),
    ):
        address = _address(value)
        if address is not None and read_address(address) is not None:
            return address, file
    return None


def not_taken_from(folder: Path, taken: str | None, command: str, environ: Mapping[str, str]) -> str:
    """
    Return what a person is told in whose folder `prefect` would take another server than we do; empty where it would not.

    Args:
        folder: Theirs.
        taken: The address that is taken; None if there is none.
        command: What they have called.
        environ: Their environment: with Prefect too, its variable goes before a file.
    """
    from storyreel.imagine.addresses import name_of

    there = None if _by_variable(environ) else server_of_folder(folder)
    if there is None or there[0].rstrip("/") == (taken or "").rstrip("/"):
        return ""
    shown = name_of(there[0])
    return (
        f"{there[1]} in this folder names the Prefect server {shown}, and nothing is taken from a folder, which may be a "
        f"stranger's; if that is the one you mean: {VARIABLE}={shlex.quote(shown)} storyreel {command}"
    )


def _by_variable(environ: Mapping[str, str]) -> str:
    """Return what PREFECT_API_URL holds; Prefect takes it in small letters too."""
    spelled = sorted((name for name in environ if name.upper() == VARIABLE), key=lambda name: name != VARIABLE)
    return next((text for text in (environ[name].strip() for name in spelled) if text), "")


def _profiles_of_prefect() -> Path:
    """Return the file of the profiles that come with Prefect. It is not imported for them."""
    spec = find_spec("prefect")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "settings" / "profiles.toml"


def _toml(place: str | Path) -> dict[str, Any]:
    """Return what a file says; nothing where it is none of that kind: what Prefect makes of it is told by Prefect."""
    try:
        return tomllib.loads(read_words(Path(place).expanduser()))
    except (OSError, RuntimeError, ValueError, RecursionError):
        return {}


def _table(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    table: Any = data
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _address(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
