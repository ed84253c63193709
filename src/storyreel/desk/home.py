"""
Where Prefect is at home for us: which server is spoken to, and whose settings and database are used.

A server that we start has a home of our own, so that it never meets the database of another project's Prefect. Whoever
has named a server, by a variable or in a profile, is spoken to with their own settings.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from storyreel.desk.environment import client_environment, empty_folder, guest_environment
from storyreel.desk.named_server import named_server
from storyreel.errors import SettingsError
from storyreel.files.regular import check_plain, reason_of
from storyreel.variables.readings import at_home

DATABASE = "prefect.db"
CONNECTION = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
_REVISION = re.compile(r"""^revision\s*(?::.*)?=\s*["'](\w+)["']""", re.MULTILINE)
_FORMER = re.compile(r"""^down_revision\s*(?::.*)?=\s*["'](\w+)["']""", re.MULTILINE)


def own_home(environ: Mapping[str, str], data: Path) -> Path:
    """Return the Prefect home of the servers that we start: the one that PREFECT_HOME names, else one among our data."""
    given = environ.get("PREFECT_HOME", "").strip()
    return at_home(given, "PREFECT_HOME").absolute() if given else data / "prefect"


def leave_the_folder(root: Path, data: Path, server: Mapping[str, str] | None = None) -> None:
    """
    Have this process work in an empty folder from here on, with settings of Prefect that are ours or a named server's.

    Prefect reads settings from the folder that it is imported in, and again later; so this comes before its import, and
    the process stays there. Relative paths are looked for in the folder that it has left.

    Args:
        root: The person's folder.
        data: Where our own data are.
        server: The settings with which Prefect works at a server of ours; None for the server that a person has named,
            else for a temporary one.

    Raises:
        SettingsError: Our home cannot be used with the Prefect at hand, or the certificates cannot be read: its clients want
            them for every address, and its server would be waited for in vain.
    """
    # Where Prefect is at home is asked before any client is loaded.
    from storyreel.imagine.connection import trust

    trust()
    environ = dict(os.environ)
    named = named_server(environ) if server is None else None
    if named is not None:
        empty, env = empty_folder(data / "prefect"), guest_environment(environ, root, named)
    else:
        home = own_home(environ, data)
        empty, env = empty_folder(home), client_environment(environ, home, root, server or {})
        if server is None:
            open_home(home, environ)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(empty)
    # Python makes whole paths of what was relative when it began; a storyboard's folder is no place for modules.
    sys.path[:] = [place for place in sys.path if place and Path(place) != root]


# --- its database --------------------------------------------------------------------------------------------------


def open_home(home: Path, environ: Mapping[str, str]) -> None:
    """
    See that a home of ours can be used with the Prefect at hand, before a server is started in it.

    One that an older Prefect has used is taken over as it is; since there is no way back, a copy of its database is put
    beside it first.

    Raises:
        SettingsError: A newer Prefect has used it, or its database is damaged or cannot be copied.
    """
    database = home / DATABASE
    if any(environ.get(name, "").strip() for name in CONNECTION) or not database.exists():
        return
    try:
        check_plain(database)
    except OSError as error:
        raise SettingsError(
            f"the database {database} {reason_of(error)}; move it away, and a new one is made"
        ) from None
    here = version("prefect")
    revision = _revision(database)
    known, newest = revisions()
    if revision is None or revision == newest or not known:
        return
    if revision not in known:
        beside = sorted(path.name for path in home.glob(f"{DATABASE}.before-*"))
        copies = (
            f", or move {DATABASE}, -wal and -shm away for a copy from before ({', '.join(beside)})" if beside else ""
        )
        raise SettingsError(
            f"the Prefect home {home} was used by a newer Prefect than the {here} at hand, which cannot read its database "
            f"(revision {revision}). Install that newer one again, or give storyreel another home with PREFECT_HOME (a desk "
            f"with --folder){copies}; nothing that was paid for is in it, all of that is in the vault"
        )
    _copy(database, home / f"{DATABASE}.before-{here}")


def _revision(database: Path) -> str | None:
    """Return how far a database has come; None where it does not say."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
            row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None  # nothing in it yet, or somebody is at work in it: Prefect sees to that
    except sqlite3.DatabaseError as error:
        raise SettingsError(
            f"the database {database} is damaged ({error}); move it away, and a new one is made. "
            "Only the history of runs is in it: all that was paid for is in the vault"
        ) from None
    return str(row[0]) if row else None


@cache
def revisions() -> tuple[frozenset[str], str]:
    """Return what the Prefect at hand knows of databases, and which is its newest. Prefect is not imported for it."""
    spec = find_spec("prefect")
    assert spec is not None
    assert spec.origin is not None
    steps = Path(spec.origin).parent / "server" / "database" / "_migrations" / "versions" / "sqlite"
    texts = [path.read_text(encoding="utf-8") for path in steps.glob("*.py")]
    known = {match[1] for text in texts if (match := _REVISION.search(text))}
    newest = known - {match[1] for text in texts if (match := _FORMER.search(text))}
    return frozenset(known), newest.pop() if len(newest) == 1 else ""


def _copy(database: Path, to: Path) -> None:
    """Copy a database as it stands, also while somebody writes to it. One that was copied since it changed is left."""
    changed = max(path.stat().st_mtime for path in (database, database.with_name(f"{DATABASE}-wal")) if path.exists())
    if to.exists() and to.stat().st_mtime >= changed:
        return
    part = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        with closing(sqlite3.connect(database, timeout=30)) as before, closing(sqlite3.connect(part)) as after:
            before.backup(after)
        part.replace(to)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise SettingsError(
            f"the database {database} is taken over by Prefect {version('prefect')}, and could not be copied to {to} "
            f"first ({error}); make room there"
        ) from None
