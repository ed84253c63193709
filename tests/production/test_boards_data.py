"""
How the storyboards of a folder stand: each in a line, with one reason, whatever is the matter with the others.
"""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from storyreel import api
from storyreel.catalog import load_catalog
from storyreel.files.storyboards import storyboards_of
from storyreel.model.recipe import ServiceName
from storyreel.production.boards_data import BoardsData, BoardStatus, boards_data
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.vault import Take, open_vault
from tests.cli.shot import shoot

BOARD = """
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
scenes:
  - {id: city, prompt: A city at night.}
  - id: stop
    image: {last_frame_of: city}
    prompt: A stop in a flower meadow.
"""


def stands(place: Path, service: ServiceName = "xai") -> BoardsData:
    """Return how the storyboards of a folder stand."""
    vault = open_vault(str(place / "vault"), cache=place / "cache")
    return asyncio.run(boards_data(storyboards_of(place), "here", load_catalog(), vault, service, place / "out"))


def of(data: BoardsData, board: str = "tram.yaml") -> BoardStatus:
    """Return how one storyboard stands."""
    return next(line for line in data.boards if line.board == board)


@pytest.fixture
def tram(place: Path) -> Path:
    """Return a board."""
    board = place / "tram.yaml"
    board.write_text(BOARD)
    return board


def ago(**length: float) -> str:
    """Return a time so long ago, as the vault's clock has it."""
    return (datetime.now(UTC) - timedelta(**length)).strftime("%Y-%m-%dT%H:%M:%S")


def test_what_nothing_was_asked_for_was_never_shot(tram: Path):
    """
    It says what shooting it would cost, and no reason: there is none.
    """
    line = of(stands(tram.parent))

    assert ("never shot", "", 2, 0.702) == (line.state, line.why, line.buy, line.usd)


def test_what_has_changed_since_is_stale_and_says_why(tram: Path):
    """
    With the reason that a plan has, and how many more there are.
    """
    shoot(tram, "2026-11-26T11:17")
    tram.write_text(BOARD.replace("city at night", "city at noon"))
    line = of(stands(tram.parent))

    assert ("stale", 'city/video: prompt: "night" -> "noon" (and 1 more)', 2) == (line.state, line.why, line.buy)


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (False, "its film is not cut, or gone; nothing is bought"),
        (True, "its cut has changed; nothing is bought for that"),
    ],
)
def test_a_film_that_only_has_to_be_cut_is_stale_and_costs_nothing(tram: Path, there: bool, why: str):
    """
    All clips are there: what is missing is a cut.
    """
    shoot(tram, "2026-11-26T11:17")
    if there:
        (tram.parent / "out" / "tram").mkdir(parents=True)
        (tram.parent / "out" / "tram" / "tram.mp4").write_bytes(b"of before")
    line = of(stands(tram.parent))

    assert ("stale", why, 0) == (line.state, line.why, line.buy)


def test_a_film_that_is_as_it_is_written_is_current_and_nothing_is_put_back(place: Path):
    """
    To look changes nothing: a film that is gone stays away, until somebody shoots.
    """
    board = place / "tram.yaml"
    board.write_text('defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}\nscenes: [{id: a, prompt: "A."}]')
    asyncio.run(api.shoot(board, sandbox=True))
    before = of(stands(place, "sandbox"))
    film = place / "out" / "tram" / "tram.sandbox.mp4"
    film.unlink()
    after = of(stands(place, "sandbox"))

    assert ("current", "", 0) == (before.state, before.why, before.buy)
    assert ("stale", False) == (after.state, film.exists())


def test_what_was_withheld_has_failed(tram: Path):
    """
    A run would only fail on it again, and says how to go on.
    """
    shoot(tram, "2026-11-26T11:17", lost=["city/video", "stop/video"])
    asyncio.run(ended(tram, "moderated"))
    line = of(stands(tram.parent))

    assert "failed" == line.state
    assert line.why.startswith("city/video: moderated, request 71c2")


async def ended(board: Path, end: str) -> None:
    """Have the first request of a board turn out to have been accepted, and to have ended so."""
    ready = prepare(board)
    (first, *_) = await forecast(ready.plan, ready.vault, "xai", allowed=ready.allowed)
    assert first.attempt is not None
    await ready.vault.claims.resolve(first.attempt, "71c2")
    if end:
        take = {"service": "xai", "request_id": "71c2", "fingerprint": first.fingerprint, "attempt": 1, "end": end}
        await ready.vault.takes.end(Take.model_validate(take))


def test_an_answer_that_was_lost_waits_for_a_person(tram: Path):
    """
    It may be billed, so it comes before all else.
    """
    shoot(tram, "2026-11-26T11:17", lost=["city/video"])
    line = of(stands(tram.parent))

    assert ("waits", "city/video: sent once, and its answer was lost; storyreel resolve says what became of it") == (
        line.state,
        line.why,
    )


def test_a_damaged_record_is_restored_and_not_resolved(tram: Path):
    """
    It waits for a person, and so says the plan, which calls it no request whose answer was lost.
    """
    shoot(tram, "2026-11-26T11:17")
    claim = next(
        path for path in (tram.parent / "vault").rglob("claim.json") if '"stop/video"' in path.read_text("utf-8")
    )
    claim.write_text("{")
    line = of(stands(tram.parent))
    plan = asyncio.run(api.plan(tram, vault=str(tram.parent / "vault"), sandbox=False))

    assert "waits" == line.state
    assert "claim.json cannot be read" in line.why
    assert "resolve" not in line.why
    assert 0 == plan.totals.at_risk_usd


@pytest.mark.parametrize(
    ("age", "left", "words"),
    [
        ({"hours": 3}, 21.0, "surely there for 21 h more"),
        ({"hours": 23, "minutes": 30}, 0.5, "surely there for less than an hour"),
        ({"hours": 30}, 0.0, "that was over 24 h ago, so the service may have it no more: run it now"),
    ],
)
def test_what_is_accepted_and_not_downloaded_says_for_how_long_it_can_be(
    tram: Path, age: dict[str, float], left: float, words: str
):
    """
    By when it was asked for: when it was finished nobody knows, and that was later.
    """
    shoot(tram, ago(**age), lost=["city/video"])
    asyncio.run(ended(tram, ""))
    line = of(stands(tram.parent))

    assert ("waits", 1, left) == (line.state, line.fetch, line.hours_left)
    assert line.why.startswith("city/video: ")
    assert line.why.endswith(words)


def test_stills_that_are_not_approved_wait_for_a_person(place: Path):
    """
    Nothing is bought on them, and the reason says by which command they are.
    """
    board = place / "tram.yaml"
    board.write_text(
        f"review: before-video{BOARD.replace('prompt: A city at night.', 'image: {prompt: A city.}, prompt: It.')}"
    )
    shoot(board, "2026-11-26T11:17")
    line = of(stands(place))

    assert "waits" == line.state
    assert line.why.startswith("1 still made and not yet approved")


def test_a_storyboard_that_is_wrong_is_a_line_and_holds_up_no_other(tram: Path):
    """
    Not YAML, not UTF-8, a field that is none, a picture that is missing: each says its first problem.
    """
    place = tram.parent
    (place / "a.yaml").write_text("scenes: [")
    (place / "b.yaml").write_bytes(b"\xff\xfe\x00")
    (place / "c.yaml").write_text("scenes: [{id: a, promt: A., x: 1}]")
    (place / "d.yaml").write_text("scenes: [{id: a, prompt: A., image: none.png}]")
    (place / "notes.txt").write_text("no storyboard")
    data = stands(place)

    assert ["wrong"] * 4 + ["never shot"] == [line.state for line in data.boards]
    assert all(line.why and not line.slug for line in data.boards[:4])
    assert "1:18: there is no 'promt' in a scene (and 1 more)" == of(data, "c.yaml").why


def test_of_two_films_of_one_name_the_second_is_wrong(tram: Path):
    """
    Each would replace the other.
    """
    (tram.parent / "other.yaml").write_text(f"slug: tram{BOARD}")
    data = stands(tram.parent)

    assert "never shot" == of(data, "other.yaml").state
    assert "wrong" == of(data).state
    assert of(data).why.startswith("its film is named tram, like that of other.yaml")


def test_a_picture_of_a_folder_is_read_and_nothing_is_written(tram: Path):
    """
    Neither a film nor a record: the folder and the vault are as they were.
    """
    shoot(tram, "2026-11-26T11:17")
    Image.new("RGB", (64, 36)).save(tram.parent / "x.png")
    shutil.rmtree(tram.parent / "vault" / "tmp")
    before = sorted(path for path in tram.parent.rglob("*") if "tmp" not in path.parts)
    stands(tram.parent)

    assert before == sorted(path for path in tram.parent.rglob("*") if "tmp" not in path.parts)


def test_a_film_that_is_only_handed_over_otherwise_is_stale_alone(place: Path):
    """
    The master beside it is current; nothing of either is bought.
    """
    board = place / "tram.yaml"
    text = (
        'defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}\nscenes: [{id: a, prompt: "A."}]\n'
        "deliver: {more: {fit: crop, rate: 25}}\n"
    )
    board.write_text(text)
    asyncio.run(api.shoot(board, sandbox=True))
    before = [(line.delivery, line.state) for line in stands(place, "sandbox").boards]
    board.write_text(text.replace("25", "30"))
    master, more = stands(place, "sandbox").boards

    assert [("", "current"), ("more", "current")] == before
    assert ("current", "stale", 0) == (master.state, more.state, more.buy)
    assert "it is to be handed over otherwise; nothing is bought for that" == more.why
