"""
Text as people write it, and as programs and other systems do: taken as it is meant, or told with what to write.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import PictureAddress, PictureFile, Storyboard
from storyreel.storyboard.suggest import in_seconds

Read = Callable[[str], Storyboard]


def problems(read: Read, text: str) -> list[str]:
    """Return each problem of a board as code, message and remedy."""
    with pytest.raises(StoryboardError) as caught:
        read(text)
    return [f"{each.code}: {each.message} = {each.remedy}" for each in caught.value.problems]


@pytest.mark.parametrize("words", ["Sunset 🌅 over the harbour", "👩‍👩‍👧 wave", "𝄞 and 漢字", "Łódź, ñandú, café"])
def test_what_programs_write_as_json_is_read(read: Read, words: str) -> None:
    """
    A JSON text is a storyboard: characters beyond the first plane stand there as two escapes.
    """
    board = json.dumps({"title": words, "scenes": [{"id": "a", "prompt": words}]})

    assert words == read(board).title == read(board).scenes[0].prompt
    assert words == read(json.dumps(json.loads(board), ensure_ascii=False)).title


@pytest.mark.parametrize("half", ["\\ud83c", "\\ud83c \\udf05", "\\udf05"])
def test_half_a_character_is_told(read: Read, half: str) -> None:
    """
    An escape that has lost its other half is no text, and no control character either.
    """
    value = problems(read, f'{{"scenes":[{{"id":"a","prompt":"Sunset {half}"}}]}}')
    key = problems(read, f'{{"{half}": 1, "scenes":[{{"id":"a","prompt":"b"}}]}}')

    assert [*value, *key] == 2 * [
        (
            f"control-character: the text has half a character, {half[:6]}: it is written as two escapes, and one is missing"
            " = write both halves, or the character itself"
        )
    ]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_files_name_is_found_however_its_accents_are_written(read: Read, folder: Path, form: str) -> None:
    """
    One character or two: a Mac writes them otherwise than a keyboard does.
    """
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    (folder / "refs" / unicodedata.normalize(form, "Café_plage.png")).write_bytes(
        (folder / "refs/lamp.png").read_bytes()
    )
    (folder / "refs/lamp.png").rename(folder / "refs" / unicodedata.normalize(form, "été.png"))

    with pytest.raises(StoryboardError) as caught:
        read(f"scenes: [{{id: a, prompt: b, image: refs/{unicodedata.normalize(other, 'Café_plage.png')}}}]")
    assert "wrong-media" == caught.value.problems[0].code  # found, and no picture to the measure of these tests


def test_a_link_to_what_is_not_here_is_told_as_one(read: Read, folder: Path) -> None:
    """
    git-annex leaves such links; to offer the same name again helps nobody.
    """
    (folder / "media" / "dead.mp4").symlink_to(".git/annex/objects/dead")

    (told,) = problems(read, "scenes: [{id: a, clip: media/dead.mp4}]")

    assert "is a link to a file that is not here = fetch it" in told


def test_one_file_in_two_places_is_told_in_the_words_of_each(read: Read) -> None:
    """
    What is no clip there is no picture here.
    """
    told = problems(read, "scenes: [{id: a, clip: media/notes.png}, {id: b, prompt: c, image: media/notes.png}]")

    assert ["'media/notes.png' is not a clip", "'media/notes.png' is not a picture"] == [
        line.partition(": ")[2].partition(" = ")[0] for line in told
    ]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (r'"media\clip.mp4"', r"yaml-escape: inside double quotes a backslash begins a sign of YAML's, and \c is none"),
        (
            r'"C:\Users\me\clip.mp4"',
            r"yaml-escape: inside double quotes a backslash begins a sign of YAML's, and \U is none",
        ),
        (
            r'"D:\new\take.mp4"',
            "wrong-path: 'D:/new/take.mp4' is not inside the storyboard's folder = put the file beside",
        ),
        (r'"media\new\take.mp4"', "write it with slashes: media/new/take.mp4"),
        (r"C:\pics\a.mp4", "wrong-path: 'C:\\pics\\a.mp4' is not inside the storyboard's folder"),
        (r"C:/pics/a.mp4", "and write its path from there: a.mp4"),
        (r"media\endcard.mp4", "has a backslash = write it with slashes: media/endcard.mp4"),
        (r"'media\endcard.mp4'", "has a backslash = write it with slashes: media/endcard.mp4"),
    ],
)
def test_a_path_of_windows_is_told_as_such(read: Read, written: str, says: str) -> None:
    """
    In double quotes, in single ones or in none: what is wrong is the backslash, or the place.
    """
    told = problems(read, f"scenes:\n  - id: a\n    clip: {written}\n")

    assert says in " ".join(told)
    assert 1 == len(told)


@pytest.mark.parametrize(
    "text",
    [
        "scenes:\n  - id: a\n    \u200bprompt: b\n",
        "scenes:\n  - id: a\n    \u200fprompt: b\n",
        "scenes:\n  - id: a\n    prompt\u200d: b\n",
        "scenes:\n\u00a0\u00a0- id: a\n\u00a0\u00a0\u00a0\u00a0prompt: b\n",
        "scenes:\n\u3000- id: a\n\u3000\u3000prompt: b\n",
    ],
)
def test_what_nobody_can_see_is_told_by_its_number(read: Read, text: str) -> None:
    """
    Characters without width, and spaces that are none: told once for each line, and nothing that follows from it.
    """
    told = problems(read, text)

    assert {"invisible-character"} == {line.partition(":")[0] for line in told}
    assert all("U+" in line for line in told)


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u202f", "\u3000", "\u200b", "\ufeff"])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("scenes:\n- id: a\n  prompt:_x\n", (3, 10)),
        ("scenes:\n-_id: a\n  prompt: x\n", (2, 2)),
        ("scenes:\n- id:_a\n", (2, 6)),
        ("scenes:\n- id: a\n  prompt: x\n  then:\n  - extend:_x\n", (5, 12)),
        ("scenes:_\n- id: a\n  prompt: x\n", (1, 8)),
        ("scenes: _\n- id: a\n  prompt: x\n", (1, 9)),
        ("scenes:\n- id: a\n _ prompt: x\n", (3, 2)),
        ("scenes: [{id:_a, prompt: x}]", (1, 14)),
        ("scenes: [{id: a,_prompt: x}]", (1, 17)),
    ],
)
def test_a_space_that_is_none_is_named_where_a_space_has_to_be(
    read: Read, text: str, place: tuple[int, int], space: str
) -> None:
    """
    Behind a colon, a dash, a comma, and at the beginning of a line.
    """
    with pytest.raises(StoryboardError) as caught:
        read(text.replace("_", space))

    (told,) = caught.value.problems
    assert ("invisible-character", place) == (told.code, (told.place.line, told.place.column))
    assert f"U+{ord(space):04X}, {unicodedata.name(space).lower()}" in told.message


@pytest.mark.parametrize(
    ("text", "place", "sign"),
    [
        ("scenes:\n- id: a\n  prompt\uff1ax\n", (3, 9), ":"),
        ("scenes:\n- id: a\n  prompt\uff1a x\n  duration: 6\n", (3, 9), ":"),
        ("title\ufe55 x\nscenes: []\n", (1, 6), ":"),
        ("scenes\uff1a\n- id: a\n", (1, 7), ":"),
        ("scenes:\n- id\uff1aa\n", (2, 5), ":"),
        ("scenes: [{id\uff1a a, prompt: b}]", (1, 13), ":"),
        ("scenes: [{id: a\uff0c prompt: b}]", (1, 16), ","),
        ("scenes: [{id: a\u3001prompt: b}]", (1, 16), ","),
        ('{"scenes": [{"id": "a"\uff0c "prompt": "b"}]}', (1, 23), ","),
        ("scenes:\n\u2013 id: a\n  prompt: b\n", (2, 1), "-"),
        ("{\u201cscenes\u201d: [{\u201cid\u201d: \u201ca\u201d}]}", (1, 2), '"'),
        ("{\u201cscenes\u201d:[{\u201cid\u201d:\u201ca\u201d}]}", (1, 2), '"'),
        ("{\n  \u2018scenes\u2019: []\n}", (2, 3), "'"),
        ("scenes: \uff3b{id: a, prompt: b}]", (1, 9), "["),
        ("\uff03 my film\nscenes: []\n", (1, 1), "#"),
    ],
)
def test_what_only_looks_like_a_sign_is_named_with_its_place(
    read: Read, text: str, place: tuple[int, int], sign: str
) -> None:
    """
    Wide colons and commas of other keyboards, curly quotes and long dashes of word processors.
    """
    with pytest.raises(StoryboardError) as caught:
        read(text)

    told = caught.value.problems[0]
    stands = text.splitlines()[place[0] - 1][place[1] - 1]
    assert ("yaml-sign", place) == (told.code, (told.place.line, told.place.column))
    assert f"only looks like {sign} and" in told.message
    assert f"U+{ord(stands):04X}, {unicodedata.name(stands).lower()}" in told.message


def test_a_curly_quote_closes_nothing(read: Read) -> None:
    """
    One straight, one not: a word processor was there in between.
    """
    (told,) = problems(read, '{"scenes": [{"id": "a\u201d}]}')

    assert "never closed: '\u201d' closes none, it is U+201D, right double quotation mark" in told


def test_in_a_sentence_every_character_is_itself(read: Read, folder: Path) -> None:
    """
    What looks like a sign is meant, where no sign has to be; so it is in the names of files.
    """
    words = "\u201cNote\uff1aa pier\u201d \u2013 wide\uff0c slow\u00a0: // \uff03 \u300ca\u300d \uff3bend\uff3d"
    (folder / "refs" / "Note\uff1aa.png").symlink_to(folder / "refs" / "lamp.png")
    board = read(f"scenes:\n- id: a\n  prompt: {words.replace(': ', '; ')}\n  image: refs/Note\uff1aa.png\n")

    assert words.replace(": ", "; ").replace("\u00a0", " ").split() == board.scenes[0].prompt.split()


@pytest.mark.parametrize(
    "text",
    [
        '{"scenes": [// hi\n{"id": "a", "prompt": "b"}]}',
        '{"scenes": [ /* hi */ {"id": "a", "prompt": "b"}]}',
        "// hi\nscenes: []\n",
    ],
)
def test_a_comment_of_another_language_is_told_as_one(read: Read, text: str) -> None:
    """
    Of JSON with comments.
    """
    assert "begins no comment = a comment begins with #" in problems(read, text)[0]


def test_a_letter_that_only_looks_like_one_is_named(read: Read) -> None:
    """
    The key looks right, and is another word.
    """
    told = problems(read, "scenes: [{id: a, рrompt: b}, {id: сoast, prompt: d}]")

    assert "there is no 'рrompt' in a scene: 'р' is cyrillic small letter er = did you mean 'prompt'?" in told[0]
    assert "'с' is cyrillic small letter es" in told[-1]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("prompt: [WIDE SHOT] A city", "yaml-sign", "a text that begins with [ must be quoted"),
        ("prompt: - a city", "yaml-sign", "a text that begins with - must be quoted"),
        ("prompt: ? who", "yaml-sign", "a text that begins with ? must be quoted"),
        ("prompt: “Wide: a city”", "yaml-colon", "put straight quotes"),
        ("trim: {start: 0,5}\n    clip: media/endcard.mp4", "yaml-comma", "write start: 0.5"),
        ("trim: {start: 1, duration: 2}\n    clip: media/endcard.mp4", "unknown-key", "write end: 3"),
        ("trim: {from: 1}\n    clip: media/endcard.mp4", "unknown-key", "did you mean 'start'?"),
        ("trim: {start: '00:01:05'}\n    clip: media/endcard.mp4", "wrong-value", "in seconds that is 65"),
        ("prompt: b\n    duration: 6s", "wrong-value", "in seconds that is 6"),
        ("prompt: b\n    duration: 2m", "wrong-value", "in seconds that is 120"),
        ('prompt: "{#3} on the door"', "wrong-template", "{# begins a comment"),
    ],
)
def test_a_slip_is_told_by_what_it_is(read: Read, line: str, code: str, says: str) -> None:
    """
    Not by what the parser of YAML makes of it.
    """
    told = problems(read, f"scenes:\n  - id: a\n    {line}\n")

    assert says in " ".join(told)
    assert {code} == {each.partition(":")[0] for each in told}


@pytest.mark.parametrize(
    "text",
    [
        " title: x\nscenes: []\n",
        "  - a\nb: c\n",
        " {a: b}\nc: d\n",
        "a: b\n c: d\n",
        "a\n---\nb: c\n",
        "a: b\n} c\n",
        "a: |9x\n b\n",
        "--- |\n a\nb: c\n",
        "&a &b c: d\n",
        "!a !b c\n",
    ],
)
def test_no_problem_speaks_the_words_of_the_parser(read: Read, text: str) -> None:
    """
    Whatever stands where YAML has no place for it.
    """
    told = " ".join(problems(read, text))

    assert not re.search(r"<(block|document|flow|scalar|stream)|expected|token|tuple|node", told), told


def test_a_fence_of_markdown_is_told_and_the_rest_is_read(read: Read) -> None:
    """
    A board that came out of a chat.
    """
    told = problems(read, "```yaml\nscenes:\n  - id: a\n    promt: b\n```\n")

    assert ["yaml-syntax", "unknown-key", "yaml-syntax"] == [line.partition(":")[0] for line in told]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("6", "6"), ("6s", "6"), ("1.5 sec", "1.5"), ("0,5", "0.5"), ("250ms", "0.25"), ("2 min", "120"), ("01:05", "65"),
        ("00:01:05", "65"), ("1:00:00.5", "3600.5"), ("six", None), ("", None), ("1:2:3:4", None), ("6 apples", None),
    ],
)  # fmt: skip
def test_a_time_as_people_write_it_is_reckoned(written: str, seconds: str | None) -> None:
    """
    Clock times, units, decimal commas.
    """
    assert seconds == in_seconds(written)


@pytest.mark.parametrize(
    "name",
    [
        " lamp.png", "lamp.png ", "la\tmp.png", "la\nmp.png", "refs\\lamp.png", "C:\\lamp.png", "C:lamp.png",
        "~lamp.png", "~", "scene:lamp.png", "http:lamp.png", "https:lamp.png", ".lamp.png", " .", "lamp?.png", "%41.png",
    ],
)  # fmt: skip
def test_a_file_may_be_called_anything_that_is_there(read: Read, folder: Path, name: str) -> None:
    """
    Blanks, backslashes and colons in a name are slips only where there is no such file.
    """
    (folder / name).symlink_to(folder / "refs" / "lamp.png")
    board = json.dumps({"scenes": [{"id": "a", "prompt": "b", "image": name}]})

    assert isinstance(read(board).scenes[0].image, PictureFile)
    (folder / name).unlink()
    assert re.match("wrong-path|wrong-address|missing-file", problems(read, board)[0])


def test_an_address_is_an_address(read: Read, folder: Path) -> None:
    """
    Also where folders of its name lie beside the storyboard.
    """
    (folder / "https:" / "example.org").mkdir(parents=True)
    (folder / "https:/example.org/a.png").symlink_to(folder / "refs" / "lamp.png")
    scene = read("scenes: [{id: a, prompt: b, image: 'https://example.org/a.png'}]").scenes[0]

    assert isinstance(scene.image, PictureAddress)


def test_a_whole_path_into_the_folder_is_told_as_it_is_written_there(read: Read, folder: Path) -> None:
    """
    It would not be there on another machine.
    """
    (told,) = problems(read, f"scenes: [{{id: a, prompt: b, image: {folder}/refs/lamp.png}}]")

    assert "does not begin at the storyboard's folder = write it from there: refs/lamp.png" in told


def test_a_word_that_yaml_swallows_is_a_note(read: Read) -> None:
    """
    It was right before, and stays so; but nothing is silently ignored.
    """
    board = read("scenes:\n  - id: a\n    prompt: &wide city\n")

    assert "city" == board.scenes[0].prompt
    assert ["unused-anchor"] == [note.code for note in board.notes]
    assert "YAML takes &wide for the name of what follows" in board.notes[0].message


def test_a_name_that_is_repeated_is_an_anchor(read: Read) -> None:
    """
    Anchors that are used are no slips, nor are those of a person's own keys.
    """
    board = read("x-look: &unused a\nscenes: [{id: a, prompt: &wide A city.}, {id: b, prompt: *wide}]")

    assert "A city." == board.scenes[0].prompt == board.scenes[1].prompt
    assert () == board.notes


def test_a_picture_of_that_name_is_that_picture(read: Read, folder: Path) -> None:
    """
    The name of the folder counts as well.
    """
    there = folder / unicodedata.normalize("NFD", "été")
    there.mkdir()
    (there / "a.png").symlink_to(folder / "refs" / "lamp.png")

    scene = read(f"scenes: [{{id: a, prompt: b, image: {unicodedata.normalize('NFC', 'été')}/a.png}}]").scenes[0]

    assert isinstance(scene.image, PictureFile)


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("scenes: [", "1:9", "close it with ]"),
        ("scenes: [\n\n", "1:9", "close it with ]"),
        ("scenes:\n  - {", "2:5", "close it with }"),
        ('scenes: [{id: a, prompt: "A."}\n', "1:9", "close it with ]"),
    ],
)
def test_a_bracket_that_is_never_closed_is_named(read: Read, text: str, place: str, remedy: str) -> None:
    """
    Also one after which nothing comes, of which YAML names the end of the file.
    """
    with pytest.raises(StoryboardError) as wrong:
        read(text)
    (problem,) = wrong.value.problems

    assert place == f"{problem.place.line}:{problem.place.column}"
    assert remedy == problem.remedy
