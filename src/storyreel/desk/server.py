"""
Prefect's server behind our guard, as a process: `python -m storyreel.desk.server DESCRIPTOR [alone]`.

The socket comes from who starts it, so that nobody else can have the port, and whoever asks early waits for an answer
instead of being turned away. Its Prefect home holds its database and the secret. `alone` is for one command: with a page
that is made when somebody looks at it, and a database that is a copy and goes with the command.
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import cache
from importlib.metadata import version
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storyreel.defects import to_the_end
from storyreel.desk.guard import HOW, Guard
from storyreel.desk.late_page import LatePage
from storyreel.desk.links import NewFace
from storyreel.desk.listening import ALONE
from storyreel.desk.secret import SECRET, Secret, read_secret
from storyreel.desk.sqlite_writers import OneWriter, let_writers_queue
from storyreel.desk.unused_databases import remove_unused, used

THE_ADDRESS = "the address that storyreel shoot has printed, which is good once"
"""How a browser gets in where a server is there for one command."""
FAREWELL_S = 5
"""How long requests under way are waited for when the server is to end."""


def serve(descriptor: int, home: Path, *, alone: bool) -> None:
    """Serve until the process is told to stop."""
    os.umask(0o077)
    secret = read_secret(home / SECRET)
    with socket.socket(fileno=descriptor) as listening:
        port = listening.getsockname()[1]
        os.environ.update(_settings(secret, port))
        on_started = None
        if alone:
            # As Prefect says it to a temporary server of its own: no schedules, and no page yet.
            os.environ["PREFECT__SERVER_EPHEMERAL"] = "1"
            on_started = _own_database(home)
        app = _prefect(alone=alone)
        how = THE_ADDRESS if alone else HOW
        _run(app if on_started is None else _StartupHook(app, on_started), secret, listening, how)


def _settings(secret: Secret, port: int) -> dict[str, str]:
    """Return Prefect's settings that follow from where the server is."""
    return {
        # The page asks under whatever name it was opened.
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_UI_URL": f"http://{secret.browser_name}:{port}",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{secret.browser_name}:{port}",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


def _prefect(*, alone: bool) -> ASGIApp:
    # What is loaded now lives as long as the server does: to look through it for what nobody needs is a seventh of a start.
    gc.disable()
    from prefect.logging import configuration
    from prefect.server.api.server import create_app, create_ui_app
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, get_current_settings

    # Prefect sets up its logs each time that somebody asks for its app, which is several times as it starts.
    configuration.setup_logging = cache(configuration.setup_logging)
    app: ASGIApp = create_app(final=True)
    gc.freeze()
    gc.enable()
    if alone:
        app = LatePage(app, lambda: create_ui_app(ephemeral=False))
    if get_current_settings().server.ui.v2_enabled:
        app = NewFace(app)
    sqlite = str(PREFECT_API_DATABASE_CONNECTION_URL.value()).startswith("sqlite")
    if not sqlite:
        return app
    let_writers_queue()
    return OneWriter(app)


def _run(app: ASGIApp, secret: Secret, listening: socket.socket, how: str) -> None:
    config = uvicorn.Config(
        Guard(app, secret, listening.getsockname()[1], how=how),
        lifespan="on",
        log_level="warning",
        # Addresses with tickets in them are no matter for a log.
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=FAREWELL_S,
        ws_ping_interval=20,
        ws_ping_timeout=20,
    )
    uvicorn.Server(config).run(sockets=[listening])


# --- a server for one command --------------------------------------------------------------------------------------


class _StartupHook:
    """An app that tells somebody when it has started, before it answers anybody."""

    def __init__(self, app: ASGIApp, started: Callable[[], None]) -> None:
        self._app = app
        self._started = started

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""

        async def tell(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._started()
            await send(message)

        await self._app(scope, receive, tell if scope["type"] == "lifespan" else send)


def _own_database(home: Path) -> Callable[[], None] | None:
    """
    Give a server a database of its own: a copy of one that is as it should be, since to make one takes seconds.

    Returns:
        What is to be done when the server has made its own, if there was none to copy; until then others wait for it.
    """
    # A version of ours may want another one of the same Prefect.
    name = f"prefect-{version('prefect')}-storyreel-{version('storyreel')}.db"
    template, own = home.parent / name, home / "prefect.db"
    if not _copied(template, own):
        making = (home.parent / "making").open("w")
        fcntl.flock(making, fcntl.LOCK_EX)
        if not _copied(template, own):

            def keep() -> None:
                whole = template.with_suffix(f".{os.getpid()}")
                with closing(sqlite3.connect(own)) as one, closing(sqlite3.connect(whole)) as other:
                    one.backup(other)
                whole.replace(template)
                remove_unused(template)
                making.close()

            return keep
        making.close()
    # They are in the copy.
    os.environ["PREFECT_API_BLOCKS_REGISTER_ON_START"] = "false"
    return None


def _copied(template: Path, own: Path) -> bool:
    """Copy a database, if it is one."""
    try:
        shutil.copyfile(template, own)
        used(template)
        with closing(sqlite3.connect(own)) as copy:
            return copy.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    except (OSError, sqlite3.Error):
        own.unlink(missing_ok=True)
        return False


if __name__ == "__main__":
    to_the_end(lambda: serve(int(sys.argv[1]), Path(os.environ["PREFECT_HOME"]), alone=ALONE in sys.argv[2:]))
