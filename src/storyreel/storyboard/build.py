"""
Make a `Storyboard` of what is written: modes told from the fields, defaults handed down, continuity followed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from storyreel.model.money import TICKS_PER_USD
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.captions import Captioned
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.checks.continuity import follow
from storyreel.storyboard.checks.warnings import remark
from storyreel.storyboard.cut import Cut
from storyreel.storyboard.deliveries import delivered
from storyreel.storyboard.drawn import Drawings
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.limits import Limits
from storyreel.storyboard.names import Names
from storyreel.storyboard.scenes import Scenes
from storyreel.storyboard.sound import Heard
from storyreel.storyboard.titles import Titles


def resolve(findings: Findings, sheet: fields.Sheet, path: Path, *, variant: str = "") -> Storyboard:
    """
    Return the storyboard with nothing left open. What is wrong is told; then what is returned means nothing.

    Args:
        variant: Whose words it has: films that have no name of their own are named after it.
    """
    name = _slug(path, variant)
    board = _film(findings, sheet, path, fields.Delivery(), name)
    if findings.problems:
        return board
    films = delivered(findings, sheet, lambda own, laid, film: _film(own, laid, path, film, name))
    return replace(board, deliveries=tuple(films), notes=tuple(findings.notes))


def _film(findings: Findings, sheet: fields.Sheet, path: Path, film: fields.Delivery, name: str) -> Storyboard:
    """Return the storyboard as one of its films has it."""
    shape = sheet.defaults.model_copy(update=film.model_dump(include={"aspect_ratio", "resolution"}, exclude_none=True))
    limits = Limits(findings, sheet.defaults)
    cast = Cast(findings, sheet, limits)
    scenes = Scenes(findings, sheet, limits, cast, Drawings(findings, shape, film.fit))
    cut = Cut(findings, sheet, scenes.scenes, scenes.trails)
    heard = Heard(findings, sheet, cast, scenes.scenes, scenes.trails, cut.items)
    letters = Letters(findings, shape)
    titles = Titles(findings, sheet, cast, letters, heard.scenes, scenes.trails, cut)
    words = Captioned(findings, sheet, cast, letters, titles.scenes, scenes.trails, cut)
    names = Names(findings, sheet, cast)
    slug = names.slug or name
    board = Storyboard(
        path=path,
        slug=slug,
        title=" ".join(names.title.split()) or slug,  # it is a line of screens, and a tag of the film
        scenes=words.scenes,
        cut=heard.items,
        close=cut.close,
        length=sheet.cut.length,
        music=heard.music,
        loudness=sheet.cut.loudness,
        captions=words.captions,
        chapters=sheet.cut.chapters,
        aspect_ratio=shape.aspect_ratio,
        resolution=shape.resolution,
        stills=follow(findings, scenes, cast),
        budget_ticks=None if sheet.budget is None else round(sheet.budget * TICKS_PER_USD),
        review=sheet.review,
    )
    if findings.problems:
        return board
    remark(findings, cast, board)
    return replace(board, notes=tuple(findings.notes))


def _slug(path: Path, variant: str) -> str:
    """Return a name for the film after its file and its variant, safe as a file name everywhere."""
    most = 64 - len(variant) - 1 if variant else 64
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[: max(0, most)].strip("-_")
    return "-".join(filter(None, (name, variant))) or "film"
