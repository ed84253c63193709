"""
What will be done: which steps, in which order, made from what, for how much, and what the film shows.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.diagnostics.diagnostic import Place
from storyreel.model.drawn import Card, Drawn, Framing
from storyreel.model.footage import Footage
from storyreel.model.money import usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import Frame, FromStep, GivenAddress, GivenFile, LastFrame, Trimmed
from storyreel.model.shot import Credit
from storyreel.model.storyboard import (
    CutItem,
    Link,
    PictureAddress,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Scene,
    Still,
    Storyboard,
    Transition,
)
from storyreel.planning.steps import following, plan, within

CATALOG = load_catalog()
HERE = Place("board.yaml", 1, 1)
FRONT = Footage(Path("front.png"), "f0", 1280, 720)
CARD = Footage(Path("card.mp4"), "ca", 640, 360, seconds=5.0, fps=25, frames=125)


def scene(scene_id: str, **changes: object) -> Scene:
    text = Scene(
        id=scene_id,
        mode="text",
        model="grok-imagine-video",
        duration=6,
        aspect_ratio="16:9",
        resolution="720p",
        generate_audio=True,
        place=HERE,
        prompt=f"the {scene_id}",
    )
    return replace(text, **changes)


def extend(number: int, seconds: int = 6) -> Link:
    return Link("extend", f"extend-{number}", "it goes on", HERE, duration=seconds)


def edit(number: int) -> Link:
    return Link("edit", f"edit-{number}", "snow", HERE)


def still(still_id: str, **changes: object) -> Still:
    plain = Still(still_id, "a picture", "grok-imagine-image", "16:9", "1k", HERE)
    return replace(plain, **changes)


def planned(
    *scenes: Scene, stills: tuple[Still, ...] = (), order: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> Plan:
    board = Storyboard(
        path=Path("board.yaml"),
        slug="board",
        title="",
        scenes=scenes,
        cut=tuple(CutItem(each, HERE) for each in order or [s.id for s in scenes]),
        aspect_ratio="16:9",
        resolution="720p",
        stills=stills,
    )
    return plan(board, CATALOG, only=only)


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def test_a_scene_of_words_is_one_step():
    """
    Words alone make one request, whose body has every default written out.
    """
    (step,) = planned(scene("coast")).steps

    assert step.id == "coast/video"
    assert step.recipe.operation == "text-to-video"
    assert step.recipe.body == {
        "model": "grok-imagine-video",
        "prompt": "the coast",
        "duration": 6,
        "resolution": "720p",
        "generate_audio": True,
        "aspect_ratio": "16:9",
    }


def test_a_picture_decides_the_ratio_itself():
    """
    Beside a picture no aspect ratio is sent.
    """
    (step,) = planned(scene("a", mode="image", image=PictureFile(FRONT))).steps

    assert "aspect_ratio" not in step.recipe.body
    assert (GivenFile(sha256="f0"),) == step.recipe.inputs


def test_an_address_is_handed_on_as_written():
    """
    A picture at an address goes to the service as that address.
    """
    (step,) = planned(scene("a", mode="image", image=PictureAddress("https://example.com/a.png"))).steps

    assert (GivenAddress(url="https://example.com/a.png"),) == step.recipe.inputs


def test_a_still_comes_before_the_scene_that_it_starts():
    """
    A picture that has yet to be made is a step of its own, and the video needs it.
    """
    made = planned(scene("door", mode="image", image=PictureStill("door/still")), stills=(still("door/still"),))

    assert ids(made) == ["door/still", "door/video"]
    assert made.step("door/video").needs == ("door/still",)
    assert made.step("door/still").recipe.operation == "generate-image"


def test_a_still_of_the_cast_is_made_once():
    """
    Two scenes with the same cast share its stills.
    """
    fox = PictureStill("fox/still-1")
    made = planned(
        scene("a", mode="references", references=(fox, PictureFile(FRONT))),
        scene("b", mode="references", references=(fox,)),
        stills=(still("fox/still-1"),),
    )

    assert ids(made) == ["fox/still-1", "a/video", "b/video"]
    assert made.step("a/video").recipe.inputs == (FromStep(step="fox/still-1"), GivenFile(sha256="f0"))


def test_a_still_made_from_pictures_is_an_edit():
    """
    A still with references is asked for as an edit of them.
    """
    made = planned(
        scene("door", mode="image", image=PictureStill("door/still")),
        stills=(still("door/still", references=(PictureFile(FRONT),)),),
    )

    assert made.step("door/still").recipe.operation == "edit-image"


def test_a_scene_may_start_where_a_later_one_ends():
    """
    Continuity decides the order of the steps, not the order in the file.
    """
    made = planned(scene("b", mode="image", image=PictureLastFrame("a")), scene("a", then=(extend(1),)))

    assert ids(made) == ["a/video", "a/extend-1", "b/video"]
    assert made.step("b/video").recipe.inputs == (LastFrame(of=FromStep(step="a/extend-1")),)
    assert [shot.scene for shot in made.timeline.picture] == ["b", "a"]


def test_a_scene_may_begin_on_any_frame_of_a_later_one():
    """
    It comes after all that the other scene's clip is made of, as it does with a last frame, and costs as much.
    """
    made = planned(scene("b", mode="image", image=PictureFrame("a", 7.5)), scene("a", then=(extend(1),)))
    last = planned(scene("b", mode="image", image=PictureLastFrame("a")), scene("a", then=(extend(1),)))

    assert ids(made) == ["a/video", "a/extend-1", "b/video"]
    assert made.step("b/video").recipe.inputs == (Frame(of=FromStep(step="a/extend-1"), at=7.5, part="first_frame"),)
    assert made.step("b/video").recipe.body == last.step("b/video").recipe.body
    assert made.ticks == last.ticks


def test_a_frame_of_footage_counts_in_its_trimmed_part():
    """
    What was trimmed away is no part of the clip.
    """
    talk = scene("talk", mode="clip", prompt="", footage=CARD, start=1, end=4)
    (step,) = planned(talk, scene("on", mode="image", image=PictureFrame("talk", 2.5))).steps

    part = Trimmed(of=GivenFile(sha256="ca"), start=1, end=4)
    assert step.recipe.inputs == (Frame(of=part, at=2.5, part="first_frame"),)


def test_every_step_comes_after_what_it_needs():
    """
    A diamond - two scenes from one, and one from both - is planned in an order that can be shot.
    """
    made = planned(
        scene("d", mode="references", references=(PictureStill("d/still"),)),
        scene("c", mode="image", image=PictureLastFrame("a"), then=(extend(1, 2),)),
        scene("b", mode="image", image=PictureLastFrame("a")),
        scene("a"),
        stills=(still("d/still", references=(PictureLastFrame("b"), PictureLastFrame("c"))),),
    )
    seen: set[str] = set()
    for step in made.steps:
        assert set(step.needs) <= seen
        seen.add(step.id)

    assert made.step("d/still").needs == ("b/video", "c/extend-1")


def test_the_film_never_shows_a_second_twice():
    """
    A chain of extensions is one clip in the film, whose parts follow each other.
    """
    made = planned(scene("climb", duration=8, then=(extend(1, 6), extend(2, 3))))
    (shot,) = made.timeline.picture

    assert shot.step == "climb/extend-2"
    assert shot.seconds == 17
    assert shot.credits == (
        Credit("climb/video", 0, 8),
        Credit("climb/extend-1", 8, 14),
        Credit("climb/extend-2", 14, 17),
    )


def test_an_edit_redraws_all_that_it_was_given():
    """
    After an edit every second of the scene is the edit's.
    """
    (shot,) = planned(scene("storm", then=(extend(1, 2), edit(1), extend(2, 3)))).timeline.picture

    assert shot.credits == (Credit("storm/edit-1", 0, 8), Credit("storm/extend-2", 8, 11))


def test_own_footage_costs_nothing():
    """
    A clip of one's own is in the film and in no step.
    """
    made = planned(scene("end", mode="clip", prompt="", footage=CARD, start=0, end=3))

    assert made.steps == ()
    assert made.seconds == 3
    assert made.timeline.picture[0].footage == CARD


@pytest.mark.parametrize(
    ("start", "end", "sent"),
    [
        pytest.param(1, 4, Trimmed(of=GivenFile(sha256="ca"), start=1, end=4), id="both"),
        pytest.param(2, 5, Trimmed(of=GivenFile(sha256="ca"), start=2, end=5), id="its-start"),
        pytest.param(0, 3, Trimmed(of=GivenFile(sha256="ca"), start=0, end=3), id="its-end"),
        pytest.param(0, 5, GivenFile(sha256="ca"), id="nothing"),
    ],
)
def test_own_footage_may_be_extended(start, end, sent):
    """
    What was trimmed away does not go to the service, and is not paid for.
    """
    planned_board = planned(
        scene("end", mode="clip", prompt="", footage=CARD, start=start, end=end, then=(extend(1, 2),))
    )
    (step,) = planned_board.steps
    own = end - start

    assert step.recipe.inputs == (sent,)
    assert step.seconds == own + 2
    assert planned_board.timeline.picture[0].credits == (Credit(None, 0, own), Credit("end/extend-1", own, own + 2))
    assert set(planned_board.files) == {"ca"}


@pytest.mark.parametrize(
    ("end", "sent"),
    [(2.0, GivenFile(sha256="ca")), (5.0, Trimmed(of=GivenFile(sha256="ca"), start=0, end=5.0))],
    ids=["with-its-picture", "held"],
)
def test_footage_whose_sound_goes_on_is_sent_as_it_was(end, sent):
    """
    Up to the end of its picture it is the file itself, the request that it always was; a part that is held is made.
    """
    talk = replace(CARD, picture_seconds=2.0)
    (step,) = planned(scene("end", mode="clip", prompt="", footage=talk, start=0, end=end, then=(extend(1, 2),))).steps

    assert step.recipe.inputs == (sent,)


@pytest.mark.parametrize(
    ("start", "end", "sent"),
    [
        (0.0, 5.0, GivenFile(sha256="ca")),
        (0.5, 5.0, Trimmed(of=GivenFile(sha256="ca"), start=0.5, end=2.0)),
        (0.5, 1.5, Trimmed(of=GivenFile(sha256="ca"), start=0.5, end=1.5)),
    ],
    ids=["whole", "from-a-second-on", "a-part"],
)
def test_a_last_frame_of_footage_that_is_held_is_asked_for_as_ever(start, end, sent):
    """
    However long the film holds it: the last frame is that of the picture, and what was bought with it is found again.
    """
    talk = scene("talk", mode="clip", prompt="", footage=replace(CARD, picture_seconds=2.0), start=start, end=end)
    (step,) = planned(talk, scene("on", mode="image", image=PictureLastFrame("talk"))).steps

    assert step.recipe.inputs == (LastFrame(of=sent),)


def test_a_thousand_scenes_may_hang_together():
    """
    Each scene starts where the next one ends: the last in the file is shot first.
    """
    scenes = [scene(f"s{n}", mode="image", image=PictureLastFrame(f"s{n + 1}")) for n in range(1000)]

    assert ids(planned(*scenes, scene("s1000")))[0] == "s1000/video"


@pytest.mark.parametrize(
    ("made", "dollars"),
    [
        pytest.param(planned(scene("a")), 0.42, id="six-seconds-of-words"),
        pytest.param(planned(scene("a", resolution="480p")), 0.30, id="480p"),
        pytest.param(planned(scene("a", mode="image", image=PictureFile(FRONT))), 0.422, id="a-picture-goes-in"),
        pytest.param(planned(scene("a", model="grok-imagine-video-1.5")), 0.84, id="another-model"),
        pytest.param(planned(scene("a", then=(extend(1),))), 0.42 + 0.84, id="an-extension-may-bill-all-it-returns"),
        pytest.param(planned(scene("a", then=(edit(1),))), 0.42 + 0.48, id="an-edit-bills-its-input"),
    ],
)
def test_the_price_is_known_before(made, dollars):
    """
    A plan says what it costs, by the catalogue's prices.
    """
    assert usd(made.ticks) == pytest.approx(dollars)


def test_what_is_drawn_is_no_step_and_has_all_the_handles_that_are_wanted():
    """
    A card costs nothing and shows its seconds; a dissolve takes nothing of it, so the film is as long as its shots.
    """
    title = scene("title", mode="card", drawn=Drawn(Card("Mar"), 2.5))
    sea = scene("sea", duration=6, framing=Framing("crop"))
    cut = (CutItem("title", HERE), CutItem("sea", HERE, 1.0, 5.0, transition=Transition("dissolve", 1.0)))
    made = plan(replace(planned(title, sea).board, cut=cut), CATALOG, only=["title"])

    assert ["sea/video"] == [step.id for step in made.steps]
    assert [None, "sea/video"] == [shot.step for shot in made.timeline.picture]
    assert title.drawn == made.timeline.picture[0].source
    assert Framing("crop") == made.timeline.picture[1].framing
    assert 2.5 + 4.0 == made.seconds


def test_the_same_board_gives_the_same_plan():
    """
    Nothing in a plan depends on when or where it is made.
    """
    board = (scene("a", then=(extend(1),)), scene("b", mode="image", image=PictureLastFrame("a")))

    assert planned(*board) == planned(*board)


def test_a_scene_left_out_of_the_cut_is_not_shot():
    """
    A parked scene costs nothing, unless a scene of the film continues it or it is named.
    """
    parked = scene("parked")

    assert ids(planned(scene("a"), parked, order=("a",))) == ["a/video"]
    assert ids(planned(scene("a"), parked, order=("a",), only=("parked",))) == ["a/video", "parked/video"]
    assert ids(planned(scene("a", mode="image", image=PictureLastFrame("parked")), parked, order=("a",))) == [
        "parked/video",
        "a/video",
    ]


CHAIN = planned(
    scene("a"),
    scene("b", mode="image", image=PictureLastFrame("a"), then=(extend(1), edit(1))),
    scene("c"),
)


def test_only_allows_a_scene_and_what_it_continues():
    """
    To shoot one scene, the scenes that it starts from may be bought as well.
    """
    assert within(CHAIN, ["b"]) == {"a/video", "b/video", "b/extend-1", "b/edit-1"}
    assert within(CHAIN, ["a"]) == {"a/video"}
    assert within(CHAIN, []) == {step.id for step in CHAIN.steps}


def test_a_redo_is_followed_by_what_continues_it():
    """
    To make a step again is to make again what comes after it, in other scenes too.
    """
    assert following(CHAIN, ["a/video"]) == ("a/video", "b/video", "b/extend-1", "b/edit-1")
    assert following(CHAIN, ["b/extend-1"]) == ("b/extend-1", "b/edit-1")


def test_renaming_a_scene_buys_nothing():
    """
    The name of a scene, and its place in the list, are no part of any take.
    """

    def takes(made: Plan) -> set[str]:
        return {step.recipe.fingerprint("xai") for step in made.steps}

    one = planned(scene("a", prompt="x"), scene("b", prompt="y"))
    other = planned(scene("d", prompt="y"), scene("c", prompt="x", note="for the editor"))

    assert takes(one) == takes(other)
