"""
What storyreel takes from its environment, read once and handed down. The default budget is `production.budget`'s.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from storyreel.api_key import Key, read_key
from storyreel.errors import SettingsError

REAL_API = "https://api.x.ai/v1"
ROOT = "STORYREEL_ROOT"
"""The variable that names the person's folder to processes of ours that work elsewhere: relative paths start there."""

_USERINFO = re.compile(r"(://)[^\s\"'<>]*@")
_ADDRESS = re.compile(
    r"https?://(?P<host>\[[0-9a-f:.]+\]|[^\s/\\?#@:\[\]%]+)(:(?P<port>\d{1,5}))?(/[^\s\\?#@]*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Settings:
    """
    Where things are and how patient we are.

    Args:
        key: `XAI_API_KEY`, or None.
        base_url: `XAI_BASE_URL`, without a slash at its end.
        vault: `STORYREEL_VAULT`, an address `file:/path` (or a bare path).
        out: `STORYREEL_OUT`, the folder that films go to.
        catalog: `STORYREEL_CATALOG`, the user's own catalogue, or None.
        poll_s: `STORYREEL_POLL`, seconds between two questions for the same take; None leaves it to who asks
            (5 s from the real API, a fifth of a second from the sandbox).
        sandbox: `STORYREEL_SANDBOX`, the folder of the embedded sandbox's jobs.
        sandbox_latency_s: `STORYREEL_SANDBOX_LATENCY`, seconds from accepted to due.
        cache: Where copies go that can always be made again.
        jobs_limit: `STORYREEL_JOBS_LIMIT`, Prefect's global limit that all workers share for jobs in flight, or None.
        submits_limit: `STORYREEL_SUBMITS_LIMIT`, the one for requests a second, or None.
        films_url: `STORYREEL_FILMS_URL`, where the folder of films is served, without a slash at its end, or None.
        root: `STORYREEL_ROOT`, the folder in which relative paths start; else it is where the process is.
    """

    key: Key | None = field(repr=False)
    base_url: str
    vault: str
    out: Path
    catalog: Path | None
    poll_s: float | None
    sandbox: Path
    sandbox_latency_s: float
    cache: Path
    jobs_limit: str | None = None
    submits_limit: str | None = None
    films_url: str | None = None
    root: Path = Path()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings from the environment.

    Raises:
        SettingsError: A variable is there and makes no sense.
    """
    env = os.environ if environ is None else environ

    def folder(variable: str, fallback: str) -> Path:
        # The base directory specification: an empty or relative value counts as unset.
        given = Path(env.get(variable, ""))
        return given if given.is_absolute() else Path(env.get("HOME") or Path.home()) / fallback

    data = folder("XDG_DATA_HOME", ".local/share") / "storyreel"
    base_url = _address(env, "XAI_BASE_URL", like=REAL_API, instead="XAI_API_KEY") or REAL_API
    latency_s = _seconds(env, "STORYREEL_SANDBOX_LATENCY")
    own = env.get("STORYREEL_CATALOG", "").strip()
    named = Path(env.get(ROOT, "").strip())
    root = named if named.is_absolute() else Path.cwd()
    return Settings(
        key=read_key(env),
        base_url=base_url,
        vault=env.get("STORYREEL_VAULT", "").strip() or f"file:{data / 'vault'}",
        out=Path(env.get("STORYREEL_OUT", "").strip() or "out"),
        catalog=at_home(own, "STORYREEL_CATALOG") if own else None,
        poll_s=_seconds(env, "STORYREEL_POLL"),
        sandbox=root / (env.get("STORYREEL_SANDBOX", "").strip() or data / "sandbox"),
        sandbox_latency_s=0.2 if latency_s is None else latency_s,
        cache=folder("XDG_CACHE_HOME", ".cache") / "storyreel",
        jobs_limit=env.get("STORYREEL_JOBS_LIMIT", "").strip() or None,
        submits_limit=env.get("STORYREEL_SUBMITS_LIMIT", "").strip() or None,
        films_url=_address(env, "STORYREEL_FILMS_URL", like="https://films.example.com"),
        root=root,
    )


def at_home(path: str | Path, name: str) -> Path:
    """
    Return a path in which `~` is made whole.

    Args:
        name: What has named it, a variable or an option.

    Raises:
        SettingsError: It starts in the home of somebody whom this machine does not know.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"{name}={path} starts in a home that this machine does not know; write all of it"
        ) from None


def masked(text: str) -> str:
    """Return a text in which no address has a name or a password any more: for words that are not our own."""
    return _USERINFO.sub(r"\1***@", text)


def _address(env: Mapping[str, str], name: str, *, like: str, instead: str = "") -> str | None:
    """
    Return the address that a variable names, without a slash at its end, or None if it names none.

    It will be shown and logged, so nothing secret may be in it; of one that is refused nothing is repeated.

    Raises:
        SettingsError: It is none, or has a name, a password or a query in it.
    """
    text = env.get(name, "").strip()
    if not text:
        return None
    if "@" in unquote(text):
        whither = f"; give the key as {instead}" if instead else ""
        raise SettingsError(f"{name} has a name or a password in it, which would be shown and logged{whither}")
    if "?" in text or "#" in text:
        raise SettingsError(f"{name} has a query or a fragment in it, which no base address has; it looks like {like}")
    form = _ADDRESS.fullmatch(text)
    labels = form["host"].removesuffix(".").split(".") if form else [""]
    if form is None or int(form["port"] or 80) not in range(1, 65536) or not all(0 < len(one) < 64 for one in labels):
        raise SettingsError(f"{name} is no address; it looks like {like}")
    scheme, _, rest = text.partition("://")
    return f"{scheme.lower()}://{rest}".rstrip("/")


def vault_from(root: Path, address: str) -> str:
    """Return the address of a vault with its path made whole, if it is a folder: a relative one starts in `root`."""
    scheme, colon, rest = address.partition(":")
    path = rest if colon else address
    if (colon and scheme.lower() != "file") or not path or path.startswith("~"):
        return address
    return f"file:{root / path}"


def _seconds(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 3600:
        raise SettingsError(f"{name}={text!r} is no number of seconds from 0 to 3600")
    return value
