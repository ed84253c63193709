"""
Texts that are given for variables: as if they stood in the file.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError, StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import load

BOARD = """
use: [shared.yaml]
title: "{{ city }}"
vars: {city: Lisbon, count: 3, birds: [gulls, terns], lines: {end: Nobody waits., deep: {last: Good night.}}}
scenes:
  - {id: sea, prompt: "{{ city }}, {{ count + 1 }} trams at {{ hour }}: {{ lines.end }} {{ lines.deep.last }}"}
"""


def measure(path: Path) -> Footage:
    raise AssertionError(path)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shared.yaml").write_text("vars: {hour: noon}\n")
    (tmp_path / "film.yaml").write_text(BOARD)
    monkeypatch.chdir(tmp_path)
    return Path("film.yaml")


def read(board: Path, given: Mapping[str, str]) -> Storyboard:
    return load(board, catalog=load_catalog(), measure=measure, given=given)


def test_a_text_that_is_given_stands_for_the_one_that_is_written(board: Path):
    """
    Also within names, and in a file that is used; a number stays one.
    """
    given = {"city": 'Rome: {{ x }} "#', "count": "5", "hour": "dusk\nand night", "lines.deep.last": "Boa noite."}
    film = read(board, given)

    assert 'Rome: {{ x }} "#, 6 trams at dusk\nand night: Nobody waits. Boa noite.' == film.scenes[0].prompt
    assert 'Rome: {{ x }} "#' == film.title
    words = "film.yaml --var", 'city=Rome: {{ x }} "#'
    assert words == (" ".join(film.words[:2]), film.words[2])


def test_it_is_as_if_it_stood_in_the_file(board: Path):
    """
    The same prompts, and so the same purchases; without anything given nothing is different.
    """
    there = read(board, {"city": "Rome", "count": "4"}).scenes[0].prompt
    board.write_text(BOARD.replace("Lisbon", "Rome").replace("count: 3", "count: 4"))
    film = read(board, {})

    assert film.scenes[0].prompt == there
    assert ("film.yaml",) == film.words


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"ctiy": "Rome"},
            "there is no var 'ctiy' in film.yaml; did you mean 'city'? (there are city, count, birds, lines.end, lines.deep.last, hour)",
        ),
        (
            {"lines.ned": "x"},
            (
                "there is no var 'lines.ned' in film.yaml; did you mean 'lines.end'? (there are city, count, birds, lines.end, "
                "lines.deep.last, hour)"
            ),
        ),
        ({"city.name": "x"}, "there is no var 'city.name' in film.yaml; there are city, count, birds, lines.end"),
        (
            {"lines": "x"},
            "var 'lines' of film.yaml is a mapping, and no text; its names are lines.end, lines.deep.last",
        ),
        ({"birds": "x"}, "var 'birds' of film.yaml is a list, and a text cannot stand for it; write it in a file"),
        ({"city": "a\x07b"}, "the text of var 'city' has a control character, U+0007: take it out"),
        ({"city": "a\udcffb"}, "the text of var 'city' has a control character, U+DCFF: take it out"),
    ],
)
def test_what_cannot_be_given_is_refused(board: Path, given: Mapping[str, str], message: str):
    """
    With the name that was likely meant, and those that there are.
    """
    with pytest.raises(SettingsError) as wrong:
        read(board, given)

    assert str(wrong.value).startswith(message)


def test_what_is_wrong_with_a_given_text_is_told_of_it(board: Path):
    """
    And not of the file, where another text stands.
    """
    with pytest.raises(StoryboardError) as wrong:
        read(board, {"lines.end": "a" * 5000})

    problems = {problem.place.file: problem.message for problem in wrong.value.problems}
    assert "the variable 'lines.end' is longer than any prompt" == problems["given vars"]


@pytest.mark.parametrize("text", ["a\u2028b", "\ufeffa", "\U0001f68b", "  a  ", "", "&x", "- a", "a\tb\\n", "1.10"])
def test_any_text_comes_through_as_it_is(board: Path, text: str):
    """
    Whatever YAML would make of it.
    """
    board.write_text("vars: {city: Lisbon}\nscenes:\n  - {id: sea, prompt: 'In ({{ city }}).'}\n")

    assert f"In ({text})." == read(board, {"city": text}).scenes[0].prompt
