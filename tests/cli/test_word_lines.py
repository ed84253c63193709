"""
Titles stand on the time line of a plan, and can be read on a narrow terminal.
"""

from io import StringIO
from pathlib import Path

from rich.console import Console

from storyreel.cli.word_lines import show_words
from storyreel.model.drawn import FontFile
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.model.words import Title
from tests.cli.test_sound_lines import shot


def shown(film: Timeline) -> list[str]:
    """Return the lines of a terminal of 80 columns."""
    screen = StringIO()
    show_words(Console(file=screen, width=80, force_terminal=True, color_system=None), film)
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def test_titles_stand_at_their_times():
    """
    In the order of the film, which a transition makes shorter; a title ends with its shot.
    """
    font = FontFile(Path("fonts/naskh.ttf"), "f")
    city = shot("city", 4, titles=(Title("Rua\nda Bica", 3, 9), Title("Lisboa", 0.5, 2, "top", 8, "#ffffff", font)))
    stop = shot(
        "stop", 6, joint=Transition("dissolve", 0.5), titles=(Title("Nobody waits for a tram like this. " * 3, 1),)
    )
    lines = shown(Timeline((848, 480), (city, stop)))

    assert [
        ["0.50", "2.50", "Lisboa", "city", "top, 8 %, naskh.ttf"],
        ["3.00", "4.00", "Rua da Bica", "city", "lower-third"],
        ["4.50", "9.50", "Nobody waits for a tram like th…", "stop", "lower-third"],
    ] == [[cell.strip() for cell in line.split("   ") if cell.strip()] for line in lines[2:]]
    assert max(map(len, lines)) <= 80


def test_a_film_without_titles_has_no_lines():
    """
    Nothing is said of what nobody asked for.
    """
    assert [] == shown(Timeline((848, 480), (shot("city", 4),)))
