"""
What a person is told of the films of a run: how long they are, and which are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storyreel.delivery.film import Film
from storyreel.model.events import Event
from storyreel.model.plan import Plan


def lengths(plan: Plan) -> str:
    """Return how long a film is to be; where there are several, of each, and how many they are."""
    every = ", ".join(f"{film.seconds:g} s" for film in plan.films)
    return every if len(plan.films) == 1 else f"{len(plan.films)} films: {every}"


def how_they_stand(films: Sequence[Film]) -> str:
    """Return of films that are current how long they are, and whether any had to be put back: as a part of a sentence."""
    back = any(film.fresh for film in films)
    every = ", ".join(f"{film.seconds:g} s" for film in films)
    if len(films) == 1:
        return f"the film {'is back' if back else 'stands'}: {every}"
    return f"its {len(films)} films {'are back' if back else 'stand'}: {every}"


def not_cut(plan: Plan, newest: Mapping[str, Event]) -> str:
    """
    Return which films were not cut, as the beginning of a sentence.

    Args:
        newest: The newest word on each step, and on each film.
    """
    cut = {step for step, event in newest.items() if event.stage == "cut"}
    missing = [film.called for film in plan.films if film.called not in cut]
    if len(missing) == len(plan.films):
        return "No film was cut"
    return f"{', '.join(missing)} {'was' if len(missing) == 1 else 'were'} not cut"
