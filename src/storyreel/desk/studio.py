"""
A desk to produce films at: Prefect's server with its page, a worker, the films, and all deployments, by one command.

The server and the worker are processes of their own; none outlives the desk. What was done is still there when the desk
is opened again: runs and deployments in its folder, takes in the vault.
"""

from __future__ import annotations

import asyncio
import fcntl
import getpass
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from starlette.types import ASGIApp

from storyreel.catalog import load_catalog
from storyreel.console import counted, say
from storyreel.delivery.page.server import serve_films
from storyreel.desk.discovery import RunningDesk, data_home, folder_of, leave_note, take_note_away
from storyreel.desk.environment import empty_folder, placed, server_environment, worker_environment
from storyreel.desk.first_desk import may_begin
from storyreel.desk.guard import Guard, address
from storyreel.desk.home import open_home
from storyreel.desk.listening import HOST, bound
from storyreel.desk.processes import Process, children_of, start
from storyreel.desk.project_desks import ports_for, remember, remembered
from storyreel.desk.secret import SECRET, keep_secret
from storyreel.errors import SettingsError, StoryreelError
from storyreel.files.regular import check_plain, reason_of
from storyreel.production.board_pages import BoardPages, Folders
from storyreel.settings import Settings, read_settings, vault_from
from storyreel.variables.readings import at_home
from storyreel.variables.table import FILMS_FOLDER, FILMS_URL, ROOT

SERVER_PATIENCE_S = 300.0
"""How long Prefect's server may take to answer for the first time; it takes 8 to 15 s on two cores that are not busy."""
WORKER_PATIENCE_S = 35.0
"""How long a worker that is stopped may take: its runs wait up to 25 s for the answers to what they have sent."""
WORKER_LIVES = 5
"""How often in a row a worker that ended by itself is replaced."""
NOT_AGREED = 1
"""What the command ends with where a person said no."""
OWN = ("lock", "server.log", "worker.log")
"""Files that a desk writes in its folder."""
NIGHTS = "storyboards"
"""The folder that a night shoots, where nobody names another."""
LONG_LIFE_S = 60.0
"""How long a worker that is well lives at least."""


@dataclass(frozen=True)
class DeskPlan:
    """What a desk is opened with: its folder, where its pages are, and the person's folder, in which relative paths start."""

    folder: Path
    port: int
    films_port: int
    host: str = HOST
    root: Path = field(default_factory=Path.cwd)

    @property
    def api(self) -> str:
        """The address of Prefect's API, for processes."""
        return f"http://{self.host}:{self.port}/api"


def open_desk(
    port: int | None, films_port: int | None, folder: Path | None, console: Console, *, yes: bool = False
) -> int:
    """
    Open a desk, and keep it open until it is stopped; return the exit code. In a project it is the project's own.

    Args:
        port: For Prefect's page; None for the usual one.
        films_port: For the films.
        folder: Its own folder; None for the usual one.
        yes: Whether a project's first desk is opened without asking, whatever waits at the user's own.

    Raises:
        SettingsError: It cannot have its folder or its ports, or nobody is there to be asked.
    """
    environ = placed(os.environ, Path.cwd())
    settings = read_settings(environ)
    project = settings.project
    root = Path.cwd() if project is None else project
    place = desk_folder(folder, project)
    ports = ports_for(settings, port, films_port)
    if (
        project is not None
        and remembered(project) is None
        and not may_begin(project, desk_folder(None), console, yes=yes)
    ):
        return NOT_AGREED
    # What the desk writes is the person's; the films that are made at it are for whom they have always been for.
    mask = os.umask(0o077)
    try:
        with _listen(ports.page, "--port") as page, _listen(ports.films, "--films-port") as films:
            desk = DeskPlan(place, page.getsockname()[1], films.getsockname()[1], root=root)
            try:
                place.mkdir(parents=True, exist_ok=True)
                place.chmod(0o700)
            except OSError as error:
                raise SettingsError(f"the desk cannot have its folder {place}: {error.strerror}") from None
            with _alone(place):
                open_home(place, os.environ)
                if project is not None and ports.page:
                    remember(project, ports)
                opened = _OpenDesk(desk, settings, mask, console, environ)
                # The person's folder may be a stranger's: from here on nothing is looked for in it by its being here.
                os.chdir(empty_folder(place))
                return asyncio.run(opened.keep(page, films))
    finally:
        os.umask(mask)


def desk_folder(folder: Path | None, project: Path | None = None) -> Path:
    """
    Return the folder of a desk: the one that is named; else the project's own, among our data; else that of PREFECT_HOME, else another one
    among our data.
    """
    given = os.environ.get("PREFECT_HOME", "").strip()
    if folder is not None:
        return at_home(folder, "--folder").absolute()
    if project is not None:
        return folder_of(project)
    return at_home(given or data_home() / "studio", "PREFECT_HOME").absolute()


def _listen(port: int, option: str) -> socket.socket:
    """Take a port, before anything is started."""
    try:
        return bound(port)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(
            f"the desk cannot have port {port} of {HOST} ({why}): is another desk, or a Prefect server, open "
            f"there? Stop that one, or choose another port with {option}"
        ) from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Refuse a second desk in one folder: two servers on one database would each take up what the other does."""
    for name in OWN:
        try:
            check_plain(folder / name)
        except OSError as error:
            raise SettingsError(f"{folder / name} {reason_of(error)}; the desk writes there: move it away") from None
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(
                f"a desk is open in {folder} already; close that one, or give this one another --folder"
            ) from None
        yield


def surroundings(desk: DeskPlan, here: RunningDesk, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the desk's worker: places made absolute, Prefect told where it is and what lets it in."""
    env = worker_environment(environ, desk.folder, desk.root, desk.api) | here.variables()
    # What files of settings say is read for each storyboard, whose project may say another thing.
    return env | {FILMS_URL.name: here.films, FILMS_FOLDER.name: here.out}


class _OpenDesk:
    """A desk that is open: who works at it, and how it is closed."""

    def __init__(
        self, desk: DeskPlan, settings: Settings, mask: int, console: Console, environ: Mapping[str, str]
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._mask = mask
        self._console = console
        self._secret = keep_secret(desk.folder / SECRET)
        films = f"http://{self._secret.browser_name}:{desk.films_port}"
        out = desk.root / settings.out
        self._here = RunningDesk(desk.api, films, str(out), str(desk.folder), os.getpid(), str(settings.project or ""))
        self.env = surroundings(desk, self._here, environ)
        self._boards = self._pages()
        self._server_env = server_environment(os.environ, desk.folder)
        self._empty = empty_folder(desk.folder)
        self._children: list[Process] = []
        self._stopped = asyncio.Event()

    def _pages(self) -> BoardPages:
        """Return the pages of the storyboards that runs of this desk find: in the person's folder, and where a night looks."""
        root = Path(self.env[ROOT.name])
        vault = vault_from(root, self._settings.vault)
        folders = Folders(root, (root, root / NIGHTS), Path(self._here.out), vault)
        by = f"{getpass.getuser()}@{platform.node()}"
        return BoardPages(folders, self._settings, load_catalog(self._settings.catalog), by=by)

    async def keep(self, page: socket.socket, listening: socket.socket) -> int:
        """Open the desk, keep it until a person stops it, close it. Return the exit code."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(signum, self._stopped.set)
        films = asyncio.create_task(
            serve_films(Path(self._here.out), listening, guarded=self._guarded, boards=self._boards)
        )
        work = asyncio.create_task(self._work(page))
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({work, stopped, films}, return_when=asyncio.FIRST_COMPLETED)
            for done in (films, work):
                if done.done():
                    done.result()
            return 0
        finally:
            take_note_away(self._here)
            for task in (work, stopped, films):
                task.cancel()
            await asyncio.gather(work, stopped, films, return_exceptions=True)
            await self._close()

    def _guarded(self, app: ASGIApp) -> ASGIApp:
        return Guard(app, self._secret, self._desk.films_port, cookie=self._desk.port)

    async def _work(self, page: socket.socket) -> None:
        """Open the desk and watch over it; it ends only by an error."""
        began = time.monotonic()
        self._say(f"Opening the desk in {self._desk.folder} (its logs are there too)")
        words = ("storyreel.desk.server", str(page.fileno()))
        server = await self._start("server", *words, env=self._server_env, handed=[page.fileno()])
        # From here on it is the server's: when that ends, whoever asks is told so.
        page.close()
        await self._until(server, self._answers, "Prefect's server", SERVER_PATIENCE_S)
        self._say(f"  Prefect's server answers ({time.monotonic() - began:.0f} s)")
        worker = await self._worker()
        deployed = await self._deploy()
        self._say(f"  all is deployed ({time.monotonic() - began:.0f} s)")
        leave_note(self._here)
        self._tell(deployed)
        await self._watch(server, worker)

    async def _start(self, name: str, *words: str, env: Mapping[str, str], **how: Any) -> Process:
        child = await start(name, *words, env=env, folder=self._empty, logs=self._desk.folder, **how)
        self._children.append(child)
        return child

    async def _worker(self) -> Process:
        words = ("storyreel.desk.worker", "--name", "desk", "--alone")
        return await self._start("worker", *words, env=self.env, umask=self._mask)

    async def _deploy(self) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "storyreel",
            "deploy",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.env,
            cwd=self._empty,
            start_new_session=True,
        )
        try:
            output, errors = await process.communicate()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise StoryreelError(f"the desk could not be furnished: {errors.decode().strip()}")
        return output.decode().split()

    def _client(self, timeout: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"{self._desk.api}/", trust_env=False, timeout=timeout, headers=self._secret.headers
        )

    async def _answers(self) -> bool:
        async with self._client(timeout=2) as client:
            try:
                return (await client.get("health")).status_code == 200
            except httpx.HTTPError:
                return False

    async def _until(
        self, child: Process, so: Callable[[], Coroutine[Any, Any, bool]], who: str, patience_s: float
    ) -> None:
        deadline = time.monotonic() + patience_s
        while not await so():
            if child.gone or time.monotonic() > deadline:
                raise StoryreelError(
                    f"{who} {'ended' if child.gone else 'does not answer'}; its last words, from {child.log}:\n"
                    f"{child.last_words()}"
                )
            await asyncio.sleep(0.2)

    def _tell(self, deployed: list[str]) -> None:
        folder = self._desk.folder
        lines = [
            "",
            "  Start, watch and retry films, by an address that opens Prefect's page to one browser, once:",
            f"    {address(self._secret, self._desk.port)}",
            "  Watch what was made, by one that opens the films:",
            f"    {address(self._secret, self._desk.films_port)}",
            '  Another one: storyreel studio --open. For the command prefect: eval "$(storyreel studio --env)"',
            "",
            "  Deployments: " + ", ".join(deployed),
            f"  Storyboards are looked for in {self.env[ROOT.name]}",
            f"  Vault {vault_from(self._desk.root, self._settings.vault)}, films in {self._here.out}",
            f"  Logs: {folder / 'server.log'}, {folder / 'worker.log'}",
            "",
        ]
        if self._settings.key is None:
            lines[-1:] = [
                "  There is no XAI_API_KEY, so only rehearsals can run: sequence/sequence-rehearsal, or with sandbox on.",
                "",
            ]
        lines.append("Ctrl-C stops all of it. What was made stays.")
        say(self._console, "\n".join(lines))

    async def _watch(self, server: Process, worker: Process) -> None:
        """Replace a worker that ended; give up when the server did."""
        lives = WORKER_LIVES
        while True:
            began = time.monotonic()
            ends = {asyncio.create_task(child.process.wait()): child for child in (server, worker)}
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in ends:
                    task.cancel()
            if server.gone:
                raise StoryreelError(
                    f"Prefect's server ended; its last words, from {server.log}:\n{server.last_words()}"
                )
            # One that somebody has killed, or that had lived for a while, says nothing of the next.
            killed = (worker.process.returncode or 0) < 0
            lives = WORKER_LIVES if killed or time.monotonic() - began > LONG_LIFE_S else lives - 1
            if not lives:
                raise StoryreelError(f"the worker ended again and again; see {worker.log}")
            self._say(f"The worker ended ({worker.process.returncode}); another one takes its place.")
            self._children.remove(worker)
            worker = await self._worker()

    async def _close(self) -> None:
        """Stop the runs in flight first, so that their answers are written down; then the worker, then the server."""
        began = time.monotonic()
        workers = [child for child in self._children if child.name == "worker"]
        runs = [pid for child in workers for pid in children_of(child.pid)]
        if runs:
            self._say(
                f"Closing the desk: {counted(len(runs), 'run')} in flight, written down first; "
                "what is not done goes on when the desk is opened again"
            )
        else:
            self._say("Closing the desk")
        # The worker stops its runs, and waits for them.
        await asyncio.gather(*(child.end(WORKER_PATIENCE_S) for child in workers))
        await asyncio.gather(*(child.end(10) for child in self._children))
        self._say(f"Closed ({time.monotonic() - began:.1f} s).")

    def _say(self, text: str) -> None:
        say(self._console, text)
