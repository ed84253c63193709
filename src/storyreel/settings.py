"""
What most of storyreel takes from its environment, read once and handed down. `variables/table.py` is the table of all that is
read; the default budget is `production.budget`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storyreel.api_key import Key
from storyreel.mark_limits import USUAL, MarkLimits
from storyreel.variables import table

_USERINFO = re.compile(r"(://)[^\s\"'<>]*@")


@dataclass(frozen=True)
class Settings:
    """
    Where things are and how patient we are.

    Args:
        key: `XAI_API_KEY`, or None.
        base_url: `XAI_BASE_URL`, without a slash at its end.
        vault: `STORYREEL_VAULT`, an address `file:/path` (or a bare path).
        out: `STORYREEL_OUT`, the folder that films go to.
        cap_day: `STORYREEL_CAP_DAY`, the most that may be spent in a day over all runs of a vault, in US dollars, or None.
        cap_month: `STORYREEL_CAP_MONTH`, the same for a month.
        catalog: `STORYREEL_CATALOG`, the user's own catalogue, or None.
        poll_s: `STORYREEL_POLL`, seconds between two questions for the same take; None leaves it to who asks
            (5 s from the real API, a fifth of a second from the sandbox).
        sandbox: `STORYREEL_SANDBOX`, the folder of the embedded sandbox's jobs.
        sandbox_latency_s: `STORYREEL_SANDBOX_LATENCY`, seconds from accepted to due.
        cache: Where copies go that can always be made again.
        jobs_limit: `STORYREEL_JOBS_LIMIT`, Prefect's global limit that all workers share for jobs in flight, or None.
        submits_limit: `STORYREEL_SUBMITS_LIMIT`, the one for requests a second, or None.
        films_url: `STORYREEL_FILMS_URL`, where the folder of films is served, without a slash at its end, or None.
        marks: `STORYREEL_MARKS`, from where on something about a clip is told.
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
    cap_day: float | None = None
    cap_month: float | None = None
    marks: MarkLimits = USUAL
    root: Path = Path()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings from the environment.

    Args:
        environ: An environment; that of this process where it is None.

    Raises:
        SettingsError: A variable is there and makes no sense.
    """
    root = table.ROOT.read(environ)
    return Settings(
        key=table.API_KEY.read(environ),
        base_url=table.BASE_URL.read(environ),
        vault=table.VAULT.read(environ),
        out=table.OUT.read(environ),
        catalog=table.CATALOG.read(environ),
        poll_s=table.POLL.read(environ),
        sandbox=root / table.SANDBOX.read(environ),
        sandbox_latency_s=table.SANDBOX_LATENCY.read(environ),
        cache=table.CACHE_HOME.read(environ) / "storyreel",
        jobs_limit=table.JOBS_LIMIT.read(environ),
        submits_limit=table.SUBMITS_LIMIT.read(environ),
        films_url=table.FILMS_URL.read(environ),
        cap_day=table.CAP_DAY.read(environ),
        cap_month=table.CAP_MONTH.read(environ),
        marks=table.MARKS.read(environ),
        root=root,
    )


def masked(text: str) -> str:
    """Return a text in which no address has a name or a password any more: for words that are not our own."""
    return _USERINFO.sub(r"\1***@", text)


def vault_from(root: Path, address: str) -> str:
    """Return the address of a vault with its path made whole, if it is a folder: a relative one starts in `root`."""
    scheme, colon, rest = address.partition(":")
    path = rest if colon else address
    if (colon and scheme.lower() != "file") or not path or path.startswith("~"):
        return address
    return f"file:{root / path}"
