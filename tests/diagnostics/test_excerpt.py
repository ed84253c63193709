"""
The line at fault on a terminal: what is meant is always seen, and the mark stands below it.
"""

import pytest

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.diagnostics.excerpt import excerpt, text


def at(source: str, words: str, line: int = 7) -> Diagnostic:
    column = source.index(words) + 1
    return Diagnostic(
        "unknown-key",
        Place("lantern.yaml", line, column),
        "there is no such key",
        "take it away",
        source,
        (line, column + len(words)),
    )


def columns(line: str) -> int:
    return sum(2 if "\u1100" <= c <= "\uffdc" else 1 for c in line)


def test_a_problem_is_its_place_its_line_and_its_remedy():
    """
    Place, message and code; the line with a mark below what is meant; what to do.
    """
    assert text(at("    lenght: 5", "lenght")) == (
        "lantern.yaml:7:5: there is no such key [unknown-key]\n"
        "   7 |     lenght: 5\n"
        "     |     ^^^^^^\n"
        "     = take it away"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("where", [0, 1, 30, 150, 280, 293])
def test_a_long_line_is_cut_to_what_fits_round_what_is_meant(width: int, where: int):
    """
    However long a line is, it fits into the terminal, and what is meant is in it with the mark below.
    """
    line = "a" * where + "HERE" + "b" * (297 - where)
    cut = excerpt(at(line, "HERE"), width)

    assert cut is not None
    assert len(cut.margin + cut.source) < width
    assert cut.source[len(cut.below) - len(cut.margin) :].startswith("HERE")
    assert cut.mark == "^^^^"
    assert cut.source.startswith("…") is (where > 1 and not cut.source.startswith(line[:2]))


def test_a_short_line_is_shown_whole():
    """
    What fits is not cut.
    """
    cut = excerpt(at("    prompt: Waves.", "Waves."), 80)

    assert cut is not None
    assert cut.source == "    prompt: Waves."


@pytest.mark.parametrize("before", ["海の", "  é", "👩", "a\u200bb", "\u0301x"])
def test_the_mark_stands_below_characters_of_any_width(before: str):
    """
    Wide characters take two columns of a terminal, marks on letters none.
    """
    cut = excerpt(at(f'{before}: "HERE"', "HERE"))
    narrow = {"海の": 4, "  é": 3, "👩": 2, "a\u200bb": 2, "\u0301x": 1}[before]

    assert cut is not None
    assert len(cut.below) - len(cut.margin) == narrow + 3


@pytest.mark.parametrize("line", ["\ttitle: x", "a:\t\ttitle: x", "\t" * 200 + "title: x"])
def test_a_tab_is_shown_as_one_blank(line: str):
    """
    A terminal draws it as wide as it likes; so the mark stands below, and no line is wider than the terminal.
    """
    cut = excerpt(at(line, "title"), 80)

    assert cut is not None
    assert "\t" not in cut.source + cut.below
    assert len(cut.margin + cut.source) < 80
    assert cut.source[len(cut.below) - len(cut.margin) :].startswith("title")


def test_what_goes_on_over_several_lines_is_marked_to_the_end_of_the_first():
    """
    One line is shown.
    """
    said = Diagnostic("too-long", Place("a.yaml", 1, 3), "too long", "", "  Waves.", (3, 9))
    cut = excerpt(said)

    assert cut is not None
    assert cut.mark == "^^^^^^"


def test_what_has_no_line_has_no_excerpt():
    """
    A missing file is told without one.
    """
    assert excerpt(Diagnostic("unreadable-file", Place("a.yaml", 1, 1), "no such file")) is None
