"""
A board's page, filled in from its plan, laid over the vault: scenes, takes, what is stale and why, what waits, what it all came to.

Only files and the vault are read; nothing is sent, asked or cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from storyreel.delivery.clip_marks import in_words
from storyreel.delivery.clip_names import clip_name
from storyreel.delivery.page.board_page import (
    BoardPage,
    Condition,
    CostLine,
    ShownChange,
    ShownFilm,
    ShownMark,
    ShownPiece,
    ShownScene,
    ShownStep,
    ShownTake,
)
from storyreel.delivery.page.notes import as_listed
from storyreel.delivery.page.pictures import Pictures
from storyreel.delivery.page.shelf import Drawn, Shelf
from storyreel.errors import MediaError, VaultError
from storyreel.model.money import dollars
from storyreel.model.plan import Step
from storyreel.model.recipe import ServiceName
from storyreel.model.request_ids import in_yaml
from storyreel.model.storyboard import Scene
from storyreel.planning.diff import Change, made_from, words
from storyreel.production.approval.status import gate_of, waiting
from storyreel.production.outlook import Forecast
from storyreel.production.page_commands import pin_command, shoot_command
from storyreel.production.page_films import shown_films
from storyreel.production.page_waiting import shown_waiting
from storyreel.production.prepare import Prepared
from storyreel.production.reasons import file_names
from storyreel.production.takes_data import MemberTotals, SceneTotals, TakeData, TakesData, takes_data
from storyreel.production.top_sheet import TopSheet, top_sheet

WITH_CLIP = ("clip", "missing")


async def page_of(ready: Prepared, service: ServiceName) -> Drawn:
    """
    Return the page of one board, or of one of its variants.

    Raises:
        VaultError: The vault cannot be read.
    """
    shelf = Shelf(ready.vault, Pictures(ready.vault))
    sheet = await top_sheet(ready, service)
    takes = await takes_data(sheet.plan, ready.vault, service)
    board = sheet.plan.board
    gate = await gate_of(sheet.plan, ready.vault, service, sheet.outlook, allowed=ready.allowed)
    films, no_film = await shown_films(ready.out, sheet, shelf)
    scenes = await _scenes(sheet, takes, films, waiting(sheet.plan, gate), shelf)
    page = BoardPage(
        title=board.title,
        slug=board.slug,
        board=board.path.name,
        service=service,
        drawn_at=_moment(datetime.now(UTC)),
        films=films,
        no_film=no_film,
        waiting=await shown_waiting(ready, service, gate, shelf),
        scenes=scenes,
        costs=tuple(_costs(takes, sheet)),
        total=_cost("in all", takes.totals.takes, takes.takes, takes.totals.estimated_usd, sheet.buy_ticks),
        shoot_command=shoot_command(sheet.plan, service),
        reviews=as_listed(ready.out, board.slug, service),
        notes=(*(note.line for note in board.notes), *sheet.plan.notes, *takes.damaged),
    )
    return Drawn(page, shelf.files)


async def _scenes(
    sheet: TopSheet, takes: TakesData, films: Sequence[ShownFilm], held: frozenset[str], shelf: Shelf
) -> tuple[ShownScene, ...]:
    board, outlook = sheet.plan.board, sheet.outlook
    places = {scene.id: place for place, scene in enumerate(board.scenes)}
    members = dict.fromkeys(each.step.scene_id for each in outlook if each.step.scene_id not in places)
    frames = {frame.scene: frame for film in reversed(films) for frame in reversed(film.frames)}
    shown: list[ShownScene] = []
    for name in (*members, *places):
        place = places.get(name, -1)
        own = [each for each in outlook if each.step.scene_id == name]
        steps = [await _step(sheet, each, takes, place, each.step.id in held, shelf) for each in own]
        rows = [take for take in takes.takes if take.step in {step.id for step in steps}]
        scene = board.scenes[place] if place >= 0 else None
        pictures = [take.picture for step in reversed(steps) for take in step.takes if take.used and take.picture]
        shown.append(
            ShownScene(
                id=name,
                number=place + 1 if scene is not None else None,
                kind=_kind(scene, steps),
                seconds=scene.seconds if scene is not None else 0.0,
                starts=tuple(frame.start for film in films[:1] for frame in film.frames if frame.scene == name),
                picture=next(iter(pictures), frames[name].picture if name in frames else ""),
                note=scene.note if scene is not None else "",
                steps=tuple(steps),
                charged=_charged(rows),
                to_buy=_amount(sum(each.step.ticks for each in own if each.buys)),
                takes=len(rows),
            )
        )
    return tuple(shown)


def _kind(scene: Scene | None, steps: Sequence[ShownStep]) -> str:
    """Return what a scene is of which nothing is shot; empty where something is."""
    if scene is None:
        return "cast"
    return "" if steps else "own footage" if scene.footage is not None else scene.mode


async def _step(sheet: TopSheet, each: Forecast, takes: TakesData, place: int, held: bool, shelf: Shelf) -> ShownStep:
    step, body = each.step, each.step.recipe.body
    prompt = str(body.get("prompt", ""))
    own = [take for take in takes.takes if take.step == step.id]
    return ShownStep(
        id=step.id,
        kind=step.kind,
        condition=condition_of(each),
        why=each.why if condition_of(each) != "current" else "",
        changes=tuple(map(_change, each.changes)),
        prompt=prompt,
        model=str(body.get("model", "")),
        seconds=step.seconds,
        price=dollars(step.ticks),
        takes=tuple([await _take(sheet, take, step, place, shelf) for take in own]),
        redo_command=shoot_command(sheet.plan, sheet.service, "--redo", step.id),
        waits_for_approval=held and each.buys,
        made_from=tuple(f"{part}: {source}" for part, source in made_from(step.recipe, file_names(sheet.plan)).items()),
    )


def condition_of(each: Forecast) -> Condition:
    """Return how a step stands: what was bought before, and would be bought anew, is stale."""
    match each.outlook:
        case "reuse":
            return "current"
        case "buy" | "follows":
            return "stale" if each.claim is not None else "new"
        case "fetch" | "wait":
            return "waits"
        case "unknown":
            return "unknown"
        case "stopped":
            return "failed"
        case "left out":
            return "left out"


def _change(change: Change) -> ShownChange:
    before, after = ("" if value is None else str(value) for value in (change.before, change.after))
    if change.text:
        pieces = [ShownPiece(kind=piece.kind, text=piece.text) for piece in words(before, after)]
    else:
        pieces = [ShownPiece(kind="out", text=before), ShownPiece(kind="in", text=after)]
    return ShownChange(field=change.field, pieces=tuple(piece for piece in pieces if piece.text), note=change.note)


async def _take(sheet: TopSheet, take: TakeData, step: Step, place: int, shelf: Shelf) -> ShownTake:
    prompt = str(step.recipe.body.get("prompt", ""))
    path, sha256 = await _file(sheet, take, shelf)
    media, picture = None, ""
    if path is not None:
        name = clip_name(sheet.plan.board.slug, place, take.step, take.number, path.suffix)
        media = shelf.put(name, path)
        # From the middle of what it has added: an extension begins with what was there.
        middle = max(0.0, (take.seconds or 0.0) - step.bought_seconds / 2)
        picture = await shelf.pictures.of(path, sha256, middle)
    has_clip = take.state in WITH_CLIP and take.request_id is not None
    return ShownTake(
        number=take.number,
        state=take.state,
        used=take.used,
        films=take.films,
        at=_moment(datetime.fromisoformat(take.at)),
        seconds=take.seconds,
        charge=_dollars(take.charged_usd) if take.charged_usd is not None else "",
        request_id=take.request_id or "",
        prompt=take.prompt if take.prompt != prompt else "",
        why=take.why,
        media=media,
        picture=picture,
        marks=tuple(ShownMark(mark=mark, words=in_words((mark,))) for mark in take.marks),
        pin=f"pin: {in_yaml(take.request_id)}" if has_clip and take.request_id is not None else "",
        pin_command=pin_command(sheet.plan, sheet.service, take.step, take.number) if has_clip else "",
    )


async def _file(sheet: TopSheet, take: TakeData, shelf: Shelf) -> tuple[Path | None, str]:
    """Return the file of a take's clip on this machine, and its content; None where it cannot be had."""
    if take.state != "clip" or take.request_id is None:
        return None, ""
    try:
        end = await shelf.vault.takes.get(sheet.service, take.request_id)
        if end is None or end.sha256 is None:
            return None, ""
        return await shelf.vault.clips.local(end.sha256), end.sha256
    except (VaultError, MediaError):
        return None, ""  # a damaged clip is told of by `takes` and by a run; the rest of the page is to be seen


def _costs(takes: TakesData, sheet: TopSheet) -> list[CostLine]:
    to_buy = {sums.name: sums.buy_ticks for sums in sheet.scenes}
    lines: list[tuple[str, MemberTotals | SceneTotals]] = [(each.member, each) for each in takes.cast]
    lines += [(each.scene, each) for each in takes.scenes]
    return [
        _cost(
            name,
            each.takes,
            [take for take in takes.takes if take.scene == name],
            each.estimated_usd,
            to_buy.get(name, 0),
        )
        for name, each in lines
        if each.takes or to_buy.get(name)
    ]


def _cost(name: str, count: int, rows: Sequence[TakeData], estimated: float, to_buy: int) -> CostLine:
    return CostLine(
        name=name, takes=count, charged=_charged(rows), estimated=_dollars(estimated), to_buy=_amount(to_buy)
    )


def _charged(rows: Sequence[TakeData]) -> str:
    """Return what some takes were charged, each request once; empty where the service told of none."""
    charges = [take.charged_usd for take in rows if take.charged_usd is not None and take.same_request_as is None]
    return _dollars(sum(charges)) if charges else ""


def _amount(ticks: int) -> str:
    return dollars(ticks) if ticks else ""


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if round(amount * 1000) % 10 == 0 else f"${amount:.3f}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
