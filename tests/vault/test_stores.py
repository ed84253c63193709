"""
What every store does, whether it is a folder or a bucket.
"""

from __future__ import annotations

import pytest
from tests.vault.hands import Hands

from storyreel.errors import VaultError
from storyreel.vault import Take, Vault


async def test_an_object_is_created_once(vault: Vault, hands: Hands):
    """
    The first to create an object keeps it; a second one is told that it came too late and changes nothing.
    """
    store = vault.store

    assert await store.create("a/b.json", b"first") is True
    assert await store.create("a/b.json", b"second") is False
    assert await store.read("a/b.json") == b"first"
    assert hands.names() == ["a/b.json"]


async def test_what_is_not_there_is_none(vault: Vault):
    """
    Of an object that nobody created there is neither content nor size nor file, and removing it does no harm.
    """
    store = vault.store
    await store.delete("derived/frames/x.png")

    assert await store.read("a/b.json") is None
    assert await store.size("a/b.json") is None
    assert await store.local("derived/frames/x.png") is None
    assert await store.keys("a/") == ()


async def test_a_new_object_is_dated_by_the_clock_of_the_store(vault: Vault):
    """
    The age of an object follows from two readings of one clock, so it is nothing when it has just been created.
    """
    store = vault.store
    await store.create("a/b.json", b"{}")

    assert 0 == pytest.approx(await store.now() - await store.created("a/b.json"), abs=5)


async def test_what_is_not_ours_is_not_read(vault: Vault, hands: Hands):
    """
    Hidden files that desktops, network disks and backups leave behind are not taken for records.
    """
    await vault.store.create("runs/r/0.json", b"{}")
    hands.write("runs/r/.DS_Store", b"x")
    hands.write("runs/r/.trash/1.json", b"x")

    assert await vault.store.keys("runs/r/") == ("runs/r/0.json",)


async def test_keys_are_found_by_their_beginning(vault: Vault, hands: Hands):
    """
    A beginning may end inside a name, and a folder is not found under the name of its neighbour.
    """
    for name in ("a/bc/1.json", "a/bd/2.json", "ab/3.json"):
        hands.write(name, b"{}")

    assert await vault.store.keys("a/b") == ("a/bc/1.json", "a/bd/2.json")
    assert await vault.store.keys("a/") == ("a/bc/1.json", "a/bd/2.json")


@pytest.mark.parametrize("name", ["..", ".", "../../etc/passwd", "a/b", "a\0b", ".hidden", "ü" * 200, "x" * 5000])
async def test_names_from_outside_stay_in_their_folder(vault: Vault, hands: Hands, name: str):
    """
    Whatever a request id looks like, its record lies in the folder of takes and is found again.
    """
    take = Take(service="xai", request_id=name, fingerprint="f" * 64, attempt=1, end="failed")
    await vault.takes.end(take)
    (written,) = hands.names()

    assert await vault.takes.get("xai", name) == take
    assert await vault.takes.every("xai") == (take,)
    assert written.rpartition("/")[0] == "xai/takes"


@pytest.mark.parametrize("key", ["../a", "a//b", "/a", "a/", "a/./b", ""])
async def test_a_key_is_never_a_way_out(vault: Vault, key: str):
    """
    A key that is no plain path below the vault is refused.
    """
    with pytest.raises(VaultError, match="no name"):
        await vault.store.create(key, b"x")


async def test_a_vault_that_vanishes_is_never_an_empty_one(vault: Vault, hands: Hands):
    """
    When the folder or the bucket goes away at work, nothing is bought again: every look and every record fails.
    """
    await vault.takes.end(Take(service="xai", request_id="id-1", fingerprint="f" * 64, attempt=1, end="failed"))
    hands.vanish()

    for look in (
        vault.attempts.of("xai", "f" * 64),
        vault.takes.get("xai", "id-1"),
        vault.clips.has("0" * 64),
        vault.clips.find_derived("frames", "x.png"),
        vault.asks.of("run"),
        vault.store.size("clips/00/x.mp4"),
        vault.store.create("a.json", b"{}"),
    ):
        with pytest.raises(VaultError, match=r"no such bucket|unmounted"):
            await look
