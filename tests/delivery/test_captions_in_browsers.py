"""
Captions in a real browser: the films page shows those of a film at the seconds at which they are said.
"""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.delivery.test_page import showing_on
from tests.delivery.test_tagged import Room
from tests.walk.conftest import browser_page

__all__ = ["browser_page"]  # fixtures

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

SAY = 'say: [{text: "a < b & {c}", at: 0.125, duration: 0.125}, {text: "– Где?\\n– 終電!", at: 0.25}]'
CUES = """
async () => {
  const video = document.querySelector("video");
  const track = video.querySelector("track");
  if (track.readyState < 2) await new Promise((done) => track.addEventListener("load", done, { once: true }));
  const { label, language, mode, cues } = video.textTracks[0];
  return { tracks: video.textTracks.length, label, language, mode, cues: [...cues].map((cue) => [cue.startTime, cue.endTime, cue.text]) };
}
"""
SHOWN_AT = """
async (second) => {
  const video = document.querySelector("video");
  video.currentTime = second;
  await new Promise((done) => video.addEventListener("seeked", done, { once: true }));
  await new Promise((done) => setTimeout(done, 200));
  return [...video.textTracks[0].activeCues].map((cue) => cue.getCueAsHTML().textContent);
}
"""


# It is cut before a browser is open, beside whose loop no other can run.
@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a films page with a film that says two things."""
    room = Room(tmp_path_factory.mktemp("captions"))
    plan = room.plan(say=SAY, cut="cut: {captions: {language: ru}}")
    asyncio.run(room.film(plan))
    with showing_on("127.0.0.1", room.folder / "out") as client:
        yield f"{client.base_url}/{plan.board.slug}/"


def test_the_films_page_shows_captions_at_their_seconds(films: str, browser_page: Page):
    """
    From the file beside the film: this browser has none of the film's own tracks, and the page adds one.
    """
    browser_page.goto(films)
    found = browser_page.evaluate(CUES)

    assert {
        "tracks": 1,
        "label": "ru",
        "language": "ru",
        "mode": "showing",
        "cues": [[0.125, 0.25, "a &lt; b &amp; {c}"], [0.25, 0.5, "– Где?\n– 終電!"]],
    } == found
    assert [["a < b & {c}"], ["– Где?\n– 終電!"], []] == [browser_page.evaluate(SHOWN_AT, at) for at in (0.2, 0.3, 0.6)]
