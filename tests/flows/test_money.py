"""
There is one figure for what a storyboard cost, wherever it is shown: artifact, log, event, terminal, takes and cut list.
"""

import json
import re
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from tests.desk import Desk
from tests.flows.test_retries import Run
from tests.flows.test_run_events import heard

pytestmark = [pytest.mark.prefect, pytest.mark.journey, pytest.mark.long, pytest.mark.filterwarnings("ignore")]

BOARD = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse. [[sandbox: moderated x1]]"
  - id: door
    prompt: "A door. [[sandbox: charge 0.07]]"
  - id: stair
    prompt: "A stair. [[sandbox: failed internal_error x1]]"
"""


async def test_failures_a_retry_and_a_redo_are_one_figure_everywhere(sequence: Any, desk: Desk):
    """
    A take that is withheld is paid, one that failed is not, a charge is what the service said, and a take of before counts.
    """
    desk.write(BOARD)
    run = Run(sequence, desk)
    await run.shoot()
    await run.shoot()
    screen = desk.shoot("--redo", "door", "--yes")
    after = Run(sequence, desk)
    await after.shoot()
    takes = json.loads(desk.run("takes", desk.board.name, "--sandbox", "--json"))
    cut = json.loads(desk.film.with_name("small.sandbox.cut.json").read_text())
    page = await _page(after)
    (event,) = [event for event in await heard(run.id, 1) if event.event == "storyreel.film.made"]
    (words,) = set(re.findall(r"in all: (.*)", screen))
    per_step = [row["in all"] for row in page["table"][:-1]]

    # A lighthouse twice, a door twice at what the service said, a stair that failed for nothing, and once more.
    assert words == "6 takes, $0.29 charged, $0.30 estimated"
    assert f"In all: {words}." in page["markdown"]
    assert words == page["table"][-1]["in all"]
    assert ["2 takes, $0.10", "2 takes, $0.14", "2 takes, $0.05"] == [step.split(" charged")[0] for step in per_step]
    assert {"takes": 6, "charged_usd": 0.29, "estimated_usd": 0.3} == takes["totals"] == cut["totals"]
    assert {"takes": 5, "charged_usd": 0.22} == {name: event.payload[name] for name in ("takes", "charged_usd")}


async def _page(run: Run) -> dict[str, Any]:
    """Return the artifacts of a run by what they are; a table as its rows."""
    async with get_client() as client:
        which = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
        drawn = {str(each.type): str(each.data) for each in await client.read_artifacts(artifact_filter=which)}
    return {**drawn, "table": json.loads(drawn["table"])}
