"""
What is there of a film that cannot be: cut all the same, with a placeholder for each scene that has no clip, and why.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from storyreel.delivery.places import film_files, rough_files
from storyreel.delivery.rough import RoughCut
from storyreel.errors import (
    AwaitingApproval,
    Braked,
    BudgetError,
    HeldBack,
    ImagineError,
    LeftOut,
    MediaError,
    NotApproved,
    NotReached,
    SubmitRefused,
    SubmitUnknown,
    TakeExpired,
    TakeFailed,
    TakeModerated,
    VaultError,
)
from storyreel.media import probe
from storyreel.model.events import Event
from storyreel.model.recipe import Clip
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.rough import cut_from_vault, in_words
from storyreel.production.run import RunResult, run
from tests.desk import WAITING, Desk

LOOK = 'defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}\n'
TRAM = (
    LOOK
    + """
title: Small
scenes:
  - {id: city, prompt: "A city."}
  - {id: stop, prompt: "A stop. [[sandbox: refused]]", transition: dissolve}
  - {id: face, image: {frame_of: stop, at: 1}, prompt: "A face.", speed: 0.5}
  - {id: ride, prompt: "A tram.", trim: {start: 0.5, end: 1.5}}
cut: {order: [city, stop, face, {scene: city, end: 1}, ride], close: fade-black}
"""
)


async def shot(desk: Desk, told: list[Event] | None = None, *, partial: bool = False, **wishes: Any) -> RunResult:
    """Shoot the desk's board once."""
    ready = prepare(str(desk.board), **wishes)
    caller = Caller(watcher=(told if told is not None else []).append)
    async with open_session(ready, run="one", partial=partial, sandbox=True, caller=caller) as session:
        return await run(session)


def listed(desk: Desk) -> dict[str, Any]:
    """Return the cut list of the desk's rough cut."""
    there = rough_files(desk.folder / "out", "small", "sandbox").cut_list
    fields: dict[str, Any] = json.loads(there.read_text())
    return fields


async def test_a_run_in_which_a_scene_failed_leaves_a_rough_cut(desk: Desk):
    """
    It has every shot of the film in its order, as long as it is to be: transitions, speeds and trims too.
    """
    desk.write(TRAM)
    result = await shot(desk)

    assert result.film is None
    assert result.rough is not None
    missing, rough = result.rough.missing, result.rough.film
    assert ["stop", "face"] == list(missing)
    assert missing["stop"].startswith("refused")
    assert "waits for stop" == missing["face"]
    assert rough_files(desk.folder / "out", "small", "sandbox").film == rough.path
    assert rough.path.name == "small.rough.sandbox.mp4"
    assert not desk.film.exists()
    # The dissolve begins within the placeholder, of which there is as much as is wanted, and takes its other half of the city.
    assert 24 * (2 + 2 + 4 + 1 + 1) - 6 == probe(rough.path).frames == rough.frames
    assert result.rough.words.startswith("9.8 s, 2 of 4 scenes are placeholders: stop (refused")


@pytest.mark.long
async def test_the_cut_list_says_which_shots_are_placeholders_and_why(desk: Desk):
    """
    Nobody made these seconds, and nothing was paid for them.
    """
    desk.write(TRAM)
    result = await shot(desk)
    assert result.rough is not None

    cuts = [(cut["scene"], cut["placeholder"], len(cut["parts"])) for cut in listed(desk)["cuts"]]
    stop = result.rough.missing["stop"]
    assert [
        ("city", None, 1),
        ("stop", stop, 0),
        ("face", "waits for stop", 0),
        ("city", None, 1),
        ("ride", None, 1),
    ] == cuts
    assert result.rough.film.path.with_suffix(".png").exists()


async def test_a_complete_film_takes_its_rough_cut_away_and_nothing_else(desk: Desk):
    """
    What a person has put beside it stays, and so does the rough cut of the real film.
    """
    desk.write(TRAM)
    await shot(desk)
    folder = desk.film.parent
    others = {"notes.txt", "small.rough.txt", "small.rough.mp4", "small.mp4"}
    for name in others:
        (folder / name).write_text("mine")
    desk.change(" [[sandbox: refused]]", "")

    result = await shot(desk)

    assert result.rough is None
    films = {path.name for path in film_files(desk.folder / "out", "small", "sandbox").all[:3]}
    assert films | others | {"small.sandbox.log", "versions"} == {path.name for path in folder.iterdir()}


@pytest.mark.long
async def test_an_empty_vault_gives_placeholders_alone(desk: Desk):
    """
    It is as long as the film is to be, nobody is asked, and nothing is sent.
    """
    desk.write(TRAM)
    cut = await cut_from_vault(prepare(str(desk.board)), "sandbox", lambda _: None)

    assert isinstance(cut, RoughCut)
    assert {"city": "not bought yet", "stop": "not bought yet", "face": "waits for stop", "ride": "not bought yet"} == (
        cut.missing
    )
    assert 240 == probe(cut.film.path).frames
    assert [] == desk.posts()


@pytest.mark.long
async def test_where_nothing_is_missing_the_film_itself_is_cut(desk: Desk):
    """
    And an older rough cut is taken away.
    """
    desk.write(TRAM)
    await shot(desk)
    desk.change(" [[sandbox: refused]]", "")
    film = (await shot(desk)).film
    assert film is not None
    shutil.rmtree(desk.folder / "out")
    shutil.rmtree(desk.folder / "vault" / "derived")
    sent = desk.posts()

    cut = await cut_from_vault(prepare(str(desk.board)), "sandbox", lambda _: None)

    assert not isinstance(cut, RoughCut)
    assert desk.film == cut.path
    assert (film.frames, sent) == (cut.frames, desk.posts())


@pytest.mark.long
async def test_scenes_that_are_left_out_are_placeholders(desk: Desk):
    """
    With `only` one looks at a scene in its place in the film.
    """
    desk.write(TRAM)
    result = await shot(desk, only=["city"])

    assert result.rough is not None
    assert {"stop": "not bought yet", "face": "waits for stop", "ride": "not bought yet"} == result.rough.missing


@pytest.mark.long
async def test_what_a_budget_held_back_is_a_placeholder(desk: Desk):
    """
    What was bought before it is seen.
    """
    desk.write(TRAM.replace(" [[sandbox: refused]]", ""))
    result = await shot(desk, budget=0.25, partial=True)

    assert result.rough is not None
    assert 2 == len([end for end in result.ends.values() if isinstance(end, Clip)])
    assert "held back by the budget" in result.rough.missing.values()


async def test_what_waits_for_an_approval_is_a_placeholder(desk: Desk):
    """
    A run that ends at its gate shows what there is so far, and so does the vault later.
    """
    desk.write(WAITING)
    with pytest.raises(AwaitingApproval):
        await shot(desk)
    waits = {"coast": "waits for an approval", "door": "waits for an approval"}

    assert waits == {cut["scene"]: cut["placeholder"] for cut in listed(desk)["cuts"]}
    cut = await cut_from_vault(prepare(str(desk.board)), "sandbox", lambda _: None)
    assert isinstance(cut, RoughCut)
    assert waits == cut.missing


async def test_a_film_that_waits_for_an_approval_is_seen_as_a_rough_cut(desk: Desk):
    """
    With all its clips there it is the film to be, under the other name.
    """
    desk.write(WAITING.replace("before-video", "before-final"))
    with pytest.raises(AwaitingApproval):
        await shot(desk)

    assert [None, None] == [cut["placeholder"] for cut in listed(desk)["cuts"]]
    assert not desk.film.exists()
    cut = await cut_from_vault(prepare(str(desk.board)), "sandbox", lambda _: None)
    assert isinstance(cut, RoughCut)
    assert "2.0 s, no placeholder among 2 scenes" == cut.words


@pytest.mark.long
async def test_a_clip_that_came_back_too_short_to_show_anything_of_is_a_placeholder(desk: Desk):
    """
    It stops the film, which says why, and not the rough cut.
    """
    desk.write(TRAM.replace("refused", "shorter 1").replace("transition", "trim: {start: 1.5}, transition"))
    with pytest.raises(MediaError, match=r"scene 'stop'.*nothing is left of it"):
        await shot(desk)

    placeholders = {cut["scene"]: cut["placeholder"] for cut in listed(desk)["cuts"]}
    assert "its clip came back 1 s long, and nothing is left of it from 1.5 s on" == placeholders["stop"]
    assert placeholders["face"] is None


async def test_own_footage_that_cannot_be_shown_is_a_placeholder(desk: Desk, storyboards: Path):
    """
    It stops everything that would be bought, and what is there is cut with what is wrong in its place.
    """
    own = (storyboards / "lighthouse" / "endcard.mp4").read_bytes()
    desk.folder.joinpath("card.mp4").write_bytes(own)
    board = LOOK + "title: Small\nscenes:\n  - {id: city, prompt: A city.}\n  - {id: card, clip: card.mp4}\n"
    desk.write(board)
    ready = prepare(str(desk.board))
    desk.folder.joinpath("card.mp4").write_bytes(own[: len(own) // 2])
    cut = await cut_from_vault(ready, "sandbox", lambda _: None)

    assert isinstance(cut, RoughCut)
    assert "not bought yet" == cut.missing["city"]
    assert cut.missing["card"].startswith("cannot be shown: ")


async def test_where_own_footage_stops_a_run_what_is_there_is_cut(desk: Desk, storyboards: Path):
    """
    Nothing is sent, which is the reason of all that is missing; the footage has one of its own.
    """
    own = (storyboards / "lighthouse" / "endcard.mp4").read_bytes()
    card = desk.folder / "card.mp4"
    card.write_bytes(own)
    desk.write(LOOK + "title: Small\nscenes:\n  - {id: city, prompt: A city.}\n  - {id: card, clip: card.mp4}\n")
    ready = prepare(str(desk.board))
    card.write_bytes(own[: len(own) // 2])
    with pytest.raises(VaultError, match=r"card\.mp4"):
        async with open_session(ready, run="one", sandbox=True) as session:
            await run(session)

    placeholders = {cut["scene"]: cut["placeholder"] for cut in listed(desk)["cuts"]}
    assert "not sent, because of own footage" == placeholders["city"]
    assert placeholders["card"].startswith("cannot be shown: ")
    assert [] == desk.posts()


async def test_cards_stand_in_a_rough_cut_as_in_the_film(desk: Desk):
    """
    What is drawn is never missing: it costs nothing.
    """
    desk.write(
        LOOK
        + 'title: Small\nscenes:\n  - {id: title, card: {text: TRAM}, duration: 1}\n  - {id: city, prompt: "A city."}\n'
    )
    cut = await cut_from_vault(prepare(str(desk.board)), "sandbox", lambda _: None)

    assert isinstance(cut, RoughCut)
    assert {"city": "not bought yet"} == cut.missing
    assert ["card", "placeholder"] == [each["shows"] for each in listed(desk)["cuts"]]
    assert 72 == probe(cut.film.path).frames


async def test_a_rough_cut_that_cannot_be_made_is_a_note(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    The run ends as it would have ended without it.
    """
    desk.write(LOOK + "scenes:\n  - {id: stop, prompt: 'A stop. [[sandbox: refused]]'}\n")

    class Removed(list[Event]):
        """Events, at the first of which ffmpeg is taken away: where it is gone before, nothing is sent."""

        def append(self, event: Event) -> None:
            monkeypatch.setenv("STORYREEL_FFMPEG", str(desk.folder / "nowhere"))
            super().append(event)

    events = Removed()
    result = await shot(desk, events)

    assert (None, None) == (result.film, result.rough)
    assert isinstance(result.ends["stop/video"], SubmitRefused)
    (note,) = [event.text for event in events if event.stage == "noted"]
    assert note.startswith("it could not be cut: ")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (LeftOut("a/video"), "not bought yet"),
        (HeldBack("a/video", "b/still"), "waits for an approval"),
        (AwaitingApproval("look"), "waits for an approval"),
        (NotApproved("no"), "not approved"),
        (Braked("a/video", "no key"), "not sent, since the steps before it met trouble with the service"),
        (NotReached("a/video", "own footage"), "not sent, because of own footage"),
        (BudgetError("0.10 more"), "held back by the budget"),
        (TakeModerated("withheld, request 7", words="a face"), "moderated: a face"),
        (TakeFailed("gave up, request 7", code="internal_error"), "failed: internal_error"),
        (TakeExpired("gone"), "expired"),
        (SubmitRefused("the service refused the request (HTTP 403): no"), "refused (HTTP 403): no"),
        (SubmitRefused("other runs kept claiming it"), "refused: other runs kept claiming it"),
        (SubmitUnknown("sent, and lost"), "its answer was lost"),
        (ImagineError("nobody knows"), "nobody knows"),
        (ValueError("odd"), "ValueError: odd"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_why_a_scene_has_no_clip_is_said_in_a_few_words(end: Exception, words: str):
    """
    The kind of it first, and what the service said.
    """
    assert words == in_words(end)


def test_what_is_missing_is_one_line():
    """
    With its number and all scenes.
    """

    def cut(missing: Mapping[str, str], scenes: int) -> str:
        return RoughCut(type("Film", (), {"seconds": 41.04})(), scenes, missing).words  # type: ignore[arg-type]

    assert "41.0 s, 1 of 7 scenes is a placeholder: a (why)" == cut({"a": "why"}, 7)
    assert "41.0 s, 2 of 2 scenes are placeholders: a (why), b (waits for a)" == cut(
        {"a": "why", "b": "waits for a"}, 2
    )
