"""
What most of storyreel takes from its environment and from files of settings, read once and handed down. `variables/table.py` is the table
of all that is read; the default budget is `production.budget`'s.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from storyreel.api_key import Key
from storyreel.mark_limits import USUAL, MarkLimits
from storyreel.settings.layers import Origin, layers
from storyreel.settings.written import Line
from storyreel.variables import table
from storyreel.variables.variable import Variable

_USERINFO = re.compile(r"(://)[^\s\"'<>]*@")


@dataclass(frozen=True)
class Settings:
    """
    Where things are and how patient we are.

    Args:
        key: `XAI_API_KEY`, or None.
        base_url: `XAI_BASE_URL`, without a slash at its end.
        user: `STORYREEL_USER`, who asks, as the service is told, or None.
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
        films_folder: `STORYREEL_FILMS_FOLDER`, the folder that is served there, or None for whichever films go to.
        root: `STORYREEL_ROOT`, the folder in which relative paths start; else it is where the process is.
        budget: `STORYREEL_BUDGET`, what a run may spend where nobody says so for it, in US dollars, or None.
        project: The folder of the project that they are read for, or None.
        project_budget: What that one's file says that a run may spend, as its text and place, or None: it only lowers what holds.
        port: `STORYREEL_PORT`, that of a desk, or None.
        films_port: `STORYREEL_FILMS_PORT`, that of a desk's films, or None.
        origins: Where what is set comes from, by the names of the variables.
        unused: What the project's file says, and what holds all the same, in words.
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
    films_folder: Path | None = None
    cap_day: float | None = None
    cap_month: float | None = None
    marks: MarkLimits = USUAL
    root: Path = Path()
    budget: float | None = None
    project: Path | None = None
    project_budget: Line | None = None
    port: int | None = None
    films_port: int | None = None
    user: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def with_out(self, out: Path) -> Settings:
        """Return these settings with another folder for films, a relative one in the root; a link is told of what is served alone."""
        served = self.films_folder in (None, self.root / out)
        return replace(self, out=out, films_url=self.films_url if served else None)

    def where_set(self, variable: Variable[object]) -> str:
        """Return what says a setting, so that a person finds it: `PATH:LINE` of a file, else the variable's name."""
        origin = self.origins.get(variable.name)
        return origin.place if origin is not None and origin.place else variable.name


def read_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """
    Read the settings.

    Args:
        environ: An environment; that of this process where it is None.
        folder: The one that they are read for, such as a storyboard's, whose project has a say; else the one that paths start in.

    Raises:
        SettingsError: Something is set and makes no sense, or a file of settings says what it may not.
    """
    root = table.ROOT.read(environ)
    held = layers(environ, Path(os.path.realpath(root if folder is None else root / folder)))
    env = held.environ
    return Settings(
        key=table.API_KEY.read(env),
        base_url=table.BASE_URL.read(env),
        vault=table.VAULT.read(env),
        out=table.OUT.read(env),
        catalog=table.CATALOG.read(env),
        poll_s=table.POLL.read(env),
        sandbox=root / table.SANDBOX.read(env),
        sandbox_latency_s=table.SANDBOX_LATENCY.read(env),
        cache=table.CACHE_HOME.read(env) / "storyreel",
        jobs_limit=table.JOBS_LIMIT.read(env),
        submits_limit=table.SUBMITS_LIMIT.read(env),
        films_url=table.FILMS_URL.read(env),
        films_folder=table.FILMS_FOLDER.read(env),
        cap_day=table.CAP_DAY.read(env),
        cap_month=table.CAP_MONTH.read(env),
        marks=table.MARKS.read(env),
        root=root,
        budget=table.BUDGET.read(env),
        project=None if held.project is None else held.project.folder,
        project_budget=held.budget,
        port=table.PORT.read(env),
        films_port=table.FILMS_PORT.read(env),
        user=table.USER.read(env),
        origins=held.origins,
        unused=held.unused,
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
