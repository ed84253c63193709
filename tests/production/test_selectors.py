"""
What a person may name to have it made again.
"""

import re

import pytest
from PIL import Image

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan
from storyreel.planning.steps import within
from storyreel.production.prepare import prepare, prepare_all
from storyreel.production.read_plan import read_plan
from storyreel.production.selectors import step_named, steps_named
from tests.desk import Desk

BOARD = """
cast:
  pip: {description: a robot, references: [{prompt: "A robot."}, {prompt: "Its back."}]}
  cup: {description: a cup, references: [{prompt: "A cup."}]}
scenes:
  - id: drink
    references: [pip, cup]
    prompt: "{{ ref.pip }} drinks."
    then: [{extend: "And again.", duration: 2}]
"""


@pytest.fixture
def planned(desk: Desk) -> Plan:
    """Return the plan of a scene with two members of the cast."""
    desk.write(BOARD)
    return read_plan(desk.board, load_catalog())[1]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("drink", {"drink/video"}),
        ("drink/extend-1", {"drink/extend-1"}),
        ("pip", {"pip/still-1", "pip/still-2"}),
        ("cup", {"cup/still-1"}),
        ("pip/still-2", {"pip/still-2"}),
    ],
)
def test_a_scene_a_step_or_a_member_of_the_cast_is_made_again(planned: Plan, name: str, steps: set[str]):
    """
    A scene is its first step that makes video, a member of the cast all its stills.
    """
    assert steps == steps_named(planned, [name])


def test_where_one_step_is_wanted_a_member_with_two_stills_is_asked_which(planned: Plan):
    """
    A lost answer is about one request.
    """
    assert "cup/still-1" == step_named(planned, "cup").id
    with pytest.raises(SettingsError, match="say which one: pip/still-1, pip/still-2"):
        step_named(planned, "pip")


def test_a_wrong_name_is_answered_by_some_names_and_not_by_hundreds(desk: Desk):
    """
    What was meant comes first, and of the others as many as a person reads.
    """
    scenes = "".join(f"  - {{id: scene-{number}, prompt: Waves.}}\n" for number in range(40))
    desk.write(f"scenes:\n{scenes}")
    plan = read_plan(desk.board, load_catalog())[1]
    with pytest.raises(SettingsError, match="did you mean 'scene-7'") as told:
        steps_named(plan, ["scen-7"])

    assert str(told.value).endswith("scene-11 and 68 more)")


FILMS = """
scenes:
  - {id: drink, prompt: "She drinks."}
  - {id: door, image: logo.png, prompt: "It opens."}
  - {id: after, image: {last_frame_of: drink}, prompt: "And on."}
cut: {order: [drink, door]}
deliver:
  square: {aspect_ratio: "1:1"}
  tall: {aspect_ratio: "9:16", regenerate: true, order: [drink, after]}
"""


def test_a_name_without_a_delivery_never_means_what_that_buys_for_itself(desk: Desk):
    """
    With it, it means that alone, in what is made again as in what may be bought.
    """
    Image.new("RGB", (160, 90)).save(desk.folder / "logo.png")
    desk.write(FILMS)
    plan = read_plan(desk.board, load_catalog(), only=["drink", "tall:after"])[1]

    assert {"drink/video"} == steps_named(plan, ["drink"])
    assert {"tall:drink/video", "tall:after/video"} == steps_named(plan, ["tall:drink", "tall:after/video"])
    assert {"drink/video"} == within(plan, ["drink"])
    assert {"tall:drink/video", "tall:after/video"} == within(plan, ["tall:after"])


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        ({"redo": "square:drink"}, "--redo square:drink: 'square' buys nothing of that for itself; say --redo drink"),
        ({"redo": "tall:door/video"}, "--redo tall:door/video: 'tall' buys nothing of that for itself; say --redo door/video"),
        ({"redo": "tal:drink"}, "--redo tal:drink: no step has that name; did you mean 'tall:drink'"),
        ({"only": "square:drink"}, "--only square:drink: 'square' buys nothing of that for itself; say --only drink"),
        ({"only": "tall:door"}, "--only tall:door: 'tall' buys nothing of that for itself; say --only door"),
        ({"only": "tal:drink"}, "--only tal:drink: no scene has that name; did you mean 'tall:drink'"),
        ({"only": "tall:drnk"}, "--only tall:drnk: no scene has that name; did you mean 'tall:drink'"),
        ({"only": "drink:tall"}, "--only drink:tall: no scene has that name"),
        ({"only": "tall:drink", "deliver": "master"}, "--only tall:drink: --deliver leaves tall out, and names master; say --deliver tall as well"),
        ({"redo": "tall:drink", "deliver": "square"}, "--redo tall:drink: --deliver leaves tall out, and names square; say --deliver tall as well"),
        ({"deliver": "sqare"}, "--deliver sqare: no film has that name; did you mean 'square'?  (there are: master, square, tall)"),
    ],
)  # fmt: skip
def test_a_wrong_name_of_a_film_or_in_one_is_refused_with_what_there_is(desk: Desk, names: dict[str, str], answer: str):
    """
    Before anything is bought, whatever it was given to.
    """
    Image.new("RGB", (160, 90)).save(desk.folder / "logo.png")
    desk.write(FILMS)
    with pytest.raises(SettingsError, match=re.escape(answer)):
        prepare(str(desk.board), to_look=True, **{flag: [name] for flag, name in names.items()})


def test_films_are_made_by_their_names(desk: Desk):
    """
    What the others need alone is not planned then.
    """
    desk.write(FILMS.replace("image: logo.png, ", ""))

    square, tall = (read_plan(desk.board, load_catalog(), deliver=[name])[1] for name in ("square", "tall"))

    assert ["square"] == [film.name for film in square.films]
    assert ["drink/video", "door/video"] == [step.id for step in square.steps]
    assert ["tall:drink/video", "tall:after/video"] == [step.id for step in tall.steps]


VARIED = """
vars: {city: Lisbon}
variants: {lisbon: {}, porto: {vars: {city: Porto}}}
scenes:
  - {id: drink, prompt: "She drinks in {{ city }}."}
  - {id: after, image: {last_frame_of: drink}, prompt: "And on."}
deliver:
  tall: {aspect_ratio: "9:16", regenerate: true}
"""


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("drink", ["lisbon:drink/video", "porto:drink/video"]),
        ("tall:drink", ["lisbon:tall:drink/video", "porto:tall:drink/video"]),
        ("porto:drink", ["porto:drink/video"]),
        ("porto:tall:drink", ["porto:tall:drink/video"]),
    ],
)
def test_a_name_without_a_variant_means_all_and_one_without_a_film_what_is_no_films_own(
    desk: Desk, name: str, steps: list[str]
):
    """
    The same in what may be bought and in what is made again.
    """
    desk.write(VARIED)

    only = prepare_all(str(desk.board), only=[name], to_look=True)
    redo = prepare_all(str(desk.board), redo=[f"{name}/video"], to_look=True)

    assert steps == sorted(step for each in only for step in each.allowed)
    assert steps == sorted(step for each in redo for step in each.redo)


ALIKE = """
vars: {city: Lisbon}
variants: {lisbon: {}, porto: {vars: {city: Porto}}, faro: {vars: {city: Faro}, scenes: {hill: {pin: 0e0e-11}}}}
scenes:
  - {id: hill, prompt: "A hill."}
  - {id: stop, image: {last_frame_of: hill}, prompt: "{{ city }} below."}
  - {id: end, image: {last_frame_of: hill}, prompt: "A tram."}
  - {id: again, prompt: "A hill."}
deliver:
  tall: {aspect_ratio: "9:16", regenerate: true, order: [hill]}
  post: {aspect_ratio: "9:16", regenerate: true, order: [hill, stop]}
"""


@pytest.mark.parametrize(
    ("name", "only", "steps"),
    [
        ("lisbon:stop", [], "lisbon:stop"),
        ("lisbon:end", [], "lisbon:end porto:end"),
        ("lisbon:hill", [], "lisbon:hill lisbon:again porto:hill porto:again faro:again"),
        ("lisbon:hill", ["hill"], "lisbon:hill porto:hill"),
        ("porto:tall:hill", [], "lisbon:tall:hill porto:tall:hill lisbon:post:hill porto:post:hill faro:tall:hill faro:post:hill"),
    ],
)  # fmt: skip
def test_what_asks_for_the_same_is_made_again_together(desk: Desk, name: str, only: list[str], steps: str):
    """
    There is one take of both, in whichever variant and film; what follows either is so told and priced before it is made. What is
    pinned, or may not be bought, stays.
    """
    desk.write(ALIKE)

    redo = prepare_all(str(desk.board), redo=[name], only=only, to_look=True)

    assert sorted(steps.split()) == sorted(step.split("/")[0] for each in redo for step in each.redo)


@pytest.mark.parametrize(
    ("wishes", "answer"),
    [
        ({"variant": "porto"}, "--redo lisbon:drink/video: --variant leaves lisbon out, and names porto; say --variant lisbon as well"),
        ({"only": "porto:drink"}, "--redo lisbon:drink/video: --only leaves lisbon out, and names porto; say --only lisbon:drink as well"),
        (
            {"variant": "porto", "only": "porto:drink"},
            "--redo lisbon:drink/video: --variant leaves lisbon out, and names porto; say --variant lisbon as well",
        ),
    ],
)  # fmt: skip
def test_a_name_of_a_variant_that_is_left_out_is_refused_with_what_left_it_out(
    desk: Desk, wishes: dict[str, str], answer: str
):
    """
    Whatever it was: the remedy is another one.
    """
    desk.write(VARIED)
    with pytest.raises(SettingsError, match=re.escape(answer)):
        prepare_all(
            str(desk.board),
            redo=["lisbon:drink/video"],
            to_look=True,
            **{flag: [name] for flag, name in wishes.items()},
        )
