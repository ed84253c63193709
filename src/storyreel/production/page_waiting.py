"""
What waits for a person, on a board's page: each still or clip with its picture, and the commands that approve it or have it made again.
"""

from __future__ import annotations

from storyreel.delivery.page.board_page import ShownLook, Waiting
from storyreel.delivery.page.pictures import LARGE
from storyreel.delivery.page.shelf import Shelf
from storyreel.errors import VaultError
from storyreel.production.approval.status import GateState, approve_command, awaits, files
from storyreel.production.page_commands import shoot_command
from storyreel.production.prepare import Prepared
from storyreel.production.top_sheet import TopSheet


async def shown_waiting(ready: Prepared, sheet: TopSheet, gate: GateState | None, shelf: Shelf) -> Waiting | None:
    """Return what waits at a board's gate; None where nothing does, or not all of it is made."""
    if gate is None or gate.review is None or gate.approval is not None:
        return None
    review = gate.review
    sandbox = sheet.service == "sandbox"
    try:
        shown = await files(sheet.plan, ready.vault, review)
    except VaultError:
        return None  # a clip that is damaged or gone: its step says so
    looks = []
    for look, path in shown:
        looks.append(
            ShownLook(
                step=look.step,
                key=look.request_id or look.sha256,
                picture=await shelf.pictures.of(path, look.sha256, look.start + 1.0, LARGE),
                media=shelf.address_of(path),
                is_still=review.gate == "before-video",
                verdict="",
                approve_command="",
                reject_command="",
                redo_command=shoot_command(sheet.plan, sheet.service, "--redo", look.step)
                if look.request_id is not None
                else "",
            )
        )
    return Waiting(
        words=awaits(review),
        follows=review.what_follows,
        command=approve_command(sheet.plan, only=ready.only, sandbox=sandbox, shown=review),
        looks=tuple(looks),
    )


async def looks_of(ready: Prepared, gate: GateState | None, shelf: Shelf) -> list[tuple[str, str]]:
    """Return what a person is to approve, in small: each step with its picture."""
    if gate is None or gate.review is None or gate.approval is not None:
        return []
    try:
        shown = await files(ready.plan, ready.vault, gate.review)
    except VaultError:
        return []
    return [(look.step, await shelf.pictures.of(path, look.sha256, look.start + 1.0)) for look, path in shown]
