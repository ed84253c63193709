"""
The table: every variable of the environment that storyreel reads, each declared once.

docs/settings.md, `storyreel settings`, the help and the help of options are made from it, and so is what the two files of settings may
say: the user's own, and a project's, which may be a stranger's. Nothing else configures storyreel: no `.env` and no other file of the
folder in which a command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from storyreel.api_key import Key, key_of
from storyreel.errors import SettingsError
from storyreel.mark_limits import USUAL, MarkLimits, mark_limits_of
from storyreel.notify_address import NotifyAddress, notify_address_of
from storyreel.variables import readings
from storyreel.variables.variable import InFiles, Variable

REAL_API = "https://api.x.ai/v1"


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of storyreel's own data."""
    return DATA_HOME.read(environ) / "storyreel"


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
    parse=readings.address(like=REAL_API, instead=API_KEY.name),
    otherwise=lambda _: REAL_API,
    files=InFiles(key="base_url"),
)
USER: Variable[str | None] = Variable(
    name="STORYREEL_USER",
    meaning="Who asks, told to the service with each request (`user`), for teams that must name theirs; it changes no purchase.",
    values=f"a word or a few, {readings.NAME_MOST} letters at most; no secret",
    parse=readings.name_of,
    otherwise=_nothing,
    files=InFiles(key="user"),
)
VAULT: Variable[str] = Variable(
    name="STORYREEL_VAULT",
    meaning="Where takes are kept for good.",
    values="file:/path, a bare path, or s3://bucket/prefix",
    parse=readings.text_of,
    otherwise=lambda environ: f"file:{data_folder(environ) / 'vault'}",
    option="--vault",
    commands=(
        "plan",
        "why",
        "shoot",
        "approve",
        "resolve",
        "takes",
        "page",
        "export",
        "pin",
        "films",
        "costs",
        "budget",
        "watch",
        "status",
        "gc",
        "vault check",
        "doctor",
    ),
    files=InFiles(key="vault", place=True),
)
OUT: Variable[Path] = Variable(
    name="STORYREEL_OUT",
    meaning="Where films go.",
    values="a folder",
    parse=readings.at_home,
    otherwise=lambda _: Path("out"),
    option="--out",
    commands=("shoot", "approve", "page", "export", "films", "status", "doctor"),
    files=InFiles(key="out", project="says", place=True),
)
BUDGET: Variable[float | None] = Variable(
    name="STORYREEL_BUDGET",
    meaning="What a run may spend at most where nobody says so for it; of it and what the storyboard says, the smaller one holds.",
    values="US dollars, from 0",
    parse=readings.dollars_of,
    otherwise=_nothing,
    instead="10 at the real API",
    files=InFiles(key="budget", project="lowers", number=True),
)
CAP_DAY: Variable[float | None] = Variable(
    name="STORYREEL_CAP_DAY",
    meaning="The most that all runs of a vault may spend in a day, in UTC, whatever their budgets; rehearsals have a till of their own.",
    values="US dollars, from 0",
    parse=readings.dollars_of,
    otherwise=_nothing,
    files=InFiles(key="cap.day", project="lowers", number=True),
)
CAP_MONTH: Variable[float | None] = Variable(
    name="STORYREEL_CAP_MONTH",
    meaning="The same for a month, in UTC.",
    values="US dollars, from 0",
    parse=readings.dollars_of,
    otherwise=_nothing,
    files=InFiles(key="cap.month", project="lowers", number=True),
)
CATALOG: Variable[Path | None] = Variable(
    name="STORYREEL_CATALOG",
    meaning="Your own models, limits and prices, laid over ours.",
    values="a TOML file",
    parse=readings.at_home,
    otherwise=_nothing,
    files=InFiles(key="catalog", place=True),
)
POLL: Variable[float | None] = Variable(
    name="STORYREEL_POLL",
    meaning="How long to wait between two questions for the same take.",
    values=f"seconds, 0 to {readings.MOST_S}",
    parse=readings.seconds_of,
    otherwise=_nothing,
    instead="5 at the real API, 0.2 at the sandbox",
    files=InFiles(key="poll", project="says", number=True, bounds=(1, 60)),
)
SANDBOX: Variable[Path] = Variable(
    name="STORYREEL_SANDBOX",
    meaning="Where the sandbox keeps its jobs.",
    values="a folder",
    parse=readings.at_home,
    otherwise=lambda environ: data_folder(environ) / "sandbox",
    option="--folder",
    commands=("sandbox",),
    files=InFiles(key="sandbox", place=True),
)
SANDBOX_LATENCY: Variable[float] = Variable(
    name="STORYREEL_SANDBOX_LATENCY",
    meaning="How long the sandbox takes over a clip.",
    values=f"seconds, 0 to {readings.MOST_S}",
    parse=readings.seconds_of,
    otherwise=lambda _: 0.2,
    option="--latency",
    commands=("sandbox",),
    files=InFiles(key="sandbox_latency", number=True),
)
CACHE_GB: Variable[float] = Variable(
    name="STORYREEL_CACHE_GB",
    meaning="How much room the copies of clips may take on this machine, where the vault is a bucket.",
    values="gigabytes, from 0",
    parse=readings.gigabytes_of,
    otherwise=lambda _: 20.0,
    files=InFiles(key="cache_gb", number=True, each=False),
)
FFMPEG: Variable[str | None] = Variable(
    name="STORYREEL_FFMPEG",
    meaning="Which ffmpeg to run; it needs libx264.",
    values="a path, or a name that PATH knows",
    parse=readings.text_of,
    otherwise=_nothing,
    instead="the one on PATH, else one that comes with Python",
    files=InFiles(key="ffmpeg", place=True, each=False),
)
MARKS: Variable[MarkLimits] = Variable(
    name="STORYREEL_MARKS",
    meaning="From where on something about a clip is told as a mark, in seconds, percent and levels; what is not named is as usual.",
    values="name=number, or name=off, with spaces between them",
    parse=mark_limits_of,
    otherwise=lambda _: USUAL,
    instead=str(USUAL),
)
FFMPEG_LOG: Variable[Path | None] = Variable(
    name="STORYREEL_FFMPEG_LOG",
    meaning="Where each command of ffmpeg is noted, one JSON object a line.",
    values="a file",
    parse=readings.at_home,
    otherwise=_nothing,
    files=InFiles(key="ffmpeg_log", place=True, each=False),
)
PORT: Variable[int | None] = Variable(
    name="STORYREEL_PORT",
    meaning="The port of a desk, for Prefect's page.",
    values="1024 to 65535",
    parse=readings.port_of,
    otherwise=_nothing,
    instead="4200; of a project's desk the next that is free, which it keeps",
    option="--port",
    commands=("studio",),
    files=InFiles(key="desk.port", project="says", number=True),
)
FILMS_PORT: Variable[int | None] = Variable(
    name="STORYREEL_FILMS_PORT",
    meaning="The port of a desk, for the films.",
    values="1024 to 65535",
    parse=readings.port_of,
    otherwise=_nothing,
    instead="the one after that of Prefect's page",
    option="--films-port",
    commands=("studio",),
    files=InFiles(key="desk.films_port", project="says", number=True),
)
JOBS_LIMIT: Variable[str | None] = Variable(
    name="STORYREEL_JOBS_LIMIT",
    meaning="The limit at the Prefect server that all workers share for jobs in flight; our own workers have it set.",
    values="its name: storyreel-jobs",
    parse=readings.text_of,
    otherwise=_nothing,
)
SUBMITS_LIMIT: Variable[str | None] = Variable(
    name="STORYREEL_SUBMITS_LIMIT",
    meaning="The limit at the Prefect server that all workers share for requests a second; our own workers have it set.",
    values="its name: storyreel-submits",
    parse=readings.text_of,
    otherwise=_nothing,
)
FILMS_URL: Variable[str | None] = Variable(
    name="STORYREEL_FILMS_URL",
    meaning="Where the folder of films is served, so that Prefect's page can link to them; a desk sets it.",
    values="http or https, without name, password and query",
    parse=readings.address(like="https://films.example.com"),
    otherwise=_nothing,
)
C2PA_CERT: Variable[Path | None] = Variable(
    name="STORYREEL_C2PA_CERT",
    meaning="The certificate that films are signed with, as a C2PA manifest that says how they were made; needs the extra `c2pa`.",
    values="a file in PEM, the certificate first and those above it behind",
    parse=readings.at_home,
    otherwise=_nothing,
    files=InFiles(key="c2pa.cert", place=True, each=False),
)
C2PA_KEY: Variable[Path | None] = Variable(
    name="STORYREEL_C2PA_KEY",
    meaning="The private key of that certificate, which is read when a film is signed and never shown.",
    values="a file in PEM, without a password",
    parse=readings.at_home,
    otherwise=_nothing,
    files=InFiles(key="c2pa.key", place=True, each=False),
)
C2PA_TIMESTAMP: Variable[str | None] = Variable(
    name="STORYREEL_C2PA_TIMESTAMP",
    meaning="Who is asked to say when a film was signed; nobody, where it is not set.",
    values="an address of RFC 3161, http or https, without name, password and query",
    parse=readings.address(like="http://timestamp.example.com"),
    otherwise=_nothing,
    files=InFiles(key="c2pa.timestamp", each=False),
)
FILMS_FOLDER: Variable[Path | None] = Variable(
    name="STORYREEL_FILMS_FOLDER",
    meaning="The folder whose films are served where STORYREEL_FILMS_URL says: of films elsewhere the path is told, and no link.",
    values="a folder",
    parse=readings.path_of,
    otherwise=_nothing,
    instead="all of them",
    ours=True,
)
NOTIFY: Variable[NotifyAddress | None] = Variable(
    name="STORYREEL_NOTIFY",
    meaning="Where the morning report of a night is sent; a secret, for the environment of the worker.",
    values="addresses of apprise, such as `mailtos://...`, with spaces between them",
    parse=notify_address_of,
    otherwise=_nothing,
    secret=True,
)
CONFIG_HOME: Variable[Path] = Variable(
    name="XDG_CONFIG_HOME",
    meaning="Where storyreel's folder is in which your own settings file is.",
    values="an absolute path; a relative one counts as unset",
    parse=readings.path_of,
    otherwise=_below_home(".config"),
    absolute=True,
)
DATA_HOME: Variable[Path] = Variable(
    name="XDG_DATA_HOME",
    meaning="Where storyreel's folder of lasting data is: the vault, the sandbox and the desk, where nothing else names them.",
    values="an absolute path; a relative one counts as unset",
    parse=readings.path_of,
    otherwise=_below_home(".local/share"),
    absolute=True,
)
CACHE_HOME: Variable[Path] = Variable(
    name="XDG_CACHE_HOME",
    meaning="Where storyreel's folder of what can be made again is.",
    values="an absolute path; a relative one counts as unset",
    parse=readings.path_of,
    otherwise=_below_home(".cache"),
    absolute=True,
)
STATE_HOME: Variable[Path] = Variable(
    name="XDG_STATE_HOME",
    meaning="Where storyreel's folder is for logs of defects, for what is paid and finds no room in the vault, and for how pins are taken back.",
    values="an absolute path; a relative one counts as unset",
    parse=readings.path_of,
    otherwise=_below_home(".local/state"),
    absolute=True,
)
ROOT: Variable[Path] = Variable(
    name="STORYREEL_ROOT",
    meaning="The person's folder, in which relative paths start, for processes that work elsewhere.",
    values="an absolute path; a relative one counts as unset",
    parse=readings.path_of,
    otherwise=lambda _: Path.cwd(),
    instead="the folder that a process works in",
    absolute=True,
    ours=True,
)
UNWATCHED: Variable[str | None] = Variable(
    name="STORYREEL_UNWATCHED",
    meaning="That the page of the Prefect server at hand is gone with the command, so that nothing is drawn on it.",
    values="anything",
    parse=readings.text_of,
    otherwise=_nothing,
    ours=True,
)
UNUSABLE_PROXIES: Variable[str | None] = Variable(
    name="STORYREEL_UNUSABLE_PROXIES",
    meaning="For what a proxy was named that no client here can use: Prefect does not start where it finds one, and so does not find it.",
    values="http, https, all, or several of them",
    parse=readings.text_of,
    otherwise=_nothing,
    ours=True,
)

TABLE: tuple[Variable[object], ...] = (
    API_KEY,
    BASE_URL,
    USER,
    VAULT,
    OUT,
    BUDGET,
    CAP_DAY,
    CAP_MONTH,
    CATALOG,
    POLL,
    SANDBOX,
    SANDBOX_LATENCY,
    CACHE_GB,
    MARKS,
    FFMPEG,
    FFMPEG_LOG,
    PORT,
    FILMS_PORT,
    JOBS_LIMIT,
    SUBMITS_LIMIT,
    FILMS_URL,
    C2PA_CERT,
    C2PA_KEY,
    C2PA_TIMESTAMP,
    NOTIFY,
    CONFIG_HOME,
    DATA_HOME,
    CACHE_HOME,
    STATE_HOME,
    ROOT,
    FILMS_FOLDER,
    UNWATCHED,
    UNUSABLE_PROXIES,
)
"""All of them, as a person reads them: what most want to set first, what storyreel sets itself last."""
