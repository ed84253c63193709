"""
The variables of the environment that storyreel reads: one table, from which docs/settings.md, `storyreel settings` and the
list in the help are made.

Each is declared once, and says itself what it holds; who wants a value asks it. Nothing else configures storyreel: no
`.env` and no other file of the folder in which a command runs, which may be a stranger's.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import unquote

from storyreel.api_key import Key, key_of
from storyreel.errors import SettingsError

REAL_API = "https://api.x.ai/v1"
MOST_S = 3600
"""The longest pause or latency that a variable may name, in seconds."""

_ADDRESS = re.compile(
    r"https?://(?P<host>\[[0-9a-f:.]+\]|[^\s/\\?#@:\[\]%]+)(:(?P<port>\d{1,5}))?(/[^\s\\?#@]*)?",
    re.IGNORECASE | re.ASCII,
)
Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Variable(Generic[Value]):
    """
    A variable of the environment that storyreel reads, and all that is to be known of it: a row of the table.

    Args:
        name: As it is written; capitals count.
        meaning: What it is for, in one sentence for a person.
        values: What it may hold, with unit and range.
        parse: Makes a value of a text, given the name to call it by; raises a SettingsError where it makes no sense.
        otherwise: Returns what holds in an environment where it is not set.
        instead: That in words, where the value itself does not say it.
        option: The option that goes before it, if there is one.
        commands: The commands that have this option.
        secret: Whether nobody may see its value.
        absolute: Whether a relative path counts as unset.
        ours: Whether storyreel sets it for processes of its own, and people need not.
    """

    name: str
    meaning: str
    values: str
    parse: Callable[[str, str], Value]
    otherwise: Callable[[Mapping[str, str]], Value]
    instead: str = ""
    option: str = ""
    commands: tuple[str, ...] = ()
    secret: bool = False
    absolute: bool = False
    ours: bool = False

    def text(self, environ: Mapping[str, str] | None = None) -> str:
        """
        Return what is set, without the spaces around it; empty where it is not set, or counts as that.

        Args:
            environ: An environment; that of this process where it is None.
        """
        text = (os.environ if environ is None else environ).get(self.name, "").strip()
        return "" if self.absolute and not Path(text).is_absolute() else text

    def read(self, environ: Mapping[str, str] | None = None) -> Value:
        """
        Return the value that holds: what is set, else what holds otherwise.

        Args:
            environ: An environment; that of this process where it is None.

        Raises:
            SettingsError: It is set, and makes no sense; or nobody knows the home in which it would lie.
        """
        text = self.text(environ)
        return self.parse(text, self.name) if text else self.otherwise(os.environ if environ is None else environ)

    @property
    def default(self) -> str:
        """What holds where it is not set, in words, with `~` for the person's home."""
        return self.instead or in_words(self.otherwise({"HOME": "~"})) or "none"

    @property
    def in_help(self) -> str:
        """What the help of its option says of it."""
        return f"Default: {self.name}, else {self.default}."


def in_words(value: object) -> str:
    """Return a value as a person reads it; empty for None."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


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


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of storyreel's own data."""
    return DATA_HOME.read(environ) / "storyreel"


# --- what a text means ---------------------------------------------------------------------------------------------


def _text(text: str, _: str) -> str:
    return text


def _path(text: str, _: str) -> Path:
    return Path(text)


def _seconds(text: str, name: str) -> float:
    seconds = _number(text)
    if not 0 <= seconds <= MOST_S:
        raise SettingsError(f"{name}={text!r} is no number of seconds from 0 to {MOST_S}")
    return seconds


def _gigabytes(text: str, name: str) -> float:
    gigabytes = _number(text)
    if not 0 <= gigabytes < math.inf:
        raise SettingsError(f"{name}={text!r} is no number of gigabytes, such as {CACHE_GB.default}")
    return gigabytes


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _address(*, like: str, instead: str = "") -> Callable[[str, str], str]:
    """
    Return what reads an address, and returns it without a slash at its end.

    It will be shown and logged, so nothing secret may be in it; of one that is refused nothing is repeated.

    Args:
        like: What such an address looks like.
        instead: The variable that a secret belongs in.
    """

    def parse(text: str, name: str) -> str:
        if "@" in unquote(text):
            whither = f"; give the key as {instead}" if instead else ""
            raise SettingsError(f"{name} has a name or a password in it, which would be shown and logged{whither}")
        if "?" in text or "#" in text:
            raise SettingsError(
                f"{name} has a query or a fragment in it, which no base address has; it looks like {like}"
            )
        form = _ADDRESS.fullmatch(text)
        labels = form["host"].removesuffix(".").split(".") if form else [""]
        if (
            form is None
            or int(form["port"] or 80) not in range(1, 65536)
            or not all(0 < len(one) < 64 for one in labels)
        ):
            raise SettingsError(f"{name} is no address; it looks like {like}")
        scheme, _, rest = text.partition("://")
        return f"{scheme.lower()}://{rest}".rstrip("/")

    return parse


def _nothing(_: Mapping[str, str]) -> None:
    return None


def _below_home(folder: str) -> Callable[[Mapping[str, str]], Path]:
    def place(environ: Mapping[str, str]) -> Path:
        try:
            return Path(environ.get("HOME") or Path.home()) / folder
        except RuntimeError:
            raise SettingsError(
                "this machine knows no home of yours, in which storyreel could work; set HOME"
            ) from None

    return place


# --- the table -----------------------------------------------------------------------------------------------------

API_KEY: Variable[Key | None] = Variable(
    name="XAI_API_KEY",
    meaning="The key of the real API; without one there are only rehearsals.",
    values="a key, as the service gave it",
    parse=key_of,
    otherwise=_nothing,
    secret=True,
)
BASE_URL: Variable[str] = Variable(
    name="XAI_BASE_URL",
    meaning="Another address of the same API, such as a gateway's or that of a sandbox.",
    values="http or https, without name, password and query",
    parse=_address(like=REAL_API, instead=API_KEY.name),
    otherwise=lambda _: REAL_API,
)
VAULT: Variable[str] = Variable(
    name="STORYREEL_VAULT",
    meaning="Where takes are kept for good.",
    values="file:/path, a bare path, or s3://bucket/prefix",
    parse=_text,
    otherwise=lambda environ: f"file:{data_folder(environ) / 'vault'}",
    option="--vault",
    commands=("plan", "shoot", "approve", "resolve", "takes", "gc", "vault check"),
)
OUT: Variable[Path] = Variable(
    name="STORYREEL_OUT",
    meaning="Where films go.",
    values="a folder",
    parse=_path,
    otherwise=lambda _: Path("out"),
    option="--out",
    commands=("shoot", "approve", "films"),
)
CATALOG: Variable[Path | None] = Variable(
    name="STORYREEL_CATALOG",
    meaning="Your own models, limits and prices, laid over ours.",
    values="a TOML file",
    parse=at_home,
    otherwise=_nothing,
)
POLL: Variable[float | None] = Variable(
    name="STORYREEL_POLL",
    meaning="How long to wait between two questions for the same take.",
    values=f"seconds, 0 to {MOST_S}",
    parse=_seconds,
    otherwise=_nothing,
    instead="5 at the real API, 0.2 at the sandbox",
)
SANDBOX: Variable[Path] = Variable(
    name="STORYREEL_SANDBOX",
    meaning="Where the sandbox keeps its jobs.",
    values="a folder",
    parse=_path,
    otherwise=lambda environ: data_folder(environ) / "sandbox",
    option="--folder",
    commands=("sandbox",),
)
SANDBOX_LATENCY: Variable[float] = Variable(
    name="STORYREEL_SANDBOX_LATENCY",
    meaning="How long the sandbox takes over a clip.",
    values=f"seconds, 0 to {MOST_S}",
    parse=_seconds,
    otherwise=lambda _: 0.2,
    option="--latency",
    commands=("sandbox",),
)
CACHE_GB: Variable[float] = Variable(
    name="STORYREEL_CACHE_GB",
    meaning="How much room the copies of clips may take on this machine, where the vault is a bucket.",
    values="gigabytes, from 0",
    parse=_gigabytes,
    otherwise=lambda _: 20.0,
)
FFMPEG: Variable[str | None] = Variable(
    name="STORYREEL_FFMPEG",
    meaning="Which ffmpeg to run; it needs libx264.",
    values="a path, or a name that PATH knows",
    parse=_text,
    otherwise=_nothing,
    instead="the one on PATH, else one that comes with Python",
)
FFMPEG_LOG: Variable[Path | None] = Variable(
    name="STORYREEL_FFMPEG_LOG",
    meaning="Where each command of ffmpeg is noted, one JSON object a line.",
    values="a file",
    parse=_path,
    otherwise=_nothing,
)
JOBS_LIMIT: Variable[str | None] = Variable(
    name="STORYREEL_JOBS_LIMIT",
    meaning="The limit at the Prefect server that all workers share for jobs in flight; our own workers have it set.",
    values="its name: storyreel-jobs",
    parse=_text,
    otherwise=_nothing,
)
SUBMITS_LIMIT: Variable[str | None] = Variable(
    name="STORYREEL_SUBMITS_LIMIT",
    meaning="The limit at the Prefect server that all workers share for requests a second; our own workers have it set.",
    values="its name: storyreel-submits",
    parse=_text,
    otherwise=_nothing,
)
FILMS_URL: Variable[str | None] = Variable(
    name="STORYREEL_FILMS_URL",
    meaning="Where the folder of films is served, so that Prefect's page can link to them; a desk sets it.",
    values="http or https, without name, password and query",
    parse=_address(like="https://films.example.com"),
    otherwise=_nothing,
)
DATA_HOME: Variable[Path] = Variable(
    name="XDG_DATA_HOME",
    meaning="Where storyreel's folder of lasting data is: the vault, the sandbox and the desk, where nothing else names them.",
    values="an absolute path; a relative one counts as unset",
    parse=_path,
    otherwise=_below_home(".local/share"),
    absolute=True,
)
CACHE_HOME: Variable[Path] = Variable(
    name="XDG_CACHE_HOME",
    meaning="Where storyreel's folder of what can be made again is.",
    values="an absolute path; a relative one counts as unset",
    parse=_path,
    otherwise=_below_home(".cache"),
    absolute=True,
)
STATE_HOME: Variable[Path] = Variable(
    name="XDG_STATE_HOME",
    meaning="Where storyreel's folder is for logs of defects, and for what is paid and finds no room in the vault.",
    values="an absolute path; a relative one counts as unset",
    parse=_path,
    otherwise=_below_home(".local/state"),
    absolute=True,
)
ROOT: Variable[Path] = Variable(
    name="STORYREEL_ROOT",
    meaning="The person's folder, in which relative paths start, for processes that work elsewhere.",
    values="an absolute path; a relative one counts as unset",
    parse=_path,
    otherwise=lambda _: Path.cwd(),
    instead="the folder that a process works in",
    absolute=True,
    ours=True,
)
UNWATCHED: Variable[str | None] = Variable(
    name="STORYREEL_UNWATCHED",
    meaning="That the Prefect server at hand has no page, so that nothing is drawn for one.",
    values="anything",
    parse=_text,
    otherwise=_nothing,
    ours=True,
)

TABLE: tuple[Variable[object], ...] = (
    API_KEY,
    BASE_URL,
    VAULT,
    OUT,
    CATALOG,
    POLL,
    SANDBOX,
    SANDBOX_LATENCY,
    CACHE_GB,
    FFMPEG,
    FFMPEG_LOG,
    JOBS_LIMIT,
    SUBMITS_LIMIT,
    FILMS_URL,
    DATA_HOME,
    CACHE_HOME,
    STATE_HOME,
    ROOT,
    UNWATCHED,
)
"""All of them, as a person reads them: what most want to set first, what storyreel sets itself last."""
