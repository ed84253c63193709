"""
What an answer to a submit is worth, by its status, its shape, and where an id stands in it. Pure.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storyreel.errors import KeyRefused, SubmitNamed, SubmitRefused, SubmitUnknown
from storyreel.ids import kept
from storyreel.imagine import wire
from storyreel.imagine.answers import Accepted, Unreadable, Withheld
from storyreel.imagine.outcome import named, unmade

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
    reading = wire.read_submit(status, text)
    name = wire.read_name(status, text)

    if 200 <= status < 300:
        assert name is None
        assert reading == Accepted(kept(request_id)) if place == "top" else isinstance(reading, Unreadable)
        return
    assert not isinstance(reading, Accepted)
    assert name == (kept(request_id) if place == "top" else None)
    if name is None:
        assert type(reading) is type(wire.read_submit(status, answer("nowhere", "", words, shape)))
        return
    without = unmade(reading, where="here", has_key=True, after_s=None)
    error = named(name, without, reading)
    assert isinstance(error, SubmitNamed)
    assert isinstance(error, SubmitUnknown)
    assert kept(request_id) in str(error)
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

    assert wire.read_submit(200, one) != wire.read_submit(200, other)
    assert wire.read_submit(200, json.dumps({"request_id": request_id})) == Accepted(kept(request_id))
