"""
What is read and heard of a film as it is to be, as data: a part of what `storyreel plan --json` prints. In seconds of the film.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from storyreel.model.drawn import Place
from storyreel.model.film_words import captions_asked, chapters_asked
from storyreel.model.recipe import Frozen
from storyreel.model.shot import Shot
from storyreel.model.sound import SAMPLE_RATE, Kind
from storyreel.model.timeline import NOMINAL, Timeline


class PlannedTitle(Frozen):
    """Words over the picture of a shot."""

    text: str
    place: Place
    start: Annotated[float, Field(description="The second of the film from which on they stand.")]
    end: Annotated[float, Field(description="The second before which they end.")]


class PlannedCaption(Frozen):
    """What is read at a time, in seconds of the film."""

    scene: Annotated[str | None, Field(description="Whose words they are; null of a file's.")]
    start: float
    end: float
    text: str


class PlannedCaptions(Frozen):
    """The captions of the film."""

    burn: Annotated[bool, Field(description="Whether they are in the picture; else they are a track.")]
    language: Annotated[str | None, Field(description="In BCP 47; null where nobody named it.")]
    file: Annotated[str | None, Field(description="Whose they are; null where they are what scenes say.")]
    captions: tuple[PlannedCaption, ...]


class PlannedChapter(Frozen):
    """A chapter of the film, in seconds of it, named by its scene."""

    name: str
    start: float
    end: float


class PlannedSound(Frozen):
    """A voice, an effect or music of a person's own."""

    kind: Kind
    file: str
    scene: Annotated[str, Field(description="What it is laid over; of music, with what it begins.")]
    start: Annotated[float, Field(description="The second of the film from which on it is heard.")]
    end: Annotated[float, Field(description="The second before which it ends.")]
    gain_db: Annotated[float, Field(description="How much louder it is than its file.")]
    duck_db: Annotated[float, Field(description="How far it goes down under voices; 0: never.")]


def planned_titles(shot: Shot, first_frame: int, frames: int) -> Iterator[PlannedTitle]:
    """
    Yield the titles of a shot, as they are listed.

    Args:
        first_frame: The first frame of the shot in the film, 24 of them a second.
        frames: How many it has.
    """
    for title in shot.titles:
        start, end = (round(float((first_frame + frame) / NOMINAL), 6) for frame in title.span(frames, NOMINAL))
        yield PlannedTitle(text=title.text, place=title.place, start=start, end=end)


def planned_captions(film: Timeline) -> PlannedCaptions | None:
    """Return the captions of a film; None where there are none."""
    captions, how = captions_asked(film), film.captions
    if not captions:
        return None
    return PlannedCaptions(
        burn=how.burn,
        language=how.language or None,
        file=None if how.file is None else how.file.path.name,
        captions=tuple(
            PlannedCaption(
                scene=each.scene or None, start=_seconds(each.first_frame), end=_seconds(each.end), text=each.text
            )
            for each in captions
        ),
    )


def planned_chapters(film: Timeline) -> tuple[PlannedChapter, ...]:
    """Return the chapters of a film; none where none are asked for."""
    return tuple(
        PlannedChapter(name=each.name, start=_seconds(each.first_frame), end=_seconds(each.end))
        for each in chapters_asked(film)
    )


def planned_sounds(film: Timeline) -> tuple[PlannedSound, ...]:
    """Return what is laid over the shots of a film, and the music under them, in the order in which they begin."""
    heard = film.heard(film.places, NOMINAL)
    placed = () if heard is None else heard.placed
    return tuple(
        PlannedSound(
            kind=each.kind,
            file=each.name,
            scene=each.scene,
            start=round(each.first / SAMPLE_RATE, 6),
            end=round((each.first + each.samples) / SAMPLE_RATE, 6),
            gain_db=each.gain_db,
            duck_db=each.duck_db,
        )
        for each in sorted(placed, key=lambda each: each.first)
    )


def _seconds(frame: int) -> float:
    return round(float(frame / NOMINAL), 6)
