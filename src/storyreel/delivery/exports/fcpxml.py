"""
Final Cut Pro's XML: cut points and sound.

The adapter knows no transitions and no speeds: a shot of another speed shows a file in which it has that speed already. It finds a
rate by the name that people have for it, 23.98, and would reckon with that (OpenTimelineIO's issue 903, open; read 2026-11-28): so
times are told in frames of 23.98 that last as long, and what it writes is exact. It cannot read such a film back: it takes 23 for its rate.

Sound hangs on the first clip, at that clip's first frame; the adapter reckons that one in whole frames, rounded down, from a float. What it
loses is given back by a gap before the sound. And it asks ffprobe for the size of each file that it finds: it finds none here, since what it wrote
then would hang on where a command is run, and is no name that Final Cut Pro has.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from storyreel.delivery.exports.edit import Edit, PlacedShot, placed
from storyreel.delivery.exports.library import opentimelineio
from storyreel.delivery.exports.tracks import Clock, clip, known, marker, one_line, stems, timeline, titled

NAME, SUFFIX = "Final Cut Pro XML", ".fcpxml"
THEIRS = "fcpx"
RATES: Mapping[Fraction, float] = {
    Fraction(24000, 1001): 23.98,
    Fraction(24): 24,
    Fraction(25): 25,
    Fraction(30000, 1001): 29.97,
    Fraction(30): 30,
    Fraction(50): 50,
    Fraction(60000, 1001): 59.94,
    Fraction(60): 60,
}
"""The rates that the adapter knows, and its names for them."""
MOST_OF_A_NOTE = 5000
"""Letters of a marker, which has a name and nothing else."""


def unfit(edit: Edit) -> str:
    """Return why an edit cannot be written so; empty if it can."""
    return "" if edit.rate in RATES else f"it knows no {float(edit.rate):g} frames a second"


def text(edit: Edit) -> str:
    """Return an edit as XML of Final Cut Pro."""
    clock = Clock(RATES[edit.rate], edit.rate)
    film = timeline(edit, [_picture(edit, clock), *_sound(edit, clock)], clock)
    film.name = titled(edit.title)
    with _nowhere():
        written: str = opentimelineio().adapters.write_to_string(film, "fcpx_xml")
    return written


def losses(edit: Edit) -> Iterator[str]:
    """Yield what of an edit is not in it."""
    yield "of each step there is the take that is shown, and no other"
    width, height = edit.size
    yield f"the size of the picture is not told: it is {width}x{height}"
    if edit.stems and edit.rate.denominator != 1 and placed(edit, retimed=True)[0].start:
        yield "sound may begin up to a frame before the picture: lay the stems at its first frame"
    for shot, joint in zip(edit.shots, edit.joints[:-1], strict=True):
        if shot.retimed is not None:
            yield f"the speed {float(shot.speed):g} of {shot.scene} is not told: {shot.retimed.name} is shown, which has it"
        if joint is not None:
            yield f"{joint.kind} into {shot.scene} is left out: there is a cut"
    if edit.close is not None:
        yield f"{edit.close.kind} in which the film ends is left out"


def _sound(edit: Edit, clock: Clock) -> Iterator[Any]:
    lost = _lost(placed(edit, retimed=True)[0].start, edit.rate)
    for track in stems(edit, clock):
        if lost:
            track.insert(0, opentimelineio().schema.Gap(source_range=clock.range(0, lost)))
        yield track


def _lost(start: int, rate: Fraction) -> int:
    """Return how many frames of a start the adapter loses as it reads it back from what it wrote; of rates that are not whole it is not known."""
    if rate.denominator != 1:
        return 0
    written = Fraction(start / float(rate)).limit_denominator()
    return start - int(float(written.numerator) / float(written.denominator) * float(rate))


@contextmanager
def _nowhere() -> Iterator[None]:
    """Be in a folder in which there is nothing, where there is a way back from it."""
    try:
        before = Path.cwd()
    except OSError:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="storyreel-") as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(before)


def _picture(edit: Edit, clock: Clock) -> Any:
    schema = opentimelineio().schema
    track = schema.Track(name="picture", kind=schema.TrackKind.Video)
    for number, shot in enumerate(placed(edit, retimed=True), start=1):
        item = _clip(shot, number, clock)
        notes = [note for note in edit.notes if shot.at <= note.frame < shot.at + shot.frames]
        item.markers.extend([marker(note, shot.start + note.frame - shot.at, clock, MOST_OF_A_NOTE) for note in notes])
        track.append(item)
    return track


def _clip(shot: PlacedShot, number: int, clock: Clock) -> Any:
    item = clip(shot, number, clock)
    facts = one_line(known(shot.shot.facts))
    item.media_reference.metadata[THEIRS] = {
        "note": facts.get("prompt", ""),
        "metadata": [{f"storyreel.{name}": words} for name, words in facts.items()],
    }
    return item
