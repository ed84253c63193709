"""
What a person is told of their settings before a run: what a project's file says and what holds all the same.
"""

from __future__ import annotations

from pathlib import Path

from storyreel.files.project import strangers_files
from storyreel.model.recipe import ServiceName
from storyreel.production.budget import budget_of
from storyreel.production.prepare import Reading


def settings_notes(ready: Reading, service: ServiceName) -> tuple[str, ...]:
    """Return what is to be said of the settings of a storyboard, a line each."""
    budget = budget_of(ready.plan.board, ready.budget_ticks, service, ready.settings)
    notes = [*ready.settings.unused, *not_read(ready.settings.root / ready.plan.board.path.parent)]
    return tuple([budget.note, *notes] if budget.note else notes)


def not_read(folder: Path) -> list[str]:
    """Return which files have a project's name at or above a folder, and are not read, a line each."""
    return [
        f"{mark} is no file of yours in a folder of yours, so it is not read and makes no project"
        for mark in strangers_files(folder.resolve())
    ]
