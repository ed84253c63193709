"""
The server of one command: guarded like a desk's, with a database of its own, and gone with the command.
"""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.desk.processes import alive
from storyreel.desk.secret import read_secret
from storyreel.desk.temporary import own_folder, remove_left, serve_alone
from storyreel.errors import StoryreelError
from tests.desk import Desk

ONE = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "[[sandbox: slow SECONDS]] A lighthouse at dusk, NAME."
"""


def test_what_a_command_has_left_behind_is_removed_by_the_next_one(tmp_path: Path):
    """
    A folder that nobody holds any more is swept away; one that is in use stays, and so does what is kept for all.
    """
    used, lock = own_folder(tmp_path)
    left, held = own_folder(tmp_path)
    (left / "prefect.db").touch()
    held.close()
    (tmp_path / "prefect-3.8.8.db").touch()
    remove_left(tmp_path)
    swept = sorted(path.name for path in tmp_path.iterdir())
    lock.close()

    assert sorted([used.name, "prefect-3.8.8.db"]) == swept
    assert 0o700 == used.stat().st_mode & 0o777


def test_what_was_half_made_by_somebody_who_is_gone_is_removed(tmp_path: Path):
    """
    A folder that was not named yet, a template that was being written: after an hour; before, somebody may still be at it.
    """
    half = [tmp_path / ".abc", tmp_path / "prefect-3.8.8-storyreel-0.4711"]
    half[0].mkdir()
    half[1].touch()
    remove_left(tmp_path)
    fresh = [path.exists() for path in half]
    for path in half:
        os.utime(path, (1, 1))
    (tmp_path / "prefect-3.8.8.db").touch()
    os.utime(tmp_path / "prefect-3.8.8.db", (1, 1))
    remove_left(tmp_path)

    assert [True, True] == fresh
    assert ["prefect-3.8.8.db"] == [path.name for path in tmp_path.iterdir()]


# --- real commands -------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a folder with a board in it, where nobody has opened a desk or named a server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(desk.folder / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    return desk


def until(so: Callable[[], Any], patience_s: float = 170) -> Any:
    deadline = time.monotonic() + patience_s
    while not (it := so()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)
    return it


def servers(desk: Desk) -> list[int]:
    """Return the processes of servers that work in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = b"storyreel.desk.server" in (entry / "cmdline").read_bytes()
            if ours and str(desk.folder).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def listening(pid: int) -> int | None:
    """Return the port at which a process listens."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *rest = line.split()
        if state == "0A" and rest[5] in inodes:
            return int(local.split(":")[1], 16)
    return None


@pytest.mark.long
def test_a_shoot_has_a_guarded_server_that_ends_with_it(alone: Desk):
    """
    While it runs, nobody without its secret gets in; afterwards nothing of it is left but what the next one starts from.
    """
    alone.write(ONE.replace("SECONDS", "6"))
    shelf = alone.folder / "data/storyreel/prefect/alone"
    process = alone.begin("shoot", alone.board.name, "--sandbox")
    until(lambda: (alone.folder / "sandbox").exists() and alone.posts())
    (pid,) = servers(alone)
    port = listening(pid)
    (folder,) = [path for path in shelf.iterdir() if path.is_dir()]
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    api = f"http://127.0.0.1:{port}/api"
    statuses = [
        httpx.request(method, f"{api}/{path}", headers=headers, trust_env=False).status_code
        for method, path, headers in (
            ("GET", "health", {}),
            ("GET", "admin/version", {}),
            ("POST", "flow_runs/filter", {}),
            ("POST", "work_pools/", {"Origin": "http://evil.test"}),
            ("GET", "health", {"Host": f"localhost:{port}"}),
            ("GET", "health", read_secret(folder / "secret").headers),
        )
    ]
    secret = read_secret(folder / "secret")
    page = {"Host": f"{secret.browser_name}:{port}", "Accept": "text/html", "Sec-Fetch-Site": "none"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=page, trust_env=False, timeout=60) as browser:
        stranger, entrance = (
            browser.get("/v2/dashboard"),
            browser.get(f"/v2/dashboard?ticket={secret.ticket(port, time.time())}"),
        )
        browser.headers["Cookie"] = entrance.headers["set-cookie"].partition(";")[0]
        looked = browser.get(entrance.headers["location"])
        script = browser.get(re.search(r'src="(/v2/[^"]+[.]js)"', looked.text)[1])
    told = process.communicate(timeout=120)[0]
    shown = rf"run, while it lasts, for one browser: http://{secret.browser_name}:{port}/v2/runs/flow-run/[-0-9a-f]{{36}}[?]ticket=\S+"

    assert 0 == process.returncode, told
    assert re.search(shown, told), "where it is to be seen, and how a browser gets in"
    assert [403, 303, 200, 200] == [each.status_code for each in (stranger, entrance, looked, script)]
    assert "storyreel shoot has printed" in stranger.text
    assert [403, 403, 403, 403, 403, 200] == statuses
    assert b"XAI_API_KEY" not in environment
    assert not alive(pid)
    assert {"making"} | {path.name for path in shelf.glob("prefect-*.db")} == {path.name for path in shelf.iterdir()}
    assert 1 == len(list(shelf.glob("prefect-*.db")))


@pytest.mark.long
def test_shoots_at_the_same_time_are_not_in_each_others_way(alone: Desk):
    """
    Four at once, the first of their kind in this place: four films, and each request is sent once.
    """
    boards = [alone.folder / f"board{n}.yaml" for n in range(4)]
    for board in boards:
        board.write_text(ONE.replace("Small", board.stem).replace("NAME", board.stem).replace("SECONDS", "0.1"))
    processes = [alone.begin("shoot", board.name, "--sandbox") for board in boards]
    told = [process.communicate(timeout=170)[0] for process in processes]

    assert [0] * 4 == [process.returncode for process in processes], told
    assert 4 == len(alone.posts())
    assert 4 == len(list((alone.folder / "out").glob("*/*.mp4")))
    assert [] == servers(alone)


@pytest.mark.long
def test_a_server_does_not_outlive_a_shoot_that_is_killed(alone: Desk):
    """
    Killed without a word, it takes its server with it; what that leaves is removed by the next one.
    """
    alone.write(ONE.replace("SECONDS", "30"))
    process = alone.begin("shoot", alone.board.name, "--sandbox")
    until(lambda: (alone.folder / "sandbox").exists() and alone.posts())
    (pid,) = servers(alone)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    until(lambda: not alive(pid), 40)
    alone.write(ONE.replace("SECONDS", "0.1"))
    alone.shoot()

    assert [] == [path for path in (alone.folder / "data/storyreel/prefect/alone").iterdir() if path.is_dir()]


@pytest.mark.long
def test_a_damaged_database_is_made_anew(alone: Desk):
    """
    What is kept for the next server is no record: broken, it is replaced, and nobody has to know.
    """
    shelf = alone.folder / "data/storyreel/prefect/alone"
    alone.write(ONE.replace("SECONDS", "0.1"))
    alone.shoot()
    (kept,) = shelf.glob("prefect-*.db")
    kept.write_bytes(b"no database")
    alone.write(ONE.replace("dusk", "dawn").replace("SECONDS", "0.1"))
    alone.shoot()

    assert b"SQLite format 3" == kept.read_bytes()[:15]
    assert 2 == len(alone.posts())


async def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path):
    """
    It says that nothing was sent, and why.
    """
    server = serve_alone(tmp_path, {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)})
    (server.folder / "secret").unlink()
    with pytest.raises(StoryreelError, match="nothing was sent") as caught:
        await server.answers()
    server.end()

    assert "the secret of the desk" in str(caught.value)
    assert not server.folder.exists()
