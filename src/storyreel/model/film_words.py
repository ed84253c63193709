"""
What is read of a film beside its picture: its captions and its chapters, as it was asked for or as it was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from storyreel.model.captions import (
    Caption,
    Say,
    SpokenShot,
    columns_within,
    letters_percent,
    of_file,
    placed,
    spoken,
)
from storyreel.model.line_breaks import wrapped
from storyreel.model.recipe import Frozen
from storyreel.model.shot import Shot
from storyreel.model.spans import span_of
from storyreel.model.timeline import NOMINAL, ResolvedTimeline, Timeline
from storyreel.model.words import Lettering


class Chapter(Frozen):
    """A part of a film, from `first_frame` to before `end`, named by the scene that begins it."""

    name: str
    first_frame: int
    end: int


def captions_of(timeline: Timeline, film: ResolvedTimeline) -> tuple[Caption, ...]:
    """Return the captions of a film, at frames of it."""
    return _captions(timeline, _shots(timeline, film), film.fps, film.frames)


def captions_asked(timeline: Timeline) -> tuple[Caption, ...]:
    """Return the captions of a film as it is to be: 24 frames a second."""
    return _captions(timeline, _shots_asked(timeline), NOMINAL, _end(timeline.places))


def unsaid(timeline: Timeline, film: ResolvedTimeline) -> Iterator[tuple[str, Say]]:
    """Yield what a film was to have a caption of, and has none, with its scene: a clip came out too short to show it."""
    if timeline.captions.file is not None:
        return
    speech = {(shot.scene, number): say for shot in timeline.picture for number, say in enumerate(shot.say)}
    shown = placed(_shots(timeline, film), film.fps)
    yield from ((key[0], speech[key]) for key in placed(_shots_asked(timeline), NOMINAL) if key not in shown)


def chapters_of(timeline: Timeline, film: ResolvedTimeline) -> tuple[Chapter, ...]:
    """Return the chapters of a film: one for each scene at its first shot; none where none are asked for."""
    return _chapters(timeline, [(shot.scene, shot.first_frame) for shot in film.picture], film.frames)


def chapters_asked(timeline: Timeline) -> tuple[Chapter, ...]:
    """Return the chapters of a film as it is to be: 24 frames a second."""
    places = timeline.places
    begins = [(shot.scene, first) for shot, (first, _) in zip(timeline.picture, places, strict=True)]
    return _chapters(timeline, begins, _end(places))


def with_burnt(timeline: Timeline, film: ResolvedTimeline) -> ResolvedTimeline:
    """Return a film with its captions among the words over its picture, where they are to be there: below, and above what is there."""
    how = timeline.captions
    if not how.burn:
        return film
    size = letters_percent(film.size)
    burnt = [
        Lettering(
            text="\n".join(wrapped(each.lines, columns_within(film.size))),
            place="bottom",
            size=size,
            color="#ffffff",
            font=None if how.font is None else how.font.sha256,
            first_frame=each.first_frame,
            frames=each.frames,
            above=tuple(_in_the_way(each, film.words)),
        )
        for each in captions_of(timeline, film)
    ]
    return film.model_copy(update={"words": (*film.words, *burnt)})


def _in_the_way(caption: Caption, words: Iterable[Lettering]) -> Iterator[Lettering]:
    """Yield the words below or in the lower third that are seen at the same time as a caption."""
    for each in words:
        if each.place in ("bottom", "lower-third") and each.within(caption.first_frame, caption.end) is not None:
            yield each.model_copy(update={"first_frame": 0, "frames": 0})


def _captions(timeline: Timeline, shots: Sequence[SpokenShot], rate: Fraction, frames: int) -> tuple[Caption, ...]:
    file = timeline.captions.file
    return spoken(shots, rate) if file is None else of_file(file, rate, frames)


def _shots(timeline: Timeline, film: ResolvedTimeline) -> list[SpokenShot]:
    return [
        _spoken(asked, shot.first_frame, shot.frames, shot.clip_first_frame, film.fps)
        for asked, shot in zip(timeline.picture, film.picture, strict=True)
    ]


def _shots_asked(timeline: Timeline) -> list[SpokenShot]:
    return [
        _spoken(shot, *place, span_of(shot, shot.source.seconds, None, NOMINAL).start, NOMINAL)
        for shot, place in zip(timeline.picture, timeline.places, strict=True)
    ]


def _spoken(shot: Shot, first_frame: int, frames: int, clip_first_frame: int, rate: Fraction) -> SpokenShot:
    # A part of own footage begins at its very second, wherever the film's grid has a frame.
    begins = Fraction(shot.start).limit_denominator(1_000_000) if shot.is_part_of_footage else clip_first_frame / rate
    return SpokenShot(shot.scene, first_frame, frames, begins, shot.speed, shot.say)


def _chapters(timeline: Timeline, begins: Iterable[tuple[str, int]], end: int) -> tuple[Chapter, ...]:
    firsts: dict[str, int] = {}
    for scene, first in begins:
        firsts.setdefault(scene, first)
    if not timeline.chapters:
        return ()
    ends = [*list(firsts.values())[1:], end]
    return tuple(
        Chapter(name=scene, first_frame=first, end=after)
        for (scene, first), after in zip(firsts.items(), ends, strict=True)
        if after > first
    )


def _end(places: Sequence[tuple[int, int]]) -> int:
    return sum(places[-1]) if places else 0
