"""
Recall, buy, collect: on the sandbox and a real vault, without Prefect.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from storyreel.errors import (
    DownloadFailed,
    LeftOut,
    NotReached,
    SubmitRefused,
    SubmitUnknown,
    TakeExpired,
    TakeFailed,
    TakeModerated,
    VaultError,
)
from storyreel.media import probe
from storyreel.model.plan import Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.caller import Caller
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.production.run import run
from storyreel.production.session import Session
from tests.desk import ONE, Desk
from tests.production.patiently import buy


async def shot(session: Session, step_id: str, clips: Mapping[str, Clip]) -> Clip:
    """Make one step as the flow does."""
    step = session.plan.step(step_id)
    sources = [clips[need] for need in step.needs]
    slate = await recall(session, step, sources) or await buy(session, step.scene, step.name, sources)
    return await collect(session, step_id, slate)


async def shoot(desk: Desk, run: str = "run", **wishes: object) -> dict[str, Clip]:
    """Make every step of the desk's board in the plan's order, and close the ask."""
    clips: dict[str, Clip] = {}
    async with open_session(prepare(str(desk.board), **wishes), run=run, sandbox=True) as session:  # type: ignore[arg-type]
        try:
            for step in session.plan.steps:
                clips[step.id] = await shot(session, step.id, clips)
        finally:
            await session.vault.asks.close(session.ask, {})
    return clips


async def test_what_was_bought_is_recalled(desk: Desk):
    """
    A second run of the same board has the same clips and sends nothing.
    """
    first = await shoot(desk, "one")
    sent = len(desk.posts())

    assert first == await shoot(desk, "two")
    assert sent == len(desk.posts()) == 6


@pytest.mark.parametrize("fault", ["cut 1", "short 2", "html 1", "garbage 2", "long 1", "empty 1"])
async def test_a_spoilt_download_is_fetched_again_and_paid_once(desk: Desk, fault: str):
    """
    Whatever comes instead of the clip, it is asked for again by its id.
    """
    desk.write(ONE.format(marker=f"[[sandbox: download {fault}]]"))
    clips = await shoot(desk)

    assert 48 == clips["coast/video"].frames
    assert 1 == len(desk.posts())


async def test_a_clip_that_never_comes_whole_is_kept_broken_and_fetched_by_the_next_run(desk: Desk):
    """
    A download that stays broken fails its step, without an end: the take is still ours, and nothing is sent for it.
    """
    desk.write(ONE.format(marker="[[sandbox: download garbage 4]]"))
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        with pytest.raises(DownloadFailed, match="fetched again by the next run"):
            await shot(session, "coast/video", {})
        broken = list((desk.folder / "vault" / "clips" / "broken").iterdir())
        clip = await shot(session, "coast/video", {})

    assert 1 == len(broken)
    assert clip.request_id == broken[0].name.split(".")[0]
    assert 48 == clip.frames
    assert 1 == len(desk.posts())


@pytest.mark.parametrize(
    ("marker", "error", "says"),
    [
        pytest.param("failed invalid_argument", TakeFailed, "invalid_argument", id="failed"),
        pytest.param("failed bare", TakeFailed, "request", id="failed-in-words"),
        pytest.param("moderated", TakeModerated, "charged", id="moderated"),
        pytest.param("moderated 400", TakeModerated, "request", id="moderated-on-the-poll"),
        pytest.param("expired", TakeExpired, "request", id="expired"),
    ],
)
async def test_an_end_without_a_clip_is_told_once_and_stands(desk: Desk, marker: str, error: type, says: str):
    """
    A take that ended without a clip is recorded, told in one line, and not bought again by a plain run.
    """
    desk.write(ONE.format(marker=f"[[sandbox: {marker}]]"))
    with pytest.raises(error, match=says) as first:
        await shoot(desk, "one")
    with pytest.raises(error) as second:
        await shoot(desk, "two")

    assert str(first.value) == str(second.value)
    assert 1 == str(first.value).count(str(first.value.request_id))
    assert "\n" not in str(first.value)
    assert "--redo coast/video" in str(first.value)
    assert 1 == len(desk.posts())


async def test_a_passing_fault_of_the_service_is_bought_again_by_the_next_run_three_times_at_most(desk: Desk):
    """
    An internal error may be gone tomorrow; after three attempts a person has to say.
    """
    desk.write(ONE.format(marker="[[sandbox: failed internal_error]]"))
    told = []
    for name in ("one", "two", "three", "four"):
        with pytest.raises(TakeFailed) as caught:
            await shoot(desk, name)
        told.append(str(caught.value))

    assert 3 == len(desk.posts())
    assert [True, True, False, False] == ["run again" in line for line in told]
    assert [False, False, True, True] == ["--redo coast/video" in line for line in told]


async def test_a_retry_of_the_run_that_failed_buys_again(desk: Desk):
    """
    The same run, tried again by a person after its summary, may buy what it failed on.
    """
    desk.write(ONE.format(marker="[[sandbox: failed invalid_argument x1]]"))
    with pytest.raises(TakeFailed):
        await shoot(desk, "one")

    assert 48 == (await shoot(desk, "one"))["coast/video"].frames
    assert 2 == len(desk.posts())


async def test_a_refused_request_is_not_charged_and_is_sent_again_once_it_is_right(desk: Desk):
    """
    What the service does not take costs nothing, and stands in no one's way.
    """
    desk.write(ONE.format(marker="[[sandbox: refused argument x1]]"))
    with pytest.raises(SubmitRefused):
        await shoot(desk, "one")
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        spent = await session.vault.ledger.spent("sandbox", "one")

    assert 0 == spent
    assert 48 == (await shoot(desk, "two"))["coast/video"].frames


async def test_too_many_requests_are_waited_out(desk: Desk):
    """
    A 429 is no attempt: the request goes out again after the pause it asks for.
    """
    desk.write(ONE.format(marker="[[sandbox: submit 429 1 x2]]"))

    assert 48 == (await shoot(desk))["coast/video"].frames
    assert 3 == len(desk.posts())
    assert 3 == len({post["idempotency_key"] for post in desk.posts()})


@pytest.mark.parametrize("marker", ["drop after", "drop", "submit 502", "submit 500 after", "submit 200 after"])
async def test_a_lost_answer_is_unknown_and_never_sent_again(desk: Desk, marker: str):
    """
    Sent, and no readable answer: nobody sends it again, whatever run asks, until a person has said what became of it.
    """
    desk.write(ONE.format(marker=f"[[sandbox: {marker}]]"))
    for name in ("one", "one", "two"):
        with pytest.raises(SubmitUnknown) as caught:
            await shoot(desk, name)
        assert "coast/video" in str(caught.value)
    with pytest.raises(SubmitUnknown):
        await shoot(desk, "three", redo=["coast"])

    assert 1 == len(desk.posts())


async def test_a_clip_of_another_length_is_kept_and_noted(desk: Desk):
    """
    What came back differs from what was asked: it is paid, so it is used, and the difference is on record.
    """
    desk.write(ONE.format(marker="[[sandbox: longer 1]]"))
    clips = await shoot(desk)
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        take = await session.vault.takes.get("sandbox", clips["coast/video"].request_id)

    assert 72 == clips["coast/video"].frames
    assert take is not None
    assert ("3.000 s came back, 2 s were asked for",) == take.notes


async def test_a_pinned_take_is_used_and_never_bought(desk: Desk):
    """
    An old take is chosen by its request id, whatever the prompt now says.
    """
    first = await shoot(desk, "one")
    pin = first["coast/video"].request_id
    desk.change('prompt: "A lighthouse at dusk."', f'prompt: "Another prompt."\n    pin: {pin}')
    again = await shoot(desk, "two")

    assert first == again
    assert 6 == len(desk.posts())


async def test_two_runs_at_once_share_every_request(desk: Desk):
    """
    Two runs of one board at the same time send each request once.
    """
    one, two = await asyncio.gather(shoot(desk, "one"), shoot(desk, "two"))

    assert one == two
    assert 6 == len(desk.posts())


async def test_a_large_picture_is_uploaded_and_a_small_one_travels_inside(desk: Desk):
    """
    Above 1.5 MB a picture goes to the file storage first; that is free and no purchase.
    """
    Image.frombytes("RGB", (1000, 600), os.urandom(1000 * 600 * 3)).save(desk.folder / "large.png")
    Image.new("RGB", (320, 180), "teal").save(desk.folder / "small.png")
    desk.write(
        """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: a, image: large.png, prompt: "it moves"}
  - {id: b, image: small.png, prompt: "it moves"}
"""
    )
    await shoot(desk)
    log = (desk.folder / "sandbox" / "posts.jsonl").read_text()

    assert 1 == log.count('"/v1/files"')
    assert 2 == len(desk.posts())


async def test_only_the_kept_seconds_of_own_footage_are_extended(desk: Desk):
    """
    What was trimmed away never goes to the service.
    """
    first = await shoot(desk, "one")
    clip = next((desk.folder / "vault" / "clips").rglob(first["stair/edit-1"].sha256 + ".mp4"))
    (desk.folder / "own.mp4").write_bytes(clip.read_bytes())
    desk.write(
        """
scenes:
  - id: own
    clip: own.mp4
    trim: {start: 0, end: 2}
    then: [{extend: "it goes on", duration: 3}]
"""
    )
    extended = (await shoot(desk, "two"))["own/extend-1"]

    assert 120 == extended.frames


async def test_what_is_left_out_is_not_bought(desk: Desk):
    """
    A step outside of `only` that has no clip says so, and sends nothing.
    """
    async with open_session(prepare(str(desk.board), only=["door"]), run="one", sandbox=True) as session:
        with pytest.raises(LeftOut) as caught:
            await recall(session, session.plan.step("coast/video"), [])

    assert isinstance(caught.value, NotReached)
    assert [] == desk.posts()


async def test_what_failed_in_another_scene_is_left_out_too(desk: Desk):
    """
    A run that was asked for one scene is not failed by what went wrong in another one before.
    """
    desk.change("A lighthouse at dusk.", "A lighthouse at dusk. [[sandbox: drop after]]")
    with pytest.raises(SubmitUnknown):
        await shoot(desk, "one")
    async with open_session(prepare(str(desk.board), only=["door"]), run="two", sandbox=True) as session:
        with pytest.raises(LeftOut):
            await recall(session, session.plan.step("coast/video"), [])


async def test_a_clip_gone_here_and_at_the_service_says_what_is_left_to_do(desk: Desk):
    """
    A clip that was deleted here and is no longer given out there is told as just that.
    """
    first = await shoot(desk, "one")
    coast = first["coast/video"]
    for file in (desk.folder / "vault" / "clips").rglob(f"{coast.sha256}*"):
        file.unlink()
    for job in (desk.folder / "sandbox" / "jobs").glob(f"{coast.request_id}*"):
        told = json.loads(job.read_text())
        job.write_text(json.dumps({**told, "faults": [{"kind": "expired"}]}))
    for ending in (desk.folder / "sandbox" / "ends").glob(f"{coast.request_id}*"):
        ending.unlink()
    with pytest.raises(TakeExpired, match="no longer in the vault") as caught:
        await shoot(desk, "two")

    assert "--redo coast/video" in str(caught.value)
    assert 6 == len(desk.posts())


async def test_nothing_is_sent_while_the_vault_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    A vault that is no folder stops the run before the first request.
    """
    (desk.folder / "file").write_text("")
    monkeypatch.setenv("STORYREEL_VAULT", f"file:{desk.folder / 'file' / 'vault'}")
    with pytest.raises(VaultError):
        await shoot(desk)

    assert [] == desk.posts()


async def test_the_film_has_the_frames_of_its_clips(desk: Desk, tmp_path: Path):
    """
    The film is cut, stands, and is told to stand.
    """
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        film, again = (await run(session)).film, (await run(session)).film

    assert film is not None
    assert again is not None

    assert (192, 8.0, True) == (film.frames, film.seconds, film.fresh)
    assert not again.fresh
    assert 192 == probe(film.path).frames


async def test_what_is_reused_is_told_also_where_its_collecting_is_remembered(desk: Desk):
    """
    Whoever remembers a collected clip does not collect it again, and nobody is left waiting for word of it.
    """
    desk.write(ONE.format(marker=""))
    clips = await shoot(desk)
    told: list[tuple[str, str]] = []
    prepared = prepare(str(desk.board))
    caller = Caller(watcher=lambda event: told.append((event.step, event.stage)))
    async with open_session(prepared, run="again", sandbox=True, caller=caller) as session:

        async def remembered(step: Step, _slate: Slate, _sources: list[Clip]) -> Clip:
            return clips[step.id]

        await run(session, collect=remembered)

    assert ("coast/video", "reused") in told
