"""
What a film has otherwise than it was asked for, because its clips turned out shorter: told, and in its cut list.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from storyreel.model.joints import AskedJoint, Joint
from storyreel.model.shot import Shot, from_start
from storyreel.model.timeline import ResolvedShot, ResolvedTimeline, Timeline


def remarks(asked: Timeline, film: ResolvedTimeline) -> tuple[str, ...]:
    """
    Return a sentence on each shot that ends with its clip, before its `end`, and on each transition that had to be shortened.

    Args:
        asked: The film in asked seconds.
        film: The same in frames, resolved against what its clips were found to be.
    """
    shots = list(zip(asked.picture, film.picture, strict=True))
    ends = (text for shot, resolved in shots if (text := _early_end(shot, resolved, float(film.fps))) is not None)
    return (*ends, *_shortened(asked, film))


def _early_end(shot: Shot, resolved: ResolvedShot, fps: float) -> str | None:
    if shot.step is None or shot.end is None or shot.end < 0:
        return None  # an end that counts from the clip's own is where it was to be, however long the clip is
    _, wanted = from_start(shot.start, shot.end, shot.source.seconds)
    ends = (resolved.clip_first_frame + resolved.frames * resolved.speed) / fps
    # A frame of slack: seconds are rounded to frames, and so is what a speed leaves out.
    if wanted - ends <= max(1.0, resolved.speed) / fps:
        return None
    return f"'{shot.scene}' ends at {ends:.2f} s of its clip, where that ends; it was to be shown to {wanted:g} s"


def _shortened(asked: Timeline, film: ResolvedTimeline) -> Iterator[str]:
    joints = [*(shot.joint if isinstance(shot.joint, Joint) else None for shot in film.picture), film.close]
    names = [None, *(shot.scene for shot in asked.picture), None]
    for wanted, joint, (before, after) in zip(asked.asked_joints(film.fps), joints, pairwise(names), strict=True):
        frames = 0 if joint is None else joint.frames
        if wanted is not None and frames < wanted.frames:
            yield _sentence(wanted, frames, before, after)


def _sentence(wanted: AskedJoint, frames: int, before: str | None, after: str | None) -> str:
    where = " and ".join(f"'{name}'" for name in (before, after) if name is not None)
    left = f"has {frames} of its {wanted.frames} frames" if frames else "is left out"
    at = f"the {wanted.kind} between {where}" if before and after else f"the {wanted.kind} of {where}"
    return f"{at} {left}: there is too little to be seen beside it for more"
