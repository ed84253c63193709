"""
What was exported, as data: what `storyreel export --json` prints. docs/export.schema.json is made from it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storyreel.model.recipe import Frozen, ServiceName


class FormatData(Frozen):
    """One format of a timeline."""

    name: str
    file: Annotated[
        str | None,
        Field(description="Its place in the folder; null where it cannot be written, which `notes` explain."),
    ]
    notes: Annotated[tuple[str, ...], Field(description="What of the film is not in it, by name.")]


class ExportData(Frozen):
    """A film that was exported. All places are in its folder."""

    name: Annotated[
        str, Field(description="What its files are called: the slug, the delivery, `sandbox` of a rehearsal.")
    ]
    slug: str
    delivery: Annotated[str | None, Field(description="null for the master.")]
    service: ServiceName
    folder: str
    fps: float
    frames: int
    seconds: float
    was_cut: Annotated[
        bool,
        Field(description="Whether the film itself was made before; else its timeline was reckoned from its clips."),
    ]
    formats: tuple[FormatData, ...]
    clips: tuple[str, ...]
    stems: tuple[str, ...]
    captions: tuple[str, ...]
    changed: Annotated[tuple[str, ...], Field(description="What was written now; empty where all of it was there.")]
    removed: Annotated[
        tuple[str, ...], Field(description="What an export before had written, and is not part of it any more.")
    ]
    notes: Annotated[
        tuple[str, ...], Field(description="What else there is to know: of the film, its sound and its clips.")
    ]


class ExportsData(Frozen):
    """What was exported: one film, or one for each variant and delivery that was asked for."""

    version: Literal[1] = 1
    exports: tuple[ExportData, ...]
