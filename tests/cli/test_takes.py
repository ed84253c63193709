"""
What was bought, and what a person says of a request whose answer was lost.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate
from PIL import Image

from tests.desk import ONE, Desk

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

DOCS = Path(__file__).parents[2] / "docs"
STILL = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: door
    image: {prompt: "An iron door. [[sandbox: drop x1]]"}
    prompt: "It opens."
"""


@pytest.fixture
def desk(quick_desk: Desk) -> Desk:
    """Return a desk whose runs use one server, as they would use one that a person had started."""
    return quick_desk


def takes(desk: Desk) -> list[dict[str, Any]]:
    """Return the takes of the desk's board, as data."""
    told: dict[str, Any] = json.loads(desk.run("takes", desk.board.name, "--sandbox", "--json"))
    validate(told, json.loads((DOCS / "takes.schema.json").read_text()))
    return list(told["takes"])


def accepted(desk: Desk) -> str:
    """Return the id of the request that the sandbox accepted last."""
    lines = (desk.folder / "sandbox" / "accepted.jsonl").read_text().splitlines()
    return str(json.loads(lines[-1])["request_id"])


def test_a_lost_request_is_adopted_by_its_id(desk: Desk):
    """
    With the id from the service's own list, the next run fetches the clip that was paid, and sends nothing.
    """
    desk.write(ONE.format(marker="[[sandbox: drop after x1]]"))
    told = desk.shoot(code=7)
    desk.run("resolve", desk.board.name, "coast", "--request-id", accepted(desk), "--sandbox")
    desk.shoot()

    assert "storyreel resolve small.yaml coast/video --sandbox --request-id ID" in told
    assert 1 == len(desk.posts())
    assert ["clip"] == [take["state"] for take in takes(desk)]


@pytest.mark.long
def test_a_request_that_never_arrived_is_sent_again(desk: Desk):
    """
    Once a person has said that it is lost, the next run may buy.
    """
    desk.write(ONE.format(marker="[[sandbox: drop x1]]"))
    desk.shoot(code=7)
    desk.run("resolve", desk.board.name, "coast", "--lost", "--sandbox")
    desk.shoot()

    assert 2 == len(desk.posts())
    assert ["lost", "clip"] == [take["state"] for take in takes(desk)]


@pytest.mark.long
def test_a_lost_still_is_adopted_as_a_picture(desk: Desk, tmp_path: Path):
    """
    A still has no id at the service; the picture itself is what a person can bring.
    """
    desk.write(STILL)
    desk.shoot(code=7)
    Image.new("RGB", (640, 360), "maroon").save(tmp_path / "door.png")
    desk.run("resolve", desk.board.name, "door/still", "--file", str(tmp_path / "door.png"), "--sandbox")
    desk.shoot()

    assert ["/v1/images/generations", "/v1/videos/generations"] == [post["path"] for post in desk.posts()]


@pytest.mark.long
def test_the_id_of_another_step_is_not_adopted(desk: Desk):
    """
    A slip of the pen would have one clip stand for two requests, and the true one be paid and never seen.
    """
    desk.write(ONE.format(marker="[[sandbox: drop after x1]]") + '  - id: door\n    prompt: "An iron door."\n')
    desk.shoot(code=7)
    theirs = next(take["request_id"] for take in takes(desk) if take["step"] == "door/video")
    told = desk.run("resolve", desk.board.name, "coast", "--request-id", theirs, "--sandbox", code=2)

    assert "that is door/video's" in told
    assert ["unknown"] == [take["state"] for take in takes(desk) if take["step"] == "coast/video"]


@pytest.mark.long
def test_a_slip_is_not_written_down(desk: Desk):
    """
    An id that the service does not know, a picture for a clip, nothing to resolve: refused, and nothing changes.
    """
    desk.write(ONE.format(marker="[[sandbox: drop after x1]]"))
    desk.shoot(code=7)
    resolve = ("resolve", desk.board.name, "coast", "--sandbox")
    unknown = desk.run(*resolve, "--request-id", "11111111-1111-4111-8111-111111111111", code=3)
    picture = desk.run(*resolve, "--file", "door.png", code=2)
    nothing = desk.run(*resolve, code=2)
    two = desk.run(*resolve, "--lost", "--request-id", "x", code=2)

    assert "does not know" in unknown
    assert "is no still" in picture
    assert "say one thing" in nothing
    assert "say one thing" in two
    assert ["unknown"] == [take["state"] for take in takes(desk)]

    desk.run(*resolve, "--request-id", accepted(desk))
    assert "nothing is to be resolved" in desk.run(*resolve, "--lost", code=2)


@pytest.mark.long
def test_an_old_take_is_chosen_by_the_line_that_takes_prints(desk: Desk):
    """
    After a redo both takes are listed; the printed `pin:` line brings the first one back, for nothing.
    """
    desk.write(ONE.format(marker=""))
    desk.shoot()
    desk.shoot("--redo", "coast")
    again = desk.shoot()
    first, second = takes(desk)
    screen = desk.run("takes", desk.board.name, "--sandbox")
    desk.write(ONE.format(marker="") + f"    pin: {first['request_id']}\n")
    desk.shoot()

    assert (False, True) == (first["used"], second["used"])
    assert f"pin: {first['request_id']}" in screen
    assert "2 takes, $0.20 charged, $0.20 estimated" in screen
    assert "in all: 2 takes, $0.20 charged, $0.20 estimated" in again
    assert 0.2 == json.loads(desk.film.with_suffix(".cut.json").read_text())["totals"]["charged_usd"]
    assert 2 == len(desk.posts())
