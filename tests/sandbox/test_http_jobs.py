"""The life of a job: accepted, waited for, rendered once, kept."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sys
from fractions import Fraction
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from storyreel.catalog import load_catalog
from storyreel.model.money import TICKS_PER_USD
from storyreel.sandbox import SandboxSettings, create_app

from .conftest import Stage


def a_picture(width: int = 64, height: int = 48) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, "PNG")
    return made.getvalue()


def as_uri(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


async def a_clip(stage: Stage, width: int, height: int, frames: int, fps: int) -> dict[str, str]:
    """Upload a clip that another camera took, and return what a request names it by."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as writer:
        track = writer.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (width, height), "teal"))
        for number in range(frames):
            frame.pts, frame.time_base = number, Fraction(1, fps)
            writer.mux(track.encode(frame))
        writer.mux(track.encode())
    up = await stage.client.post("/files", files={"file": ("clip.mp4", made.getvalue(), "video/mp4")})
    return {"file_id": up.json()["id"]}


def measures(content: bytes) -> tuple[int, int, float, bool]:
    with av.open(io.BytesIO(content)) as clip:
        picture = clip.streams.video[0]
        assert picture.average_rate
        return picture.width, picture.height, picture.frames / picture.average_rate, bool(clip.streams.audio)


async def test_a_job_ends_with_a_clip_of_the_asked_length_and_size(staged):
    """
    What comes out is a real clip at an absolute address of this sandbox, for which no key is needed.
    """
    stage = staged()

    body = await stage.film(duration=2, aspect_ratio="9:16", model="grok-imagine-video-1.5-preview")
    stage.client.headers.pop("authorization")
    clip = await stage.client.get(body["video"]["url"])

    assert body["status"] == "done"
    assert body["progress"] == 100
    assert body["video"]["duration"] == 2
    assert body["model"] == "grok-imagine-video-1.5"
    assert round(0.16 * TICKS_PER_USD) == body["usage"]["cost_in_usd_ticks"]
    assert body["video"]["url"].startswith("http://sandbox/media/")
    assert len(clip.content) == int(clip.headers["content-length"])
    assert measures(clip.content) == (480, 848, 2.0, True)


async def test_a_silent_clip_has_no_sound(staged):
    """
    `generate_audio: false` leaves the sound out.
    """
    stage = staged()

    body = await stage.film(generate_audio=False)

    assert measures((await stage.client.get(body["video"]["url"])).content) == (848, 480, 1.0, False)


async def test_a_clip_from_a_picture_has_the_ratio_of_the_picture(staged):
    """
    With a first frame the asked ratio means nothing.
    """
    stage = staged()

    body = await stage.film(image={"url": as_uri(a_picture(300, 400))}, aspect_ratio="16:9")

    assert measures((await stage.client.get(body["video"]["url"])).content)[:2] == (480, 640)
    assert round(0.052 * TICKS_PER_USD) == body["usage"]["cost_in_usd_ticks"]


async def test_progress_rises_while_a_job_is_pending(staged):
    """
    Progress goes from the moment of acceptance towards 99.
    """
    stage = staged(latency_s=0.5)
    request_id = await stage.submit()

    seen = []
    for _ in range(3):
        seen.append((await stage.poll(request_id)).json()["progress"])
        await asyncio.sleep(0.1)

    assert sorted(set(seen)) == seen
    assert 0 <= seen[0] < seen[-1] <= 99


async def test_a_job_outlives_the_app_that_took_it(staged):
    """
    Another app on the same folder answers for a job, and keeps answering once it is done.
    """
    request_id = await staged(latency_s=0.1).submit()

    body = (await staged().end(request_id)).json()
    again = (await staged().poll(request_id)).json()

    assert body["status"] == "done"
    assert body == again


async def test_two_apps_that_poll_one_job_make_one_clip(staged, tmp_path):
    """
    Whoever renders first wins, and both show the same clip and the same end.
    """
    one, other = staged(), staged()
    request_id = await one.submit()

    first, second = await asyncio.gather(one.end(request_id), other.end(request_id))

    assert first.json() == second.json()
    assert len(list((tmp_path / "sandbox" / "media").glob("*.mp4"))) == 1
    while any((tmp_path / "sandbox" / "unfinished").iterdir()):  # the second renderer tidies up after itself
        await asyncio.sleep(0.05)


async def test_other_requests_are_answered_while_a_clip_is_rendered(staged):
    """
    Rendering never holds up the others.
    """
    stage = staged()
    request_id = await stage.submit(duration=15, resolution="720p")
    await stage.poll(request_id)

    answer = await stage.client.get("/api-key")

    assert answer.status_code == 200
    assert (await stage.poll(request_id)).json()["status"] == "pending"


async def test_every_post_is_written_down_before_it_is_checked(staged):
    """
    Refused requests are counted too, accepted ones are listed apart, and no key is ever written.
    """
    stage = staged(key="rehearsal-key")

    await stage.submit("x" * 300)
    await stage.client.post(
        "/videos/generations", json={"prompt": "a", "duration": 99}, headers={"idempotency-key": "k"}
    )
    await stage.client.post("/videos/remix", content=b"not json")
    await stage.client.get("/models")
    posts = [json.loads(line) for line in stage.lines("posts.jsonl")]

    assert [p["path"] for p in posts] == ["/v1/videos/generations", "/v1/videos/generations", "/v1/videos/remix"]
    assert posts[0]["prompt"] == "x" * 200
    assert posts[1]["idempotency_key"] == "k"
    assert len(stage.lines("accepted.jsonl")) == 1
    assert "rehearsal-key" not in "".join(
        p.read_text() for p in stage.folder.rglob("*") if p.suffix in (".json", ".jsonl")
    )


async def test_an_upload_serves_as_input_and_can_be_fetched_and_removed(staged):
    """
    A file goes up, is listed, becomes a first frame, and goes.
    """
    stage = staged()
    up = await stage.client.post("/files", data={"expires_after": "3600"}, files={"file": ("a.png", a_picture())})
    file_id = up.json()["id"]

    body = await stage.film(image={"file_id": file_id})
    listed = (await stage.client.get("/files")).json()["data"]
    content = await stage.client.get(f"/files/{file_id}/content")
    gone = await stage.client.delete(f"/files/{file_id}")
    after = await stage.client.get(f"/files/{file_id}")

    assert body["status"] == "done"
    assert [up.json()] == listed
    assert a_picture() == content.content
    assert gone.json()["deleted"]
    assert after.status_code == 404


async def test_an_upload_may_not_live_for_ever(staged):
    """
    A life outside an hour and thirty days is refused.
    """
    answer = await staged().client.post("/files", data={"expires_after": "60"}, files={"file": ("a.png", b"a")})

    assert answer.status_code == 400


@pytest.mark.long
async def test_a_result_is_extended_and_edited_by_its_address(staged):
    """
    An extension is input and new part as one clip; an edit keeps length and size, whatever else is asked.
    """
    stage = staged()
    url = (await stage.film(duration=3))["video"]["url"]

    longer = await stage.film("It begins to snow", "extensions", video={"url": url}, duration=2)
    other = await stage.film("At night", "edits", video={"url": url}, duration=9, aspect_ratio="1:1")

    assert longer["video"]["duration"] == 5
    assert round(0.25 * TICKS_PER_USD) == longer["usage"]["cost_in_usd_ticks"]
    assert measures((await stage.client.get(other["video"]["url"])).content) == (848, 480, 3.0, True)
    assert round(0.18 * TICKS_PER_USD) == other["usage"]["cost_in_usd_ticks"]


async def test_an_edit_is_capped_at_720_lines(staged):
    """
    A clip of 1080 lines comes back with 720.
    """
    stage = staged()

    body = await stage.film("At night", "edits", video=await a_clip(stage, 1920, 1080, frames=2, fps=24))

    assert measures((await stage.client.get(body["video"]["url"])).content)[:2] == (1280, 720)


@pytest.mark.parametrize(
    ("to", "length", "fields", "message"),
    [
        pytest.param("edits", 9, {}, "Input video must be at most 8.7 seconds long", id="edit-of-9-s"),
        pytest.param("extensions", 1, {}, "Input video must be between 2 and 15 seconds long", id="extension-of-1-s"),
        pytest.param("extensions", 3, {"duration": 1}, "Duration must be between 2 and 10 seconds", id="adds-1-s"),
    ],
)
@pytest.mark.some(1)
async def test_what_cannot_be_chained_fails_later(to, length, fields, message, staged):
    """
    Lengths are looked at when the job is rendered, not before the 200.
    """
    stage = staged()

    body = await stage.film("More", to, video=await a_clip(stage, 64, 48, frames=length, fps=1), **fields)

    assert {"code": "invalid_argument", "message": message} == body["error"]


@pytest.mark.long
async def test_how_long_an_extended_clip_may_be_is_a_setting(staged):
    """
    The newest readings allow more than 15 s; the sandbox plays either.
    """
    url = (await staged().film(duration=3))["video"]["url"]

    strict = await staged(extend_input_most_s=2).film("More", "extensions", video={"url": url}, duration=2)
    wide = await staged(extend_input_most_s=3).film("More", "extensions", video={"url": url}, duration=2)

    assert [strict["status"], wide["status"]] == ["failed", "done"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"image": {"url": "https://example.com/old-mill_dusk.png"}}, id="picture"),
        pytest.param({"reference_images": [{"url": "https://example.com/a.png"}]}, id="reference"),
        pytest.param({"to": "edits", "video": {"url": "https://example.com/clip.mp4"}}, id="clip"),
    ],
)
@pytest.mark.some(1)
async def test_an_address_elsewhere_is_stood_for_and_never_fetched(fields, staged):
    """
    A storyboard with addresses can be rehearsed without a network.
    """
    assert (await staged().film(**fields))["status"] == "done"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            {"image": {"url": "not-a-url"}}, "Unable to process input image for video generation.", id="no-address"
        ),
        pytest.param(
            {"image": {"url": as_uri(b"text")}}, "Unable to process input image for video generation.", id="no-picture"
        ),
        pytest.param(
            {"to": "edits", "video": {"url": "not-a-url"}},
            "Unable to process input video for video editing.",
            id="no-clip",
        ),
        pytest.param({"prompt": ""}, "Prompt cannot be empty. Please provide a prompt.", id="no-prompt"),
    ],
)
async def test_an_input_that_cannot_be_used_fails_the_job(fields, message, staged):
    """
    It is accepted with a 200, since nothing is looked at before, and fails with the original's words.
    """
    body = await staged().film(**fields)

    assert {"status": "failed", "progress": 0, "error": {"code": "invalid_argument", "message": message}} == body


async def test_an_address_dies_and_the_end_of_the_job_stays(staged):
    """
    After its time a clip cannot be fetched, while the poll goes on naming it.
    """
    stage = staged(url_life_s=0.0)
    request_id = await stage.submit()
    body = (await stage.end(request_id)).json()
    await asyncio.sleep(0.01)

    clip = await stage.client.get(body["video"]["url"])

    assert clip.status_code == 403
    assert body == (await stage.poll(request_id)).json()


async def test_a_stored_result_has_a_public_address_and_can_be_chained(staged):
    """
    What is kept among the team's files outlives the short address.
    """
    stage = staged()
    wish = {"filename": "harbour.mp4", "expires_after": 7200, "public_url": {"expires_after": 3600}}

    body = await stage.film(duration=2, storage_options=wish)
    kept = body["video"]["file_output"]
    clip = await stage.client.get(kept["public_url"])
    edit = await stage.film("At night", "edits", video={"file_id": kept["file_id"]})

    assert kept["filename"] == "harbour.mp4"
    assert measures(clip.content) == (848, 480, 2.0, True)
    assert edit["status"] == "done"


async def test_the_same_idempotency_key_buys_once_where_that_is_honoured(staged):
    """
    The original does not promise it, so it is a switch, and off by default.
    """

    async def twice(**settings: Any) -> set[str]:
        stage = staged(**settings)
        asked = [
            stage.client.post("/videos/generations", json={"prompt": "a"}, headers={"idempotency-key": "one"})
            for _ in range(2)
        ]
        return {answer.json()["request_id"] for answer in await asyncio.gather(*asked)}

    assert len(await twice()) == 2
    assert len(await twice(honour_idempotency=True)) == 1
    assert len(staged().lines("accepted.jsonl")) == 3


async def test_submits_are_paced_for_each_model(staged):
    """
    The third submit of a second is too much, for that model only.
    """
    stage = staged(submits_per_second=2.0)

    answers = [
        await stage.client.post("/videos/generations", json={"prompt": "a", "model": f"grok-imagine-video{version}"})
        for version in ("", "", "", "-1.5")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]


async def test_stills_come_at_once_in_the_asked_ratio_and_number(staged):
    """
    Several stills of one request differ, and each is charged.
    """
    stage = staged()

    answer = await stage.client.post(
        "/images/generations", json={"prompt": "A fox", "n": 2, "aspect_ratio": "16:9", "response_format": "b64_json"}
    )
    one, other = (base64.b64decode(still["b64_json"]) for still in answer.json()["data"])

    assert ((opened := Image.open(io.BytesIO(one))).format, opened.size) == ("JPEG", (1360, 768))
    assert one != other
    assert round(0.04 * TICKS_PER_USD) == answer.json()["usage"]["cost_in_usd_ticks"]


@pytest.mark.usefixtures("drawn_once")
async def test_the_edit_of_one_picture_keeps_its_ratio(staged):
    """
    A ratio beside a single picture means nothing; beside several it counts.
    """
    stage = staged()
    picture = {"url": as_uri(a_picture(200, 400))}

    async def size(**fields: Any) -> tuple[int, int]:
        answer = await stage.client.post("/images/edits", json={"prompt": "A fox", "aspect_ratio": "1:1", **fields})
        still = await stage.client.get(answer.json()["data"][0]["url"])
        return Image.open(io.BytesIO(still.content)).size

    assert await size(image=picture) == (720, 1456)
    assert await size(images=[picture, picture]) == (1024, 1024)


@pytest.mark.parametrize(
    ("headers", "key", "status"),
    [
        pytest.param({}, None, 200, id="any"),
        pytest.param({"authorization": "Bearer wrong"}, None, 400, id="wrong"),
        pytest.param({"authorization": "Bearer other"}, "this", 400, id="another"),
        pytest.param({"authorization": "Bearer this"}, "this", 200, id="the-one"),
        pytest.param({"authorization": "Basic this"}, "this", 401, id="not-bearer"),
        pytest.param({"authorization": ""}, None, 401, id="none"),
    ],
)
async def test_a_wrong_key_is_400_and_a_missing_one_401(headers, key, status, tmp_path):
    """
    As the original does it.
    """
    app = create_app(SandboxSettings(folder=tmp_path, key=key), load_catalog())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox/v1") as client:
        answer = await client.get("/api-key", headers={"authorization": "Bearer x"} | headers)

    assert status == answer.status_code


async def test_one_model_is_told_by_any_of_its_names(staged):
    """
    An alias leads to the entry of its model; an unknown name to a 404.
    """
    stage = staged()

    alias = await stage.client.get("/video-generation-models/grok-imagine-video-1.5-preview")
    still = await stage.client.get("/image-generation-models/grok-imagine-image")
    unknown = await stage.client.get("/video-generation-models/grok-imagine-image")

    assert alias.json()["id"] == "grok-imagine-video-1.5"
    assert still.json()["max_prompt_length"] == 16000
    assert unknown.status_code == 404


KILLED = """
import asyncio, os, sys
from pathlib import Path
import httpx
from storyreel.catalog import load_catalog
from storyreel.sandbox import SandboxSettings, create_app

async def main():
    app = create_app(SandboxSettings(folder=Path(sys.argv[1]), latency_s=0), load_catalog())
    headers = {"authorization": "Bearer k"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/v1", headers=headers) as client:
        job = await client.post("/videos/generations", json={"prompt": "a fox", "duration": 4})
        await client.get("/videos/" + job.json()["request_id"])
        await asyncio.sleep(0.05)
        print(job.json()["request_id"], flush=True)
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_job_outlives_a_process_that_is_killed_while_it_renders(staged, tmp_path):
    """
    What a dead process began, the next poll begins again.
    """
    dead = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path / "sandbox"), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await dead.communicate()

    body = (await staged().end(said.decode().strip())).json()

    assert dead.returncode == -9
    assert body["video"]["duration"] == 4
