"""
Remark on what own footage brings that the film shows otherwise, or not at all: with its seconds, before anything is made.
"""

from __future__ import annotations

from storyreel.model.footage import Footage
from storyreel.model.storyboard import Scene
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

AN_INSTANT_S = 0.001


def remark_on_footage(findings: Findings, trail: Trail, scene: Scene, footage: Footage) -> None:
    """Note where a scene's footage stands still, and what of it is neither seen nor heard."""
    here: Trail = (*trail, "clip")
    ends = footage.picture_end
    if scene.end - max(ends, scene.start) > AN_INSTANT_S:
        message = f"its picture ends after {_seconds(ends)} s; the last frame is held until {_seconds(scene.end)} s"
        findings.note("held-picture", here, message)
    for what in _left_out(scene, footage):
        findings.note("left-out", here, what)
    track = footage.sound_track
    if track is not None and track.channels > 2:
        findings.note(
            "mixed-sound", here, f"its sound is {track.layout}, and is mixed to stereo; what would clip is limited"
        )


def _left_out(scene: Scene, footage: Footage) -> list[str]:
    notes = []
    if scene.start == 0 and footage.early_sound:
        notes.append(f"{_seconds(footage.early_sound)} s of its sound are before its first frame, and are left out")
    late = footage.seconds - footage.picture_end
    if scene.then and late > AN_INSTANT_S and scene.end == footage.picture_end:
        notes.append(
            f"{_seconds(late)} s of its sound come after its picture, which is continued here, and are left out"
        )
    if footage.other_sound:
        count = len(footage.other_sound) + (footage.sound_track is not None)
        others = ", ".join(map(str, footage.other_sound))
        notes.append(f"of its {count} sound tracks the film has number {footage.sound_track}, and leaves out {others}")
    if footage.videos > 1:
        notes.append(f"it has {footage.videos} videos; the first is shown")
    return notes


def _seconds(value: float) -> str:
    return f"{round(value, 2):g}"
