"""
Several films of one storyboard: each is cut of what it shows, and what they show alike is bought and made once.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from storyreel.delivery.assemble import prove_shot
from storyreel.delivery.film import Film
from storyreel.delivery.places import film_files
from storyreel.errors import MediaError, NotApproved, SettingsError
from storyreel.media import probe
from storyreel.model.events import Event
from storyreel.model.plan import PlannedFilm
from storyreel.model.recipe import Clip
from storyreel.model.shot import Shot
from storyreel.production import proof
from storyreel.production.approval.gate import pass_gate
from storyreel.production.approval.review import Review
from storyreel.production.approval.stills import Decision
from storyreel.production.boards_data import boards_data
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.report import as_page, reported
from storyreel.production.rough import cut_from_vault
from storyreel.production.run import RunResult, cut, run
from storyreel.production.status import prospect
from storyreel.vault import Vault
from storyreel.vault.costs import read_costs
from tests.desk import Desk
from tests.media.filming import film_clip

SCENES = """\
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "16:9"}
scenes:
  - {id: city, prompt: "A city."}
  - {id: stop, prompt: "A stop."}
  - {id: face, prompt: "A face."}
cut: {order: [city, stop]}
"""
VERTICAL = """\
deliver:
  vertical: {aspect_ratio: "9:16", order: [stop, face]}
"""
SQUARE = """\
  square: {aspect_ratio: "1:1"}
"""
POST = """\
  post: {aspect_ratio: "1:1", order: [stop, city]}
"""
POST_ALONE = f"deliver:\n{POST}"
STILLS = """\
title: Small
review: before-video
defaults: {duration: 1, resolution: 480p, aspect_ratio: "16:9"}
scenes:
  - {id: door, image: {prompt: "An iron door."}, prompt: "The door opens."}
deliver:
  native: {aspect_ratio: "9:16", regenerate: true}
"""


async def shot(desk: Desk, told: list[Event] | None = None, run_id: str = "one", **wishes: Any) -> RunResult:
    """Shoot the desk's board once."""
    caller = Caller(watcher=(told if told is not None else []).append)
    async with open_session(prepare(str(desk.board), **wishes), run=run_id, sandbox=True, caller=caller) as session:
        return await run(session)


def listed(desk: Desk, delivery: str = "") -> dict[str, Any]:
    """Return the cut list of a film."""
    there = film_files(desk.folder / "out", "small", "sandbox", delivery=delivery).cut_list
    fields: dict[str, Any] = json.loads(there.read_text())
    return fields


def encoded(desk: Desk) -> set[Path]:
    """Return everything that was encoded."""
    return set((desk.folder / "vault/derived").rglob("*.mp4"))


def conformed(desk: Desk) -> list[Path]:
    """Return the clips that were conformed."""
    return sorted((desk.folder / "vault/derived/conformed").glob("*.mp4"))


def size_of(film: Film) -> tuple[int, int]:
    """Return how wide and high a film is."""
    shape = probe(film.path).signature
    return shape.width, shape.height


async def states(desk: Desk) -> dict[str, str]:
    """Return how each film stands."""
    ready = prepare(str(desk.board), to_look=True)
    data = await boards_data([desk.board], ".", ready.catalog, ready.vault, "sandbox", ready.out)
    return {board.delivery: board.state for board in data.boards}


async def test_each_film_is_cut_of_what_it_shows_and_scenes_are_bought_once(desk: Desk):
    """
    The master comes first. What only a delivery shows is bought like any other scene; the money is the storyboard's in each cut list.
    """
    desk.write(SCENES + VERTICAL)
    told: list[Event] = []
    result = await shot(desk, told)

    assert ["small.sandbox.mp4", "small.vertical.sandbox.mp4"] == [film.path.name for film in result.films]
    assert ["film", "film vertical"] == [event.step for event in told if event.stage == "cutting"]
    assert [(848, 480), (480, 848)] == [size_of(film) for film in result.films]
    assert 3 == len(desk.posts())
    assert [["city/video", "stop/video"], ["stop/video", "face/video"]] == [
        [step["step"] for step in listed(desk, name)["steps"]] for name in ("", "vertical")
    ]
    assert listed(desk)["totals"] == listed(desk, "vertical")["totals"]
    assert 3 == listed(desk)["totals"]["takes"]


@pytest.mark.long
async def test_films_of_one_size_share_what_is_conformed_and_one_more_encodes_itself_alone(desk: Desk):
    """
    Both squares show the same two clips: two conformed files. A delivery that is taken out and added again buys and encodes nothing.
    """
    desk.write(SCENES + VERTICAL + SQUARE)
    first = await shot(desk)
    before, sent = encoded(desk), len(desk.posts())
    times = [film.path.stat().st_mtime_ns for film in first.films]

    assert 2 + 2 == len(conformed(desk))
    desk.write(SCENES + VERTICAL + SQUARE + POST)
    more = await shot(desk, run_id="two")

    assert 2 + 2 == len(conformed(desk))
    assert 1 == len(encoded(desk) - before)
    assert ["films"] == [path.parent.name for path in encoded(desk) - before]
    assert [False, False, False, True] == [film.fresh for film in more.films]
    every = encoded(desk)
    for text in (SCENES + POST_ALONE, SCENES + VERTICAL + SQUARE + POST):
        desk.write(text)
        assert not any(film.fresh for film in (await shot(desk, run_id=text)).films)
    assert (every, sent) == (encoded(desk), len(desk.posts()))
    assert times == [film.path.stat().st_mtime_ns for film in first.films]


async def test_a_film_is_cut_whatever_became_of_what_others_show(desk: Desk):
    """
    Only the vertical film shows a scene that is refused: the master is there, and no rough cut of it.
    """
    desk.write((SCENES + VERTICAL).replace("A face.", "A face. [[sandbox: refused]]"))
    result = await shot(desk)

    assert ["small.sandbox.mp4"] == [film.path.name for film in result.films]
    assert result.rough is None
    assert ["face/video"] == [step for step, end in result.ends.items() if not isinstance(end, Clip)]


@pytest.mark.long
async def test_a_rough_cut_is_the_masters_alone_and_the_master_takes_it_away(desk: Desk):
    """
    Of the scenes of the master one is refused, and of those of the vertical film none.
    """
    desk.write((SCENES + VERTICAL).replace("A city.", "A city. [[sandbox: refused]]"))
    result = await shot(desk)

    assert ["small.vertical.sandbox.mp4"] == [film.path.name for film in result.films]
    assert result.film is None
    assert result.rough is not None
    assert ["city"] == list(result.rough.missing)
    assert 2 == len(list(result.rough.film.path.parent.glob("*.mp4")))
    desk.change(" [[sandbox: refused]]", "")
    assert (await shot(desk, run_id="two")).film is not None
    assert not result.rough.film.path.exists()


async def test_one_film_that_cannot_be_cut_keeps_no_other_from_it(desk: Desk):
    """
    What is wrong is told at the end, with the name of the film; of two, both are named.
    """
    desk.write(SCENES + VERTICAL + SQUARE + POST)
    told: list[Event] = []
    tried: list[str] = []

    async with open_session(prepare(str(desk.board)), run="one", sandbox=True, caller=Caller(told.append)) as session:

        async def cuts(film: PlannedFilm, _: list[Clip], clips: Mapping[str, Clip]) -> Film:
            tried.append(film.called)
            if film.name in ("vertical", "post"):
                raise MediaError("ffmpeg failed.")
            return await cut(session, film, clips)

        with pytest.raises(MediaError) as caught:
            await run(session, film=cuts)

    assert "film 'vertical': ffmpeg failed / film 'post': ffmpeg failed" == str(caught.value)
    assert ["film", "film vertical", "film square", "film post"] == tried
    assert {"small.sandbox.mp4", "small.square.sandbox.mp4"} == {path.name for path in desk.film.parent.glob("*.mp4")}


async def test_one_film_by_name_buys_what_it_needs_alone(desk: Desk):
    """
    Where the master is left out there is no rough cut: that would be the master's.
    """
    desk.write((SCENES + VERTICAL).replace("A face.", "A face. [[sandbox: refused]]"))
    result = await shot(desk, deliver=["vertical"])

    assert ["stop/video", "face/video"] == list(result.ends)
    assert ((), None) == (result.films, result.rough)
    with pytest.raises(SettingsError, match="a rough cut is the master's alone"):
        await cut_from_vault(prepare(str(desk.board), deliver=["vertical"]), "sandbox", lambda _: None)


@pytest.mark.long
async def test_a_film_that_is_missing_leaves_a_storyboard_that_is_not_current(desk: Desk):
    """
    All that has to be done is to put it back, or to cut it.
    """
    desk.write(SCENES + VERTICAL)
    result = await shot(desk)
    ready = prepare(str(desk.board))
    current = await prospect(ready.plan, ready.vault, "sandbox", ready.out)

    assert [False, False] == [film.fresh for film in current.films]
    result.films[1].path.unlink()

    assert {"": "current", "vertical": "stale"} == await states(desk)
    back = await prospect(ready.plan, ready.vault, "sandbox", ready.out)
    assert [False, True] == [film.fresh for film in back.films]
    assert {"": "current", "vertical": "current"} == await states(desk)
    desk.change("order: [stop, face]", "order: [face, stop]")
    assert {"": "current", "vertical": "stale"} == await states(desk)


async def test_own_footage_is_decoded_once_for_each_format_before_anything_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """
    The master shows it twice and has its size, both squares have another one.
    """
    proven: list[tuple[str, tuple[int, int]]] = []
    film_clip(desk.folder / "own.mp4", size="848x480", fps="24", seconds=1)

    async def noted(shot: Shot, size: tuple[int, int], vault: Vault) -> None:
        proven.append((shot.scene, size))
        await prove_shot(shot, size, vault)

    monkeypatch.setattr(proof, "prove_shot", noted)
    own = "  - {id: own, clip: own.mp4}\n"
    order = "[own, city, own]"
    films = SCENES.replace("cut:", f"{own}cut:") + VERTICAL.replace("[stop, face]", order) + SQUARE + POST
    desk.write(films.replace("[city, stop]", order).replace("[stop, city]", order))
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        await proof.prove(session)

    assert [("own", (848, 480)), ("own", (480, 848)), ("own", (480, 480))] == proven


async def test_a_person_sees_once_what_any_film_shows(desk: Desk):
    """
    While something of it is missing no film is cut: they approve a set that is whole. Prefect's page then has links to both films.
    """
    desk.write("review: before-final\n" + (SCENES + VERTICAL).replace("A face.", "A face. [[sandbox: refused]]"))
    assert () == (await shot(desk)).films
    desk.change(" [[sandbox: refused]]", "")
    seen: list[str] = []

    async def sees(review: Review) -> Decision:
        seen.extend(look.step for look in review.looks)
        return Decision(True, "ana")

    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        result = await run(session, approval=lambda ends: pass_gate(session, ends, sees))
        lines, costs = await reported(session, result.ends), await read_costs(session.plan, session.vault, "sandbox")
    page = as_page(session, lines, costs, films=result.films, rough=None, films_url="http://here")
    half = as_page(session, lines, costs, films=result.films[:1], rough=None, films_url="http://here")

    assert ["city/video", "stop/video", "face/video"] == seen
    assert "- [film](http://here/small/small.sandbox.mp4)\n" in page
    assert "- [film vertical](http://here/small/small.vertical.sandbox.mp4)\n" in page
    assert "2 s, 2 s. 1 made, 2 reused" in page
    assert "Not cut: film vertical." in half


async def test_stills_that_a_delivery_buys_for_itself_are_approved_with_the_others(desk: Desk):
    """
    They are made before anything else of it is sent.
    """
    desk.write(STILLS)
    seen: list[str] = []

    async def sees(review: Review) -> Decision:
        seen.extend(look.step for look in review.looks)
        return Decision(False, "ana")

    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        with pytest.raises(NotApproved):
            await run(session, approval=lambda ends: pass_gate(session, ends, sees))

    assert ["door/still", "native:door/still"] == seen
    assert 2 == len(desk.posts())
