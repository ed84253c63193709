"""
A team for which the service keeps nothing: its clips are put into the vault, once, and none is lost on the way.
"""

import asyncio
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import ImagineError, NoRetention, SettingsError, SubmitUnknown, TakeFailed
from storyreel.imagine import Patience
from storyreel.model.recipe import Clip
from storyreel.production import open as opening
from storyreel.production.collect import collect
from storyreel.production.lost_answers import give_up, not_lost
from storyreel.production.open import open_session
from storyreel.production.preflight.access import access
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.sandbox import SandboxSettings
from storyreel.settings import read_settings
from storyreel.vault import Attempt, Vault
from storyreel.vault.costs import read_costs
from tests.buckets import Buckets
from tests.desk import Desk
from tests.production.gateway import Gateway, gateway
from tests.production.patiently import buy

ONE = """
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    prompt: "A lighthouse. {fault}"
"""
BOARD = (
    ONE
    + """
    then:
      - {{extend: "It turns.", duration: 2}}
  - {{id: door, image: {{prompt: "A door."}}, prompt: "It opens."}}
"""
)
__all__ = ["gateway"]

SIGNED = re.compile(r"x-amz-signature|x-amz-credential", re.IGNORECASE)

Set = Callable[..., None]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Return what changes how the sandbox of this process behaves; it is a team's with zero data retention."""
    calling = opening.call

    def behaves(takes_s: float = 20, **given: Any) -> None:
        monkeypatch.setattr(
            "storyreel.sandbox.SandboxSettings", partial(SandboxSettings, **{"zero_retention": True} | given)
        )
        patience = Patience(url_s=0.5, take_s=takes_s, backoff_s=0.01, fetches=2)
        monkeypatch.setattr(opening, "call", partial(calling, patience=patience))

    behaves()
    return behaves


@pytest.fixture
def bucket(make_bucket: Buckets, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a vault in a bucket, which runs use."""
    address = f"s3://{make_bucket()}/vault"
    monkeypatch.setenv("STORYREEL_VAULT", address)
    return address


async def step(
    desk: Desk,
    run: str,
    scene: str = "coast",
    name: str = "video",
    sources: tuple[Clip, ...] = (),
    redo: tuple[str, ...] = (),
) -> Clip:
    """Have a step as a run has it: recalled or bought, and collected."""
    async with open_session(prepare(str(desk.board), redo=redo), run=run, sandbox=True) as session:
        try:
            wanted = session.plan.step(f"{scene}/{name}")
            slate = await recall(session, wanted, sources) or await buy(session, scene, name, sources)
            return await collect(session, wanted.id, slate)
        finally:
            await session.vault.asks.close(session.ask, {})


async def attempts(vault: Vault) -> tuple[Attempt, ...]:
    sound, damaged = await vault.attempts.every("sandbox")
    assert damaged == []
    return tuple(sound)


async def inbox(vault: Vault) -> list[str]:
    return list(await vault.store.keys("sandbox/inbox/"))


async def test_every_clip_comes_into_the_vault_and_stills_as_ever(desk: Desk, sandbox: Set, bucket: str):
    """
    One request a step; a second run sends none. Nothing that it is signed with stands in a record, nor in what the sandbox has of it.
    """
    desk.write(BOARD.format(fault=""))
    clip = await step(desk, "one")
    longer = await step(desk, "one-b", name="extend-1", sources=(clip,))
    still = await step(desk, "one-c", "door", "still")
    await step(desk, "one-d", "door", "video", (still,))
    posts = len(desk.posts())
    again = await step(desk, "two", name="extend-1", sources=(clip,))

    vault = prepare(str(desk.board)).vault
    records = [await vault.store.read(key) or b"" for key in await vault.store.keys("") if key.endswith(".json")]
    assert posts == len(desk.posts()) == 4
    assert longer == again
    assert 3 == len(await inbox(vault))
    assert all(take.take is not None and take.take.charge for take in await attempts(vault))
    assert not any(SIGNED.search(record.decode()) for record in records)
    played = [path for path in (desk.folder / "sandbox").rglob("*") if path.is_file()]
    assert not any(SIGNED.search(path.read_bytes().decode("latin-1")) for path in played)


async def test_that_it_is_such_a_team_is_learned_from_a_refusal(
    desk: Desk, sandbox: Set, bucket: str, gateway: Gateway
):
    """
    Where the service does not say it when it is asked: the refusal is free, and the step is sent again.
    """
    desk.write(ONE.format(fault=""))
    gateway.on("/v1/me", lambda _: httpx.Response(404))
    await step(desk, "one")

    states = [attempt.state for attempt in await attempts(prepare(str(desk.board)).vault)]
    assert ["refused", "clip"] == states
    assert 2 == len(desk.posts())


async def test_one_that_refuses_all_the_same_is_not_asked_for_ever(desk: Desk, sandbox: Set, bucket: str):
    """
    The refusal stands, and says what is wanted.
    """
    desk.write(ONE.format(fault="[[sandbox: refused zdr]]"))

    with pytest.raises(NoRetention, match=r"Zero Data Retention.*s3://bucket"):
        await step(desk, "one")
    assert 1 == len(desk.posts())


@pytest.mark.parametrize("says", [True, False], ids=["when-it-is-asked", "by-a-refusal"])
async def test_a_vault_in_a_folder_is_told_what_is_needed(desk: Desk, sandbox: Set, gateway: Gateway, says: bool):
    """
    In one sentence, and nothing is charged. What is there already is cut all the same.
    """
    desk.write(ONE.format(fault=""))
    if not says:
        gateway.on("/v1/me", lambda _: httpx.Response(404))
    with pytest.raises((SettingsError, NoRetention), match=r"keeps no clips.*STORYREEL_VAULT=s3://bucket/prefix"):
        await step(desk, "one")
    posts = len(desk.posts())
    sandbox(zero_retention=False)
    clip = await step(desk, "two")
    sandbox()

    assert posts == (0 if says else 1)
    assert clip == await step(desk, "three")


@pytest.mark.parametrize(
    "answer",
    [
        lambda body: body,
        lambda body: {**body, "video": {}},
        lambda _: {"status": "done"},
        lambda body: {**body, "video": {"url": "https://nobody.invalid/v.mp4"}},
        lambda body: {**body, "video": {"url": "http://127.0.0.1:9/none.mp4"}},
        lambda body: {**body, "video": {"url": ""}},
        lambda _: {"status": "expired"},
        lambda _: {"status": "failed", "error": {"code": "internal_error", "message": "could not PUT"}},
        lambda _: {"status": "pending", "progress": 99},
        lambda _: None,
    ],
    ids=["as-it-is", "no-url", "bare", "dead-name", "dead-port", "empty", "expired", "failed", "for-ever", "unknown"],
)
async def test_whatever_its_answer_says_the_clip_is_taken_from_where_it_was_put(
    desk: Desk, sandbox: Set, bucket: str, gateway: Gateway, answer: Callable[[Any], Any]
):
    """
    A service that keeps nothing may soon know nothing of a take; what it has put into the vault is a clip.
    """
    sandbox(takes_s=1)

    def change(content: bytes) -> httpx.Response | None:
        body = json.loads(content)
        if body.get("status") != "done":
            return None
        said = answer(body)
        return httpx.Response(404, json={"code": "not-found"}) if said is None else httpx.Response(200, json=said)

    desk.write(ONE.format(fault=""))
    gateway.on("/v1/videos/", lambda content: change(content) if b"request_id" not in content else None)

    assert (await step(desk, "one")).frames == 48
    assert 1 == len(desk.posts())


async def test_one_that_comes_late_is_waited_for(desk: Desk, sandbox: Set, bucket: str):
    """
    By this run, or by one after it: nothing is bought in its place.
    """
    desk.write(ONE.format(fault="[[sandbox: put late 1.5]]"))
    with pytest.raises(
        TakeFailed, match="calls it done, and has not put it into the vault so far; it is asked for again"
    ):
        await step(desk, "one")
    await asyncio.sleep(1.2)

    assert (await step(desk, "two")).frames == 48
    assert 1 == len(desk.posts())


async def test_one_that_came_in_pieces_is_no_clip_and_stays(desk: Desk, sandbox: Set, bucket: str):
    """
    It is not bought again by itself; what came is where it was put.
    """
    desk.write(ONE.format(fault="[[sandbox: put spoilt]]"))
    for run in ("one", "two"):
        with pytest.raises(TakeFailed, match=r"no clip \(.*cut short.*asked for again.*--redo coast/video"):
            await step(desk, run)
    posts = len(desk.posts())
    with pytest.raises(TakeFailed):
        await step(desk, "three", redo=("coast/video",))

    assert (1, 2) == (posts, len(desk.posts()))
    assert 2 == len(await inbox(prepare(str(desk.board)).vault))


async def test_one_that_is_called_expired_before_it_has_come_is_still_waited_for(
    desk: Desk, sandbox: Set, bucket: str, gateway: Gateway
):
    """
    Who keeps nothing calls a take so that it has only just made.
    """

    def change(content: bytes) -> httpx.Response | None:
        return httpx.Response(200, json={"status": "expired"}) if json.loads(content).get("status") == "done" else None

    desk.write(ONE.format(fault="[[sandbox: put late 0.5]]"))
    gateway.on("/v1/videos/", lambda content: change(content) if b"request_id" not in content else None)
    with pytest.raises(TakeFailed, match=r"not put it into the vault so far.*asked for again.*--redo"):
        await step(desk, "one")
    await asyncio.sleep(1)

    assert (await step(desk, "two")).frames == 48
    assert 1 == len(desk.posts())


@pytest.mark.parametrize("content", [b"what nobody has asked for", b""], ids=["no-clip", "nothing-in-it"])
async def test_what_lies_in_the_inbox_of_a_lost_answer_and_is_no_clip_has_a_way_out(
    desk: Desk, sandbox: Set, bucket: str, content: bytes
):
    """
    An empty object is no sign of anything. Anything else is looked at by each run, and a redo makes another one.
    """
    desk.write(ONE.format(fault="[[sandbox: drop after x1]]"))
    with pytest.raises(SubmitUnknown):
        await step(desk, "one")
    vault = prepare(str(desk.board)).vault
    (attempt,) = await attempts(vault)
    url = await vault.inbox.address("sandbox", attempt.claim.fingerprint, 1)
    httpx.put(url or "", content=content)

    if not content:
        with pytest.raises(SubmitUnknown):
            await step(desk, "two")
        return
    for run in ("two", "three"):
        with pytest.raises(TakeFailed, match="what was put into the vault for it is no clip"):
            await step(desk, run)
    await vault.store.delete((await inbox(vault))[0])
    with pytest.raises(TakeFailed, match=r"--redo coast/video"):
        await step(desk, "four")
    posts = len(desk.posts())
    assert (await step(desk, "five", redo=("coast/video",))).frames == 48
    assert (1, 2) == (posts, len(desk.posts()))


async def test_a_clip_of_an_inbox_is_pinned_like_any_other(desk: Desk, sandbox: Set, bucket: str):
    """
    Its id is one of ours: where the vault does not have it, no service is asked.
    """
    desk.write(ONE.format(fault="") + "    pin: inbox-0123456789abcdef01234567-1\n")

    with pytest.raises(ImagineError, match="the vault has no clip inbox-0123456789abcdef01234567-1"):
        await step(desk, "one")
    assert () == await prepare(str(desk.board)).vault.takes.awaited("sandbox")


@pytest.mark.parametrize("lost", [False, True], ids=["unknown", "called-lost"])
async def test_a_request_whose_answer_was_lost_is_known_by_its_clip(
    desk: Desk, sandbox: Set, bucket: str, lost: bool, gateway: Gateway
):
    """
    The clip in the vault says that it was taken: it is neither lost nor bought again, even if a person has called it lost.
    """
    desk.write(ONE.format(fault="[[sandbox: drop after]]"))
    with pytest.raises(SubmitUnknown):
        await step(desk, "one")
    vault = prepare(str(desk.board)).vault
    (attempt,) = await attempts(vault)
    if lost:
        await give_up(vault, attempt)
    # The service goes on with what it has taken, though nobody asks.
    (job,) = (desk.folder / "sandbox" / "jobs").iterdir()
    async with open_session(prepare(str(desk.board)), run="looks", sandbox=True) as session:
        while not await inbox(vault):
            await session.client.ask(job.stem)
            await asyncio.sleep(0.05)

    assert (await step(desk, "two")).frames == 48
    assert 1 == len(desk.posts())
    assert [one.state for one in await attempts(vault)] == ["clip"]
    # Its answer may come after all, from a machine that slept: it is the same request.
    if not lost:
        await vault.claims.answer_accepted(attempt.claim, job.stem)
    costs = await read_costs(prepare(str(desk.board)).plan, vault, "sandbox")
    assert (1, attempt.claim.estimate_ticks) == (costs.sums.takes, costs.sums.estimated_ticks)
    assert [one.open_ids for one in await attempts(vault)] == [()]


async def test_what_lies_in_the_vault_is_not_called_lost(desk: Desk, sandbox: Set, bucket: str):
    """
    Whoever would is told so.
    """
    desk.write(ONE.format(fault="[[sandbox: drop after]]"))
    with pytest.raises(SubmitUnknown):
        await step(desk, "one")
    vault = prepare(str(desk.board)).vault
    (attempt,) = await attempts(vault)
    url = await vault.inbox.address("sandbox", attempt.claim.fingerprint, 1)
    httpx.put(url or "", content=b"a clip")
    request_id = await give_up(vault, attempt)

    assert not_lost("coast/video", request_id or "") == (
        "coast/video: not lost: its clip is in the vault already; the next run goes on from it"
    )
    assert [one.state for one in await attempts(vault)] == ["open"]


async def test_a_bucket_at_home_is_no_place_for_a_service_out_there(
    desk: Desk, sandbox: Set, bucket: str, monkeypatch: pytest.MonkeyPatch
):
    """
    It could never come there: that is said before anything is sent.
    """
    monkeypatch.setattr("storyreel.imagine.connection.Connection.is_private", lambda _: asyncio.sleep(0, False))
    desk.write(ONE.format(fault=""))

    with pytest.raises(NoRetention, match=r"127\.0\.0\.1 is in a network of your own, which it cannot reach"):
        await step(desk, "one")
    assert [] == desk.posts()


@pytest.mark.parametrize(
    ("vault", "state", "words"),
    [
        ("file:vault", "fault", "STORYREEL_VAULT=s3://bucket/prefix"),
        ("s3://films/vault", "ok", "puts its clips into s3://films/vault"),
    ],
)
async def test_the_look_before_a_shoot_says_where_clips_go(
    desk: Desk, sandbox: Set, monkeypatch: pytest.MonkeyPatch, vault: str, state: str, words: str
):
    """
    Or what is needed, so that they can go anywhere.
    """
    monkeypatch.setenv("STORYREEL_VAULT", vault)
    findings = await access(read_settings(folder=desk.folder), load_catalog(), sandbox=True)

    (retention,) = [each for each in findings if "zero data retention" in each.words]
    assert state == retention.state
    assert words in f"{retention.words} {retention.remedy}"
