"""
Say which channels sound has.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.audio.layout import AudioLayout

OWN_ORDER = re.compile(r"\d+ channels \((.+)\)")


@dataclass(frozen=True)
class Channels:
    """`count` of them; `name` is for people, `order` what a filter of ffmpeg's is told."""

    count: int
    name: str
    order: str


def channels_of(layout: AudioLayout) -> Channels:
    """Return the channels of a stream or of a frame: ffmpeg's usual order of so many, where only their number is told."""
    # PyAV 18 frees a stream's own list of channels with every object that names it. One that is never freed does no harm.
    if own := OWN_ORDER.fullmatch(layout.name):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))
        return Channels(layout.nb_channels, f"{layout.nb_channels} channels", own[1])
    if layout.name.endswith(" channels"):
        count = layout.nb_channels
        return Channels(count, {1: "mono", 2: "stereo"}.get(count, layout.name), f"{count}c")
    return Channels(layout.nb_channels, layout.name, layout.name)
