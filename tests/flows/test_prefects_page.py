"""
What a producer sees of a run on Prefect's page, and the limits that all workers share.
"""

import json
from typing import Any

import pytest
from prefect import tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact

from storyreel.errors import SequenceFailed
from tests.desk import Desk
from tests.flows.test_retries import Run

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

BOARD = """
title: "Small & <b>fine</b>"
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
  - id: door
    prompt: "The door opens."
"""


async def drawn(state: Any) -> dict[str, Artifact]:
    """Return the artifacts of a run by what they are."""
    which = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    async with get_client() as client:
        return {str(found.type): found for found in await client.read_artifacts(artifact_filter=which)}


async def shoot(sequence: Any, desk: Desk, **parameters: Any) -> Any:
    return await sequence(storyboard=str(desk.board), sandbox=True, return_state=True, **parameters)


async def test_a_run_shows_its_steps_its_progress_and_its_film(sequence: Any, desk: Desk, monkeypatch: Any):
    """
    A table with a row for each step, the progress at its end, and links to film, contact sheet and cut list.
    """
    monkeypatch.setenv("STORYREEL_FILMS_URL", "http://127.0.0.1:4280/")
    desk.write(BOARD)
    page = await drawn(await shoot(sequence, desk))
    *rows, total = json.loads(str(page["table"].data))

    assert {"progress", "table", "markdown"} == set(page)
    assert page["progress"].data == 100.0
    assert [("coast", "made", "bought"), ("door", "made", "bought")] == [
        (row["scene"], row["state"], row["this run"]) for row in rows
    ]
    assert ("in all", "2 made", "$0.10", "2 takes, $0.10 charged, $0.10 estimated") == tuple(
        total[column] for column in ("scene", "state", "estimate", "in all")
    )
    assert all(row["request"] and row["charged"].startswith("$") and row["seconds"] == "1" for row in rows)
    assert "[film](http://127.0.0.1:4280/small/small.sandbox.mp4)" in str(page["markdown"].data)
    assert "[contact sheet](http://127.0.0.1:4280/small/small.sandbox.png)" in str(page["markdown"].data)
    assert "2 made, 0 reused" in str(page["markdown"].data)
    assert "In all: 2 takes, $0.10 charged, $0.10 estimated." in str(page["markdown"].data)
    assert ["1 take, $0.05 charged, $0.05 estimated"] * 2 == [row["in all"] for row in rows]
    assert "<b>" not in str(page["markdown"].data).replace("\\<b\\>", "")


async def test_a_failure_is_told_on_the_page_and_what_is_there_is_called_reused(sequence: Any, desk: Desk):
    """
    A second run that fails on a new scene shows the old one as reused, what went wrong with the other, and where the rough cut is.
    """
    desk.write(BOARD.replace("The door opens.", "The door opens. [[sandbox: failed invalid_argument]]"))
    with pytest.raises(SequenceFailed):
        await (await shoot(sequence, desk, only=["coast", "door"])).result()
    page = await drawn(await shoot(sequence, desk))
    *rows, total = json.loads(str(page["table"].data))

    # One clip of two, and no film.
    assert round(100 / 3, 1) == round(float(str(page["progress"].data)), 1)
    assert "1 reused, 1 failed" == total["state"]
    assert ["reused", "failed"] == [row["state"] for row in rows]
    assert ["", ""] == [row["this run"] for row in rows]
    assert "--redo door/video" in rows[1]["note"]
    assert "No film was cut" in str(page["markdown"].data)
    assert "What failed" in str(page["markdown"].data)
    rough = desk.film.with_name("small.rough.sandbox.mp4")
    assert f"- rough cut: `{rough}`" in str(page["markdown"].data)
    assert "1 of 2 scenes is a placeholder: door (failed: " in str(page["markdown"].data)
    assert rough.exists()


@pytest.mark.long
async def test_a_run_that_is_begun_again_draws_in_the_place_of_what_it_has_drawn(sequence: Any, desk: Desk):
    """
    The page lists artifacts in no order: after a Retry there is one of each, and it has the film.
    """
    desk.write(BOARD.replace("The door opens.", "The door opens. [[sandbox: moderated x1]]"))
    run = Run(sequence, desk)
    failed, _ = await run.shoot()
    before = await drawn(failed)
    await run.shoot()
    which = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    async with get_client() as client:
        after = [each for each in await client.read_artifacts(artifact_filter=which) if each.key is not None]

    assert ["small-film", "small-progress", "small-steps"] == sorted(str(each.key) for each in after)
    assert {before[kind].id for kind in ("progress", "table", "markdown")} == {each.id for each in after}
    assert 100.0 == next(each.data for each in after if each.type == "progress")
    assert "2 made, 0 reused, $0.15 charged" in next(str(each.data) for each in after if each.type == "markdown")


async def test_what_the_vault_has_is_cut_without_anything_being_bought(sequence: Any, desk: Desk):
    """
    With `rough` a run sends nothing, completes, and its page says where the rough cut is and what is missing.
    """
    desk.write(BOARD)
    state = await shoot(sequence, desk, rough=True)
    page = await drawn(state)

    assert state.is_completed()
    assert [] == desk.posts()
    assert f"- rough cut: `{desk.film.with_name('small.rough.sandbox.mp4')}`" in str(page["markdown"].data)
    assert "Rough cut: 2.0 s, 2 of 2 scenes are placeholders: coast (not bought yet), door (not bought yet)" in str(
        page["markdown"].data
    )
    assert (await shoot(sequence, desk, rough=True, redo=["door"])).is_failed()


@pytest.mark.parametrize("variable", ["STORYREEL_JOBS_LIMIT", "STORYREEL_SUBMITS_LIMIT"])
@pytest.mark.some(1)
async def test_a_limit_that_is_not_there_sends_nothing(sequence: Any, desk: Desk, variable: str, monkeypatch: Any):
    """
    For Prefect a limit that nobody made is none; here it is a mistake, and the message says how to make it.
    """
    desk.write(BOARD)
    monkeypatch.setenv(variable, "nobody-made-it")
    with pytest.raises(SequenceFailed, match="prefect gcl create nobody-made-it"):
        await (await shoot(sequence, desk)).result()

    assert [] == desk.posts()


@pytest.mark.long
async def test_workers_share_one_limit_of_jobs(sequence: Any, desk: Desk, monkeypatch: Any):
    """
    With a limit of one job the second scene is sent when the first is done.
    """
    desk.write(BOARD)
    monkeypatch.setenv("STORYREEL_JOBS_LIMIT", "jobs-of-all")
    monkeypatch.setenv("STORYREEL_SANDBOX_LATENCY", "0.7")
    async with get_client() as client:
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="jobs-of-all", limit=1))
        state = await shoot(sequence, desk)
        first, second = desk.posts()

    assert state.is_completed()
    assert second["time"] - first["time"] >= 0.7


async def test_a_run_is_found_by_its_film_and_by_whether_it_may_cost_money(sequence: Any, desk: Desk):
    """
    It is called by the slug, whatever its file is called, and a rehearsal never has the tag of what is real.
    """
    desk.write(f"slug: the-keeper\n{BOARD}")
    with tags("storyreel", "real"):
        state = await shoot(sequence, desk, rough=True)
    async with get_client() as client:
        run = await client.read_flow_run(state.state_details.flow_run_id)

    assert "the-keeper" == run.name
    assert ["film", "sandbox", "storyreel", "the-keeper"] == sorted(run.tags)
