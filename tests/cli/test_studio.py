"""
The desk without its server: what it starts with, how it is found, what it deploys, and that nothing outlives it.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from storyreel.cli.entrance import open_page, show_settings
from storyreel.desk.deploy import deployments
from storyreel.desk.discovery import RunningDesk, desk_here, leave_note, note, running_desk, take_note_away
from storyreel.desk.processes import alive
from storyreel.desk.secret import SECRET, keep_secret
from storyreel.desk.studio import DeskPlan, open_desk, surroundings
from storyreel.errors import SettingsError
from tests.desk import Desk

ROOT = Path(__file__).parents[2]
At = Callable[..., RunningDesk]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the notes of desks a place of their own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def answering() -> Iterator[Any]:
    """Return a way to have a server answer with a status; it says where it is."""
    servers = []

    def serve(status: int, asked: list[str | None] = []) -> str:  # noqa: B006 - nobody looks at it
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.headers.get("Authorization"))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Answer)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/api"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def desk_at(tmp_path: Path) -> At:
    """Return a way to describe a desk."""

    def at(api: str, name: str = "desk", pid: int | None = None) -> RunningDesk:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        keep_secret(folder / SECRET)
        return RunningDesk(api, "http://films.localhost:4201", "/films", str(folder), pid or os.getpid())

    return at


def test_a_desk_that_answers_is_found(answering: Any, desk_at: At):
    """
    The note that it left says where it is.
    """
    desk = desk_at(answering(200))
    leave_note(desk)

    assert desk == running_desk()


def test_a_desk_that_is_gone_is_not_found(answering: Any, desk_at: At):
    """
    No note, one that cannot be read, one of a desk that does not answer, or lets nobody in: all mean that there is none.
    """
    found = [running_desk()]
    for text in ("", "[]", '{"api": 1}'):
        note().parent.mkdir(parents=True, exist_ok=True)
        note().write_text(text)
        found.append(running_desk())
    for api in ("http://127.0.0.1:9/api", "no address", answering(401), answering(503)):
        leave_note(desk_at(api))
        found.append(running_desk())

    assert {None} == set(found)


def test_a_desk_that_was_killed_is_told_no_secret(answering: Any, desk_at: At):
    """
    Its note is still there, and at its port may be somebody else: that one is asked nothing.
    """
    asked: list[str | None] = []
    leave_note(desk_at(answering(200, asked), pid=999_999_999))

    assert running_desk() is None
    assert [] == asked


def test_the_note_says_no_secret(answering: Any, desk_at: At):
    """
    It says where the secret is; who asks the desk with it gets in.
    """
    asked: list[str | None] = []
    desk = desk_at(answering(200, asked))
    leave_note(desk)

    assert desk.secret.text not in note().read_text() + (Path(desk.folder) / "desk.json").read_text()
    assert running_desk() == desk
    assert {desk.secret.basic} == set(asked)


def test_each_desk_is_found_by_its_folder(answering: Any, desk_at: At):
    """
    Without a folder it is the one that was opened first.
    """
    first, second = desk_at(answering(200), "one"), desk_at(answering(200), "two")
    leave_note(first)
    leave_note(second)
    found = running_desk(), running_desk(Path(first.folder)), running_desk(Path(second.folder))
    take_note_away(first)

    assert (first, first, second) == found
    assert running_desk() is None
    assert running_desk(Path(second.folder)) == second


@pytest.mark.parametrize(
    ("variables", "here"),
    [
        ({}, True),
        ({"PREFECT_API_URL": "API"}, True),
        ({"PREFECT_API_URL": "API/"}, True),
        ({"PREFECT_API_URL": "http://127.0.0.1:9/api"}, False),
        ({"PREFECT_API_URL": "API", "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "x"}'}, False),
    ],
    ids=["none", "its own", "its own, with a slash", "another", "with headers of one's own"],
)
def test_a_server_that_is_named_is_used(
    answering: Any, desk_at: At, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], here: bool
):
    """
    Who names the desk's own address is at the desk, and let in.
    """
    desk = desk_at(answering(200))
    leave_note(desk)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("API", desk.api))

    assert (desk if here else None) == desk_here()


def test_a_desk_is_opened_to_a_persons_own_commands(
    answering: Any, desk_at: At, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    """
    Lines for a shell, with which the command prefect gets in and prints links that open; where no desk is open, it says so.
    """
    with pytest.raises(SettingsError, match="open one with: storyreel studio"):
        show_settings(None)
    desk = desk_at(answering(200))
    leave_note(desk)
    show_settings(None)
    lines = capsys.readouterr().out
    shell = f"{lines}env"
    told = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True, env={}).stdout.splitlines()

    assert 3 == len(lines.splitlines())
    assert f"PREFECT_UI_URL={desk.links}" in told
    assert f"PREFECT_API_URL={desk.api}" in told
    assert f'PREFECT_CLIENT_CUSTOM_HEADERS={{"Authorization": "{desk.secret.basic}"}}' in told


def test_no_proxy_is_shown_the_secret_of_a_desk(
    answering: Any, desk_at: At, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """
    A person's own commands go past the proxies that their shell names, as ours do.
    """
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "intern.example")
    leave_note(desk_at(answering(200)))
    show_settings(None)
    lines = capsys.readouterr().out.splitlines()

    for spelling in ("NO_PROXY", "no_proxy"):
        assert f"export {spelling}=intern.example,127.0.0.1,localhost,::1" in lines


def test_a_desk_that_hangs_holds_nobody_up(desk_at: At):
    """
    Whoever is connected and gets no answer goes on without a desk after half a second.
    """
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        leave_note(desk_at(f"http://127.0.0.1:{hanging.getsockname()[1]}/api"))
        began = time.monotonic()
        found = running_desk()

    assert found is None
    assert time.monotonic() - began < 4


def test_a_desk_takes_only_its_own_note_away(desk_at: At):
    """
    The desk that was opened last is the one that is found, also after another one was closed.
    """
    first, second = desk_at("http://127.0.0.1:1/api", "one"), desk_at("http://127.0.0.1:2/api", "two")
    leave_note(first)
    leave_note(second)
    take_note_away(first)
    stands = note().exists()
    take_note_away(second)

    assert stands
    assert not note().exists()


@pytest.mark.parametrize("option", ["--port", "--films-port"])
@pytest.mark.some(1)
def test_a_busy_port_is_told_before_anything_is_started(desk: Desk, option: str):
    """
    It says which one, and what to do.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = {"--port": "--films-port", "--films-port": "--port"}[option]
        told = desk.run("studio", option, port, other, 0, code=2)

    assert f"the desk cannot have port {port} of 127.0.0.1" in told
    assert f"choose another port with {option}" in told
    assert not (desk.folder / "data").exists()


def test_one_folder_has_one_desk(desk: Desk):
    """
    A second one on other ports would work on the same database, so it is not opened.
    """
    (desk.folder / "desk").mkdir()
    with (desk.folder / "desk" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = desk.run("studio", "--folder", "desk", "--port", 0, "--films-port", 0, code=2)

    assert "is open in" in told
    assert ["lock"] == [path.name for path in (desk.folder / "desk").iterdir()]


@pytest.mark.parametrize("name", ["lock", "server.log", "worker.log", "prefect.db"])
@pytest.mark.some(1)
def test_a_pipe_in_a_desks_folder_is_told_and_not_waited_for(desk: Desk, name: str):
    """
    Whoever opens one waits for somebody at its other end.
    """
    (desk.folder / "desk").mkdir()
    os.mkfifo(desk.folder / "desk" / name)
    told = desk.run("studio", "--folder", "desk", "--port", 0, "--films-port", 0, code=2)

    assert f"{name} is a pipe, not a file" in told


def test_a_desk_leaves_the_folder_that_it_is_opened_in(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    It stays open for days, in a folder that may be a stranger's: it works in an empty one, and knows where it was.
    """
    where: list[Path] = []

    async def keep(opened: Any, *_: object) -> int:
        where.extend([Path.cwd(), Path(opened.env["STORYREEL_ROOT"]), Path(opened.env["STORYREEL_FILMS_FOLDER"])])
        return 0

    (tmp_path / "boards").mkdir()
    monkeypatch.chdir(tmp_path / "boards")
    monkeypatch.setattr("storyreel.desk.studio._OpenDesk.keep", keep)
    open_desk(0, None, Path("desk"), Console())

    here = tmp_path / "boards"
    assert [here / "desk" / "empty", here, here / "out"] == where


def test_a_browser_is_not_looked_for_in_the_current_folder(
    answering: Any, desk_at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    A PATH with an empty place in it means the folder that a process is in, and that one may be a stranger's.
    """
    where: list[Path] = []
    desk = desk_at(answering(200))
    leave_note(desk)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda _: where.append(Path.cwd()))
    open_page(None, Console())

    assert [Path(desk.folder) / "empty"] == where


def test_there_is_nothing_to_deploy_to_without_a_server(desk: Desk):
    """
    It says both ways to get one, and does not start a server that would be gone at once.
    """
    assert "start one with: storyreel studio" in desk.run("deploy", code=2)


def test_the_places_of_a_desk_hold_wherever_a_flow_runs(home: Path, monkeypatch: pytest.MonkeyPatch):
    """
    Relative places are of the folder in which the desk was opened; settings of another server are left behind.
    """
    monkeypatch.chdir(home)
    given = {
        "STORYREEL_VAULT": "file:vault",
        "STORYREEL_OUT": "films",
        "STORYREEL_SANDBOX": "sandbox",
        "STORYREEL_CATALOG": "own.toml",
        "PREFECT_API_KEY": "of another server",
        "PREFECT_API_URL": "https://another.example/api",
        "PREFECT_WORKER_QUERY_SECONDS": "7",
        "XAI_API_KEY": "k",
    }
    (home / "desk").mkdir()
    here = RunningDesk("http://127.0.0.1:4200/api", "http://d1.localhost:4201", "/films", str(home / "desk"), 1)
    secret = keep_secret(home / "desk" / SECRET)
    env = surroundings(DeskPlan(home / "desk", 4200, 4201), here, given)

    assert f"file:{home / 'vault'}" == env["STORYREEL_VAULT"]
    assert [str(home / name) for name in ("films", "sandbox", "own.toml")] == [
        env[f"STORYREEL_{name}"] for name in ("OUT", "SANDBOX", "CATALOG")
    ]
    assert "http://127.0.0.1:4200/api" == env["PREFECT_API_URL"]
    assert "http://d1.localhost:4201" == env["STORYREEL_FILMS_URL"]
    assert f"http://{secret.browser_name}:4200/v2" == env["PREFECT_UI_URL"]
    assert secret.basic in env["PREFECT_CLIENT_CUSTOM_HEADERS"]
    assert "PREFECT_API_KEY" not in env
    assert "7" == env["PREFECT_WORKER_QUERY_SECONDS"]
    assert "k" == env["XAI_API_KEY"]


def test_a_vault_in_a_bucket_stays_where_it_is(desk_at: At):
    """
    Only a path can be relative.
    """
    given = {"STORYREEL_VAULT": "s3://bucket/prefix", "HOME": "/home/somebody"}
    here = desk_at("http://127.0.0.1:4200/api")
    env = surroundings(DeskPlan(Path("/desk"), 4200, 4201), here, given)

    assert "s3://bucket/prefix" == env["STORYREEL_VAULT"]


def test_what_is_deployed_runs_where_the_person_is(tmp_path: Path):
    """
    Flows are named by their whole path, relative storyboards start in the person's folder, an example that is not there
    is not the default, and nothing is said of command, environment or folder.
    """
    shutil.copy(ROOT / "prefect.yaml", tmp_path)
    folder = tmp_path / "films"
    folder.mkdir()
    told = {each["name"]: each for each in deployments(tmp_path, folder, ())["deployments"]}

    assert f"{tmp_path}/flows/sequence.py:sequence" == told["sequence"]["entrypoint"]
    assert {} == told["sequence"]["parameters"]
    assert {"sandbox": True} == told["sequence-rehearsal"]["parameters"]
    assert all({"name": "studio"} == each["work_pool"] for each in told.values()), "no job variables: none are taken"
    assert all(each["version"] for each in told.values())
    assert {"weeknights-2am-berlin-20-usd": False, "sunday-430am-new-york-rehearsal": False} == {
        schedule["slug"]: schedule["active"] for each in told.values() for schedule in each.get("schedules", ())
    }


def test_schedules_that_are_on_the_server_are_a_persons():
    """
    Deployed again, times and budgets are as the page has them: none is sent.
    """
    first, again = (
        next(it for it in deployments(ROOT, ROOT, there)["deployments"] if it["name"] == "dailies")
        for there in ((), ("dailies",))
    )

    assert ["weeknights-2am-berlin-20-usd"] == [schedule["slug"] for schedule in first["schedules"]]
    assert "schedules" not in again


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path):
    """
    Killed without a word, the starter takes with it what it has started.
    """
    starter = f"""
import asyncio, os, sys
from pathlib import Path
from storyreel.desk.processes import start
async def main():
    child = await start("timeit", "timeit", "-n1", "-r1", "import time; time.sleep(60)", env=dict(os.environ), folder=Path({str(tmp_path)!r}), logs=Path({str(tmp_path)!r}))
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    running = alive(child)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert running
    assert not alive(child)
