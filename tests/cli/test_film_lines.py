"""
What a person is told of the films of a run, in a line.
"""

from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.cli.film_lines import how_they_stand, lengths, not_cut
from storyreel.delivery.film import Film
from storyreel.media import measure
from storyreel.model.events import Event, Stage
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.storyboard import load

BOARD = """
defaults: {duration: 4, resolution: 480p}
scenes:
  - {id: coast, prompt: "A coast."}
  - {id: door, prompt: "A door."}
"""
WIDE = "deliver: {wide: {order: [door]}}\n"


def planned(more: str = "") -> Plan:
    """Return the plan of a storyboard."""
    catalog = load_catalog()
    return plan(load(Path("small.yaml"), catalog=catalog, measure=measure, text=BOARD + more), catalog)


def film(*, fresh: bool) -> Film:
    """Return a film that was put at its place, or stands there."""
    return Film(Path("small.mp4"), 8.0, 192, fresh=fresh, notes=())


def test_a_run_says_how_many_films_it_makes_and_how_long_each_is():
    """
    Of one film there is only its length to say.
    """
    assert "8 s" == lengths(planned())
    assert "2 films: 8 s, 4 s" == lengths(planned(WIDE))


@pytest.mark.parametrize(
    ("fresh", "says"),
    [
        ([False], "the film stands: 8 s"),
        ([True], "the film is back: 8 s"),
        ([False, False], "its 2 films stand: 8 s, 8 s"),
        ([False, True], "its 2 films are back: 8 s, 8 s"),
    ],
)
def test_of_films_that_are_there_it_says_whether_any_had_to_be_put_back(fresh: list[bool], says: str):
    """
    Where one was, that is said of them all.
    """
    assert says == how_they_stand([film(fresh=each) for each in fresh])


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        ({}, "No film was cut"),
        ({"film": "checked"}, "No film was cut"),
        ({"film": "cut"}, "film wide was not cut"),
    ],
)
def test_what_was_left_out_says_which_films_there_are_not(stages: dict[str, Stage], says: str):
    """
    A film of which own clips were tried out is none yet.
    """
    assert says == not_cut(planned(WIDE), {name: Event(name, stage) for name, stage in stages.items()})
