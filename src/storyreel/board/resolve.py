"""
Make a `Storyboard` of what is written: modes told from the fields, defaults handed down, continuity followed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from storyreel.board import language
from storyreel.board.cast import Cast
from storyreel.board.continuity import follow
from storyreel.board.desk import Desk
from storyreel.board.limits import Limits
from storyreel.board.remarks import remark
from storyreel.board.scenes import Scenes
from storyreel.reel import TICKS_PER_USD, Storyboard


def resolve(desk: Desk, sheet: language.Sheet, path: Path) -> Storyboard:
    """Return the storyboard with nothing left open. What is wrong is told; then what is returned means nothing."""
    limits = Limits(desk, sheet.defaults)
    cast = Cast(desk, sheet, limits)
    scenes = Scenes(desk, sheet, limits, cast)
    slug = sheet.slug or _slug(path)
    board = Storyboard(
        path=path,
        slug=slug,
        title=sheet.title or slug,
        scenes=scenes.made,
        order=scenes.order,
        aspect_ratio=sheet.defaults.aspect_ratio,
        resolution=sheet.defaults.resolution,
        stills=follow(desk, scenes, cast),
        budget_ticks=None if sheet.budget is None else round(sheet.budget * TICKS_PER_USD),
        review=sheet.review,
    )
    if desk.problems:
        return board
    remark(desk, cast, board)
    return replace(board, notes=tuple(desk.notes))


def _slug(path: Path) -> str:
    """Return a name for the film after its file, safe as a file name everywhere."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:64] or "film"
