"""
The index leads from a step of a storyboard to what was last claimed for it. It decides nothing, whatever becomes of it.
"""

from __future__ import annotations

import pytest

from storyreel.vault import Ask, open_vault
from storyreel.vault.index import Marked

OLD, NEW = "a" * 64, "b" * 64


async def claimed(vault, fingerprint, step="stop/video", board="tram", attempt=1):
    """Claim an attempt as a run does, marks included."""
    await vault.index.mark("xai", board, step, fingerprint, attempt)
    return await unmarked(vault, fingerprint, step, board, attempt)


async def unmarked(vault, fingerprint, step="stop/video", board="tram", attempt=1):
    """Claim an attempt as 0.1.0 did."""
    claim = await vault.claims.claim(
        "xai", fingerprint, attempt, ask=Ask(run_id="night", k=0), recipe={"operation": "text-to-video"}, step=step,
        estimate_ticks=5, till=None, board=board,
    )  # fmt: skip
    assert claim is not None
    return claim


def marks(hands):
    """Return the names of all marks."""
    return [name for name in hands.names() if "/index/" in name]


async def test_a_mark_leads_to_its_claim(vault):
    """
    The marks of a storyboard are oldest first, and each leads to what was claimed; other storyboards' are not among them.
    """
    claims = [await claimed(vault, OLD), await claimed(vault, NEW)]
    await claimed(vault, "c" * 64, board="ad")
    there = await vault.index.of_board("xai", "tram")

    assert [mark.request for mark in there] == [(OLD, 1), (NEW, 1)]
    assert await vault.index.claims("xai", there) == {(OLD, 1): claims[0], (NEW, 1): claims[1]}


async def test_a_mark_ahead_of_its_claim_leads_nowhere(vault, hands):
    """
    A run was killed between the two, or is between them now. Asked to wait, it comes by again and marks nothing more.
    """
    for _ in range(3):
        await vault.index.mark("xai", "tram", "stop/video", NEW, 1)

    assert len(marks(hands)) == 1
    assert await vault.index.claims("xai", await vault.index.of_board("xai", "tram")) == {}
    assert await vault.attempts.of("xai", NEW) == ()


async def test_what_was_marked_before_and_is_claimed_again_is_the_newest(vault):
    """
    A prompt that is put back leads to what was claimed for it last: the order is that of the marks.
    """
    for fingerprint, attempt in ((OLD, 1), (NEW, 1), (OLD, 2)):
        await claimed(vault, fingerprint, attempt=attempt)

    assert [mark.request for mark in await vault.index.of_board("xai", "tram")] == [(OLD, 1), (NEW, 1), (OLD, 2)]


async def test_a_vault_that_takes_no_mark_takes_the_claim(vault, hands):
    """
    Only the reason is missing: whoever is about to buy is told nothing, and goes on.
    """
    hands.write("xai/index", b"not a folder, and no mark fits below it")
    claim = await claimed(vault, OLD)

    assert [attempt.claim for attempt in await vault.attempts.of("xai", OLD)] == [claim]


async def test_the_index_is_written_anew_from_the_claims(vault, hands, tmp_path):
    """
    A vault of 0.1.0 has no marks, another one lost some, of a third some are cut in half: each claim has one again, once.
    """
    await unmarked(vault, OLD, board="")
    await unmarked(vault, "c" * 64)
    await claimed(vault, NEW)
    damaged = marks(hands)[0]
    hands.write(damaged, hands.read(damaged)[:20])
    before = await vault.index.unmarked("xai")
    written = await vault.index.complete()
    again = await open_vault(hands.address, cache=tmp_path).index.complete()

    assert (before, written, again) == (2, 3, 0)
    assert await vault.index.unmarked("xai") == 0
    # A claim that names no storyboard may be of any.
    assert {mark.request for mark in await vault.index.of_board("xai", "tram")} == {(OLD, 1), (NEW, 1), ("c" * 64, 1)}
    assert await vault.audit.findings() == ()


async def test_a_damaged_mark_is_a_finding_that_costs_nothing(vault, hands):
    """
    `vault check` names it and what mends it; what it leads to is in its name, and is found all the same.
    """
    claim = await claimed(vault, OLD)
    hands.write(marks(hands)[0], b"{")
    (finding,) = await vault.audit.findings()

    assert marks(hands)[0] in finding
    assert "nothing depends on it" in finding
    assert await vault.index.claims("xai", await vault.index.of_board("xai", "tram")) == {(OLD, 1): claim}


@pytest.mark.parametrize(
    "name", ["notes.txt", f"stop%2Fvideo@20261126T1117-{OLD}-1.json", f"stop%2Fvideo@20261126T111700000000-{OLD}.json"]
)
async def test_what_is_no_mark_is_left_alone(vault, hands, name):
    """
    What somebody put there is neither read nor removed.
    """
    hands.write(f"xai/index/tram/{name}", b"mine")

    assert await vault.index.of_board("xai", "tram") == ()
    assert await vault.index.complete() == 0
    assert hands.read(f"xai/index/tram/{name}") == b"mine"


async def test_gc_takes_marks_whose_claim_never_came(vault, hands):
    """
    They are of killed runs, and an hour old; a mark with its claim stays.
    """
    await claimed(vault, OLD)
    await vault.index.mark("xai", "tram", "stop/video", NEW, 1)
    ahead = next(name for name in marks(hands) if NEW in name)
    young = await vault.gc.litter()
    hands.pass_time(vault, ahead, 7200)
    old = await vault.gc.litter()
    await vault.gc.sweep(old)

    assert young == ()
    assert [(one.key, one.kind) for one in old] == [(ahead, "left over")]
    assert [OLD in name for name in marks(hands)] == [True]


async def test_a_step_of_any_name_has_a_mark(vault):
    """
    Names are as long as a person writes them, and in the vault they are names of files.
    """
    step = "ä" * 200 + "/extend-12"
    await claimed(vault, OLD, step=step)
    (mark,) = await vault.index.of_board("xai", "tram")

    assert isinstance(mark, Marked)
    assert mark.request == (OLD, 1)
    assert (await vault.index.claims("xai", [mark]))[OLD, 1].step == step
