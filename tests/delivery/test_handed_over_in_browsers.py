"""
A film that was handed over as H.264 in a real browser: the films page plays it to its end, and each moment shows the frame that belongs there.
"""

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from storyreel.model.finish import Finish
from tests.delivery.test_handed_over import Room
from tests.delivery.test_page import showing_on
from tests.media.filming import BEEP, ffmpeg, pictures
from tests.walk.conftest import browser_page

__all__ = ["browser_page"]  # fixtures

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

PROOF = Finish(rate=Fraction(25), burn_in=True)
FRAMES = 19
PLAYED = """
async () => {
  const video = document.querySelector("video");
  video.muted = true;
  await video.play();
  await new Promise((done) => video.addEventListener("ended", done, { once: true }));
  return [video.duration, video.videoWidth, video.videoHeight, video.error];
}
"""
SEEN_AT = """
async (second) => {
  const video = document.querySelector("video");
  video.currentTime = second;
  await new Promise((done) => video.addEventListener("seeked", done, { once: true }));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [60, 60];
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 60, 60);
  const seen = pen.getImageData(0, 0, 60, 60).data;
  return Array.from({ length: 3600 }, (_, at) => seen[4 * at + 1]);
}
"""


# It is cut before a browser is open, beside whose loop no other can run.
@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return the place of a film whose every frame is another one, and in which the timecode counts."""
    folder = tmp_path_factory.mktemp("browser")
    room = Room(folder, folder / "vault")
    picture, beep = "testsrc2=s=480x480:r=24:d=0.5", f"{BEEP}:s=48000:c=stereo"
    sea = str(folder / "sea.mkv")
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-t", "0.5", "-i", beep, "-c:a", "pcm_s16le", sea)
    asyncio.run(room.film(PROOF))
    return room


@pytest.fixture
def films(room: Room) -> Iterator[str]:
    with showing_on("127.0.0.1", room.folder / "out") as client:
        yield f"{client.base_url}/{room.files(PROOF).film.parent.name}/"


def small(film: Path) -> list[np.ndarray]:
    """Return the light of each frame of a film, as large as a browser is asked for it."""
    return [picture.reshape(60, 8, 60, 8).mean(axis=(1, 3)) for picture in pictures(film)]


def test_a_browser_shows_each_frame_at_its_time(films: str, room: Room, browser_page: Page):
    """
    In the middle of every third of them, backwards, and then to the end.
    """
    own = small(room.files(PROOF).film)
    browser_page.goto(films)
    seen = {at: browser_page.evaluate(SEEN_AT, (at + 0.5) / 25) for at in range(12, -1, -3)}

    for at, shown in seen.items():
        light = np.array(shown, float).reshape(60, 60)
        near = [abs(np.corrcoef(light.ravel(), each.ravel())[0, 1]) for each in own]
        assert at == int(np.argmax(near))
    assert [pytest.approx(FRAMES / 25, abs=0.001), 480, 480, None] == browser_page.evaluate(PLAYED)
