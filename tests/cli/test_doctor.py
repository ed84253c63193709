"""
What a shoot needs, looked at before one: all of it, each line with what to do; nothing is bought, nothing stays, nothing is waited for long.
"""

import asyncio
import json
import socket
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import validate
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.doctor import doctor, show
from storyreel.errors import ServiceUnreachable, VaultError
from storyreel.production.doctor_data import DoctorData, doctor_data
from storyreel.production.preflight.access import mode
from storyreel.production.preflight.finding import Finding, fault, in_thread, looked_at, note, ok
from storyreel.settings import read_settings
from tests.sandbox.test_http_port import served

DOCS = Path(__file__).parents[2] / "docs"
ABOUT = {
    "settings", "storyboard", "access", "clock", "models", "mode", "media", "signing", "output", "failure policy", "safety", "ffmpeg", "fonts", "disk",
    "vault", "Prefect's server", "desk",
}  # fmt: skip


@pytest.fixture
def board(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a storyboard in a folder of its own."""
    (place / "film").mkdir()
    monkeypatch.chdir(place / "film")
    Path("small.yaml").write_text("scenes: [{id: coast, prompt: A lighthouse., duration: 1}]\n")
    return Path("small.yaml")


def looked(capsys: pytest.CaptureFixture[str], *words: object, **how: object) -> DoctorData:
    """Return what the command says as data, of the shape that the docs describe."""
    code = doctor(*words, as_json=True, **how)
    text = capsys.readouterr().out
    data = DoctorData.model_validate_json(text)
    validate(json.loads(text), json.loads((DOCS / "doctor.schema.json").read_text(encoding="utf-8")))
    assert code == data.exit_code
    return data


def faults(data: DoctorData) -> dict[str, str]:
    return {each.about: f"{each.words} {each.remedy}" for each in data.checks if each.state == "fault"}


def test_all_is_looked_at_and_nothing_stays(board: Path, place: Path, capsys: pytest.CaptureFixture[str]):
    """
    Where all is well, no folder is made and no file is left.
    """
    before = sorted(place.rglob("*"))
    data = looked(capsys, board, sandbox=True)

    assert {} == faults(data)
    assert {each.about for each in data.checks} == ABOUT
    assert before == [path for path in sorted(place.rglob("*")) if "sandbox" not in path.parts]


@pytest.mark.parametrize(
    ("name", "value", "about", "code"),
    [
        ("STORYREEL_FFMPEG", "/nowhere/ffmpeg", "ffmpeg", 4),
        ("STORYREEL_OUT", "/proc/x", "output", 2),
        ("STORYREEL_OUT", "small.yaml/out", "output", 2),
        ("STORYREEL_C2PA_KEY", "/nowhere/key.pem", "signing", 2),
        ("STORYREEL_VAULT", "file:/proc/vault", "vault", 5),
        ("STORYREEL_VAULT", "ftp://vault", "vault", 5),
        ("PREFECT_API_URL", "http://127.0.0.1:9/api", "Prefect's server", 1),
        ("STORYREEL_POLL", "soon", "settings", 2),
    ],
)
def test_what_would_stop_a_shoot_is_a_fault_with_its_stage(
    board: Path,
    name: str,
    value: str,
    about: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """
    And hides nothing else: the other lines are there.
    """
    monkeypatch.setenv(name, value)
    data = looked(capsys, board, sandbox=True)

    assert about in faults(data)
    assert code == data.exit_code
    assert "ffmpeg" in {each.about for each in data.checks}


def test_a_service_that_says_nothing_is_told_as_such(
    board: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    Nobody at the address, with a key set: stage 3, and the key is not shown.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("XAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.setenv("XAI_API_KEY", "xai-canary")
    data = looked(capsys, board)

    assert {"access"} == set(faults(data))
    assert 3 == data.exit_code
    assert "canary" not in data.model_dump_json()


async def test_the_sandbox_at_an_address_is_called_a_rehearsal(place: Path):
    """
    By the header of its answer: who has a sandbox on a port is not told that it bills.
    """
    async with served(place) as client:
        env = {"XAI_API_KEY": "k", "XAI_BASE_URL": str(client.base_url).rstrip("/"), "HOME": str(place)}
        (said,) = await mode(read_settings(env), load_catalog(), sandbox=False)

    assert said.state == "ok"
    assert said.words.startswith("a rehearsal: requests go to the sandbox at http://127.0.0.1:")
    assert said.words.endswith("as XAI_BASE_URL says; nothing is generated or billed")


def test_a_hostile_project_is_told_line_by_line(board: Path, capsys: pytest.CaptureFixture[str]):
    """
    What it may not say, and that the rest was not looked at.
    """
    Path("storyreel.toml").write_text('vault = "/x"\nout = "/etc"\n')
    data = looked(capsys, board, sandbox=True)
    told = [each.words for each in data.checks if each.about == "settings"]

    assert [":1:1: vault", ":2:1: out"] == [
        line.partition("storyreel.toml")[2].rpartition(":")[0][:11].rstrip(":") for line in told[:2]
    ]
    assert 2 == data.exit_code


async def test_checks_are_bounded_and_hide_no_other():
    """
    One hangs in a thread, one in the loop, one is a defect, one is refused, one is well.
    """

    async def hangs() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def fails() -> Sequence[Finding]:
        raise VaultError("no vault")

    async def breaks() -> Sequence[Finding]:
        return [ok("x", f"{1 // 0}")]

    async def well() -> Sequence[Finding]:
        return [ok("mode", "fine"), note("mode", "and so on")]

    held = socket.socketpair()
    checks = {
        "access": hangs,
        "disk": lambda: in_thread(lambda: held[0].recv(1)),
        "vault": fails,
        "media": breaks,
        "mode": well,
    }
    findings = await looked_at(checks, 0.1)  # type: ignore[arg-type]

    assert ["access", "disk", "vault", "media", "mode", "mode"] == [each.about for each in findings]
    assert ["fault", "fault", "fault", "fault", "ok", "note"] == [each.state for each in findings]
    assert [3, 2, 5, 4, 0, 0] == [each.exit_code for each in findings]
    held[1].send(b".")
    for end in held:
        end.close()


def test_it_can_be_read_in_eighty_columns():
    """
    No line is longer, and each fault has its remedy below.
    """
    screen = StringIO()
    findings = [fault("Prefect's server", ServiceUnreachable, "no answer " * 20, "start it"), ok("vault", "fine")]
    show(Console(file=screen, width=80, force_terminal=False), doctor_data(findings))

    assert 80 >= max(len(line.rstrip()) for line in screen.getvalue().splitlines())
    assert "1 fault: a shoot would stop." in screen.getvalue()
    assert "start it" in screen.getvalue()


@pytest.mark.parametrize(
    ("review", "words"), [("", "waits for nobody"), ("review: before-video\n", "waits for an approval")]
)
def test_it_says_what_holds_a_run_back(board: Path, review: str, words: str, capsys: pytest.CaptureFixture[str]):
    """
    Its budget, whoever says it, and whether a person has to approve.
    """
    board.write_text(f"{review}{board.read_text()}")
    data = looked(capsys, board, sandbox=True)

    assert any(each.about == "failure policy" and words in each.words for each in data.checks)
