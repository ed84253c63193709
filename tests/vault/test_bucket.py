"""
A bucket: won for certain, whatever the network does, and refused in words that help where it cannot be.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from tests.vault.hands import BucketHands

from storyreel.errors import SettingsError, VaultError
from storyreel.vault import Ask, Buy, Claim, Vault, open_vault
from storyreel.vault.stores import bucket

FINGERPRINT = "ab" + "0" * 62
ASK = Ask(run_id="run", k=0)
SECRETS = ("AKIAEXAMPLE", "not-to-be-seen", "Signature=")


@pytest.fixture
def hands(bucket_hands: BucketHands) -> BucketHands:
    """Hands in a bucket: these tests are about nothing else."""
    return bucket_hands


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file that travels in more than one part."""
    path = tmp_path / "download"
    path.write_bytes(b"frame" * 2_000_000)
    return path


async def claimed(vault: Vault) -> Claim | None:
    return await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=ASK, recipe={}, step="climb/video", estimate_ticks=1, till=None
    )


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("word", ["forgetful", "crowded"])
async def test_a_claim_whose_reply_was_lost_is_still_ours(make_bucket, tmp_path, word):
    """
    A service that kept the claim and lost its reply, or turned us away for the moment, has not refused us.
    """
    vault = open_vault(f"s3://{make_bucket(word)}/v", cache=tmp_path)
    claim = await claimed(vault)
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)

    assert claim is not None
    assert attempt.claim.nonce == claim.nonce
    assert await claimed(vault) is None


async def test_a_claim_that_took_too_long_is_still_ours(make_bucket, tmp_path, monkeypatch):
    """
    When nobody waited for the reply any more, the claim that arrived all the same is found and known again.
    """
    monkeypatch.setitem(bucket.RECORDS, "timeout", "250ms")
    vault = open_vault(f"s3://{make_bucket('slow')}/v", cache=tmp_path)
    claim = await claimed(vault)
    (attempt,) = await vault.attempts.of("xai", FINGERPRINT)

    assert claim is not None
    assert attempt.claim.nonce == claim.nonce


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
async def test_a_run_that_is_stopped_while_it_claims_leaves_nothing_unknown(make_bucket, tmp_path, times):
    """
    When a stopped run's claim arrives after all, it says that nothing was sent, and the next run may buy.
    """
    vault = open_vault(f"s3://{make_bucket('slow')}/v", cache=tmp_path)
    claiming = asyncio.create_task(claimed(vault))
    for _ in range(times):
        await asyncio.sleep(0.1)
        claiming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await claiming
    for _ in range(100):
        attempts = await vault.attempts.of("xai", FINGERPRINT)
        if attempts and attempts[0].answer:
            break
        await asyncio.sleep(0.05)

    assert [a.state for a in attempts] == ["refused"]
    assert attempts[0].answer is not None
    assert attempts[0].answer.code == "not_sent"
    assert await vault.claims.recall("xai", FINGERPRINT, ASK) == Buy(2)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        pytest.param("denied", "access is denied; .* s3:PutObject", id="denied"),
        pytest.param("stranger", "the access key is not known there; set AWS_ACCESS_KEY_ID", id="unknown-key"),
        pytest.param("forged", "the secret does not belong to the access key", id="wrong-secret"),
        pytest.param("stale", "have expired; fetch new ones", id="expired"),
        pytest.param("elsewhere", "another region; set AWS_REGION", id="other-region"),
        pytest.param("simple", "cannot do all that a vault needs", id="no-conditions"),
        pytest.param("overwriting", "two runs could both believe that they may buy", id="conditions-ignored"),
        pytest.param("website", "nothing that speaks S3 is there", id="no-s3"),
        pytest.param("puzzling", r"it failed \(Teapot\)", id="never-heard-of"),
    ],
)
def test_a_bucket_that_cannot_be_a_vault_is_refused(make_bucket, tmp_path, word, told):
    """
    What is wrong with a bucket is told when it is opened, with what to do, and without keys or signatures.
    """
    address = f"s3://{make_bucket(word)}/v"

    with pytest.raises(VaultError, match=told) as refused:
        open_vault(address, cache=tmp_path)

    assert address in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not [secret for secret in SECRETS if secret in everything_said(refused.value)]


@pytest.mark.parametrize("ms", [5, 50, 300])
def test_a_bucket_that_looks_first_and_puts_then_is_refused(make_bucket, tmp_path, monkeypatch, ms):
    """
    Creations at the same moment are tried as well: a service that gives one name to several says so before it costs.
    """
    monkeypatch.setattr(bucket, "ROUNDS", 3)
    address = f"s3://{make_bucket(f'checking-{ms}')}/v"

    with pytest.raises(
        VaultError, match=r"of 8 creations at once \(If-None-Match\) [2-8] were told that they were the"
    ):
        open_vault(address, cache=tmp_path)


def test_a_bucket_is_tried_out_once_a_process(make_bucket, tmp_path):
    """
    Whoever opens the same bucket again, in the same way, waits for no trial.
    """
    address = f"s3://{make_bucket()}/v"
    open_vault(address, cache=tmp_path)
    tried = len(bucket.TRIED)
    open_vault(address, cache=tmp_path)

    assert tried == len(bucket.TRIED)
    assert [address] == [way[0] for way in bucket.TRIED if way[0] == address]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, "no such bucket; make it, or correct", id="no-bucket"),
        pytest.param({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "nobody answers; look after the network", id="nobody"),
        pytest.param({"AWS_ENDPOINT_URL": "nonsense"}, "AWS_ENDPOINT_URL is no address", id="no-address"),
        pytest.param({"AWS_ENDPOINT_URL": "http://a:not-to-be-seen@b"}, "without keys in it", id="keys-in-address"),
        pytest.param({"AWS_ACCESS_KEY_ID": "not-to-be-seen\n"}, "an AWS_ variable .* makes no sense", id="line-break"),
        pytest.param({"AWS_ALLOW_HTTP": "maybe"}, "the AWS_ variables .* makes no sense", id="no-boolean"),
        pytest.param({"AWS_ALLOW_HTTP": None}, "plain http; set AWS_ALLOW_HTTP=true", id="plain-http"),
        pytest.param({"AWS_SECRET_ACCESS_KEY": None}, "one half of the credentials is missing", id="no-secret"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            id="no-credentials",
        ),
    ],
)
def test_an_environment_that_leads_nowhere_is_told(make_bucket, tmp_path, monkeypatch, changes, told):
    """
    Each thing that a person may have forgotten to set has a sentence of its own.
    """
    for name, value in changes.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)

    with pytest.raises(VaultError, match=told) as refused:
        open_vault("s3://nothing-here/v", cache=tmp_path)

    assert not [secret for secret in SECRETS if secret in everything_said(refused.value)]


@pytest.mark.parametrize(
    ("address", "kept_as"),
    [
        ("s3://{}/films/2026", "s3://{}/films/2026"),
        ("s3:{}/films", "s3://{}/films"),
        ("S3://{}/films/", "s3://{}/films"),
        ("s3://{}", "s3://{}"),
    ],
)
async def test_a_bucket_is_named_with_or_without_a_prefix(make_bucket, tmp_path, address, kept_as):
    """
    The same vault may be written in a few ways; it works at the top of a bucket as well.
    """
    bucket = make_bucket()
    vault = open_vault(address.format(bucket), cache=tmp_path)
    await vault.asks.close(ASK, {})

    assert vault.address == kept_as.format(bucket)
    assert (await vault.asks.of("run")).k == 1


@pytest.mark.parametrize(
    "address", ["s3://AKIAEXAMPLE:not-to-be-seen@bucket/x", "s3://b/x?key=not-to-be-seen", "s3://b/a/../c", "s3://b//"]
)
def test_an_address_holds_a_bucket_and_a_prefix_and_no_secret(tmp_path, address):
    """
    What is written into an address beside bucket and prefix is refused, and a key in it is not repeated whole.
    """
    with pytest.raises(VaultError) as refused:
        open_vault(address, cache=tmp_path)

    assert "AKIAEXAMPLE" not in str(refused.value)


async def test_a_purchase_is_not_hidden_by_what_consoles_leave(vault, hands):
    """
    Empty objects that stand for folders are passed over; an empty record is not.
    """
    await claimed(vault)
    hands.write("xai/slates/ab", b"")
    found = await vault.attempts.fingerprints("xai")
    hands.write(f"xai/slates/ab/{FINGERPRINT}/1/claim.json", b"")

    assert found == (FINGERPRINT,)
    with pytest.raises(VaultError, match=r"claim\.json cannot be read"):
        await vault.attempts.of("xai", FINGERPRINT)


async def test_conditions_are_not_switched_off_by_the_environment(make_bucket, tmp_path, monkeypatch):
    """
    A setting that serves other programs does not take the vault's promise away.
    """
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    vault = open_vault(f"s3://{make_bucket()}/v", cache=tmp_path)

    assert await vault.store.create("a.json", b"1") is True
    assert await vault.store.create("a.json", b"2") is False


async def test_a_clip_of_another_host_comes_whole(vault, hands, film, tmp_path):
    """
    What one host kept another one reads, byte by byte, however many of its steps ask for it at once.
    """
    sha256 = await vault.clips.keep(film, ".mp4")
    elsewhere = open_vault(hands.address, cache=tmp_path / "elsewhere")
    found = set(await asyncio.gather(*(elsewhere.clips.local(sha256) for _ in range(4))))
    (copy,) = found

    assert copy.is_relative_to(tmp_path / "elsewhere")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == sha256
    assert [copy] == [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()]


async def test_a_copy_is_used_again_and_a_broken_one_is_not(vault, film):
    """
    A copy that is whole is not fetched a second time; one that lost its end is.
    """
    sha256 = await vault.clips.keep(film, ".mp4")
    first = await vault.clips.local(sha256)
    before = first.stat().st_ino
    again = (await vault.clips.local(sha256)).stat().st_ino
    first.write_bytes(b"frame")

    assert again == before
    assert (await vault.clips.local(sha256)).stat().st_size == film.stat().st_size


async def test_a_clip_that_was_damaged_in_the_bucket_is_never_used(vault, hands, film, tmp_path):
    """
    What comes down and is not what its name says stops the step, and leaves nothing behind.
    """
    sha256 = await vault.clips.keep(film, ".mp4")
    hands.write(f"clips/{sha256[:2]}/{sha256}.mp4", b"other" * 2_000_000)
    elsewhere = open_vault(hands.address, cache=tmp_path / "elsewhere")

    with pytest.raises(VaultError, match="is damaged: its content is not what its name says"):
        await elsewhere.clips.local(sha256)

    assert [] == [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()]


async def test_what_is_derived_and_was_put_there_by_others_is_made_again(vault, hands, film):
    """
    A film that somebody copied into the bucket has no hash beside it, so it counts as missing.
    """
    await vault.clips.keep_derived(film, "films", "lantern.mp4")
    hands.write("derived/films/lantern.mp4", b"from a backup")

    assert await vault.clips.find_derived("films", "lantern.mp4") is None


@pytest.mark.parametrize("size", [100, 20_000_000], ids=["one-request", "in-parts"])
async def test_a_file_that_changes_on_its_way_is_not_kept(vault, hands, tmp_path, size):
    """
    What is not the file that was measured never becomes a clip.
    """
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x" * size)

    with pytest.raises(VaultError, match="was changed while it was put"):
        await vault.store.put_file("clips/00/x.mp4", path, "0" * 64)

    assert hands.names() == []


@pytest.mark.parametrize("value", ["much", "-1", "nan", "inf"])
def test_the_size_of_the_cache_is_a_number(make_bucket, tmp_path, monkeypatch, value):
    """
    A limit that makes no sense is told as the setting that it is.
    """
    monkeypatch.setenv("STORYREEL_CACHE_GB", value)

    with pytest.raises(SettingsError, match="STORYREEL_CACHE_GB"):
        open_vault(f"s3://{make_bucket()}/v", cache=tmp_path)


def test_a_folder_does_not_wait_for_what_only_a_bucket_needs(tmp_path):
    """
    Who keeps the vault in a folder does not load the library for buckets.
    """
    script = """
import sys
from pathlib import Path
from storyreel.vault import open_vault
open_vault(sys.argv[1], cache=Path(sys.argv[1]))
print("obstore" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_a_missing_library_is_told(tmp_path, monkeypatch):
    """
    Without obstore a bucket cannot be opened, and the message says what to install.
    """
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "storyreel.vault.stores.bucket", raising=False)

    with pytest.raises(VaultError, match="pip install obstore"):
        open_vault("s3://bucket/v", cache=tmp_path)
