"""
Read one part of a storyboard as if it stood in the place of another, with its own places in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import Any

from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import Source


def moved(source: Source, moves: Mapping[Trail, Trail]) -> Source:
    """
    Return what is written with some parts of it in other places.

    A mapping goes into a mapping that is there, name by name; anything else takes the place of what is there.

    Args:
        moves: Where a part is to stand, and where it is written.
    """
    data, grafts = dict(source.data), dict(source.grafts)
    for to, written in _leaves(source, moves).items():
        holder: Any = data
        for step, below in pairwise(to):
            # What is there may be anything: it is not judged yet, or was told.
            there = holder[step] if step in _keys(holder) else None
            holder[step] = copy(there) if isinstance(there, dict if isinstance(below, str) else list) else {}
            holder = holder[step]
        holder[to[-1]] = source.at(written)
        for trail in [each for each in grafts if each[: len(to)] == to]:
            del grafts[trail]
        grafts[to] = _at_other_place(source.of(written), written, to)
    return replace(source, data=data, grafts=grafts)


def _leaves(source: Source, moves: Mapping[Trail, Trail]) -> dict[Trail, Trail]:
    """Return the moves with each mapping that goes into another one taken apart."""
    leaves: dict[Trail, Trail] = {}
    waiting = list(moves.items())[::-1]
    while waiting:
        to, written = waiting.pop()
        value = source.at(written)
        if isinstance(value, dict) and isinstance(_there(source, to), dict):
            waiting += [((*to, name), (*written, name)) for name in reversed(value)]
        else:
            leaves[to] = written
    return leaves


def _there(source: Source, trail: Trail) -> Any:
    try:
        return source.at(trail)
    except (KeyError, IndexError, TypeError):
        return None


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _at_other_place(source: Source, written: Trail, to: Trail) -> Source:
    """Return a text with the spots of one part at the trails of another."""
    spots = {(*to, *trail[len(written) :]): source.spots[trail] for trail in _trails(source, written)}
    return replace(source, spots={(): source.spots[()], **spots}, grafts={})


def _trails(source: Source, trail: Trail) -> Iterator[Trail]:
    """Yield where there is something, at a trail and below it."""
    waiting = [trail]
    while waiting:
        here = waiting.pop()
        if here in source.spots:
            yield here
        value = source.at(here)
        waiting += [(*here, step) for step in _keys(value)] if isinstance(value, dict | list) else []
