"""
A run's log on Prefect's page: each step with its request and its dollars, each thing once, and nothing of a key.
"""

import asyncio
import logging
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import Log
from prefect.logging.handlers import APILogHandler

from storyreel.desk.run_log import RunLog, both
from storyreel.errors import NotReached, TakeModerated
from storyreel.model.events import Event
from storyreel.production.caller import calling
from tests.desk import ONE, Desk
from tests.flows.test_retries import TWO as MARKED
from tests.flows.test_retries import Run

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

BOARD = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse. [[sandbox: moderated x1]]"
    duration: 2
    then:
      - extend: "The lamp flares."
        duration: 2
  - id: door
    prompt: "A door. [[sandbox: submit 429 0 x1]]"
  - id: stair
    image: {prompt: "An iron stair."}
    prompt: "She climbs."
"""


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> None:
    """Have runs write their logs as a worker's do; in tests they are silent."""
    caplog.set_level(logging.INFO, logger="prefect.flow_runs")
    caplog.set_level(logging.INFO, logger="prefect.task_runs")


async def lines(run: Run, times: int) -> list[Log]:
    """Return the log of a run that has ended so many times, oldest first, as the page shows it."""
    await APILogHandler.aflush()
    mine = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    async with get_client() as client, asyncio.timeout(20):
        while True:
            log = await client.read_logs(mine)
            if times == sum("Finished in state" in line.message for line in log):
                return log
            await asyncio.sleep(0.1)


def of(log: list[Log], step: str) -> list[str]:
    """Return what a log says of a step, but for how far it was."""
    said = [line.message.removeprefix(f"{step}: ") for line in log if line.message.startswith(f"{step}: ")]
    return [line for line in said if not line.startswith("made to ")]


async def test_a_log_says_what_became_of_each_step_and_what_it_cost(sequence: Any, desk: Desk):
    """
    Accepted with its request and what is expected, made and charged, refused for now, failed, not reached, and the sums.
    """
    desk.write(BOARD)
    run = Run(sequence, desk)
    await run.shoot()
    log = await lines(run, 1)
    accepted, moderated = of(log, "coast/video")
    refused, *door = of(log, "door/video")
    still = of(log, "stair/still")

    assert accepted.startswith("accepted, request ")
    assert accepted.endswith(", $0.10 expected")
    assert "$0.10 charged" in moderated
    assert accepted.split()[2].rstrip(",") in moderated
    assert ["not reached: coast/video has no clip"] == of(log, "coast/extend-1")
    assert refused.startswith("refused, nothing charged: waits ")
    assert ["accepted", "made"] == [line.split(",")[0] for line in door]
    assert door[1].endswith(", $0.05 charged")
    assert ["accepted", "made"] == [line.split(",")[0] for line in still], "what was just bought is not reused"
    assert ["$0.222 charged; in all: 5 takes, $0.222 charged, $0.222 estimated"] == of(log, "this run")
    assert {"ERROR", "WARNING", "INFO"} == {logging.getLevelName(line.level) for line in log}
    assert [] == [line.message for line in log if "Traceback" in line.message]


@pytest.mark.long
async def test_what_is_there_is_reused_and_says_what_it_had_cost(sequence: Any, desk: Desk):
    """
    After a Retry the same log goes on: what was made is reused, at the charge of then, and what was withheld is paid as well.
    """
    desk.write(MARKED % (" [[sandbox: moderated x1]]", ""))
    run = Run(sequence, desk)
    await run.shoot()
    await run.shoot()
    log = await lines(run, 2)

    assert of(log, "door/video")[-1].startswith("reused, request ")
    assert of(log, "door/video")[-1].endswith(", $0.05 charged when it was made")
    assert ["is being cut", "cut"] == of(log, "film")
    assert ["$0.10 charged", "$0.15 charged"] == [line.partition(";")[0] for line in of(log, "this run")]


@pytest.mark.long
async def test_of_each_task_ours_says_more_than_prefect(sequence: Any, desk: Desk, caplog: pytest.LogCaptureFixture):
    """
    `Finished in state Completed()` without a name is left out, unless somebody looks for a fault.
    """
    desk.write(ONE.format(marker=""))
    await Run(sequence, desk).shoot()
    quiet = [record.getMessage() for record in caplog.records if record.name == "prefect.task_runs"]
    caplog.set_level(logging.DEBUG, logger="prefect.task_runs")
    await Run(sequence, desk).shoot()
    loud = [record.getMessage() for record in caplog.records if record.name == "prefect.task_runs"]

    assert [] == [line for line in quiet if "Finished in state" in line]
    assert any("Finished in state" in line for line in loud)


@pytest.mark.long
async def test_at_a_terminal_it_goes_to_the_page_alone(sequence: Any, desk: Desk, capfd: pytest.CaptureFixture[str]):
    """
    Whoever shoots at a terminal beside a desk sees each step there, once; and the run on the page has its log.
    """
    desk.write(ONE.format(marker=""))
    run, seen = Run(sequence, desk), list[Event]()
    with calling(watcher=seen.append):
        await run.shoot()
    log = await lines(run, 1)

    assert of(log, "coast/video")
    assert any(event.step == "coast/video" for event in seen)
    assert "coast/video: made" not in "".join(capfd.readouterr())


def test_progress_is_told_by_quarters_and_an_end_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """
    The service says how far it is every few seconds; a step that failed says so when it is known, and not again at the end.
    """
    monkeypatch.setattr("storyreel.desk.run_log.get_run_logger", lambda: logging.getLogger("prefect.flow_runs"))
    log = RunLog(at_terminal=False)
    watch = both(None, log)
    for percent in (3, 24, 26, 30, 49, 50, 80, 100):
        watch(Event("coast/video", "making", percent=percent))
    end = TakeModerated("moderated, request 1", request_id="1", words="", ticks=1)
    log.failed("coast/video", end)
    log.failed("door/video", NotReached("door/video", "coast/video"))
    watch(Event("coast/video", "failed", ticks=1, text=str(end)))
    watch(Event("door/video", "not reached", text=str(NotReached("door/video", "coast/video"))))

    assert [
        "coast/video: made to 26 %",
        "coast/video: made to 50 %",
        "coast/video: made to 80 %",
        "coast/video: moderated, request 1",
        "door/video: not reached: coast/video has no clip",
    ] == caplog.messages


def test_a_key_is_in_no_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    """
    A service may repeat what it was sent.
    """
    monkeypatch.setattr("storyreel.desk.run_log.get_run_logger", lambda: logging.getLogger("prefect.flow_runs"))
    monkeypatch.setenv("XAI_API_KEY", "canary-of-the-service")
    RunLog(at_terminal=False)(Event("coast/video", "failed", text="no key canary-of-the-service"))

    assert ["coast/video: no key ***"] == caplog.messages
