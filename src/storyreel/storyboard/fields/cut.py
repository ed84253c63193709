"""
The cut: which seconds of which scenes the film shows, in which order, and how one follows the other.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from storyreel.storyboard.fields.words import NOT_EMPTY, About, Begin, End, Part, SceneId


class Trim(Part):
    """The seconds of own footage that are used."""

    TITLE: ClassVar[str] = "`trim`"
    IN: ClassVar[str] = "in a trim"

    start: Begin = 0.0
    """Seconds from the beginning of the file."""
    end: End | None = None
    """Seconds from the beginning of the file; default: all of it."""


class Cut(Part):
    """The film's scenes in their order."""

    TITLE: ClassVar[str] = "`cut`"
    IN: ClassVar[str] = "in the cut"
    INTO: ClassVar[str] = "into `cut`"

    order: Annotated[list[SceneId], NOT_EMPTY, About("a list of scene ids")] | None = None
    """Ids of the scenes that the film shows, each once; default: all, as listed."""
