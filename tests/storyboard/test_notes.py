"""
What is allowed and may surprise is remarked on, in one line with its place.
"""

from collections.abc import Callable

import pytest

from storyreel.model.storyboard import Storyboard

Read = Callable[[str], Storyboard]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        pytest.param("scenes: [{id: a, image: boards/020.png, prompt: x}]", [], id="nothing"),
        pytest.param(
            "scenes: [{id: a, image: boards/square.png, prompt: x}]",
            [
                "lantern.yaml:1:25: the picture, and so the clip, is 1.00:1; the film is 16:9, so it will be fitted into it",
            ],
            id="square-picture",
        ),
        pytest.param(
            "scenes:\n  - {id: a, image: boards/square.png, prompt: x}\n  - {id: b, image: {last_frame_of: a}, prompt: x}",
            [
                "lantern.yaml:2:20: the picture, and so the clip, is 1.00:1; the film is 16:9, so it will be fitted into it",
                "lantern.yaml:3:20: the picture, and so the clip, is 1.00:1; the film is 16:9, so it will be fitted into it",
            ],
            id="handed-on",
        ),
        pytest.param(
            "scenes: [{id: a, clip: media/tall.mp4}]",
            ["lantern.yaml:1:24: the footage is 0.56:1; the film is 16:9, so it will be fitted into it"],
            id="tall-footage",
        ),
        pytest.param(
            "scenes: [{id: a, image: boards/020.png, prompt: x, aspect_ratio: '16:9'}]",
            ["lantern.yaml:1:66: aspect_ratio has no effect here: the clip takes the picture's"],
            id="ratio-without-effect",
        ),
        pytest.param(
            "scenes: [{id: a, image: {prompt: x, references: [{lamp: boards/square.png}]}, prompt: x}]",
            [
                "lantern.yaml:1:25: the picture, and so the clip, is 1.00:1; the film is 16:9, so it will be fitted into it",
            ],
            id="edit-keeps-the-ratio",
        ),
        pytest.param(
            "defaults: {still: {model: grok-imagine-image-quality}}\nscenes: [{id: a, image: {prompt: x}, prompt: x}]",
            [
                "lantern.yaml:1:27: grok-imagine-image-quality is retired since 2026-11-02: still accepted, served by grok-imagine-image-2.0 with quality low",
            ],
            id="retired",
        ),
        pytest.param(
            "scenes:\n  - id: a\n    prompt: x\n    duration: 2\n    then:"
            " [{extend: x, duration: 3}, {extend: x, duration: 3}, {extend: x, duration: 3}, {extend: x, duration: 3}]",
            ["lantern.yaml:5:11: 4 extensions in a row tend to drift from the look they began with"],
            id="drift",
        ),
        pytest.param(
            "cast: {mira: {description: a woman}, fox: {description: a fox}}\nscenes: [{id: a, prompt: '{{ cast.fox }}'}]",
            ["lantern.yaml:1:14: 'mira' is in the cast and in no scene"],
            id="unused",
        ),
        pytest.param(
            "review: before-video\nscenes: [{id: a, image: boards/020.png, prompt: x}]",
            ["lantern.yaml:1:9: no still is generated here, so there is nothing to review before the video is made"],
            id="nothing-to-review",
        ),
        pytest.param("review: before-video\nscenes: [{id: a, image: {prompt: x}, prompt: x}]", [], id="review"),
        pytest.param(
            "review: before-final\nscenes: [{id: a, image: boards/020.png, prompt: x}]", [], id="final-review"
        ),
        pytest.param(
            "cast:\n  mira: {description: a woman, references: [{prompt: '{{ cast.mira }}'}]}\n"
            "  fox: {references: [{prompt: 'a fox, {{ cast.tree }}'}]}\n  tree: {description: an oak}\n"
            "scenes: [{id: a, references: [fox], prompt: '{{ ref.fox }}'}]",
            ["lantern.yaml:2:9: 'mira' is in the cast and in no scene"],
            id="seen-in-a-still-alone",
        ),
        pytest.param(
            "scenes: [{id: a, clip: media/screencast.mkv, trim: {start: 1}}]",
            ["lantern.yaml:1:24: its picture ends after 2 s; the last frame is held until 8 s"],
            id="held",
        ),
        pytest.param(
            "scenes: [{id: a, clip: media/screencast.mkv, trim: {end: 2}}]", [], id="sound-cut-off-on-purpose"
        ),
        pytest.param(
            "scenes: [{id: a, clip: media/screencast.mkv, then: [{extend: x, duration: 3}]}]",
            ["lantern.yaml:1:24: 6 s of its sound come after its picture, which is continued here, and are left out"],
            id="continued",
        ),
        pytest.param(
            "scenes: [{id: a, clip: media/languages.mov}]",
            [
                "lantern.yaml:1:24: 1.5 s of its sound are before its first frame, and are left out",
                "lantern.yaml:1:24: of its 2 sound tracks the film has number 2 (eng, 5.1), and leaves out 1 (ger, Comment, stereo)",
                "lantern.yaml:1:24: it has 2 videos; the first is shown",
                "lantern.yaml:1:24: its sound is 5.1, and is mixed to stereo; what would clip is limited",
            ],
            id="left-out",
        ),
    ],
)
def test_a_note_stops_nothing(read: Read, text: str, notes: list[str]) -> None:
    """
    A storyboard with notes is right; each says where and what.
    """
    assert notes == list(map(str, read(text).notes))


SHEET = """
cast: {ana: {description: a woman, references: [{prompt: "{{ cast.ana }}"}]}}
scenes:
  - {id: room, image: {prompt: x, references: [ana]}, prompt: x}
  - {id: hall, image: {prompt: y, references: [ana]}, prompt: x}
  - {id: stair, image: {last_frame_of: hall}, prompt: x}
  - {id: sea, prompt: x}
"""


def test_a_sheet_that_makes_scenes_square_is_told_once(read: Read) -> None:
    """
    All scenes that begin with a still of one picture alone are named together, with what to do about it.
    """
    (note,) = read(SHEET).notes

    assert "lantern.yaml:4:23" == str(note.place)
    assert "is 1.00:1; the film is 16:9, so it will be fitted into it, and so will 'hall', 'stair'" in note.message
    assert 'give ana/still-1 `aspect_ratio: "16:9"`' in note.remedy
    assert note.line.endswith(f"({note.remedy})")


def test_the_remedy_for_square_scenes_helps(read: Read) -> None:
    """
    With that ratio, or with a second picture, nothing is left to say.
    """
    wide = SHEET.replace('"{{ cast.ana }}"}', '"{{ cast.ana }}", aspect_ratio: "16:9"}')

    assert () == read(wide).notes
    assert () == read(SHEET.replace("references: [ana]", "references: [ana, {two: boards/020.png}]")).notes
