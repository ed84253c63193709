"""
A producer at the desk: a scene fails, Retry is pressed, the film is there - and nothing was paid twice.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.walk.producer import Producer

pytestmark = [pytest.mark.journey, pytest.mark.long]

BOARD = """
title: The Lantern
defaults: {duration: 2, resolution: 480p}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
  - id: climb
    prompt: "She climbs the stair. [[sandbox: failed invalid_argument x1]]"
    then:
      - extend: "She reaches the lamp."
        duration: 2
  - id: door
    image: {last_frame_of: coast}
    prompt: "The door opens."
"""
REVIEWED = """
title: Reviewed
review: before-video
defaults: {duration: 1, resolution: 480p}
scenes:
  - id: door
    image: {prompt: "An iron door."}
    prompt: "The door opens."
"""


@dataclass(frozen=True)
class Story:
    """A run that failed and was retried: its id, its two ends, and how many requests were sent until then and in all."""

    board: Path
    run: str
    failed: dict[str, Any]
    done: dict[str, Any]
    first: dict[str, str]
    sent: tuple[int, int]


@pytest.fixture(scope="module")
def story(producer: Producer) -> Story:
    """Run a storyboard whose one scene fails once, and press Retry."""
    board = producer.write("lantern", BOARD)
    run = producer.custom_run(board)
    failed = producer.ended(run)
    producer.look_at(run, "failed")
    first, sent = producer.tasks(run, 1, 6), producer.desk.posts()
    producer.retry(run)
    done = producer.ended(run, times=2)
    return Story(board, run, failed, done, first, (sent, producer.desk.posts()))


def test_retry_on_the_page_buys_what_failed_and_makes_the_film(producer: Producer, story: Story):
    """
    After the click on Retry only the failed step, what hangs on it and the film are run; all others are cached.
    """
    second = producer.tasks(story.run, 2, 7)
    producer.look_at(story.run, "retried")
    words = story.failed["state"]["message"]

    assert "FAILED" == story.failed["state_type"]
    assert "climb/video: failed (invalid_argument), request " in words
    assert "on Prefect's page: Retry" in words
    assert ("Failed", "Completed") == (story.first["climb/video"], story.first["door/video"])
    assert "COMPLETED" == story.done["state_type"], story.done["state"]["message"]
    assert {
        "climb/video buy": "Completed",
        "climb/video": "Completed",
        "climb/extend-1 buy": "Completed",
        "climb/extend-1": "Completed",
        "film": "Completed",
        "coast/video": "Cached",
        "door/video": "Cached",
    } == second
    assert (3, 5) == story.sent


def test_the_log_of_a_run_says_what_became_of_each_step(producer: Producer, story: Story):
    """
    By name, with its request and its dollars, and no line that says only that something has ended.
    """
    log = producer.open_log(story.run, "climb/extend-1: not reached")
    producer.picture("log")

    assert "coast/video: accepted, request " in log
    assert "climb/video: failed (invalid_argument), request " in log
    assert "climb/extend-1: not reached: climb/video has no clip" in log
    assert "coast/video: made, request " in log
    assert ", $0.10 charged" in log
    assert "Finished in state Completed()" not in log


def test_what_happens_to_films_is_in_the_feed_of_events(producer: Producer, story: Story):
    """
    Automations are hung on it there: that a film is made is one of the kinds to choose from, and says which film it is.
    """
    feed = producer.open_events("storyreel.film.made")
    producer.picture("events")

    assert "Storyreel Film Made" in feed
    assert "The Lantern" in feed


def test_the_film_opens_from_the_page(producer: Producer, story: Story):
    """
    A run's artifacts have a table of its steps and a link to the film, which the browser can play.
    """
    producer.open_artifact(story.run, "lantern-steps")
    producer.page.get_by_text(
        "extend-1"
    ).first.wait_for()  # a busy page draws its table after the network has gone quiet
    producer.picture("steps")
    table = producer.page.inner_text("main")
    producer.open_artifact(story.run, "lantern-film")
    producer.picture("film")
    link = producer.page.get_by_role("link", name="film", exact=True).get_attribute("href")
    assert link is not None
    producer.page.goto(producer.desk.films)
    producer.page.wait_for_load_state("networkidle")
    producer.picture("films")
    producer.page.get_by_role("link", name="The Lantern").first.click()
    # Its storyboard lies elsewhere, so that the page shows the film alone.
    producer.page.locator("video").first.wait_for()
    # The browser's own way to wait would have the page run a text, which its policy forbids.
    while not producer.page.evaluate("document.querySelector('video').readyState >= 1"):
        producer.page.wait_for_timeout(100)
    producer.picture("page")
    address = link.replace(producer.desk.films, f"http://127.0.0.1:{producer.desk.films_port}")
    piece = httpx.get(address, headers={"Range": "bytes=0-99", **producer.desk.secret.headers}, trust_env=False)

    assert all(word in table for word in ("climb", "extend-1", "made", "bought", "$0."))
    assert (206, "video/mp4") == (piece.status_code, piece.headers["content-type"])
    assert "lantern" in producer.page.content()


def test_a_custom_run_makes_one_scene_again_and_what_follows(producer: Producer, story: Story):
    """
    With `coast` in the form's redo, that scene and the one that continues it are bought, and nothing else.
    """
    before = producer.desk.posts()
    run = producer.custom_run(story.board, redo="coast")
    done = producer.ended(run)
    tasks = producer.tasks(run, 1, 7)

    assert "COMPLETED" == done["state_type"], done["state"]["message"]
    assert {"coast/video buy", "door/video buy"} == {name for name in tasks if name.endswith(" buy")}
    assert {"climb/video", "climb/extend-1"} == {name for name, state in tasks.items() if state == "Cached"}
    assert 2 == producer.desk.posts() - before


def test_a_scene_that_does_not_exist_is_refused_before_anything_is_bought(producer: Producer, story: Story):
    """
    A slip in the form ends the run with the name that was meant, and nothing is sent.
    """
    before = producer.desk.posts()
    done = producer.ended(producer.custom_run(story.board, only="cost"))

    assert "FAILED" == done["state_type"]
    assert "did you mean 'coast'" in done["state"]["message"]
    assert before == producer.desk.posts()


def test_stills_are_approved_on_the_page(producer: Producer):
    """
    A storyboard with a review waits for Resume and a yes in the form, with nothing but its still bought until then.
    """
    board = producer.write("reviewed", REVIEWED)
    before = producer.desk.posts()
    run = producer.custom_run(board)
    waiting = producer.ended(run, by={"PAUSED", "FAILED"})
    sent = producer.desk.posts() - before
    producer.resume(run)
    done = producer.ended(run)

    assert ("PAUSED", "Suspended") == (waiting["state_type"], waiting["state_name"])
    assert 1 == sent
    assert "COMPLETED" == done["state_type"], done["state"]["message"]
    assert 2 == producer.desk.posts() - before


def test_resume_with_nothing_chosen_is_told_as_a_no(producer: Producer):
    """
    The form closes, the run says what was not approved and how to go on, and nothing more is bought.
    """
    board = producer.write("refused", REVIEWED.replace("An iron door.", "A wooden door."))
    run = producer.custom_run(board)
    producer.ended(run, by={"PAUSED", "FAILED"})
    before = producer.desk.posts()
    producer.resume(run, approve=False)
    done = producer.ended(run)

    assert "FAILED" == done["state_type"]
    assert "1 still not approved, so nothing that follows is sent" in done["state"]["message"]
    assert before == producer.desk.posts()
