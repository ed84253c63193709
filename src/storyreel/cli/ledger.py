"""
What was bought so far, and what a person has to say about it: the takes of a storyboard, and answers that were lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.screen import say
from storyreel.errors import SettingsError
from storyreel.ids import typed
from storyreel.reel import Plan, believed, usd
from storyreel.settings import read_settings
from storyreel.studio.asked import service_asked
from storyreel.studio.forecast import forecast
from storyreel.studio.names import step_named
from storyreel.studio.reading import read_plan
from storyreel.studio.resolving import adopt, adopt_still, give_up, lost_attempt
from storyreel.studio.service import call
from storyreel.vault import Attempt, Delivered, Vault, open_vault


def resolve_step(
    board: Path,
    name: str,
    request_id: str | None,
    file: Path | None,
    lost: bool,
    vault: str | None,
    sandbox: bool,
    console: Console,
) -> int:
    """
    Write down what became of a request whose answer was lost; return the exit code.

    Raises:
        SettingsError: Not exactly one thing was said of it, it does not fit the step, or there is nothing to resolve.
    """
    if [request_id is not None, file is not None, lost].count(True) != 1:
        raise SettingsError("say one thing of it: --request-id ID, --file PICTURE (a still), or --lost")
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    _, plan = read_plan(board, catalog)
    step = step_named(plan, name)
    if request_id is not None and step.kind == "still":
        raise SettingsError(f"{step.id} is a still, which has no request id: give the picture with --file, or --lost")
    if file is not None and step.kind != "still":
        raise SettingsError(f"{step.id} is no still: give its --request-id, or --lost")
    kept = open_vault(vault or settings.vault, cache=settings.cache)

    async def written_down() -> str | None:
        service = await service_asked(settings, catalog, kept, sandbox=sandbox)
        outlook = await forecast(plan, kept, service, allowed={s.id for s in plan.steps})
        attempt = await lost_attempt(outlook, kept, service, step)
        if lost and attempt.doubtful_id is None:
            await give_up(kept, attempt)
        elif lost:
            async with call(settings, catalog, sandbox=sandbox) as client:
                return await give_up(kept, attempt, client)
        elif file is not None:
            await adopt_still(kept, step, attempt, file)
        elif request_id is not None:
            async with call(settings, catalog, sandbox=sandbox) as client:
                await adopt(kept, client, attempt, typed(request_id))
        return None

    if (turned_up := asyncio.run(written_down())) is not None:
        say(console, f"{step.id}: not lost: the service knows {turned_up}; the next run goes on from it")
        return 0
    became = "lost; the next run may send it again" if lost else f"{request_id or file}; the next run goes on from it"
    say(console, f"{step.id}: written down as {became}")
    return 0


def takes_of(board: Path, vault: str | None, sandbox: bool) -> dict[str, Any]:
    """Return every attempt at the steps of a storyboard, oldest first, as data."""
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    _, plan = read_plan(board, catalog)
    kept = open_vault(vault or settings.vault, cache=settings.cache)
    return asyncio.run(_takes(plan, kept, asyncio.run(service_asked(settings, catalog, kept, sandbox=sandbox))))


async def _takes(plan: Plan, vault: Vault, service: str) -> dict[str, Any]:
    outlook = await forecast(plan, vault, service, allowed={step.id for step in plan.steps})
    now = {said.step.id: said for said in outlook}
    # The same request may have been sent for a scene of another name, or for another storyboard.
    shared = {said.fingerprint: said.step.id for said in outlook if said.fingerprint is not None}
    sound, damaged = await vault.every_attempt(service)
    attempts = [
        (shared.get(attempt.claim.fingerprint, attempt.claim.step), attempt)
        for attempt in sound
        if attempt.claim.fingerprint in shared
        or (attempt.claim.step in now and attempt.claim.board in ("", plan.board.slug))
    ]
    order = {step.id: place for place, step in enumerate(plan.steps)}
    attempts.sort(key=lambda found: (order[found[0]], found[1].claim.at))
    delivered = [await vault.delivered(attempt.claim) if attempt.take is None else None for _, attempt in attempts]
    told = [
        _told(step, attempt, request_id, came, used=now[step].request_id)
        for (step, attempt), came in zip(attempts, delivered, strict=True)
        # An answer that came late is a take of its own.
        for request_id in attempt.request_ids or (None,)
    ]
    return {
        "version": 1,
        "slug": plan.board.slug,
        "service": service,
        "takes": told,
        "scenes": [
            {"scene": scene.id, **_summed([take for take in told if take["step"].partition("/")[0] == scene.id])}
            for scene in plan.board.scenes
        ],
        "totals": _summed(told),
        "damaged": [str(one) for one in damaged],
    }


def _summed(takes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "takes": len(takes),
        "estimated_usd": round(sum(take["estimated_usd"] for take in takes), 6),
        "charged_usd": round(sum(take["charged_usd"] or 0 for take in takes), 6),
    }


def _told(
    step: str, attempt: Attempt, request_id: str | None, came: Delivered | None, *, used: str | None
) -> dict[str, Any]:
    estimate = attempt.claim.estimate_ticks
    charge = believed(came.charge, estimate) if came is not None else None
    place = f"what came is kept as {came.place}" if came is not None and came.elsewhere else ""
    take = next((take for take in attempt.takes if take.request_id == request_id), None)
    counts = request_id == attempt.request_id
    charge = take.charge if take is not None else charge
    why = attempt.unknown or (take.message if take else attempt.answer.message if attempt.answer else "")
    return {
        "step": step,
        "attempt": attempt.number,
        "state": attempt.state if counts else "open" if take is None else take.end,
        "used": request_id is not None and request_id == used,
        "at": attempt.claim.at.isoformat(timespec="seconds"),
        "age_s": round((datetime.now(UTC) - attempt.claim.at).total_seconds()),
        "request_id": request_id,
        "seconds": take.seconds if take else None,
        "estimated_usd": usd(estimate),
        "charged_usd": usd(charge) if charge is not None else None,
        "prompt": str(attempt.claim.recipe.get("body", {}).get("prompt", "")),
        "why": "; ".join(filter(None, [why, place])),
    }
