"""
Read the films that are delivered beside the master: each is the storyboard once more, with what the film has of its own laid over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.checks.shape import judge
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.moved import moved
from storyreel.storyboard.text.nodes import Trail

OF_THE_CUT = ("order",)
"""Fields of a delivery that take the place of those of `cut`."""

Resolve = Callable[[Findings, fields.Sheet, fields.Delivery], Storyboard]
"""Makes a storyboard of what is written, as one of its films has it."""


def delivered(findings: Findings, sheet: fields.Sheet, resolve: Resolve) -> Iterator[Storyboard]:
    """Yield the storyboard as each film has it that is delivered beside the master. What is wrong is told."""
    for name, film in sheet.deliver.items():
        own = findings.apart(moved(findings.source, _moves(findings, name, film)))
        laid = judge(own)
        if laid is not None:
            board = resolve(own, laid, film)
            yield replace(board, delivery=name, is_regenerated=film.regenerate)
        findings.take_over(own)


def _moves(findings: Findings, name: str, film: fields.Delivery) -> dict[Trail, Trail]:
    here: Trail = ("deliver", name)
    moves: dict[Trail, Trail] = {("cut", field): (*here, field) for field in OF_THE_CUT if findings.has((*here, field))}
    if film.regenerate and film.aspect_ratio is not None:
        moves["defaults", "aspect_ratio"] = (*here, "aspect_ratio")
    return moves
