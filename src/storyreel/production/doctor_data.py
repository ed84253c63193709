"""
The list of `storyreel doctor` as data: what `--json` prints. docs/doctor.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from storyreel.model.recipe import Frozen
from storyreel.production.preflight.finding import Finding, State
from storyreel.settings import masked


class CheckedData(Frozen):
    """One line of the list."""

    about: Annotated[
        str, Field(description="What was looked at: access, models, mode, media, output, vault and so on.")
    ]
    state: Annotated[
        State,
        Field(description="ok: as it should be. note: worth a thought, and stops nothing. fault: a shoot would stop."),
    ]
    words: Annotated[str, Field(description="How it stands, and what that means.")]
    remedy: Annotated[str | None, Field(description="What to do; null where there is nothing to do.")]
    exit_code: Annotated[int, Field(description="What a shoot would end with; 0 where it would not stop.")]


class DoctorData(Frozen):
    """Everything that was looked at before a shoot."""

    version: Literal[1] = 1
    exit_code: Annotated[int, Field(description="That of the first fault; 0 where there is none.")]
    checks: tuple[CheckedData, ...]


def doctor_data(findings: Sequence[Finding]) -> DoctorData:
    """Return what checks have seen, in their order; no address has a name or a password in it any more."""
    checks = tuple(
        CheckedData(
            about=each.about,
            state=each.state,
            words=masked(each.words),
            remedy=masked(each.remedy) or None,
            exit_code=each.exit_code if each.state == "fault" else 0,
        )
        for each in findings
    )
    return DoctorData(exit_code=next((each.exit_code for each in checks if each.state == "fault"), 0), checks=checks)
