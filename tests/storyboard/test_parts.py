"""
What a clip is to show and who speaks in it: which combinations there are, and what is said of those that there are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from storyreel.catalog import Catalog, load_catalog
from storyreel.errors import StoryboardError
from storyreel.model.storyboard import (
    Keyframe,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Storyboard,
)

Read = Callable[[str], Storyboard]

HEAD = """\
cast:
  mira: {description: a woman, references: [refs/mira-front.png], voice: eve}
  fox: {description: a fox}
defaults: {model: grok-imagine-video-1.5, duration: 6}
scenes:
  - {id: sea, prompt: Waves., duration: 4}
"""
NEW, CLASSIC, LITE = "grok-imagine-video-1.5", "grok-imagine-video", "grok-imagine-video-1.5-lite"
LAMP = "refs/lamp.png"
FRAMES = f"last_frame: {LAMP}"
OLD_MODES = {"text", "image", "references", "edit", "extend"}


def board(fields: str) -> str:
    """Return a storyboard with one more scene, whose fields these are."""
    return f"{HEAD}  - {{id: face, {fields}}}\n"


WRONG = [
    pytest.param(
        f"model: {CLASSIC}, prompt: A., {FRAMES}", [f"{CLASSIC} (line 7)", "`last_frame`", f"model: {NEW}"], id="last-frame-on-classic"
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., keyframes: [{{image: {LAMP}, at: 2}}]",
        [f"{CLASSIC} (line 7)", "`keyframes`", f"model: {NEW}"],
        id="keyframes-on-classic",
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., voices: [mira]", [f"{CLASSIC} (line 7)", "`voices`", f"model: {NEW}"], id="voices-on-classic"
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., image: {LAMP}, references: [mira]",
        ["`image` (line 7)", "`references` (line 7)", f"{CLASSIC} (line 7) takes one", f"model: {NEW}"],
        id="image-and-references-on-classic",
    ),
    pytest.param(
        f"model: {LITE}, prompt: A., {FRAMES}", [f"{LITE} (line 7)", "`last_frame`", f"model: {NEW}"], id="last-frame-on-lite"
    ),
    pytest.param(
        f"model: {LITE}, prompt: A., voices: [eve]", [f"{LITE} (line 7)", "`voices`", f"model: {NEW}"], id="voices-on-lite"
    ),
    pytest.param(
        f"model: {LITE}, prompt: A., references: [mira]",
        [f"{LITE} (line 7)", "`references`", f"model: {CLASSIC} or {NEW}"],
        id="references-on-lite",
    ),
    pytest.param(
        "prompt: A., references: [mira], resolution: 1080p",
        ["'1080p'", "`references` (line 7)", "480p or 720p", "write resolution: 720p"],
        id="references-at-1080p",
    ),
    pytest.param(
        f"image: {LAMP}, {FRAMES}, resolution: 1080p",
        ["'1080p'", "`last_frame` (line 7)", "480p or 720p", "write resolution: 720p"],
        id="last-frame-at-1080p",
    ),
    pytest.param(
        "prompt: A., voices: [mira], resolution: 1080p",
        ["'1080p'", "`voices` (line 7)", "480p or 720p", "write resolution: 720p"],
        id="voices-at-1080p",
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., resolution: 1080p",
        ["'1080p'", f"{CLASSIC} makes 480p or 720p", "write 720p", f"model: {NEW}"],
        id="1080p-on-classic",
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., references: [mira], resolution: 1080p",
        ["'1080p'", f"{CLASSIC} makes 480p or 720p = write 720p"],
        id="references-at-1080p-on-classic",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: 0}}]",
        ["at is 0 s", "6 s long", "write 0.333 to 5.667", "`image` is the frame"],
        id="keyframe-at-0",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: 6}}]",
        ["at is 6 s", "6 s long", "write 0.333 to 5.667", "`last_frame` is where it ends"],
        id="keyframe-at-the-end",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: -1}}]", ["at is -1 s", "6 s long", "write 0.333"], id="keyframe-before-0"
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: 1e308}}]", ["at is 1e+308 s", "6 s long", "write 0.333"], id="keyframe-beyond-counting"
    ),
    pytest.param(
        "prompt: A., keyframes: [{prompt: A door., at: 2}]",
        ["no 'prompt' in a keyframe", "{image: {prompt: ...}, at: 2}"],
        id="keyframe-that-is-its-picture",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: 2.5}}]",
        ["at is 2.5 s", f"{NEW} takes keyframes at every third", "write 2.333 or 2.667"],
        id="keyframe-off-the-grid",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{{image: {LAMP}, at: 2}}, {{image: refs/mira-side.png, at: 2.004}}]",
        ["at is 2.004 s", "a keyframe at 2 s (line 7)", "0.333 s apart", "move one"],
        id="two-keyframes-at-one-moment",
    ),
    pytest.param(
        f"prompt: A., keyframes: [{', '.join(f'{{image: {LAMP}, at: {at}}}' for at in range(1, 6))}]",
        ["5 keyframes", f"{NEW} takes 4", "leave 1 out"],
        id="five-keyframes",
    ),
    pytest.param(
        "prompt: A., voices: [mira, leo, rex, ara]", ["4 voices", f"{NEW} takes 3", "leave 1 out"], id="four-voices"
    ),
    pytest.param(
        "prompt: A., voices: [mirra]", ["'mirra'", "nobody in the cast and no preset", "did you mean 'mira'?"], id="voice-of-nobody"
    ),
    pytest.param(
        "prompt: A., voices: [fox]", ["'fox' has no voice (line 3)", "voice: ara"], id="member-without-a-voice"
    ),
    pytest.param("prompt: A., voices: [mira, mira]", ["'mira'", "twice", "name each once"], id="a-voice-twice"),
    pytest.param(
        "prompt: A., voices: [mira], generate_audio: false",
        ["`voices` (line 7)", "generate_audio is false (line 7)", "generate_audio: true"],
        id="voices-without-sound",
    ),
    pytest.param(
        "prompt: 'She says with {{ voice.mira }}: no.'",
        ["'voice.mira'", "add it to this scene: voices: [mira]"],
        id="a-tag-without-its-voice",
    ),
    pytest.param(
        "prompt: 'She says with {{ voice.leo }}: no.', voices: [mira]",
        ["'voice.leo'", "voices: [mira, leo]"],
        id="a-tag-beside-another-voice",
    ),
    pytest.param(
        "prompt: 'She says with {{ voice.eve }}: no.', voices: [mira]", ["'voice.eve'", "write {{ voice.mira }}"], id="a-tag-by-the-id"
    ),
    pytest.param(
        "prompt: 'She says with {{ voice.k7-2 }}: no.', voices: [mira, k7-2]",
        ["'voice.k7'", "write {{ voice['k7-2'] }}"],
        id="a-tag-that-is-a-difference",
    ),
    pytest.param(
        "prompt: A., voices: [mira, EVE]",
        ["'EVE' and 'mira' are one voice here, eve", "{{ voice.mira }} writes its tag for both"],
        id="one-voice-by-two-names",
    ),
    pytest.param("prompt: A., voices: ['{{mira}}']", ["a voice is no template", "'{{mira}}'"], id="a-voice-from-a-variable"),
    pytest.param("voices: [mira]", ["scene 'face' has no prompt", "`voices` needs one", "add `prompt"], id="voices-alone"),
    pytest.param(
        f"prompt: A., image: {LAMP}, references: [mira], duration: 16",
        ["duration is 16 s", f"{NEW} makes 1 to 15 s from references", "shorten it"],
        id="too-long-beside-references",
    ),
    pytest.param(
        f"model: {CLASSIC}, prompt: A., references: [mira], duration: 12",
        ["duration is 12 s", f"{CLASSIC} makes 1 to 10 s from references", f"or take model: {NEW}"],
        id="too-long-from-references-on-classic",
    ),
    pytest.param(
        "last_frame: {last_frame_of: see}, prompt: A.",
        ["ends on the last frame of 'see'", "no scene has that id", "did you mean 'sea'?"],
        id="ends-on-no-scene",
    ),
    pytest.param(
        "keyframes: [{image: {frame_of: sea, at: 4}, at: 1}], prompt: A.",
        ["at is 4 s", "'sea' is 4 s long", "{last_frame_of: sea}"],
        id="a-frame-that-no-clip-has",
    ),
    pytest.param(
        "clip: media/endcard.mp4, last_frame: refs/lamp.png",
        ["`clip` (line 7)", "`last_frame` (line 7)", "then: [{edit"],
        id="footage-with-a-last-frame",
    ),
    pytest.param(
        "card: {text: END}, duration: 2, voices: [mira]",
        ["`card` (line 7)", "`voices` (line 7)", "take one away"],
        id="a-card-that-speaks",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "told"), WRONG)
def test_a_wrong_combination_is_told_with_both_values_and_what_to_do(read: Read, fields: str, told: list[str]):
    """
    The field, what it is, what it may be, and the model that takes it or what to write instead; nothing else is told.
    """
    with pytest.raises(StoryboardError) as caught:
        read(board(fields))

    (problem,) = caught.value.problems
    assert problem.place.line == 7 or problem.place.line == 3
    for words in told:
        assert words in f"{problem.message} = {problem.remedy}"


def test_no_model_is_named_that_does_not_do_what_is_wanted(read: Read):
    """
    No other model makes clips from references in more lines, so none is to be taken.
    """
    with pytest.raises(StoryboardError) as caught:
        read(board(f"model: {CLASSIC}, prompt: A., references: [mira], resolution: 1080p"))

    assert [problem.remedy for problem in caught.value.problems] == ["write 720p"]


class TestACatalogueOfOnesOwn:
    """
    A catalogue that was written when no model took frames and voices, and that names the modes of each.
    """

    @pytest.fixture
    def catalog(self) -> Catalog:
        known = load_catalog()
        old = {name: replace(model, modes=model.modes & OLD_MODES) for name, model in known.video.items()}
        return replace(known, video=old)

    @pytest.mark.parametrize(
        "fields",
        [f"prompt: A., {FRAMES}", f"image: {LAMP}, references: [mira], prompt: A.", "prompt: A., voices: [mira]"],
    )
    def test_it_is_named_where_no_model_in_it_takes_a_field(self, read: Read, fields: str):
        """
        No model can be named, so the place where the mode is missing is.
        """
        with pytest.raises(StoryboardError) as caught:
            read(board(fields))

        (problem,) = caught.value.problems
        assert "no model in the catalogue has the mode" in problem.remedy
        assert "STORYREEL_CATALOG" in problem.remedy


def test_a_card_is_named_by_the_field_that_wants_a_frame_of_it(read: Read):
    """
    What is to be written instead can be pasted.
    """
    card = "  - {id: end, card: {text: END}, duration: 2}\n"
    for fields, instead in (
        ("last_frame: {last_frame_of: end}, prompt: A.", "last_frame: FILE"),
        ("image: {last_frame_of: end}, prompt: A.", "image: FILE"),
    ):
        with pytest.raises(StoryboardError) as caught:
            read(board(fields) + card)
        (problem,) = caught.value.problems
        assert problem.remedy == f"write a picture of your own: {instead}"


def test_a_picture_of_another_shape_than_its_clip_is_noted(read: Read):
    """
    What a clip ends on or shows is told where it cannot fill it; what fills it is not.
    """
    made = read(
        board(
            "last_frame: boards/square.png, prompt: A.,"
            f" keyframes: [{{image: {{frame_of: sea, at: 1}}, at: 1}}, {{image: {{prompt: B., aspect_ratio: '9:16'}}, at: 2}}, {{image: {LAMP}, at: 3}}]"
        )
    )

    assert [note.message for note in made.notes if note.code == "other-ratio"] == [
        "the clip is 1.78:1, and what it ends on is 1.00:1: how that fits is the service's choice",
        "the clip is 1.78:1, and what it shows at 2 s is 0.56:1: how that fits is the service's choice",
    ]


def test_all_that_a_clip_can_be_held_to(read: Read):
    """
    A picture to begin with, one to end on, some between by their moments, from wherever `image` takes them; and who speaks.
    """
    made = read(
        board(
            "image: refs/lamp.png, references: [mira, {lamp: refs/lamp.png}], last_frame: {prompt: A door.}, voices: [mira, Leo, k7x2-9qp],"
            " keyframes: [{image: {frame_of: sea, at: 2}, at: 3.33}, {image: {prompt: A wall.}, at: 0.67},"
            " {image: {last_frame_of: sea}, at: 5}, {image: {prompt: A hall.}, at: 1}],"
            " prompt: '{{ ref.mira }} {{ ref.lamp }} {{ voice.mira }} {{ voice.Leo }}'"
        )
    )

    face = made.scene("face")
    assert isinstance(face.image, PictureFile)
    assert face.last_frame == PictureStill("face/last-still")
    assert face.keyframes == (
        Keyframe(PictureStill("face/key-still-1"), 0.667),
        Keyframe(PictureStill("face/key-still-2"), 1.0),
        Keyframe(PictureFrame("sea", 2), 3.333),
        Keyframe(PictureLastFrame("sea"), 5.0),
    )
    assert face.voices == ("eve", "leo", "k7x2-9qp")
    assert face.prompt == "<IMAGE_0> <IMAGE_1> <AUDIO_0> <AUDIO_1>"
    assert [still.id for still in made.stills] == ["face/last-still", "face/key-still-1", "face/key-still-2"]
    assert [note.code for note in made.notes] == ["own-voice", "unused-member"]


@pytest.mark.parametrize("fields", [f"image: {LAMP}", FRAMES, f"keyframes: [{{image: {LAMP}, at: 2}}]"])
def test_a_clip_of_pictures_needs_no_words(read: Read, fields: str):
    """
    The service sets a picture in motion by itself.
    """
    assert read(board(fields)).scene("face").prompt == ""


def test_a_variable_that_is_called_voice_stays_one(read: Read):
    """
    Boards that have one go on; one that has `voices` as well is told where both are.
    """
    spoken = board("prompt: 'She says, {{ voice }}: no.'")
    old = f"vars: {{voice: low and warm}}\n{spoken}"
    assert read(old).scene("face").prompt == "She says, low and warm: no."

    with pytest.raises(StoryboardError) as caught:
        read(old.replace("{id: face,", "{id: face, voices: [mira],"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == ("reserved-name", 1)
    assert "line 8" in problem.message


def test_a_description_that_is_wrong_is_told_once(read: Read):
    """
    A prompt that is made of it is not told as well.
    """
    with pytest.raises(StoryboardError) as caught:
        read(board("prompt: '{{ cast.fox }}'").replace("a fox}", "'{{ voice.fox }}'}"))

    assert [problem.code for problem in caught.value.problems] == ["unknown-name"]


def test_who_is_only_heard_has_a_voice_alone(read: Read):
    """
    A narrator has no looks: a prompt that asks for them, and a scene that wants to show them, are told.
    """
    heard = board("prompt: '{{ voice.nell }} says: no.', voices: [nell]").replace(
        "cast:\n", "cast:\n  nell: {voice: sal}\n"
    )

    assert read(heard).scene("face").voices == ("sal",)
    for was, instead, remedy in (
        ("{{ voice.nell }}", "{{ cast.nell }}", "give nell a `description`, or write {{ voice.nell }}"),
        ("voices: [nell]", "references: [nell], voices: [nell]", "give it `references`, or write voices: [nell]"),
    ):
        with pytest.raises(StoryboardError) as caught:
            read(heard.replace(was, instead))
        (problem,) = caught.value.problems
        assert remedy in problem.remedy


def test_a_voice_is_one_request_however_its_letters_are_written(read: Read):
    """
    Case of presets and the way in which letters are put together are no other purchase.
    """
    presets, own = (
        {read(board(f"prompt: A., voices: [{voice}]")).scene("face").voices for voice in voices}
        for voices in (["LEO", "leo"], ["caf\u00e9-1-x", "cafe\u0301-1-x"])
    )

    assert presets == {("leo",)}
    assert own == {("caf\u00e9-1-x",)}


@pytest.mark.parametrize(
    "voice",
    ["", " ", "a b", "a\\tb", "\\u0000", "a\\u00a0b", "x" * 129],
    ids=["empty", "blank", "two-words", "tab", "nul", "hard-blank", "long"],
)
def test_a_voice_that_no_service_can_have_is_told(read: Read, voice: str):
    """
    In the cast and in a scene, and nothing else with it.
    """
    for text in (
        board(f'prompt: A., voices: ["{voice}"]'),
        board("prompt: A., voices: [fox]").replace("a fox}", f'a fox, voice: "{voice}"}}'),
    ):
        with pytest.raises(StoryboardError) as caught:
            read(text)
        assert len(caught.value.problems) == 1


def test_scenes_that_end_on_each_other_go_in_a_circle(read: Read):
    """
    What one ends on has to be there before it is asked for.
    """
    with pytest.raises(StoryboardError) as caught:
        read(
            f"{HEAD}  - {{id: a, last_frame: {{frame_of: b, at: 1}}, prompt: A.}}\n"
            "  - {id: b, image: {last_frame_of: a}}\n"
        )

    (problem,) = caught.value.problems
    assert problem.message == "the scenes go in a circle: a (line 7) continues b (line 8) continues a"
    assert problem.place.line == 7


def test_stills_of_a_clip_that_is_bought_again_have_the_films_ratio(read: Read):
    """
    What a clip ends on and shows goes with what it begins with: a clip that keeps its shape keeps its stills.
    """
    made = read(
        f"{HEAD}  - {{id: own, last_frame: {{prompt: A.}}, keyframes: [{{image: {{prompt: B.}}, at: 1}}]}}\n"
        "  - {id: on, image: {last_frame_of: own}, last_frame: {prompt: C.}}\n"
        f"  - {{id: file, image: {LAMP}, last_frame: {{prompt: D.}}, keyframes: [{{image: {{prompt: E.}}, at: 1}}]}}\n"
        'deliver: {tall: {aspect_ratio: "9:16", regenerate: true}}\n'
    )

    (tall,) = made.deliveries
    ratios = {still.id: still.aspect_ratio for still in tall.stills}
    assert ratios == {
        "own/last-still": "9:16",
        "own/key-still-1": "9:16",
        "on/last-still": "9:16",
        "file/last-still": "16:9",
        "file/key-still-1": "16:9",
    }
