"""
What a check says of a storyboard, as data: what `storyreel check --json` prints. docs/check.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from storyreel.diagnostics.diagnostic import Diagnostic, Severity
from storyreel.model.plan import Plan
from storyreel.model.recipe import Frozen

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

    ok: bool
    problems: Annotated[tuple[DiagnosticData, ...], Field(description="What is wrong; nothing is sent.")]
    remarks: Annotated[tuple[DiagnosticData, ...], Field(description="What stops nothing.")] = ()
    slug: str | None = None
    title: str | None = None
    scenes: tuple[str, ...] | None = None
    steps: tuple[str, ...] | None = None
    seconds: float | None = None
    notes: Annotated[tuple[str, ...] | None, Field(description="The remarks as lines.")] = None


def wrong_data(problems: Iterable[Diagnostic]) -> CheckData:
    """Return what is wrong with a storyboard as data."""
    return CheckData(ok=False, problems=tuple(map(_data, problems)))


def right_data(plan: Plan) -> CheckData:
    """Return what there is to say of a storyboard that is right, as data."""
    board = plan.board
    return CheckData(
        ok=True,
        problems=(),
        remarks=tuple(map(_data, board.notes)),
        slug=board.slug,
        title=board.title,
        scenes=tuple(scene.id for scene in board.scenes),
        steps=tuple(step.id for step in plan.steps),
        seconds=plan.seconds,
        notes=tuple(note.line for note in board.notes),
    )


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
