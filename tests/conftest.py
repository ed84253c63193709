"""
What all tests stand on: no socket leaves this machine, no setting of the person's reaches a test.
"""

import atexit
import gc
import os
import platform
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from hypothesis import settings

from storyreel.sandbox.stage import clips as film
from tests.buckets import make_bucket, s3_server
from tests.chaos.stage import launcher
from tests.desk import BOARD, Desk
from tests.drawn_once import one_picture, run_once
from tests.one_server import together

__all__ = ["launcher", "make_bucket", "s3_server"]  # fixtures that the rooms share

HERE = Path(__file__).parent
runpy.run_path(str(HERE / "loopback" / "sitecustomize.py"))
# Processes that the tests start are guarded in the same way.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE / "loopback"), os.environ.get("PYTHONPATH")]))
# The desk of whoever runs the tests is theirs.
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="storyreel-tests-")
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] + "/config"
os.environ["XDG_STATE_HOME"] = os.environ["XDG_DATA_HOME"] + "/state"
atexit.register(shutil.rmtree, os.environ["XDG_DATA_HOME"], ignore_errors=True)
# Nothing here is encrypted, and to read the list of authorities takes each client a tenth of a second.
os.environ["SSL_CERT_DIR"] = os.environ["XDG_DATA_HOME"]
# The same ffmpeg on every machine, the one that constraints.txt pins; or the one that is asked for.
FFMPEG = os.environ.get("STORYREEL_FFMPEG", "").strip() or imageio_ffmpeg.get_ffmpeg_exe()
for _name in [name for name in os.environ if name.startswith(("XAI_", "STORYREEL_", "PREFECT_", "AWS_"))]:
    del os.environ[_name]
# Whole, since tests change the folder and PATH.
os.environ["STORYREEL_FFMPEG"] = str(Path(shutil.which(FFMPEG) or FFMPEG).absolute())


# Whoever starts the tests in the background of a script has Ctrl-C ignored, and all that they start inherits it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Two dozen cases each time; bench/fuzz.py tries thousands.
settings.register_profile("few", max_examples=25)
settings.load_profile("few")


SLOW = ("walk", "operated", "chaos", "test_project", "flows", "test_secrets", "cli", "studio", "test_before")
"""Rooms and files whose tests take longest, the longest first: the workers then end at about the same time."""


def rank(name: str) -> int:
    """Return the place of a room or a file among the slow ones; all others come after them."""
    return SLOW.index(name) if name in SLOW else len(SLOW)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say with which Python and which ffmpeg the tests are run. A header would be left out where pytest is quiet."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        reporter.write_line(f"Python {platform.python_version()}, {ffmpeg_version()}")


def ffmpeg_version() -> str:
    """Return which ffmpeg this is and where, in one line."""
    ffmpeg = os.environ["STORYREEL_FFMPEG"]
    try:
        told = subprocess.run([ffmpeg, "-version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise pytest.UsageError(f"{ffmpeg} is no ffmpeg that runs: {error}") from None
    return f"{told.partition(' Copyright')[0]} ({ffmpeg})"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Hand out the tests that share a Prefect server to one process, where more than two have them by file."""
    if config.getoption("dist") != "loadfile" or (config.getoption("numprocesses") or 0) <= 2:
        return None
    from tests.handed_out import OneServer

    return OneServer(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """
    Have nobody look through the tests for what can be swept up: not while they are collected, and not while they run.

    They are a million objects that stay to the end. To look through them once takes half a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before tests are left out by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that does not say in a sentence what it shows; leave some cases to the long tests; have the slow rooms begin."""
    leave_cases_to_the_long(items)
    items.sort(key=lambda item: min(map(rank, (item.path.stem, item.path.parent.name))))
    silent = [item.nodeid for item in items if not getattr(getattr(item, "obj", None), "__doc__", None)]
    if silent:
        raise pytest.UsageError(f"a test says in its docstring what it shows; these do not: {', '.join(silent)}")
    begun = {str(item.path) for item in items if "prefect_server" in getattr(item, "fixturenames", ())}
    if alone := sorted(file for file in begun if together(Path(file)) == file):
        raise pytest.UsageError(
            f"a test that uses Prefect's server has the mark `prefect`; none has in {', '.join(alone)}"
        )


def leave_cases_to_the_long(items: Iterable[pytest.Item]) -> None:
    """Mark all cases as long but some, spread evenly, where a test asks for that with `some`."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("some") is not None and item.get_closest_marker("long") is None:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for every in cases.values():
        marker = every[0].get_closest_marker("some")
        assert marker is not None
        number = min(marker.args[0], len(every))
        tried = {round(place * (len(every) - 1) / max(number - 1, 1)) for place in range(number)}
        for place, item in enumerate(every):
            if place not in tried:
                item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def surroundings() -> Iterator[None]:
    """Give each test the folder, the environment and the search path back that a command it ran in this process has left."""
    environ, folder, places = dict(os.environ), Path.cwd(), list(sys.path)
    yield
    if environ != os.environ:
        os.environ.clear()
        os.environ.update(environ)
    os.chdir(folder)
    sys.path[:] = places


@pytest.fixture(scope="session")
def storyboards() -> Path:
    """Return the folder of the storyboards that come with the project."""
    return HERE.parent / "storyboards"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty folder in which a vault, a sandbox and films have their places, by environment."""
    monkeypatch.setenv("STORYREEL_VAULT", f"file:{tmp_path / 'vault'}")
    monkeypatch.setenv("STORYREEL_SANDBOX", str(tmp_path / "sandbox"))
    monkeypatch.setenv("STORYREEL_SANDBOX_LATENCY", "0")
    monkeypatch.setenv("STORYREEL_POLL", "0.05")
    monkeypatch.setenv("STORYREEL_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # What a person is told once is told to each test.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path
    shutil.rmtree(tmp_path / "sandbox", ignore_errors=True)


@pytest.fixture(scope="session")
def masters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the clips that are drawn once, by whichever process of the run is the first to want one."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "masters"


@pytest.fixture
def desk(place: Path, masters: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a folder with a small board in it, and have the sandbox of this process draw each kind of clip once."""
    for name, stand_in in one_picture(masters):
        monkeypatch.setattr(film, name, stand_in)
    for module, name, stand_in in run_once(masters):
        monkeypatch.setattr(module, name, stand_in)
    made = Desk(place)
    made.write(BOARD)
    return made


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[str]:
    """Run one temporary Prefect server for all tests that need it, and return its address."""
    from tests.served_once import one_authority, prefect_at

    folder = tmp_path_factory.mktemp("prefect")
    assert pytestconfig.cache is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(folder))
        patch.setenv("PREFECT_API_SSL_CERT_FILE", str(one_authority(folder / "authority.pem")))
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("PREFECT_LOGGING_LEVEL", "CRITICAL")
        with prefect_at(folder, pytestconfig.cache.mkdir("prefect")) as address:
            yield address


@pytest.fixture(scope="session")
def sequence(prefect_server: str) -> Any:
    """Return the flow."""
    from storyreel.cli.prefect_run import load_flow

    return load_flow()
