"""
A cut that cannot be: the field that is wrong is shown, with both values and what to do about it.
"""

from collections.abc import Callable

import pytest

Problems = Callable[[str], str]

BOARD = """\
scenes:
  - id: sea
    prompt: waves
    duration: 6
  - id: lamp
    prompt: a lamp
    duration: 2
  - id: end
    clip: media/endcard.mp4
cut:
  order: [sea, lamp, end]
"""
FOOTAGE = "the footage is 5 s long"


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        # --- trims
        ("waves", "waves\n    trim: {start: 7}", ("start is 7 s", "the clip of 'sea' is 6 s long", "begin earlier")),
        ("waves", "waves\n    trim: {end: 6.5}", ("end is 6.5 s", "'sea' is 6 s long", "leave `end` out")),
        ("waves", "waves\n    trim: {start: -6.5}", ("start is -6.5 s", "'sea' is 6 s long", "write 0")),
        ("waves", "waves\n    trim: {start: 4, end: 3}", ("ends at 3 s", "begins at 4 s", "not from `start`")),
        ("waves", "waves\n    trim: {start: 4, end: -2}", ("ends at 4 s", "begins at 4 s", "not from `start`")),
        (
            "waves",
            "waves\n    trim: {start: 1, end: 1.03}",
            ("'sea' is 0.03 s long", "2 frames, 0.083 s, are the least"),
        ),
        ("endcard.mp4", "endcard.mp4\n    trim: {start: 9}", ("start is 9 s", FOOTAGE, "begin earlier")),
        # --- items of the order
        ("[sea,", "[{scene: sea, end: 8},", ("end is 8 s", "'sea' is 6 s long", "leave `end` out")),
        ("[sea,", "[{scene: sea, start: 3, end: 3},", ("ends at 3 s", "begins at 3 s", "not from `start`")),
        ("[sea,", "[{scene: see},", ("'see'", "did you mean 'sea'?")),
        ("[sea,", "[{scene: sea, speed: 5},", ("speed", "5", "a number from 0.25 to 4")),
        ("[sea,", "[{scene: sea, speed: 0.1},", ("speed", "0.1", "a number from 0.25 to 4")),
        ("lamp, end]", "{scene: lamp, end: 0.2, speed: 4}, end]", ("'lamp' is 0.05 s long", "2 frames")),
        ("[sea, lamp, end]", "[]", ("names no scene", "leave it out to show all")),
        # --- transitions
        (
            "a lamp",
            "a lamp\n    transition: {kind: dissolve, duration: 5}",
            ("'lamp' is 2 s long", "take 5 s of it", "make a transition shorter"),
        ),
        (
            "lamp, end]",
            "{scene: lamp, transition: dissolve}, {scene: end, transition: {kind: wipe-left, duration: 3}}]",
            ("'lamp' is 2 s long", "0.5 s at its beginning and 3 s at its end", "make a transition shorter"),
        ),
        ("a lamp", "a lamp\n    transition: crossfade", ("no transition 'crossfade'", "did you mean 'dissolve'?")),
        ("a lamp", "a lamp\n    transition: Fade to black", ("'Fade to black'", "did you mean 'fade-black'?")),
        ("a lamp", "a lamp\n    transition: starburst", ("no transition 'starburst'", "take one of dissolve, ")),
        ("a lamp", "a lamp\n    transition: custom", ("no transition 'custom'", "did you mean 'dissolve'?")),
        (
            "a lamp",
            "a lamp\n    transition: {kind: dissolve, duration: 0}",
            ("duration", "0", "a number of seconds above 0, up to 60"),
        ),
        ("a lamp", "a lamp\n    transition: {kind: dissolve, duration: 90}", ("duration", "90", "up to 60")),
        ("a lamp", "a lamp\n    transition: {type: dissolve}", ("type", "did you mean 'kind'?")),
        ("[sea,", "[{scene: sea, transition: dissolve},", ("nothing to dissolve from", "fade-black or fade-white")),
        # --- the end of the film
        ("cut:", "cut:\n  close: dissolve", ("nothing to dissolve to", "take fade-black or fade-white")),
        (
            "cut:",
            "cut:\n  close: {kind: fade-black, duration: 6}",
            ("'end' is 5 s long", "take 6 s of it", "make a transition shorter"),
        ),
        ("cut:", "cut:\n  length: 0", ("length", "0", "a number of seconds above 0")),
    ],
)
def test_a_broken_cut_shows_the_field_both_values_and_the_remedy(
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
    ("lamp", "end", "line"),
    [
        (
            "transition: {kind: dissolve, duration: 3}",
            "transition: dissolve",
            "transition: {kind: dissolve, duration: 3}",
        ),
        (
            "transition: dissolve",
            "transition: {kind: dissolve, duration: 3}",
            "transition: {kind: dissolve, duration: 3}",
        ),
    ],
)
def test_of_two_transitions_that_are_too_long_together_the_longer_one_is_shown(
    problems: Problems, lamp: str, end: str, line: str
):
    """
    It is the one that a person shortens.
    """
    board = BOARD.replace("a lamp", f"a lamp\n    {lamp}").replace("endcard.mp4", f"endcard.mp4\n    {end}")

    marked = [each for each in problems(board).splitlines() if "|" in each and line in each]

    assert marked


def test_every_transition_that_is_too_long_is_told_at_once(problems: Problems):
    """
    Each by its own field, and one that is too long for both of its shots only once.
    """
    long = "transition: {kind: dissolve, duration: 9}"
    board = BOARD.replace("a lamp", f"a lamp\n    {long}") + "  close: {kind: fade-black, duration: 8}\n"

    shown = problems(board)

    assert 2 == shown.count("[transition-too-long]")
    assert "'sea' is 6 s long, and its transitions take 9 s of it" in shown
    assert "'end' is 5 s long, and its transitions take 8 s of it" in shown
