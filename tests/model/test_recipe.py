"""
Who a take is: equal requests are one take, any difference in what is sent is another.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.recipe import (
    Frame,
    FromStep,
    FromTake,
    GivenAddress,
    GivenFile,
    Input,
    LastFrame,
    Recipe,
    Tail,
    Trimmed,
    canonical,
    clean,
    digest,
)

RECIPE = Recipe(operation="text-to-video", body={"prompt": "a lighthouse", "duration": 6})

words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(words, values, max_size=4)


@given(bodies)
def test_the_order_in_which_a_body_was_written_makes_no_other_take(body):
    """
    A request is the same take whatever the order of its fields.
    """
    turned = dict(reversed(list(body.items())))

    assert RECIPE.model_copy(update={"body": body}).fingerprint("xai") == RECIPE.model_copy(
        update={"body": turned}
    ).fingerprint("xai")


@given(bodies, bodies)
def test_two_bodies_are_one_take_only_if_they_are_sent_alike(one, other):
    """
    Any difference in what is sent makes another take, and nothing else does.
    """
    sent_alike = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert sent_alike == (
        RECIPE.model_copy(update={"body": one}).fingerprint("xai")
        == RECIPE.model_copy(update={"body": other}).fingerprint("xai")
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"body": {"prompt": "a lighthouse", "duration": 7}}, id="a-second-more"),
        pytest.param({"body": {"prompt": "a lighthouse.", "duration": 6}}, id="a-full-stop"),
        pytest.param({"operation": "reference-to-video"}, id="another-operation"),
        pytest.param({"take": 2}, id="another-take"),
        pytest.param({"inputs": (GivenFile(sha256="a"),)}, id="a-picture"),
        pytest.param({"inputs": (GivenAddress(url="a"),)}, id="an-address"),
    ],
)
def test_what_is_sent_makes_the_take(change):
    """
    A changed request is a new take.
    """
    assert RECIPE.fingerprint("xai") != RECIPE.model_copy(update=change).fingerprint("xai")


def test_each_service_has_takes_of_its_own():
    """
    A rehearsal is never taken for the real thing.
    """
    assert RECIPE.fingerprint("xai") != RECIPE.fingerprint("sandbox")


def test_the_fingerprint_of_a_recipe_never_changes():
    """
    A vault of today is understood by the storyreel of tomorrow: this very hash is on people's disks.
    """
    recipe = Recipe(
        operation="image-to-video",
        body={"model": "grok-imagine-video", "prompt": "She pushes the door open.", "duration": 6.0},
        inputs=(LastFrame(of=Trimmed(of=FromTake(request_id="71c2"), start=0, end=2.5)),),
        take=2,
    )

    assert recipe.fingerprint("xai") == "999842d656d2e5c0575b52adc5bc8fae7b90ffdce6d67a738f40147f692837d2"


def framed(part="first_frame", **changes):
    frame = Frame(of=FromTake(request_id="71c2"), at=4.5, part=part)
    return RECIPE.model_copy(update={"operation": "image-to-video", "inputs": (frame.model_copy(update=changes),)})


def test_a_frame_is_known_by_its_clip_its_second_and_its_part():
    """
    The second is hashed as it is asked, and not as the frame that it turns out to be: this very hash is on people's disks.
    """
    assert framed().fingerprint("xai") == digest(
        {
            "v": 1,
            "service": "xai",
            "operation": "image-to-video",
            "body": RECIPE.body,
            "inputs": [{"frame": {"take": "71c2"}, "at": 4.5, "as": "first_frame"}],
        }
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"at": 4.51}, id="another-second"),
        pytest.param({"of": FromTake(request_id="9f3e")}, id="another-clip"),
        pytest.param({"of": Trimmed(of=FromTake(request_id="71c2"), start=0, end=5)}, id="a-part-of-it"),
        pytest.param({"part": "reference"}, id="another-part"),
    ],
)
def test_two_frames_are_two_takes(other):
    """
    What differs in one of the three is another request.
    """
    assert framed().fingerprint("xai") != framed(**other).fingerprint("xai")


def test_a_frame_at_four_seconds_is_one_at_four_seconds():
    """
    However the number was written.
    """
    assert framed(at=4).fingerprint("xai") == framed(at=4.0).fingerprint("xai")


def extended(source: Input):
    return RECIPE.model_copy(update={"operation": "extend-video", "inputs": (source,)})


def test_a_tail_is_known_by_its_clip_and_its_seconds():
    """
    What is cut of it is encoded by us, and no byte of that makes a take: this very hash is on people's disks.
    """
    tail = extended(Tail(of=FromTake(request_id="71c2"), seconds=8.0))

    assert tail.fingerprint("xai") == "9a29ba825059ab2893fbcf22c32d757b3e8affae2bcd50d48b4d01fc944fefa8"
    assert tail.fingerprint("xai") == digest(
        {
            "v": 1,
            "service": "xai",
            "operation": "extend-video",
            "body": RECIPE.body,
            "inputs": [{"tail": {"take": "71c2"}, "seconds": 8}],
        }
    )


def test_a_tail_is_not_its_clip():
    """
    What goes in whole, another length of tail, and a part that happens to be as long are other requests.
    """
    whole, tail = FromTake(request_id="71c2"), Tail(of=FromTake(request_id="71c2"), seconds=8.0)
    others = (whole, tail.model_copy(update={"seconds": 7.0}), Trimmed(of=whole, start=8, end=16))

    assert len({extended(each).fingerprint("xai") for each in (tail, *others)}) == 4


def test_six_seconds_are_six_seconds():
    """
    A number is the same take whether it was read as 6 or as 6.0.
    """
    assert RECIPE.fingerprint("xai") == RECIPE.model_copy(
        update={"body": {"prompt": "a lighthouse", "duration": 6.0}}
    ).fingerprint("xai")


def test_a_recipe_with_a_hole_has_no_fingerprint():
    """
    Nothing can be claimed before it is known what it is made from.
    """
    recipe = RECIPE.model_copy(update={"inputs": (LastFrame(of=FromStep(step="arrival/video")),)})

    with pytest.raises(ValueError, match="arrival/video"):
        recipe.fingerprint("xai")


@pytest.mark.parametrize(
    ("hole", "filled"),
    [
        (FromStep(step="a/video"), FromTake(request_id="71c2")),
        (LastFrame(of=FromStep(step="a/video")), LastFrame(of=FromTake(request_id="71c2"))),
        (
            Trimmed(of=FromStep(step="a/video"), start=1, end=2),
            Trimmed(of=FromTake(request_id="71c2"), start=1, end=2),
        ),
        (
            Frame(of=FromStep(step="a/video"), at=1.5, part="first_frame"),
            Frame(of=FromTake(request_id="71c2"), at=1.5, part="first_frame"),
        ),
        (Tail(of=FromStep(step="a/video"), seconds=8.0), Tail(of=FromTake(request_id="71c2"), seconds=8.0)),
        (GivenFile(sha256="ab"), GivenFile(sha256="ab")),
    ],
)
def test_holes_are_filled_with_takes(hole: Input, filled: Input):
    """
    A hole is filled by the request id of the step that it names, however deep it lies.
    """
    recipe = RECIPE.model_copy(update={"inputs": (hole,)})

    assert (filled,) == recipe.filled({"a/video": "71c2"}).inputs


def test_a_new_take_upstream_makes_a_new_take_downstream():
    """
    What continues a clip is another clip when that one is.
    """
    recipe = RECIPE.model_copy(update={"inputs": (FromStep(step="a/video"),)})

    assert recipe.filled({"a/video": "1"}).fingerprint("xai") != recipe.filled({"a/video": "2"}).fingerprint("xai")


def test_a_recipe_survives_its_record():
    """
    What a claim shows in clear is the recipe itself.
    """
    recipe = RECIPE.model_copy(update={"inputs": (LastFrame(of=Trimmed(of=GivenFile(sha256="a"), start=0, end=2)),)})

    assert recipe == Recipe.model_validate_json(recipe.model_dump_json())


def test_text_is_sent_as_it_is_hashed():
    """
    Line ends, accents written in two ways, and white space around a prompt make no other take.
    """
    assert "é\nb" == clean("  e\u0301\r\nb \n")


def test_no_number_is_no_number():
    """
    A body with NaN in it is refused, since no two of them are equal.
    """
    with pytest.raises(ValueError):
        canonical({"a": float("nan")})
