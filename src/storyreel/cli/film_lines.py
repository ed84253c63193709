"""
What a person is told of the films of a run: how long they are, and which are there.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from storyreel.delivery.film import Film
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


def not_cut(plan: Plan, cut: Container[str]) -> str:
    """
    Return which films were not cut, as the beginning of a sentence.

    Args:
        cut: What those are called that were.
    """
    missing = [film.called for film in plan.films if film.called not in cut]
    if len(missing) == len(plan.films):
        return "No film was cut"
    return f"{', '.join(missing)} {'was' if len(missing) == 1 else 'were'} not cut"
