"""
What a run did, step by step, for those who look at it afterwards: made or reused, how long, what it cost, and what failed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from storyreel.delivery.clip_marks import marks_of, with_redo
from storyreel.delivery.film import Film
from storyreel.delivery.places import FilmFiles
from storyreel.delivery.rough import RoughCut
from storyreel.errors import NotReached, SubmitUnknown
from storyreel.model.money import dollars
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Clip
from storyreel.production.frame_sources import beyond_the_clip
from storyreel.production.session import Session
from storyreel.production.summary import Ends, words_of
from storyreel.vault import Claim, Take
from storyreel.vault.costs import Costs, Sums

AT_ONCE = 16
"""How many steps are looked up in the vault at the same time."""


@dataclass(frozen=True)
class Line:
    """
    How one step did. `bought` says that this run sent its request; `charged_ticks` is what the service said it charged.
    `unknown` says that its answer was lost, so that nobody knows what it cost.

    `note` is why it has no clip, or what is odd about the one it has.
    """

    step: Step
    state: Literal["made", "reused", "failed", "not reached"]
    bought: bool
    request_id: str | None
    seconds: float
    charged_ticks: int | None
    note: str = ""
    unknown: bool = False


async def reported(session: Session, ends: Ends) -> tuple[Line, ...]:
    """
    Return how each step of the plan did, in its order.

    Args:
        ends: The clip of each step, or why it has none.

    Raises:
        VaultError: The vault cannot be read.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def line(step: Step) -> Line:
        async with gate:
            return await _line(session, step, ends)

    return tuple(await asyncio.gather(*map(line, session.plan.steps)))


async def _line(session: Session, step: Step, ends: Ends) -> Line:
    end = ends[step.id]
    if isinstance(end, NotReached):
        return Line(step, "not reached", False, None, 0.0, None, words_of(end))
    request_id = getattr(end, "request_id", None)
    take = await session.vault.takes.get(session.service, request_id) if request_id else None
    claim = await _claim_of(session, take) if take is not None else None
    bought = claim is not None and _is_ours(session, claim)
    charged = take.charge if take is not None else None
    if isinstance(end, Clip):
        seconds = take.seconds if take is not None else 0.0
        made_from = {need: clip.request_id for need in step.needs if isinstance(clip := ends[need], Clip)}
        frame = await beyond_the_clip(session.plan, step, session.vault, session.service, made_from)
        marks = with_redo(step.id, await marks_of(session.vault, take, claim.recipe if claim is not None else None))
        notes = "; ".join(filter(None, [*(take.notes if take else ()), frame, marks]))
        return Line(step, "made" if bought else "reused", bought, end.request_id, seconds, charged, notes)
    return Line(step, "failed", bought, request_id, 0.0, charged, words_of(end), isinstance(end, SubmitUnknown))


async def _claim_of(session: Session, take: Take) -> Claim | None:
    """Return what was written before a take was sent; None where this vault has not asked for it."""
    attempts = await session.vault.attempts.of(take.service, take.fingerprint) if take.fingerprint else ()
    return next((attempt.claim for attempt in attempts if attempt.number == take.attempt), None)


def _is_ours(session: Session, claim: Claim) -> bool:
    """Whether it was sent by this run, and not by another one before or beside it, nor to make another variant."""
    return claim.ask.run_id == session.ask.run_id and claim.board in ("", session.plan.board.slug)


def _is_cast(plan: Plan, name: str) -> bool:
    """Whether the first half of a step's id is a member of the cast, and no scene."""
    return name.rpartition(":")[2] not in {scene.id for scene in plan.board.scenes}


def by_scene(lines: Iterable[Line], costs: Costs) -> dict[str, Sums]:
    """Return what all that was asked for each scene and member of the cast came to, whoever asked, whatever came of it."""
    return {scene: costs.of_scene(scene) for scene in dict.fromkeys(line.step.scene for line in lines)}


def as_table(session: Session, lines: Sequence[Line], costs: Costs) -> list[dict[str, str]]:
    """
    Return the lines as rows for a table, in words and dollars, and the sums below them.

    `in all` has every request for the step, those of other runs too.
    """
    plan = session.plan
    rows = [
        {
            "scene": "" if (cast := _is_cast(plan, line.step.scene)) else line.step.scene,
            "cast": line.step.scene if cast else "",
            "step": line.step.name,
            "state": line.state,
            "seconds": f"{line.seconds:g}" if line.seconds else "",
            "estimate": dollars(line.step.ticks),
            "charged": _charged(line),
            "in all": costs.of_step(line.step.id).words,
            "this run": "bought" if line.bought else "",
            "request": line.request_id or "",
            "note": line.note,
        }
        for line in lines
    ]
    sums = {
        "scene": "in all",
        "state": _states(lines),
        "estimate": dollars(sum(line.step.ticks for line in lines)),
        "in all": costs.sums.words,
        "this run": costs.by_run(session.ask.run_id, session.plan.board.slug),
    }
    return [*rows, *({**dict.fromkeys(row, ""), **sums} for row in rows[:1])]


def _states(lines: Iterable[Line]) -> str:
    """Return how many steps ended how: `2 made, 1 reused`."""
    return ", ".join(f"{count} {state}" for state, count in Counter(line.state for line in lines).items())


def as_page(
    session: Session,
    lines: Sequence[Line],
    costs: Costs,
    *,
    films: Sequence[Film],
    rough: RoughCut | None = None,
    films_url: str | None,
) -> str:
    """
    Return what a run made as a page of Markdown: the films with their links, what it cost, and each failure.

    Args:
        costs: What was asked for the storyboard so far.
        films: Those that were cut.
        rough: What was cut in the master's place.
        films_url: Where the folder of films is served; without it, paths are told.
    """
    billed = " (sandbox: nothing is billed)" if session.service == "sandbox" else ""
    page = [f"# {plain(session.plan.board.title)}", ""]
    names = {film.delivery for film in films}
    for film in (film for film in session.plan.films if film.name in names):
        page += [*film_links(session.files_of(film), film.called, films_url), ""]
    if missing := [film.called for film in session.plan.films if film.name not in names]:
        page += [f"Not cut: {', '.join(missing)}." if names else "No film was cut.", ""]
    if rough is not None:
        page += [*film_links(session.rough, "rough cut", films_url), "", f"Rough cut: {plain(rough.words)}.", ""]
    new, reused = (sum(line.state == state for line in lines) for state in ("made", "reused"))
    lengths = ", ".join(f"{film.seconds:g} s" for film in session.plan.films)
    page.append(
        f"{lengths}. {new} made, {reused} reused, {costs.by_run(session.ask.run_id, session.plan.board.slug)}{billed}."
    )
    page += ["", "| | takes | charged | estimated |", "|---|--:|--:|--:|"]
    page += [
        _in_columns(f"{'cast' if _is_cast(session.plan, name) else 'scene'} {name}", sums)
        for name, sums in by_scene(lines, costs).items()
    ]
    page.append(_in_columns("in all", costs.sums))
    page += ["", f"In all: {costs.sums.words}."]
    if lost := sum(line.step.ticks for line in lines if line.unknown):
        page += ["", f"Answers were lost: up to {dollars(lost)} more may have been charged."]
    failed = [line for line in lines if line.state == "failed"]
    if failed:
        page += ["", "## What failed", "", *(f"- **{line.step.id}** {plain(line.note)}" for line in failed)]
    odd = [line for line in lines if line.note and line.request_id and line.state != "failed"]
    if odd:
        page += ["", "## Notes", "", *(f"- {line.step.id}: {plain(line.note)}" for line in odd)]
    return "\n".join(page) + "\n"


def film_links(files: FilmFiles, what: str, films_url: str | None) -> Iterator[str]:
    """Yield a line for each file of a film: a link where the folder of films is served, else its path."""
    captions = [("captions", files.vtt)] if files.vtt.is_file() else []
    for name, path in ((what, files.film), ("contact sheet", files.sheet), ("cut list", files.cut_list), *captions):
        where = film_address(path, films_url)
        yield f"- [{name}]({where})" if films_url else f"- {name}: `{where}`"


def film_address(path: Path, films_url: str | None) -> str:
    """Return where a file of a film can be had: its address where the folder of films is served, else its path."""
    return f"{films_url}/{quote(f'{path.parent.name}/{path.name}')}" if films_url else str(path.absolute())


def _in_columns(name: str, sums: Sums) -> str:
    if not sums.takes:
        return f"| {name} | | | |"
    charged = (
        dollars(sums.charged_ticks) if sums.charged_ticks is not None else "not told" if sums.estimated_ticks else ""
    )
    return f"| {name} | {sums.takes} | {charged} | {dollars(sums.estimated_ticks) if sums.estimated_ticks else ''} |"


def _charged(line: Line) -> str:
    if line.unknown:
        return f"up to {dollars(line.step.ticks)}"
    return "" if line.charged_ticks is None else dollars(line.charged_ticks)


def plain(text: str) -> str:
    """Return text that means nothing but itself in Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
