"""
Give results out: the answer to a poll, and the bytes of a clip, each as it is or as a fault wants it.

Nothing is rendered here; a poll of a job that is due begins that elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from storyreel.catalog import Catalog
from storyreel.sandbox import SandboxSettings
from storyreel.sandbox.api import responses
from storyreel.sandbox.api.faults import Fault, first
from storyreel.sandbox.api.jobs import REQUEST_ID, JobFolder
from storyreel.sandbox.api.records import End, Job, Upload


class Dropped(httpx.RemoteProtocolError):
    """
    The sandbox breaks a connection on purpose.

    In process, an ASGI transport hands the exception to the client, which meets what it would meet on the wire. On a
    port, the server closes the connection when it gets the exception.
    """

    def __init__(self) -> None:
        super().__init__("the sandbox broke the connection, as it was told to")


class Broken(Response):
    """An answer that promises `promised` bytes, sends its content, and breaks off."""

    def __init__(self, content: bytes = b"", *, promised: int, media_type: str = "application/json") -> None:
        super().__init__(content, media_type=media_type)
        self.headers["content-length"] = str(promised)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send what there is, then break off."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        raise Dropped


def base(request: Request) -> str:
    """Return the scheme and host by which the sandbox was called."""
    return f"{request.url.scheme}://{request.url.netloc}"


class Results:
    """The results of one app's folder. `begin` has a job rendered that is due."""

    def __init__(
        self, settings: SandboxSettings, catalog: Catalog, folder: JobFolder, begin: Callable[[Job], None]
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._folder = folder
        self._begin = begin
        self._asked: Counter[str] = Counter()
        self._fetched: Counter[str] = Counter()

    def poll(self, request: Request) -> Response:
        """
        Answer a poll.

        Raises:
            Refused: The id is none of ours, or a fault wants another answer.
        """
        request_id: str = request.path_params["request_id"]
        if not REQUEST_ID.fullmatch(request_id):
            raise responses.invalid("Malformed request ID")
        job = self._folder.job(request_id)
        if job is None or first(job.faults, "gone"):
            raise responses.unknown_request()
        self._asked[request_id] += 1
        if broken := self._broken_poll(job):
            return broken
        end = self._folder.end(request_id)
        if end is None:
            return self._pending(job)
        if fault := first(job.faults, "status"):
            return JSONResponse({"status": fault.words[0], "progress": 50})
        return JSONResponse(self._body(job, end, base(request)))

    async def media(self, request: Request) -> Response:
        """
        Give out a clip or still. No key is needed, and after its time it is refused.

        Raises:
            Refused: There is none (404), or not any more (403), or a fault wants it so.
        """
        name: str = request.path_params["name"]
        place = self._folder.media(name)
        if "/" in name or name.startswith(".") or not place.is_file():
            raise responses.Refused(404, responses.NOT_FOUND)
        job = self._folder.job(place.stem)
        self._fetched[name] += 1
        for fault in job.faults if job else ():
            if fault.kind in ("url", "download") and _still_on(fault, self._fetched[name]):
                return _spoilt(fault, place)
        if self._folder.fresh(name, time.time(), self._settings.url_life_s) is None:
            raise responses.page(403)
        return FileResponse(place, media_type="image/jpeg" if place.suffix == ".jpeg" else "video/mp4")

    def _broken_poll(self, job: Job) -> Response | None:
        for fault in job.faults:
            if fault.kind != "poll" or not _still_on(fault, self._asked[job.request_id]):
                continue
            match fault.words[0]:
                case "drop":
                    return Broken(promised=2)
                case "empty":
                    return Response(status_code=202)
                case "401":
                    raise responses.no_key()
                case "429":
                    raise responses.too_fast(job.ask.model, 2)
                case status:
                    raise responses.page(int(status))
        return None

    def _pending(self, job: Job) -> Response:
        now = time.time()
        if job.due is not None and now >= job.due:
            self._begin(job)
            progress = 99
        else:
            wait_s = (job.due or job.accepted + 600) - job.accepted
            progress = min(98, max(0, int(99 * (now - job.accepted) / wait_s))) if wait_s else 98
        shape: Literal["body", "empty", "200"] = self._settings.pending
        if shape == "empty":
            return Response(status_code=202)
        return JSONResponse({"status": "pending", "progress": progress}, 202 if shape == "body" else 200)

    def _body(self, job: Job, end: End, at: str) -> dict[str, Any]:
        match end.status:
            case "failed":
                error: Any = {"code": end.code, "message": end.message} if end.code else end.message
                return {"status": "failed", "progress": 0, "error": error}
            case "expired":
                return {"status": "expired"}
            case "moderated":
                if (fault := first(job.faults, "moderated")) and fault.has("400"):
                    raise responses.moderated_video()
                video: dict[str, Any] = {"url": "", "respect_moderation": False}
            case _:
                seconds = int(end.seconds) if end.seconds.is_integer() else end.seconds
                url = f"{at}/media/{job.request_id}.mp4"
                video = {"url": url, "duration": seconds, "respect_moderation": True}
                video |= self._stored(job, end, at)
                if job.handed_over and (fault := first(job.faults, "put")) and fault.has("beside"):
                    video["url"] = f"{at}/media/nothing.mp4"
                elif job.handed_over:
                    # What the original says here is not known; the SDKs take an answer without an address.
                    del video["url"]
        body = {
            "status": "done",
            "video": video,
            "model": job.ask.model,
            "usage": {"cost_in_usd_ticks": end.ticks},
            "progress": 100,
        }
        for fault in job.faults:
            if fault.kind == "without":
                (video if fault.has("url") else body).pop(fault.words[0], None)
        return body

    def _stored(self, job: Job, end: End, at: str) -> dict[str, Any]:
        upload = self._folder.upload(end.file_id, time.time()) if end.file_id else None
        if job.ask.stored is None:
            return {}
        if upload is None:
            return {"storage_error": "the file is no longer kept"}
        return {"file_output": file_output(upload, public=job.ask.stored.public, life_s=job.ask.stored.public_s, at=at)}


def file_output(upload: Upload, *, public: bool, life_s: int | None, at: str) -> dict[str, Any]:
    """Return what is told of a result that is kept among the team's files."""
    entry: dict[str, Any] = {"file_id": upload.id, "filename": upload.filename}
    if upload.expires_at:
        entry["expires_at"] = upload.expires_at
    if public:
        entry["public_url"] = f"{at}/public/{upload.id}{'.jpeg' if upload.mime == 'image/jpeg' else '.mp4'}"
        if life_s:
            entry["public_url_expires_at"] = upload.created_at + life_s
    return entry


def _still_on(fault: Fault, time_no: int) -> bool:
    """Whether a fault that lasts for so many requests still holds at this one."""
    return len(fault.words) < 2 or fault.number is None or time_no <= fault.number


async def _dribbled(content: bytes) -> AsyncIterator[bytes]:
    """Give out a file in twenty pieces, four a second: a download of five seconds, whatever its size."""
    piece = len(content) // 20 + 1
    for start in range(0, len(content), piece):
        yield content[start : start + piece]
        await asyncio.sleep(0.25)


def _spoilt(fault: Fault, place: Path) -> Response:
    if fault.kind == "url":
        raise responses.page(int(fault.words[0]))
    content = place.read_bytes()
    match fault.words[0]:
        case "cut":
            return Broken(content[: len(content) // 2], promised=len(content), media_type="video/mp4")
        case "long":
            answer = Response(content, media_type="video/mp4")
            answer.headers["content-length"] = str(len(content) + 1000)
            return answer
        case "slow":
            size = {"content-length": str(len(content))}
            return StreamingResponse(_dribbled(content), media_type="video/mp4", headers=size)
        case "short":
            return Response(content[: len(content) // 2], media_type="video/mp4")
        case "html":
            page = responses.page(200)
            return Response(str(page.body), media_type="text/html")
        case "empty":
            return Response(b"", media_type="video/mp4")
        case _:
            return Response(bytes(b ^ 0x5A for b in content), media_type="video/mp4")
