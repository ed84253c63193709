"""
Whether a storyboard's film is current, and where a run would be stuck: on the sandbox and a real vault.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.delivery.film import cut_film
from storyreel.delivery.places import files_of
from storyreel.errors import ImagineError, SettingsError
from storyreel.media import measure
from storyreel.model.recipe import Clip
from storyreel.planning.steps import plan
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.read_plan import read_plan
from storyreel.production.recall import recall
from storyreel.production.run import cut
from storyreel.production.status import Prospect, advice, prospect, who_is_asked
from storyreel.settings import read_settings
from storyreel.storyboard import load
from storyreel.vault import Vault, open_vault
from tests.desk import ONE, Desk
from tests.production.patiently import buy

TWO = (
    ONE
    + """\
  - id: door
    prompt: "An iron door."
"""
)


async def film(
    board: Path,
    *,
    run: str = "run",
    only: tuple[str, ...] = (),
    till: str | None = None,
    and_cut: bool = True,
    variant: tuple[str, ...] = (),
) -> None:
    """Shoot a board as the flow does, as far as it goes, and cut its film if every step has a clip."""
    clips: dict[str, Clip] = {}
    async with open_session(
        prepare(str(board), only=only, variant=variant), run=run, sandbox=True, till=till
    ) as session:
        for step in session.plan.steps:
            if step.id in session.allowed and all(need in clips for need in step.needs):
                with suppress(ImagineError):
                    sources = [clips[need] for need in step.needs]
                    slate = await recall(session, step, sources) or await buy(session, step.scene, step.name, sources)
                    clips[step.id] = await collect(session, step.id, slate)
        await session.vault.asks.close(session.ask, {})
        if and_cut and len(clips) == len(session.plan.steps):
            await cut(session, session.plan.films[0], clips)


async def seen(board: Path, *, only: tuple[str, ...] = ()) -> tuple[Prospect, Vault]:
    settings, catalog = read_settings(), load_catalog()
    _, plan = read_plan(board, catalog, only)
    vault = open_vault(settings.vault, cache=settings.cache)
    return await prospect(plan, vault, "sandbox", settings.out, only=only), vault


async def test_a_new_board_is_not_current_and_says_what_it_would_cost(desk: Desk):
    """
    Nothing is in the vault: there is no film, every step is to be bought, and nothing stands in the way.
    """
    at, _ = await seen(desk.board)

    assert at.film is None
    assert at.plan.ticks == at.ticks > 0
    assert at.stuck == ()


async def test_a_film_that_stands_is_current(desk: Desk):
    """
    All clips are in the vault and the film is cut from them: nothing is to be done, and nothing is cut or sent.
    """
    desk.write(TWO.format(marker=""))
    await film(desk.board)
    before = desk.film.stat().st_mtime_ns
    at, _ = await seen(desk.board)

    assert at.film is not None
    assert (4.0, False) == (at.film.seconds, at.film.fresh)
    assert 0 == at.ticks
    assert before == desk.film.stat().st_mtime_ns
    assert 2 == len(desk.posts())


async def test_a_film_that_was_deleted_is_put_back(desk: Desk):
    """
    A film is cut once; where only its file is gone it is current again by being looked at.
    """
    desk.write(ONE.format(marker=""))
    await film(desk.board)
    whole = desk.film.read_bytes()
    desk.film.unlink()
    at, _ = await seen(desk.board)

    assert at.film is not None
    assert at.film.fresh
    assert whole == desk.film.read_bytes()


async def test_an_edited_board_is_no_longer_current(desk: Desk):
    """
    One prompt changed: its step is to be bought, the other one is not.
    """
    desk.write(TWO.format(marker=""))
    await film(desk.board)
    desk.change("An iron door.", "A wooden door.")
    at, _ = await seen(desk.board)

    assert at.film is None
    assert ["reuse", "buy"] == [said.outlook for said in at.outlook]
    assert at.plan.step("door/video").ticks == at.ticks


async def test_a_film_that_was_never_cut_needs_a_run(desk: Desk):
    """
    Every clip is there and the film is not: that is free of charge, and still something to do.
    """
    desk.write(TWO.format(marker=""))
    await film(desk.board, run="one", only=("coast",))
    await film(desk.board, run="two", only=("door",))
    at, _ = await seen(desk.board)

    assert at.film is None
    assert 0 == at.ticks
    assert at.stuck == ()


async def test_a_failure_that_is_not_tried_again_is_where_a_run_is_stuck(desk: Desk):
    """
    A run would only fail again, so the way out is a person's: the line ends in the command to type.
    """
    desk.write(ONE.format(marker="[[sandbox: failed invalid_argument]]"))
    await film(desk.board)
    at, vault = await seen(desk.board)
    (stuck,) = at.stuck
    told = await advice(at.plan, stuck, vault, "sandbox", sandbox=True)

    assert told.startswith("coast/video: failed (invalid_argument)")
    assert told.endswith(f"storyreel shoot {desk.board} --redo coast/video --sandbox")
    assert "\n" not in told


async def test_a_lost_answer_is_where_a_run_is_stuck(desk: Desk):
    """
    Nobody knows whether it was paid for, and the way out says how that is settled.
    """
    desk.write(ONE.format(marker="[[sandbox: drop after]]"))
    await film(desk.board)
    at, vault = await seen(desk.board)
    (stuck,) = at.stuck
    told = await advice(at.plan, stuck, vault, "sandbox", sandbox=True)

    assert "unknown" == stuck.outlook
    assert f"storyreel resolve {desk.board} coast/video --sandbox --request-id ID, or --lost" in told


async def test_a_board_is_not_stuck_while_anything_else_can_be_bought(desk: Desk):
    """
    One scene has failed for good and another one is new: a run still has something to do.
    """
    desk.write(TWO.format(marker="[[sandbox: failed invalid_argument]]"))
    await film(desk.board, only=("coast",))
    at, _ = await seen(desk.board)

    assert ["stopped", "buy"] == [said.outlook for said in at.outlook]
    assert at.stuck == ()


async def test_scenes_that_were_not_asked_for_are_left_out(desk: Desk):
    """
    With `only`, what other scenes lack is neither bought nor stuck upon; and no film can be current.
    """
    desk.write(TWO.format(marker="[[sandbox: failed invalid_argument]]"))
    at, _ = await seen(desk.board, only=("door",))

    assert ["left out", "buy"] == [said.outlook for said in at.outlook]
    assert at.film is None


async def test_a_rehearsal_asks_nobody_who_is_asked(place: Path):
    """
    The sandbox is known without a key and without a word to anybody.
    """
    kept = open_vault(str(place / "vault"), cache=place / "cache")

    assert "sandbox" == await who_is_asked(read_settings(), load_catalog(), kept, sandbox=True)
    with pytest.raises(SettingsError, match="there is no API key"):
        await who_is_asked(read_settings(), load_catalog(), kept, sandbox=False)


async def test_a_film_that_is_put_back_in_the_place_of_another_storyboards_says_so(tmp_path: Path):
    """
    Whoever only looks has it put back, and may not know of the other.
    """
    vault, catalog, out = (
        open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache"),
        load_catalog(),
        tmp_path / "out",
    )
    plans = []
    for name in ("one", "two"):
        text = f"slug: tram\nscenes: [{{id: sea, card: {{text: {name}}}, duration: 0.25}}]"
        board = load(tmp_path / f"{name}.yaml", catalog=catalog, measure=measure, text=text)
        plans.append(one := plan(board, catalog))
        files = files_of(out, board, "sandbox")
        await cut_film(one, one.films[0], "sandbox", {}, vault, files, lambda _: None)

    there = await prospect(plans[0], vault, "sandbox", out)

    assert (
        f"tram.sandbox.mp4 was the film of {tmp_path}/two.yaml, and is kept in versions/tram.sandbox-0002",
    ) == there.replaced
    assert () == (await prospect(plans[0], vault, "sandbox", out)).replaced
