"""
The morning report: what became of a night, sent to whoever the worker's environment names, and nothing of their address kept.
"""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.handlers import APILogHandler

from storyreel.desk.flows import load
from tests.desk.receiver import receiving
from tests.production.test_status import film

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

TOKEN = "t0ken-4711-s3cret"
BOARD = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
"""


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> None:
    """Have runs write their logs as a worker's do; in tests they are silent."""
    caplog.set_level(logging.INFO, logger="prefect.flow_runs")


@pytest.fixture(scope="module")
def dailies(prefect_server: str) -> Any:
    """Return the flow."""
    return load("dailies")


@pytest.fixture
async def boards(place: Path) -> Path:
    """Return a folder of two storyboards: one has its film, the other one cannot be read."""
    folder = place / "boards"
    folder.mkdir()
    (folder / "current.yaml").write_text(BOARD)
    (folder / "wrong.yaml").write_text("scenes: 3\n")
    await film(folder / "current.yaml")
    return folder


async def ended(state: State) -> tuple[FlowRun, list[str]]:
    """Return a run that has ended, and the lines of its log."""
    run = state.state_details.flow_run_id
    assert run is not None
    await APILogHandler.aflush()
    mine = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run]))
    async with get_client() as client, asyncio.timeout(20):
        while True:
            lines = [line.message for line in await client.read_logs(mine)]
            if any("Finished in state" in line for line in lines):
                return await client.read_flow_run(run), lines
            await asyncio.sleep(0.2)


async def test_a_night_sends_its_report(dailies: Any, boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    How many films are current, what it cost, and each storyboard, those that want a person first; once.
    """
    with receiving() as receiver:
        monkeypatch.setenv("STORYREEL_NOTIFY", f"json://127.0.0.1:{receiver.port}/{TOKEN}")
        state = await dailies(folder=str(boards), sandbox=True, return_state=True)
    (message,) = receiver.messages
    run, _ = await ended(state)

    assert state.is_failed(), "a storyboard is wrong"
    assert f"{message['title']}" == f"{run.name.replace('-', ' ', 1).capitalize()} (rehearsal)"
    assert ["1 of 2 films are not current: wrong.yaml (wrong).", ""] == message["message"].split("\n")[:2]
    assert "1 current, 0 shot, 1 not; 0 runs for $0.00" in message["message"]
    wrong, current = message["message"].split("\n\n")[2:]
    assert wrong.startswith("- wrong.yaml: wrong (wrong.yaml:1:9: scenes is 3")
    assert current.startswith("- current.yaml: current, 1 s ")
    assert {"storyreel", "night", "sandbox"} <= set(run.tags)


@pytest.mark.long
async def test_a_report_that_nobody_takes_is_a_warning(dailies: Any, boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    The night ends as it would without it, and its log says why nobody was told, without the address.
    """
    (boards / "wrong.yaml").unlink()
    with receiving(500) as receiver:
        monkeypatch.setenv("STORYREEL_NOTIFY", f"json://ana:{TOKEN}@127.0.0.1:{receiver.port}/{TOKEN}")
        state = await dailies(folder=str(boards), sandbox=True, return_state=True)
    _, lines = await ended(state)
    (warning,) = [line for line in lines if "morning report" in line]

    assert state.is_completed()
    assert "The morning report could not be sent: JSON did not take it; " in warning
    assert TOKEN not in "".join(lines)


@pytest.mark.long
async def test_an_address_that_is_none_is_a_warning(dailies: Any, boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A slip in the worker's environment costs the message, and is not repeated.
    """
    (boards / "wrong.yaml").unlink()
    monkeypatch.setenv("STORYREEL_NOTIFY", TOKEN)
    state = await dailies(folder=str(boards), sandbox=True, return_state=True)
    _, lines = await ended(state)

    assert state.is_completed()
    assert any("could not be sent: STORYREEL_NOTIFY is no address" in line for line in lines)
    assert TOKEN not in "".join(lines)


async def test_a_night_that_cannot_begin_says_so(dailies: Any, place: Path, monkeypatch: pytest.MonkeyPatch):
    """
    Without its folder, or a key, there is no report, and somebody would wait for one.
    """
    with receiving() as receiver:
        monkeypatch.setenv("STORYREEL_NOTIFY", f"json://127.0.0.1:{receiver.port}")
        state = await dailies(folder=str(place / "nowhere"), sandbox=True, return_state=True)

    assert state.is_failed()
    assert f"The night could not begin: there is no folder {place / 'nowhere'}" in receiver.messages[0]["message"]
