"""
Approvals: what a person has approved stays approved, for exactly that, and whoever said it first is remembered.
"""

from __future__ import annotations

import pytest

from storyreel.errors import VaultError
from storyreel.vault import Approval

IDENTITY = "ab" * 32


def said(by: str = "Ana", identity: str = IDENTITY) -> Approval:
    return Approval(
        service="xai", gate="before-video", identity=identity, shown=("still-1",), by=by, door="command", note="ä\ud800"
    )


async def test_an_approval_is_found_by_what_was_approved_and_by_nothing_else(vault):
    """
    Another picture, another gate and another service are other questions.
    """
    await vault.approvals.approve(said())

    assert "Ana" == (await vault.approvals.of("xai", "before-video", IDENTITY)).by
    assert await vault.approvals.of("xai", "before-video", "cd" * 32) is None
    assert await vault.approvals.of("xai", "before-final", IDENTITY) is None
    assert await vault.approvals.of("sandbox", "before-video", IDENTITY) is None


async def test_the_first_word_stands(vault):
    """
    Approved twice, the record is that of the first who said it.
    """
    first = await vault.approvals.approve(said())

    assert first == await vault.approvals.approve(said(by="Ben"))
    assert ("still-1",) == first.shown


async def test_an_approval_of_something_else_opens_no_gate(vault, hands):
    """
    A record that was copied under another name is refused, with what to do.
    """
    await vault.approvals.approve(said())
    key = f"xai/approvals/before-video-{IDENTITY}.json"
    hands.write(key.replace(IDENTITY, "cd" * 32), hands.read(key))

    with pytest.raises(VaultError, match="approves something else"):
        await vault.approvals.of("xai", "before-video", "cd" * 32)
