"""
Text of other keyboards, word processors and systems where a value has to stand: the character that is in the way is named, and
what to write instead is told.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.errors import MediaError, StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.load import load
from storyreel.storyboard.suggest import suggested_id

Read = Callable[[str], Storyboard]


def problems(read: Read, text: str) -> list[str]:
    """Return each problem of a board as code, message and remedy."""
    with pytest.raises(StoryboardError) as caught:
        read(text)
    return [f"{each.code}: {each.message} = {each.remedy}" for each in caught.value.problems]


@pytest.mark.parametrize(
    ("field", "strange", "write"),
    [
        ("duration: 6@", "\u200b", "in seconds that is 6"),
        ("duration: @", "\uff16", "in seconds that is 6"),
        ("duration: @6", "\u2212", "write a number"),
        ("duration: 6@", "\u00a0", "take away the blank"),
        ("aspect_ratio: 16@9", "\uff1a", "write 16:9"),
        ("aspect_ratio: 16@9", "\u2236", "write 16:9"),
        ("aspect_ratio: '16:9@'", "\u200b", "write 16:9"),
        ("generate_audio: true@", "\u200b", "write true"),
    ],
)
def test_a_character_that_only_looks_right_is_named_in_a_value(
    read: Read, field: str, strange: str, write: str
) -> None:
    """
    Digits, colons and minus signs of other alphabets, and what takes no room: nobody finds them by looking.
    """
    (told,) = problems(read, f"scenes: [{{id: a, prompt: b, {field.replace('@', strange)}}}]")

    assert f"is {unicodedata.name(strange).lower()}; {write}" in told


@pytest.mark.parametrize("field", ["KEY: 3", "duration: KEY", "pin: [KEY]", "references: [KEY]", '"KEY": {a: 1}'])
def test_a_key_is_shown_nowhere_wherever_it_was_pasted(read: Read, field: str) -> None:
    """
    Stars stand in its place, as many, so that the mark below the line is where it was.
    """
    key = "xai-canary0123456789ABCDEFghijklmnop"
    with pytest.raises(StoryboardError) as caught:
        read(f"scenes: [{{id: a, prompt: b, {field.replace('KEY', key)}}}]")
    told = "".join(f"{each.message}{each.remedy}{each.source}" for each in caught.value.problems)

    assert "*" * 24 in told
    assert key[:24] not in told


@pytest.mark.parametrize(
    ("written", "number"),
    [("$5", "5"), ("5 €", "5"), ("5,00", "5.00"), ("USD 12.50", "12.50"), ("5 to 9", ""), ("-5", "")],
)
def test_the_number_in_a_value_is_kept(read: Read, written: str, number: str) -> None:
    """
    A currency, a decimal comma: what is left is the number, if there is one only.
    """
    (told,) = problems(read, f'{{"budget": "{written}", "scenes": [{{"id": "a", "prompt": "b"}}]}}')

    assert told.endswith(f"without a unit: {number}" if number else "without a unit")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("prompt: #3 house", "yaml-comment", "as a comment, so `prompt` is empty = put quotes"),
        ("prompt: {wide} a city", "yaml-sign", "a text that begins with { must be quoted"),
        ("prompt: {wide}", "yaml-sign", "'wide' is a key without a value = put quotes"),
        ("prompt: , then night", "yaml-sign", "a text that begins with , must be quoted"),
        ("prompt: [WIDE SHOT]", "wrong-value", "put quotes round the whole text"),
        ("prompt: true", "wrong-value", "put it in quotes"),
        ("prompt: A\tbarn", "yaml-tab", "write a space for it"),
        ("prompt: b\n    image: [refs/lamp.png]", "wrong-value", "write image: refs/lamp.png"),
        ("prompt:A barn\n    duration: 6", "yaml-sign", "to YAML : is a sign only where a space follows it"),
        ('clip: "media\\final.mp4"', "yaml-escape", "\\f is none that is meant = write a path with slashes"),
        ('clip: "media\\audio\\a.mp4"', "yaml-escape", "\\a is none that is meant = write a path with slashes"),
    ],
)
def test_one_slip_is_one_problem_that_says_what_to_write(read: Read, line: str, code: str, says: str) -> None:
    """
    Whatever YAML makes of it.
    """
    (told,) = problems(read, f"scenes:\n  - id: a\n    {line}\n")

    assert told.startswith(f"{code}: ")
    assert says in told


@pytest.mark.parametrize("sign", ["•", "*", "1.", "2)", "‣", "–"])
def test_a_list_that_was_typed_as_one_of_prose_is_told(read: Read, sign: str) -> None:
    """
    A bullet, a star and a number begin no item.
    """
    told = problems(read, f"scenes:\n  - id: a\n    prompt: b\n  {sign} id: c\n    prompt: d\n")

    assert told[0].startswith("yaml-sign: ")
    assert "-" in told[0].partition(" = ")[2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_as_such(tmp_path: Path, catalog: Catalog, encoding: str) -> None:
    """
    With a mark at its beginning or without, it is one encoding and not a hundred control characters.
    """
    (tmp_path / "a.yaml").write_bytes("scenes:\n  - id: a\n    prompt: Café\n".encode(encoding))

    with pytest.raises(StoryboardError) as caught:
        load(tmp_path / "a.yaml", catalog=catalog, measure=_nothing)

    (told,) = caught.value.problems
    assert ("the file is UTF-16, and no UTF-8", "save it with the encoding UTF-8") == (told.message, told.remedy)


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\u00ad", "\u2066\u2069", "\u2800", "\u3164", " \u00a0"])
def test_nothing_to_be_seen_is_no_prompt(read: Read, unseen: str) -> None:
    """
    A clip would be bought for it.
    """
    (told,) = problems(read, f'{{"scenes": [{{"id": "a", "prompt": "{unseen}"}}]}}')

    assert "empty-prompt: prompt is empty = say what is to be seen" == told


@pytest.mark.parametrize("strange", ["\u202f", "\u00a0", "\u2011", "\u2019", "\u200b"])
def test_a_file_whose_name_only_looks_alike_is_told_with_its_character(read: Read, folder: Path, strange: str) -> None:
    """
    A Mac puts a narrow space into the names of its screenshots; to offer the same name again helps nobody.
    """
    (folder / f"Shot at 9.41{strange}AM.png").symlink_to(folder / "refs" / "lamp.png")

    (told,) = problems(read, '{"scenes": [{"id": "a", "prompt": "b", "image": "Shot at 9.41 AM.png"}]}')

    assert f"Its 13. character is U+{ord(strange):04X}, {unicodedata.name(strange).lower()}" in told


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("straße", "strasse"), ("Æon 2", "aeon-2"), ("shot–1", "shot-1"), ("shot—1", "shot-1"), ("Þór", "thor"),
        ("сцена-1", "scene-1"), ("σκηνή 2", "scene-2"), ("сoast", "coast"), ("shot·3", "shot-3"),
    ],
)  # fmt: skip
def test_an_id_is_suggested_by_what_can_be_read_of_it(written: str, suggested: str) -> None:
    """
    A letter that looks like a Latin one is that one, but not where the word is plainly of another script.
    """
    assert suggested == suggested_id(written)


@pytest.mark.parametrize(("name", "write"), [("míra", "mira"), ("old-mira", "old_mira"), ("Old Mira", "Old_Mira")])
def test_a_name_that_can_be_none_is_told_with_one_that_can(read: Read, name: str, write: str) -> None:
    """
    As ids are.
    """
    assert f"begin with a letter; write {write}" in problems(
        read, f'{{"cast": {{"{name}": {{"description": "c"}}}}, "scenes": [{{"id": "a", "prompt": "b"}}]}}'
    )[0]  # fmt: skip


def _nothing(path: Path) -> Footage:
    raise MediaError(f"{path} is not looked at")
