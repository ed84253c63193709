"""
A board that was shot at a given time, written down as a run writes it: nothing is drawn, and each run gives the same records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.vault import Answer, Ask, Claim, Take, Vault, attempt_key
from storyreel.vault.paths import slate_folder, take_key
from storyreel.vault.record_text import written
from storyreel.vault.records import still_id

TOOK_S = {"still": 6, "video": 40, "extend": 70, "edit": 30}
"""Seconds from the claim of a step to its end."""


def shoot(
    board: Path,
    at: str,
    *,
    redo: Collection[str] = (),
    lost: Collection[str] = (),
    marked: bool = True,
    variant: str = "",
    film: Callable[[str, float], bytes] | None = None,
) -> tuple[str, ...]:
    """
    Buy what a plan of a board would buy, at the real API and at a time; return the steps.

    Args:
        redo: Steps that are made again.
        lost: Steps whose answer never came.
        marked: Whether the index has it; 0.1.0 had none.
        variant: Which one is shot, of a board that has some.
        film: Gives the clip of a step of so many seconds, where it is to be one that can be seen.
    """
    return asyncio.run(_shoot(board, datetime.fromisoformat(f"{at}+00:00"), redo, lost, marked, variant, film))


async def _shoot(
    board: Path,
    at: datetime,
    redo: Collection[str],
    lost: Collection[str],
    marked: bool,
    variant: str,
    film: Callable[[str, float], bytes] | None,
) -> tuple[str, ...]:
    ready = prepare(board, redo=tuple(redo), variant=[variant] if variant else ())
    vault, plan, shot = ready.vault, ready.plan, []
    for step in plan.steps:
        known = {
            each.step.id: each
            for each in await forecast(plan, vault, "xai", allowed=ready.allowed, redo=ready.redo - set(shot))
        }
        if not known[step.id].buys or known[step.id].fingerprint is None:
            continue
        takes = {need: str(known[need].request_id) for need in step.needs}
        recipe = step.recipe.filled(takes)
        fingerprint = recipe.fingerprint("xai")
        number = len(await vault.attempts.of("xai", fingerprint)) + 1
        claim = Claim(
            at=at, service="xai", fingerprint=fingerprint, attempt=number, nonce=f"{number:032}", host="set", boot_id="",
            pid_space="", pid=1, started=0, ask=Ask(run_id=f"run-{at:%H%M}", k=0), step=step.id, board=plan.board.slug,
            recipe=recipe.model_dump(mode="json"), estimate_ticks=step.ticks, till=None,
        )  # fmt: skip
        clip = film(step.id, step.seconds) if film is not None and step.kind != "still" else None
        await write(vault, claim, step.kind, step.seconds, answered=step.id not in lost, clip=clip)
        shot.append(step.id)
    if marked:
        await vault.index.complete()
    return tuple(shot)


async def write(
    vault: Vault, claim: Claim, kind: str, seconds: float, *, answered: bool, clip: bytes | None = None
) -> None:
    """Write what is left of a request: its claim, its answer, its take with a clip."""
    folder = f"{slate_folder('xai', claim.fingerprint)}/{claim.attempt}"
    await vault.store.create(f"{folder}/claim.json", written(claim))
    if not answered:
        await vault.claims.answer_unknown(claim, "the line went dead")
        return
    key = attempt_key(claim.fingerprint, claim.attempt)
    request_id = still_id(claim.fingerprint, claim.attempt) if kind == "still" else str(uuid5(NAMESPACE_URL, key))
    content = f"the clip of {request_id}".encode() if clip is None else clip
    sha256 = await vault.clips.keep_bytes(content, ".jpg" if kind == "still" else ".mp4")
    take = Take(
        at=claim.at + timedelta(seconds=TOOK_S[kind]), service="xai", request_id=request_id, fingerprint=claim.fingerprint,
        attempt=claim.attempt, end="clip", sha256=sha256, suffix=".jpg" if kind == "still" else ".mp4",
        seconds=0 if kind == "still" else seconds, frames=1 if kind == "still" else round(24 * seconds),
        asked_seconds=seconds, charged_ticks=claim.estimate_ticks, estimate_ticks=claim.estimate_ticks,
    )  # fmt: skip
    await vault.store.create(take_key("xai", request_id), written(take))
    answer = Answer(at=take.at, kind="accepted", nonce=claim.nonce, request_id=request_id)
    await vault.store.create(f"{folder}/answer.json", written(answer))
