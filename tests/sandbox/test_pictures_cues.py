"""What the sandbox reads out of a prompt, and what it writes on the picture."""

from __future__ import annotations

import pytest
from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track, flatten
from storyreel.sandbox.stage.caption import caption, spoken, untold
from storyreel.sandbox.stage.crop import pare
from storyreel.sandbox.stage.cues import COLOURS, Cues
from storyreel.sandbox.stage.scenery import PLACES, paint_scene
from storyreel.sandbox.stage.sound import AMBIENCES


@pytest.mark.parametrize(
    ("prompt", "place", "hour"),
    [
        ("Lisbon harbour at dawn in winter", "harbour", "dawn"),
        ("A lighthouse in fog, slow dolly right", "cliff", "pale"),
        ("An iron door, wet stone, lantern light", "wall", None),
        ("She climbs the spiral stair, lantern swinging", "stairs", None),
        ("Waves break over the breakwater", "cliff", "storm"),
        ("Neon city street at night", "street", "neon"),
        ("A bottle of perfume", "product", None),
        ("Two camels cross the dunes at sunset", "desert", "sunset"),
    ],
)
def test_place_and_hour_are_found(prompt: str, place: str, hour: str | None) -> None:
    """A prompt's words choose the place and the light."""
    cues = Cues(prompt)
    assert place == cues.place
    assert hour in (None, cues.hour)


def test_colours_go_to_what_they_stand_before() -> None:
    """A colour tints the thing named after it: a garment its wearer's part, an animal its coat."""
    cues = Cues("A woman in a deep-red parka and a grey beanie kneels before a rust-coloured fox and a blue boat")
    kinds = {subject.kind: subject for subject in cues.subjects}
    assert kinds["woman"].colour("coat") is not None
    assert kinds["woman"].colour("hat") == COLOURS["grey"]
    assert kinds["fox"].colour() == COLOURS["rust"]
    assert kinds["boat"].colour() == COLOURS["blue"]


def test_tags_are_told_in_words() -> None:
    """A caption says which picture a tag means and never shows the tag."""
    assert spoken("<IMAGE_0> kneels;\n <IMAGE_1> sniffs") == ("picture 0 kneels; picture 1 sniffs", "")


@pytest.mark.parametrize(
    ("prompt", "drawn", "told"),
    [
        ("Café ñandú Łódź, Việt Nam – €5", "Café ñandú Łódź, Việt Nam – €5", ""),
        ("Маяк, чайки. Ο φάρος", "Маяк, чайки. Ο φάρος", ""),
        ("A 狐 sniffs her glove", "A sniffs her glove", "1 character (Han) cannot be shown in the rehearsal"),
        ("夕暮れの灯台、 かもめ。", "", "11 characters (Han, Hiragana) cannot be shown in the rehearsal"),
        ("Gulls 🐦 – wind", "Gulls – wind", "1 character (symbols) cannot be shown in the rehearsal"),
    ],
    ids=["latin", "cyrillic-greek", "one-lacks", "all-lack", "symbol"],
)
def test_what_the_face_lacks_is_left_out_and_told(prompt: str, drawn: str, told: str) -> None:
    """What can be drawn is drawn; of the rest the caption says how much it is and of which scripts."""
    words, missing = spoken(prompt)
    assert drawn == words
    assert told == untold(missing)


def test_a_caption_in_another_script_is_no_empty_box() -> None:
    """The line that tells what is missing stands in the picture, above what the box always says."""
    (bare,) = caption("", 320, 180, 48)
    (told,) = caption("狐", 320, 180, 48)
    assert told.picture.height > bare.picture.height
    assert told.picture.crop((0, 0, told.picture.width, told.picture.height // 2)).getextrema()[0][1] > 150


@pytest.mark.parametrize(
    "words",
    ["", "?", "狐", "狐の🎬नما " * 90, "x" * 4000, "the of and " * 300],
    ids=["empty", "mark", "script", "scripts", "word", "many"],
)
def test_any_words_give_a_scene(words: str) -> None:
    """A prompt that names nothing still gets a scene and a caption that fits."""
    scene = paint_scene(words, 160, 90, 48)
    assert (160, 90) == scene.backdrop.size
    assert scene.sound in AMBIENCES
    (box,) = caption(words, 160, 90, 48)
    assert box.picture.width <= 160


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize(("width", "height"), [(160, 90), (90, 160)], ids=["wide", "tall"])
@pytest.mark.some(12)
def test_every_place_can_be_set(monkeypatch: pytest.MonkeyPatch, place: str, width: int, height: int) -> None:
    """Every place is painted in every shape, with people, an animal and weather in it."""
    monkeypatch.setattr(Cues, "place", place)
    scene = paint_scene("A woman with a lantern, a fox, a red car, a bottle, rain and snow", width, height, 24)
    assert (width, height) == flatten(scene.backdrop, scene.layers, 12).size


def test_paring_changes_nothing_that_is_seen() -> None:
    """What is taken away from a scene for the sake of speed is not missed in any frame."""
    back = Image.new("RGB", (64, 48), (10, 20, 30))
    dot = Image.new("RGBA", (200, 48))
    dot.paste((200, 0, 0, 255), (100, 10, 120, 40))
    ground = Image.new("RGBA", (120, 20), (0, 200, 0, 255))
    ground.paste((0, 0, 0, 0), (0, 0, 60, 4))
    layers = [
        Layer(dot, Track(-60, 1), Track(0, swing=3, period=20)),
        Layer(Image.new("RGBA", (10, 10), (0, 0, 250, 255)), Track(4), Track(34)),
        Layer(Image.new("RGBA", (6, 6), (250, 0, 250, 128)), Track(8), Track(6)),
        Layer(Image.new("RGBA", (6, 6), (250, 250, 0, 255)), Track(10), Track(8)),
        Layer(ground, Track(0, -2), Track(28)),
    ]
    fewer = pare(layers, 64, 48, 24)
    assert len(fewer) < len(layers)
    for n in range(24):
        assert flatten(back, layers, n).tobytes() == flatten(back, fewer, n).tobytes()
