"""
Films in another ratio: what asks for the same is one step with its plain name, what does not is a step of the film's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.model.footage import Footage
from storyreel.model.money import usd
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.production.read_plan import read_plan
from storyreel.storyboard import load
from storyreel.storyboard.regenerated import asked_again

CATALOG = load_catalog()

BOARD = """
cast:
  ben: {description: a man, references: [{prompt: "A man in a coat."}]}
  fox: {description: a fox, references: [{prompt: "A fox.", aspect_ratio: "3:2"}]}
scenes:
  - id: sea
    prompt: Waves.
    take: 2
    then: [{extend: "And on.", duration: 2, take: 3}, {edit: "With snow."}]
  - {id: ben, references: [ben], prompt: "{{ ref.ben }} walks."}
  - {id: gate, image: {prompt: A gate., pin: still-0123456789}, prompt: It opens.}
  - {id: wall, image: {prompt: A wall., aspect_ratio: "16:9"}, prompt: It stands.}
  - {id: door, image: door.png, prompt: A door., pin: door-0123}
  - {id: far, image: "https://example.org/far.png", prompt: Far away.}
  - {id: wide, prompt: A plain., aspect_ratio: "16:9"}
  - {id: after, image: {last_frame_of: sea}, prompt: After it.}
  - {id: face, image: {frame_of: gate, at: 2}, prompt: A face.}
  - {id: hall, image: {last_frame_of: door}, prompt: A hall.}
  - {id: room, image: {frame_of: hall, at: 1.5}, prompt: A room.}
  - {id: own, clip: own.mp4, then: [{edit: "With rain."}]}
  - {id: card, card: {text: The end}, duration: 2}
"""
VERTICAL = 'vertical: {aspect_ratio: "9:16", regenerate: true}'

AGAIN = [
    "vertical:sea/video",
    "vertical:sea/extend-1",
    "vertical:sea/edit-1",
    "vertical:ben/video",
    "vertical:gate/still",
    "vertical:gate/video",
    "vertical:after/video",
    "vertical:face/video",
]
"""What is bought for a vertical film beside what the master has."""


def planned(folder: Path, *deliver: str, board: str = BOARD, **wishes: list[str]) -> Plan:
    """Plan a board with these films."""
    for name in ("door.png", "own.mp4"):
        (folder / name).write_text(name)

    def measure(path: Path) -> Footage:
        clip = path.suffix == ".mp4"
        return Footage(path, path.name, 1280, 720, *((5.0, 24.0, 120) if clip else (0.0, 0.0, 1)))

    films = "".join(f"  {each}\n" for each in deliver)
    text = f"{board}deliver:\n{films}" if deliver else board
    return plan(load(folder / "board.yaml", catalog=CATALOG, measure=measure, text=text), CATALOG, **wishes)


def fingerprints(made: Plan) -> dict[str, str]:
    """Return what each step is known by, where each take is called after what it is the take of."""
    known: dict[str, str] = {}
    for step in made.steps:
        known[step.id] = step.recipe.filled({need: f"take of {known[need]}" for need in step.needs}).fingerprint("xai")
    return known


def test_what_asks_for_the_same_in_another_ratio_is_the_same_step(tmp_path: Path):
    """
    A file, an address, a ratio of its own, own footage, a still with a ratio of its own, and what goes on from these; and the cast.
    """
    before, after = planned(tmp_path), planned(tmp_path, VERTICAL)

    assert [step.id for step in before.steps] + AGAIN == [step.id for step in after.steps]
    master, vertical = after.films
    assert [step.id for step in before.steps] == list(master.needs)
    own = {step.partition(":")[2] for step in AGAIN}
    assert {*AGAIN, *(step.id for step in before.steps if step.id not in own)} == {*vertical.needs}
    assert [("vertical", "vertical:sea", "sea")] == [
        (step.delivery, step.scene, step.scene_id) for step in after.steps if step.id == "vertical:sea/video"
    ]


def test_the_steps_of_the_board_never_change_whatever_films_come_and_go(tmp_path: Path):
    """
    Nor do those of a film when another comes. Two films of one ratio ask for the same.
    """
    alone = planned(tmp_path)
    square = planned(tmp_path, 'square: {aspect_ratio: "1:1"}', "proof: {resolution: 480p, order: [card, sea]}")
    one = planned(tmp_path, VERTICAL)
    both = planned(tmp_path, VERTICAL.replace("vertical", "story"), VERTICAL)

    assert alone.steps == square.steps == one.steps[: len(alone.steps)] == both.steps[: len(alone.steps)]
    assert fingerprints(one).items() <= fingerprints(both).items()
    new = fingerprints(both)
    assert [new[step] for step in AGAIN] == [new[step.replace("vertical", "story")] for step in AGAIN]
    assert len({new[step] for step in AGAIN}) == len({*AGAIN})
    assert not {new[step] for step in AGAIN} & {*fingerprints(alone).values()}


def test_what_is_bought_again_costs_what_it_cost_the_first_time(tmp_path: Path):
    """
    Each request for itself; what is one step is paid for once.
    """
    made = planned(tmp_path, VERTICAL)

    prices = {step.id: step.ticks for step in made.steps}
    assert {step: prices[step.partition(":")[2]] for step in AGAIN} == {step: prices[step] for step in AGAIN}
    assert sum(prices.values()) == made.ticks
    assert (9.626, 3.328) == (usd(made.ticks), usd(sum(prices[step] for step in AGAIN)))


def test_only_the_ratio_is_another_in_what_is_bought_again(tmp_path: Path):
    """
    Prompts, seconds and models are the board's. Beside a picture no ratio is sent: it comes with the picture.
    """
    made = planned(tmp_path, VERTICAL)

    for name in AGAIN:
        own, plain = made.step(name).recipe, made.step(name.partition(":")[2]).recipe
        ratio = {"aspect_ratio": "9:16"} if "aspect_ratio" in plain.body else {}
        assert own.body == plain.body | ratio
        assert own.operation == plain.operation
    assert {"vertical:sea/video", "vertical:ben/video", "vertical:gate/still"} == {
        name for name in AGAIN if made.step(name).recipe.body.get("aspect_ratio") == "9:16"
    }
    needs = {name: made.step(name).needs for name in AGAIN}
    assert ("ben/still-1",) == needs["vertical:ben/video"]
    assert ("vertical:edit",) != needs["vertical:after/video"] == ("vertical:sea/edit-1",)
    assert ("vertical:gate/video",) == needs["vertical:face/video"]


def test_takes_and_pins_of_the_board_are_of_what_the_master_shows(tmp_path: Path):
    """
    A film has its own for what is bought for it alone, and those of the board for what is not.
    """
    scenes = "{sea: {take: 5}, gate: {pin: gate-9876}}"
    made = planned(tmp_path, VERTICAL.replace("true}", f"true, scenes: {scenes}}}"))

    assert {"sea/video": 2, "sea/extend-1": 3, "vertical:sea/video": 5, "vertical:sea/extend-1": 1} == {
        name: made.step(name).recipe.take for name in ("sea/video", "sea/extend-1", *AGAIN[:2])
    }
    assert {"gate/still": "still-0123456789", "door/video": "door-0123", "vertical:gate/video": "gate-9876"} == {
        step.id: step.pin for step in made.steps if step.pin is not None
    }
    retaken = planned(tmp_path, VERTICAL, board=BOARD.replace("take: 2", "take: 7").replace("take: 3", "take: 1"))
    old = fingerprints(planned(tmp_path, VERTICAL))
    assert [old[step] for step in AGAIN] == [fingerprints(retaken)[step] for step in AGAIN]


def test_a_scene_that_one_film_alone_shows_is_bought_as_that_film_has_it(tmp_path: Path):
    """
    In the board's ratio for one that is fitted, in its own for one that is bought again; with what it goes on from, and nothing else.
    """
    board = BOARD.replace("cast:", "cut: {order: [card]}\ncast:", 1)

    fitted = planned(tmp_path, 'a: {aspect_ratio: "9:16", order: [after]}', board=board)
    again = planned(tmp_path, 'a: {aspect_ratio: "9:16", regenerate: true, order: [after, hall]}', board=board)

    assert ["sea/video", "sea/extend-1", "sea/edit-1", "after/video"] == [step.id for step in fitted.steps]
    assert ["door/video", "hall/video", "a:sea/video", "a:sea/extend-1", "a:sea/edit-1", "a:after/video"] == [
        step.id for step in again.steps
    ]
    assert ((), 6) == (again.films[0].needs, len(again.films[1].needs))


@pytest.mark.parametrize(
    ("deliver", "steps"),
    [
        (["master"], 0),
        (["square"], 0),
        (["vertical"], 8),
        (["master", "vertical"], 8),
    ],
)
def test_films_are_made_by_name_with_what_they_need_alone(tmp_path: Path, deliver: list[str], steps: int):
    """
    In the storyboard's order.
    """
    made = planned(tmp_path, 'square: {aspect_ratio: "1:1", order: [card]}', VERTICAL, deliver=deliver)

    assert deliver == [film.name or "master" for film in made.films]
    assert steps == len([step for step in made.steps if step.delivery])
    assert {step.id for step in made.steps} == {need for film in made.films for need in film.needs}
    if deliver == ["square"]:
        assert () == made.steps


def test_what_the_storyboard_says_is_bought_again_is_what_the_plan_buys(tmp_path: Path):
    """
    The note of a check and the steps of the plan are two readings of one thing.
    """
    made = planned(tmp_path, VERTICAL)

    assert {name.partition(":")[2].partition("/")[0] for name in AGAIN} == asked_again(made.board, made.films[1].board)


def test_a_long_chain_that_is_bought_again_is_planned_without_end(tmp_path: Path):
    """
    Hundreds of scenes may each begin where another ends.
    """
    board = "scenes:\n  - {id: s0, prompt: Waves.}\n" + "".join(
        f"  - {{id: s{at}, image: {{last_frame_of: s{at - 1}}}, prompt: On.}}\n" for at in range(1, 300)
    )
    made = planned(tmp_path, VERTICAL, board=board)

    assert 600 == len(made.steps)
    assert ("vertical:s298/video",) == made.step("vertical:s299/video").needs


def test_films_of_a_variant_have_its_name_before_their_steps(tmp_path: Path):
    """
    Of what is one step as of what is not.
    """
    path = tmp_path / "board.yaml"
    path.write_text(
        "vars: {city: Lisbon}\nvariants: {lisbon: {}, porto: {vars: {city: Porto}}}\n"
        'scenes:\n  - {id: a, prompt: "{{ city }}."}\n  - {id: b, prompt: Waves., aspect_ratio: "16:9"}\n'
        f"deliver:\n  {VERTICAL}\n"
    )
    _, made = read_plan(path, CATALOG, variant=["porto"])

    assert ["porto:a/video", "porto:b/video", "porto:vertical:a/video"] == [step.id for step in made.steps]
    assert ("porto:vertical:a/video", "porto:b/video") == made.films[1].timeline.steps
