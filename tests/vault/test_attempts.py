"""
Claims and answers: who may send, what came of it, and when nobody knows.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from tests.vault.hands import Hands

from storyreel.errors import VaultError
from storyreel.vault import Ask, Attempt, Claim, Take, Vault, disk_space, still_id
from storyreel.vault.liveness import Process, known_dead, leave_mark, this_process

FINGERPRINT = "ab" + "0" * 62
ASK = Ask(run_id="run", k=0)


async def claimed(vault: Vault, attempt: int = 1, fingerprint: str = FINGERPRINT) -> Claim:
    claim = await vault.claims.claim(
        "sandbox",
        fingerprint,
        attempt,
        ask=ASK,
        recipe={"prompt": "a lantern"},
        step="climb/video",
        estimate_ticks=5,
        till=None,
    )
    assert claim is not None
    return claim


async def only(vault: Vault) -> Attempt:
    (attempt,) = await vault.attempts.of("sandbox", FINGERPRINT)
    return attempt


CLAIM = f"sandbox/slates/ab/{FINGERPRINT}/1/claim.json"


def rewrite(hands: Hands, **changes: Any) -> None:
    """Make the claim another process's, as if it had been written there."""
    hands.write(CLAIM, json.dumps(json.loads(hands.read(CLAIM)) | changes).encode())


@pytest.mark.parametrize("race", [pytest.param(2, id="two"), pytest.param(4, id="four")], indirect=True)
async def test_exactly_one_process_wins_a_claim(vault, hands, race):
    """
    However many processes want to send the same request at once, one of them may.
    """
    for n in range(hands.rounds):
        fingerprint = f"{n:064x}"
        won = [nonce for nonce in race(do="claim", fingerprint=fingerprint) if nonce is not None]
        (attempt,) = await vault.attempts.of("sandbox", fingerprint)

        assert won == [attempt.claim.nonce]


async def test_a_claim_shows_what_is_sent(vault, hands):
    """
    A person reads in the claim who was about to send what, and for which run.
    """
    claim = await claimed(vault)

    kept = json.loads(hands.read(CLAIM))

    assert kept["v"] == 1
    assert kept["recipe"] == {"prompt": "a lantern"}
    assert kept["ask"] == {"run_id": "run", "k": 0}
    assert (kept["pid"], kept["nonce"]) == (os.getpid(), claim.nonce)
    assert str(claim.ask) == "run#0"


async def test_an_accepted_attempt_is_open_until_its_take_ends(vault):
    """
    With a request id an attempt is open; with the end of its take it is what that end says.
    """
    claim = await claimed(vault)
    claimed_state = (await only(vault)).state
    await vault.claims.answer_accepted(claim, "id-1")
    open_state = (await only(vault)).state
    await vault.takes.end(
        Take(service="sandbox", request_id="id-1", fingerprint=FINGERPRINT, attempt=1, end="moderated")
    )

    assert claimed_state == "claimed"
    assert open_state == "open"
    assert (await only(vault)).state == "moderated"


async def test_an_end_with_a_clip_says_whether_the_clip_is_here(vault, hands, tmp_path):
    """
    A take whose clip was deleted is told from one whose clip is there.
    """
    (tmp_path / "clip.mp4").write_bytes(b"film")
    sha256 = await vault.clips.keep(tmp_path / "clip.mp4", ".mp4")
    await vault.claims.answer_accepted(await claimed(vault), "id-1")
    await vault.takes.end(
        Take(service="sandbox", request_id="id-1", fingerprint=FINGERPRINT, attempt=1, end="clip", sha256=sha256)
    )
    before = (await only(vault)).state
    hands.remove(f"clips/{sha256[:2]}/{sha256}.mp4")

    assert before == "clip"
    assert (await only(vault)).state == "missing"


async def test_a_refused_attempt_frees_the_next_number(vault):
    """
    What the service refused costs nothing, stays on record, and the next claim takes the next number.
    """
    await vault.claims.answer_refused(await claimed(vault), 429, "rate_limit", "slow down \ud83d")
    await claimed(vault, 2)

    first, second = await vault.attempts.of("sandbox", FINGERPRINT)

    assert (first.state, second.state) == ("refused", "claimed")
    assert first.answer is not None
    assert first.answer.status == 429


async def test_the_claim_of_a_living_process_is_waited_for(vault):
    """
    While the process that claimed is alive and its claim is young, the answer is waited for.
    """
    await claimed(vault)

    assert (await only(vault)).unknown == ""
    assert (await vault.claims.recall("sandbox", FINGERPRINT, ASK)).attempt == 1


async def test_the_claim_of_a_dead_process_is_unknown(vault, tmp_path):
    """
    A process that was killed between its claim and its answer leaves an unknown attempt at once.
    """
    script = f"""
import asyncio, os, signal
from pathlib import Path
from storyreel.vault import Ask, open_vault
vault = open_vault({vault.address!r}, cache=Path({str(tmp_path)!r}))
asyncio.run(vault.claims.claim("sandbox", {FINGERPRINT!r}, 1, ask=Ask(run_id="run", k=0), recipe={{}}, step="climb/video",
                        estimate_ticks=1, till=None))
os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        as_zombie = (await only(vault)).state
    when_gone = (await only(vault)).state

    assert as_zombie == "unknown"
    assert when_gone == "unknown"


@pytest.fixture
def marks(tmp_path, monkeypatch):
    """Have the marks of processes in a folder of this test's."""
    monkeypatch.setattr("storyreel.vault.liveness.MEMORY", (tmp_path,))
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "dead"),
    [
        pytest.param({}, False, id="alive"),
        pytest.param({"started": 1}, True, id="pid-used-again"),
        pytest.param({"started": 1, "host": "elsewhere"}, False, id="other-host"),
        pytest.param({"started": 1, "boot_id": "before"}, False, id="other-boot"),
        pytest.param({"started": 1, "pid_space": "pid:[1]"}, False, id="other-container"),
        pytest.param({"started": 0, "pid_space": "", "boot_id": ""}, False, id="system-does-not-tell"),
    ],
)
def test_only_what_is_surely_gone_is_called_dead(changes, dead, marks):
    """
    A process is called dead on its own host and boot alone, and never for a pid that somebody else has now.
    """
    process = Process(**(vars(this_process()) | changes))
    leave_mark(process)

    assert known_dead(process) is dead


@pytest.mark.parametrize("changes", [{"started": 1}, {"pid": 2**22 - 3}], ids=["pid-of-another", "no-such-pid"])
def test_a_process_of_a_cloned_machine_is_not_called_dead(changes, marks):
    """
    A clone has the same host name, boot and pid space: who has left no mark on this machine was never here.
    """
    assert not known_dead(Process(**(vars(this_process()) | changes)))


def test_where_no_mark_can_be_left_nobody_is_dead(marks, monkeypatch):
    """
    A folder of somebody else's in the place of the marks, or none at all: then the five minutes are waited.
    """
    process = Process(**(vars(this_process()) | {"started": 1}))
    leave_mark(process)
    before = known_dead(process)
    theirs = marks / "theirs"
    theirs.mkdir()
    (theirs / f"storyreel-{os.getuid()}").symlink_to(marks / f"storyreel-{os.getuid()}")
    monkeypatch.setattr("storyreel.vault.liveness.MEMORY", (theirs, marks / "none"))
    leave_mark(process)

    assert before
    assert not known_dead(process)


@pytest.mark.parametrize(
    ("age_s", "state"),
    [
        pytest.param(0, "claimed", id="new"),
        pytest.param(290, "claimed", id="under-5-minutes"),
        pytest.param(310, "unknown", id="over-5-minutes"),
        pytest.param(-3600, "unknown", id="from-the-future"),
    ],
)
async def test_an_old_claim_without_an_answer_is_unknown(vault, hands, age_s, state):
    """
    The claim of another host is unknown when it is over 5 minutes old by the clock of the vault's disk.
    """
    await claimed(vault)
    rewrite(hands, host="elsewhere", pid=1)
    hands.pass_time(vault, CLAIM, age_s)

    assert (await only(vault)).state == state


async def test_a_post_without_an_answer_is_unknown_at_once(vault):
    """
    Where the connection broke nobody waits five minutes, and the place of the answer stays free for a person.
    """
    claim = await claimed(vault)
    await vault.claims.answer_unknown(claim, "the connection broke after the request was sent")
    unknown = await only(vault)
    await vault.claims.resolve(unknown, "id-found")

    assert (unknown.state, unknown.unknown) == ("unknown", "the connection broke after the request was sent")
    assert (await only(vault)).state == "open"
    assert (await only(vault)).request_id == "id-found"


async def test_a_person_says_that_it_is_lost(vault):
    """
    What a person calls lost may be bought again, under the next number.
    """
    await vault.claims.answer_unknown(await claimed(vault), "reset")
    await vault.claims.resolve(await only(vault), None)

    assert (await only(vault)).state == "lost"
    assert (await vault.claims.recall("sandbox", FINGERPRINT, ASK)).attempt == 2


async def test_what_is_being_sent_cannot_be_resolved(vault):
    """
    A person cannot answer for a request that is still on its way, nor against an answer that stands.
    """
    claim = await claimed(vault)
    with pytest.raises(VaultError, match="being sent just now"):
        await vault.claims.resolve(await only(vault), None)
    await vault.claims.answer_accepted(claim, "id-1")

    with pytest.raises(VaultError, match="answered already: id-1"):
        await vault.claims.resolve(await only(vault), "id-2")


@pytest.mark.parametrize(
    ("person", "ids", "counts"),
    [
        pytest.param(None, ("id-late",), "id-late", id="lost"),
        pytest.param("id-other", ("id-other", "id-late"), "id-other", id="another-id"),
        pytest.param("id-late", ("id-late",), "id-late", id="the-same-id"),
    ],
)
async def test_a_late_answer_is_never_dropped(vault, person, ids, counts):
    """
    An answer that comes when a person has answered already is kept beside that, and its take is collected.
    """
    claim = await claimed(vault)
    await vault.claims.answer_unknown(claim, "silence")
    await vault.claims.resolve(await only(vault), person)
    await vault.claims.answer_accepted(claim, "id-late")

    attempt = await only(vault)

    assert (attempt.state, attempt.request_ids, attempt.request_id) == ("open", ids, counts)


async def test_a_late_answer_counts_only_when_it_has_ended_too(vault, tmp_path):
    """
    Where one of two ids ended badly the other is still waited for; where one has a clip the other is still listed.
    """
    claim = await claimed(vault)
    await vault.claims.answer_unknown(claim, "silence")
    await vault.claims.resolve(await only(vault), "id-1")
    await vault.claims.answer_accepted(claim, "id-2")
    end = Take(service="sandbox", request_id="id-1", fingerprint=FINGERPRINT, attempt=1, end="failed")
    await vault.takes.end(end)
    one_failed = await only(vault)
    (tmp_path / "clip.mp4").write_bytes(b"film")
    sha256 = await vault.clips.keep(tmp_path / "clip.mp4", ".mp4")
    await vault.takes.end(end.model_copy(update={"request_id": "id-2", "end": "clip", "sha256": sha256}))
    one_clip = await only(vault)

    assert (one_failed.state, one_failed.request_id, one_failed.open_ids) == ("open", "id-2", ("id-2",))
    assert (one_clip.state, one_clip.request_id, one_clip.open_ids) == ("clip", "id-2", ())


async def test_an_answer_that_comes_while_we_look_is_seen(vault, hands, monkeypatch):
    """
    An attempt is not called unknown when its answer was written while it was looked at.
    """
    claim = await claimed(vault)
    rewrite(hands, host="elsewhere")

    async def long_ago(_: str) -> float:
        await vault.claims.answer_accepted(claim, "id-1")
        return 0.0

    monkeypatch.setattr(vault.store, "created", long_ago)

    assert (await only(vault)).state == "claimed"
    assert (await only(vault)).state == "open"


async def test_a_still_that_was_kept_before_its_answer_is_not_unknown(vault, tmp_path):
    """
    Whoever died between the take of a still and its answer has lost nothing: the take speaks.
    """
    await vault.claims.answer_unknown(await claimed(vault), "silence")
    (tmp_path / "still.jpg").write_bytes(b"picture")
    sha256 = await vault.clips.keep(tmp_path / "still.jpg", ".jpg")
    name = still_id(FINGERPRINT, 1)
    await vault.takes.end(
        Take(service="sandbox", request_id=name, fingerprint=FINGERPRINT, attempt=1, end="clip", sha256=sha256)
    )

    assert name == "still-" + FINGERPRINT[:24] + "-1"
    assert (await only(vault)).state == "clip"
    assert (await vault.claims.recall("sandbox", FINGERPRINT, ASK)).request_id == name


async def test_answering_twice_changes_nothing(vault):
    """
    An answer that is said again, as after a hiccup of the disk, stands as it was said first.
    """
    claim = await claimed(vault)
    first = await vault.claims.answer_accepted(claim, "id-1")

    assert await vault.claims.answer_accepted(claim, "id-1") == first
    assert len((await only(vault)).request_ids) == 1


@pytest.mark.parametrize("hands", ["folder"], indirect=True)
async def test_nothing_is_claimed_where_no_clip_would_fit(vault, monkeypatch):
    """
    On a disk that is nearly full nothing is sent, since what comes back could not be kept.
    """
    monkeypatch.setattr(disk_space, "ROOM_BYTES", 1 << 62)

    with pytest.raises(VaultError, match="free some space"):
        await claimed(vault)

    assert await vault.attempts.of("sandbox", FINGERPRINT) == ()


@pytest.mark.parametrize("hands", ["folder"], indirect=True)
async def test_room_is_set_aside_for_all_that_is_on_its_way(vault, monkeypatch):
    """
    Eight jobs that look at the disk at once find room for three clips: three go out, and one more for each that ended.
    """

    async def free() -> int:
        return 3 * disk_space.ROOM_BYTES + 1

    monkeypatch.setattr(vault.store, "room", free)

    async def go(n: int) -> Claim | None:
        ours = {"ask": ASK, "recipe": {}, "step": f"s{n}/video", "estimate_ticks": 1, "till": None}
        with suppress(VaultError):
            return await vault.claims.claim("sandbox", f"{n:064}", 1, **ours)
        return None

    first = await asyncio.gather(*map(go, range(8)))
    sent = [claim for claim in first if claim is not None]
    await vault.claims.answer_refused(sent[0], 429, None, "later")
    await vault.takes.end(
        Take(service="sandbox", request_id="id", fingerprint=sent[1].fingerprint, attempt=1, end="failed")
    )
    again = await asyncio.gather(*map(go, range(8, 16)))

    assert (3, 2) == (len(sent), sum(claim is not None for claim in again))


@pytest.mark.parametrize("race", [pytest.param(3, id="three")], indirect=True)
async def test_the_first_end_of_a_take_stands(vault, hands, race):
    """
    Of several processes that saw a take end one writes it, and all of them tell the same end.
    """
    for n in range(hands.rounds // 3):
        told = race(do="end", id=f"id-{n}")
        take = await vault.takes.get("sandbox", f"id-{n}")

        assert take is not None
        assert {take.message} == set(told)


async def test_a_crash_stays_in_its_ask_and_a_summary_ends_it(vault):
    """
    A run that crashed goes on with the same ask; after a summary the next one is a person's Retry.
    """
    first = await vault.asks.of("run")
    after_a_crash = await vault.asks.of("run")
    await vault.asks.close(first, {"failed": 1})
    await vault.asks.close(after_a_crash, {"failed": 0})
    retry = await vault.asks.of("run")

    assert (str(first), str(after_a_crash), str(retry)) == ("run#0", "run#0", "run#1")


async def test_an_attempt_that_was_waited_for_belongs_to_the_ask(vault):
    """
    Who waited for another run's attempt does not buy one of its own when that one fails, but a Retry does.
    """
    await vault.claims.answer_accepted(await claimed(vault), "id-1")
    other = Ask(run_id="other", k=0)
    await vault.claims.recall("sandbox", FINGERPRINT, other)
    await vault.takes.end(
        Take(
            service="sandbox",
            request_id="id-1",
            fingerprint=FINGERPRINT,
            attempt=1,
            end="failed",
            code="internal_error",
        )
    )

    waited = await vault.claims.recall("sandbox", FINGERPRINT, other)
    retried = await vault.claims.recall("sandbox", FINGERPRINT, Ask(run_id="other", k=1))

    assert type(waited).__name__ == "Stop"
    assert type(retried).__name__ == "Buy"


async def test_the_takes_and_fingerprints_of_a_service_are_listed(vault):
    """
    A service's records are listed apart from another's.
    """
    await vault.claims.answer_accepted(await claimed(vault), "id-1")
    take = await vault.takes.end(
        Take(service="sandbox", request_id="id-1", fingerprint=FINGERPRINT, attempt=1, end="expired")
    )

    assert await vault.attempts.fingerprints("sandbox") == (FINGERPRINT,)
    assert await vault.takes.every("sandbox") == (take,)
    assert await vault.attempts.fingerprints("xai") == ()
    assert await vault.takes.every("xai") == ()
