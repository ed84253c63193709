"""
OpenTimelineIO's own format: cut points, transitions, speeds, sound, and all takes of a step, of which one is shown.

Resolve reads it (docs/editors.md). What it shows of a clip is the film's frame for frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storyreel.delivery.exports.edit import Edit, placed
from storyreel.delivery.exports.library import opentimelineio
from storyreel.delivery.exports.tracks import (
    OURS,
    Clock,
    clip,
    plain_clock,
    reference,
    slowed_or_sped,
    stems,
    timeline,
    transition,
)
from storyreel.model.joints import Joint

NAME, SUFFIX = "OpenTimelineIO", ".otio"
DISSOLVE = "dissolve"


def text(edit: Edit) -> str:
    """Return an edit as OpenTimelineIO."""
    clock = plain_clock(edit.rate)
    film = timeline(edit, [picture(edit, clock), *stems(edit, clock)], clock)
    written: str = opentimelineio().adapters.write_to_string(film, "otio_json")
    return f"{written}\n"


def losses(edit: Edit) -> Iterator[str]:
    """Yield what of an edit is not in it as every program understands it."""
    for shot, joint in zip(edit.shots, edit.joints[:-1], strict=True):
        if joint is not None and joint.kind != DISSOLVE:
            yield (
                f"{joint.kind} into {shot.scene} is a transition of that name, which is none that all programs know: many show a "
                "dissolve, or a cut"
            )
    if edit.close is not None:
        yield f"{edit.close.kind} in which the film ends is a transition of that name: many programs show a cut"


def picture(edit: Edit, clock: Clock) -> Any:
    """Return the track of the picture."""
    schema = opentimelineio().schema
    track = schema.Track(name="picture", kind=schema.TrackKind.Video)
    for number, (shot, joint) in enumerate(zip(placed(edit), edit.joints[:-1], strict=True), start=1):
        if joint is not None:
            track.append(_transition(joint, clock, opens=number == 1))
        item = clip(shot, number, clock)
        if shot.speed != 1:
            item.effects.append(slowed_or_sped(shot.speed))
        shown = reference(shot.media, clock, shot.shot.facts)
        others = {name: reference(file, clock, facts) for name, (file, facts) in shot.shot.others.items()}
        item.set_media_references({shot.shot.called: shown, **others}, shot.shot.called)
        track.append(item)
    if edit.close is not None:
        track.append(_transition(edit.close, clock, closes=True))
    return track


def _transition(joint: Joint, clock: Clock, *, opens: bool = False, closes: bool = False) -> Any:
    before = joint.of_outgoing if joint.is_fade else joint.handle_in
    before = 0 if opens else joint.frames if closes else before
    item = transition(joint.kind, before, joint.frames - before, clock, custom=joint.kind != DISSOLVE)
    item.metadata[OURS] = joint.model_dump()
    return item
