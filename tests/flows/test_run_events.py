"""
Events of a run for Prefect's automations: each is sent once, whatever becomes of the run, and what hangs on one is fired.
"""

import asyncio
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.events.filters import EventFilter, EventNameFilter, EventRelatedFilter
from prefect.events.schemas.automations import AutomationCore
from prefect.events.schemas.events import ReceivedEvent
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_SERVER_EVENTS_MAXIMUM_SIZE_BYTES, temporary_settings
from ruamel.yaml import YAML

from storyreel.desk.event_outbox import EventOutbox
from storyreel.desk.run_events import night_reached
from storyreel.production.dailies import Line, open_night
from tests.desk import TWO, WAITING, Desk
from tests.desk.receiver import receiving
from tests.flows.test_approval import begun, ordered, resumed
from tests.flows.test_retries import TWO as MARKED
from tests.flows.test_retries import Run

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]


OPERATE = Path(__file__).parents[2] / "docs" / "operate.md"


async def heard(run: object, wanted: int) -> list[ReceivedEvent]:
    """Return our events of a run, oldest first, once Prefect has written down so many; and whatever comes a moment later."""
    EventsWorker.drain_all()
    ours = EventFilter(
        event=EventNameFilter(prefix=["storyreel."]), related=EventRelatedFilter(id=[f"prefect.flow-run.{run}"])
    )
    async with get_client() as client, asyncio.timeout(30):
        while True:
            events = (await client.read_events(ours, limit=50)).events
            if len(events) >= wanted:
                return sorted(events, key=lambda event: event.occurred)
            await asyncio.sleep(0.2)


def told(events: list[ReceivedEvent]) -> list[tuple[str, str]]:
    return [(event.event, event.resource.id) for event in events]


@pytest.mark.long
async def test_a_film_is_made_once_however_often_its_run_is_begun(sequence: Any, desk: Desk):
    """
    Neither a crash after the cut nor a Retry of the run says again what stands; the event has what it cost and where it is.
    """
    desk.write(TWO)
    run = Run(sequence, desk)
    await run.shoot()
    await heard(run.id, 1)
    await run.shoot(because="Taken up again after a crash: its process is gone.")
    await run.shoot()
    await _another(sequence, desk)
    (event,) = await heard(run.id, 1)

    assert ("storyreel.film.made", "storyreel.film.small") == (event.event, event.resource.id)
    assert ("small", "sandbox") == (event.resource["storyreel.slug"], event.resource["storyreel.service"])
    assert {"film": str(desk.film), "seconds": 2.0, "takes": 2, "charged_usd": 0.1}.items() <= event.payload.items()
    assert {f"prefect.flow-run.{run.id}"} <= {related.id for related in event.related}


@pytest.mark.long
async def test_each_film_that_is_made_is_an_event_of_its_own(sequence: Any, desk: Desk):
    """
    It names its delivery. A run that makes one of them anew says so of that one alone.
    """
    desk.write(TWO + 'deliver: {wide: {aspect_ratio: "16:9"}}\n')
    run = Run(sequence, desk)
    await run.shoot()
    made = await heard(run.id, 2)
    desk.change("16:9", "9:16")
    other = Run(sequence, desk)
    await other.shoot()
    (again,) = await heard(other.id, 1)

    assert [("storyreel.film.small", ""), ("storyreel.film.small.wide", "wide")] == [
        (event.resource.id, event.payload["delivery"]) for event in made
    ]
    assert "storyreel.film.small.wide" == again.resource.id
    assert str(desk.film.with_name("small.wide.sandbox.mp4")) == again.payload["film"]


@pytest.mark.long
async def test_a_crash_between_the_film_and_its_event_is_made_up_for(
    sequence: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """
    A run that is taken up, and finds at its place the film that it has put there, says so; one that only finds a film does not.
    """
    desk.write(TWO)
    run = Run(sequence, desk)
    with monkeypatch.context() as dying:
        dying.setenv("STORYREEL_UNWATCHED", "1")  # nothing is sent: as if it had died before it came to that
        await run.shoot()
    await run.shoot(because="Taken up again after a crash: its process is gone.")
    other = Run(sequence, desk)
    await other.shoot()
    await other.shoot(because="Taken up again after a crash: its process is gone.")
    await _another(sequence, desk)

    assert [("storyreel.film.made", "storyreel.film.small")] == told(await heard(run.id, 1))
    assert [] == await heard(other.id, 0)


async def _another(sequence: Any, desk: Desk) -> None:
    """Shoot another film, whose event comes after all that was sent before it, and wait for that."""
    desk.write(f"slug: another\n{TWO}")
    run = Run(sequence, desk)
    await run.shoot()
    assert [("storyreel.film.made", "storyreel.film.another")] == told(await heard(run.id, 1))


async def test_each_step_without_a_clip_is_said_with_its_request(sequence: Any, desk: Desk):
    """
    A moderated step and one of which nobody knows are two events; a Retry that makes the film says that.
    """
    desk.write(MARKED % (" [[sandbox: moderated x1]]", " [[sandbox: drop after]]"))
    run = Run(sequence, desk)
    await run.shoot()
    failed, unknown = sorted(await heard(run.id, 2), key=lambda event: event.event)

    assert [
        ("storyreel.step.failed", "storyreel.step.small/coast/video"),
        ("storyreel.step.unknown", "storyreel.step.small/door/video"),
    ] == told([failed, unknown])
    assert "moderated" in failed.payload["why"]
    assert failed.payload["request_id"] in failed.payload["why"]
    assert failed.payload["charged_usd"] == 0.05
    assert "storyreel resolve" in unknown.payload["why"]
    assert "storyreel.film.small" in {related.id for related in failed.related}


@pytest.mark.long
async def test_a_till_that_runs_share_is_reached_once(sequence: Any, desk: Desk):
    """
    Two runs of one night that find it empty, one on its way and one before it began, are one event, with what is missing; a larger
    budget may be reached anew.
    """
    desk.write(TWO)
    ways = ((0.05, True), (0.05, False), (0.06, False))
    runs = [Run(sequence, desk, till="dailies-2026-11-01", budget=budget, partial=part) for budget, part in ways]
    for run in runs:
        await run.shoot()
        await heard(runs[0].id, 1)
    first, second, third = [await heard(run.id, wanted) for run, wanted in zip(runs, (1, 0, 1), strict=True)]

    assert [("storyreel.budget.reached", "storyreel.till.dailies-2026-11-01")] == told(first) == told(third)
    assert [] == second
    assert {"budget_usd": 0.05, "spent_usd": 0.05, "missing_usd": 0.05}.items() <= first[0].payload.items()
    assert first[0].payload["steps"] == third[0].payload["steps"]
    assert "the next step is expected to cost $0.05" in first[0].payload["why"]
    assert "so nothing was sent" in third[0].payload["why"]


@pytest.mark.long
async def test_a_night_says_that_its_budget_holds_films_back_unless_a_run_has(desk: Desk, prefect_server: str):
    """
    Films that were not begun have no run to say it; the till is reached once all the same.
    """

    @flow
    async def night(folder: str) -> None:
        tonight = await open_night(folder, run="night", day=date(2026, 11, 2), budget=0.01, sandbox=True)
        lines = [Line("small.yaml", "over budget", "it does not fit", missing_ticks=10**9)]
        async with EventOutbox() as outbox:
            await night_reached(outbox, tonight, lines)

    desk.write(TWO)
    states = [await night(str(desk.folder), return_state=True)]
    (event,) = await heard(states[0].state_details.flow_run_id, 1)
    states.append(await night(str(desk.folder), return_state=True))

    assert ("storyreel.budget.reached", "storyreel.till.dailies-2026-11-02") == (event.event, event.resource.id)
    assert {"budget_usd": 0.01, "missing_usd": 0.1, "storyboards": ["small.yaml"]}.items() <= event.payload.items()
    assert [] == await heard(states[1].state_details.flow_run_id, 0)


@pytest.mark.long
async def test_an_approval_is_waited_for_once(sequence: Any, desk: Desk, prefect_server: str):
    """
    A run that is resumed goes through its gate once more, and says nothing of it; then it says that its film is made.
    """
    desk.write(WAITING)
    run = await ordered(sequence, desk)
    await begun(sequence, run.id)
    waiting = await heard(run.id, 1)
    await resumed(prefect_server, run.id, approve=True)
    await begun(sequence, run.id)
    events = await heard(run.id, 2)

    assert [("storyreel.approval.waiting", "storyreel.film.small")] == told(waiting)
    assert ["storyreel.approval.waiting", "storyreel.film.made"] == [event.event for event in events]
    assert "1 still" == waiting[0].payload["waiting"]
    assert waiting[0].payload["command"].startswith("storyreel approve ")


async def test_what_cannot_be_sent_stops_no_film(sequence: Any, desk: Desk):
    """
    An event that Prefect does not take, since it is too long, costs the event alone.
    """
    desk.write(f"title: {'long ' * 100}\nslug: small\n{TWO}")
    run = Run(sequence, desk)
    with temporary_settings({PREFECT_SERVER_EVENTS_MAXIMUM_SIZE_BYTES: 2_000}):
        state, _ = await run.shoot()

    assert state.is_completed()
    assert desk.film.exists()


@pytest.mark.long
async def test_the_automation_of_the_docs_is_taken_and_fires(sequence: Any, desk: Desk):
    """
    What docs/operate.md has as an example is an automation for a real server, and calls its webhook when an approval waits.
    """
    (example,) = re.findall(r"```yaml\n(name: .*?)```", OPERATE.read_text(encoding="utf-8"), re.DOTALL)
    desk.write(WAITING.replace("title: Small", "title: 'Small, \"the film\"'\nslug: small"))
    with receiving() as receiver:
        block = await Webhook(url=f"http://127.0.0.1:{receiver.port}/").save(
            f"ear-{desk.folder.name.replace('_', '-')}"[:60]
        )  # type: ignore[misc]
        automation = YAML(typ="safe").load(example.replace("BLOCK", str(block)))
        # Rehearsals are left out by the example: this is one.
        automation["trigger"]["match"]["storyreel.service"] = "sandbox"
        async with get_client() as client:
            made = await client.create_automation(AutomationCore(**automation))
            try:
                run = await ordered(sequence, desk)
                await begun(sequence, run.id)
                EventsWorker.drain_all()
                async with asyncio.timeout(30):
                    while not receiver.bodies:
                        await asyncio.sleep(0.2)
            finally:
                await client.delete_automation(made)

    assert 'Small, "the film": 1 still to approve, $0.02 so far' == receiver.messages[0]["text"]
