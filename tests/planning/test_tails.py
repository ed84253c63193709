"""
A chain that is longer than what the service extends goes on from its tail: what is sent, what it costs, and whose seconds are whose.
"""

from dataclasses import replace

import pytest

from storyreel.model.money import usd
from storyreel.model.recipe import Frame, FromStep, GivenFile, LastFrame, Tail, Trimmed
from storyreel.model.shot import Credit, StepClip
from storyreel.model.storyboard import PictureFrame, PictureLastFrame
from storyreel.model.tails import ClipPart, OwnPart
from storyreel.planning.prices import price
from tests.planning.test_steps import CARD, CATALOG, edit, extend, planned, scene

RIDE = scene("ride", then=(extend(1, 10), extend(2, 8), extend(3, 5), extend(4, 2)))


def test_a_clip_that_is_too_long_to_go_in_is_extended_by_its_tail() -> None:
    """
    What the step before returned goes in whole as long as that may be, and else its last eight seconds.
    """
    made = planned(RIDE)

    fed = [(step.recipe.inputs[0], step.seconds, step.bought_seconds) for step in made.steps[1:]]
    assert fed == [
        (FromStep(step="ride/video"), 16, 10),
        (Tail(of=FromStep(step="ride/extend-1"), seconds=8.0), 16, 8),
        (Tail(of=FromStep(step="ride/extend-2"), seconds=8.0), 13, 5),
        (FromStep(step="ride/extend-3"), 15, 2),
    ]


def test_the_seconds_of_a_scene_run_through_its_tails() -> None:
    """
    Its clip is what came back before the first tail and each new part, end to end, and each second has one that made it.
    """
    (shot,) = planned(RIDE).timeline.picture

    assert shot.seconds == 31
    assert shot.source == StepClip(
        "ride/extend-4",
        31,
        (
            ClipPart("ride/extend-1", 16),
            ClipPart("ride/extend-2", 8, fed=8.0),
            ClipPart("ride/extend-3", 5, fed=8.0),
            ClipPart("ride/extend-4", 2, fed=None),
        ),
    )
    assert shot.credits == (
        Credit("ride/video", 0, 6),
        Credit("ride/extend-1", 6, 16),
        Credit("ride/extend-2", 16, 24),
        Credit("ride/extend-3", 24, 29),
        Credit("ride/extend-4", 29, 31),
    )
    assert planned(RIDE).timeline.steps == tuple(f"ride/extend-{number}" for number in (1, 2, 3, 4))


def test_the_seconds_that_are_fed_have_their_price() -> None:
    """
    At 720p eight seconds after a tail of eight are 16 x $0.07, of which 8 x $0.07 are for what went in.
    """
    step = planned(RIDE).step("ride/extend-2")
    words = price(step, CATALOG)

    assert usd(step.ticks) == 1.12
    assert words is not None
    assert words.words.startswith("goes on from the last 8 s, which are billed with the 8 s that it adds: $0.56 of it")


@pytest.mark.parametrize(
    ("at", "step", "own"),
    [
        pytest.param(15.9, "ride/extend-1", 15.9, id="before-the-first-tail"),
        pytest.param(16.0, "ride/extend-2", 8.0, id="the-first-second-of-a-part"),
        pytest.param(20.4, "ride/extend-2", 12.4, id="within-a-part"),
        pytest.param(28.9, "ride/extend-3", 12.9, id="a-part-that-follows-a-tail"),
        pytest.param(30.5, "ride/extend-4", 14.5, id="a-part-of-which-all-went-in"),
    ],
)
def test_a_frame_is_one_of_the_clip_that_shows_that_second(at: float, step: str, own: float) -> None:
    """
    It is asked for in that clip's own seconds, so that it depends on no step that comes later.
    """
    made = planned(scene("face", mode="image", image=PictureFrame("ride", at)), RIDE)

    assert made.step("face/video").recipe.inputs == (Frame(of=FromStep(step=step), at=own, part="first_frame"),)


def test_a_scene_with_tails_ends_on_the_frame_of_its_last_part() -> None:
    """
    Whatever continues it waits for all of it.
    """
    made = planned(scene("face", mode="image", image=PictureLastFrame("ride")), RIDE)

    assert made.step("face/video").recipe.inputs == (LastFrame(of=FromStep(step="ride/extend-4")),)


def test_a_clip_of_another_model_is_extended_and_edited_by_the_one_that_is_named() -> None:
    """
    A clip of 1080p comes back at 720p, and is billed so: an edit of 6 s at $0.07 with its 6 s of input at $0.01, and 9 s
    in all at $0.07.
    """
    sea = scene(
        "sea",
        model="grok-imagine-video-1.5",
        resolution="1080p",
        then=(replace(edit(1), model="grok-imagine-video"), replace(extend(1, 3), model="grok-imagine-video")),
    )
    made = planned(sea)

    assert [step.recipe.body["model"] for step in made.steps] == ["grok-imagine-video-1.5", *["grok-imagine-video"] * 2]
    assert [usd(step.ticks) for step in made.steps] == [1.50, 0.48, 0.63]


def test_a_link_without_a_model_sends_what_it_always_sent() -> None:
    """
    The model of its scene stands in the request, and a link that names the same one is the same request.
    """
    plain = planned(scene("sea", then=(extend(1),))).step("sea/extend-1")
    named = planned(scene("sea", then=(replace(extend(1), model="grok-imagine-video"),))).step("sea/extend-1")

    assert plain.recipe == named.recipe
    assert plain.recipe.body == {"model": "grok-imagine-video", "prompt": "it goes on", "duration": 6}


def test_own_footage_that_is_too_long_is_extended_by_a_part_of_its_file() -> None:
    """
    It is what somebody would send who has trimmed it so, and the scene begins with all that is shown of the file.
    """
    long = replace(CARD, seconds=40.0, frames=1000)
    (step,) = (
        made := planned(scene("own", mode="clip", prompt="", footage=long, start=1, end=31, then=(extend(1, 5),)))
    ).steps
    (shot,) = made.timeline.picture

    assert step.recipe.inputs == (Trimmed(of=GivenFile(sha256="ca"), start=23, end=31),)
    assert (step.is_tail, step.seconds, step.bought_seconds) == (True, 13, 5)
    assert shot.source == StepClip(
        "own/extend-1",
        35,
        (ClipPart("", 30, own=OwnPart(long, 1, 31)), ClipPart("own/extend-1", 5, fed=8.0)),
    )
    assert shot.credits == (Credit(None, 0, 30), Credit("own/extend-1", 30, 35))
    assert made.timeline.steps == ("own/extend-1",)
