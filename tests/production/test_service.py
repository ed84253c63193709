"""
Who was at an address is remembered: what is made is looked at and cut without a key and without a network.
"""

from functools import partial
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import ServiceUnreachable, SettingsError, VaultError
from storyreel.imagine import Patience
from storyreel.model.recipe import Clip
from storyreel.production import open as opening
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.read_plan import read_plan
from storyreel.production.recall import recall
from storyreel.production.run import cut
from storyreel.production.service import service_asked, with_every_clip
from storyreel.settings import read_settings
from storyreel.vault import Vault, open_vault
from tests.desk import ONE, Desk
from tests.production.patiently import buy
from tests.production.test_status import TWO, film

DEAD = "http://127.0.0.1:9/v1"
"""An address at which nobody is."""


@pytest.fixture
def vault(place: Path) -> Vault:
    """The vault of the place."""
    return open_vault(str(place / "vault"), cache=place / "cache")


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service at an address where nobody is, and be told so at once."""
    monkeypatch.setattr(opening, "call", partial(opening.call, patience=Patience(backoff_s=0.001)))
    monkeypatch.setenv("XAI_BASE_URL", DEAD)


async def again(board: Path) -> list[str]:
    """Shoot a board that the sandbox has made, as if it were the service at the address; return the steps that had clips."""
    clips: dict[str, Clip] = {}
    async with open_session(prepare(str(board)), run="again") as session:
        for step in session.plan.steps:
            sources = [clips[need] for need in step.needs]
            slate = await recall(session, step, sources)
            if slate is None:
                slate = await buy(session, step.scene, step.name, sources)
            clips[step.id] = await collect(session, step.id, slate)
        await cut(session, session.plan.films[0], clips)
    return list(clips)


@pytest.mark.parametrize("key", ["", "closed"])
@pytest.mark.parametrize("known", [True, False], ids=["remembered", "never asked"])
@pytest.mark.some(1)
async def test_a_film_whose_clips_are_there_is_cut_without_a_word_to_anybody(
    desk: Desk, dead: None, vault: Vault, monkeypatch: pytest.MonkeyPatch, key: str, known: bool
):
    """
    A film of a closed account is cut anew: no key, or no answer, is no matter where nothing has to be bought.
    """
    desk.write(TWO.format(marker=""))
    await film(desk.board, and_cut=False)
    if known:
        await vault.services.remember(DEAD, "sandbox")
    monkeypatch.setenv("XAI_API_KEY", key)
    posts = desk.posts()

    assert ["coast/video", "door/video"] == await again(desk.board)
    assert posts == desk.posts()
    assert desk.film.exists()


@pytest.mark.parametrize("lacks", ["a take", "a clip", "everything"])
@pytest.mark.parametrize(("key", "stops"), [("", SettingsError), ("good", ServiceUnreachable)])
async def test_whatever_is_missing_is_a_matter_for_the_service(
    desk: Desk,
    dead: None,
    monkeypatch: pytest.MonkeyPatch,
    lacks: str,
    key: str,
    stops: type[Exception],
):
    """
    Where one step has no clip, the run stops as it always did, before anything is written or sent.
    """
    desk.write(ONE.format(marker=""))
    if lacks != "everything":
        await film(desk.board, and_cut=False)
    if lacks == "a take":
        desk.write(TWO.format(marker=""))
    if lacks == "a clip":
        for clip in (desk.folder / "vault" / "clips").glob("*/*.mp4"):
            clip.unlink()
    monkeypatch.setenv("XAI_API_KEY", key)
    with pytest.raises(stops):
        await again(desk.board)

    assert not (desk.folder / "vault" / "xai").exists()


async def test_a_redo_is_never_cut_from_what_is_there(desk: Desk, dead: None):
    """
    Something is to be bought, so the service has to be there.
    """
    desk.write(ONE.format(marker=""))
    await film(desk.board, and_cut=False)
    with pytest.raises(SettingsError, match="there is no API key"):
        async with open_session(prepare(str(desk.board), redo=("coast",)), run="again"):
            pass


async def test_nothing_is_bought_of_a_service_that_was_not_asked(desk: Desk, dead: None, vault: Vault):
    """
    Should a take be gone since the vault was looked at, the run stops with why the service was not asked.
    """
    desk.write(ONE.format(marker=""))
    await film(desk.board, and_cut=False)
    async with open_session(prepare(str(desk.board)), run="again") as session:
        service = desk.folder / "vault" / "sandbox"
        (claim,) = (service / "slates").glob("*/*/1/claim.json")
        for record in [*claim.parent.iterdir(), *(service / "takes").iterdir()]:
            record.unlink()
        with pytest.raises(SettingsError, match="there is no API key"):
            await recall(session, session.plan.steps[0], [])


@pytest.mark.parametrize(
    ("known", "told"), [(("sandbox",), "sandbox"), (("xai",), "xai"), ((), "xai"), (("sandbox", "xai"), "xai")]
)
async def test_what_is_only_looked_at_needs_neither_key_nor_network(
    place: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, known: tuple[str, ...], told: str
):
    """
    Whose takes are meant is what the address was; where nobody has ever answered, the real service's.
    """
    monkeypatch.setenv("XAI_BASE_URL", DEAD)
    for service in known:
        await vault.services.remember(DEAD, service)

    assert told == await service_asked(read_settings(), load_catalog(), vault, sandbox=False)
    assert "sandbox" == await service_asked(read_settings(), load_catalog(), vault, sandbox=True)


async def test_the_real_service_needs_no_memory(desk: Desk, vault: Vault):
    """
    Its address is its own, and what a rehearsal has made is no clip of it.
    """
    desk.write(ONE.format(marker=""))
    await film(desk.board, and_cut=False)
    settings = read_settings()
    _, plan = read_plan(desk.board, load_catalog())

    assert await with_every_clip(plan, settings, vault) is None
    assert "xai" == await service_asked(settings, load_catalog(), vault, sandbox=False)


async def test_a_run_that_has_bought_elsewhere_does_not_buy_again_here(desk: Desk, vault: Vault):
    """
    Begun again where another vault is, it says which one it has bought into, and which one is here.
    """
    there = str(desk.folder / "elsewhere")
    with pytest.raises(VaultError, match=f"{there}.*{vault.address}.*nothing was sent") as stopped:
        async with open_session(prepare(str(desk.board)), run="run", sandbox=True, bought_into=there):
            pass
    async with open_session(prepare(str(desk.board)), run="run", sandbox=True, bought_into=vault.address):
        pass

    assert 5 == stopped.value.exit_code
    assert [] == desk.posts()


async def test_a_run_goes_on_where_its_vault_has_moved(desk: Desk, vault: Vault):
    """
    A Retry at the new place is as one at the old, however often it has moved; where it has moved elsewhere, that place is named.
    """
    first, second, third = (
        open_vault(str(desk.folder / name), cache=desk.folder / "cache") for name in ("a", "b", "c")
    )
    await first.closing.close(second.address)
    await second.closing.close(vault.address)
    async with open_session(prepare(str(desk.board)), run="run", sandbox=True, bought_into=first.address):
        pass
    await third.closing.close("newbox:/films/vault")

    with pytest.raises(
        VaultError, match=r"has moved to newbox:/films/vault.*STORYREEL_VAULT names newbox:/films/vault"
    ):
        async with open_session(prepare(str(desk.board)), run="run", sandbox=True, bought_into=third.address):
            pass
    assert [] == desk.posts()


async def test_a_vault_that_has_moved_in_a_circle_is_another_one(desk: Desk, vault: Vault):
    """
    Whoever follows it comes to an end.
    """
    first, second = (open_vault(str(desk.folder / name), cache=desk.folder / "cache") for name in ("a", "b"))
    await first.closing.close(second.address)
    await second.closing.close(first.address)

    with pytest.raises(VaultError, match="nothing was sent"):
        async with open_session(prepare(str(desk.board)), run="run", sandbox=True, bought_into=first.address):
            pass


async def test_no_claim_is_made_before_the_run_says_into_which_vault(desk: Desk, vault: Vault):
    """
    Where that cannot be written down, nothing is claimed and nothing is sent.
    """
    desk.write(ONE.format(marker=""))
    told: list[str] = []

    async def note(address: str) -> None:
        assert not list((desk.folder / "vault").glob("sandbox/slates/*/*/*/claim.json"))
        told.append(address)
        raise OSError("Prefect does not answer")

    async with open_session(prepare(str(desk.board)), run="run", sandbox=True, before_claim=note) as session:
        with pytest.raises(OSError, match="does not answer"):
            await buy(session, "coast", "video", [])

    assert [vault.address] == told
    assert [] == desk.posts()


async def test_relative_paths_start_in_the_persons_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """
    A process of ours works elsewhere, and finds the storyboard, the vault and the folder of films all the same; what it
    says of them is as they were given.
    """
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("STORYREEL_ROOT", str(desk.folder))
    monkeypatch.setenv("STORYREEL_SANDBOX", "sandbox")
    async with open_session(
        prepare(desk.board.name, vault="file:vault", out="films"), run="run", sandbox=True
    ) as session:
        told = (session.plan.board.path, session.vault.address, session.out)

    assert (Path("small.yaml"), str(desk.folder / "vault"), desk.folder / "films") == told
    assert [] == list((tmp_path / "empty").iterdir())
