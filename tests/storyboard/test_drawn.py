"""
Cards and pictures that are wrong: the field that is wrong is shown, with both values and what to do about it.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ImageColor, features

from storyreel.fonts import FACE
from storyreel.model.drawn import Card, Framing, HeldPicture
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.colors import as_color

Read = Callable[[str], Storyboard]
Problems = Callable[[str], str]

BOARD = """\
vars: {city: Lisbon}
scenes:
  - id: sea
    prompt: waves
    duration: 6
  - id: title
    card: {text: The last tram}
    duration: 2.5
  - id: logo
    picture: refs/lamp.png
    duration: 3
"""


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        # --- how long
        ("    duration: 2.5\n", "", ("a card has no length of its own", "`duration` is missing", "add `duration: 3`")),
        ("    duration: 3\n", "", ("a held picture has no length", "`duration` is missing", "add `duration: 3`")),
        ("2.5", "0.05", ("duration is 0.05 s", "0.083 to 3600 s", "make it longer")),
        ("2.5", "4000", ("duration is 4000 s", "0.083 to 3600 s", "shorten it")),
        ("duration: 6", "duration: 2.5", ("duration is 2.5; it must be a whole number", "write a whole number")),
        # --- what cannot stand side by side
        (
            "duration: 2.5",
            "duration: 2.5\n    prompt: hi",
            ("`card` (line 7) and `prompt` (line 9)", "make two scenes"),
        ),
        (
            "duration: 2.5",
            "duration: 2.5\n    picture: refs/lamp.png",
            ("`card` (line 7) and `picture` (line 9)", "its `background`"),
        ),
        ("duration: 3", "duration: 3\n    prompt: hi", ("`picture` (line 10) and `prompt` (line 12)", "`move`")),
        ("duration: 3", "duration: 3\n    image: refs/lamp.png", ("`picture` (line 10) and `image`", "set in motion")),
        ("duration: 3", "duration: 3\n    clip: media/endcard.mp4", ("`picture` (line 10) and `clip`", "two scenes")),
        ("duration: 3", "duration: 3\n    then: [{extend: on}]", ("cannot be extended", "image: refs/lamp.png")),
        ("duration: 2.5", "duration: 2.5\n    resolution: 480p", ("a card has no `resolution`", "take it away")),
        ("duration: 6", "duration: 6\n    move: left", ("`move` is of a `picture`", "say in the prompt")),
        ("duration: 2.5", "duration: 2.5\n    fit: crop", ("a card of one colour has no `fit`", "take it away")),
        # --- words for it
        (
            "duration: 3",
            "duration: 3\n    move: push-inn",
            ("move is 'push-inn'", "pull-out", "did you mean 'push-in'?"),
        ),
        ("duration: 3", "duration: 3\n    fit: corp", ("fit is 'corp'; it must be pad, crop or blur", "'crop'?")),
        ("The last tram}", "T, place: lower}", ("place is 'lower'", "lower-third, center", "write lower-third or")),
        ("The last tram}", "T, size: 0}", ("size is 0", "above 0, up to 100: percent of the film's height")),
        (
            "duration: 3",
            "duration: 3\n    move: left\n    fit: pad",
            ("`fit` is pad, and `move` is left", "move: none"),
        ),
        (
            "duration: 3",
            "duration: 3\n    focus: [0.5, 1.5]",
            ("1.5 is no share", "from 0 (left, top) to 1", "[0.5, 0.5]"),
        ),
        ("duration: 3", "duration: 3\n    focus: [0.5]", ("focus is a list", "two numbers from 0 to 1")),
        ("duration: 3", "duration: 3\n    focus: 0.5", ("focus is", "0.5", "two numbers from 0 to 1")),
        # --- colours and files
        ("The last tram}", "T, background: goold}", ("background is 'goold'", "no colour", "no such file", "'gold'?")),
        ("The last tram}", 'T, background: "#12345"}', ("background is '#12345'", "no colour", '"#rrggbb"')),
        ("The last tram}", "T, color: 0b1020x}", ("color is '0b1020x'", "no colour", '"#rrggbb"')),
        ("The last tram}", "T, background: #0b1020}", ("to YAML a # begins a comment", 'in quotes: "#0b1020"')),
        (
            "card: {text: The last tram}",
            "card:\n      color: #0b1020",
            ("'color' has no value", "stands in quotes", '"#0b1020"'),
        ),
        ("The last tram}", 'T, color: "#fc0"}', ("color is '#fc0'", 'write "#ffcc00"')),
        ("The last tram}", "T, background: refs/lmp.png}", ("no file 'refs/lmp.png'", "did you mean 'refs/lamp.png'?")),
        ("The last tram}", "T, background: '../{{ city }}.png'}", ("'../Lisbon.png' leads out of", "copy the file")),
        ("refs/lamp.png", "media/endcard.mp4", ("'media/endcard.mp4' is a clip of 5 s", "a picture is wanted here")),
        ("refs/lamp.png", "media/notes.png", ("'media/notes.png' is not a picture",)),
        ("refs/lamp.png", "https://example.org/a.png", ("a file, not an address", "download it")),
        ("The last tram}", "T, font: refs/lamp.png}", ("'refs/lamp.png' is no font", ".ttf, .otf or .ttc")),
        ("The last tram}", "T, font: refs/lamb.png}", ("no file 'refs/lamb.png'", "did you mean 'refs/lamp.png'?")),
        # --- words
        ("The last tram", "終電", ("no sign for '終' (U+7D42,", "font: fonts/....ttf")),
        ("The last tram", "Fin 🎬", ("no sign for '🎬' (U+1F3AC, clapper board)", "font: fonts/....ttf")),
        ("The last tram", '"{{ cty }}"', ("cty", "did you mean 'city'?")),
        ("The last tram", '"{{ city[9:] }}"', ("text",)),
        ("The last tram", '"{% if false %}x{% endif %}"', ("text is empty", "leave it out for a plain card")),
        (
            "The last tram}",
            "Electroencephalography, size: 20}",
            ("is wider than the picture at size 20", "write size: 1"),
        ),
        ("card: {text: The last tram}", "card: The end", ("card is 'The end'", 'write card: {text: "The end"}')),
    ],
)
def test_a_wrong_card_or_picture_shows_the_field_both_values_and_the_remedy(
    problems: Problems, old: str, new: str, shown: tuple[str, ...]
):
    """
    One thing is wrong at a time, and one thing is told.
    """
    assert "" == problems(BOARD)
    assert old in BOARD

    screen = " ".join(problems(BOARD.replace(old, new, 1)).split())

    assert 1 == screen.count("lantern.yaml:"), screen
    assert [] == [words for words in shown if words not in screen], screen


@pytest.mark.parametrize(
    ("scene", "shown"),
    [
        ("title", ("'title' is a card, and no clip", "write a picture of your own")),
        ("logo", ("'logo' is a held picture, and no clip", "write its file: image: refs/lamp.png")),
    ],
)
@pytest.mark.parametrize("frame", ["last_frame_of: ", "at: 1, frame_of: "])
def test_nothing_goes_on_from_a_frame_of_what_is_drawn(
    problems: Problems, frame: str, scene: str, shown: tuple[str, ...]
):
    """
    Its file is there, and can be written.
    """
    screen = " ".join(problems(BOARD + f"  - {{id: on, prompt: on, image: {{{frame}{scene}}}}}\n").split())

    assert 1 == screen.count("lantern.yaml:"), screen
    assert [] == [words for words in shown if words not in screen], screen


def test_letters_that_are_joined_want_a_machine_that_joins_them(
    problems: Problems, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    Hebrew is written from right to left: where FriBiDi is missing that is told with what to install, and nothing is drawn wrong.
    """
    (folder / "hebrew.ttf").write_bytes(_with_letters("שלום"))
    board = BOARD.replace("The last tram}", "שלום, font: hebrew.ttf}")
    monkeypatch.setattr(features, "check_feature", lambda _: False)

    screen = " ".join(problems(board).split())

    assert "joined or written from right to left" in screen
    assert "install FriBiDi (Debian: libfribidi0" in screen


def _with_letters(letters: str) -> bytes:
    """Return the package's font with some letters more, which look like its A."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    with TTFont(FACE) as font, BytesIO() as file:
        for table in font["cmap"].tables:
            table.cmap.update({ord(letter): "A" for letter in letters if table.isUnicode()})
        font.save(file)
        return file.getvalue()


def test_a_card_is_read_with_all_that_is_written(read: Read, folder: Path):
    """
    Names become colours, templates words, and files are known by their content.
    """
    shutil.copy(FACE, folder / "own.ttf")
    board = read(
        """
vars: {city: Lisbon, look: lamp}
scenes:
  - id: title
    card: {text: "{{ city }}\\nat night", background: "refs/{{ look }}.png", color: Gold, font: own.ttf, place: top, size: 8}
    fit: crop
    focus: [0.5, 0]
    duration: 2.5
  - id: plain
    card: {background: NAVY}
    duration: 1
"""
    )
    title, plain = (scene.drawn for scene in board.scenes)
    assert title is not None
    assert plain is not None

    assert isinstance(title.what, Card)
    assert ("Lisbon\nat night", "#ffd700", "top", 8.0) == (
        title.what.text,
        title.what.color,
        title.what.place,
        title.what.size,
    )
    assert "refs/lamp.png" == (title.what.ground and title.what.ground.sha256)
    assert title.what.font is not None
    assert 64 == len(title.what.font.sha256)
    assert Framing("crop", (0.5, 0.0)) == title.framing
    assert Card("", "#000080") == plain.what
    assert [2.5, 1.0] == [scene.seconds for scene in board.scenes]


def test_a_picture_that_is_moved_over_fills_the_film(read: Read):
    """
    Bars would move with it: `move` means `crop` where no `fit` is written; a picture that is held has bars, as clips have.
    """
    board = read(
        """
scenes:
  - {id: a, picture: refs/lamp.png, move: left, duration: 3}
  - {id: b, picture: refs/lamp.png, duration: 3}
"""
    )
    moved, held = (scene.drawn for scene in board.scenes)
    assert moved is not None
    assert held is not None

    assert ("crop", "pad") == (moved.framing.fit, held.framing.fit)
    assert isinstance(moved.what, HeldPicture)
    assert "left" == moved.what.move
    assert moved.moves
    assert not held.moves


@pytest.mark.parametrize(
    ("scene", "note"),
    [
        ("picture: boards/square.png", "the picture is 1.00:1; the film is 16:9"),
        ("picture: boards/square.png\n    fit: pad", ""),
        ("picture: boards/square.png\n    move: up", ""),
        ("card: {text: T, background: boards/square.png}", "its picture is 1.00:1; the film is 16:9"),
        ("card: {text: T, background: boards/square.png}\n    fit: blur", ""),
        ("card: {text: T}", ""),
    ],
)
def test_bars_are_noted_where_nobody_asked_for_them(read: Read, scene: str, note: str):
    """
    Who writes how a picture of another ratio is fitted knows that it is.
    """
    notes = [each.line for each in read(f"scenes:\n  - id: a\n    {scene}\n    duration: 2\n").notes]

    assert bool(note) == bool(notes)
    assert note in "".join(notes)


def test_a_colour_is_known_after_pillow_has_drawn_with_it() -> None:
    """
    Pillow then has numbers in the place of what the name stood for.
    """
    ImageColor.getrgb("gold")

    assert as_color("Gold") == "#ffd700"
