"""What may be asked of the sandbox, and the order in which it is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from storyreel.catalog import load_catalog
from storyreel.sandbox.api.json_errors import Fields, end_of
from storyreel.sandbox.api.responses import Refused
from storyreel.sandbox.api.validation import charge, read_edit, read_extension, read_generation, read_still

CATALOG = load_catalog()
PICTURE = {"url": "https://example.com/a.png"}
FIFTEEN = "grok-imagine-video-1.5"


def fields(body: dict[str, Any]) -> Fields:
    return Fields(json.dumps(body).encode(), "application/json; charset=utf-8")


def asked(**body: Any):
    return read_generation(fields({"prompt": "a fox", **body}), CATALOG)


def test_what_is_left_out_has_the_defaults_of_the_original():
    """
    The classic model, eight seconds, 16:9, 480p, with sound.
    """
    ask = asked()

    assert (
        ask.model,
        ask.seconds,
        ask.aspect_ratio,
        ask.resolution,
        ask.sound,
    ) == ("grok-imagine-video", 8, "16:9", "480p", True)


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        pytest.param({}, "text-to-video", id="words"),
        pytest.param({"image": PICTURE}, "image-to-video", id="picture"),
        pytest.param({"reference_images": [PICTURE]}, "reference-to-video", id="references"),
        pytest.param({"reference_audios": [{"voice_id": "Ara"}], "model": FIFTEEN}, "reference-to-video", id="voices"),
        pytest.param({"last_frame": PICTURE, "model": FIFTEEN}, "reference-to-video", id="last-frame"),
        pytest.param({"video": PICTURE, "image_url": "https://a.example/b.png"}, "text-to-video", id="unknown-fields"),
        pytest.param({"image": None, "aspect_ratio": None, "duration": "8"}, "text-to-video", id="nulls"),
    ],
)
def test_the_fields_that_are_there_say_what_is_made(body, operation):
    """
    There is no field for the mode; unknown ones are passed over in silence.
    """
    assert operation == asked(**body).operation


def test_a_model_of_a_persons_own_catalogue_is_played_as_it_stands_there():
    """
    What a new model takes is rehearsed as soon as the catalogue has it: its modes, how much of each, and the grid of its keyframes.
    """
    new = replace(CATALOG.video[FIFTEEN], name="next", max_voices=5, max_keyframes=6, keyframes_per_second=4)
    catalog = replace(CATALOG, video={**CATALOG.video, "next": new})
    body = {
        "model": "next",
        "image": PICTURE,
        "last_frame": PICTURE,
        "keyframes": [{"image": PICTURE, "timestamp_s": 0.25 * at} for at in range(1, 7)],
        "reference_audios": [{"voice_id": voice} for voice in ("ara", "eve", "leo", "rex", "sal")],
    }

    ask = read_generation(fields(body), catalog)

    assert (len(ask.voices), len(ask.pinned)) == (5, 7)


def test_what_a_clip_is_held_to_is_kept_with_its_moments():
    """
    And who speaks in it; a voice of a team's own may have any id that is no slip of the pen.
    """
    ask = asked(
        model=FIFTEEN,
        image=PICTURE,
        last_frame=PICTURE,
        keyframes=[{"image": PICTURE, "timestamp_s": 2}, {"image": PICTURE, "timestamp_s": 0.333}],
        reference_audios=[{"voice_id": "Eve"}, {"voice_id": "k7x2m9qp"}],
    )

    assert (3, (None, 2.0, 0.333)) == (len(ask.pinned), ask.pinned_at)
    assert ("Eve", "k7x2m9qp") == ask.voices
    assert 4 == len(ask.pictures)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        pytest.param({"duration": 5.5}, 422, "floating point `5.5`, expected u32 at line 1", id="float"),
        pytest.param({"image": "https://a.example"}, 422, 'image: invalid type: string "https://a.example"', id="bare"),
        pytest.param({"prompt": 7}, 422, "prompt: invalid type: integer `7`, expected a string", id="type"),
        pytest.param({"resolution": "4k"}, 422, "unknown variant `4k`", id="resolution"),
        pytest.param({"reference_images": [PICTURE, "x"]}, 422, "reference_images[1]: invalid type", id="in-a-list"),
        pytest.param(
            {"keyframes": [{"image": PICTURE}], "model": FIFTEEN}, 422, "missing field `timestamp_s`", id="in-a-map"
        ),
        pytest.param({"model": "x", "duration": "5.5"}, 422, "duration", id="shape-before-model"),
        pytest.param({"model": "x", "duration": 99}, 404, "does not exist", id="model-before-duration"),
        pytest.param(
            {"reference_images": [PICTURE] * 15, "duration": 99}, 400, "Too many reference images", id="count-first"
        ),
        pytest.param(
            {"reference_images": [PICTURE], "duration": 11, "resolution": "1080p", "model": FIFTEEN},
            400,
            "1080p video resolution is not supported for reference-to-video requests.",
            id="resolution-of-references",
        ),
        pytest.param({"resolution": "1080p"}, 400, "1080p video resolution", id="resolution-of-the-model"),
        pytest.param({"duration": 0}, 400, "between 1 and 15", id="no-seconds"),
        pytest.param({"image": {}}, 400, "Exactly one", id="no-address"),
        pytest.param({"image": {**PICTURE, "file_id": "file_1"}}, 400, "Exactly one", id="two-addresses"),
        pytest.param({"last_frame": PICTURE}, 400, "`last_frame` is not supported", id="last-frame-on-classic"),
        pytest.param(
            {"image": PICTURE, "reference_images": [PICTURE]}, 400, "cannot be combined", id="both-on-classic"
        ),
        pytest.param(
            {"reference_audios": [{"voice_id": "nobody"}], "model": FIFTEEN}, 400, "Available voices: ara", id="voice"
        ),
        pytest.param(
            {"keyframes": [{"image": PICTURE, "timestamp_s": 9}], "model": FIFTEEN}, 400, "inside", id="keyframe"
        ),
        pytest.param(
            {"reference_audios": [{"voice_id": "eve"}], "duration": 99},
            400,
            "which is 10s.",
            id="seconds-before-sound",
        ),
        pytest.param(
            {"reference_audios": [{"voice_id": "eve"}], "resolution": "1080p"},
            400,
            "1080p",
            id="resolution-before-sound",
        ),
        pytest.param(
            {"reference_audios": [{"voice_id": "eve"}]}, 400, "`reference_audios` is not", id="sound-on-classic"
        ),
        pytest.param(
            {"reference_audios": [{"voice_id": "nobody"}] * 4, "model": FIFTEEN},
            400,
            "Too many reference audio clips: 4. Maximum allowed is 3.",
            id="number-before-voice",
        ),
        pytest.param(
            {"image": PICTURE, "last_frame": PICTURE, "duration": 16, "model": FIFTEEN},
            400,
            "Duration 16s exceeds the maximum allowed for reference-to-video, which is 15s.",
            id="seconds-between-two-frames",
        ),
    ],
)
def test_what_is_wrong_is_refused_in_the_order_of_the_original(body, status, says):
    """
    Shape, model, number of references, seconds, resolution, voices.
    """
    with pytest.raises(Refused) as caught:
        asked(**body)

    assert status == caught.value.status
    assert says in str(caught.value.body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({"quality": "high", "model": "grok-imagine-image-2.0"}, "Quality `high`", id="quality"),
        pytest.param({"resolution": "4k"}, "unknown variant `4k`", id="4k"),
        pytest.param({"n": 0}, "between 1 and 10", id="none"),
        pytest.param({"prompt": None}, "missing field `prompt`", id="no-prompt"),
        pytest.param({"image": PICTURE, "images": [PICTURE]}, "Exactly one of `image` and `images`", id="both"),
    ],
)
def test_what_is_wrong_with_a_still_is_refused(body, says):
    """
    Stills have limits of their own.
    """
    with pytest.raises(Refused, match=says):
        read_still(fields({"prompt": "a fox", **body}), CATALOG, edit="image" in body)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"", "application/json", 415, id="empty"),
        pytest.param(b"{}", "text/plain", 415, id="not-json"),
        pytest.param(b"{", "application/json", 400, id="broken"),
        pytest.param(b"[]", "application/json", 422, id="no-object"),
        pytest.param(b"[" * 100_000, "application/json", 400, id="too-deep"),
    ],
)
def test_a_body_that_is_no_object_is_refused(content, kind, status):
    """
    Only JSON is taken, and only an object.
    """
    with pytest.raises(Refused) as caught:
        Fields(content, kind)

    assert status == caught.value.status


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param((), '{"a": [1, {"b": "x,y"}], "c":2}', id="whole"),
        pytest.param(("a",), '[1, {"b": "x,y"}]', id="list"),
        pytest.param(("a", 1, "b"), '"x,y"', id="deep"),
        pytest.param(("c",), "2", id="last"),
    ],
)
def test_the_end_of_a_value_is_found(path, value):
    """
    The place of a complaint is where the value at fault ends.
    """
    text = '{"a": [1, {"b": "x,y"}], "c":2}'

    assert text[: end_of(text, path)].endswith(value)


@pytest.mark.parametrize(
    ("ask", "input_seconds", "dollars"),
    [
        pytest.param(asked(duration=6), 0, 0.30, id="words"),
        pytest.param(asked(duration=6, image=PICTURE, resolution="720p"), 0, 0.422, id="picture"),
        pytest.param(asked(reference_images=[PICTURE] * 2, model=FIFTEEN), 0, 0.66, id="references"),
        pytest.param(read_edit(fields({"prompt": "x", "video": PICTURE}), CATALOG), 8, 0.48, id="edit"),
        pytest.param(read_extension(fields({"prompt": "x", "video": PICTURE}), CATALOG), 8, 0.70, id="extension"),
        pytest.param(read_still(fields({"prompt": "x", "n": 3}), CATALOG, edit=False), 0, 0.06, id="stills"),
        pytest.param(
            read_still(fields({"prompt": "x", "model": "grok-imagine-image-2.0"}), CATALOG, edit=False),
            0,
            0.04,
            id="automatic-quality",
        ),
    ],
)
def test_a_charge_follows_the_catalogue(ask, input_seconds, dollars):
    """
    Output seconds and inputs, by the price table; of an extension the higher reading.
    """
    assert round(dollars * 10**10) == charge(
        ask, CATALOG, resolution="480p" if input_seconds else None, input_seconds=input_seconds
    )
