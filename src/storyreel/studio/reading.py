"""
Read a storyboard and plan it: all that `check` and `plan` need, and where every run begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyreel import media
from storyreel.board import load
from storyreel.catalog import Catalog
from storyreel.plan import plan
from storyreel.reel import Plan, Storyboard
from storyreel.studio.names import scenes_named


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
