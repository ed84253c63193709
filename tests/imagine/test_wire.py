"""The wire against the golden files: every answer is read, every request that is ours is written back."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from storyreel.imagine import answer_fields, answers, requests, troubles
from storyreel.imagine.readings import (
    Accepted,
    Expired,
    Failed,
    Gone,
    Hiccup,
    Paced,
    Refused,
    StillElsewhere,
    Unlisted,
    Unreadable,
    Withheld,
    WithoutAddress,
    WrongKey,
)
from storyreel.imagine.types import ByFile, ByPart, ByUrl, Finished, Media, Progress, StillMade
from storyreel.model.recipe import Operation, canonical

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*.json"))}
ID = "d97415a1-5796-b7ec-379f-4e6819e08fdf"
VIDEO = f"https://vidgen.x.ai/xai-vidgen-bucket/xai-video-{ID}.mp4"
FIXTURE = "https://vidgen.x.ai/xai-vidgen-bucket/xai-video-req-123.mp4"
PICTURE = f"https://imgen.x.ai/xai-imgen/xai-tmp-imgen-{ID}.jpeg"
MODERATED = "Generated video rejected by content moderation."
HTML = "a web page instead of an answer"


def said(name: str) -> tuple[int, str]:
    """Return a golden answer as it comes over the wire."""
    response = FILES[name]["response"]
    body = response["body"]
    if body is None:
        return response["status"], ""
    return response["status"], body if isinstance(body, str) else json.dumps(body)


# --- polls ---------------------------------------------------------------------------------------------------------

POLLS = {
    "poll-bad-gateway-502": Hiccup(502, None, HTML),
    "poll-done": Finished(ID, VIDEO, 8.0, 500_000_000, "grok-imagine-video"),
    "poll-done-fixture": Finished(ID, FIXTURE, 5.0, 4_000_000_000, "grok-imagine-video"),
    "poll-done-moderated": Withheld(200, None, MODERATED),
    "poll-done-no-progress": Finished(ID, FIXTURE, 5.0, None, "grok-imagine-video"),
    "poll-done-no-status": Finished(ID, VIDEO, 8.0, None, "grok-imagine-video"),
    "poll-done-storage-error": Finished(ID, VIDEO, 8.0, None, "grok-imagine-video"),
    "poll-done-stored": Finished(ID, VIDEO, 8.0, 4_000_000_000, "grok-imagine-video"),
    "poll-done-without-video": WithoutAddress(),
    "poll-expired": Expired(),
    "poll-failed-bare-error": Failed(200, None, "Unable to process input image for video generation."),
    "poll-failed-extension-duration": Failed(200, "invalid_argument", "Duration must be between 2 and 10 seconds"),
    "poll-failed-failed-precondition": Failed(
        200, "failed_precondition", "This mode or resolution is not available for this model."
    ),
    "poll-failed-internal-error": Failed(200, "internal_error", "An internal error occurred."),
    "poll-failed-invalid-argument": Failed(200, "invalid_argument", "Prompt cannot be empty. Please provide a prompt."),
    "poll-failed-permission-denied": Failed(200, "permission_denied", "The team may not use this feature."),
    "poll-failed-service-unavailable": Failed(
        200, "service_unavailable", "The service is overloaded. Please retry later."
    ),
    "poll-failed-unreadable-input": Failed(
        200, "invalid_argument", "Unable to process input image for video generation."
    ),
    "poll-malformed-id-400": Gone(400, "invalid-argument", "Malformed request ID"),
    "poll-moderated-400": Withheld(400, "imagine:content-moderated", MODERATED),
    "poll-pending": Progress(42),
    "poll-pending-200": Progress(None),
    "poll-pending-empty": Progress(None),
    "poll-unknown-id-404": Gone(404, "not-found", "Request not found"),
    # errors of other endpoints, when a poll meets them
    "error-404-path": Gone(404, "404", "The requested resource was not found. Please check the URL and try again."),
}


@pytest.mark.parametrize("name", POLLS)
def test_every_golden_poll_is_read(name: str) -> None:
    """
    Each documented or measured state of a take is told from the others.
    """
    assert POLLS[name] == answers.read_poll(ID, *said(name))


@pytest.mark.parametrize(
    ("expected", "status", "text"),
    [
        pytest.param(Progress(None), 200, "", id="200-empty"),
        pytest.param(Progress(None), 202, "<html>", id="202-unreadable"),
        pytest.param(Progress(None), 200, "{}", id="200-says-nothing"),
        pytest.param(Progress(7), 200, '{"progress": 7.9}', id="progress-alone"),
        pytest.param(Unlisted("dreaming", 3), 200, '{"status":"dreaming","progress":3}', id="unknown-status"),
        pytest.param(Hiccup(200, None, HTML), 200, "<!DOCTYPE html><p>hello", id="200-html"),
        pytest.param(Hiccup(200, None, "quota"), 200, '{"error":"quota"}', id="200-bare-error"),
        pytest.param(Hiccup(400, "x", "odd"), 400, '{"code":"x","error":"odd"}', id="other-400"),
        pytest.param(Hiccup(429, None, "slow"), 429, '{"error":"slow"}', id="429"),
        pytest.param(
            Hiccup(403, "permission-denied", "no"), 403, '{"code":"permission-denied","error":"no"}', id="403"
        ),
        pytest.param(Hiccup(405, None, "HTTP 405"), 405, "", id="405-empty"),
        pytest.param(WrongKey(401, None, "HTTP 401"), 401, "", id="401"),
        pytest.param(Gone(410, None, "HTTP 410"), 410, "", id="410"),
        pytest.param(
            Finished(ID, "https://cdn/x.mp4", None, "'5'", None),
            200,
            '{"status":"done","video":{"url":"","file_output":{"public_url":"https://cdn/x.mp4"}},'
            '"usage":{"cost_in_usd_ticks":"5"}}',
            id="stored-public-address",
        ),
        pytest.param(
            Withheld(200, "invalid_argument", "Rejected by content moderation", 9),
            200,
            '{"status":"failed","error":{"code":"invalid_argument","message":"Rejected by content moderation"},'
            '"usage":{"cost_in_usd_ticks":9}}',
            id="failed-by-moderation",
        ),
        pytest.param(
            Withheld(400, "Client specified an invalid argument", MODERATED),
            400,
            json.dumps({"code": "Client specified an invalid argument", "error": MODERATED}),
            id="moderated-before-slugs",
        ),
    ],
)
def test_polls_that_no_golden_file_shows(expected: object, status: int, text: str) -> None:
    """
    What is not plainly a verdict on the take is none.
    """
    assert expected == answers.read_poll(ID, status, text)


# --- submits and stills --------------------------------------------------------------------------------------------

SUBMITS = {name: Accepted(ID) for name in FILES if name.startswith("submit-") and name != "submit-fake-success"} | {
    "submit-fake-success": Unreadable(200, None, 'quota; it begins: {"error": "quota"}'),
    "error-400-wrong-key": WrongKey(
        400,
        "invalid-argument",
        "Incorrect API key provided. You can obtain an API key from https://console.x.ai.",
    ),
    "error-403-oauth": WrongKey(
        403, "unauthenticated:bad-credentials", "The OAuth2 access token could not be validated."
    ),
    "error-405-method": Refused(405, None, "HTTP 405"),
}
REFUSALS = sorted(
    name for name in FILES if name.startswith("error-") and name not in {*SUBMITS, "error-429-rate", "error-404-path"}
)


@pytest.mark.parametrize("name", SUBMITS)
def test_every_golden_submit_is_read(name: str) -> None:
    """
    A submit is taken when there is a request id, and only then.
    """
    assert SUBMITS[name] == answers.read_submit(*said(name))


@pytest.mark.parametrize("name", REFUSALS)
def test_every_golden_error_is_a_refusal_in_the_words_of_the_service(name: str) -> None:
    """
    A clear no keeps its status, its code and its words, the plain text of a 422 included.
    """
    status, text = said(name)
    body = FILES[name]["response"]["body"]
    expected = Refused(status, None, text) if isinstance(body, str) else Refused(status, body["code"], body["error"])

    assert expected == answers.read_submit(status, text) == answers.read_still(status, text)


def test_a_golden_429_is_paced() -> None:
    """
    Too many requests means later, not never.
    """
    reading = answers.read_submit(*said("error-429-rate"))

    assert isinstance(reading, Paced)
    assert reading.code == "resource-exhausted"


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        pytest.param(Refused, 429, '{"error":"Your team has used all credits or reached its monthly spending limit."}', id="money"),
        pytest.param(Paced, 429, '{"error":"Too many requests. Your rate limit tier depends on bought credits."}', id="rate"),
        pytest.param(Paced, 429, "", id="429-empty"),
        pytest.param(Refused, 413, "Failed to read request body: length limit exceeded", id="413"),
        pytest.param(Refused, 415, "", id="415-empty"),
        pytest.param(Refused, 308, "", id="redirect"),
        pytest.param(Unreadable, 302, "", id="302"),
        pytest.param(Unreadable, 408, "", id="408"),
        pytest.param(Unreadable, 409, '{"error":"in progress"}', id="409"),
        pytest.param(Unreadable, 500, "", id="500"),
        pytest.param(Unreadable, 520, "<html>", id="520-html"),
        pytest.param(Unreadable, 200, "", id="200-empty"),
        pytest.param(Unreadable, 200, '{"request_id":""}', id="200-no-id"),
        pytest.param(Unreadable, 200, "[" * 10_000, id="200-nonsense"),
        pytest.param(WrongKey, 401, "", id="401"),
        pytest.param(Accepted, 202, '{"request_id":"abc"}', id="202-with-id"),
    ],
)  # fmt: skip
def test_a_submit_is_taken_refused_or_unknown(kind: type, status: int, text: str) -> None:
    """
    Whatever leaves a doubt whether a request was taken is unreadable, never a refusal.
    """
    assert kind is type(answers.read_submit(status, text))


def test_golden_stills_are_read() -> None:
    """
    A picture comes as bytes with its charge, as an address, or withheld and billed.
    """
    encoded = FILES["image-b64"]["response"]["body"]["data"][0]["b64_json"]

    assert StillMade(base64.b64decode(encoded), "image/jpeg", 200_000_000) == answers.read_still(*said("image-b64"))
    assert StillElsewhere(PICTURE, 200_000_000) == answers.read_still(*said("image-url"))
    assert StillElsewhere(PICTURE, 220_000_000) == answers.read_still(*said("image-edit-one"))
    assert StillElsewhere(PICTURE, 240_000_000) == answers.read_still(*said("image-edit-many"))
    assert Withheld(
        400, "imagine:content-moderated", "Generated image rejected by content moderation.", 200_000_000
    ) == answers.read_still(*said("image-moderated-400"))


@pytest.mark.parametrize(
    "text",
    ['{"data":[]}', '{"data":[{}]}', '{"data":[{"b64_json":"%%%"}]}', "{}", "<html>", ""],
    ids=["no-data", "empty-entry", "not-base64", "empty-object", "html", "empty"],
)
def test_a_still_without_a_picture_is_unreadable(text: str) -> None:
    """
    A 200 without a picture may have been billed.
    """
    assert isinstance(answers.read_still(200, text), Unreadable)


def test_a_withheld_still_is_not_a_picture() -> None:
    """
    A picture that moderation withheld is told as such, with its charge.
    """
    text = '{"data":[{"url":"","respect_moderation":false}],"usage":{"cost_in_usd_ticks":7}}'

    assert Withheld(200, None, "Generated image rejected by content moderation.", 7) == answers.read_still(200, text)


# --- lists, uploads, keys ------------------------------------------------------------------------------------------


def test_golden_lists_and_uploads_are_read() -> None:
    """
    Model lists of both shapes and the answer to an upload are read.
    """
    video, still, plain = (answers.read_models(*said(f"models-{name}")) for name in ("video", "image", "all"))

    assert isinstance(video, tuple)
    assert isinstance(still, tuple)
    assert isinstance(plain, tuple)
    assert (video[0].name, video[0].inputs) == ("grok-imagine-video-1.5", ("text", "image", "audio"))
    assert "grok-imagine-video-1.5-preview" in video[0].aliases
    assert video[1].inputs == ("text", "image", "video")
    assert (still[0].prompt_characters, still[0].image_ticks) == (16_000, 200_000_000)
    assert [card.name for card in plain] == ["grok-imagine-video", "grok-imagine-video-1.5"]
    assert answers.read_models(*said("files-list-empty")) == ()
    voices = answers.read_models(*said("custom-voices"))
    assert isinstance(voices, Unreadable)
    assert voices.words.startswith('HTTP 200; it begins: {"voices"')
    assert answers.read_upload(*said("files-upload")) == "file_00000000-0000-4000-8000-000000000001"


def test_a_code_is_a_few_words_on_one_line() -> None:
    """
    Whatever stands where a code belongs is told in part, as all words of the service are.
    """
    trouble = troubles.read_error(500, json.dumps({"code": "9" * 5000 + "\n", "error": "No."}))

    assert "9" * 97 + "..." == trouble.code


@pytest.mark.parametrize("odd", ["", " ", "\ud800", "a\nb", 7, None, ["file_1"]])
def test_a_file_id_is_text_that_can_be_sent(odd: object) -> None:
    """
    The id of an upload goes into the next request: one that could not be written there is none.
    """
    assert isinstance(answers.read_upload(200, json.dumps({"id": odd})), Unreadable)


def test_a_blocked_key_is_a_wrong_key() -> None:
    """
    A key that the service knows and has shut is refused before anything is sent.
    """
    assert WrongKey(200, None, "api key disabled") == answers.read_key(200, '{"team_id":"t","api_key_disabled":true}')


def test_every_golden_file_has_a_reader() -> None:
    """
    No golden file is left unread by the tests above.
    """
    read = {*POLLS, *SUBMITS, *REFUSALS, "error-429-rate", "image-b64", "image-url", "image-edit-one"}
    read |= {"image-edit-many", "image-moderated-400", "models-all", "models-image", "models-video"}
    read |= {"files-list-empty", "files-upload", "custom-voices"}

    assert read == set(FILES)


# --- requests ------------------------------------------------------------------------------------------------------

NOT_OURS = {
    "error-400-images-field": "`images` is no field of a video",
    "error-405-method": "a path that does not exist",
    "error-422-missing-field": "an edit without its clip",
    "error-422-wrong-type": "media are always objects",
    "image-edit-one": "`type` beside the address is needed nowhere",
    "submit-image-to-video-data-uri": "`type` beside the address is needed nowhere",
    "submit-unknown-field": "a clip sent where none belongs is a plain text-to-video, billed",
}
"""Golden requests that cannot be written by us, and why."""

POSTS = [
    name
    for name, pair in FILES.items()
    if pair["request"]["method"] == "POST" and name not in {*NOT_OURS, "files-upload"}
]


def packed(item: dict[str, Any]) -> ByFile | ByUrl:
    return ByFile(item["file_id"]) if "file_id" in item else ByUrl(item["url"])


def parts_of(body: dict[str, Any]) -> list[Media]:
    """Return the pictures of a request that takes them for several things, each with its part."""
    media: list[Media] = [ByPart(packed(body["image"]), "first_frame")] if "image" in body else []
    media += [ByPart(packed(each), "reference") for each in body.get("reference_images", [])]
    media += [ByPart(packed(body["last_frame"]), "last_frame")] if "last_frame" in body else []
    media += [ByPart(packed(each["image"]), "keyframe", each["timestamp_s"]) for each in body.get("keyframes", [])]
    return media


def taken_apart(path: str, body: dict[str, Any]) -> tuple[Operation, dict[str, Any], list[Media]]:
    """Return what `write` would have been given for a request."""
    rest = {name: value for name, value in body.items() if name not in requests.MEDIA_FIELDS}
    given = [body[name] for name in ("image", "video") if name in body]
    given += body.get("reference_images", []) + body.get("images", [])
    media: list[Media] = [packed(item) for item in given]
    operation: Operation
    if len({"image", "reference_images", "last_frame", "keyframes"} & body.keys()) > 1 or "keyframes" in body:
        return "reference-to-video", rest, parts_of(body)
    match path.removeprefix("/v1/"):
        case "videos/edits":
            operation = "edit-video"
        case "videos/extensions":
            operation = "extend-video"
        case "images/generations":
            operation = "generate-image"
        case "images/edits":
            operation = "edit-image"
        case _ if {"reference_images", "reference_audios"} & body.keys():
            operation = "reference-to-video"
        case _ if "image" in body:
            operation = "image-to-video"
        case _:
            operation = "text-to-video"
    return operation, rest, media


@pytest.mark.parametrize("name", POSTS)
def test_a_golden_request_is_written_back(name: str) -> None:
    """
    What is sent for a step is, byte for byte as canonical JSON, what the golden files show.
    """
    request = FILES[name]["request"]

    path, body = requests.write(*taken_apart(request["path"], request["body"]))

    assert request["path"] == f"/v1/{path}"
    assert canonical(request["body"]) == canonical(body)


@pytest.mark.parametrize("name", NOT_OURS)
def test_a_request_that_is_not_ours_cannot_be_written(name: str) -> None:
    """
    Requests that the language does not offer are not written by accident.
    """
    request = FILES[name]["request"]
    body = request["body"]

    def written() -> bool:
        try:
            path, ours = requests.write(*taken_apart(request["path"], body))
        except (ValueError, TypeError):
            return False
        return f"/v1/{path}" == request["path"] and canonical(ours) == canonical(body)

    assert not written()


@pytest.mark.parametrize(
    ("operation", "count"),
    [
        pytest.param("text-to-video", 1, id="text-with-media"),
        pytest.param("image-to-video", 0, id="image-without"),
        pytest.param("image-to-video", 2, id="two-first-frames"),
        pytest.param("reference-to-video", 0, id="no-references"),
        pytest.param("edit-video", 0, id="edit-without"),
        pytest.param("extend-video", 2, id="two-clips"),
        pytest.param("generate-image", 1, id="still-with-media"),
        pytest.param("edit-image", 0, id="edit-of-nothing"),
    ],
)
def test_a_wrong_number_of_media_is_not_sent(operation: Operation, count: int) -> None:
    """
    A request that would silently become another one is never written.
    """
    with pytest.raises(ValueError, match=operation):
        requests.write(operation, {"prompt": "x"}, [ByUrl("https://example.com/a.png")] * count)


@pytest.mark.parametrize(
    ("operation", "media"),
    [
        pytest.param("image-to-video", [ByPart(ByUrl("a"), "first_frame")], id="a-part-where-there-is-one"),
        pytest.param("reference-to-video", [ByPart(ByUrl("a"), "reference"), ByUrl("b")], id="one-without"),
        pytest.param("reference-to-video", [ByPart(ByUrl("a"), "last_frame")] * 2, id="two-last-frames"),
        pytest.param("reference-to-video", [ByPart(ByUrl("a"), "first_frame")] * 2, id="two-first-frames"),
        pytest.param("reference-to-video", [ByPart(ByUrl("a"), "keyframe")], id="a-keyframe-without-its-second"),
    ],
)
def test_a_picture_without_its_part_is_not_sent(operation: Operation, media: list[Media]) -> None:
    """
    What a picture is taken for is never guessed.
    """
    with pytest.raises(ValueError, match=operation):
        requests.write(operation, {"prompt": "x"}, media)


@pytest.mark.parametrize("field", sorted(requests.MEDIA_FIELDS))
def test_media_do_not_travel_in_a_body(field: str) -> None:
    """
    The service ignores media under a wrong name and bills a plain text-to-video, so a body has none.
    """
    with pytest.raises(ValueError, match=field):
        requests.write("text-to-video", {"prompt": "x", field: {"url": "https://example.com/a.png"}})


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param("one two", "one\n two\x1b\x00", id="one-line"),
        pytest.param("abcdefg...", "abcdefghijklm", id="cut"),
    ],
)
def test_words_of_the_service_are_shown_on_one_line(expected: str, text: str) -> None:
    """
    Words of the service are kept short and free of control characters.
    """
    assert expected == answer_fields.one_line(text, 10)


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Signature=5ec2e7&x=1",
        "x-amz-credential=5ec2e7",
        "X-Goog-Signature%3D5ec2e7%26x",
        "X-Amz-Security-Token=5ec2e7\\u0026x",
        "X-Amz-Signature%25253D5ec2e7%252526x",
        "X-Amz-Signature\\\\u003d5ec2e7",
        "X-Amz-Signature&#61;5ec2e7",
        """{'X-Amz-Signature': '5ec2e7'}""",
        "X-Amz-Security-Token: 5ec2e7",
        "Signature=" + "5ec2e7" * 11,
    ],
)
def test_what_an_address_is_signed_with_is_not_shown(query: str) -> None:
    """
    Whatever the service repeats of an address that it was given.
    """
    assert "5ec2e7" not in answer_fields.one_line(f'could not PUT to "https://films.example/inbox/1?{query}": 403')
    assert "inbox/1" in answer_fields.one_line(f"https://films.example/inbox/1?{query}")


@pytest.mark.parametrize(
    "operation", ["text-to-video", "image-to-video", "reference-to-video", "edit-video", "generate-image", "edit-image"]
)
def test_who_asks_is_told_with_each_request_that_has_a_field_for_it(operation: Operation) -> None:
    """
    An extension has none, by the API's own description; what is asked for is as it was.
    """
    body = {"model": "m", "prompt": "p"}

    assert {**body, "user": "studio-7"} == requests.sent_for(operation, body, user="studio-7")
    assert body == requests.sent_for("extend-video", body, user="studio-7") == requests.sent_for(operation, body)
