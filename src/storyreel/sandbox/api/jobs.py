"""
The sandbox's memory: a folder of small files that any number of processes may share.

Every record is created whole and once (a temporary name, then a link), so a killed process leaves nothing half
written, and the first of two writers wins. Nothing is rendered here, and no answer is worded.

    posts.jsonl, accepted.jsonl     what came in, and what of it was accepted, in order
    jobs/<request id>.json          an accepted request
    put/<request id>                where its clip is to be put, until it has ended: a secret, for nobody else to read
    ends/<request id>.json          how it ended
    media/<request id>.mp4          its clip; stills are .jpeg
    content/<sha256>                bytes that came in data URIs and uploads
    files/<file id>.json            uploads and stored results
    answers/, marks/                what is repeated for an idempotency key; how often a marker has struck
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from storyreel.sandbox.api.records import End, Job, Upload

REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FILE_ID = re.compile(r"file_[0-9a-f-]{36}")
LITTER_S = 3600
"""Age at which a temporary file belongs to a process that is gone: no render takes an hour."""


class JobFolder:
    """The folder, with its ways in and out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("jobs", "put", "ends", "media", "content", "files", "answers", "marks", "unfinished"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._sweep()

    # --- what came in ---------------------------------------------------------------------------------------------

    def note_post(self, line: Mapping[str, Any]) -> None:
        """Record that a POST was received, whatever becomes of it."""
        self._append("posts.jsonl", line)

    def note_accepted(self, line: Mapping[str, Any]) -> None:
        """Record that a request was accepted, and would be charged."""
        self._append("accepted.jsonl", line)

    # --- jobs -----------------------------------------------------------------------------------------------------

    def add(self, job: Job, upload_url: str | None = None) -> None:
        """Keep an accepted request, and where its clip is to be put: any process may have to do that."""
        if upload_url is not None:
            self._create(self._put_to(job.request_id), upload_url.encode(), mode=0o600)
        self._create(self.folder / "jobs" / f"{job.request_id}.json", job.model_dump_json(indent=1).encode())

    def remove(self, job: Job) -> None:
        """Forget a job that nobody was told of."""
        self._put_to(job.request_id).unlink(missing_ok=True)
        (self.folder / "jobs" / f"{job.request_id}.json").unlink(missing_ok=True)

    def job(self, request_id: str) -> Job | None:
        """Return the job of this id."""
        text = _read(self.folder / "jobs" / f"{request_id}.json")
        return Job.model_validate_json(text) if text else None

    def upload_url(self, request_id: str) -> str | None:
        """Return where the clip of a job is to be put; None once that has been done."""
        address = _read(self._put_to(request_id))
        return address.decode() if address else None

    def finish(self, request_id: str, end: End) -> End:
        """Record how a job ended, unless somebody has already; return the end that stands."""
        self._create(self.folder / "ends" / f"{request_id}.json", end.model_dump_json(indent=1).encode())
        self._put_to(request_id).unlink(missing_ok=True)
        return self.end(request_id) or end

    def end(self, request_id: str) -> End | None:
        """Return how a job ended; None while it has not."""
        text = _read(self.folder / "ends" / f"{request_id}.json")
        return End.model_validate_json(text) if text else None

    # --- media ----------------------------------------------------------------------------------------------------

    def media(self, name: str) -> Path:
        """Return where a result lies, or is to lie."""
        return self.folder / "media" / name

    def fresh(self, name: str, now: float, life_s: float) -> Path | None:
        """Return a result that was finished no longer ago than this."""
        result = self.media(name)
        try:
            return result if now - result.stat().st_mtime <= life_s else None
        except FileNotFoundError:
            return None

    def unfinished(self, suffix: str) -> Path:
        """Return a name of one's own for a file that is still being written."""
        return self.folder / "unfinished" / f"{uuid4()}{suffix}"

    def publish(self, output: Path, name: str) -> Path:
        """Put a finished file in its place. If one is there already it stays, and this one goes."""
        place = self.media(name)
        try:
            os.link(output, place)
        except FileExistsError:
            pass
        finally:
            output.unlink(missing_ok=True)
        return place

    def keep(self, content: bytes) -> str:
        """Keep bytes under their sha256, and return that."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._create(self.content(sha256), content)
        return sha256

    def keep_file(self, path: Path) -> str:
        """Keep a file's content, as `keep` does."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        copy = self.unfinished("")
        shutil.copyfile(path, copy)
        try:
            os.link(copy, self.content(sha256))
        except FileExistsError:
            pass
        finally:
            copy.unlink()
        return sha256

    def content(self, sha256: str) -> Path:
        """Return where content of this sha256 lies."""
        return self.folder / "content" / sha256

    # --- files of the team ----------------------------------------------------------------------------------------

    def add_upload(self, upload: Upload) -> None:
        """Keep the record of an upload; its content is kept already."""
        self._create(self.folder / "files" / f"{upload.id}.json", upload.model_dump_json(indent=1).encode())

    def upload(self, file_id: str, now: float) -> Upload | None:
        """Return a file of the team that has not expired."""
        text = _read(self.folder / "files" / f"{file_id}.json") if FILE_ID.fullmatch(file_id) else None
        upload = Upload.model_validate_json(text) if text else None
        return upload if upload and (upload.expires_at is None or now < upload.expires_at) else None

    def uploads(self, now: float) -> list[Upload]:
        """Return the files of the team, the newest first."""
        uploads = (self.upload(path.stem, now) for path in (self.folder / "files").glob("file_*.json"))
        return sorted((u for u in uploads if u), key=lambda u: (u.created_at, u.id), reverse=True)

    def remove_upload(self, file_id: str) -> None:
        """Forget a file of the team. Its content stays, since a job may be made from it."""
        (self.folder / "files" / f"{file_id}.json").unlink(missing_ok=True)

    # --- what is remembered between two requests ------------------------------------------------------------------

    def answer(self, key: str) -> dict[str, Any] | None:
        """Return the answer that was given to an idempotency key."""
        text = _read(self._answer(key))
        return json.loads(text) if text else None

    def keep_answer(self, key: str, answer: Mapping[str, Any]) -> bool:
        """Remember the answer to an idempotency key; False if there is one already."""
        return self._create(self._answer(key), json.dumps(answer).encode())

    def strike(self, mark: str, times: int) -> bool:
        """Count one more of something that happens so many times; False when they are used up."""
        digest = hashlib.sha256(mark.encode()).hexdigest()[:32]
        return any(self._create(self.folder / "marks" / f"{digest}-{n}", b"") for n in range(1, times + 1))

    def _answer(self, key: str) -> Path:
        return self.folder / "answers" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _append(self, name: str, line: Mapping[str, Any]) -> None:
        # One write of one line in append mode: lines of several processes do not mix.
        to = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(to, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        finally:
            os.close(to)

    def _put_to(self, request_id: str) -> Path:
        return self.folder / "put" / request_id

    def _create(self, path: Path, content: bytes, *, mode: int = 0o666) -> bool:
        if path.exists():
            return False
        part = self.unfinished(".part")
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def _sweep(self) -> None:
        for path in self._litter(time.time() - LITTER_S):
            path.unlink(missing_ok=True)

    def _litter(self, before: float) -> Iterator[Path]:
        for path in (self.folder / "unfinished").iterdir():
            try:
                if path.is_file() and path.stat().st_mtime < before:
                    yield path
            except FileNotFoundError:
                continue


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
