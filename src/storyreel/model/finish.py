"""
How a film is handed over: in which codec, at which rate, and what is laid over all of its pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from storyreel.model.footage import Footage

Codec = Literal["h264", "h265", "prores"]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]
"""Where a watermark stands."""
CONTAINERS = (".mp4", ".mov")
"""What the name of a film may end with."""


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

    def of(self, fps: Fraction) -> Finish:
        """Return the same for a film of this rate: one that it has already is none to be asked for."""
        return replace(self, rate=None) if self.rate == fps else self

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes a difference to what comes out, whatever its files are called."""
        laid = self.overlay
        return {
            "codec": self.codec,
            "rate": None if self.rate is None else str(self.rate),
            "burn_in": self.burn_in,
            "overlay": None if laid is None else [laid.picture.sha256, laid.place, laid.opacity],
        }


AS_CUT = Finish()
"""The film is handed over as it is cut."""


@dataclass(frozen=True)
class Shown:
    """
    What is burnt into a film from one of its frames on: what it shows there, a step or a scene, and the request that made it; of what
    nobody asked for, what it is: the name of a file, or `card`.
    """

    first_frame: int
    what: str
    source: str
