"""
Films of one storyboard that differ by its words: what each of them has of its own.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from storyreel.storyboard.fields.vars import Vars
from storyreel.storyboard.fields.words import About, Part, Pin, SceneId, Take


class VariantScene(Part):
    """Which takes a variant has of a scene."""

    TITLE: ClassVar[str] = "A scene of a variant"
    IN: ClassVar[str] = "in a scene of a variant"

    take: Take | None = None
    """Another number is another attempt at the scene's video, and another purchase; default: the scene's own."""
    pin: Pin | None = None
    """A request id: this variant uses that take and never buys."""


class Variant(Part):
    """One of the films that a storyboard is: its own words, and nothing else of its own."""

    TITLE: ClassVar[str] = "An entry of `variants`"
    IN: ClassVar[str] = "in a variant"

    vars: Annotated[Vars, About("a mapping of names to values")] = {}
    """Other values for some of the storyboard's vars, by the names that these have there."""
    scenes: Annotated[dict[SceneId, VariantScene], About("a mapping of scenes' ids to `take` and `pin`")] = {}
    """Which takes it has of scenes, by their ids."""
