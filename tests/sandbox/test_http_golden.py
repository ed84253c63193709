"""What the original was seen to say, the sandbox says too: every golden file, or the reason why not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from storyreel.sandbox.api.faults import parse_fault

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*.json"))}

LEFT_OUT = {
    "custom-voices": "the sandbox plays no voices of a team's own",
    "poll-done-fixture": "the id of somebody's test is no request id; what it shows is in poll-done",
}

FAULTS = {
    "error-400-text-to-video-until-july": "refused:text",
    "error-400-zdr": "refused:zdr",
    "error-403-oauth": "refused:oauth",
    "error-403-safety": "refused:safety",
    "error-429-rate": "submit:429",
    "image-moderated-400": "moderated",
    "poll-bad-gateway-502": "poll:502",
    "poll-done-moderated": "moderated",
    "poll-done-no-progress": "without:progress",
    "poll-done-no-status": "without:status",
    "poll-done-without-video": "without:video",
    "poll-expired": "expired",
    "poll-failed-bare-error": "failed:bare",
    "poll-failed-failed-precondition": "failed:failed_precondition",
    "poll-failed-internal-error": "failed:internal_error",
    "poll-failed-invalid-argument": "failed:invalid_argument",
    "poll-failed-permission-denied": "failed:permission_denied",
    "poll-failed-service-unavailable": "failed:service_unavailable",
    "poll-moderated-400": "moderated:400",
    "submit-fake-success": "submit:200",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "error-400-wrong-key": {"key": "wrong-key"},
    "error-422-enum": {"old_ratios": True},
    "poll-pending": {"latency_s": 60},
    "poll-pending-200": {"latency_s": 60, "pending": "200"},
    "poll-pending-empty": {"latency_s": 60, "pending": "empty"},
}
BROKEN_PICTURE = {"image": {"url": "data:image/png;base64,iVBORw0KGgo="}}
JOBS: dict[str, dict[str, Any]] = {
    "poll-done-stored": FILES["submit-stored"]["request"]["body"] | {"duration": 1},
    "poll-done-storage-error": FILES["submit-stored"]["request"]["body"] | {"duration": 1},
    "poll-failed-extension-duration": {"to": "extensions", "video": {"url": "https://a.example/b.mp4"}, "duration": 11},
    "poll-failed-unreadable-input": BROKEN_PICTURE,
}
BY_ID = ("poll-malformed-id-400", "poll-unknown-id-404")
POLLS = [name for name in FILES if name.startswith("poll-") and name not in (*LEFT_OUT, *BY_ID)]
REQUESTS = [name for name in FILES if name not in (*LEFT_OUT, *POLLS)]


def shaped(golden: Any, told: Any, where: str = "body") -> None:
    """Assert that `told` has every field of `golden`, of the same kind; the texts of errors to the letter."""
    if isinstance(golden, dict):
        assert isinstance(told, dict), where
        for name, value in golden.items():
            assert name in told, f"{where}.{name} is missing"
            if name in ("code", "error", "message", "status") and isinstance(value, str | int):
                assert value == told[name], f"{where}.{name}"
            shaped(value, told[name], f"{where}.{name}")
    elif isinstance(golden, list):
        assert isinstance(told, list), where
        if golden and isinstance(golden[0], dict):
            shaped(golden[0], told[0], f"{where}[0]")
    elif isinstance(golden, int | float) and not isinstance(golden, bool):
        assert isinstance(told, int | float), where
    else:
        assert type(golden) is type(told), where


def compared(golden: dict[str, Any], told: Any) -> None:
    assert golden["status"] == told.status_code, told.text
    for name, value in golden.get("headers", {}).items():
        assert told.headers[name].startswith(value)
    if golden["body"] is None:
        assert told.content == b""
    elif isinstance(golden["body"], str) and "html" not in golden["body"]:
        # The columns were measured with another prompt.
        assert re.sub(r"column \d+", "", golden["body"]) == re.sub(r"column \d+", "", told.text)
    elif isinstance(golden["body"], dict):
        shaped(golden["body"], told.json())


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_answered_as_the_original_answers_it(name, staged):
    """
    Status, shape and the wording of errors are those that were seen.
    """
    faults = (parse_fault(FAULTS[name]),) if name in FAULTS else ()
    stage = staged(faults=faults, **SETTINGS.get(name, {}))
    request, golden = FILES[name]["request"], FILES[name]["response"]
    body: dict[str, Any] = {} if request["body"] is None else {"json": request["body"]}
    if request["body"] and "multipart" in request["body"]:
        life, file = request["body"]["multipart"]
        body = {
            "data": {life["name"]: life["value"]},
            "files": {file["name"]: (file["filename"], b"\x89PNG", file["content_type"])},
        }

    told = await stage.client.request(request["method"], f"http://sandbox{request['path']}", **body)

    compared(golden, told)
    assert told.headers["x-storyreel-sandbox"] == "1"


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize("name", POLLS)
async def test_a_poll_is_answered_as_the_original_answers_it(name, staged):
    """
    Each state of a job has the shape in which it was seen.
    """
    faults = (parse_fault(FAULTS[name]),) if name in FAULTS else ()
    stage = staged(faults=faults, **SETTINGS.get(name, {}))
    request_id = await stage.submit(**{"prompt": "A lighthouse in fog", "duration": 1} | JOBS.get(name, {}))
    golden = FILES[name]["response"]

    told = await (stage.poll if "pending" in name else stage.end)(request_id)
    if name == "poll-done-storage-error":
        await stage.client.delete(f"/files/{told.json()['video']['file_output']['file_id']}")
        told = await stage.poll(request_id)
        golden["body"]["video"]["storage_error"] = "the file is no longer kept"

    compared(golden, told)
    if fault := next((f for f in faults if f.kind == "without"), None):
        assert fault.words[0] not in told.json()


def test_every_golden_file_is_used_or_has_a_reason():
    """
    No golden file is left out in silence.
    """
    assert set(FILES) == {*REQUESTS, *POLLS, *LEFT_OUT}


async def test_a_422_counts_its_columns_as_the_original_does(staged):
    """
    The column of a missing field is that of the closing brace, the one of an unknown word that of its last quote.
    """
    missing = await staged().client.post(
        "/videos/edits",
        content=b'{"prompt":"Make it snow in the night"}',
        headers={"content-type": "application/json"},
    )
    unknown = await staged().client.post(
        "/videos/generations",
        content='{"prompt":"é",\n "aspect_ratio":"auto"}'.encode(),
        headers={"content-type": "application/json"},
    )

    assert FILES["error-422-missing-field"]["response"]["body"] == missing.text
    assert unknown.text.endswith("`2:3`, `21:9`, `5:2` at line 2 column 22")
