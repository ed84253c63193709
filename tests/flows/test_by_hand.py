"""
A run that a person begins at the command line is found on Prefect's page: by its tags, and by the address that is printed.
"""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from rich.console import Console

from storyreel.cli.prefect_run import begun_by_hand
from tests.desk import Desk

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

BOARD = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes: [{id: coast, prompt: "A lighthouse at dusk."}]
"""


@pytest.mark.long
async def test_a_run_says_where_it_is_to_be_seen_and_has_tags(sequence: Any, desk: Desk):
    """
    As soon as it has begun, once, and with its own id in it.
    """
    desk.write(BOARD)
    console = Console(file=io.StringIO(), width=200)
    await begun_by_hand(sequence, ("storyreel", "small"), console)(storyboard=str(desk.board), sandbox=True)
    (line,) = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    before, _, run = line.rpartition("/")
    async with get_client() as client:
        there = await client.read_flow_run(UUID(run))

    assert re.fullmatch(r"run: http://127\.0\.0\.1:[0-9]+/runs/flow-run", before)
    assert {"storyreel", "small"} <= set(there.tags)
    assert {"storyboard": str(desk.board), "sandbox": True} == {
        name: there.parameters[name] for name in ("storyboard", "sandbox")
    }
    assert None is there.deployment_id, "what takes up lost runs leaves it alone: its person has it before them"
