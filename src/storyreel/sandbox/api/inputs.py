"""
The media that go into a job: found in the sandbox's own folder, or painted in place of what is elsewhere.

The sandbox touches no network. Its own results, uploads and data URIs are read from its folder; any other address is
stood for by a picture or clip painted from the address's words, so that storyboards with addresses can be rehearsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from storyreel.errors import MediaError
from storyreel.sandbox.api import responses
from storyreel.sandbox.api.jobs import JobFolder
from storyreel.sandbox.api.records import Source
from storyreel.sandbox.stage import clips

PLACEHOLDER_SIZE = (848, 480)
PLACEHOLDER_S = 6.0
EDIT_LINES = 720
"""Edits and extensions are capped at 720p: docs.x.ai video editing, Oct 2026."""

Draw = Callable[[str, Path], None]


class Unusable(Exception):
    """The job fails: what went in cannot be used. Carries the code and the message that the poll shows."""

    def __init__(self, message: str, code: str = "invalid_argument") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class ClipIn:
    """A clip that goes in: where it lies and how long it is, and the resolution that it is charged as."""

    path: Path
    seconds: float
    resolution: str


class Inputs:
    """What goes into the jobs of one folder. `url_life_s` is for how long its own results can be named by address."""

    def __init__(self, folder: JobFolder, now: Callable[[], float], url_life_s: float) -> None:
        self._folder = folder
        self._now = now
        self._url_life_s = url_life_s

    def picture(self, source: Source, host: str) -> Path:
        """
        Return a picture that opens.

        Raises:
            Unusable: There is none, or it is no picture.
        """
        file = self._own(source, host, responses.UNREADABLE_PICTURE)
        if file is None:
            address = _address(source, responses.UNREADABLE_PICTURE)
            file = self._stand_in(address, ".jpeg", lambda words, to: clips.still(words, *PLACEHOLDER_SIZE, to))
        if not clips.is_picture(file):
            raise Unusable(responses.UNREADABLE_PICTURE)
        return file

    def clip(self, source: Source | None, host: str, complaint: str) -> ClipIn:
        """
        Return a clip of at most 720 lines, and its measures.

        Raises:
            Unusable: There is none, or it is no clip; says `complaint`.
        """
        if source is None:
            raise Unusable(complaint)
        file = self._own(source, host, complaint)
        if file is None:
            file = self._stand_in(_address(source, complaint), ".mp4", _draw_clip)
        try:
            rush = clips.measure(file)
            if min(rush.width, rush.height) > EDIT_LINES:
                file = self._stand_in(
                    f"{file} at {EDIT_LINES}", ".mp4", lambda _, to: clips.shrink(rush.path, EDIT_LINES, to)
                )
        except MediaError:
            raise Unusable(complaint) from None
        lines = min(rush.width, rush.height)
        return ClipIn(file, float(rush.frames / rush.fps), "480p" if lines <= 480 else "720p")

    def _own(self, source: Source, host: str, complaint: str) -> Path | None:
        """Return what lies in our own folder; None if the source is an address elsewhere."""
        if source.sha256 is not None:
            if not source.sha256:
                raise Unusable(complaint)
            return self._folder.content(source.sha256)
        if source.file_id is not None:
            upload = self._folder.upload(source.file_id, self._now())
            if upload is None:
                raise Unusable(f"File {source.file_id} was not found.")
            return self._folder.content(upload.sha256)
        parts = urlsplit(source.url or "")
        # Its name alone tells: the same folder may be served at another address than when the clip was made.
        named = re.fullmatch(r"/media/([\w-]+\.(?:mp4|jpeg))", parts.path)
        if named and (result := self._folder.fresh(named[1], self._now(), self._url_life_s)):
            return result
        stored = re.fullmatch(r"/(?:public/|v1/files/)(file_[0-9a-f-]{36})(?:\.\w+|/content)", parts.path)
        if stored and (upload := self._folder.upload(stored[1], self._now())):
            return self._folder.content(upload.sha256)
        if parts.netloc == host:
            raise Unusable(complaint)
        return None

    def _stand_in(self, address: str, suffix: str, draw: Draw) -> Path:
        """Return what stands for a file that is not to be had: drawn once, then kept."""
        name = f"for-{uuid5(NAMESPACE_URL, address)}{suffix}"
        if (there := self._folder.media(name)).is_file():
            return there
        output = self._folder.unfinished(suffix)
        draw(_words(address), output)
        return self._folder.publish(output, name)


def seconds_of(clip: Path) -> float:
    """Return the length of a clip's picture."""
    rush = clips.measure(clip)
    return float(rush.frames / rush.fps)


def _address(source: Source, complaint: str) -> str:
    parts = urlsplit(source.url or "")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Unusable(complaint)
    return source.url or ""


def _words(address: str) -> str:
    """Return the words of an address: `https://example.com/old-mill_dusk.png` speaks of an old mill at dusk."""
    parts = urlsplit(address)
    path = unquote(parts.path).rpartition(".")[0] or unquote(parts.path)
    return " ".join(re.findall(r"[^\W_]+", path)) or (parts.hostname or address)


def _draw_clip(words: str, to: Path) -> None:
    clips.text_to_video(clips.Shot(words, *PLACEHOLDER_SIZE, PLACEHOLDER_S, True), to)
