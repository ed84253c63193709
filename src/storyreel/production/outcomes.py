"""
How a take ends: as a record for the vault, and - where it gave no clip - as one line for a person.
"""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storyreel.errors import ImagineError, SubmitUnknown, TakeExpired, TakeFailed, TakeModerated
from storyreel.model.money import Charge, believed, dollars, doubt
from storyreel.model.plan import Step
from storyreel.model.recipe import Slate
from storyreel.model.storyboard import Storyboard
from storyreel.vault import MOST_ATTEMPTS, PASSING, Take

if TYPE_CHECKING:
    from storyreel.media import Measured

RETRY = " (on Prefect's page: Retry)"
"""How a person goes on who has a run of a deployment before them."""


def how_it_ended(step: str, take: Take, redo: str = "") -> str:
    """
    Return how a recorded take ended, and how a person goes on from there, as one line.

    Args:
        redo: What has the step made again; else the flag for it.
    """
    again = redo or f"--redo {step}"
    charge = "" if take.charge is None else f", {dollars(take.charge)} charged"
    text = f"{take.end}{f' ({take.code})' if take.code else ''}, request {take.request_id}, {_when(take.at)}{charge}"
    words = " ".join(take.message.split())
    if take.end == "expired":
        words = words or "it was made once, and the service no longer keeps it"
    text += f": {words.rstrip('.')}" if words else ""
    if take.without_url:
        return f"{text}; it is asked for again by the next run, or make another one with {again}"
    if take.code in PASSING and take.attempt < MOST_ATTEMPTS:
        return f"{text}; run again{RETRY} to try once more, or change its prompt"
    retry = "" if redo else RETRY
    return f"{text}; change its prompt, or make it again with {again}{retry}"


def ended(step: str, take: Take) -> ImagineError:
    """Return the error that says how a recorded take ended."""
    text, words = how_it_ended(step, take), " ".join(take.message.split())
    if take.end == "moderated":
        return TakeModerated(text, request_id=take.request_id, words=words, ticks=take.charge)
    if take.end == "expired":
        return TakeExpired(text, request_id=take.request_id)
    return TakeFailed(text, request_id=take.request_id, code=take.code, words=words, ticks=take.charge)


def lost(step: Step, board: Storyboard, why: str, at: datetime, *, sandbox: bool) -> SubmitUnknown:
    """Return the error that says that nobody knows what came of a request, what is at stake, and what to do."""
    flag = "--file PICTURE" if step.kind == "still" else "--request-id ID"
    rehearsal = " --sandbox" if sandbox else ""
    return SubmitUnknown(
        f"a request was sent, {_when(at)}, and its answer was lost ({why}); it may have been billed, at most "
        f"{dollars(step.ticks)}, so it is not sent again by itself. See what the service says of it, then: "
        f"storyreel resolve {shlex.join(board.words)} {step.id}{rehearsal} {flag}, or --lost if it never arrived"
    )


def unusable(step: Step, board: Storyboard, why: str, at: datetime, *, spoilt: bool, sandbox: bool) -> SubmitUnknown:
    """
    Return the error that says that a still is made and paid, and why it is none yet.

    Args:
        why: What is wrong with it, and where it is.
        spoilt: Whether a person has to turn it into a picture that can be used.
    """
    how = f"storyreel resolve {shlex.join(board.words)} {step.id}{' --sandbox' if sandbox else ''}"
    cure = (
        f"turn it into a PNG, JPEG or WebP, then: {how} --file PICTURE; or"
        if spoilt
        else f"run again, or, with the picture from elsewhere: {how} --file PICTURE;"
    )
    return SubmitUnknown(
        f"its picture was made and paid, {_when(at)}, and cannot be used as it came ({why}); {cure} "
        f"--lost to have it made, and paid, once more"
    )


def with_clip(slate: Slate, step: Step, sha256: str, measured: Measured, ticks: Charge) -> Take:
    """Return the record of a take that gave a clip. What differs from what was asked is noted, never refused."""
    notes = []
    if abs(measured.seconds - step.seconds) > 0.5 / float(measured.signature.fps or 24):
        notes.append(f"{measured.seconds:.3f} s came back, {step.seconds:g} s were asked for")
    if odd := doubt(ticks, step.ticks):
        notes.append(odd)
    return Take(
        service=slate.service,
        request_id=slate.request_id,
        fingerprint=slate.fingerprint,
        attempt=slate.attempt,
        end="clip",
        sha256=sha256,
        suffix=".mp4",
        seconds=measured.seconds,
        frames=measured.frames,
        width=measured.signature.width,
        height=measured.signature.height,
        fps=float(measured.signature.fps),
        has_audio=measured.has_audio,
        asked_seconds=step.seconds,
        charged_ticks=believed(ticks, step.ticks),
        estimate_ticks=step.ticks,
        notes=tuple(notes),
    )


def with_still(slate: Slate, step: Step, sha256: str, suffix: str, size: tuple[int, int], ticks: Charge) -> Take:
    """Return the record of a still: one frame of no length."""
    return Take(
        service=slate.service,
        request_id=slate.request_id,
        fingerprint=slate.fingerprint,
        attempt=slate.attempt,
        end="clip",
        sha256=sha256,
        suffix=suffix,
        frames=1,
        width=size[0],
        height=size[1],
        charged_ticks=believed(ticks, step.ticks),
        estimate_ticks=step.ticks,
        notes=tuple(filter(None, [doubt(ticks, step.ticks)])),
    )


def without_clip(slate: Slate, step: Step, error: TakeFailed | TakeModerated | TakeExpired) -> Take:
    """Return the record of a take that ended without a clip, in the service's own words."""
    ticks = None if isinstance(error, TakeExpired) else error.ticks
    return Take(
        service=slate.service,
        request_id=slate.request_id,
        fingerprint=slate.fingerprint,
        attempt=slate.attempt,
        end="moderated"
        if isinstance(error, TakeModerated)
        else "expired"
        if isinstance(error, TakeExpired)
        else "failed",
        asked_seconds=step.seconds,
        charged_ticks=believed(ticks, step.ticks),
        estimate_ticks=step.ticks,
        # That nothing was charged for what was not made is seldom told, and nothing to wonder at.
        notes=tuple(filter(None, [doubt(ticks, step.ticks) if ticks is not None else ""])),
        code=error.code if isinstance(error, TakeFailed) else None,
        message="" if isinstance(error, TakeExpired) else error.words or str(error),
    )


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
