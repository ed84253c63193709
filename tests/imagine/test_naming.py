"""
What an answer to a submit is worth, by its status, its shape, and where an id stands in it. Pure.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.errors import KeyRefused, SubmitNamed, SubmitRefused, SubmitUnknown
from storyreel.imagine import answers
from storyreel.imagine.readings import Accepted, Unreadable, Withheld
from storyreel.imagine.refusals import named, unmade
from storyreel.imagine.types import StillMade
from storyreel.model.request_ids import writable

NO = {400, 401, 402, 403, 404, 405, 413, 415, 422, 429}
STATUSES = st.one_of(st.integers(200, 599), st.sampled_from(sorted(NO | {301, 307, 308, 408, 409, 425, 499})))
IDS = st.text(st.characters(exclude_categories=()), min_size=1, max_size=30).filter(str.strip)
WORDS = st.sampled_from(["no", "Too many requests", "credits", "Incorrect API key", "content moderation", ""])
PLACES = st.sampled_from(["top", "inside error", "called id", "nowhere"])


def answer(place: str, request_id: str, words: str, shape: str) -> str:
    """Write an answer with an id in a place."""
    fields: dict[str, Any] = {"error": {"message": words}} if shape == "nested" else {"error": words, "code": "c"}
    if place == "top":
        fields["request_id"] = request_id
    elif place == "called id":
        fields["id"] = request_id
    elif place == "inside error":
        fields["error"] = {"message": words, "request_id": request_id}
    return json.dumps(fields)


@given(STATUSES, IDS, WORDS, PLACES, st.sampled_from(["flat", "nested"]))
def test_an_answer_is_taken_refused_named_or_unknown(status: int, request_id: str, words: str, place: str, shape: str):
    """
    A success with an id is an acceptance; any other status with one on top is asked for, and is a refusal, should it not
    be known, for a few statuses alone; an id anywhere else makes no difference.
    """
    text = answer(place, request_id, words, shape)
    reading = answers.read_submit(status, text)
    name = answers.read_name(status, text)

    if 200 <= status < 300:
        assert name is None
        assert reading == Accepted(writable(request_id)) if place == "top" else isinstance(reading, Unreadable)
        return
    assert not isinstance(reading, Accepted)
    assert name == (writable(request_id) if place == "top" else None)
    if name is None:
        assert type(reading) is type(answers.read_submit(status, answer("nowhere", "", words, shape)))
        return
    without = unmade(reading, where="here", has_key=True, after_s=None)
    error = named(name, without, reading)
    assert isinstance(error, SubmitNamed)
    assert isinstance(error, SubmitUnknown)
    assert writable(request_id) in str(error)
    if isinstance(reading, Withheld):
        assert error.refusal is None
    else:
        assert (error.refusal is not None) == (status in NO)
        assert error.refusal is None or isinstance(error.refusal, SubmitRefused | KeyRefused)


@given(IDS)
def test_an_id_that_came_as_bytes_of_no_text_is_told_from_any_other(request_id: str):
    """
    Two ids that differ in bytes which are no UTF-8 are two ids.
    """
    one, other = (json.dumps({"request_id": "x"}).replace("x", f"x{tail}") for tail in ("\udcfe", "\udcff"))

    assert answers.read_submit(200, one) != answers.read_submit(200, other)
    assert answers.read_submit(200, json.dumps({"request_id": request_id})) == Accepted(writable(request_id))


ODD = st.sampled_from(['["a-1"]', '{"id": "a-1"}', '[[{"is": "a-1"}]]', '"a-1', '"a\\', "12"])


@given(st.sampled_from(sorted(NO | {301, 307, 308, 406, 410})), ODD, WORDS)
def test_a_no_that_names_a_request_in_an_odd_way_is_no_clear_no(status: int, odd: str, words: str):
    """
    What stands there as its id, or was cut within it, cannot be asked for: then nobody knows, and a person sees it.
    """
    text = json.dumps({"error": words})[:-1] + f', "request_id": {odd}' + ("" if odd in ('"a-1', '"a\\', "12") else "}")

    for reading in (answers.read_submit(status, text), answers.read_still(status, text)):
        assert isinstance(reading, Unreadable)
        assert odd[:3] in reading.words
    assert answers.read_name(status, text) is None


BROKEN = [
    '{"status": "queued", "request_id": "a-1",}',
    '{"status": "queued", "request_id": "a-1", "pad": "\n\x01"}',
    '{"status": "queued", "request_id": "a-1"}\n{"status": "queued"}',
    '{"status": "queued", "request_id": "a-1"',
    '{"status": "queued", "more": {"request_id": "b"}, "request_id": "a-1", "cut',
    '{"request_id": "a-1", "request_id": null}',
    '{"request_id": "", "request_id": "a-1"}',
    '{"request\\u005fid": "a-1"}',
    '{"deep": ' + "[" * 90_000 + "]" * 90_000 + ', "request_id": "a-1"}',
    '{"many": [' + "1," * 300_000 + '1], "request_id": "a-1"}',
    '{"quotes": "' + '\\"' * 200_000 + '", "request_id": "a-1"}',
]


@pytest.mark.parametrize("status", [200, 202, 400, 429, 503])
@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_an_id_on_top_is_found_though_the_rest_cannot_be_read(status: int, text: str):
    """
    An answer that is cut, said twice, nested beyond reading or no JSON in another way loses no id.
    """
    if 200 <= status < 300:
        assert answers.read_submit(status, text) == Accepted("a-1")
    else:
        assert answers.read_name(status, text) == "a-1"


@given(st.integers(0, 10**400), st.booleans())
def test_a_number_is_an_id_as_it_is_written(number: int, negative: bool):
    """
    However long it is, and whatever a computer would make of it.
    """
    digits = ("-" if negative else "") + str(number % 10**300) + str(number)[:200]
    for written in (digits, digits + ".50", digits + "e5"):
        assert answers.read_submit(200, f'{{"request_id": {written}}}') == Accepted(written)


def test_no_answer_takes_long_to_search():
    """
    A quote that is never closed, escapes without an end: each is looked at once.
    """
    before = time.process_time()
    deep = '{"request_id": ' + "[" * 900 + '"a"' + "]" * 900 + "}"
    for text in (
        deep,
        '{"a": "' + '\\"' * 500_000,
        '{"a": ' + '"' * 500_001,
        "{" * 1_000_000,
        '{"a": "' + "\\" * 999_999,
    ):
        answers.read_submit(400, text)
    assert time.process_time() - before < 10.0


@given(st.integers(200, 599))
def test_a_picture_that_is_there_was_made(status: int):
    """
    Whatever the status says, and though it is its own address.
    """
    encoded = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    for one in ({"b64_json": encoded}, {"url": f"data:image/png;base64,{encoded}"}):
        reading = answers.read_still(status, json.dumps({"data": [one], "error": "no"}))
        assert reading == StillMade(b"\x89PNG\r\n\x1a\n", "image/png", None)
