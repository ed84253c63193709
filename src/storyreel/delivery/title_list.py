"""
The titles of a film as its cut list has them: what stands where and when, and what there is to remark.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from storyreel.model.drawn import Place
from storyreel.model.recipe import Frozen
from storyreel.model.shot import Shot
from storyreel.model.spans import to_frames
from storyreel.model.timeline import ResolvedShot, ResolvedTimeline, Timeline
from storyreel.model.words import Title


class CutTitle(Frozen):
    """Words over the picture of a shot, in seconds of the film; `frames` of them from its frame `first_frame` on."""

    text: str
    place: Place
    start: float
    end: float
    first_frame: int
    frames: int


def cut_titles(asked: Shot, resolved: ResolvedShot, fps: Fraction) -> tuple[CutTitle, ...]:
    """Return the titles of a shot that are seen, in the order in which they are written."""
    spans = [(title, *title.span(resolved.frames, fps)) for title in asked.titles]
    return tuple(
        CutTitle(
            text=title.text,
            place=title.place,
            start=round(float((resolved.first_frame + first) / fps), 6),
            end=round(float((resolved.first_frame + end) / fps), 6),
            first_frame=resolved.first_frame + first,
            frames=end - first,
        )
        for title, first, end in spans
        if first < end
    )


def title_remarks(timeline: Timeline, film: ResolvedTimeline) -> Iterator[str]:
    """
    Yield a sentence on each title that is not seen, or ends early, because the clip under it turned out shorter.

    Args:
        timeline: The film in asked seconds.
        film: The same in frames.
    """
    for shot, resolved in zip(timeline.picture, film.picture, strict=True):
        for title in shot.titles:
            wanted = title.span(to_frames(shot.seconds, film.fps), film.fps)[1]
            first, end = title.span(resolved.frames, film.fps)
            length = f"{float(resolved.frames / film.fps):.2f} s"
            if first == end:
                yield (
                    f"the title {_quoted(title)} would begin {title.at:g} s into '{shot.scene}', which came out {length} long: "
                    "it is not seen"
                )
            elif title.duration is not None and end < wanted:
                yield (
                    f"the title {_quoted(title)} ends with '{shot.scene}', which came out {length} long; it was to stand until "
                    f"{float(wanted / film.fps):.2f} s"
                )


def _quoted(title: Title) -> str:
    return f"'{' '.join(title.text.split())}'"
