"""
Titles are read with their scenes, and what is wrong with one is told with the field, both values and what to do.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.fonts import FACE
from storyreel.model.storyboard import Storyboard
from storyreel.model.words import Title

Read = Callable[[str], Storyboard]

BOARD = """
vars: {{city: Lisbon}}
defaults: {{aspect_ratio: "16:9", resolution: 720p}}
scenes:
  - {{id: sea, prompt: Waves, duration: 6, titles: {titles}}}
  - {{id: pier, prompt: Stones, duration: 4}}
cut: {{order: [{order}]}}
"""


def board(titles: str, order: str = "sea, pier") -> str:
    return BOARD.format(titles=titles, order=order)


def one(words: str, order: str = "sea, pier") -> str:
    return board(f"[{{{words}}}]", order)


def notes(found: Storyboard) -> list[str]:
    return [note.message for note in found.notes if isinstance(note, Diagnostic) and note.code == "title-cut-off"]


def test_a_title_is_read_with_what_it_says(read: Read, folder: Path) -> None:
    """
    Its text is a template, its colour any of CSS, its font a file.
    """
    shutil.copy(FACE, folder / "own.ttf")
    words = 'text: "{{ city }}, {{ scene.id }}", at: 1, duration: 2.5, place: top, size: 8, color: Gold, font: own.ttf'
    (title,) = read(one(words)).scenes[0].titles

    assert title.font is not None
    assert ("Lisbon, sea", 1, 2.5, "top", 8, "#ffd700", folder / "own.ttf") == (
        *(title.text, title.at, title.duration, title.place, title.size, title.color),
        title.font.path.resolve(),
    )


def test_a_title_of_a_text_alone_stands_in_the_lower_third_over_its_whole_shot(read: Read) -> None:
    """
    White, in letters of a twentieth of the film's height, in the package's own font.
    """
    assert (Title("Rua da Bica", 0, None, "lower-third", 5, "#ffffff", None),) == read(one("text: Rua da Bica")).scenes[
        0
    ].titles


@pytest.mark.parametrize(
    "titles",
    [
        "[{text: One, at: 0, duration: 2}, {text: Two, at: 2, duration: 4}]",
        "[{text: Two, at: 0.7, duration: 5}, {text: One, at: 0, duration: 0.7}]",
        "[{text: One}, {text: Two, place: top}, {text: Three, place: center}, {text: Four, place: bottom}]",
        "[{text: One, at: 5.9}]",
        "[{text: One}]}\n  - {id: cliff, prompt: Rocks, duration: 4, titles: [{text: Two}]",
    ],
    ids=[
        "one behind the other",
        "in any order",
        "each at a place of its own",
        "two frames before the end",
        "of two shots",
    ],
)
def test_titles_that_never_meet_are_right(read: Read, titles: str) -> None:
    """
    One begins as another ends, or they stand at other places.
    """
    assert [] == notes(read(board(titles, "sea, cliff" if "cliff" in titles else "sea")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (one("text: Sea, at: 4, duration: 3"), ("at 4 s and duration 3 s end at 7 s", "'sea' is 6 s long", "after 2 s")),
        (
            one("text: Sea, at: 1, duration: 3", "{scene: sea, start: 1, end: 5, speed: 2}, pier"),
            ("end at 4 s", "'sea' is 2 s long", "after 1 s"),
        ),
    ],
    ids=["whole", "of a part at twice the speed"],
)  # fmt: skip
def test_a_title_ends_with_its_shot_and_a_note_tells_when(read: Read, text: str, words: tuple[str, ...]) -> None:
    """
    Seconds are the film's, of the scene's first shot in it.
    """
    (note,) = notes(read(text))

    assert all(word in note for word in words), note


def test_titles_that_are_written_over_one_another_are_remarked(read: Read) -> None:
    """
    Those of different places, where they are large; with the seconds in which both stand. One beside the other is right.
    """
    large = (
        "[{text: Sea, size: 20}, {text: A long long line at the bottom, at: 1, duration: 2, place: bottom, size: 9}]"
    )
    (note,) = (each for each in read(board(large)).notes if each.code == "titles-touch")

    assert "'A long long line at the…' (place: bottom) and 'Sea' (place: lower-third, line 5)" in note.message
    assert "from 1.00 to 3.00 s of the film" in note.message
    assert () == read(board(large.replace("20", "5"))).notes
    assert () == read(board(large.replace("A long long line at the bottom", "Fim"))).notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # --- when
        (one("text: Sea, at: 6"), ("at is 6 s", "the shot of 'sea' is 6 s long", "write it in the scene that is seen then")),
        (one("text: Sea, at: 5.95"), ("at is 5.95 s", "6 s long: less than two frames", "begin it earlier")),
        (
            one("text: Sea, at: 3", "{scene: sea, start: 1, end: 5, speed: 2}, pier, sea"),
            ("at is 3 s", "the shot of 'sea' is 2 s long", "earlier"),
        ),
        (one("text: Sea, at: -1"), ("at is -1", "0 or more")),
        (one("text: Sea, at: 1s"), ("at is '1s'", "a number of seconds", "in seconds that is 1")),
        (one("text: Sea, duration: 0"), ("duration is 0", "a number of seconds above 0")),
        (one("text: Sea, duration: 0.04"), ("duration is 0.04 s", "0.083 s at least", "make it longer")),
        (one("text: Sea, start: 1"), ("no 'start' in a title", "did you mean 'at'?")),
        (one("text: Sea, end: 2"), ("no 'end' in a title",)),
        # --- two of them
        (
            board("[{text: One, at: 0, duration: 3}, {text: Two, at: 2.5}]"),
            ("place is lower-third", "'Two' stands there from 2.50 to 6.00 s", "'One' (line 5) from 0.00 to 3.00 s",
             "`duration: 2.5`", "another `place`"),
        ),
        (
            board("[{text: One, place: top}, {text: Two, place: top}]"),
            ("place is top", "'Two' stands there from 0.00 to 6.00 s", "give one of them another `place`"),
        ),
        (
            one("text: Sea").replace("duration: 4", "duration: 4, transition: dissolve, titles: [{text: Pier}]"),
            ("place is lower-third", "'Pier' stands there from 5.50 to 9.50 s", "'Sea' (line 5) from 0.00 to 6.00 s of the film",
             "`duration: 5.5`", "another `place`"),
        ),
        # --- how
        (one("text: Sea, place: left"), ("place is 'left'", "lower-third, center, top or bottom")),
        (one("text: Sea, place: lower_third"), ("place is 'lower_third'", "did you mean 'lower-third'?")),
        (one("text: Sea, size: 0"), ("size is 0", "percent of the film's height")),
        (one("text: Sea, size: 5%"), ("size is '5%'", "write a number")),
        (one("text: Electroencephalography, size: 20"), ("wider than the picture at size 20", "write size: 1")),
        (one("text: a b c d e f g h i j k l m n o p q r s t u v w, size: 30"), ("that is higher than the picture at size 30", "write size:")),
        (one("text: Sea, color: goold"), ("color is 'goold'", "no colour", "'gold'?")),
        (one('text: Sea, color: "#fc0"'), ("color is '#fc0'", 'write "#ffcc00"')),
        (one("text: Sea, colour: gold"), ("no 'colour' in a title", "did you mean 'color'?")),
        (one("text: Sea, font: refs/lamp.png"), ("'refs/lamp.png' is no font", ".ttf, .otf or .ttc")),
        (one("text: Sea, font: refs/lamb.ttf"), ("no file 'refs/lamb.ttf'",)),
        (one("text: Sea, font: ../own.ttf"), ("'../own.ttf' leads out of", "copy")),
        # --- what
        (one("text: 終電"), ("no sign for '終' (U+7D42,", "font: fonts/....ttf")),
        (one("text: Fin 🎬"), ("no sign for '🎬' (U+1F3AC, clapper board)",)),
        (one('text: "{{ cty }}"'), ("cty", "did you mean 'city'?")),
        (one('text: "{% if false %}x{% endif %}"'), ("text is empty", "take the title away")),
        (one('text: "\\u200b\\u00a0"'), ("text is empty", "take the title away")),
        (one("at: 1"), ("'text' is missing", "add it")),
        (one("text: 12"), ("text is the number 12", "put it in quotes")),
        (board("Rua da Bica"), ("titles is 'Rua da Bica'", 'write titles: [{text: "Rua da Bica"}]')),
        (board("[Rua da Bica]"), ("an item of `titles` is a mapping, and this is 'Rua da Bica'", "write {text: ...}")),
        (board("{text: Sea}"), ("titles is a mapping", "a list of {text: ..., at: ..., duration: ...}", "put a - before it")),
        (board("[]").replace("titles: []", "overlay: []"), ("no 'overlay' in a scene", "did you mean 'titles'?")),
        (board("[]").replace("cut: {", "titles: []\ncut: {"), ("no 'titles' in a storyboard",)),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_title_is_told_with_both_values_and_what_to_do(
    problems: Callable[[str], str], text: str, words: tuple[str, ...]
) -> None:
    """
    One thing is wrong at a time, and one thing is told, before anything is sent.
    """
    assert "" == problems(board("[]"))
    screen = problems(text)

    assert 1 == screen.count("lantern.yaml:"), screen
    assert [] == [word for word in words if word not in screen], screen


def test_a_title_of_a_scene_that_is_not_shown_is_judged_all_the_same(
    read: Read, problems: Callable[[str], str]
) -> None:
    """
    But for where it stands: it stands nowhere.
    """
    assert "no colour" in problems(one("text: Sea, color: goold", "pier"))
    assert 1 == len(read(one("text: Sea, at: 60", "pier")).scenes[0].titles)


@pytest.mark.parametrize(("ratio", "wide"), [("16:9", ""), ("9:16", "wider"), ("1:1", "wider")])
def test_words_have_to_fit_into_the_film_s_own_ratio(problems: Callable[[str], str], ratio: str, wide: str) -> None:
    """
    Letters are as large beside the film's height, and a tall one is narrow.
    """
    screen = problems(one("text: Electroencephalography, size: 10").replace("16:9", ratio))

    assert wide in screen
    assert bool(wide) == bool(screen)


def test_titles_buy_nothing(read: Read) -> None:
    """
    No request says anything of them: scenes are the same but for their titles.
    """
    with_titles, without = read(one("text: Sea")).scenes[0], read(board("[]")).scenes[0]

    assert without != with_titles
    assert without == type(without)(**{**vars(with_titles), "titles": ()})
