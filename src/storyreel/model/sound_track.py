"""
A sound track of a clip, as its file describes it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SoundTrack:
    """
    One of a file's sound tracks.

    `number` counts the file's sound tracks from 1. `language` (as written there, often ISO 639-2) and `title` are empty
    where it tells none. `layout` is ffmpeg's word for its channels: `mono`, `stereo`, `5.1(side)`.
    """

    number: int
    language: str
    title: str
    channels: int
    layout: str

    def __str__(self) -> str:
        words = ", ".join(filter(None, [self.language, self.title, self.layout]))
        return f"{self.number} ({words})" if words else str(self.number)
