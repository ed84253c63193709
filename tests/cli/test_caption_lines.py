"""
What is read beside a film stands below its time line in a plan.
"""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.cli.caption_lines import show_captions
from storyreel.model.captions import CaptionFile, Captioning, Say, TimedLines
from storyreel.model.timeline import Timeline
from tests.cli.test_sound_lines import shot

FILE = CaptionFile(Path("media/pt.srt"), "x", (TimedLines(1.0, 2.0, ("Olha!",)), TimedLines(2.0, 3.0, ("Ah",))))


def shown(**film: object) -> str:
    """Return what a terminal of 80 columns shows of a film that says one thing."""
    screen = StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    show_captions(console, Timeline((848, 480), (shot("sea", 4, say=(Say("Look!"),)), shot("pier", 2)), **film))  # type: ignore[arg-type]
    assert all(len(line) <= 80 for line in screen.getvalue().splitlines())
    return " ".join(screen.getvalue().split())


@pytest.mark.parametrize(
    ("film", "words"),
    [
        ({}, "captions: 1 of what scenes say, as a track, and beside the film; language: not named"),
        (
            {"captions": Captioning(burn=True, language="pt-BR")},
            "captions: 1 of what scenes say, in the picture, and beside the film; language: pt-BR",
        ),
        (
            {"captions": Captioning(file=FILE)},
            "captions: 2 from pt.srt, as a track, and beside the film; language: not named",
        ),
        (
            {"chapters": True},
            "captions: 1 of what scenes say, as a track, and beside the film; language: not named chapters: 2, one a scene",
        ),
    ],
)
def test_a_plan_says_how_many_captions_there_are_whose_and_how(film: dict[str, object], words: str):
    """
    And in which language, and how many chapters.
    """
    assert words == shown(**film)


def test_a_film_without_words_has_no_line_for_them():
    """
    As before there were any.
    """
    screen = StringIO()
    show_captions(Console(file=screen, width=80), Timeline((848, 480), (shot("pier", 2),)))

    assert "" == screen.getvalue()
