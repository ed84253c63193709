"""
The key is sent to the service, and is nowhere else: not in what is kept, said, logged, shown, or handed to a program.

A canary goes through a film, a refusal that repeats it, a crash, a Retry and a download that leads to another host, all
with real processes; then every byte that they have left is searched.
"""

import asyncio
import base64
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL
from prefect.states import AwaitingRetry
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse

from storyreel.catalog import load_catalog
from storyreel.desk.flows import flow_file
from storyreel.media.ffmpeg import ffmpeg_binary
from storyreel.sandbox import SandboxSettings, create_app
from tests.chaos.scene_of_events import Scene, Told
from tests.vault.hands import FolderHands

pytestmark = [pytest.mark.prefect, pytest.mark.journey, pytest.mark.filterwarnings("ignore")]

BOARD = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    image: {prompt: "A lighthouse%s."}
    prompt: "The lamp flares%s."
"""
REPEATED = "Say my key"
WRAPPER = """#!/bin/sh
printf '%s\\n' "$@" >> {place}/arguments.txt
env >> {place}/environment.txt
exec {ffmpeg} "$@"
"""


# --- the two hosts ---------------------------------------------------------------------------------------------------


@dataclass
class Hosts:
    """The service, and the host to which it leads downloads, with the headers that came there."""

    folder: Path
    service: int = 0
    downloads: int = 0
    headers: list[str] = field(default_factory=list)
    keys_taken: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Be the sandbox, except for two things that a service may do."""
        request = Request(scope, receive)
        authorization = request.headers.get("authorization", "")
        self.keys_taken += bool(authorization)
        if request.url.path.startswith("/media/"):
            await RedirectResponse(f"http://127.0.0.1:{self.downloads}{request.url.path}")(scope, receive, send)
            return
        if request.method == "POST":
            body = await request.body()
            if REPEATED.encode() in body:
                refusal = {"code": "invalid-argument", "error": f"Nobody may say {authorization} ({authorization[7:]})"}
                await JSONResponse(refusal, 400)(scope, receive, send)
                return

            async def again() -> Any:
                return {"type": "http.request", "body": body, "more_body": False}

            await self.sandbox(scope, again, send)
            return
        await self.sandbox(scope, receive, send)

    def __post_init__(self) -> None:
        settings = SandboxSettings(folder=self.folder, latency_s=0.0, submits_per_second=None)
        self.sandbox = create_app(settings, load_catalog())


@contextmanager
def serving(hosts: Hosts) -> Iterator[None]:
    """Have both hosts on ports of this machine."""

    class Downloads(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hosts.headers.append(f"{self.path}\n{self.headers}")
            content = (hosts.folder / self.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("content-type", "video/mp4")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    config = uvicorn.Config(hosts, port=0, lifespan="off", log_config=None, access_log=False)
    service, downloads = uvicorn.Server(config), ThreadingHTTPServer(("127.0.0.1", 0), Downloads)
    threads = [threading.Thread(target=service.run), threading.Thread(target=downloads.serve_forever)]
    for thread in threads:
        thread.start()
    while not service.started:
        threading.Event().wait(0.01)
    hosts.service = service.servers[0].sockets[0].getsockname()[1]
    hosts.downloads = downloads.server_port
    try:
        yield
    finally:
        service.should_exit = True
        downloads.shutdown()
        downloads.server_close()
        for thread in threads:
            thread.join()


# --- what is searched ------------------------------------------------------------------------------------------------


def shapes(key: str) -> list[bytes]:
    """Return the key as it may stand somewhere: in clear, and inside something that is base64."""
    # Whatever stands before it shifts it by 0 to 2 bytes; its ends depend on its neighbours, and are left out.
    shifted = [base64.b64encode(b"x" * shift + key.encode())[4:-4] for shift in range(3)]
    return [key.encode(), *shifted]


def hits(key: str, *places: Path) -> list[str]:
    """Return the files under some folders, or among some files, in which the key stands."""
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]
    assert files, f"there is nothing to search in {places}"
    return [str(file) for file in files if any(shape in file.read_bytes() for shape in shapes(key))]


def rows(key: str, database: Path) -> list[str]:
    """Return the tables of a SQLite database in which the key stands, also where it was not yet brought to its file."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        assert tables
        return [
            table
            for table in tables
            for row in connection.execute(f'select * from "{table}"')
            if any(shape in _bytes(value) for shape in shapes(key) for value in row)
        ]


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


# --- the stories -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What the runs have left: the key that they had, where they wrote, and how they ended."""

    key: str
    place: Path
    database: Path
    prefect_home: Path
    hosts: Hosts
    told: dict[str, Told]


@pytest.fixture(scope="module")
def left(
    prefect_server: str, launcher: "subprocess.Popen[str]", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Left]:
    """Let the canary go through everything once."""
    place, key = tmp_path_factory.mktemp("secrets"), f"xai-canary-{secrets.token_hex(16)}"
    hosts = Hosts(tmp_path_factory.mktemp("service"))
    wrapper = place / "ffmpeg"
    wrapper.write_text(WRAPPER.format(place=place, ffmpeg=ffmpeg_binary()))
    wrapper.chmod(0o700)
    (place / "catalog.toml").write_text("[service]\nsubmits_per_second = 1000.0\n")
    with serving(hosts):
        env = {
            "XAI_API_KEY": key,
            # Where messages go is a secret as well, and here the same one.
            "STORYREEL_NOTIFY": f"json://ana:{key}@127.0.0.1:9/{key}",
            "XAI_BASE_URL": f"http://127.0.0.1:{hosts.service}/v1",
            "STORYREEL_VAULT": f"file:{place / 'vault'}",
            "STORYREEL_CATALOG": str(place / "catalog.toml"),
            "STORYREEL_POLL": "0.02",
            "STORYREEL_FFMPEG": str(wrapper),
            "XDG_CACHE_HOME": str(place / "cache"),
        }

        def scene(name: str, words: str) -> Scene:
            folder = place / name
            folder.mkdir()
            (folder / "small.yaml").write_text(BOARD % (f" {name}", words))
            at = {**env, "STORYREEL_OUT": str(folder / "out")}
            return Scene(folder, hosts.folder, launcher, at, FolderHands(place / "vault"), name)

        told = {
            "film": filmed(scene("film", ""), prefect_server),
            "refusal": scene("refusal", f". {REPEATED}").shoot(),
            **asyncio.run(retried(scene("crash", ""))),
        }
    url = str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value())
    yield Left(key, place, Path(url.partition("///")[2]), Path(os.environ["PREFECT_HOME"]), hosts, told)
    shutil.rmtree(hosts.folder, ignore_errors=True)


def filmed(scene: Scene, prefect_server: str) -> Told:
    """Make a film as a person does, with every log that there is."""
    loud = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_LOGGING_INTERNAL_LEVEL": "DEBUG", "PREFECT_DEBUG_MODE": "true"}
    done = subprocess.run(
        [sys.executable, "-m", "storyreel", "shoot", "small.yaml"],
        cwd=scene.folder,
        env={**os.environ, **scene.env, **loud, "PREFECT_API_URL": prefect_server},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    (scene.folder / "said.txt").write_text(done.stdout)
    return Told(done.returncode, done.stdout)


async def retried(scene: Scene) -> dict[str, Told]:
    """Have a flow run crash, and take it up again by a Retry."""
    from storyreel.cli.prefect_run import load_flow

    async with get_client() as client:
        flow_run = await client.create_flow_run(load_flow(), parameters={"storyboard": "small.yaml"})
        own = {**scene.env, "PREFECT__FLOW_ENTRYPOINT": f"{flow_file()}:sequence"}
        crash = scene.end(scene.begin(point="polling", flow_run=str(flow_run.id), env=own))
        await client.set_flow_run_state(flow_run.id, AwaitingRetry(), force=True)
        retry = scene.end(scene.begin(flow_run=str(flow_run.id), env=own))
    return {"crash": crash, "retry": retry}


# --- the proofs ------------------------------------------------------------------------------------------------------


def test_the_stories_were_told(left: Left):
    """
    The key was taken; a film was made, a refusal repeated the key, a run was killed, and its Retry made the film.
    """
    assert left.hosts.keys_taken > 10
    assert {"film": 0, "refusal": 3, "crash": -9, "retry": 0} == {name: told.code for name, told in left.told.items()}
    assert "Nobody may say" in left.told["refusal"].said
    assert {"film", "crash"} == {film.parts[-4] for film in left.place.rglob("small.sandbox.mp4")}
    assert len(left.hosts.headers) == 2


@pytest.mark.parametrize(
    "kind",
    [
        "vault/sandbox/slates/**/*.json",
        "vault/sandbox/takes/*.json",
        "vault/runs/**/*.json",
        "vault/clips/**/*.*",
        "*/out/**/*.sandbox.mp4",
        "*/out/**/*.cut.json",
        "*/said*.txt",
        "arguments.txt",
        "environment.txt",
        "**/*",
    ],
)
def test_it_is_in_no_file(left: Left, kind: str):
    """
    Not in a record, a film, a cut list, a word of a run; nor in what ffmpeg was given, environment included.
    """
    assert [] == hits(left.key, *left.place.glob(kind))


def test_prefect_has_not_heard_of_it(left: Left):
    """
    Not in parameters, states, logs, artifacts, results, events: every table, every byte of the database and its log.
    """
    # What the runs told it is there, so that this is the one to search.
    assert "flow_run_state" in rows("Nobody may say", left.database)

    beside = [file for file in left.database.parent.iterdir() if file.name.startswith(left.database.name)]
    assert [] == rows(left.key, left.database)
    assert [] == hits(left.key, *beside)
    assert [] == hits(left.key, left.prefect_home)


def test_the_host_of_a_download_does_not_see_it(left: Left):
    """
    Where the service leads a download to another host, that one gets no key, and no header that may hold one.
    """
    assert left.hosts.headers
    assert [] == [said for said in left.hosts.headers if left.key in said or "authorization" in said.lower()]


@pytest.mark.parametrize("shape", range(4), ids=["in clear", "in base64", "one byte on", "two bytes on"])
def test_it_would_be_found_in_a_file(left: Left, tmp_path: Path, shape: int):
    """
    Planted in a file, in clear or as base64, it is found.
    """
    planted = tmp_path / "records" / "take.json"
    planted.parent.mkdir()
    text = f"{'abc'[: shape - 1]}{left.key}z".encode()
    planted.write_bytes(b"before " + (text if shape == 0 else base64.b64encode(text)) + b" after")
    (tmp_path / "records" / "other.json").write_text("{}")

    assert [str(planted)] == hits(left.key, tmp_path)


def test_it_would_be_found_in_the_database(left: Left, tmp_path: Path):
    """
    Planted in a row that is still in the write-ahead log, it is found in its table and among the bytes.
    """
    database = tmp_path / "prefect.db"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("create table log (message text)")
        writer.execute("insert into log values (?)", (f"Authorization: Bearer {left.key}",))
        writer.commit()

        assert ["log"] == rows(left.key, database)
        assert [f"{database}-wal"] == hits(left.key, tmp_path)


def test_it_would_be_found_in_what_ffmpeg_is_given(left: Left, tmp_path: Path):
    """
    Given to ffmpeg as an argument or in its environment, it is found in what was noted down.
    """
    wrapper = tmp_path / "ffmpeg"
    wrapper.write_text(WRAPPER.format(place=tmp_path, ffmpeg="true"))
    wrapper.chmod(0o700)
    subprocess.run([wrapper, "-headers", left.key], env={"XAI_API_KEY": left.key}, check=True)

    assert [str(tmp_path / name) for name in ("arguments.txt", "environment.txt")] == sorted(hits(left.key, tmp_path))
