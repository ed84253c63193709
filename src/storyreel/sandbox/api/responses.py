"""
What the sandbox says: bodies of answers and refusals, in the original's own wording.

Pure. Where the wording is known from a measurement it is used to the letter; where it is not, a sentence of our own
stands here and is marked so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storyreel.html_templates import html_template
from storyreel.sandbox.api.faults import Fault

TEAM = "00000000-0000-4000-8000-000000000000"
REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    410: "Gone",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    520: "Web server is returning an unknown error",
    522: "Connection timed out",
}

NOT_FOUND = {
    "error": {
        "code": 404,
        "message": "The requested resource was not found. Please check the URL and try again.",
    }
}
UNREADABLE_PICTURE = "Unable to process input image for video generation."
UNREADABLE_EDIT = "Unable to process input video for video editing."  # our own, after the one for pictures
UNREADABLE_EXTENSION = "Unable to process input video for video extension."  # our own
PROMPT_EMPTY = "Prompt cannot be empty. Please provide a prompt."


class Refused(Exception):
    """The sandbox does not take a request. A `body` of text goes out as text, None as nothing, the rest as JSON."""

    def __init__(
        self,
        status: int,
        body: Mapping[str, Any] | str | None,
        *,
        kind: str = "text/plain; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.kind = kind
        self.headers = dict(headers or {})


def invalid(text: str) -> Refused:
    """A semantic argument error: 400."""
    return Refused(400, {"code": "invalid-argument", "error": text})


def undeserialised(text: str) -> Refused:
    """A body of the wrong shape: 422, in plain text."""
    return Refused(422, f"Failed to deserialize the JSON body into the target type: {text}")


def no_key() -> Refused:
    """Nobody says who they are: 401. The original's body is not known; this sentence is our own."""
    return Refused(401, {"code": "unauthenticated", "error": "No API key was provided in the Authorization header."})


def wrong_key() -> Refused:
    """A key that is not taken: 400, and not 401 (measured 2026-09-12)."""
    return invalid("Incorrect API key provided. You can obtain an API key from https://console.x.ai.")


def unknown_model(name: str) -> Refused:
    """A model that is not in the catalogue: 404."""
    text = f"The model {name} does not exist or your team {TEAM} does not have access to it."
    return Refused(404, {"code": "not-found", "error": text})


def too_fast(model: str, limit: float, after_s: float | None = None) -> Refused:
    """More submits in a second than a team may send: 429, without Retry-After unless that is asked for."""
    text = (
        f"Too many requests for team {TEAM} and model {model}. "
        f"Your team's rate limit is — Requests per Second (actual/limit): {limit:g}/{limit:g}."
    )
    headers = {"retry-after": f"{after_s:g}"} if after_s is not None else {}
    return Refused(429, {"code": "resource-exhausted", "error": text}, headers=headers)


def too_large() -> Refused:
    """A body longer than is read: 413."""
    return Refused(413, {"error": "Failed to read request body: length limit exceeded"})


def page(status: int) -> Refused:
    """An error page in HTML, as proxies in front of a service send it."""
    text = html_template("storyreel.sandbox.api", "proxy_error").render(
        status=status, reason=REASONS.get(status, "Error")
    )
    return Refused(status, text, kind="text/html; charset=utf-8")


def scripted_refusal(fault: Fault) -> Refused:
    """Return what a `refused` fault answers."""
    match fault.words[0] if fault.words else "argument":
        case "text":
            return invalid("Text-to-video is not supported for this model.")
        case "zdr":
            return zero_retention()
        case "safety":
            text = "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_CSAM"
            return Refused(403, {"code": "permission-denied", "error": text})
        case "credits":
            text = f"Your team {TEAM} has used all available credits or reached its monthly spending limit."
            return Refused(403, {"code": "permission-denied", "error": text})
        case "oauth":
            text = "The OAuth2 access token could not be validated."
            return Refused(403, {"code": "unauthenticated:bad-credentials", "error": text})
        case "key":
            return wrong_key()
        case _:
            return invalid("The sandbox was told to refuse this request.")


def zero_retention() -> Refused:
    """A request of a team with zero data retention that does not say where its clip is to be put: 400, many reports of 2026."""
    return invalid("Zero Data Retention teams must provide output.upload_url for video generation.")


def moderated_still(ticks: int) -> Refused:
    """A still that was made and withheld: 400, and billed."""
    return Refused(
        400,
        {
            "code": "imagine:content-moderated",
            "error": "Generated image rejected by content moderation.",
            "usage": {"cost_in_usd_ticks": ticks},
        },
    )


def moderated_video() -> Refused:
    """The other shape of a withheld clip: 400 on the poll."""
    return Refused(
        400, {"code": "imagine:content-moderated", "error": "Generated video rejected by content moderation."}
    )


def unknown_request() -> Refused:
    """No such job: 404."""
    return Refused(404, {"code": "not-found", "error": "Request not found"})
