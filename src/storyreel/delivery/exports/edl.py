"""
CMX 3600: cut points, dissolves and speeds of the picture, as lines of text with timecodes.

It has one rate, which it does not say, and timecodes that count whole numbers of frames a second: at 23.976 they count 24. The
adapter's faults that are gone round here:

- It divides by a speed where the tape runs so many times as far (OpenTimelineIO's issue 1458, open; read 2026-11-28). It takes the two
  ends of a source from the clip's own range, so a clip here has a range for them beside the one that it has in the track.
- It names reels by the first eight letters of a file, which all clips of a film have alike. So each file has a reel of its own.
- It reads no dissolve at the beginning of a film, so there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

from storyreel.delivery.exports.edit import Edit, PlacedShot, beginning, placed
from storyreel.delivery.exports.library import opentimelineio
from storyreel.delivery.exports.tracks import Clock, clip, known, one_line, slowed_or_sped, timeline, titled, transition

NAME, SUFFIX = "CMX 3600 EDL", ".edl"
MOST_EVENTS = 999
"""An event's number has three digits."""
COUNTED = (24, 25, 30, 48, 50, 60)
"""How many frames a second of timecode has, without any that are dropped (SMPTE ST 12-1:2014 and what adapters count)."""


def unfit(edit: Edit) -> str:
    """Return why an edit cannot be written so; empty if it can."""
    return "" if nominal(edit.rate) in COUNTED else f"its timecode counts no {float(edit.rate):g} frames a second"


def nominal(rate: Fraction) -> int:
    """Return how many frames timecode counts in a second."""
    return round(rate)


def text(edit: Edit) -> str:
    """Return an edit as an EDL."""
    rate = nominal(edit.rate)
    film = timeline(edit, [_picture(edit, Clock(float(rate), Fraction(rate)))], Clock(float(rate), Fraction(rate)))
    film.name = titled(edit.title)
    written: str = opentimelineio().adapters.write_to_string(film, "cmx_3600", rate=float(rate))
    return written


def losses(edit: Edit) -> Iterator[str]:
    """Yield what of an edit is not in it."""
    yield "there is no sound in it: lay the stems beside it"
    if edit.notes:
        yield "the notes on the film are left out"
    yield "of each step there is the take that is shown, and no other"
    if edit.rate.denominator != 1:
        rate = nominal(edit.rate)
        yield f"its timecode counts {rate} frames a second, none dropped, and the film has {float(edit.rate):.3f}: set that where you read it"
    for number, (shot, joint) in enumerate(zip(edit.shots, edit.joints[:-1], strict=True)):
        if joint is None or joint.kind == "dissolve":
            continue
        if not joint.is_fade:
            yield f"{joint.kind} into {shot.scene} is written as a dissolve"
        elif number == 0:
            yield f"{joint.kind} into {shot.scene}, with which the film begins, is left out"
        elif joint.kind == "fade-white":
            yield f"fade-white into {shot.scene} is written as dissolves to black and from black"
    for each in placed(edit, beginning):
        into = each.shot.into
        if into is not None and not into.is_fade and (into.handle_in * each.speed).denominator != 1:
            yield (
                f"{each.shot.scene} runs at {float(each.speed):g}, and its dissolve begins between two frames of its clip: some of its frames "
                "are one early"
            )
    if edit.close is not None and edit.close.kind == "fade-white":
        yield "fade-white in which the film ends is written as a dissolve to black"
    events = len(edit.shots) + sum(joint is not None and joint.is_fade for joint in edit.joints[1:])
    if events > MOST_EVENTS:
        yield f"it has {events} events, and numbers of events have three digits: some programs read the first {MOST_EVENTS}"


def _picture(edit: Edit, clock: Clock) -> Any:
    schema = opentimelineio().schema
    track = schema.Track(name="V", kind=schema.TrackKind.Video)
    shots = placed(edit, beginning)
    for number, (shot, into, out) in enumerate(zip(shots, edit.joints, edit.joints[1:], strict=False), start=1):
        black = 0
        if out is not None and out.is_fade:
            black = out.frames if number == len(shots) else out.of_outgoing
        if into is not None and number > 1:
            frames = into.of_incoming if into.is_fade else into.frames
            if frames:
                track.append(transition(into.kind, 0, frames, clock))
        track.append(_event(shot, number, shot.frames - black, clock))
        if black:
            track.append(transition("fade", 0, black, clock))
            track.append(schema.Gap(source_range=clock.range(0, black)))
    return track


def _event(shot: PlacedShot, number: int, frames: int, clock: Clock) -> Any:
    event = clip(shot, number, clock, _event_class())
    event.source_range = clock.range(shot.start, frames)
    if shot.speed != 1:
        event.columns = clock.range(shot.start, floor((frames - 1) * shot.speed) + 1)
        event.effects.append(slowed_or_sped(shot.speed, "speed"))
    facts = one_line(known(shot.shot.facts))
    comments = [f"{name.upper().replace('_', ' ')}: {words}" for name, words in facts.items()]
    event.metadata["cmx_3600"] = {"reel": shot.shot.reel, "comments": comments}
    return event


@cache
def _event_class() -> Any:
    """Return the class of clips whose range, as the adapter asks for it, may be another one than in the track: that of the tape."""
    plain = opentimelineio().schema.Clip
    within = plain.source_range

    class Event(plain):  # type: ignore[misc, valid-type]
        columns: Any = None

        @property
        def source_range(self) -> Any:
            return within.__get__(self) if self.columns is None else self.columns

        @source_range.setter
        def source_range(self, value: Any) -> None:
            if self.columns is None:
                within.__set__(self, value)

    return Event
