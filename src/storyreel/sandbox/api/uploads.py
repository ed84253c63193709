"""
The team's files: upload, list, look, fetch, remove.

Their content is kept by its sha256; the life of an upload is counted from when it came in.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from storyreel.sandbox.api import responses
from storyreel.sandbox.api.jobs import JobFolder
from storyreel.sandbox.api.records import Upload

LIFE_S = (3600, 2592000)  # what expires_after may be: docs.x.ai files, June 2026


class Uploads:
    """The files that one folder keeps for its team."""

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder

    async def add(self, request: Request) -> Response:
        """
        Take an upload in.

        Raises:
            Refused: It is no multipart form, lacks the file, or is to live too long or too short.
        """
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise responses.Refused(415, "Expected request with `Content-Type: multipart/form-data`")
        async with request.form() as form:
            file, life, purpose = form.get("file"), form.get("expires_after"), form.get("purpose")
            if not isinstance(file, UploadFile):
                raise responses.invalid("The `file` part is missing.")
            life_s = _life(life)
            content = await file.read()
            now = int(time.time())
            upload = Upload(
                id=f"file_{uuid4()}",
                filename=file.filename or "file",
                bytes=len(content),
                created_at=now,
                expires_at=now + life_s if life_s else None,
                purpose=purpose if isinstance(purpose, str) else "",
                sha256=self._folder.keep(content),
                mime=file.content_type or "application/octet-stream",
            )
        self._folder.add_upload(upload)
        return JSONResponse(file_entry(upload))

    async def all(self, _: Request) -> Response:
        """List the files."""
        return JSONResponse(
            {"data": [file_entry(u) for u in self._folder.uploads(time.time())], "pagination_token": None}
        )

    async def one(self, request: Request) -> Response:
        """Tell about one file."""
        return JSONResponse(file_entry(self._find(request)))

    async def content(self, request: Request) -> Response:
        """Give out the bytes of one file."""
        upload = self._find(request)
        return FileResponse(self._folder.content(upload.sha256), media_type=upload.mime)

    async def public(self, request: Request) -> Response:
        """Give out the bytes of a stored result at its public address, which needs no key."""
        return await self.content(request)

    async def remove(self, request: Request) -> Response:
        """Remove one file."""
        upload = self._find(request)
        self._folder.remove_upload(upload.id)
        return JSONResponse({"id": upload.id, "object": "file", "deleted": True})

    def _find(self, request: Request) -> Upload:
        file_id: str = request.path_params["file_id"].partition(".")[0]
        upload = self._folder.upload(file_id, time.time())
        if upload is None:
            raise responses.Refused(404, {"code": "not-found", "error": f"File {file_id} was not found."})
        return upload


def file_entry(upload: Upload) -> dict[str, Any]:
    """Return what is told about a file."""
    return {
        "id": upload.id,
        "object": "file",
        "bytes": upload.bytes,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
        "filename": upload.filename,
        "purpose": upload.purpose,
    }


def _life(value: object) -> int | None:
    if value is None:
        return None
    least, most = LIFE_S
    if not isinstance(value, str) or not value.isdecimal() or not least <= int(value) <= most:
        raise responses.invalid(f"expires_after must be between {least} and {most} seconds")
    return int(value)
