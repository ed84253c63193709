"""
Read a storyboard and plan it: all that `check` and `plan` need, and where every run begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyreel import media
from storyreel.catalog import Catalog
from storyreel.model.plan import Plan
from storyreel.model.storyboard import Storyboard
from storyreel.planning.steps import plan
from storyreel.production.selectors import scenes_named
from storyreel.storyboard import load


def read_plan(
    storyboard: Path, catalog: Catalog, only: Sequence[str] = (), root: Path = Path()
) -> tuple[Storyboard, Plan]:
    """
    Read a storyboard and plan it. A relative path starts in `root`, and is told as it was given.

    Raises:
        StoryboardError: It is wrong.
        SettingsError: `only` names a scene that it does not have.
    """
    board = load(storyboard, catalog=catalog, measure=media.measure, root=root)
    return board, plan(board, catalog, only=scenes_named(board, only))
