"""
How the storyboards of a folder stand, each in a line: what `storyreel status --json` prints. docs/status.schema.json is made
from it.

Only files and the vault are read: nothing is sent, asked, cut or put back. A storyboard that cannot be read is a line as well.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from storyreel.catalog import Catalog
from storyreel.delivery.places import FilmFiles, files_of
from storyreel.errors import StoryboardError
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.finish import AS_CUT, Finish
from storyreel.model.money import usd
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, Frozen, ServiceName
from storyreel.production.approval.status import awaits, gate_of
from storyreel.production.film_sums import FilmSums, film_sums
from storyreel.production.outlook import Forecast, forecast
from storyreel.production.pins import noted
from storyreel.production.read_plan import read_plans
from storyreel.production.reasons import with_reasons
from storyreel.production.summary import words_of
from storyreel.vault import Vault

BoardState = Literal["current", "stale", "failed", "waits", "never shot", "wrong"]
ADDRESS_H = 24.0
"""Hours for which what is finished can be downloaded. Source: xai-sdk 1.21.0, read 2026-11-22; the docs say "temporary"."""


class BoardStatus(Frozen):
    """How one film of a storyboard stands."""

    board: Annotated[str, Field(description="Its file.")]
    slug: Annotated[str, Field(description="What its film is called; empty where it cannot be read.")]
    variant: Annotated[str, Field(description="Empty where the storyboard has none.")] = ""
    delivery: Annotated[str, Field(description="Which of its deliveries it is; empty for the master.")] = ""
    state: Annotated[
        BoardState,
        Field(
            description="current: its film is there as it is written. stale: something has changed since. failed: a run would only "
            "fail again. waits: for a person, or for what the service has taken. wrong: it cannot be read."
        ),
    ]
    why: Annotated[str, Field(description="One reason for that; empty where it is current or was never shot.")]
    buy: Annotated[
        int,
        Field(
            description="How many requests a run would send for it; what several films of a storyboard need is with the first."
        ),
    ]
    usd: Annotated[float, Field(description="What they are estimated to cost.")]
    fetch: Annotated[int, Field(description="How many takes are paid, and not downloaded yet.")]
    hours_left: Annotated[
        float | None,
        Field(
            description="For how long the first of these can surely still be downloaded, by when it was asked for; 0: maybe no "
            "longer. null where nothing is to be downloaded."
        ),
    ]


class BoardsData(Frozen):
    """How the storyboards of a folder stand: a line for each film."""

    version: Literal[1] = 1
    folder: str
    service: Annotated[ServiceName, Field(description="Whose takes count.")]
    vault: str
    boards: tuple[BoardStatus, ...]


async def boards_data(
    boards: Sequence[Path], folder: str, catalog: Catalog, vault: Vault, service: ServiceName, out: Path
) -> BoardsData:
    """
    Return how storyboards stand.

    Args:
        boards: Their files.
        folder: Where they are, as a person has written it.
        out: The folder for films.

    Raises:
        VaultError: The vault cannot be read.
    """
    lines: list[BoardStatus] = []
    owner: dict[str, str] = {}
    for board in boards:
        for line in await _lines(board, catalog, vault, service, out):
            if line.slug and (other := owner.setdefault(line.slug, board.name)) != board.name:
                why = f"its film is named {line.slug}, like that of {other}, and each would replace the other: give it a slug"
                line = line.model_copy(update={"state": "wrong", "why": why})
            lines.append(line)
    return BoardsData(folder=folder, service=service, vault=vault.address, boards=tuple(lines))


@dataclass(frozen=True)
class _LaidOver:
    plan: Plan
    service: ServiceName
    outlook: tuple[Forecast, ...]


async def _lines(
    board: Path, catalog: Catalog, vault: Vault, service: ServiceName, out: Path
) -> tuple[BoardStatus, ...]:
    """Return how each film of a storyboard stands; of one that cannot be read one line."""
    nothing = BoardStatus(board=board.name, slug="", state="wrong", why="", buy=0, usd=0.0, fetch=0, hours_left=None)
    try:
        plans = await asyncio.to_thread(read_plans, board, catalog)
        laid = [await _laid_over(plan, vault, service) for plan in plans]
        sums = [each for each in film_sums(laid) if each.film is not None]
        return tuple([await _of_film(board.name, laid[each.sheet], each, vault, out) for each in sums])
    except StoryboardError as wrong:
        first, more = wrong.problems[0], len(wrong.problems) - 1
        why = f"{first.place.line}:{first.place.column}: {first.message}"
        return (nothing.model_copy(update={"why": f"{why} (and {more} more)" if more else why}),)
    except Exception as error:
        # Whatever is the matter with one storyboard, the others are to be seen.
        return (nothing.model_copy(update={"why": words_of(error)}),)


async def _laid_over(plan: Plan, vault: Vault, service: ServiceName) -> _LaidOver:
    plan = await noted(plan, vault, service)
    looked = await forecast(plan, vault, service, allowed=frozenset(step.id for step in plan.steps))
    return _LaidOver(plan, service, (await with_reasons(plan, looked, vault, service)).outlook)


async def _of_film(name: str, laid: _LaidOver, sums: FilmSums, vault: Vault, out: Path) -> BoardStatus:
    film = sums.film
    assert film is not None, "it was looked at before"
    needed = [each for each in laid.outlook if each.step.id in set(film.needs)]
    fetched = [each for each in needed if each.outlook == "fetch" and each.known]
    hours = [left for each in fetched if (left := _hours_left(each)) is not None]
    state, why = await _state(laid, film, needed, vault, out, hours)
    return BoardStatus(
        board=name,
        slug=film.board.slug,
        variant=film.board.variant,
        delivery=film.board.delivery,
        state=state,
        why=why,
        buy=len(sums.bought),
        usd=usd(sums.buy_ticks),
        fetch=len(fetched),
        hours_left=min(hours, default=None),
    )


async def _state(
    laid: _LaidOver,
    film: PlannedFilm,
    needed: Sequence[Forecast],
    vault: Vault,
    out: Path,
    hours: Sequence[float],
) -> tuple[BoardState, str]:
    """Return how a film stands and one reason: what a person has to see to comes first."""
    for each in needed:
        if each.is_damaged:
            return "waits", f"{each.step.id}: {each.why}"
        if each.outlook == "unknown":
            return "waits", f"{each.step.id}: {each.why}; storyreel resolve says what became of it"
    if stopped := [each for each in needed if each.outlook == "stopped"]:
        return "failed", _and_more(stopped)
    every = frozenset(each.step.id for each in laid.outlook)
    gate = await gate_of(laid.plan, vault, laid.service, laid.outlook, allowed=every)
    if gate is not None and gate.review is not None and gate.approval is None:
        return "waits", f"{awaits(gate.review)}: storyreel {'shoot --redo' if gate.review.rejected else 'approve'}"
    if under_way := [each for each in needed if each.outlook == "wait"]:
        return "waits", _and_more(under_way)
    if fetched := [each for each in needed if each.outlook == "fetch"]:
        return "waits", "; ".join([_and_more(fetched), *([_in_time(min(hours))] if hours else [])])
    if bought := [each for each in needed if each.buys]:
        return (
            ("never shot", "")
            if all(_is_new(each, film.board.slug) for each in needed)
            else ("stale", _and_more(bought))
        )
    clips = {each.step.id: each.clip for each in needed if each.clip is not None}
    why = _why_not(film, clips, files_of(out, film.board, laid.service))
    return ("stale", why) if why else ("current", "")


def _and_more(some: Sequence[Forecast]) -> str:
    more = f" (and {len(some) - 1} more)" if len(some) > 1 else ""
    return f"{some[0].step.id}: {some[0].why}{more}"


def _in_time(hours: float) -> str:
    if hours <= 0:
        return f"that was over {ADDRESS_H:g} h ago, so the service may have it no more: run it now"
    return f"surely there for {hours:.0f} h more" if hours >= 1 else "surely there for less than an hour"


def _is_new(each: Forecast, slug: str) -> bool:
    """Whether nothing was ever asked for a step, as far as the vault tells, unless another storyboard or variant asked for the same."""
    if each.attempt is not None:
        return each.former is None and each.attempt.claim.board not in ("", slug)
    return each.former is None and each.request_id is None


def _why_not(film: PlannedFilm, clips: Mapping[str, Clip], files: FilmFiles) -> str:
    """Return why a film is not current whose clips are all there, by the cut list that lies beside it; empty if it is."""
    listed: Any = None
    with suppress(OSError, ValueError):
        listed = json.loads(read_plain(files.cut_list, WORDS_MOST))
    if not files.film.is_file():
        return "its film is not cut, or gone; nothing is bought"
    identity = film.timeline.identity({step: clip.sha256 for step, clip in clips.items()})
    if not isinstance(listed, dict) or listed.get("identity") != identity:
        return "its cut has changed; nothing is bought for that"
    if not _is_handed_over_so(film.board.finish, listed):
        return "it is to be handed over otherwise; nothing is bought for that"
    return ""


def _is_handed_over_so(finish: Finish, listed: Mapping[str, Any]) -> bool:
    """Whether the film that a cut list is about is handed over as its storyboard has it now."""
    handed = listed.get("handed_over") or {}
    overlay = handed.get("overlay") and [handed["overlay"].get(name) for name in ("sha256", "place", "opacity")]
    rate = float(finish.rate) if finish.rate is not None else listed.get("fps")
    was = {
        "codec": handed.get("codec", AS_CUT.codec),
        "rate": handed.get("fps", listed.get("fps")),
        "burn_in": handed.get("burn_in", AS_CUT.burn_in),
        "overlay": overlay,
    }
    return was == {**finish.identity, "rate": rate}


def _hours_left(each: Forecast) -> float | None:
    """
    Return for how many hours a take can surely be downloaded yet; 0 where that is over, None where nobody knows.

    When it was finished is not known, so it is counted from when it was asked for, which was before.
    """
    if each.attempt is None:
        return None
    age = datetime.now(UTC) - each.attempt.claim.at
    return max(0.0, round(ADDRESS_H - age.total_seconds() / 3600, 1))
