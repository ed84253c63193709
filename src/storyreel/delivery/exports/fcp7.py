"""
Final Cut Pro 7's XML, which Premiere and Resolve read: cut points, transitions, sound.

The adapter writes no speed, so a shot of another speed shows a file in which it has that speed already. It takes the middle of a
transition for its cut, rounded down, so that is where cuts are here. Of what it does not ask for - sizes, channels, how a transition
is aligned - it writes what stands under `fcp_xml` among the metadata of an object, as its readers have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Any

from storyreel.delivery.exports.edit import Edit, MediaFile, PlacedShot, middle, placed
from storyreel.delivery.exports.library import opentimelineio
from storyreel.delivery.exports.tracks import (
    Clock,
    clip,
    known,
    one_line,
    plain_clock,
    stems,
    timeline,
    titled,
    transition,
)
from storyreel.model.joints import Joint
from storyreel.model.sound import SAMPLE_RATE

NAME, SUFFIX = "Final Cut Pro 7 XML", ".xml"
THEIRS = "fcp_xml"
NTSC = Fraction(1000, 1001)
DISSOLVE = "Cross Dissolve"
TIMECODES = (24, 25, 30, 48, 50, 60)


def unfit(edit: Edit) -> str:
    """Return why an edit cannot be written so; empty if it can."""
    base = ceil(edit.rate)
    whole = base in TIMECODES and edit.rate in (base, base * NTSC)
    return "" if whole else f"it knows no {float(edit.rate):g} frames a second"


def text(edit: Edit) -> str:
    """Return an edit as XML of Final Cut Pro 7."""
    clock = plain_clock(edit.rate)
    film = timeline(edit, [_picture(edit, clock), *_sound(edit, clock)], clock)
    film.name = titled(edit.title)
    for note in film.tracks.markers:
        note.metadata[THEIRS] = {"comment": titled(note.comment)}
    film.metadata[THEIRS] = {"media": {"video": {"format": {"samplecharacteristics": _look(edit)}}}}
    written: str = opentimelineio().adapters.write_to_string(film, THEIRS)
    return written


def losses(edit: Edit) -> Iterator[str]:
    """Yield what of an edit is not in it."""
    yield "of each step there is the take that is shown, and no other"
    for number, (shot, joint) in enumerate(zip(edit.shots, edit.joints[:-1], strict=True)):
        if shot.retimed is not None:
            yield f"the speed {float(shot.speed):g} of {shot.scene} is not told: {shot.retimed.name} is shown, which has it"
        if joint is None or joint.kind == "dissolve":
            continue
        if not joint.is_fade:
            yield f"{joint.kind} into {shot.scene} is written as a dissolve"
        else:
            written = "a dissolve from black" if number == 0 else "dissolves to black and from black"
            colour = "" if joint.kind == "fade-black" else ", and not white"
            yield f"{joint.kind} into {shot.scene} is written as {written}{colour}"
    if edit.close is not None:
        colour = "" if edit.close.kind == "fade-black" else ", and not white"
        yield f"{edit.close.kind} in which the film ends is written as a dissolve to black{colour}"


def _picture(edit: Edit, clock: Clock) -> Any:
    schema = opentimelineio().schema
    track = schema.Track(name="picture", kind=schema.TrackKind.Video)
    for number, (shot, joint) in enumerate(
        zip(placed(edit, middle, retimed=True), edit.joints[:-1], strict=True), start=1
    ):
        track.extend(list(_into(joint, number == 1, clock)))
        track.append(_clip(shot, number, edit, clock))
    if edit.close is not None:
        track.append(_transition(edit.close.frames, 0, clock))
    return track


def _into(joint: Joint | None, opens: bool, clock: Clock) -> Iterator[Any]:
    """Yield what leads into a shot: a dissolve; or one that ends in black, and one that begins there."""
    if joint is None:
        return
    if opens:
        yield _transition(0, joint.frames, clock)
    elif not joint.is_fade:
        before = middle(joint)
        yield _transition(before, joint.frames - before, clock, alignment="" if before else "start")
    else:
        yield _transition(joint.of_outgoing, 0, clock)
        if joint.of_incoming:
            # Two transitions have something between them in a track; of no frame of black nothing is written.
            yield opentimelineio().schema.Gap(source_range=clock.range(0, 0))
            yield _transition(0, joint.of_incoming, clock)


def _transition(before: int, after: int, clock: Clock, alignment: str = "") -> Any:
    item = transition(DISSOLVE, before, after, clock)
    if alignment:
        item.metadata[THEIRS] = {"alignment": alignment}
    return item


def _clip(shot: PlacedShot, number: int, edit: Edit, clock: Clock) -> Any:
    item = clip(shot, number, clock)
    facts = one_line(known(shot.shot.facts))
    logged = {
        "description": facts.get("prompt", ""),
        "scene": facts.get("scene", ""),
        "shottake": facts.get("take", ""),
    }
    named = [f"{name.replace('_', ' ')} {facts[name]}" for name in ("step", "model", "request_id") if name in facts]
    item.metadata[THEIRS] = {
        "logginginfo": {**logged, "lognote": "; ".join(named)},
        "comments": {f"mastercomment{place}": words for place, words in enumerate(named, start=1)},
    }
    item.media_reference.metadata[THEIRS] = {"media": _contents(shot.media, edit)}
    return item


def _contents(file: MediaFile, edit: Edit) -> dict[str, Any]:
    picture = {"video": {"samplecharacteristics": _look(edit)}}
    return picture | ({"audio": _heard(16)} if file.has_sound else {})


def _sound(edit: Edit, clock: Clock) -> Iterator[Any]:
    for track in stems(edit, clock):
        track[0].metadata[THEIRS] = {
            "@premiereChannelType": "stereo",
            "sourcetrack": {"mediatype": "audio", "trackindex": "1"},
        }
        track[0].media_reference.metadata[THEIRS] = {"media": {"audio": _heard(24)}}
        yield track


def _look(edit: Edit) -> dict[str, Any]:
    rate = {"timebase": str(ceil(edit.rate)), "ntsc": "FALSE" if edit.rate.denominator == 1 else "TRUE"}
    return {"rate": rate, "width": str(edit.size[0]), "height": str(edit.size[1]), "pixelaspectratio": "square"}


def _heard(bits: int) -> dict[str, Any]:
    return {"samplecharacteristics": {"depth": str(bits), "samplerate": str(SAMPLE_RATE)}, "channelcount": "2"}
