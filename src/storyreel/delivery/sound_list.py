"""
The sound of a film as its cut list has it: what was laid over and where, how loud it came out, and what there is to remark.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyreel.delivery.film_sound import SoundRecord
from storyreel.model.recipe import Frozen
from storyreel.model.sound import SAMPLE_RATE, Kind, ResolvedSound
from storyreel.model.spans import to_frames
from storyreel.model.timeline import ResolvedTimeline, Timeline

BLOCK_S = 0.4
"""Over so many seconds loudness is measured; of less there is none (ITU-R BS.1770-4, annex 1)."""
OFF_LU = 0.5
"""From how far from what was asked for it is remarked."""


class CutGivenSound(Frozen):
    """A voice, an effect or music of a person's own, in seconds of the film."""

    kind: Kind
    file: str
    scene: str
    start: float
    end: float


class CutSound(Frozen):
    """
    What is heard of a film beside its shots. `asked_loudness` and `loudness` are in LUFS, integrated, and `true_peak` in dBTP, measured
    on the film as it is decoded; null where none was asked for, or it is silent. `gain_db` is how far all of it was turned up for
    that, `limited_db` how far a moment was turned down at most.
    """

    given: tuple[CutGivenSound, ...]
    asked_loudness: float | None
    loudness: float | None
    true_peak: float | None
    gain_db: float
    limited_db: float


def cut_sound(asked: ResolvedSound | None, record: SoundRecord | None) -> CutSound | None:
    """Return what is heard of a film; None where every shot is heard as it is, and nothing else is."""
    if asked is None or record is None:
        return None
    return CutSound(
        given=tuple(
            CutGivenSound(
                kind=each.kind,
                file=each.name,
                scene=each.scene,
                start=round(each.first / SAMPLE_RATE, 6),
                end=round((each.first + each.samples) / SAMPLE_RATE, 6),
            )
            for each in asked.placed
        ),
        asked_loudness=asked.loudness,
        loudness=record.loudness,
        true_peak=record.true_peak,
        gain_db=record.gain_db,
        limited_db=record.limited_db,
    )


def sound_remarks(timeline: Timeline, film: ResolvedTimeline, record: SoundRecord | None) -> Iterator[str]:
    """
    Yield a sentence on each sound that would begin after the film's end, on what was limited where no loudness was asked for, and on
    a loudness that was not reached.

    Args:
        timeline: The film in asked seconds.
        film: The same in frames.
        record: What is known of its sound.
    """
    asked = film.sound
    if asked is None or record is None:
        return
    for shot, resolved in zip(timeline.picture, film.picture, strict=True):
        for each in shot.laid:
            if resolved.first_frame + to_frames(each.at, film.fps) >= film.frames:
                yield f"'{each.file.path.name}' would begin {each.at:g} s into '{shot.scene}', after the film's end: it is not heard"
    if asked.loudness is None:
        if record.limited_db:
            yield f"what is heard together would clip: at its loudest it was turned down by {record.limited_db:.1f} dB"
    elif record.loudness is None and film.seconds < BLOCK_S:
        yield f"the film is {film.seconds:.3g} s long, and loudness is measured over {BLOCK_S:g} s: its level is as it was"
    elif record.loudness is None:
        yield f"the film is silent, and stays so: no loudness of {asked.loudness:g} LUFS can be reached"
    elif abs(record.loudness - asked.loudness) > OFF_LU:
        yield f"the film came out at {record.loudness:.1f} LUFS, and {asked.loudness:g} were asked for"
