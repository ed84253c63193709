"""
Damage - in the vault, beside it, under it - is noticed before money is spent on it, and never costs a paid picture.
"""

import shutil
import tempfile
from pathlib import Path

import httpx
import pytest

from storyreel.errors import DownloadFailed, SettingsError, VaultError
from storyreel.model.recipe import Clip
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.production.run import cut
from storyreel.production.session import Session
from tests.desk import ONE, Desk
from tests.production.gateway import Gateway, gateway
from tests.production.patiently import buy

__all__ = ["gateway"]

OWN = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: endcard
    clip: endcard.mp4
"""


async def make(session: Session) -> dict[str, Clip]:
    """Make every step of the board, in its order."""
    clips: dict[str, Clip] = {}
    for step in session.plan.steps:
        sources = [clips[need] for need in step.needs]
        slate = await recall(session, step, sources) or await buy(session, step.scene, step.name, sources)
        clips[step.id] = await collect(session, step.id, slate)
    return clips


def spoil(desk: Desk, pattern: str) -> None:
    """Cut all files of the vault that match in half."""
    found = list((desk.folder / "vault").glob(pattern))
    assert found
    for path in found:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


async def test_nothing_is_bought_on_a_damaged_clip(desk: Desk):
    """
    A clip that is not what it was when it was kept stops what continues it, before the request; deleted, it comes back.
    """
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        await make(session)
    spoil(desk, "clips/*/*.mp4")
    desk.change("Add snow.", "Add rain.")
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        with pytest.raises(VaultError, match="damaged; delete it"):
            await make(session)
    sent = len(desk.posts())
    for path in (desk.folder / "vault").glob("clips/*/*.mp4"):
        path.unlink()
    async with open_session(prepare(str(desk.board)), run="three", sandbox=True) as session:
        await make(session)

    assert 6 == sent
    assert 7 == len(desk.posts())


async def test_nothing_is_bought_on_a_damaged_frame(desk: Desk):
    """
    The frame on which a scene goes on is cut anew for each request, whatever lies in the vault from before.
    """
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        await make(session)
    spoil(desk, "derived/frames/*.png")
    desk.change('prompt: "A stair."', 'prompt: "A ladder."')
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        await make(session)

    assert 8 == len(desk.posts())


async def test_a_paid_picture_needs_no_room_but_the_vaults(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    A still that has come is kept although the folder for temporary files is of no use.
    """
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(desk.folder / "gone"))
            slate = await buy(session, "door", "still", [])
        clip = await collect(session, "door/still", slate)
        again = await recall(session, session.plan.step("door/still"), [])

    assert again is not None
    assert clip.sha256 == again.sha256
    assert 1 == len(desk.posts())


async def test_a_lost_picture_says_what_to_do(desk: Desk):
    """
    The service keeps no stills, so one that is gone from the vault is a person's to restore or to make again.
    """
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        await collect(session, "door/still", await buy(session, "door", "still", []))
        for path in (desk.folder / "vault" / "clips").rglob("*.*"):
            path.unlink()
        slate = await recall(session, session.plan.step("door/still"), [])
        assert slate is not None
        with pytest.raises(VaultError, match="--redo door/still"):
            await collect(session, "door/still", slate)

    assert 1 == len(desk.posts())


@pytest.mark.parametrize("words", ["{half", "{}", "7"])
async def test_a_film_whose_description_is_damaged_is_cut_again(desk: Desk, words: str):
    """
    What is derived can always be made again, so it stops nobody.
    """
    desk.write(ONE.format(marker=""))
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = await make(session)
        before = (await cut(session, session.plan.films[0], clips)).path.read_bytes()
        for told in (desk.folder / "vault").glob("derived/films/*.json"):
            told.write_text(words)
        again = (await cut(session, session.plan.films[0], clips)).path.read_bytes()

    assert before == again


@pytest.mark.parametrize("old", [b"esds", b"avc1"], ids=["sound", "picture"])
async def test_a_paid_clip_in_an_unheard_of_codec_is_kept_and_collected(desk: Desk, gateway: Gateway, old: bytes):
    """
    What came down is kept as it is, the step says where, and the next run goes on with the same request.
    """
    desk.write(ONE.format(marker=""))
    gateway.on(
        "/media/", lambda content: httpx.Response(200, content=content.replace(b"mp4a", b"ac-4").replace(old, b"dac4"))
    )
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        with pytest.raises(DownloadFailed, match="codec that is not known here") as caught:
            await make(session)
    (broken,) = (desk.folder / "vault" / "clips" / "broken").iterdir()
    gateway.changes.clear()
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        clips = await make(session)

    assert broken.read_bytes().count(b"dac4")
    assert str(broken) in str(caught.value)
    assert 48 == clips["coast/video"].frames
    assert 1 == len(desk.posts())


async def test_footage_that_changes_meanwhile_is_not_cut_into_the_film(desk: Desk, storyboards: Path):
    """
    A film is kept under what it is cut from, so another file in its place stops the cut.
    """
    own = desk.folder / "endcard.mp4"
    shutil.copyfile(storyboards / "lighthouse" / "endcard.mp4", own)
    desk.write(OWN)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        own.write_bytes(own.read_bytes() + b"\0\0\0\x08free")
        with pytest.raises(VaultError, match="was changed"):
            await cut(session, session.plan.films[0], {})


async def test_a_folder_that_takes_no_film_is_told_before_anything_is_bought(desk: Desk):
    """
    A file stands where the film's folder is to be.
    """
    (desk.folder / "taken").write_text("")
    with pytest.raises(SettingsError, match="--out"):
        async with open_session(
            prepare(str(desk.board), out=str(desk.folder / "taken" / "out")), run="one", sandbox=True
        ):
            pass

    assert [] == desk.posts()
