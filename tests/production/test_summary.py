"""
What is told of steps that have no clip: as soon as it is known, and once.
"""

from pathlib import Path

from storyreel.model.events import Event
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run

BOARD = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: slow, prompt: "A coast. [[sandbox: slow 0.6]]"}
  - {id: face, prompt: "A face. [[sandbox: moderated x1]]"}
  - {id: next, image: {last_frame_of: face}, prompt: "It turns."}
"""


async def test_a_step_that_fails_is_told_while_others_are_still_made(place: Path):
    """
    Whoever watches is not left with a percentage that stands still; what builds on it is told with it.
    """
    board = place / "tram.yaml"
    board.write_text(BOARD)
    events: list[Event] = []
    async with open_session(prepare(board), run="one", sandbox=True, caller=Caller(watcher=events.append)) as session:
        await run(session)
    ends = [(event.step, event.stage) for event in events if event.stage in ("made", "failed", "not reached")]

    assert [("face/video", "failed"), ("next/video", "not reached"), ("slow/video", "made")] == ends
    assert next(event for event in events if event.stage == "failed").text.startswith("moderated")
