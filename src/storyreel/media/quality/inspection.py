"""
What was measured of a clip's picture and sound when it was looked at: enough to judge it by, whatever the limits are then.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from storyreel.model.recipe import Frozen

VERSION: Literal[1] = 1
"""Of the way in which a clip is looked at. Another way is another version: what was measured before is measured anew."""
ACROSS, DOWN = 128, 72
"""Samples of the reduced picture that is looked at, whatever the clip's own ratio."""
WINDOW_S = 0.05
"""How long the windows are in which sound is measured."""
SILENCE_DB = -120
"""The level of no sound at all."""

Level = Annotated[int, Field(ge=0, le=255)]
Share = Annotated[float, Field(ge=0, le=1)]


class Bars(Frozen):
    """Black bars that stand at the edges of a whole clip, as shares of its height and width."""

    top: Share = 0.0
    bottom: Share = 0.0
    left: Share = 0.0
    right: Share = 0.0


class Inspection(Frozen):
    """
    What was measured of a clip, or of a still: one frame, no sound.

    Args:
        seconds: Its length; 0 for a still.
        rate: Frames a second; 0 for a still, or where they come unevenly.
        width: In square pixels.
        height: In square pixels.
        at_ms: When each frame that was looked at is shown, from the clip's beginning.
        brightest: The brightest sample of each frame, as its luma.
        moved: Samples of each frame that differ from what was shown a second before.
        stepped: How much each frame differs from the one before, in tenths of a level on an average.
        bars: At its edges, from beginning to end.
        heard: Whether it has a sound track.
        loudness_db: Of each window of sound, its RMS in dBFS, of the loudest channel.
        at_limit: Samples of each window that stand at full scale in a row, per mille, of the worst channel.
    """

    version: Literal[1] = VERSION
    seconds: Annotated[float, Field(ge=0)]
    rate: Annotated[float, Field(ge=0)]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    at_ms: tuple[int, ...] = ()
    brightest: tuple[Level, ...] = ()
    moved: tuple[int, ...] = ()
    stepped: tuple[int, ...] = ()
    bars: Bars = Bars()
    heard: bool = False
    loudness_db: tuple[int, ...] = ()
    at_limit: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _of_the_same_frames(self) -> Inspection:
        """Refuse what was damaged since: from part of its frames a clip would be judged, and money follow from that."""
        if not 1 <= len(self.at_ms) == len(self.brightest) == len(self.moved) == len(self.stepped):
            raise ValueError("not every frame was measured in all ways")
        return self

    def as_bytes(self) -> bytes:
        """Return it as it is kept."""
        return self.model_dump_json().encode() + b"\n"
