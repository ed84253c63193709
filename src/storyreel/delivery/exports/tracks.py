"""
The tracks of an edit in OpenTimelineIO's words: clips, with the files that they show, and transitions between them.

What a format wants otherwise is its own file's matter: how frames are counted, and where within a transition the cut is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from storyreel.delivery.exports.edit import Edit, EditNote, Facts, MediaFile, PlacedShot
from storyreel.delivery.exports.library import opentimelineio

OURS = "storyreel"
"""Under this name metadata of ours stand in what the library writes."""
LONGEST_NAME = 60
"""Letters of a marker's name: what is longer stands in its comment."""


@dataclass(frozen=True)
class Clock:
    """
    How a format counts: `rate` is the number that it writes for a rate of `exact` frames a second. Where they differ, times are in
    as many of its frames as last as long.
    """

    rate: float
    exact: Fraction

    def time(self, frames: int) -> Any:
        """Return a moment, or a length, of so many frames of the film."""
        label = Fraction(self.rate).limit_denominator(1001)
        value = Fraction(frames) if self.is_plain else frames * label / self.exact
        return opentimelineio().opentime.RationalTime(float(value), self.rate)

    @property
    def is_plain(self) -> bool:
        """Whether one of its frames is one of the film's."""
        return abs(self.rate - float(self.exact)) < 1e-9

    def range(self, start: int, frames: int) -> Any:
        """Return a range of frames."""
        return opentimelineio().opentime.TimeRange(self.time(start), self.time(frames))


def plain_clock(rate: Fraction) -> Clock:
    """Return how frames are counted where nothing stands against it."""
    return Clock(float(rate), rate)


def reference(file: MediaFile, clock: Clock, facts: Facts | None = None) -> Any:
    """Return what stands for a file: where it is, from the folder in which the timeline lies, and all of its frames."""
    found_at = clock if file.rate == clock.exact else plain_clock(file.rate)
    available = found_at.range(0, file.frames)
    if file.ahead:
        moved = opentimelineio().opentime.RationalTime(-float(file.ahead * file.rate), float(file.rate))
        available = opentimelineio().opentime.TimeRange(moved, available.duration)
    external = opentimelineio().schema.ExternalReference(target_url=file.place, available_range=available)
    external.name = file.name
    if facts:
        external.metadata[OURS] = known(facts)
    return external


def known(facts: Facts) -> dict[str, str | int]:
    """Return what is known of a take, without what is not."""
    return {name: value for name, value in facts.items() if value is not None}


def clip(shot: PlacedShot, number: int, clock: Clock, kind: Any = None) -> Any:
    """
    Return a clip of a track, as the file that it shows is called.

    Args:
        number: Its shot's place in the film, from 1. It stands in the clip: writers of XML take two that are equal for one.
        kind: The class that it is of, if it is no plain clip.
    """
    kind = kind or opentimelineio().schema.Clip
    made_of = kind(
        name=shot.media.name,
        media_reference=reference(shot.media, clock),
        source_range=clock.range(shot.start, shot.frames),
    )
    made_of.metadata[OURS] = {**known(shot.shot.facts), "shot": number}
    return made_of


def stems(edit: Edit, clock: Clock) -> Iterable[Any]:
    """Yield a track of sound for each stem, with one clip as long as the film."""
    schema = opentimelineio().schema
    for name, file in edit.stems.items():
        track = schema.Track(name=name, kind=schema.TrackKind.Audio)
        track.append(
            schema.Clip(
                name=file.name, media_reference=reference(file, clock), source_range=clock.range(0, edit.frames)
            )
        )
        yield track


def timeline(edit: Edit, tracks: Iterable[Any], clock: Clock) -> Any:
    """Return a timeline of tracks, which begins at zero."""
    film = opentimelineio().schema.Timeline(name=edit.title, global_start_time=clock.time(0))
    film.tracks.extend(list(tracks))
    film.tracks.markers.extend([marker(note, note.frame, clock) for note in edit.notes])
    film.metadata[OURS] = {**known(edit.facts), "size": list(edit.size), "frames": edit.frames}
    return film


def marker(note: EditNote, frame: int, clock: Clock, longest: int = LONGEST_NAME) -> Any:
    """Return a note as a marker at a frame; its name is the beginning of it, `longest` letters at most."""
    schema = opentimelineio().schema
    name = titled(f"{note.by}: {note.text}" if note.by else note.text)
    item = schema.Marker(
        name=name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…",
        marked_range=clock.range(frame, 1),
        color=schema.MarkerColor.YELLOW,
        comment=note.text,
    )
    item.metadata[OURS] = {name: value for name, value in (("by", note.by), ("scene", note.scene)) if value}
    return item


def transition(name: str, before: int, after: int, clock: Clock, *, custom: bool = False) -> Any:
    """Return a transition of some frames before the cut and some after it; `custom`: no dissolve."""
    schema = opentimelineio().schema
    kind = schema.TransitionTypes.Custom if custom else schema.TransitionTypes.SMPTE_Dissolve
    return schema.Transition(
        name=name, transition_type=kind, in_offset=clock.time(before), out_offset=clock.time(after)
    )


def slowed_or_sped(speed: Fraction, effect_name: str = "LinearTimeWarp") -> Any:
    """Return the effect that runs a clip faster or slower."""
    effect = opentimelineio().schema.LinearTimeWarp(name="speed", time_scalar=float(speed))
    effect.effect_name = effect_name
    return effect


def titled(text: str) -> str:
    """Return text for a line of any format: nothing but what can be read, on one line."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def one_line(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what is known of a take as words, each on one line."""
    return {name: titled(str(value)) for name, value in facts.items() if value not in (None, "")}
