"""
A Prefect server for one command, where nobody has opened a desk or named a server: ours, guarded, and gone with the command.

It is started before Prefect is loaded here, so that both load at once. Each has a database of its own: several commands at
the same time do not stand in each other's way.
"""

from __future__ import annotations

import atexit
import fcntl
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from storyreel.desk.environment import empty_folder, server_environment
from storyreel.desk.home import CONNECTION
from storyreel.desk.listening import ALONE, HOST, NEW, believes_nobody, bound
from storyreel.desk.processes import tied
from storyreel.desk.secret import SECRET, Secret, keep_secret, prefect_variables
from storyreel.errors import SettingsError, StoryreelError
from storyreel.variables.table import UNWATCHED

PATIENCE_S = 300.0
"""How long the server may take to answer; it takes 3 to 7 s on two cores that are not busy."""

HALF_AFTER_S = 3600.0
"""How old what is half made is before nobody goes on with it."""


@dataclass
class Server:
    """A server that is starting, or has started."""

    api: str
    folder: Path
    secret: Secret
    process: subprocess.Popen[bytes]
    lock: IO[str]
    wanted: bool = False
    """Whether a run uses it: it is ended with the process then, after all that Prefect has to say."""

    def variables(self) -> dict[str, str]:
        """Return the settings with which Prefect in this process reaches it."""
        return {
            **prefect_variables(self.api, self.secret),
            "PREFECT_UI_URL": f"http://{self.secret.browser_name}:{self.port}{NEW}",
            "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
            # Its page shows how a run goes, and is gone with it: what is drawn to stay would be drawn for nobody.
            UNWATCHED.name: "1",
        }

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.api).port
        assert port is not None
        return port

    def entrance(self, address: str) -> str:
        """Return an address on its page as one that lets a browser in, once."""
        return f"{address}?ticket={self.secret.ticket(self.port, time.time())}"

    async def answers(self) -> None:
        """
        Wait until it answers.

        Raises:
            StoryreelError: It does not.
        """
        # A server is begun before anything else is loaded that takes time to load.
        import httpx

        try:
            async with httpx.AsyncClient(
                headers=self.secret.headers, timeout=PATIENCE_S, trust_env=False, verify=believes_nobody()
            ) as client:
                # It listens already; until it has begun, the question waits in its line.
                (await client.get(f"{self.api}/health")).raise_for_status()
        except httpx.HTTPError as error:
            words = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
            raise StoryreelError(
                f"Prefect's server did not start ({error!r}), and nothing was sent; its last words:\n"
                + "\n".join(words)
            ) from None

    def end(self) -> None:
        """End it at once, and remove what was its own."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()


def serve_alone(home: Path, environ: Mapping[str, str]) -> Server:
    """
    Start a server that ends with this process.

    Args:
        home: The Prefect home of the servers that we start.
        environ: The person's environment.
    """
    shelf = home / "alone"
    try:
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_left(shelf)
        folder, lock = own_folder(shelf)
    except OSError as error:
        raise SettingsError(
            f"{shelf} cannot be used ({error.strerror}); a Prefect server is to be started there"
        ) from None
    secret = keep_secret(folder / SECRET)
    env = server_environment({name: value for name, value in environ.items() if name not in CONNECTION}, folder)
    with bound(0) as listening, (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            tied("storyreel.desk.server", str(listening.fileno()), ALONE),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=empty_folder(folder),
            pass_fds=[listening.fileno(), lock.fileno()],
            umask=0o077,
            start_new_session=True,
        )
        server = Server(f"http://{HOST}:{listening.getsockname()[1]}/api", folder, secret, process, lock)
    # Prefect is loaded later, and what is registered first is called last: it says all that it has to say before.
    atexit.register(server.end)
    return server


def own_folder(shelf: Path) -> tuple[Path, IO[str]]:
    """Make a folder, and hold it as long as this process or its server lives."""
    begun = Path(tempfile.mkdtemp(prefix=".", dir=shelf))
    lock = (begun / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder = shelf / secrets.token_hex(8)
    begun.rename(folder)
    return folder, lock


def remove_left(shelf: Path) -> None:
    """Remove the folders that nobody holds any more, and what was half made by somebody who is gone."""
    for half in (*shelf.glob(".*"), *(path for path in shelf.glob("prefect-*") if path.suffix != ".db")):
        with suppress(OSError):
            if time.time() - half.stat().st_mtime > HALF_AFTER_S:
                shutil.rmtree(half) if half.is_dir() else half.unlink()
    for lock in shelf.glob("[!.]*/lock"):
        with suppress(OSError), lock.open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
