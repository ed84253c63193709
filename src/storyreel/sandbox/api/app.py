"""
The sandbox's paths: which of them there are, who may use them, and who answers.

The work is done beside: `json_errors` and `validation` read a body, `submit` takes it in, `worker_pool` and `render` make
the clip, `results` give it out.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storyreel.catalog import Catalog
from storyreel.sandbox import SandboxSettings
from storyreel.sandbox.api import model_lists, responses, validation
from storyreel.sandbox.api.faults import Fault, charged, first
from storyreel.sandbox.api.handed_over import upload_url
from storyreel.sandbox.api.inputs import Unusable
from storyreel.sandbox.api.jobs import JobFolder
from storyreel.sandbox.api.json_errors import Fields
from storyreel.sandbox.api.middleware import Door
from storyreel.sandbox.api.records import Ask, End, Job
from storyreel.sandbox.api.render import Renderer
from storyreel.sandbox.api.results import Broken, Results, base, file_output
from storyreel.sandbox.api.submit import Envelope, NoAnswer, Submits, break_in
from storyreel.sandbox.api.uploads import Uploads
from storyreel.sandbox.api.worker_pool import WorkerPool

Handler = Callable[[Request], Awaitable[Response]]


def build(settings: SandboxSettings, catalog: Catalog) -> Starlette:
    """Return the sandbox as an ASGI app."""
    folder = JobFolder(settings.folder)
    endpoints = Endpoints(settings, catalog, folder)
    uploads = Uploads(folder)

    def post(path: str, handler: Handler) -> Route:
        return Route(path, endpoints.keyed(handler), methods=["POST"])

    def get(path: str, handler: Handler) -> Route:
        return Route(path, endpoints.keyed(handler), methods=["GET"])

    app = Starlette(
        routes=[
            post("/v1/videos/generations", endpoints.generation),
            post("/v1/videos/edits", endpoints.edit),
            post("/v1/videos/extensions", endpoints.extension),
            get("/v1/videos/{request_id}", endpoints.poll),
            post("/v1/images/generations", endpoints.still),
            post("/v1/images/edits", endpoints.still_edit),
            get("/v1/video-generation-models", endpoints.video_models),
            get("/v1/video-generation-models/{name}", endpoints.video_models),
            get("/v1/image-generation-models", endpoints.still_models),
            get("/v1/image-generation-models/{name}", endpoints.still_models),
            get("/v1/models", endpoints.models),
            get("/v1/api-key", endpoints.api_key),
            get("/v1/me", endpoints.me),
            post("/v1/files", uploads.add),
            get("/v1/files", uploads.all),
            get("/v1/files/{file_id}", uploads.one),
            Route("/v1/files/{file_id}", endpoints.keyed(uploads.remove), methods=["DELETE"]),
            get("/v1/files/{file_id}/content", uploads.content),
            Route("/media/{name}", endpoints.results.media, methods=["GET"]),
            Route("/public/{file_id}", uploads.public, methods=["GET"]),
        ],
        middleware=[Middleware(Door, folder=folder)],
        exception_handlers={
            responses.Refused: _refused,
            NoAnswer: _no_answer,
            404: _unknown_path,
            405: _wrong_method,
        },
    )
    app.router.redirect_slashes = False
    return app


class Endpoints:
    """Answers requests, once the key is seen."""

    def __init__(self, settings: SandboxSettings, catalog: Catalog, folder: JobFolder) -> None:
        self._settings = settings
        self._catalog = catalog
        self._folder = folder
        self._submits = Submits(settings, folder)
        self._renderer = Renderer(
            catalog,
            folder,
            time.time,
            url_life_s=settings.url_life_s,
            extend_input_most_s=settings.extend_input_most_s,
        )
        self.results = Results(settings, catalog, folder, WorkerPool(self._renderer.end_of, self._give_up).begin)

    def keyed(self, handler: Handler) -> Handler:
        """Let a request through to its handler only with a key that is taken."""

        async def answer(request: Request) -> Response:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not key.strip():
                raise responses.no_key()
            only = self._settings.key
            taken = not key.startswith("wrong") if only is None else hmac.compare_digest(key.encode(), only.encode())
            if not taken:
                raise responses.wrong_key()
            return await handler(request)

        return answer

    async def generation(self, request: Request) -> Response:
        """Take in a request for a new clip."""
        fields = await _fields(request)
        ask = validation.read_generation(fields, self._catalog, old_ratios=self._settings.old_ratios)
        return await self._video(request, fields, ask)

    async def edit(self, request: Request) -> Response:
        """Take in a request for the edit of a clip."""
        fields = await _fields(request)
        return await self._video(request, fields, validation.read_edit(fields, self._catalog))

    async def extension(self, request: Request) -> Response:
        """Take in a request for the continuation of a clip."""
        fields = await _fields(request)
        return await self._video(request, fields, validation.read_extension(fields, self._catalog))

    async def still(self, request: Request) -> Response:
        """Draw stills."""
        return await self._stills(request, validation.read_still(await _fields(request), self._catalog, edit=False))

    async def still_edit(self, request: Request) -> Response:
        """Draw stills from pictures."""
        return await self._stills(request, validation.read_still(await _fields(request), self._catalog, edit=True))

    async def poll(self, request: Request) -> Response:
        """Answer a poll."""
        return self.results.poll(request)

    async def video_models(self, request: Request) -> Response:
        """List the video models, or tell about one."""
        model = self._catalog.video_model(request.path_params.get("name", ""))
        return _listed(request, model_lists.video_models(self._catalog), model.name if model else None)

    async def still_models(self, request: Request) -> Response:
        """List the models for stills, or tell about one."""
        model = self._catalog.still_model(request.path_params.get("name", ""))
        return _listed(request, model_lists.still_models(self._catalog), model.name if model else None)

    async def models(self, _: Request) -> Response:
        """List all models in the short shape."""
        return JSONResponse(model_lists.all_models(self._catalog))

    async def api_key(self, _: Request) -> Response:
        """Tell about the key: free, and proof that it is taken."""
        return JSONResponse(model_lists.api_key())

    async def me(self, _: Request) -> Response:
        """Tell who asks."""
        return JSONResponse(model_lists.me(zero_retention=self._settings.zero_retention))

    async def _video(self, request: Request, fields: Fields, ask: Ask) -> Response:
        put_to = upload_url(fields, wanted=self._settings.zero_retention)
        envelope = _envelope(request)
        if (answer := self._submits.repeated(envelope)) is not None:
            return JSONResponse(answer)
        self._submits.pace(ask.model)
        ask, faults = self._submits.faults_for(ask)
        break_in(faults, ask.model, after=False)
        job = await asyncio.to_thread(self._submits.accept, ask, faults, envelope, put_to)
        break_in(faults, ask.model, after=True)
        return JSONResponse({"request_id": job.request_id})

    async def _stills(self, request: Request, ask: Ask) -> Response:
        envelope = _envelope(request)
        if (answer := self._submits.repeated(envelope)) is not None:
            return JSONResponse(answer)
        ask, faults = self._submits.faults_for(ask)
        break_in(faults, ask.model, after=False)
        request_id = str(uuid4())
        self._submits.note(request_id, envelope)
        if (slow := first(faults, "slow")) and slow.number:
            await asyncio.sleep(slow.number)
        ticks = charged(faults, validation.charge(ask, self._catalog))
        if first(faults, "moderated"):
            raise responses.moderated_still(ticks)
        if first(faults, "failed"):
            raise responses.page(500)
        ask = await asyncio.to_thread(self._submits.settled, ask)
        try:
            data = [await asyncio.to_thread(self._still, ask, n, request_id, request, faults) for n in range(ask.count)]
        except Unusable as failure:
            raise responses.invalid(str(failure)) from None
        answer = {"data": data, "usage": {"cost_in_usd_ticks": ticks}}
        stands = self._submits.remember(envelope, answer)
        break_in(faults, ask.model, after=True)
        return JSONResponse(stands, headers={"x-request-id": request_id})

    def _still(
        self, ask: Ask, number: int, request_id: str, request: Request, faults: Sequence[Fault]
    ) -> dict[str, Any]:
        name = f"{request_id}-{number}.jpeg" if number else f"{request_id}.jpeg"
        # Several stills of one request are to differ, as they would.
        words = ask if number == 0 else ask.model_copy(update={"prompt": f"{ask.prompt} ({number + 1})"})
        picture = self._renderer.still(words, request.url.netloc, name, faults)
        if ask.inline:
            entry: dict[str, Any] = {"b64_json": base64.b64encode(picture.read_bytes()).decode()}
        else:
            entry = {"url": f"{base(request)}/media/{name}"}
        entry["mime_type"] = "image/jpeg"
        if not ask.inline:
            entry |= {"revised_prompt": "", "respect_moderation": True}
        if ask.stored:
            file_id = self._renderer.store(ask.stored, picture, "image/jpeg")
            if upload := self._folder.upload(file_id, time.time()):
                entry["file_output"] = file_output(
                    upload, public=ask.stored.public, life_s=ask.stored.public_s, at=base(request)
                )
        return entry

    def _give_up(self, job: Job, error: Exception) -> None:
        message = f"The sandbox could not render this: {error}"
        self._folder.finish(
            job.request_id, End(status="failed", at=time.time(), code="internal_error", message=message)
        )


async def _fields(request: Request) -> Fields:
    return Fields(await request.body(), request.headers.get("content-type", ""))


def _envelope(request: Request) -> Envelope:
    return Envelope(request.url.path, request.url.netloc, request.headers.get("idempotency-key"))


def _listed(request: Request, entries: list[dict[str, Any]], name: str | None) -> Response:
    if "name" not in request.path_params:
        return JSONResponse({"models": entries})
    for entry in entries:
        if entry["id"] == name:
            return JSONResponse(entry)
    raise responses.unknown_model(request.path_params["name"])


async def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, responses.Refused)
    if refusal.body is None:
        return Response(status_code=refusal.status, headers=refusal.headers)
    if isinstance(refusal.body, str):
        return Response(refusal.body, refusal.status, refusal.headers, refusal.kind)
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def _no_answer(_: Request, __: Exception) -> Response:
    return Broken(promised=2)


async def _unknown_path(_: Request, __: Exception) -> Response:
    return JSONResponse(responses.NOT_FOUND, 404)


async def _wrong_method(_: Request, __: Exception) -> Response:
    return Response(status_code=405)
