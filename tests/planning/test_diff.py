"""
What differs between a request that was sent and one that is planned: each field once, in the words of a storyboard.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.recipe import FromStep, FromTake, GivenAddress, GivenFile, InPart, LastFrame, Recipe, Trimmed
from storyreel.planning.diff import Change, Upstream, changes, words

OLD, NEW = "a" * 64, "b" * 64
WORDS = st.text(st.sampled_from("ab .\n"), max_size=30)


def clip(*inputs: Any, take: int = 1, **body: Any) -> Recipe:
    """Return the recipe of a clip: with an image if anything goes in."""
    operation = "image-to-video" if inputs else "text-to-video"
    return Recipe(operation=operation, body={"prompt": "A barn.", "duration": 5, **body}, inputs=inputs, take=take)


def between(former: Recipe, now: Recipe, style: str = "", **upstream: str) -> tuple[Change, ...]:
    """Return what differs; `upstream` is the take of each step, or why there is none."""
    known = {
        name.replace("_", "/"): Upstream(None, said) if " " in said or said == "changes" else Upstream(said)
        for name, said in upstream.items()
    }
    return changes(former, now, known, style=style, names={NEW: "barn.png"})


@pytest.mark.parametrize(
    ("former", "now", "expected"),
    [
        pytest.param(clip(), clip(), (), id="nothing"),
        pytest.param(clip(), clip(duration=8), (Change("duration", 5, 8),), id="a-number"),
        pytest.param(clip(quality="low"), clip(), (Change("quality", "low", None),), id="a-field-that-is-gone"),
        pytest.param(clip(), clip(generate_audio=False), (Change("generate_audio", None, False),), id="a-new-field"),
        pytest.param(clip(), clip(take=2), (Change("take", 1, 2),), id="another-take-by-hand"),
        pytest.param(
            clip(), clip(prompt="A red barn."), (Change("prompt", "A barn.", "A red barn.", text=True),), id="a-word"
        ),
        pytest.param(
            clip(GivenFile(sha256=OLD)),
            clip(GivenFile(sha256=NEW)),
            (Change("image", OLD, NEW, note="another picture, barn.png"),),
            id="another-file",
        ),
        pytest.param(
            clip(GivenAddress(url="https://a/b.png")),
            clip(GivenFile(sha256=NEW)),
            (Change("image", "https://a/b.png", "barn.png (bbbbbbbb)"),),
            id="a-file-for-an-address",
        ),
        pytest.param(
            clip(LastFrame(of=Trimmed(of=GivenFile(sha256=NEW), start=0, end=2))),
            clip(LastFrame(of=Trimmed(of=GivenFile(sha256=NEW), start=0, end=3.5))),
            (Change("image", "last frame of barn.png (bbbbbbbb), 0 to 2 s", "last frame of barn.png (bbbbbbbb), 0 to 3.5 s"),),
            id="another-trim",
        ),
    ],
)  # fmt: skip
def test_each_field_that_differs_is_told_with_both_values(former: Recipe, now: Recipe, expected: tuple[Change, ...]):
    """
    What is alike is not told; what was not there, or is gone, is nothing.
    """
    assert between(former, now) == expected


def test_another_mode_is_told_with_what_goes_in():
    """
    A clip that begins with a picture now did not before.
    """
    mode, image = between(clip(), clip(GivenFile(sha256=NEW)))

    assert (mode.before, mode.after) == ("a clip from words alone", "a clip that begins with a picture")
    assert image == Change("image", None, "barn.png (bbbbbbbb)")


def held(*parts: InPart, voices: tuple[str, ...] = ()) -> Recipe:
    """Return the recipe of a clip that is held to pictures."""
    body = {"prompt": "A barn.", **({"reference_audios": [{"voice_id": each} for each in voices]} if voices else {})}
    return Recipe(operation="reference-to-video", body=body, inputs=parts)


def test_what_a_clip_is_held_to_is_told_by_its_field():
    """
    A picture that was one thing and is another, a keyframe that moves, other voices; what stays is not told.
    """
    barn, mill = GivenFile(sha256=OLD), GivenFile(sha256=NEW)
    first = InPart(of=barn, part="first_frame")
    former = held(first, InPart(of=barn, part="last_frame"), InPart(of=mill, part="keyframe", at=1.0), voices=("eve",))
    now = held(
        first, InPart(of=mill, part="last_frame"), InPart(of=mill, part="keyframe", at=1.333), voices=("leo", "eve")
    )

    assert between(former, now) == (
        Change("voices", "eve", "leo, eve"),
        Change("last_frame", OLD, NEW, note="another picture, barn.png"),
        Change("keyframe at 1.333 s", None, "barn.png (bbbbbbbb)"),
        Change("keyframe at 1 s", "barn.png (bbbbbbbb)", None),
    )


def test_a_clip_that_is_held_to_more_is_told_by_what_is_new():
    """
    The picture that it began with before is the same one.
    """
    former = Recipe(operation="image-to-video", body={"prompt": "A barn."}, inputs=(GivenFile(sha256=OLD),))
    now = held(
        InPart(of=GivenFile(sha256=OLD), part="first_frame"), InPart(of=GivenFile(sha256=NEW), part="last_frame")
    )

    assert between(former, now) == (
        Change("mode", "a clip that begins with a picture", "a clip with given frames that begins with a picture"),
        Change("last_frame", None, "barn.png (bbbbbbbb)"),
    )


def test_a_style_is_told_from_the_prompt_that_it_is_added_to():
    """
    It is changed, or new; a prompt that changed beside it is told as the prompt, and so is one without a style.
    """
    noir, warm, none = (clip(prompt=f"A barn.{end}") for end in ("\nNoir.", "\nWarm.", ""))

    assert between(noir, warm, style="Warm.") == (Change("style", "Noir.", "Warm.", text=True),)
    assert between(none, warm, style="Warm.") == (Change("style", None, "Warm.", text=True),)
    assert between(clip(prompt="A mill.\nNoir."), warm, style="Warm.")[0].field == "prompt"
    assert between(clip(prompt="A barn.\nAt night.\nWarm."), warm, style="Warm.")[0].field == "prompt"
    assert between(noir, none)[0].field == "prompt"


@pytest.mark.parametrize(
    ("take", "note", "after"),
    [
        ("changes", "follows stop/video, which changes", "last frame of stop/video"),
        ("is new", "follows stop/video, which is new", "last frame of stop/video"),
        ("take-2", "another take of stop/video", "take-2"),
    ],
)
def test_what_goes_on_from_another_take_says_from_which_step(take: str, note: str, after: str):
    """
    Its own words are the same, and what it was made from is another clip, or not made yet.
    """
    former, now = (
        clip(LastFrame(of=source)) for source in (FromTake(request_id="take-1"), FromStep(step="stop/video"))
    )

    (change,) = between(former, now, stop_video=take)

    assert (change.field, change.note, change.after) == ("image", note, after)
    assert between(former, now, stop_video="take-1") == ()


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("A flower meadow at dusk.", "A snowy field at dusk.", "A [-flower meadow-]{+snowy field+} at dusk."),
        ("A barn.", "A red barn.", "A {+red +}barn."),
        ("A red barn.", "A barn.", "A [-red -]barn."),
        ("A barn.", "Two mills!", "[-A barn.-]{+Two mills!+}"),
        ("One, two, three", "Un, two, trois", "[-One-]{+Un+}, two, [-three-]{+trois+}"),
        ("", "A barn.", "{+A barn.+}"),
    ],
)
def test_texts_are_compared_by_words(before: str, after: str, marked: str):
    """
    Words that stand together are replaced together.
    """
    signs = {"both": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}

    assert "".join(signs[piece.kind].format(piece.text) for piece in words(before, after)) == marked


@given(WORDS, WORDS)
def test_both_texts_can_be_put_together_from_what_was_compared(before: str, after: str):
    """
    Nothing is left out and nothing is told twice.
    """
    pieces = words(before, after)

    assert before == "".join(piece.text for piece in pieces if piece.kind != "in")
    assert after == "".join(piece.text for piece in pieces if piece.kind != "out")
