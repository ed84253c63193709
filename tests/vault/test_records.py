"""
Records that cannot be read are never taken for absent.
"""

from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from storyreel.errors import VaultError
from storyreel.vault import Ask, Take

FINGERPRINT = "cd" + "0" * 62


@pytest.mark.parametrize("name", ["claim", "answer", "silence"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"v": 1, "nonc', id="half"),
        pytest.param(b"\0" * 300, id="zeros"),
        pytest.param(b'{"v": 2}', id="newer"),
        pytest.param(b"[]", id="no-object"),
    ],
)
async def test_a_record_that_cannot_be_read_stops_the_step(vault, hands, name, content):
    """
    A record that is half, empty or of a newer version is an error that names its file, not a reason to buy.
    """
    claim = await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=Ask(run_id="r", k=0), recipe={}, step="s/video", estimate_ticks=1, till=None
    )
    await vault.claims.answer_unknown(claim, "silence")
    hands.write(f"xai/slates/cd/{FINGERPRINT}/1/{name}.json", content)

    with pytest.raises(VaultError, match=rf"1/{name}\.json cannot be read"):
        await vault.attempts.of("xai", FINGERPRINT)


@pytest.mark.parametrize(
    "stray",
    [
        pytest.param("1/answer.json", id="answer-without-claim"),
        pytest.param("notes.txt", id="no-attempt"),
    ],
)
async def test_a_slate_that_makes_no_sense_stops_the_step(vault, hands, stray):
    """
    An attempt whose claim was removed is an error, since it may have been paid.
    """
    hands.write(f"xai/slates/cd/{FINGERPRINT}/{stray}", b"{}")

    with pytest.raises(VaultError):
        await vault.attempts.of("xai", FINGERPRINT)


async def test_a_claim_that_was_copied_elsewhere_is_refused(vault, hands):
    """
    A claim that lies under another fingerprint or number than its own is an error.
    """
    await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=Ask(run_id="r", k=0), recipe={}, step="s/video", estimate_ticks=1, till=None
    )
    folder = f"xai/slates/cd/{FINGERPRINT}"
    hands.write(f"{folder}/2/claim.json", hands.read(f"{folder}/1/claim.json"))
    hands.remove(f"{folder}/1/claim.json")

    with pytest.raises(VaultError, match="no claim of its own"):
        await vault.attempts.of("xai", FINGERPRINT)


async def test_a_take_under_another_name_is_refused(vault, hands):
    """
    The end of one take is never read as that of another.
    """
    take = Take(service="xai", request_id="id-1", fingerprint=FINGERPRINT, attempt=1, end="failed")
    await vault.takes.end(take)
    hands.write("xai/takes/id-2.json", hands.read("xai/takes/id-1.json"))

    with pytest.raises(VaultError, match="another take"):
        await vault.takes.get("xai", "id-2")


async def test_a_take_comes_back_as_it_was_written(vault):
    """
    Every measured number and every word of the service is read back as it was.
    """
    take = Take(
        service="xai",
        request_id="id-1",
        fingerprint=FINGERPRINT,
        attempt=2,
        end="clip",
        sha256="0" * 64,
        suffix=".mp4",
        seconds=6.041667,
        frames=145,
        width=1280,
        height=720,
        fps=24000 / 1001,
        has_audio=True,
        asked_seconds=6,
        charged_ticks=3_000_000_000,
        estimate_ticks=4_200_000_000,
        message="fine \ud83d",
        notes=("longer than asked",),
    )

    assert await vault.takes.end(take) == take
    assert await vault.takes.get("xai", "id-1") == take


def test_a_number_that_json_does_not_know_is_refused_before_it_is_written():
    """
    A length that is no number never becomes a record that nobody can read.
    """
    with pytest.raises(ValidationError):
        Take(service="xai", request_id="i", fingerprint="f", attempt=1, end="clip", seconds=float("nan"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda text: text[:-3] + b', "kind": "refused", "request_id": null}', "twice", id="said-twice"),
        pytest.param(lambda text: text[:-3] + b', "v": 1}', "twice", id="version-twice"),
        pytest.param(lambda text: text.replace(b'"v": 1,', b""), "version", id="no-version"),
        pytest.param(lambda text: text.replace(b'"v": 1,', b'"v": true,'), "version", id="version-is-none"),
        pytest.param(lambda text: re.sub(rb'"at": "[^"]*",', b"", text), "when", id="no-time"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, "JSON", id="bom"),
        pytest.param(lambda text: text + text, "trailing", id="two-records"),
    ],
)
async def test_a_record_that_says_two_things_or_only_half_holds_the_step(vault, hands, change, told):
    """
    A reader would believe one of them; here none is believed, and the file is named.
    """
    claim = await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=Ask(run_id="r", k=0), recipe={}, step="s/video", estimate_ticks=1, till=None
    )
    await vault.claims.answer_accepted(claim, "bought-1")
    key = f"xai/slates/cd/{FINGERPRINT}/1/answer.json"
    hands.write(key, change(hands.read(key)))

    with pytest.raises(VaultError, match=rf"1/answer\.json cannot be read \(.*{told}"):
        await vault.claims.recall("xai", FINGERPRINT, Ask(run_id="later", k=0))


@pytest.mark.parametrize("stray", ["0 (conflicted copy).json", "0.json~", "1.json.tmp", "notes.txt", "-1.json"])
async def test_a_stray_file_makes_no_retry_of_a_crash(vault, hands, stray):
    """
    What a synchronized folder leaves beside the summaries of a run is none of them.
    """
    await vault.asks.close(Ask(run_id="r", k=0), {})
    hands.write(f"runs/r/{stray}", b"{}")

    assert await vault.asks.of("r") == Ask(run_id="r", k=1)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"at": "0001-01-01T00:00:00+14:00"}, id="a-time-without-a-year"),
        pytest.param({"at": "2026-11-28T05:00:00"}, id="a-time-without-a-zone"),
        pytest.param({"recipe": {"operation": ["text-to-video"]}}, id="an-operation-that-is-no-word"),
        pytest.param({"recipe": {"body": []}}, id="a-body-that-is-no-object"),
    ],
)
async def test_what_nobody_can_reckon_with_is_damage(vault, hands, damage):
    """
    It is told with its file, and is no defect of whoever adds up, watches or plans later.
    """
    claim = await vault.claims.claim(
        "xai", FINGERPRINT, 1, ask=Ask(run_id="r", k=0), recipe={}, step="s/video", estimate_ticks=1, till=None
    )
    hands.write(
        f"xai/slates/cd/{FINGERPRINT}/1/claim.json", json.dumps(json.loads(claim.model_dump_json()) | damage).encode()
    )

    with pytest.raises(VaultError, match=r"1/claim\.json cannot be read"):
        await vault.attempts.of("xai", FINGERPRINT)
