"""
Records that were damaged, or mixed with those of another vault: whatever is done to them, a purchase never reads as free.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyreel.errors import RecordDamaged, VaultError
from storyreel.vault import Ask, Buy, Claim, Have, Take, Vault, open_vault, still_id

FINGERPRINT = "cd" + "0" * 62
OTHER = "ef" + "0" * 62
SLATE = f"xai/slates/cd/{FINGERPRINT}"


async def claimed(vault: Vault, attempt: int = 1, fingerprint: str = FINGERPRINT) -> Claim:
    """Claim an attempt."""
    claim = await vault.claims.claim(
        "xai", fingerprint, attempt, ask=Ask(run_id="r", k=0), recipe={}, step="s/video", estimate_ticks=1, till=None
    )
    assert claim is not None
    return claim


async def bought(vault: Vault, attempt: int = 1, fingerprint: str = FINGERPRINT, request_id: str = "bought-1") -> None:
    """Buy a clip to its end."""
    await vault.claims.answer_accepted(await claimed(vault, attempt, fingerprint), request_id)
    sha256 = await vault.clips.keep_bytes(request_id.encode(), ".mp4")
    take = Take(
        service="xai", request_id=request_id, fingerprint=fingerprint, attempt=attempt, end="clip", sha256=sha256
    )
    await vault.takes.end(take)


async def refused(vault: Vault) -> None:
    """Be refused."""
    await vault.claims.answer_refused(await claimed(vault), 403, None, "no credits")


def recalled(folder: Path) -> Any:
    """Return what a run does about the step in a vault; an error of the vault as such."""
    vault = open_vault(str(folder), cache=folder)
    try:
        return asyncio.run(vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0)))
    except VaultError as error:
        return error


@pytest.fixture(scope="module")
def template() -> Any:
    """Make a vault in which one attempt was refused, and the next one gave a clip."""

    async def make(vault: Vault) -> None:
        await refused(vault)
        await bought(vault, attempt=2)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(make(open_vault(folder, cache=Path(folder))))
        yield Path(folder)


def cut(data: bytes, at: int) -> bytes:
    return data[: at % len(data)]


def flip(data: bytes, at: int) -> bytes:
    place = at % (8 * len(data))
    return data[: place // 8] + bytes([data[place // 8] ^ 1 << place % 8]) + data[place // 8 + 1 :]


def blank(data: bytes, at: int) -> bytes:
    start = at % len(data)
    return data[:start] + b"\0" * len(data[start : start + 64]) + data[start + 64 :]


def without(data: bytes, at: int) -> bytes:
    fields = json.loads(data)
    del fields[sorted(fields)[at % len(fields)]]
    return json.dumps(fields).encode()


def newer(data: bytes, at: int) -> bytes:
    return json.dumps(json.loads(data) | {"v": 2 + at % 7}).encode()


def odd(data: bytes, at: int) -> bytes:
    fields = json.loads(data)
    values: list[Any] = [None, "", 0, -1, [], {}, "accepted", "refused", "lost", "f" * 64, True, 10**30]
    name = sorted(fields)[at % len(fields)]
    return json.dumps(fields | {name: values[at // len(fields) % len(values)]}).encode()


@settings(max_examples=40, deadline=None)
@given(
    which=st.integers(0, 4),
    how=st.sampled_from([cut, flip, blank, without, newer, odd]),
    at=st.integers(0, 100_000),
)
def test_no_damage_to_one_record_makes_a_purchase_free(
    template: Path, which: int, how: Callable[[bytes, int], bytes], at: int
):
    """
    Cut, flipped, blanked, newer, or with a field that is missing or odd: what was bought is never bought again by itself.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "vault"
        shutil.copytree(template, folder)
        record = sorted(folder.glob("xai/**/*.json"))[which]
        record.write_bytes(how(record.read_bytes(), at))

        assert not isinstance(recalled(folder), Buy)


@pytest.mark.parametrize("record", range(5))
def test_no_record_that_is_missing_makes_a_purchase_free(template: Path, record: int, tmp_path: Path):
    """
    One file that a copy left out holds the step.
    """
    shutil.copytree(template, tmp_path / "vault")
    sorted((tmp_path / "vault").glob("xai/**/*.json"))[record].unlink()

    assert not isinstance(recalled(tmp_path / "vault"), Buy)


@pytest.mark.parametrize("way", ["over", "where-there-is-none", "answers-alone", "claims-alone", "takes-alone"])
@pytest.mark.parametrize("order", ["bought-last", "bought-first"])
async def test_two_vaults_in_one_forget_no_purchase(tmp_path: Path, order: str, way: str):
    """
    One vault in which a request was refused and one in which it was bought, copied into each other in any way: held, by name.
    """
    first, second = tmp_path / "one", tmp_path / "two"
    makers = [refused, bought] if order == "bought-last" else [bought, refused]
    for folder, make in zip((first, second), makers, strict=True):
        await make(open_vault(str(folder), cache=tmp_path))
    for path in sorted(first.rglob("*.json")):
        to = second / path.relative_to(first)
        wanted = {"over": True, "where-there-is-none": not to.exists()}.get(way, path.name.startswith(way[:4]))
        if wanted or (way == "takes-alone" and "takes" in path.parts):
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
    # Where nothing of the purchase was copied, nothing can be known of it.
    traces = [path for path in second.rglob("*.json") if b"bought-1" in path.read_bytes()]
    verdict = await asyncio.to_thread(recalled, second)

    assert not traces or not isinstance(verdict, Buy)
    assert all("two/xai/" in name for name in getattr(verdict, "files", ()))


async def test_a_take_whose_slate_is_gone_is_not_bought_again(vault, hands):
    """
    Half of a copy - the takes without what was claimed for them - holds the step, and names the take.
    """
    await bought(vault)
    for name in ("claim", "answer"):
        hands.remove(f"{SLATE}/1/{name}.json")
    fresh = open_vault(hands.address, cache=Path("/nonexistent"))

    with pytest.raises(RecordDamaged, match=r"takes/bought-1\.json is how attempt 1 at this step ended") as held:
        await fresh.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0))
    assert held.value.exit_code == 5
    assert held.value.files == (f"{fresh.address}/xai/takes/bought-1.json",)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"answer": {"nonce": "0"}}, r"answer\.json answers another claim", id="another-claims-answer"),
        pytest.param({"answer": {"request_id": None}}, "says accepted and has no request id", id="no-id"),
        pytest.param({"answer": {"request_id": " "}}, "says accepted and has no request id", id="blank-id"),
        pytest.param({"answer": {"kind": "refused"}}, "says refused and has a request id", id="refused-with-id"),
        pytest.param({"answer": {"kind": "lost"}}, "says lost and has a request id", id="lost-with-id"),
        pytest.param({"claim": {"service": "sandbox"}}, "no claim of its own", id="another-services"),
        pytest.param({"claim": {"nonce": "0"}}, r"answer\.json answers another claim", id="another-claim"),
        pytest.param({"take": {"attempt": 7}}, "names attempt 7 at", id="another-attempts-take"),
        pytest.param({"take": {"fingerprint": OTHER}}, "names attempt 1 at ef0000000000", id="another-steps-take"),
        pytest.param({"take": {"sha256": None}}, "ended with a clip and names none", id="clip-without-a-clip"),
        pytest.param({"take": {"end": "failed"}}, "says failed and names a clip", id="failed-with-a-clip"),
    ],
)
async def test_what_contradicts_its_neighbours_is_told(vault, hands, changes, told):
    """
    Each contradiction stops the step with a sentence, and says in which files to look.
    """
    await bought(vault)
    places = {
        "claim": f"{SLATE}/1/claim.json",
        "answer": f"{SLATE}/1/answer.json",
        "take": "xai/takes/bought-1.json",
    }
    for what, change in changes.items():
        hands.write(places[what], json.dumps(json.loads(hands.read(places[what])) | change).encode())

    with pytest.raises(RecordDamaged, match=told) as held:
        await vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0))
    assert held.value.files
    assert "\n" not in str(held.value)


@pytest.mark.parametrize("name", ["verdict.json", "answer (1).json", "claim.sync-conflict.json"])
async def test_a_record_of_another_kind_holds_the_step(vault, hands, name):
    """
    A newer storyreel may keep more than this one knows, and so may what keeps folders in step with each other.
    """
    await refused(vault)
    hands.write(f"{SLATE}/1/{name}", b"{}")

    with pytest.raises(RecordDamaged, match="no record that this storyreel knows"):
        await vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0))


async def test_an_attempt_that_is_missing_among_others_holds_the_step(vault, hands):
    """
    Attempts are numbered without a gap: one that was left out of a copy may be the one that was paid.
    """
    await bought(vault)
    await vault.claims.answer_refused(await claimed(vault, 2), 403, None, "no credits")
    for name in ("claim", "answer"):
        hands.remove(f"{SLATE}/1/{name}.json")

    with pytest.raises(RecordDamaged, match="/1 is missing"):
        await vault.attempts.of("xai", FINGERPRINT)


async def test_a_still_whose_answer_was_called_lost_is_there_all_the_same(vault):
    """
    A still that was kept before its run ended is not bought again because a person, who could not know, called it lost.
    """
    claim = await claimed(vault)
    await vault.claims.answer_unknown(claim, "killed")
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)
    await vault.claims.resolve(attempt, None)
    sha256 = await vault.clips.keep_bytes(b"picture", ".png")
    still = still_id(FINGERPRINT, 1)
    take = Take(service="xai", request_id=still, fingerprint=FINGERPRINT, attempt=1, end="clip", sha256=sha256)
    await vault.takes.end(take)

    assert await vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0)) == Have(still, sha256, take)


async def test_damage_elsewhere_stops_nobody_else(vault, hands):
    """
    One damaged purchase holds its own step: others are told and bought as before, and it is listed with them.
    """
    await bought(vault)
    await bought(vault, fingerprint=OTHER, request_id="other-1")
    hands.write("xai/takes/other-1.json", b"{")
    sound, damaged = await vault.attempts.every("xai")

    assert [attempt.request_id for attempt in sound] == ["bought-1"]
    assert [name.rpartition("/")[2] for error in damaged for name in error.files] == ["other-1.json"]
    assert await vault.claims.recall("xai", "aa" + "0" * 62, Ask(run_id="later", k=0)) == Buy(1)


async def test_ids_that_differ_in_capitals_alone_have_a_record_each(vault, hands):
    """
    On a disk that does not tell a from A two ids have one name: the second end is written beside the first.
    """
    ends = [
        Take(service="xai", request_id=request_id, fingerprint=FINGERPRINT, attempt=n, end="failed")
        for n, request_id in ((1, "tAKE"), (2, "take"))
    ]
    await vault.takes.end(ends[0])
    hands.write("xai/takes/take.json", hands.read("xai/takes/tAKE.json"))
    await vault.takes.end(ends[1])

    assert [await vault.takes.get("xai", end.request_id) for end in ends] == ends


@pytest.mark.parametrize("left", ["refused", "nothing"])
async def test_a_step_for_which_something_came_is_not_bought_again(vault, hands, left):
    """
    A still came, and then another vault's refusal was copied over its attempt, or the attempt was lost.
    """
    if left == "refused":
        await refused(vault)
    hands.write(f"xai/deliveries/{FINGERPRINT}-1.json", b"{}")

    with pytest.raises(RecordDamaged, match=rf"deliveries/{FINGERPRINT}-1\.json came for"):
        await vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0))
