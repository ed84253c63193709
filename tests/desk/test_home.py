"""
Whose Prefect is spoken to, and what happens to a home that another Prefect has used.
"""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storyreel.desk import home
from storyreel.desk.home import open_home, own_home
from storyreel.errors import SettingsError
from tests.desk import outside
from tests.desk.downloaded import Downloaded


def test_our_servers_have_a_home_of_their_own(tmp_path: Path):
    """
    Not the one that every other project's Prefect uses; one that is named is the one that is meant.
    """
    assert tmp_path / "prefect" == own_home({"HOME": "/home/mira"}, tmp_path)
    assert Path("/elsewhere") == own_home({"PREFECT_HOME": "/elsewhere"}, tmp_path)


def database(folder: Path, revision: str) -> Path:
    """Make the database of a home as a Prefect leaves it that knows migrations up to a revision."""
    made = folder / "prefect.db"
    with closing(sqlite3.connect(made)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        opened.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        opened.execute("CREATE TABLE flow_run (name TEXT)")
        opened.execute("INSERT INTO flow_run VALUES ('lighthouse')")
        opened.commit()
    return made


KNOWN, NEWEST = home.revisions()
OLDER = min(KNOWN - {NEWEST})


def test_a_home_that_this_prefect_has_used_is_opened_as_it_is(tmp_path: Path):
    """
    Nothing is copied, and a fresh one or an empty database is as good.
    """
    open_home(tmp_path, {})
    (tmp_path / "prefect.db").touch()
    open_home(tmp_path, {})
    (tmp_path / "prefect.db").unlink()
    database(tmp_path, NEWEST)
    open_home(tmp_path, {})

    assert [] == list(tmp_path.glob("prefect.db.*"))


def test_a_home_of_an_older_prefect_is_copied_before_it_is_taken_over(tmp_path: Path):
    """
    There is no way back, so the database as it was stands beside it, for nobody else to read.
    """
    database(tmp_path, OLDER)
    open_home(tmp_path, {})
    open_home(tmp_path, {})
    (copy,) = tmp_path.glob("prefect.db.before-*")
    with closing(sqlite3.connect(copy)) as opened:
        told = opened.execute("SELECT name, version_num FROM flow_run, alembic_version").fetchall()

    assert [("lighthouse", OLDER)] == told
    assert 0o600 == copy.stat().st_mode & 0o777


def test_a_home_of_a_newer_prefect_is_refused_with_the_remedy(tmp_path: Path):
    """
    Prefect itself would say nothing for two minutes. What can be done is told, a copy from before included.
    """
    database(tmp_path, "ffffffffffff")
    (tmp_path / "prefect.db.before-3.9.1").touch()
    with pytest.raises(SettingsError) as refused:
        open_home(tmp_path, {})

    told = str(refused.value)
    assert 2 == refused.value.exit_code
    assert all(word in told for word in (str(tmp_path), "newer Prefect", "PREFECT_HOME", "--folder", "before-3.9.1"))
    # A database elsewhere is none of this home's.
    open_home(tmp_path, {"PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://db.example/prefect"})


def test_a_damaged_database_is_told(tmp_path: Path):
    """
    Nothing in it was paid for, so it may be moved away.
    """
    (tmp_path / "prefect.db").write_bytes(b"not a database at all, and long enough to look like one" * 40)
    with pytest.raises(SettingsError, match=r"is damaged .*move it away.*paid for is in the vault"):
        open_home(tmp_path, {})


def test_a_home_that_is_in_use_is_left_to_prefect(tmp_path: Path):
    """
    Whoever writes to it just now does not keep others from starting.
    """
    made = database(tmp_path, NEWEST)
    with closing(sqlite3.connect(made)) as opened:
        opened.execute("BEGIN EXCLUSIVE")
        open_home(tmp_path, {})


# --- a stranger's folder -------------------------------------------------------------------------------------------


@pytest.fixture
def trap(tmp_path: Path) -> Downloaded:
    """Lay the traps of a stranger's folder."""
    return Downloaded(tmp_path / "downloaded").lay()


def ran(trap: Downloaded, *words: str, **env: str) -> str:
    """Run a command in a stranger's folder, with a PATH that looks there first; return what it said."""
    done = subprocess.run(
        [*words],
        cwd=trap.folder,
        env={**outside(), "PATH": os.pathsep.join(["", ".", os.environ["PATH"]]), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.journey
def test_a_storyboards_folder_is_no_place_for_modules(trap: Downloaded):
    """
    Also where storyreel is run as a module of Python, which looks into the current folder first.
    """
    told = ran(trap, sys.executable, "-m", "storyreel", "check", "film.yaml")

    assert "1 scene" in told
    assert [] == trap.marks


@pytest.mark.journey
@pytest.mark.long
def test_nothing_of_a_strangers_folder_is_read_when_prefect_is_loaded(trap: Downloaded):
    """
    What loads Prefect has left the folder, and a lazy import finds nothing there either; the same loaded in the folder
    runs what the stranger wants.
    """
    load = "import sys, prefect.settings, prefect.logging.configuration as c; c.setup_logging()"
    leave = "from pathlib import Path; from storyreel.desk.home import leave_the_folder as leave; leave(Path.cwd(), Path({!r}))"
    safe = f"{leave.format(str(trap.folder.parent / 'data'))}; {load}; import importlib.util as u; print(u.find_spec('cython'))"
    told = ran(trap, sys.executable, "-P", "-c", safe)
    before = trap.marks
    ran(trap, sys.executable, "-P", "-c", load)

    assert ["None"] == told.splitlines()
    assert [] == before
    assert ["logging.config"] == trap.marks


@pytest.mark.journey
@pytest.mark.long
def test_a_home_tells_prefect_no_functions_to_call(trap: Downloaded):
    """
    A folder that is named as a home may be a stranger's too: Prefect calls whatever a `logging.yml` there says.
    """
    home = trap.folder.parent / "home"
    home.mkdir()
    (trap.folder / "l.yml").rename(home / "logging.yml")
    load = "import prefect.settings, prefect.logging.configuration as c; c.setup_logging()"
    leave = "from pathlib import Path; from storyreel.desk.home import leave_the_folder as leave; leave(Path.cwd(), Path({!r}))"
    ran(trap, sys.executable, "-P", "-c", f"{leave.format(str(home))}; {load}", PREFECT_HOME=str(home))
    before = trap.marks
    ran(trap, sys.executable, "-P", "-c", f"import os; os.chdir('/'); {load}", PREFECT_HOME=str(home))

    assert [] == before
    assert ["logging.config"] == trap.marks


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", ["command", "module"])
def test_a_film_is_shot_in_a_strangers_folder(trap: Downloaded, how: str):
    """
    The storyboard is a stranger's, and nothing else of the folder is: no settings, no modules, no programs.
    """
    words = [sys.executable, "-m", "storyreel"] if how == "module" else [str(Path(sys.executable).parent / "storyreel")]
    told = ran(
        trap,
        *words,
        "shoot",
        "film.yaml",
        "--sandbox",
        XDG_DATA_HOME=str(trap.folder.parent / "data"),
        STORYREEL_SANDBOX_LATENCY="0",
        STORYREEL_POLL="0.05",
        HTTP_PROXY="http://127.0.0.1:9",
        ALL_PROXY="socks4://127.0.0.1:9",
        NO_PROXY="[::1],fe80::/10",
    )

    assert "out/film/film.sandbox.mp4" == told.splitlines()[-1]
    assert (trap.folder / "out" / "film" / "film.sandbox.mp4").exists()
    assert [] == trap.marks
    assert list((trap.folder.parent / "data" / "storyreel" / "prefect" / "alone").glob("prefect-*.db"))
