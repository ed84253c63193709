"""
From a job to its end: check the media that go in, have the clip drawn, and say what it is and what it costs.

All of it blocks and belongs in a thread. How a picture looks is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from uuid import uuid4

from storyreel.catalog import Catalog
from storyreel.sandbox.api import responses
from storyreel.sandbox.api.faults import FAILED_CODES, SPOILT, Fault, charged, first
from storyreel.sandbox.api.handed_over import NotTaken, hand_over
from storyreel.sandbox.api.inputs import PLACEHOLDER_S, Inputs, Unusable, seconds_of
from storyreel.sandbox.api.jobs import JobFolder
from storyreel.sandbox.api.records import Ask, End, Job, Stored, Upload
from storyreel.sandbox.api.validation import VOICES, charge
from storyreel.sandbox.stage import clips

GRACE_S = 0.25
"""A container may be some frames longer than its nominal length; 15.04 s was accepted for 15 (probe of 2026-09-13)."""


class Renderer:
    """Brings the jobs of one folder to their ends. `extend_input_most_s`: the longest clip that may be extended."""

    def __init__(
        self,
        catalog: Catalog,
        folder: JobFolder,
        now: Callable[[], float],
        *,
        url_life_s: float,
        extend_input_most_s: float,
    ) -> None:
        self._catalog = catalog
        self._folder = folder
        self._now = now
        self._inputs = Inputs(folder, now, url_life_s)
        self._extend_input_most_s = extend_input_most_s

    def end_of(self, job: Job) -> End:
        """
        Bring a job to its end and return that end. Of two callers at once both may draw; the first to finish wins.

        Raises:
            MediaError: ffmpeg failed though the input was good; another try may pass.
        """
        if (end := self._folder.end(job.request_id)) is not None:
            return end
        try:
            end = self._scripted(job) or self._drawn(job)
        except Unusable as failure:
            end = End(status="failed", at=self._now(), code=failure.code, message=str(failure))
        except NotTaken as failure:
            end = End(status="failed", at=self._now(), code="internal_error", message=str(failure))
        return self._folder.finish(job.request_id, end)

    def still(self, ask: Ask, host: str, name: str, faults: Sequence[Fault] = ()) -> Path:
        """
        Draw one still and put it among the results, spoilt where a fault wants it so.

        Raises:
            Unusable: A picture that goes in cannot be read.
        """
        pictures = [self._inputs.picture(source, host) for source in ask.references]
        output = self._folder.unfinished(".jpeg")
        clips.still(ask.prompt, *still_size(ask, pictures), output, pictures)
        for fault in (fault for fault in faults if fault.kind in SPOILT):
            clips.spoil_still(fault.kind, output)
        return self._folder.publish(output, name)

    def store(self, wish: Stored, result: Path, mime: str) -> str:
        """Keep a result among the team's files, and return its id there."""
        now = int(self._now())
        upload = Upload(
            id=f"file_{uuid4()}",
            filename=wish.filename,
            bytes=result.stat().st_size,
            created_at=now,
            expires_at=now + wish.expires_s if wish.expires_s else None,
            purpose="",
            sha256=self._folder.keep_file(result),
            mime=mime,
        )
        self._folder.add_upload(upload)
        return upload.id

    def _scripted(self, job: Job) -> End | None:
        fault = first(job.faults, "failed", "moderated", "expired")
        if fault is None:
            return None
        if fault.kind == "failed":
            code = fault.words[0] if fault.words else "internal_error"
            message = FAILED_CODES.get(code, responses.UNREADABLE_PICTURE)
            return End(status="failed", at=self._now(), code="" if code == "bare" else code, message=message)
        ticks = charge(job.ask, self._catalog, input_seconds=PLACEHOLDER_S if job.ask.video else 0)
        status = "moderated" if fault.kind == "moderated" else "expired"
        return End(status=status, at=self._now(), ticks=charged(job.faults, ticks))

    def _drawn(self, job: Job) -> End:
        output = self._folder.unfinished(".mp4")
        try:
            match job.ask.operation:
                case "edit-video":
                    ticks = self._edit(job, output)
                case "extend-video":
                    ticks = self._extend(job, output)
                case _:
                    ticks = self._generate(job, output)
            self._spoil(job, output)
            clip = self._folder.publish(output, f"{job.request_id}.mp4")
        finally:
            output.unlink(missing_ok=True)
        if job.handed_over and (url := self._folder.upload_url(job.request_id)) is not None:
            hand_over(clip, url, job.faults)
        return End(
            status="done",
            at=self._now(),
            ticks=charged(job.faults, ticks),
            seconds=round(seconds_of(clip), 2),
            file_id=self.store(job.ask.stored, clip, "video/mp4") if job.ask.stored else None,
        )

    def _generate(self, job: Job, to: Path) -> int:
        ask = job.ask
        self._prompt(ask)
        opening = self._inputs.picture(ask.first_frame, job.host) if ask.first_frame else None
        others = [self._inputs.picture(source, job.host) for source in ask.references]
        resolution = ask.resolution or "480p"
        width, height = self._catalog.size(resolution, ask.aspect_ratio or "16:9")
        if opening:
            width, height = self._catalog.size_like(resolution, *clips.pixels(opening))
        shot = clips.Shot(ask.prompt, width, height, _seconds(job), ask.sound, tones=_tones(ask))
        pins = self._pins(job, shot)
        if opening and others:
            # What follows references and begins with a picture dissolves from it to them.
            shot = replace(shot, pins=(clips.Pin(opening, 0), *pins))
            clips.reference_to_video(shot, others, to)
            return charge(ask, self._catalog)
        shot = replace(shot, pins=pins)
        if opening:
            clips.image_to_video(shot, opening, to)
        elif others:
            clips.reference_to_video(shot, others, to)
        else:
            clips.text_to_video(shot, to)
        return charge(ask, self._catalog)

    def _pins(self, job: Job, shot: clips.Shot) -> tuple[clips.Pin, ...]:
        """Return the pictures that a clip is held to, each with its frame."""
        ask = job.ask
        pictures = [self._inputs.picture(source, job.host) for source in ask.pinned]
        seconds = ask.pinned_at or (None,) * len(pictures)  # of a job of an older sandbox nobody knows when
        frames = (shot.frames - 1 if at is None else round(at * shot.fps) for at in seconds)
        return tuple(clips.Pin(picture, frame) for picture, frame in zip(pictures, frames, strict=True))

    def _spoil(self, job: Job, clip: Path) -> None:
        """Spoil a clip in its place, once for each fault that wants it so."""
        for fault in (fault for fault in job.faults if fault.kind in SPOILT):
            spoilt = self._folder.unfinished(".mp4")
            try:
                seam = seconds_of(clip) - _seconds(job) if job.ask.operation == "extend-video" else 0.0
                clips.spoil_clip(fault.kind, clip, spoilt, last_s=fault.number, seam_s=seam)
                spoilt.replace(clip)
            finally:
                spoilt.unlink(missing_ok=True)

    def _edit(self, job: Job, to: Path) -> int:
        self._prompt(job.ask)
        clip = self._inputs.clip(job.ask.video, job.host, responses.UNREADABLE_EDIT)
        limit = self._catalog.video[job.ask.model].edit_input
        if limit and clip.seconds > limit.most + GRACE_S:
            raise Unusable(f"Input video must be at most {limit.most:g} seconds long")
        clips.edit_video(job.ask.prompt, clip.path, to)
        return charge(job.ask, self._catalog, resolution=clip.resolution, input_seconds=clip.seconds)

    def _extend(self, job: Job, to: Path) -> int:
        ask, model = job.ask, self._catalog.video[job.ask.model]
        if model.extend_adds and ask.seconds not in model.extend_adds:
            least, most = model.extend_adds.least, model.extend_adds.most
            raise Unusable(f"Duration must be between {least:g} and {most:g} seconds")
        self._prompt(ask)
        clip = self._inputs.clip(ask.video, job.host, responses.UNREADABLE_EXTENSION)
        least = model.extend_input.least if model.extend_input else 0.0
        most = self._extend_input_most_s
        if not least - GRACE_S <= clip.seconds <= most + GRACE_S:
            raise Unusable(f"Input video must be between {least:g} and {most:g} seconds long")
        clips.extend_video(ask.prompt, clip.path, _seconds(job), to)
        return charge(ask, self._catalog, resolution=clip.resolution, input_seconds=clip.seconds)

    def _prompt(self, ask: Ask) -> None:
        if ask.operation not in ("image-to-video", "reference-to-video") and not ask.prompt.strip():
            raise Unusable(responses.PROMPT_EMPTY)
        if len(ask.prompt) > self._catalog.prompt_characters:
            raise Unusable(f"Prompt is too long. The maximum is {self._catalog.prompt_characters} characters.")


def still_size(ask: Ask, pictures: Sequence[Path]) -> tuple[int, int]:
    """
    Return the pixels of a still: about a million for 1k, four million for 2k, in the asked ratio.

    The edit of one picture follows that picture; of several it follows the first, unless a ratio is asked for.
    """
    asked = ask.aspect_ratio if ask.aspect_ratio != "auto" and len(pictures) != 1 else None
    if asked:
        across, down = (float(part) for part in asked.split(":"))
    elif pictures:
        across, down = clips.pixels(pictures[0])
    else:
        across, down = 1, 1
    side = 2048 if ask.resolution == "2k" else 1024
    width = side * sqrt(across / down)
    return max(16, round(width / 16) * 16), max(16, round(side * side / width / 16) * 16)


def _tones(ask: Ask) -> tuple[float, ...]:
    """Return the tones of a request's voices; one that is given by its address has that of no name."""
    return tuple(clips.tone_of(voice, VOICES) for voice in ask.voices)


def _seconds(job: Job) -> float:
    """Return how long the new part is drawn: as asked, unless a fault makes it longer or shorter."""
    seconds = float(job.ask.seconds)
    if fault := first(job.faults, "longer"):
        seconds += fault.number or 1
    if fault := first(job.faults, "shorter"):
        seconds -= fault.number or 1
    return max(seconds, 0.5)
