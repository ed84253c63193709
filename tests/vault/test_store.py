"""
The folder itself: whole or nothing, whatever happens to process and disk.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storyreel.errors import VaultError
from storyreel.vault import Ask, Take, open_vault
from storyreel.vault.paths import OURS, segment
from storyreel.vault.stores.folder import FileStore


@pytest.fixture
def vault(folder_hands, tmp_path):
    """An empty vault in a folder."""
    return open_vault(folder_hands.address, cache=tmp_path / "cache")


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Let every write past `size` bytes fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def everything(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("fatal", ["os.link", "os.fsync"], ids=["before-the-name", "before-the-disk"])
def test_a_process_killed_while_it_writes_leaves_no_record(tmp_path, fatal):
    """
    A process killed between its first byte and the name leaves no record, and the next one may create it.
    """
    script = f"""
import asyncio, os, signal, sys
from pathlib import Path
from storyreel.vault.stores.folder import FileStore
store = FileStore(Path(sys.argv[1]))
{fatal} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(store.create("a/claim.json", b"half a claim"))
"""
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    left = everything(tmp_path)

    assert killed.returncode == -signal.SIGKILL
    assert [name.startswith("tmp/") for name in left] == [True]


async def test_what_a_killed_process_leaves_harms_nobody(tmp_path):
    """
    A temporary file of a dead process is never read as a record, and removing all of them breaks nothing.
    """
    store = FileStore(tmp_path)
    (tmp_path / "tmp/999-left").write_bytes(b"half")
    await store.create("a/b.json", b"one")
    shutil.rmtree(tmp_path / "tmp")

    assert await store.create("a/c.json", b"two") is True
    assert await store.keys("a/") == ("a/b.json", "a/c.json")


async def test_a_full_disk_is_told_and_leaves_nothing(vault, tmp_path):
    """
    A disk that takes no more is a VaultError that says what to do, and no half record or half clip is left.
    """
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x" * 100_000)
    take = Take(service="xai", request_id="id-1", fingerprint="f" * 64, attempt=1, end="failed")

    with files_end_at(64):
        with pytest.raises(VaultError, match=r"id-1\.json: File too large; a file may not grow"):
            await vault.takes.end(take)
        with pytest.raises(VaultError, match="File too large"):
            await vault.clips.keep(clip, ".mp4")
        with pytest.raises(VaultError, match="File too large"):
            await vault.asks.close(Ask(run_id="run", k=0), {"told": "x" * 100})

    assert everything(Path(vault.address)) == []


async def test_a_vault_that_is_not_there_is_looked_at_and_not_made(tmp_path):
    """
    A name that was typed wrong leaves no folder behind; somebody else may make it meanwhile, and what is written makes it.
    """
    looked = open_vault(str(tmp_path / "a/vault"), cache=tmp_path / "cache", to_look=True)

    assert () == await looked.store.keys("")
    assert await looked.store.read("xai/takes/id-1.json") is None
    assert not (tmp_path / "a").exists()

    await open_vault(looked.address, cache=tmp_path / "cache").store.create("xai/b.json", b"theirs")
    await looked.store.create("xai/a.json", b"ours")

    assert ("xai/a.json", "xai/b.json") == await looked.store.keys("")


async def test_a_vault_on_a_full_disk_can_be_looked_at(vault):
    """
    What it has is what a person needs to see then; what writes is told, before it has sent anything.
    """
    await vault.store.create("xai/a.json", b"paid")

    with files_end_at(0):
        looked = open_vault(vault.address, cache=Path(vault.address) / "cache", to_look=True)

        assert b"paid" == await looked.store.read("xai/a.json")
        assert abs(time.time() - await looked.store.now()) < 60
        with pytest.raises(VaultError, match="a file may not grow"):
            await looked.store.create("xai/b.json", b"new")
        with pytest.raises(VaultError, match="a file may not grow"):
            open_vault(vault.address, cache=Path(vault.address) / "cache")


async def test_an_id_that_cannot_be_kept_is_told(vault):
    """
    When the disk fails just as the service accepts, the message carries the id, so that a person can resolve it.
    """
    claim = await vault.claims.claim(
        "xai", "f" * 64, 1, ask=Ask(run_id="r", k=0), recipe={}, step="climb/video", estimate_ticks=1, till=None
    )

    with files_end_at(64), pytest.raises(VaultError, match="climb/video was accepted as id-77, and that could not"):
        await vault.claims.answer_accepted(claim, "id-77")


@pytest.mark.parametrize("inside", ["file", "file/deeper"])
def test_a_vault_below_a_file_is_refused(tmp_path, inside):
    """
    Where no folder can be made, opening the vault fails, and says which path is at fault.
    """
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(VaultError, match=r"cannot use .*/file.*choose another folder"):
        open_vault(f"file:{tmp_path / inside}", cache=tmp_path)


def test_a_folder_that_is_not_ours_is_refused(tmp_path):
    """
    A vault that may not be written is refused when it is opened, before anything is sent.
    """
    folder = tmp_path / "theirs"
    (folder / "tmp").mkdir(parents=True)
    (folder / "tmp").chmod(0o555)
    script = """
import os, sys
from pathlib import Path
from storyreel.errors import VaultError
from storyreel.vault import open_vault
folder = os.open(sys.argv[1], os.O_RDONLY)
os.fchdir(folder)
if os.getuid() == 0:
    os.setuid(65534)
try:
    open_vault("/proc/self/cwd", cache=Path("/nowhere"))
except VaultError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)

    assert "Permission denied; it is not ours to read and write" in said.stdout


async def test_a_vault_that_vanishes_is_not_taken_for_an_empty_one(vault, tmp_path):
    """
    When the vault's disk goes away at work, nothing is bought again: every look and every record fails.
    """
    Path(vault.address).rename(tmp_path / "away")
    with pytest.raises(VaultError, match="unmounted"):
        await vault.attempts.of("xai", "f" * 64)
    Path(vault.address).mkdir()

    with pytest.raises(VaultError, match="unmounted"):
        await vault.attempts.of("xai", "f" * 64)
    with pytest.raises(VaultError, match="unmounted"):
        await vault.takes.get("xai", "id-1")


@pytest.mark.parametrize("code", [1, 95], ids=["EPERM", "ENOTSUP"])
def test_a_disk_without_hard_links_is_refused(tmp_path, monkeypatch, code):
    """
    Without hard links nobody could win a claim for certain, so such a disk is refused when the vault is opened.
    """

    def no_link(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_link)

    with pytest.raises(VaultError, match="without hard links"):
        open_vault(str(tmp_path), cache=tmp_path)


async def test_a_name_that_the_server_gave_twice_is_ours(tmp_path, monkeypatch):
    """
    A network disk that repeats our request and finds our own link there has not refused us.
    """
    store, link = FileStore(tmp_path), os.link

    def twice(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", twice)

    assert await store.create("a", b"one") is True


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("file:{}", id="file"),
        pytest.param("file://{}", id="file-slashes"),
        pytest.param("file://localhost{}", id="file-localhost"),
        pytest.param("{}", id="bare"),
    ],
)
def test_a_vault_is_named_by_its_folder(tmp_path, address):
    """
    A folder may be written as an address or as a bare path, and is made if there is none.
    """
    folder = tmp_path / "a" / "vault"

    assert open_vault(address.format(folder), cache=tmp_path).address == str(folder)
    assert folder.is_dir()
    assert everything(folder) == []


@pytest.mark.parametrize(
    "address", ["http://host/x", "file://host/x", "file:", "", "s3:", "s3:///films", "a\0b", "file:/\ud800"]
)
def test_an_address_that_is_no_vault_is_refused(tmp_path, monkeypatch, address):
    """
    Any other address is refused with what is possible.
    """
    monkeypatch.chdir(tmp_path)

    with pytest.raises(VaultError, match="file:/path"):
        open_vault(address, cache=tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", *sorted(OURS)])
async def test_a_service_is_not_one_of_our_folders(vault, name):
    """
    A service without a name, or with one that the vault uses itself, is refused.
    """
    with pytest.raises(VaultError):
        await vault.takes.get(name, "id-1")


def test_different_long_names_stay_different():
    """
    Names that differ only far behind are kept apart.
    """
    assert segment("x" * 500 + "a") != segment("x" * 500 + "b")
    assert len(segment("x" * 500)) <= 150


async def test_what_has_a_name_is_on_the_disk(tmp_path, monkeypatch):
    """
    The power fails whenever it likes: a record, and a clip, has its name only once all of its bytes are kept, and the
    folder is kept before its name is told.
    """
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")
    vault = FileStore(tmp_path / "vault")
    done: list[str] = []
    fsync, link, replaced = os.fsync, os.link, Path.replace

    def recording_fsync(descriptor: int) -> None:
        fsync(descriptor)
        seen = os.fstat(descriptor)
        done.append("folder" if stat.S_ISDIR(seen.st_mode) else f"{seen.st_size} bytes")

    def recording_link(temporary: Path, target: Path) -> None:
        link(temporary, target)
        done.append("name")

    def recording_replace(temporary: Path, target: Path) -> Path:
        done.append("name")
        return replaced(temporary, target)

    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(os, "link", recording_link)
    monkeypatch.setattr(Path, "replace", recording_replace)
    await vault.create("a/record.json", b"record")
    await vault.put_file("a/clip.mp4", clip, hashlib.sha256(b"clip").hexdigest())

    assert ["6 bytes", "folder", "name", "folder", "4 bytes", "name", "folder"] == done
