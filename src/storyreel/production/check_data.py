"""
What a check says of a storyboard, as data: what `storyreel check --json` prints. docs/check.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from storyreel.diagnostics.diagnostic import Diagnostic, Severity
from storyreel.model.money import usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import Frozen
from storyreel.model.storyboard import MASTER
from storyreel.planning.alike import asked_once

Position = Annotated[int, Field(ge=1)]


class DiagnosticData(Frozen):
    """One thing to say of a storyboard. Lines and columns count from 1."""

    code: Annotated[str, Field(description="The kind, of which `storyreel explain CODE` says more.")]
    severity: Annotated[Severity, Field(description="error: nothing is sent. note: it stops nothing.")]
    file: str
    line: Position
    column: Position
    end_line: Position
    end_column: Annotated[Position, Field(description="Behind the last character.")]
    message: str
    remedy: str


class CheckData(Frozen):
    """A checked storyboard: its problems, or what it would make."""

    board: Annotated[str | None, Field(description="Its file, where several are checked.")] = None
    variant: Annotated[str | None, Field(description="Which of its variants, where it has some.")] = None
    ok: bool
    problems: Annotated[tuple[DiagnosticData, ...], Field(description="What is wrong; nothing is sent.")]
    remarks: Annotated[tuple[DiagnosticData, ...], Field(description="What stops nothing.")] = ()
    slug: str | None = None
    title: str | None = None
    scenes: tuple[str, ...] | None = None
    steps: tuple[str, ...] | None = None
    films: Annotated[
        tuple[str, ...] | None, Field(description="What is made: master, and what is delivered beside it.")
    ] = None
    seconds: Annotated[float | None, Field(description="Of the first film.")] = None
    notes: Annotated[tuple[str, ...] | None, Field(description="The remarks as lines.")] = None


class ChecksTotals(Frozen):
    """What all that is right would make; what several ask for alike is counted once."""

    films: int
    requests: int
    seconds: Annotated[float, Field(description="Of all films.")]
    usd: Annotated[float, Field(description="What they are estimated to cost when nothing is in the vault.")]


class ChecksData(Frozen):
    """Several storyboards, or variants of one, that were checked."""

    version: Literal[1] = 1
    ok: Annotated[bool, Field(description="Whether all of them are right.")]
    boards: tuple[CheckData, ...]
    totals: ChecksTotals


def wrong_data(problems: Iterable[Diagnostic], board: str | None = None) -> CheckData:
    """
    Return what is wrong with a storyboard as data.

    Args:
        board: Its file, where several are checked.
    """
    return CheckData(ok=False, board=board, problems=diagnostics_data(problems))


def right_data(plan: Plan, *, one_of_several: bool = False) -> CheckData:
    """
    Return what there is to say of a storyboard that is right, as data.

    Args:
        one_of_several: Whether others are checked with it.
    """
    board = plan.board
    return CheckData(
        ok=True,
        board=str(board.path) if one_of_several else None,
        variant=board.variant or None,
        problems=(),
        remarks=diagnostics_data(board.notes),
        slug=board.slug,
        title=board.title,
        scenes=tuple(scene.id for scene in board.scenes),
        steps=tuple(step.id for step in plan.steps),
        films=tuple(film.name or MASTER for film in plan.films),
        seconds=plan.films[0].seconds,
        notes=tuple(note.line for note in board.notes),
    )


def checks_data(boards: Sequence[CheckData], plans: Sequence[Plan]) -> ChecksData:
    """
    Return several storyboards that were checked as data.

    Args:
        boards: What there is to say of each.
        plans: Those of what is right.
    """
    requests = asked_once(plans)
    films = [film for plan in plans for film in plan.films]
    return ChecksData(
        ok=all(board.ok for board in boards),
        boards=tuple(boards),
        totals=ChecksTotals(
            films=len(films),
            requests=len(requests),
            seconds=round(sum(film.seconds for film in films), 6),
            usd=usd(sum(step.ticks for step in requests)),
        ),
    )


def diagnostics_data(diagnostics: Iterable[Diagnostic]) -> tuple[DiagnosticData, ...]:
    """Return what is to be said of a storyboard as data."""
    return tuple(map(_data, diagnostics))


def _data(diagnostic: Diagnostic) -> DiagnosticData:
    line, column = diagnostic.until
    return DiagnosticData(
        code=diagnostic.code,
        severity=diagnostic.severity,
        file=diagnostic.place.file,
        line=diagnostic.place.line,
        column=diagnostic.place.column,
        end_line=line,
        end_column=column,
        message=diagnostic.message,
        remedy=diagnostic.remedy,
    )
