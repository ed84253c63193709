"""
How a film is handed over: in which codec, at which rate, and what is laid over all of its pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from storyreel.model.footage import Footage

Codec = Literal["h264", "h265", "prores"]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]
"""Where a watermark stands."""


@dataclass(frozen=True)
class Overlay:
    """A picture of a person's own that lies over all of a film, a watermark or a logo; `opacity` is from 0 to 1."""

    picture: Footage
    place: Corner
    opacity: float


@dataclass(frozen=True)
class Finish:
    """
    What is made of a film once it is cut.

    Args:
        rate: Frames a second; None for those that it has.
        burn_in: Whether timecode, step and request id are written into its pictures.
    """

    codec: Codec = "h264"
    rate: Fraction | None = None
    burn_in: bool = False
    overlay: Overlay | None = None

    @property
    def container(self) -> str:
        """What the file's name ends with."""
        return ".mov" if self.codec == "prores" else ".mp4"


AS_CUT = Finish()
"""The film is handed over as it is cut."""
