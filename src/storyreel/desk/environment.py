"""
What the processes of a desk are told of their surroundings, and the folder that they work in.

A folder with a storyboard in it may come from a stranger, and Prefect reads its settings from whatever folder it is
imported in; so ours work in an empty one. The environment is the person's own, and yet most of what it says of Prefect
and of Python is about other work: each of our processes gets what it needs, and the key only those that call the service.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from storyreel.desk.proxies import past_proxies
from storyreel.errors import SettingsError
from storyreel.settings import vault_from
from storyreel.variables.table import ROOT

SERVER_NEEDS = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",  # where some Pythons have their own libraries
    "LOGNAME",
    "PATH",
    "TMPDIR",
    "TZ",
    "USER",
    "VIRTUAL_ENV",
)
"""All that a server is told of the person's surroundings: it calls nobody, and holds no key of anybody's."""
SERVER_PREFECT = (
    "PREFECT_API_DATABASE_CONNECTION_URL",  # both names: the database that a person has for their server
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_LOGGING_LEVEL",  # whoever looks for a fault wants to see more
    "PREFECT_LOGGING_SERVER_LEVEL",
    "PREFECT_SERVER_LOGGING_LEVEL",
)
"""What a person may have set for a server of ours."""
WORKER_PREFECT = (
    "PREFECT_LOGGING_LEVEL",
    "PREFECT_WORKER_QUERY_SECONDS",  # how soon a run begins, for how many questions
    "PREFECT_WORKER_HEARTBEAT_SECONDS",
)
"""What a person may have set for a worker of ours, and for the runs that it starts."""
PYTHON_FLAGS = ("PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "PYTHONUTF8", "PYTHONIOENCODING")
"""What a person may have set for Python and names no place."""
PYTHON_PLACES = (
    "PYTHONHOME",  # where Python's own library is, if it was moved
    "PYTHONPATH",  # where storyreel itself may have been imported from
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
)
"""
What a person may have set for Python and names places: those that are told by their whole path. Another one, such as an
empty one, means the folder that a process happens to be in.
"""
PLACES = (
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "IMAGEIO_FFMPEG_EXE",
    "NETRC",
    "PREFECT_API_SSL_CERT_FILE",
    "PREFECT_HOME",
    "PREFECT_LOCAL_STORAGE_PATH",
    "PREFECT_LOGGING_CONFIG_PATH",
    "PREFECT_LOGGING_SETTINGS_PATH",
    "PREFECT_PROFILES_PATH",
    "PREFECT_RESULTS_LOCAL_STORAGE_PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "STORYREEL_C2PA_CERT",
    "STORYREEL_C2PA_KEY",
    "STORYREEL_CATALOG",
    "STORYREEL_FFMPEG_LOG",
    "STORYREEL_FILMS_FOLDER",
    "STORYREEL_OUT",
    "STORYREEL_SANDBOX",
    "TMPDIR",
)
"""Variables that name a file or a folder: a relative one is meant in the person's folder, and our processes are elsewhere."""

SERVER_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # Written one by one, the states of a large film's tasks are minutes late on the page.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "NO_COLOR": "1",
}
"""Prefect's settings for a server of ours."""
WORKER_SETTINGS = {
    "DO_NOT_TRACK": "1",
    # The shortest that Prefect allows: a run whose process is gone is noticed by its silence.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # A person who presses Run looks at the page.
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "NO_COLOR": "1",
}
"""Prefect's settings for a worker of ours, and for its runs."""


def server_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """
    Return the environment of a Prefect server: what is on a list, no key, no way to anybody else.

    Args:
        environ: The person's.
        home: The Prefect home of the server, and so of its database.
    """
    env = {name: environ[name] for name in SERVER_NEEDS if name in environ}
    return {
        **env,
        **_python(environ),
        **SERVER_SETTINGS,
        **_chosen(environ, SERVER_PREFECT),
        **_at_home(home),
        "NO_PROXY": "*",
        "no_proxy": "*",
    }


def worker_environment(environ: Mapping[str, str], home: Path, root: Path, api: str) -> dict[str, str]:
    """
    Return the environment of a worker and of the runs that it starts: the person's, with the key in it, but for what they
    have set for other work with Prefect and Python.

    Args:
        environ: The person's.
        home: The Prefect home.
        root: The person's folder, in which relative paths start.
        api: The address of Prefect's API.
    """
    return {
        **placed(past_proxies(_others(environ)), root),
        **_python(environ),
        **WORKER_SETTINGS,
        **_chosen(environ, WORKER_PREFECT),
        **_at_home(home),
        "PREFECT_API_URL": api,
        ROOT.name: str(root),
    }


def client_environment(environ: Mapping[str, str], home: Path, root: Path, server: Mapping[str, str]) -> dict[str, str]:
    """
    Return the environment of a command that speaks to a server of ours: the person's, but for what they have set for
    another server.

    Args:
        environ: The person's.
        home: The Prefect home.
        root: The person's folder, in which relative paths start.
        server: The settings with which Prefect works at a server of ours; empty for a temporary one.
    """
    env = past_proxies(_others(environ)) | _python(environ)
    env |= _chosen(environ, {*SERVER_PREFECT, *WORKER_PREFECT}) | _at_home(home)
    return placed(env, root) | {ROOT.name: str(root), **server}


def guest_environment(environ: Mapping[str, str], root: Path, api: str) -> dict[str, str]:
    """
    Return the environment of a command that speaks to a server which a person has named: all that they have set for it.

    Args:
        environ: The person's.
        root: The person's folder, in which relative paths start.
        api: The address of Prefect's API.
    """
    theirs = {name: value for name, value in environ.items() if name.upper().startswith("PREFECT_")}
    env = past_proxies(_others(environ), api) | theirs | _python(environ)
    return placed(env, root) | {ROOT.name: str(root), "PREFECT_API_URL": api, "PYTHONSAFEPATH": "1"}


def placed(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return an environment whose places hold wherever a process works: what is relative is meant in the person's folder."""
    env = dict(environ)
    for name, value in environ.items():
        text = value.strip()
        # What has no slash in it is a command, and looked for as such; a home is found wherever a process works.
        if (name in PLACES or (name == "STORYREEL_FFMPEG" and "/" in text)) and text and not text.startswith("~"):
            env[name] = str(root / text)
        elif text and name == "STORYREEL_VAULT":
            env[name] = vault_from(root, text)
    return env


def empty_folder(desk: Path) -> Path:
    """
    Return the folder that our processes work in: nobody else can write to it, and nothing is there to be read.

    Args:
        desk: The folder of a desk, or a Prefect home of ours; it is made if there is none.

    Raises:
        SettingsError: It cannot be made, or there is something in it.
    """
    folder = desk / "empty"
    try:
        desk.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
        if ours and status.st_mode & 0o077:
            folder.chmod(0o700)
        first = next(folder.iterdir(), None) if ours else None
    except OSError as error:
        raise SettingsError(f"{folder} cannot be used ({error.strerror}); it is an empty folder of ours") from None
    if not ours or first is not None:
        what = f"has {first.name!r} in it" if first is not None else "is no folder of yours"
        raise SettingsError(f"{folder} {what}, and has to be empty: Prefect reads settings from there; remove it")
    return folder


def _at_home(home: Path) -> dict[str, str]:
    """
    Return where Prefect is at home, and that no profile counts, nor a configuration of logging: there are no such files.

    Such a configuration calls any function, and Prefect looks for one in its home, which a person may have named.
    """
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "empty" / "profiles.toml"),
        "PREFECT_LOGGING_CONFIG_PATH": str(home / "empty" / "logging.yml"),
        "PYTHONSAFEPATH": "1",
    }


def _others(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a person has set for anything but Prefect and Python."""
    return {name: value for name, value in environ.items() if not name.upper().startswith(("PREFECT_", "PYTHON"))}


def _chosen(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: environ[name] for name in names if environ.get(name, "").strip()}


def _python(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is handed on of a person's settings of Python."""
    env = _chosen(environ, PYTHON_FLAGS)
    for name in PYTHON_PLACES:
        if whole := [place for place in environ.get(name, "").split(os.pathsep) if Path(place).is_absolute()]:
            env[name] = os.pathsep.join(whole)
    return env
