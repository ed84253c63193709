"""
What was seen to be wrong with a clip or a still when it came: a remark with its seconds, never a reason to refuse it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storyreel.model.recipe import Frozen

MarkKind = Literal["black", "frozen", "silent", "clipped", "bars", "length", "rate", "size", "seam"]


class Mark(Frozen):
    """One thing that was seen, and from when to when, in seconds of the clip; of a still, and of what concerns a whole clip, all of it."""

    kind: Annotated[
        MarkKind,
        Field(
            description="black, frozen: the picture. silent: no sound where sound was asked for. clipped: sound at its limit. bars: "
            "that were not asked for. length, rate, size: other than asked. seam: a jump where an extension begins."
        ),
    ]
    start: Annotated[float, Field(ge=0, description="Where it begins, in seconds of the clip.")]
    end: Annotated[float, Field(ge=0, description="Where it ends.")]

    def __str__(self) -> str:
        """Return it as one word: `black@1.5-3`."""
        return f"{self.kind}@{self.start:g}-{self.end:g}"
