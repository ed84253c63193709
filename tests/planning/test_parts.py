"""
What a clip is to show and who speaks in it: who its take is, and for how much.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.money import usd
from storyreel.model.recipe import GivenAddress, InPart, Recipe, digest
from storyreel.model.storyboard import (
    Keyframe,
    Picture,
    PictureAddress,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Scene,
)
from tests.planning.test_steps import planned, scene, still

NEW = "grok-imagine-video-1.5"
BEFORE = scene("before")
STILL = still("a/last-still")

pictures = st.sampled_from(
    [
        PictureAddress("https://a/1.png"),
        PictureAddress("https://a/2.png"),
        PictureStill(STILL.id),
        PictureLastFrame("before"),
        PictureFrame("before", 2.0),
        PictureFrame("before", 1.0),
    ]
)
moments = st.sampled_from([0.333, 1.0, 2.0])
keyframes = st.lists(st.builds(Keyframe, pictures, moments), max_size=2, unique_by=lambda each: each.at)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Draw a scene with any of the fields, of few values each, so that two are often nearly alike."""
    image = draw(st.none() | pictures)
    return scene(
        "a",
        model=NEW,
        image=image,
        mode="image" if image else "text",
        prompt=draw(st.sampled_from(["", "She turns."])),
        references=tuple(draw(st.lists(pictures, max_size=2))),
        last_frame=draw(st.none() | pictures),
        keyframes=tuple(sorted(draw(keyframes), key=lambda each: each.at)),
        voices=tuple(draw(st.lists(st.sampled_from(["eve", "leo"]), max_size=2))),
        resolution=draw(st.sampled_from(["480p", "720p"])),
    )


def sent(made: Scene) -> Recipe:
    """Return the request of a scene, made from what is there already."""
    steps = planned(BEFORE, made, stills=(STILL,)).steps
    (step,) = (each for each in steps if each.id == "a/video")
    return step.recipe.filled({need: f"take of {need}" for need in step.needs})


def asked(made: Scene) -> tuple[Any, ...]:
    """Return all that a scene asks for, each with the place where it stands."""
    return made.image, made.references, made.last_frame, made.keyframes, made.voices, made.prompt, made.resolution


@given(scenes(), scenes())
def test_two_requests_are_one_take_only_if_they_are_alike(one: Scene, other: Scene):
    """
    One field that differs, one picture more, or another moment: another take.
    """
    assert (asked(one) == asked(other)) == (sent(one).fingerprint("xai") == sent(other).fingerprint("xai"))


@given(scenes(), pictures, st.data())
def test_what_a_picture_is_taken_for_makes_the_take(made: Scene, picture: Picture, data: st.DataObject):
    """
    The same picture as first frame, last frame, keyframe or reference is four requests; so is another one in its place.
    """
    bare = replace(made, image=None, references=(), last_frame=None, keyframes=(), mode="text")
    ways: list[dict[str, Any]] = [
        {"image": picture, "mode": "image"},
        {"references": (picture,)},
        {"last_frame": picture},
        {"keyframes": (Keyframe(picture, 1.0),)},
        {"keyframes": (Keyframe(picture, 2.0),)},
    ]
    beside = data.draw(st.sampled_from([{}, *ways]))
    requests = [sent(replace(bare, **{**beside, **way})) for way in ways]
    distinct = {asked(replace(bare, **{**beside, **way})) for way in ways}

    assert len({each.fingerprint("xai") for each in requests}) == len(distinct)


def test_a_part_of_a_picture_is_hashed_with_it():
    """
    These very hashes are on people's disks.
    """
    body = {"model": NEW, "prompt": "She turns.", "reference_audios": [{"voice_id": "eve"}]}
    picture = GivenAddress(url="https://a/1.png")
    recipe = Recipe(
        operation="reference-to-video",
        body=body,
        inputs=(
            InPart(of=picture, part="first_frame"),
            InPart(of=picture, part="last_frame"),
            InPart(of=picture, part="keyframe", at=2.0),
        ),
    )

    assert recipe.fingerprint("xai") == digest(
        {
            "v": 1,
            "service": "xai",
            "operation": "reference-to-video",
            "body": body,
            "inputs": [
                {"as": "first_frame", "of": {"url": "https://a/1.png"}},
                {"as": "last_frame", "of": {"url": "https://a/1.png"}},
                {"as": "keyframe", "at": 2, "of": {"url": "https://a/1.png"}},
            ],
        }
    )
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


PICTURES = tuple(PictureAddress(f"https://a/{number}.png") for number in range(4))
CLASSIC, LITE = "grok-imagine-video", "grok-imagine-video-1.5-lite"


@pytest.mark.parametrize(
    ("made", "dollars"),
    [
        # dollars a second x seconds, then dollars a picture x pictures: xAI's price list, read 2026-11-22
        pytest.param({"model": CLASSIC, "resolution": "480p"}, 0.05 * 6, id="classic-480p"),
        pytest.param({"model": CLASSIC, "duration": 15}, 0.07 * 15, id="classic-720p"),
        pytest.param({"model": CLASSIC, "image": PICTURES[0], "mode": "image"}, 0.07 * 6 + 0.002, id="classic-image"),
        pytest.param({"model": CLASSIC, "references": PICTURES}, 0.07 * 6 + 4 * 0.002, id="classic-references"),
        pytest.param({"resolution": "480p", "duration": 1}, 0.08, id="newest-480p"),
        pytest.param({"resolution": "1080p", "duration": 8}, 0.25 * 8, id="newest-1080p"),
        pytest.param({"references": PICTURES[:1], "voices": ("eve", "leo")}, 0.14 * 6 + 0.01, id="voices-are-free"),
        pytest.param({"voices": ("eve",), "resolution": "480p"}, 0.08 * 6, id="voices-alone"),
        pytest.param(
            {"image": PICTURES[0], "mode": "image", "last_frame": PICTURES[1]}, 0.14 * 6 + 2 * 0.01, id="first-and-last"
        ),
        pytest.param(
            {
                "image": PICTURES[0],
                "mode": "image",
                "references": PICTURES[1:3],
                "last_frame": PICTURES[3],
                "keyframes": (Keyframe(PICTURES[0], 1.0), Keyframe(PICTURES[1], 2.0)),
            },
            0.14 * 6 + 6 * 0.01,
            id="all-pictures",
        ),
        pytest.param({"model": LITE, "duration": 15}, 0.03 * 15, id="lite-720p"),
        pytest.param(
            {"model": LITE, "resolution": "1080p", "image": PICTURES[0], "mode": "image", "prompt": ""},
            0.14 * 6 + 0.01,
            id="lite-1080p-from-a-picture",
        ),
    ],
)
def test_a_plan_costs_what_the_price_list_says(made: dict[str, Any], dollars: float):
    """
    Twelve requests, worked by hand: seconds by model and resolution, and every picture that goes in, whatever it is taken for.
    """
    plan = planned(scene("a", **{"model": NEW, **made}))

    assert usd(plan.ticks) == pytest.approx(dollars, abs=1e-9)
