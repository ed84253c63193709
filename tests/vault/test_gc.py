"""
Tidying up: what can be made again goes, and no clip that may have been paid for.
"""

from pathlib import Path

import pytest
from tests.vault.hands import Hands

from storyreel.vault import Ask, Delivery, Litter, Take, Vault, gc, still_id

FINGERPRINT = "f" * 64
FILM = f"{'e' * 64}.mp4"


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything have been written long ago."""
    monkeypatch.setattr(gc, "RESTS_S", -60.0)


def file(folder: Path, words: str) -> Path:
    path = folder / words
    path.write_text(words)
    return path


async def claimed(vault: Vault) -> None:
    ask = Ask(run_id="run", k=0)
    claim = await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=ask, recipe={}, step="coast/still", estimate_ticks=1, till=None
    )
    assert claim is not None


async def taken(vault: Vault, path: Path, request_id: str = "one") -> str:
    """Keep a clip, and write down whose it is."""
    sha256 = await vault.clips.keep(path, ".mp4")
    take = Take(
        service="xai",
        request_id=request_id,
        fingerprint=FINGERPRINT,
        attempt=1,
        end="clip",
        sha256=sha256,
        suffix=".mp4",
    )
    await vault.takes.end(take)
    return sha256


def kinds(found: tuple[Litter, ...]) -> list[str]:
    return sorted(one.kind for one in found)


async def test_what_is_derived_goes_and_what_was_paid_stays(vault: Vault, tmp_path: Path):
    """
    A film can be cut again; the clip that a take names is the purchase itself.
    """
    paid = await taken(vault, file(tmp_path, "paid"))
    await vault.clips.keep_derived(file(tmp_path, "film"), "films", FILM)
    found = await vault.gc.litter()
    await vault.gc.sweep(found)

    assert ["derived"] == kinds(found)
    assert [4] == [one.size for one in found]
    assert await vault.clips.find_derived("films", FILM) is None
    assert await vault.clips.has(paid)
    assert await vault.gc.litter() == ()


async def test_a_clip_of_no_request_goes(vault: Vault, tmp_path: Path):
    """
    Where every request has its clip to show, a file that no record names is nobody's purchase.
    """
    paid = await taken(vault, file(tmp_path, "paid"))
    stray = await vault.clips.keep(file(tmp_path, "stray"), ".mp4")
    found = await vault.gc.litter()
    await vault.gc.sweep(found)

    assert ["unnamed"] == kinds(found)
    assert not await vault.clips.has(stray)
    assert await vault.clips.has(paid)


async def test_a_still_whose_record_is_missing_stays(vault: Vault, tmp_path: Path):
    """
    A run that ended between keeping a paid still and writing that down leaves a file without a name: it stays, also
    after a person has called the request lost.
    """
    await claimed(vault)
    still = await vault.clips.keep_bytes(b"a picture", ".jpg")

    assert await vault.gc.litter() == ()

    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    await vault.claims.answer_unknown(attempt.claim, "nobody knows")
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    await vault.claims.resolve(attempt, None)

    assert await vault.gc.litter() == ()
    assert await vault.clips.has(still)


async def test_a_still_that_is_accounted_for_holds_up_nothing(vault: Vault, tmp_path: Path):
    """
    As soon as the request has its take, only what belongs to nobody goes.
    """
    await claimed(vault)
    still = await vault.clips.keep_bytes(b"a picture", ".jpg")
    stray = await vault.clips.keep(file(tmp_path, "stray"), ".mp4")
    name = still_id(FINGERPRINT, 1)
    await vault.takes.end(
        Take(
            service="xai", request_id=name, fingerprint=FINGERPRINT, attempt=1, end="clip", sha256=still, suffix=".jpg"
        )
    )
    await vault.gc.sweep(await vault.gc.litter())

    assert (True, False) == (await vault.clips.has(still), await vault.clips.has(stray))


async def test_a_clip_that_a_run_names_at_that_moment_is_put_back(vault: Vault, tmp_path: Path):
    """
    Between the look and the removal a run may come to need the very file: it is there afterwards.
    """
    stray = await vault.clips.keep(file(tmp_path, "stray"), ".mp4")
    found = await vault.gc.litter()
    await taken(vault, tmp_path / "stray")
    gone: list[Litter] = []
    await vault.gc.sweep(found, on_freed=gone.append)

    assert await vault.clips.has(stray)
    assert [] == gone
    assert (await vault.clips.local(stray)).read_text() == "stray"


async def test_a_broken_download_goes_once_its_clip_is_here(vault: Vault, tmp_path: Path):
    """
    What came down for a take and could not be read is all that there is of it, until it came whole.
    """
    broken = file(tmp_path, "broken")
    await vault.clips.keep_broken(broken, "one")

    assert await vault.gc.litter() == ()

    await taken(vault, file(tmp_path, "paid"), "one")

    assert ["clips/broken/one"] == [one.key for one in await vault.gc.litter()]


async def test_a_broken_still_is_a_purchase_until_its_still_is_here(vault: Vault, tmp_path: Path):
    """
    A picture that cannot be used as it came is named by its delivery and stands among the broken: nothing of it goes.
    """
    await claimed(vault)
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    await vault.deliveries.deliver(attempt.claim, Delivery(nonce=attempt.claim.nonce), b"an AVIF", "avif")
    await vault.deliveries.spoilt(attempt.claim, b"an AVIF")
    await vault.claims.answer_unknown(attempt.claim, "no picture")

    assert await vault.gc.litter() == ()

    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    name = still_id(FINGERPRINT, 1)
    await taken(vault, file(tmp_path, "paid"), name)
    await vault.claims.resolve(attempt, name)

    assert [f"clips/broken/{name}"] == [one.key for one in await vault.gc.litter()]


async def test_a_damaged_record_keeps_the_clips_and_holds_up_nothing_else(vault: Vault, hands, tmp_path: Path):
    """
    Nobody knows what a record names that cannot be read: no clip goes, and what can be made again does.
    """
    await taken(vault, file(tmp_path, "paid"))
    await vault.clips.keep(file(tmp_path, "stray"), ".mp4")
    await vault.clips.keep_derived(file(tmp_path, "film"), "films", FILM)
    hands.write("xai/takes/other.json", b"{")

    assert ["derived"] == kinds(await vault.gc.litter())


@pytest.mark.parametrize(
    "name",
    [
        "tmp/notes.txt",
        "tmp/sub/0123456789abcdef",
        "tmp/systemd-private-0123456789abcdef",
        "derived/films/film.mp4",
        "derived/thesis.pdf",
        "derived/a/b/c.txt",
        "clips/holiday.mp4",
        f"clips/2024/{FILM}",
        f"clips/ee/{FILM}/mine",
    ],
)
async def test_what_is_not_ours_stays_where_a_folder_was_taken_for_a_vault(vault: Vault, hands: Hands, name: str):
    """
    A person's own `tmp`, `derived` or `clips`: who names a wrong folder loses nothing, for what is there has no name of ours.
    """
    hands.write(name, b"somebody's own")

    assert await vault.gc.litter() == ()


@pytest.mark.parametrize("name", ["tmp/0123456789abcdef", "tmp/17-0123456789abcdef", "tmp/17-0123456789abcdef-twin"])
async def test_what_killed_processes_left_goes(vault: Vault, hands: Hands, name: str):
    """
    Half of a record or of a clip, which nobody will complete.
    """
    hands.write(name, b"half")
    found = await vault.gc.litter()

    assert [name] == [one.key for one in found]
    assert ["left over"] == kinds(found)


async def test_what_is_young_is_left_alone(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A run may be at work with what was written within the hour.
    """
    monkeypatch.setattr(gc, "RESTS_S", 3600.0)
    await vault.clips.keep_derived(file(tmp_path, "film"), "films", FILM)
    await vault.clips.keep(file(tmp_path, "stray"), ".mp4")

    assert await vault.gc.litter() == ()


async def test_a_clip_that_came_back_with_other_bytes_stays(vault: Vault, tmp_path: Path):
    """
    Fetched again, a clip may not be the same to the byte; while the one that its take names is missing, it is all there is.
    """
    await claimed(vault)
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    await vault.claims.answer_accepted(attempt.claim, "one")
    named = "0" * 64
    await vault.takes.end(
        Take(
            service="xai", request_id="one", fingerprint=FINGERPRINT, attempt=1, end="clip", sha256=named, suffix=".mp4"
        )
    )
    await vault.clips.keep(file(tmp_path, "remuxed"), ".mp4")

    assert await vault.gc.litter() == ()


async def test_the_clip_of_a_pinned_take_stays_until_its_end_is_written(vault: Vault, tmp_path: Path):
    """
    A storyboard may be pinned to what another vault has asked for: its clip belongs to no attempt here.
    """
    await vault.takes.note_awaited("xai", "one")
    await vault.clips.keep(file(tmp_path, "paid"), ".mp4")
    before = await vault.gc.litter()
    await taken(vault, tmp_path / "paid", "one")
    await vault.clips.keep(file(tmp_path, "stray"), ".mp4")

    assert before == ()
    assert ["unnamed"] == kinds(await vault.gc.litter())


async def test_what_the_service_has_put_there_stays_until_its_take_has_its_clip(
    vault: Vault, hands: Hands, tmp_path: Path
):
    """
    It is the purchase itself until then; and what lies in an inbox without an attempt is nobody's to remove.
    """
    key, other = f"xai/inbox/{FINGERPRINT}/1", f"xai/inbox/{'a' * 64}/1"
    await claimed(vault)
    for each in (key, other):
        await vault.store.create(each, b"a clip")
    before = await vault.gc.litter()
    await vault.claims.answer_accepted((await vault.attempts.of("xai", FINGERPRINT))[0].claim, "one")
    await taken(vault, file(tmp_path, "paid"))
    litter = await vault.gc.litter()
    await vault.gc.sweep(litter)

    assert () == before
    assert [("collected", key)] == [(one.kind, one.key) for one in litter]
    assert [other] == list(await vault.store.keys("xai/inbox/"))
