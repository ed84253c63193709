"""
Clips: kept by content, whole, for good.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from storyreel.errors import ClipMissing, VaultError


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file of some length."""
    path = tmp_path / "download"
    path.write_bytes(b"frame" * 500_000)
    return path


async def test_a_clip_is_named_by_its_content(vault, hands, film):
    """
    A clip lies under its own hash, is read back byte by byte, and the file that was given stays.
    """
    sha256 = await vault.clips.keep(film, "mp4")
    kept = await vault.clips.local(sha256)

    assert sha256 == hashlib.sha256(film.read_bytes()).hexdigest()
    assert kept.name == f"{sha256}.mp4"
    assert hands.names("clips") == [f"clips/{sha256[:2]}/{sha256}.mp4"]
    assert kept.read_bytes() == film.read_bytes()
    assert await vault.clips.has(sha256)


async def test_keeping_a_clip_twice_keeps_one(vault, hands, film):
    """
    The same file, kept again under another suffix or after its source changed, is one clip and stays as it was.
    """
    sha256 = await vault.clips.keep(film, ".mp4")
    again = await vault.clips.keep(film, ".MOV")
    film.write_bytes(b"changed")

    assert again == sha256
    assert len(hands.names("clips")) == 1
    assert hashlib.sha256((await vault.clips.local(sha256)).read_bytes()).hexdigest() == sha256


async def test_the_file_of_a_clip_is_known_where_it_is_on_this_machine(vault, hands, film):
    """
    In a folder it is the vault's own; of a clip in a bucket it is the copy, once there is one, and nothing is fetched to tell.
    """
    sha256 = await vault.clips.keep(film, "mp4")
    before = await vault.clips.nearby(sha256)
    local = await vault.clips.local(sha256)

    assert before in (None, local)
    assert local == await vault.clips.nearby(sha256)
    assert await vault.clips.nearby("0" * 64) is None


@pytest.mark.parametrize("race", [pytest.param(3, id="three")], indirect=True)
async def test_processes_that_keep_the_same_clip_agree(vault, hands, film, race):
    """
    Several processes that fetched the same take keep it at once without harm.
    """
    assert len(set(race(do="keep", path=str(film)))) == 1
    assert len(hands.names("clips")) == 1


async def test_a_clip_that_was_cut_short_is_healed(vault, hands, film):
    """
    A clip whose file lost its end is made whole when the same file is kept again.
    """
    sha256 = await vault.clips.keep(film, "mp4")
    hands.write(f"clips/{sha256[:2]}/{sha256}.mp4", b"frame")
    await vault.clips.keep(film, "mov")

    assert hands.read(f"clips/{sha256[:2]}/{sha256}.mp4") == film.read_bytes()
    assert (await vault.clips.local(sha256)).read_bytes() == film.read_bytes()


async def test_a_missing_clip_is_told(vault):
    """
    A clip that the vault lacks is told by its hash.
    """
    with pytest.raises(ClipMissing, match="no clip 000000000000"):
        await vault.clips.local("0" * 64)

    assert not await vault.clips.has("0" * 64)


@pytest.mark.parametrize("sha256", ["", "../../x", "0" * 63, "G" * 64])
async def test_only_a_hash_names_a_clip(vault, sha256):
    """
    What is no sha256 is refused and looks nowhere.
    """
    with pytest.raises(VaultError, match="no sha256"):
        await vault.clips.has(sha256)


async def test_a_file_that_is_not_there_cannot_be_kept(vault, tmp_path):
    """
    The error names the file that could not be read, not the vault.
    """
    with pytest.raises(VaultError, match=r"nothing\.mp4 cannot be read"):
        await vault.clips.keep(tmp_path / "nothing.mp4", "mp4")


@pytest.mark.parametrize("suffix", ["", "../x", "mp4/..", "a" * 20])
async def test_a_suffix_is_a_plain_word(vault, film, suffix):
    """
    A suffix from outside cannot change where a clip lies.
    """
    with pytest.raises(VaultError, match="no suffix"):
        await vault.clips.keep(film, suffix)


async def test_a_broken_download_is_kept_apart(vault, hands, film):
    """
    What came down and cannot be read is kept for a person to see, and is no clip.
    """
    await vault.clips.keep_broken(film, "id/1")

    assert hands.read("clips/broken/id%2F1") == film.read_bytes()
    assert not await vault.clips.has(hashlib.sha256(film.read_bytes()).hexdigest())


async def test_what_is_derived_can_be_replaced(vault, hands, film):
    """
    A film or a frame that was made from clips is found by its name, and replaced whole.
    """
    nothing = await vault.clips.find_derived("films", "lantern.mp4")
    await vault.clips.keep_derived(film, "films", "lantern.mp4")
    film.write_bytes(b"another cut")
    kept = await vault.clips.keep_derived(film, "films", "lantern.mp4")
    content, names = kept.read_bytes(), hands.names("derived")

    assert nothing is None
    assert content == b"another cut"
    assert names == ["derived/films/lantern.mp4"]
