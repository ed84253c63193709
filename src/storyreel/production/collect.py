"""
Collect a take: wait for it, fetch its file, check it, and keep it in the vault.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storyreel import media
from storyreel.delivery.clip_marks import keep_inspection, marks_of, with_redo
from storyreel.errors import (
    DownloadFailed,
    ImagineError,
    KeyRefused,
    MediaError,
    TakeExpired,
    TakeFailed,
    TakeGone,
    TakeModerated,
    VaultError,
    WaitedTooLong,
)
from storyreel.imagine import Finished
from storyreel.model.events import Event
from storyreel.model.money import Charge
from storyreel.model.plan import Step
from storyreel.model.recipe import WITHOUT_URL, Clip, Slate
from storyreel.model.request_ids import is_in_inbox, is_stills
from storyreel.production.outcomes import ended, with_clip, without_clip
from storyreel.production.session import Session
from storyreel.production.settle import record_end
from storyreel.production.zero_retention import Inbox
from storyreel.vault import Take


async def collect(session: Session, step_id: str, slate: Slate) -> Clip:
    """
    Wait for a take, fetch its file, check it, and keep it in the vault; what is there already is only named.

    Raises:
        TakeFailed, TakeModerated, TakeExpired: It ended without a clip; that end is in the vault.
        TakeGone, WaitedTooLong: The service does not tell (now); the same id is asked for again by the next run.
        DownloadFailed: It is made, and its file could not be fetched whole; the next run fetches it again.
    """
    step = session.plan.step(step_id)
    take = await session.vault.takes.get(slate.service, slate.request_id)
    if take is not None and take.without_url:
        take = None  # no end yet: asked for again
    if take is not None and take.end != "clip":
        raise ended(step_id, take)
    if take is not None and take.sha256 is not None and await session.vault.clips.has(take.sha256):
        if slate.clip_missing:
            # It has come since it was asked for; else whoever found it has told already.
            await tell_reuse(session, step, slate)
        return Clip(request_id=slate.request_id, sha256=take.sha256, frames=take.frames or 1)
    if is_stills(slate.request_id):
        raise VaultError(
            f"its picture is no longer in the vault, and the service keeps none; restore "
            f"{slate.sha256 or slate.request_id} from a copy, or make it again with --redo {step_id}"
        )
    session.vault.claims.expect(slate)
    try:
        if is_in_inbox(slate.request_id):
            return await _out_of_the_inbox(session, step, slate, take)
        return await _fetched(session, step, slate, take)
    except (TakeFailed, TakeModerated, TakeExpired) as end:
        if take is not None:
            raise type(end)(
                f"its clip is no longer in the vault, and the service does not give it out any more "
                f"({end}); restore {take.sha256} from a copy, or make it again with --redo {step_id}",
                request_id=slate.request_id,
            ) from end
        raise ended(step_id, await record_end(session.vault, without_clip(slate, step, end))) from end


async def tell_reuse(session: Session, step: Step, slate: Slate) -> None:
    """Tell that the vault has the clip of a step, and what is odd about it."""
    take = await session.vault.takes.get(slate.service, slate.request_id)
    if take is not None:
        twice = _twice(session, step, slate, take)
        session.tell(Event(step.id, "reused", request_id=slate.request_id, ticks=take.charge, text=twice))
        await _tell_marks(session, step, take)


async def _tell_marks(session: Session, step: Step, take: Take) -> None:
    """Tell what was seen to be wrong with the clip of a step, and how it is made anew."""
    if marks := await marks_of(session.vault, take):
        session.tell(Event(step.id, "noted", text=with_redo(step.id, marks)))


def _twice(session: Session, step: Step, slate: Slate, take: Take) -> str:
    """Return what is odd about a take that another request has given as well: one id for two, or one file; else ""."""
    if step.pin is None and slate.fingerprint and take.fingerprint and take.fingerprint != slate.fingerprint:
        return f"the service gave request {take.request_id} for another step too: both have the same clip"
    first = session.first_of.setdefault(take.sha256 or "", take.request_id)
    if first != take.request_id:
        return f"the same file as request {first}, which asked for something else: report both to the service"
    return ""


async def _fetched(session: Session, step: Step, slate: Slate, take: Take | None) -> Clip:
    came = session.vault.deliveries.rescued_clip(slate.service, slate.request_id)
    if came is not None and came.path is not None:
        # The vault did not take it once; whether it is still to be had elsewhere, nobody knows.
        with suppress(MediaError):
            return await _keep(session, step, slate, take, came.path, came.charge)
    fetches, inbox = session.client.patience.fetches, Inbox(session.vault, slate)
    for attempt in range(fetches):
        finished, end = await _finished(session, step, slate, inbox)
        session.tell(Event(step.id, "fetching"))
        with _scratch() as folder:
            path = folder / "take.mp4"
            try:
                # Whatever address the answer gives: what the service was told to put into the vault is ours already. What is spoilt
                # there may be whole at that address.
                if (finished.url and attempt % 2) or not await inbox.fetch(path):
                    await session.client.fetch(finished.url, path)
                return await _keep(session, step, slate, take, path, finished.ticks)
            except (DownloadFailed, MediaError) as error:
                if end is not None:
                    raise end from error
                if attempt + 1 < fetches:
                    await asyncio.sleep(min(0.5 * 2**attempt, 5.0))
                    continue
                if not finished.url:
                    why = f"what it has put into the vault is no clip ({error})"
                    raise _not_there_yet(slate, why, finished.ticks) from error
                hint = ""
                if isinstance(error, MediaError) and path.exists():
                    hint = f"what came is kept as {await _keep_broken(session, slate, path, finished.ticks)}, and "
                raise DownloadFailed(
                    f"request {slate.request_id} is made and paid, and could not be fetched whole in "
                    f"{fetches} tries ({error}); {hint}it is fetched again by the next run",
                    request_id=slate.request_id,
                ) from error
    raise AssertionError("every fetch returns, raises or is the last")


async def _out_of_the_inbox(session: Session, step: Step, slate: Slate, take: Take | None) -> Clip:
    """Return a clip that the service has put into the vault, and that no answer named: there is no id to ask it for."""
    with _scratch() as folder:
        path = folder / "take.mp4"
        if not await Inbox(session.vault, slate).fetch(path):
            raise _not_there_yet(slate, "its clip was put into the vault, and is no longer there")
        try:
            return await _keep(session, step, slate, take, path, None)
        except MediaError as error:
            raise _not_there_yet(slate, f"what was put into the vault for it is no clip ({error})") from error


def _not_there_yet(slate: Slate, why: str, ticks: Charge = None) -> TakeFailed:
    """Return what is no end: the clip may yet be put into the vault, so every run looks again, and a redo makes another one."""
    return TakeFailed(why, request_id=slate.request_id, code=WITHOUT_URL, words=why, ticks=ticks)


async def _finished(session: Session, step: Step, slate: Slate, inbox: Inbox) -> tuple[Finished, ImagineError | None]:
    """
    Wait until a take is finished, and return it; with how the service calls it ended, where its clip is there all the same.

    A service that keeps nothing for a team may soon know nothing of a take either: what it has put into the vault is a clip,
    whatever it says of it then. Only what is withheld is left where it is.
    """
    end: ImagineError
    try:
        finished = await session.client.wait(
            slate.request_id,
            on_progress=lambda percent: session.tell(Event(step.id, "making", percent=percent)),
            came=inbox.has,
        )
        return finished, None
    except TakeExpired as error:
        not_kept = "the service does not keep it, and has not put it into the vault so far"
        end = _not_there_yet(slate, not_kept) if session.retention.none else error
    except (TakeFailed, TakeGone, WaitedTooLong, KeyRefused) as error:
        end = error
        if session.retention.none and isinstance(error, TakeFailed) and error.code == WITHOUT_URL:
            end = _not_there_yet(
                slate, "the service calls it done, and has not put it into the vault so far", error.ticks
            )
    if not await inbox.has():
        raise end
    ticks = end.ticks if isinstance(end, TakeFailed) else None
    return Finished(slate.request_id, "", None, ticks, None), end


async def _keep(session: Session, step: Step, slate: Slate, take: Take | None, path: Path, ticks: Charge) -> Clip:
    """
    Keep a clip that came, and its end.

    Raises:
        MediaError: It is none.
        VaultError: The vault does not take it; it is kept elsewhere, and the message says where.
    """
    measured, inspection = await media.check_and_inspect(path)
    try:
        sha256 = await session.vault.clips.keep(path, ".mp4")
        if take is None:
            take = await record_end(session.vault, with_clip(slate, step, sha256, measured, ticks))
    except VaultError as error:
        place = await session.vault.deliveries.rescue_clip(slate.service, slate.request_id, path, ticks)
        if place is None:
            raise
        raise VaultError(
            f"request {slate.request_id} is made and paid, and the vault does not take its clip ({error}), "
            f"so it is kept as {place}: once the vault can be written, the next run on this machine puts it there"
        ) from error
    session.vault.deliveries.forget_clip(slate.service, slate.request_id)
    twice = _twice(session, step, slate, take)
    session.tell(Event(step.id, "made", request_id=slate.request_id, ticks=take.charge, text=twice))
    await keep_inspection(session.vault, sha256, inspection)
    await _tell_marks(session, step, take)
    return Clip(request_id=slate.request_id, sha256=sha256, frames=measured.frames)


async def _keep_broken(session: Session, slate: Slate, path: Path, ticks: Charge) -> str:
    try:
        return await session.vault.clips.keep_broken(path, slate.request_id)
    except VaultError:
        place = await session.vault.deliveries.rescue_clip(slate.service, slate.request_id, path, ticks)
        if place is None:
            raise
        return str(place)


@contextmanager
def _scratch() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="storyreel-", ignore_cleanup_errors=True)
    except OSError as error:
        raise MediaError(
            f"there is no room for its clip among the temporary files ({error.strerror or error}); free some "
            "space, or set TMPDIR, and run again: it is fetched then"
        ) from error
    with folder as name:
        yield Path(name)
