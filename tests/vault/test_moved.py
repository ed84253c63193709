"""
A vault moves as the docs have it: copied while it is used, closed, copied once more; nothing is bought at the new place that the old one had.
"""

import asyncio
import fnmatch
import os
from pathlib import Path

import pytest
from tests.buckets import Buckets
from tests.desk import TWO, Desk
from tests.production.patiently import buy

from storyreel import api
from storyreel.errors import VaultClosed
from storyreel.production.closing import close
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.vault import open_vault
from storyreel.vault.stores.folder import Store

LEFT_OUT = ("derived/*", "tmp/*", "closed.json")
"""What the docs leave out of every copy."""


def copied(source: str, target: str) -> None:
    """Copy as `aws s3 sync` and `rsync` do in the docs' order: records, then clips; what is there already stays."""
    asyncio.run(_copied(objects(source), objects(target)))


async def _copied(source: Store, target: Store) -> None:
    there = set(await target.keys(""))
    keys = [key for key in await source.keys("") if not any(fnmatch.fnmatch(key, each) for each in LEFT_OUT)]
    for key in sorted(keys, key=lambda key: key.startswith("clips/")):
        if key not in there:
            await target.create(key, await source.read(key) or b"")


def objects(place: str) -> Store:
    """Return a folder or a bucket as the objects that are in it."""
    return open_vault(place, cache=Path(os.environ["XDG_CACHE_HOME"])).store


def moved(source: str, target: str, meanwhile: str = "") -> None:
    """Move a vault in the docs' order; `meanwhile` is a board that somebody shoots between the first copy and the closing."""
    copied(source, target)
    if meanwhile:
        asyncio.run(api.shoot(meanwhile, vault=source, sandbox=True))
    opened = open_vault(source, cache=Path(os.environ["XDG_CACHE_HOME"]))
    asyncio.run(close(opened, target, tell=lambda _: None, seen_after_s=0))
    copied(source, target)


async def stopped(board: Path, vault: str) -> str:
    """Return what a run is told that begins at a vault."""
    with pytest.raises(VaultClosed) as stop:
        async with open_session(prepare(str(board), vault=vault), run="late", sandbox=True):
            raise AssertionError
    assert stop.value.exit_code == 5
    return str(stop.value)


@pytest.mark.long
def test_a_vault_moves_into_a_bucket_and_back_and_nothing_is_bought_again(desk: Desk, make_bucket: Buckets):
    """
    No request at the new place, the second copy brings what was bought after the first, and each old place says where it is now.
    """
    folder, bucket, home = str(desk.folder / "vault"), f"s3://{make_bucket()}/vault", str(desk.folder / "home")
    desk.write(TWO)
    later = desk.folder / "later.yaml"
    later.write_text(TWO.replace("A door.", "A gate."), encoding="utf-8")
    asyncio.run(api.shoot(desk.board, vault=folder, sandbox=True))
    moved(folder, bucket, meanwhile=str(later))
    sent = len(desk.posts())

    for board in (desk.board, later):
        assert asyncio.run(api.plan(board, vault=bucket, sandbox=True)).totals.buy == 0
        asyncio.run(api.shoot(board, vault=bucket, sandbox=True))
    assert f"has moved to {bucket}" in asyncio.run(stopped(desk.board, folder))
    moved(bucket, home)
    for board in (desk.board, later):
        assert asyncio.run(api.plan(board, vault=home, sandbox=True)).totals.buy == 0
        asyncio.run(api.shoot(board, vault=home, sandbox=True))
    assert f"has moved to {home}" in asyncio.run(stopped(later, bucket))
    assert () == asyncio.run(open_vault(home, cache=desk.folder / "cache").audit.findings())
    assert sent == len(desk.posts())
    assert sent == 3


@pytest.mark.long
def test_who_bought_after_the_last_copy_is_why_it_is_closed_before_it(desk: Desk, make_bucket: Buckets):
    """
    Without the closing a run may buy at the old place what the new one does not know.
    """
    folder, bucket = str(desk.folder / "vault"), f"s3://{make_bucket()}/vault"
    desk.write(TWO)
    asyncio.run(api.shoot(desk.board, vault=folder, sandbox=True))
    moved(folder, bucket)
    desk.change("A door.", "A gate.")
    before = len(desk.posts())

    async def bought_at(vault: str) -> None:
        async with open_session(prepare(str(desk.board), vault=vault), run="new", sandbox=True) as session:
            await buy(session, "door", "video", [])

    with pytest.raises(VaultClosed):
        asyncio.run(bought_at(folder))
    assert before == len(desk.posts())
    asyncio.run(bought_at(bucket))
    assert before + 1 == len(desk.posts())
