"""
A project's own desk: where it is, which ports it keeps, who finds it, and what is asked before the first one.
"""

import os
import socket
import sqlite3
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.desk.discovery import RunningDesk, desk_here, folder_of, leave_note, note
from storyreel.desk.first_desk import may_begin, work_of
from storyreel.desk.project_desks import Ports, ports_for, remember
from storyreel.desk.studio import desk_folder
from storyreel.errors import SettingsError
from storyreel.settings import read_settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a project in a home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    (tmp_path / "films" / "Tram!").mkdir(parents=True)
    (tmp_path / "films" / "Tram!" / "storyreel.toml").touch()
    return tmp_path / "films" / "Tram!"


def ports(folder: Path, page: int | None = None, films: int | None = None) -> Ports:
    return ports_for(read_settings(folder=folder), page, films)


def test_nothing_of_a_desk_lies_in_a_projects_folder(project: Path, tmp_path: Path):
    """
    Its secret and its database are the user's; two projects of one name have two.
    """
    place = desk_folder(None, project)

    assert tmp_path / "data" / "storyreel" / "desks" == place.parent
    assert place.name.startswith("tram-")
    assert place != folder_of(tmp_path / "Tram!")
    assert tmp_path / "data" / "storyreel" / "studio" == desk_folder(None)


def test_a_project_takes_the_next_free_ports_and_keeps_them(project: Path, tmp_path: Path):
    """
    Outside of projects they are those that they always were.
    """
    (tmp_path / "other").mkdir()
    remember(tmp_path / "other", Ports(4202, 4203))
    with taken(4204):
        first = ports(project)
    remember(project, first)

    assert first == ports(project)
    assert 4206 <= first.page == first.films - 1
    assert (Ports(4200, 4201), Ports(4300, 4301)) == (ports(tmp_path), ports(tmp_path, 4300))
    assert (Ports(5000, 5001), Ports(first.page, 5)) == (ports(project, 5000), ports(project, None, 5))


def test_a_project_names_ports_and_none_of_others(project: Path, tmp_path: Path):
    """
    A stranger's file does not take away where another desk is found.
    """
    mark = project / "storyreel.toml"
    mark.write_text("[desk]\nport = 4350\nfilms_port = 4360\n")
    assert Ports(4350, 4360) == ports(project)

    remember(tmp_path / "other", Ports(4360, 4361))
    with pytest.raises(SettingsError, match=rf"{mark}:2.*port 4360 is that of the desk of {tmp_path / 'other'}"):
        ports(project)


def taken(port: int) -> socket.socket:
    """Return what holds a port."""
    return socket.create_server(("127.0.0.1", port))


@pytest.mark.parametrize("named", ["", "users"])
def test_who_works_in_a_project_lands_on_no_others_desk(
    project: Path, tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch
):
    """
    A run in a project finds its own desk alone, and one outside the user's own; an address that a person names is a word of theirs.
    """
    answered: list[RunningDesk] = []
    monkeypatch.setattr("storyreel.desk.discovery.running_desk", lambda project=None: found(project))
    users = RunningDesk("http://127.0.0.1:4200/api", "", "", str(tmp_path / "studio"), os.getpid())
    own = RunningDesk("http://127.0.0.1:4202/api", "", "", str(folder_of(project)), os.getpid(), str(project))

    def found(whose: Path | None) -> RunningDesk | None:
        return next((desk for desk in answered if desk.of_project == whose), None)

    leave_note(users)
    answered.append(users)
    if named:
        monkeypatch.setenv("PREFECT_API_URL", users.api)
    assert (users, users if named else None) == (desk_here(), desk_here(project))

    leave_note(own)
    answered.append(own)
    assert own.folder in str(note(project=project))
    assert (users, users if named else own) == (desk_here(), desk_here(project))


@pytest.fixture
def users_desk(tmp_path: Path) -> Path:
    """Return the folder of a desk with a schedule that is on, one that is off, and runs that wait, go on, and are done."""
    (tmp_path / "studio").mkdir()
    with sqlite3.connect(tmp_path / "studio" / "prefect.db") as database:
        database.executescript(
            "CREATE TABLE flow (id, name); CREATE TABLE deployment (id, name, flow_id, paused);"
            "CREATE TABLE deployment_schedule (deployment_id, active, schedule); "
            "CREATE TABLE flow_run (name, state_type, state_name, auto_scheduled);"
            "INSERT INTO flow VALUES (1, 'dailies'); INSERT INTO deployment VALUES (2, 'dailies', 1, 0), (3, 'off', 1, 1);"
            """INSERT INTO deployment_schedule VALUES (2, 1, '{"cron": "0 2 * * *", "timezone": "Europe/Lisbon"}'),"""
            """ (2, 0, '{"cron": "0 4 * * *"}'), (3, 1, '{}');"""
            "INSERT INTO flow_run VALUES ('tram', 'PAUSED', 'Suspended', 0), ('ad', 'COMPLETED', 'Completed', 0),"
            " ('night', 'SCHEDULED', 'Scheduled', 1);"
        )
    return tmp_path / "studio"


def test_the_first_time_what_the_users_desk_has_to_do_is_named(users_desk: Path, project: Path):
    """
    Where nobody can be asked it is not opened; with --yes, or where there is nothing to do, it is.
    """
    screen = StringIO()
    told = Console(file=screen, width=80)

    assert ("schedule: dailies/dailies (0 2 * * *, Europe/Lisbon)", "run: tram, suspended") == work_of(users_desk)
    with pytest.raises(SettingsError, match="--yes"):
        may_begin(project, users_desk, told, yes=False)
    assert "run: tram, suspended" in screen.getvalue()
    assert may_begin(project, users_desk, told, yes=True)
    assert may_begin(project, project / "nowhere", told, yes=False)


@pytest.mark.parametrize("content", [b"", b"no database" * 99])
def test_a_database_that_tells_nothing_is_said_or_passed_over(tmp_path: Path, project: Path, content: bytes):
    """
    An empty one has nothing to do; a damaged one is told, with what to do.
    """
    (tmp_path / "prefect.db").write_bytes(content)
    if not content:
        assert () == work_of(tmp_path)
        return
    with pytest.raises(SettingsError, match="is damaged"):
        work_of(tmp_path)
