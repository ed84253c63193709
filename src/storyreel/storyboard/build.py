"""
Make a `Storyboard` of what is written: modes told from the fields, defaults handed down, continuity followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from storyreel.model.captions import AS_USUAL
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.storyboard import MASTER, Gate, Scene, Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.captions import Captioned
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.checks.continuity import follow
from storyreel.storyboard.checks.warnings import remark
from storyreel.storyboard.cut import Cut
from storyreel.storyboard.deliveries import DELIVER, deliveries, laid, moves, on, shape_of, shown_in
from storyreel.storyboard.drawn import Drawings
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.finish import finish
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.limits import Limits
from storyreel.storyboard.names import Names
from storyreel.storyboard.regenerated import regenerated
from storyreel.storyboard.scenes import Scenes
from storyreel.storyboard.sound import Heard
from storyreel.storyboard.text.moved import moved
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.titles import Titles


@dataclass(frozen=True)
class _Master:
    """What is read of the storyboard itself, of which a film has what it does not say."""

    sheet: fields.Sheet
    cast: Cast
    trails: dict[str, Trail]
    cut: Cut
    board: Storyboard


def resolve(findings: Findings, sheet: fields.Sheet, path: Path, *, variant: str = "") -> Storyboard:
    """
    Return the storyboard with nothing left open. What is wrong is told; then what is returned means nothing.

    Args:
        variant: Whose words it has: films that have no name of their own are named after it.
    """
    written = deliveries(findings, sheet)
    master = _master(findings, sheet, path, _slug(path, variant))
    if not findings.problems:
        remark(findings, master.cast, master.board)
    films: list[Storyboard] = []
    apart: dict[str, Findings] = {}
    for name, film in written.items():
        elsewhere = moves(name, film)
        own = apart[name] = findings.apart(moved(findings.source, elsewhere), (*elsewhere, (*DELIVER, name)))
        films.append(_film(own, master, name, film))
    findings.take_over(apart)
    board, of_master = master.board, sheet.deliver.get(MASTER, fields.Delivery())
    return replace(
        board,
        scenes=board.scenes if on(of_master.titles) else _untitled(board.scenes),
        music=board.music if on(of_master.music) else (),
        deliveries=tuple(films),
        notes=tuple(findings.notes),
    )


def _master(findings: Findings, sheet: fields.Sheet, path: Path, name: str) -> _Master:
    film, shape = sheet.deliver.get(MASTER, fields.Delivery()), sheet.defaults
    limits = Limits(findings, shape)
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
        review=_in_turn(findings, sheet.review),
        finish=finish(findings, (*DELIVER, MASTER), film, cast),
        is_labelled=sheet.label is None and film.label is None,
    )
    return _Master(sheet, cast, scenes.trails, cut, board)


def _in_turn(findings: Findings, review: Gate | list[Gate] | None) -> tuple[Gate, ...]:
    """Return the gates of a storyboard in the order in which a run comes to them, each once. A list of none is told."""
    written = [review] if isinstance(review, str) else review or []
    if review == [] and not findings.spoiled(("review",)):
        remedy = f"name one of {', '.join(get_args(Gate))}, or leave `review` out"
        findings.tell("empty-list", ("review",), "the list of where a person is waited for is empty", remedy)
    return tuple(gate for gate in get_args(Gate) if gate in written)


def _film(findings: Findings, master: _Master, name: str, film: fields.Delivery) -> Storyboard:
    """Return the storyboard as one of its films has it: what this says nothing of is as it was read of the master."""
    sheet, shape, below = laid(master.sheet, film), shape_of(master.sheet, film), master.board
    here: Trail = (*DELIVER, name)
    drawings = Drawings(findings, shape, film.fit, shown_in(film, below))
    scenes = tuple(
        drawings.fitted(("scenes", at), written, scene)
        for at, (written, scene) in enumerate(zip(sheet.scenes, below.scenes, strict=True))
    )
    cut, items, music = master.cut, below.cut, below.music
    if film.order is not None or film.close is not None:
        cut = Cut(findings, sheet, scenes, master.trails, of_master=False)
        heard = Heard(findings, sheet, master.cast, scenes, master.trails, cut.items, of_the_cut=below.cut)
        scenes, items, music = heard.scenes, heard.items, heard.music
    letters = Letters(findings, shape)
    if not on(film.titles):
        scenes = _untitled(scenes)
    elif film.order is not None or film.aspect_ratio is not None or film.resolution is not None:
        scenes = Titles(findings, sheet, master.cast, letters, scenes, master.trails, cut, of_master=False).scenes
    captions = below.captions
    if not on(film.captions):
        scenes, captions = tuple(replace(scene, say=()) for scene in scenes), AS_USUAL
    elif film.order is not None or film.captions is not None:
        at: Trail = (*here, "captions") if film.captions is not None else ()
        words = Captioned(findings, sheet, master.cast, letters, scenes, master.trails, cut, at=at)
        scenes, captions = words.scenes, words.captions
    board = replace(
        below,
        scenes=scenes,
        cut=items,
        close=cut.close,
        length=None,
        music=music if on(film.music) else (),
        loudness=sheet.cut.loudness,
        captions=captions,
        chapters=sheet.cut.chapters,
        aspect_ratio=shape.aspect_ratio,
        resolution=shape.resolution,
        delivery=name,
        is_regenerated=film.regenerate,
        finish=finish(findings, here, film, master.cast),
        is_labelled=sheet.label is None and film.label is None,
        notes=(),
    )
    return regenerated(findings, here, sheet, film, below, board) if film.regenerate else board


def _untitled(scenes: tuple[Scene, ...]) -> tuple[Scene, ...]:
    return tuple(replace(scene, titles=()) for scene in scenes)


def _slug(path: Path, variant: str) -> str:
    """Return a name for the film after its file and its variant, safe as a file name everywhere."""
    most = 64 - len(variant) - 1 if variant else 64
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[: max(0, most)].strip("-_")
    return "-".join(filter(None, (name, variant))) or "film"
