"""
Pins are looked up before anything is bought on top of them: a slip is told with what was meant, the unknown is noted.
"""

from __future__ import annotations

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import StoryboardError
from storyreel.model.request_ids import in_yaml
from storyreel.production.open import open_session
from storyreel.production.pins import look_up_pins
from storyreel.production.prepare import prepare
from storyreel.production.read_plan import read_plan
from storyreel.vault import open_vault
from tests.desk import Desk
from tests.production.test_session import shot

BOARD = """
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    prompt: "A lighthouse."{coast}
    then:
      - extend: "The lamp flares."
        duration: 2{extend}
  - id: door
    image:
      prompt: "An iron door."{still}
    prompt: "The door opens."{door}
"""
PLACES = {"coast": "coast/video", "extend": "coast/extend-1", "still": "door/still", "door": "door/video"}
INDENT = {"coast": 4, "extend": 8, "still": 6, "door": 4}


def pinned(desk: Desk, **pins: str) -> None:
    """Write the board with these pins in it."""
    lines = {at: f"\n{' ' * INDENT[at]}pin: {in_yaml(pins[at])}" if at in pins else "" for at in PLACES}
    desk.write(BOARD.format(**lines))


@pytest.fixture
async def ids(desk: Desk) -> dict[str, str]:
    """Return the request id of each step of the board, which was shot."""
    pinned(desk)
    clips = {}
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        for step in session.plan.steps:
            clips[step.id] = await shot(session, step.id, clips)
    return {at: clips[step].request_id for at, step in PLACES.items()}


async def looked_up(desk: Desk) -> tuple[str, ...]:
    _, plan = read_plan(desk.board, load_catalog(None))
    vault = open_vault(f"file:{desk.folder / 'vault'}", cache=desk.folder / "cache")
    return tuple(map(str, await look_up_pins(plan, vault, "sandbox")))


async def test_slips_are_told_with_what_was_meant_and_the_rest_goes_on(desk: Desk, ids: dict[str, str]):
    """
    Cut short, of another step, of another kind: each is an error at its place with the nearest take, for a plan and for
    a run before it buys. A step's own take is right, also in a scene that was renamed; what nobody here knows is noted.
    """
    slips = [
        ({"coast": ids["coast"][:8]}, f"is only a part of {ids['coast']}"),
        ({"coast": ids["coast"][:-1]}, f"is only a part of {ids['coast']}"),
        ({"coast": ids["coast"][9:]}, f"is only a part of {ids['coast']}"),
        ({"coast": ids["coast"].upper()}, f"is only a part of {ids['coast']}"),
        ({"still": ids["still"][:8]}, "is only a part of still-"),
        ({"coast": ids["door"]}, "is a take of door/video, and not of coast/video"),
        ({"coast": ids["extend"]}, "is a take of coast/extend-1"),
        ({"extend": ids["coast"]}, "is a take of coast/video"),
        ({"door": ids["still"]}, "is a take of door/still"),
        ({"still": ids["door"]}, "is a take of door/video"),
        ({"still": "still-000000000000000000000000-1"}, "is no still that this vault has"),
        ({"still": "11111111-1111-4111-8111-111111111111"}, "is no still that this vault has"),
    ]
    sent = len(desk.posts())
    for pins, says in slips:
        pinned(desk, **pins)
        (at,) = pins
        with pytest.raises(StoryboardError, match=says) as caught:
            await looked_up(desk)
        assert f"nearest is pin: {ids[at]}" in str(caught.value)
        with pytest.raises(StoryboardError, match=says):
            async with open_session(prepare(str(desk.board)), run="two", sandbox=True):
                pass

    pinned(desk, **ids)
    assert () == await looked_up(desk)

    pinned(desk, coast=ids["coast"])
    desk.change("id: coast", "id: shore")
    assert () == await looked_up(desk)

    desk.change("id: door", "id: gate")
    desk.change(f"pin: {ids['coast']}", f"pin: {ids['still']}")
    with pytest.raises(StoryboardError, match=r"is a still, and shore/video is a first clip"):
        await looked_up(desk)

    pinned(desk, coast="11111111-1111-4111-8111-111111111111")
    (note,) = await looked_up(desk)
    assert "which this vault does not know; it is asked for at the service" in note
    assert "small.yaml:4:" in note or "small.yaml:5:" in note

    typo = ids["coast"][:-1] + ("0" if ids["coast"][-1] != "0" else "1")
    pinned(desk, coast=typo)
    (note,) = await looked_up(desk)
    assert f"the vault has {ids['coast']}: is that it?" in note
    assert sent == len(desk.posts())


ALIKE = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: door, prompt: "A door."}
deliver:
  tall: {aspect_ratio: "9:16", regenerate: true, scenes: {coast: {}}}
  post: {aspect_ratio: "9:16", regenerate: true, scenes: {coast: {}}}
"""


async def test_a_take_of_two_films_that_ask_alike_may_be_pinned_in_both(desk: Desk):
    """
    It is one take, whichever asked for it first, also when both ask for another one by now; others of that film are not its.
    """
    desk.write(ALIKE)
    clips = {}
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        for step in ("tall:coast/video", "tall:door/video"):
            clips[step] = await shot(session, step, clips)

    for film in ("tall", "post"):
        head, film_is, rest = ALIKE.partition(f"{film}:")
        coast, door = (
            head + film_is + rest.replace("coast: {}", f"coast: {{pin: {in_yaml(clip.request_id)}}}", 1)
            for clip in clips.values()
        )
        for text in (coast, coast.replace("A lighthouse.", "A lamp.")):
            desk.write(text)
            assert () == await looked_up(desk)
        desk.write(door)
        with pytest.raises(StoryboardError, match=f"is a take of tall:door/video, and not of {film}:coast/video"):
            await looked_up(desk)


async def test_a_slip_in_a_file_that_is_used_is_told_there(desk: Desk, ids: dict[str, str]):
    """
    With the line of that file.
    """
    shared = desk.board.parent / "cast.yaml"
    shared.write_text(f"cast:\n  host:\n    references:\n      - {{prompt: A host., pin: {ids['still'][:8]}}}\n")
    desk.write("use: [cast.yaml]\nscenes: [{id: coast, references: [host], prompt: '{{ ref.host }} waves.'}]\n")

    with pytest.raises(StoryboardError) as wrong:
        await looked_up(desk)

    problem = wrong.value.problems[0]
    assert (str(shared), 4) == (problem.place.file, problem.place.line)
    assert problem.source.strip().startswith("- {prompt: A host.")


def test_the_plan_tells_an_unknown_pin(desk: Desk, capsys: pytest.CaptureFixture[str]):
    """
    `check` knows a pin's form alone; `plan` looks it up, and says that it is asked for at the service.
    """
    from storyreel.cli.app import app

    pinned(desk, coast="11111111-1111-4111-8111-111111111111")
    app(["check", str(desk.board)], result_action="return_value")
    checked = capsys.readouterr().out
    app(["plan", str(desk.board), "--sandbox"], result_action="return_value")
    planned = capsys.readouterr().out

    assert "does not know" not in checked
    assert "does not know; it is asked for at the service" in " ".join(planned.split())
    assert "reused: 0, $0.00 saved" in planned
