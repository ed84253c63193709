"""
Clips that are handed over: PUT at the address that a request names, as for teams with zero data retention.

Here alone the sandbox reaches out, to an address that its caller has chosen for it, with nothing but the clip.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from storyreel.sandbox.api.faults import Fault, first
from storyreel.sandbox.api.json_errors import Fields
from storyreel.sandbox.api.responses import invalid, zero_retention

WITHIN_S = 60.0


class NotTaken(Exception):
    """Nobody took the clip at the address. The address is a secret, and so is not repeated."""


def upload_url(fields: Fields, *, wanted: bool) -> str | None:
    """
    Return where a request wants its clip to be put; None where it says nothing of that.

    Args:
        wanted: Whether the team has zero data retention, so that each request has to say it.

    Raises:
        Refused: It is wanted, and not there; or it is no address.
    """
    output = fields.map("output", "struct VideoOutput") or {}
    url = output.get("upload_url")
    if url is None:
        if wanted:
            raise zero_retention()
        return None
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise invalid("output.upload_url must be an http(s) URL.")
    return url


def hand_over(clip: Path, url: str, faults: Sequence[Fault]) -> None:
    """
    PUT a clip at an address, unless a fault has it come late, spoilt or never.

    Raises:
        NotTaken: It is not taken there.
    """
    content = clip.read_bytes()
    fault = first(faults, "put")
    match fault.words[0] if fault else "":
        case "never":
            return
        case "late":
            wait_s = fault.number if fault and fault.number is not None else 1.0
            threading.Thread(target=_later, args=(url, content, wait_s), daemon=True).start()
        case "spoilt":
            _put(url, content[: len(content) // 2])
        case _:
            _put(url, content)


def _later(url: str, content: bytes, wait_s: float) -> None:
    time.sleep(wait_s)
    _put(url, content)


def _put(url: str, content: bytes) -> None:
    try:
        answer = httpx.put(
            url, content=content, headers={"Content-Type": "video/mp4"}, timeout=WITHIN_S, trust_env=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(f"The result could not be uploaded ({type(error).__name__}).") from None
    if answer.status_code >= 300:
        raise NotTaken(f"The result could not be uploaded (HTTP {answer.status_code}).")
