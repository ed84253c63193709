"""While a run waits for clips its cut gets a head start, and nobody but the clock can tell."""

import asyncio
from pathlib import Path

import pytest

from storyreel.delivery import head_start
from storyreel.media import probe
from storyreel.model.plan import Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.caller import Caller
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import RunResult, run
from tests.desk import Desk

BOARD = """\
title: One after the other
defaults: {duration: 4, resolution: 480p}
scenes:
  - {id: a, prompt: "A lighthouse at dusk."}
  - {id: b, prompt: "The sea below it.", transition: dissolve}
  - {id: c, prompt: "A ship far out.", transition: dissolve}
"""


async def shot(desk: Desk, name: str, waits_for: int) -> tuple[RunResult, list[tuple[str, str]]]:
    """Run a board whose last clip comes once so many windows are there; return the result, and the events in their order."""
    events: list[tuple[str, str]] = []
    caller = Caller(watcher=lambda event: events.append((event.step, event.stage)))
    async with open_session(prepare(str(desk.board)), run=name, sandbox=True, caller=caller) as session:

        async def late(step: Step, slate: Slate, _: list[Clip]) -> Clip:
            async with asyncio.timeout(30):
                while step.id == "c/video" and len(windows(desk)) < waits_for:
                    await asyncio.sleep(0.02)
            return await collect(session, step.id, slate)

        return await run(session, collect=late), events


def windows(desk: Desk) -> list[Path]:
    """Return what was rendered."""
    return sorted((desk.folder / "vault/derived/windows").glob("*.mp4"))


async def test_windows_are_made_while_a_clip_is_still_being_shot(desk: Desk):
    """
    The window between the first two scenes is there before the third has its clip, and the film is told to be cut after it.
    """
    desk.write(BOARD)
    result, events = await shot(desk, "one", waits_for=1)

    assert result.film is not None
    assert 3 * 96 - 2 * 12 == probe(result.film.path).frames
    assert 2 == len(windows(desk))
    assert events.index(("c/video", "made")) < events.index(("film", "cutting"))


@pytest.mark.long
async def test_a_head_start_that_fails_fails_no_run(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    The cut does again what could not be done, and tells the same events.
    """
    tries = []

    async def fails(*asked: object) -> None:
        tries.append(asked)
        raise OSError("no space left on device")

    monkeypatch.setattr(head_start, "draft", fails)
    desk.write(BOARD)
    result, _ = await shot(desk, "one", waits_for=0)

    assert tries
    assert result.film is not None
    assert 2 == len(windows(desk))
