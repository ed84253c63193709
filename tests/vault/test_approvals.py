"""
Approvals: what a person has approved stays approved, for exactly that, and whoever said it first is remembered.
"""

from __future__ import annotations

import asyncio
import itertools

import pytest

from storyreel.errors import VaultError
from storyreel.vault import Approval, Decided

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


def word(approve: bool, by: str = "Ana", identity: str = IDENTITY) -> Decided:
    return Decided(
        service="xai", gate="before-video", identity=identity, step="door/still", request_id="still-1", approve=approve,
        by=by, door="command", note="ä\ud800",
    )  # fmt: skip


async def test_the_last_word_on_a_still_counts_and_all_are_kept(vault):
    """
    Who rejected a still may approve it after all, and the other way round; said again, it is said once.
    """
    first = await vault.approvals.decide(word(False), seen=0)
    again = await vault.approvals.decide(word(False, by="Ben"), seen=0)
    await vault.approvals.decide(word(True, by="Ben"), seen=1)
    await vault.approvals.decide(word(False, by="Cy"), seen=0)
    words = await vault.approvals.decided("xai", "before-video", IDENTITY)

    assert first == again
    assert [("Ana", False), ("Ben", True), ("Cy", False)] == [(each.by, each.approve) for each in words]
    assert () == await vault.approvals.decided("xai", "before-video", "cd" * 32)
    assert () == await vault.approvals.decided("sandbox", "before-video", IDENTITY)


async def test_an_approval_is_not_written_over_a_rejection_that_its_person_had_not_seen(vault):
    """
    Of two people who speak at once, whoever says no is heard.
    """
    yes, no = await asyncio.gather(
        vault.approvals.decide(word(True), seen=0), vault.approvals.decide(word(False, by="Ben"), seen=0)
    )
    late = await vault.approvals.decide(word(True, by="Cy"), seen=0)
    words = await vault.approvals.decided("xai", "before-video", IDENTITY)

    assert not no.approve
    assert ("Ben", False) == (words[-1].by, words[-1].approve) == (late.by, late.approve)
    assert [each.by for each in words] in (["Ben"], ["Ana", "Ben"])
    assert yes.approve is (len(words) == 2)


@pytest.mark.parametrize("race", [pytest.param(3, id="three")], indirect=True)
async def test_words_of_several_processes_are_each_kept_once(vault, race):
    """
    Whatever each has seen, the words have numbers without a gap, and no two in a row say the same.
    """
    race(do="decide")
    words = await vault.approvals.decided("xai", "before-video", IDENTITY)

    assert words
    assert not words[-1].approve
    assert all(before.approve != after.approve for before, after in itertools.pairwise(words))


async def test_a_word_on_a_single_still_is_no_approval_of_a_set(vault, hands):
    """
    It lies where a version that knows sets alone does not look, and is no damage to one.
    """
    await vault.approvals.decide(word(True), seen=0)

    assert await vault.approvals.of("xai", "before-video", IDENTITY) is None
    assert () == await vault.audit.findings()
    assert [f"xai/decided/before-video-{IDENTITY}/00001.json"] == hands.names("xai")


@pytest.mark.parametrize("lost", ["00001.json", "another.json", "copied"])
async def test_words_that_are_not_whole_open_no_gate(vault, hands, lost: str):
    """
    A word that is gone from between others, or is about something else, is never taken for none.
    """
    folder = f"xai/decided/before-video-{IDENTITY}"
    for said, seen in ((True, 0), (False, 0)):
        await vault.approvals.decide(word(said), seen=seen)
    if lost == "00001.json":
        hands.remove(f"{folder}/{lost}")
    elif lost == "copied":
        hands.write(f"{folder}/00002.json", hands.read(f"{folder}/00002.json").replace(IDENTITY.encode(), b"cd" * 32))
    else:
        hands.write(f"{folder}/{lost}", hands.read(f"{folder}/00002.json"))

    with pytest.raises(VaultError, match="restore"):
        await vault.approvals.decided("xai", "before-video", IDENTITY)
