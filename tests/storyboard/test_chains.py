"""
What may follow a first clip, and by which model: each link is judged by the model that makes it.
"""

from collections.abc import Callable

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard

Read = Callable[[str], Storyboard]

NEW = "grok-imagine-video-1.5"
CLASSIC = "grok-imagine-video"


def board(then: str, scene: str = "") -> str:
    """Return a storyboard of one scene of the newer model, with what follows it."""
    return f"defaults: {{model: {NEW}, duration: 6}}\nscenes:\n  - id: sea\n    prompt: Waves.\n{scene}    then: [{then}]\n"


@pytest.mark.parametrize(
    ("then", "at", "words", "remedy"),
    [
        pytest.param(
            "{extend: on}",
            "extend",
            f"{NEW} (line 1) cannot extend a clip",
            f"write model: {CLASSIC} in this item",
            id="extend-by-the-scenes",
        ),
        pytest.param(
            "{edit: snow}",
            "edit",
            f"{NEW} (line 1) cannot edit a clip",
            f"write model: {CLASSIC} in this item",
            id="edit-by-the-scenes",
        ),
        pytest.param(
            f"{{extend: on, model: {NEW}}}",
            f"{NEW}}}",
            f"model is {NEW}, and it cannot extend a clip",
            f"write model: {CLASSIC}",
            id="extend-by-its-own",
        ),
        pytest.param(
            "{edit: snow, model: grok-imagine-video-1.5-lite}",
            "grok-imagine-video-1.5-lite}",
            "model is grok-imagine-video-1.5-lite, and it cannot edit a clip",
            f"write model: {CLASSIC}",
            id="edit-by-lite",
        ),
        pytest.param(
            "{extend: on, model: grok-imagine-vidoe}",
            "grok-imagine-vidoe}",
            "there is no video model 'grok-imagine-vidoe'",
            "did you mean 'grok-imagine-video'?",
            id="no-such-model",
        ),
        pytest.param(
            "{extend: on, model: grok-imagine-image}",
            "grok-imagine-image}",
            "grok-imagine-image makes stills, not video",
            "video is made by",
            id="a-model-of-stills",
        ),
        pytest.param(
            f"{{extend: on, model: {CLASSIC}, duration: 11}}",
            "11}",
            "duration is 11 s; an extension adds 2 to 10 s",
            "split it into two extensions",
            id="too-long-an-extension",
        ),
        pytest.param(
            f"{{extend: on, model: {CLASSIC}, duration: 10}}, {{extend: on, model: {CLASSIC}}}, {{edit: snow, model: {CLASSIC}}}",
            "edit",
            "the clip is 22 s long here, and its tail alone went in before; one over 8.7 s cannot be edited",
            "edit first and extend then: after a tail only `extend` may follow",
            id="an-edit-after-a-tail",
        ),
    ],
)
def test_a_link_that_cannot_be_made_is_told_with_what_can(
    read: Read, then: str, at: str, words: str, remedy: str
) -> None:
    """
    At its field, with both values and the remedy.
    """
    text = board(then)
    with pytest.raises(StoryboardError) as caught:
        read(text)
    (problem,) = caught.value.problems

    assert problem.message == words
    assert problem.remedy.startswith(remedy)
    written = text.splitlines()[problem.place.line - 1][problem.place.column - 1 :]
    assert written.startswith(at)


def test_a_link_has_the_model_of_its_scene_unless_it_names_its_own(read: Read) -> None:
    """
    What is not written is no part of a link.
    """
    (scene,) = read(board(f"{{extend: on, model: {CLASSIC}}}")).scenes
    (plain,) = read(board("{extend: on}", f"    model: {CLASSIC}\n")).scenes

    assert (scene.model, scene.then[0].model) == (NEW, CLASSIC)
    assert (plain.model, plain.then[0].model) == (CLASSIC, None)


@pytest.mark.parametrize(
    ("resolution", "words"),
    [
        ("1080p", [f"the clip is made at 1080p; from here on it is 720p, which {CLASSIC} makes at most"]),
        ("720p", []),
        ("480p", []),
    ],
)
def test_a_clip_that_loses_lines_is_noted_once(read: Read, resolution: str, words: list[str]) -> None:
    """
    What comes back has the lines that the model makes, and a clip of 720 lines keeps them.
    """
    links = f"{{edit: snow, model: {CLASSIC}}}, {{extend: on, model: {CLASSIC}}}"
    notes = read(board(links, f"    resolution: {resolution}\n")).notes

    assert [note.message for note in notes if note.code == "lower-resolution"] == words


def test_many_extensions_are_noted_however_long_the_chain(read: Read) -> None:
    """
    Six of ten seconds are planned, and a note says that they drift.
    """
    links = ", ".join([f"{{extend: on, duration: 10, model: {CLASSIC}}}"] * 6)
    (scene,) = read(board(links)).scenes

    assert scene.seconds == 66
    assert [note.code for note in read(board(links)).notes] == ["many-extensions"]
