"""
The cut list: for every second of a film which scene, step and request it is, how long it was to be, what it cost.

Its shape for whoever reads the JSON is docs/cut-list.schema.json, which is made from the models here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from storyreel.delivery.captions import CutCaptions, caption_remarks, cut_captions
from storyreel.delivery.clip_marks import with_redo
from storyreel.delivery.film_sound import SoundRecord
from storyreel.delivery.remarks import remarks
from storyreel.delivery.sound_list import CutSound, cut_sound, sound_remarks
from storyreel.delivery.title_list import CutTitle, cut_titles, title_remarks
from storyreel.model.finish import AS_CUT, Finish
from storyreel.model.joints import Joint
from storyreel.model.marks import Mark
from storyreel.model.money import usd
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.rates import frames_at
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.model.shot import Shot, StepClip
from storyreel.model.timeline import ResolvedShot, ResolvedTimeline, Timeline
from storyreel.vault import Take
from storyreel.vault.costs import Costs, Totals


class CutPart(Frozen):
    """Seconds of the film that one step made; `step` is None for a person's own footage and what is drawn."""

    step: str | None
    request_id: str | None
    start: float
    end: float
    asked_seconds: float
    measured_seconds: float
    estimated_usd: float
    charged_usd: float | None


class CutShot(Frozen):
    """
    A shot of the film; `shows` is the step whose clip it is, or the name of a file, or `card`.

    `joint` is the transition into it, null for a cut: neighbours touch, or overlap by the frames for which it found no
    handles. `placeholder` says why a rough cut has no clip of the scene; null where one is shown.
    """

    scene: str
    shows: str
    start: float
    end: float
    first_frame: int
    frames: int
    clip_first_frame: int
    speed: float
    joint: Joint | None
    asked_seconds: float
    placeholder: str | None
    parts: tuple[CutPart, ...]
    titles: tuple[CutTitle, ...]


class CutStep(Frozen):
    """What a step cost that the film is made of. `file` is that of its clip on the machine that cut the film; null where there is none."""

    step: str
    request_id: str | None
    estimated_usd: float
    charged_usd: float | None
    file: str | None


class UnusedTake(Frozen):
    """A request for a step of the film that it does not use; it cost what it cost all the same. `file` as in what it is made of."""

    step: str
    request_id: str | None
    state: str
    estimated_usd: float
    charged_usd: float | None
    file: str | None


class CutOverlay(Frozen):
    """A picture that lies over all of a film, by the name of its file."""

    file: str
    sha256: str
    place: str
    opacity: float


class CutHandover(Frozen):
    """
    How a film is handed over, where that is otherwise than it was cut: `fps`, `frames` and `seconds` are those of the file, and all
    others of the cut list the film's as it was cut. Its frame k is the file's frame k * fps of the file / fps of the film, rounded up.
    """

    codec: str
    sound: str
    fps: float
    frames: int
    seconds: float
    burn_in: bool
    overlay: CutOverlay | None


class CutList(Frozen):
    """
    A film, second by second. `identity` is that of the timeline it was cut from, `sha256` that of the file; `notes` say what
    is otherwise than it was asked for. `sound` is null where every shot is heard as it is, and nothing else is, and `captions` where
    there are none. `totals` are of all that was asked for the storyboard, for whichever of its films. `handed_over` is left out where the
    file is the film as it was cut.
    """

    film: str
    identity: str
    version: int = 1
    title: str
    service: ServiceName
    sha256: str
    size: tuple[int, int]
    av_offset_ms: float
    fps: float
    frames: int
    seconds: float
    asked_seconds: float
    cuts: tuple[CutShot, ...]
    close: Joint | None
    sound: CutSound | None
    captions: CutCaptions | None
    steps: tuple[CutStep, ...]
    unused: tuple[UnusedTake, ...]
    totals: Totals
    notes: tuple[str, ...]
    handed_over: CutHandover | None = None

    def as_bytes(self) -> bytes:
        """Return the cut list as it stands beside the film."""
        without = {"handed_over"} if self.handed_over is None else None
        return self.model_dump_json(indent=2, exclude=without).encode() + b"\n"


def cut_list(
    plan: Plan,
    asked: PlannedFilm,
    film: ResolvedTimeline,
    takes: Mapping[str, Take | None],
    costs: Costs,
    *,
    name: str,
    identity: str,
    service: ServiceName,
    sha256: str,
    av_offset_ms: float,
    sound: SoundRecord | None = None,
    marks: Mapping[str, tuple[Mark, ...]] = MappingProxyType({}),
    files: Mapping[str, Path] | None = None,
    ends: Mapping[StepClip, Sequence[float]] = MappingProxyType({}),
) -> CutList:
    """
    Return the cut list of a film: the steps that it is made of, and what was asked for them in vain. The totals are of all that was
    asked for the storyboard, for whichever of its films.

    Args:
        asked: The film in asked seconds.
        film: The film in frames.
        takes: The take of each step of the plan.
        costs: All that was asked for: the totals are its.
        name: The file's name.
        sha256: The file's content.
        av_offset_ms: By how much sound and picture were found to be apart at most.
        sound: What is known of its sound.
        marks: What was seen to be wrong with the clips of the steps.
        files: Those of clips that are on this machine, by their content (sha256).
        ends: Of clips that are joined, where each part ends.
    """
    there = files or {}
    used = {take.request_id for take in takes.values() if take is not None}
    own = plan.steps_of(asked)
    others = {step.id for step in plan.steps}.difference(step.id for step in own)
    return CutList(
        film=name,
        identity=identity,
        title=asked.board.title,
        service=service,
        sha256=sha256,
        size=film.size,
        av_offset_ms=av_offset_ms,
        fps=float(film.fps),
        frames=film.frames,
        seconds=round(film.seconds, 6),
        asked_seconds=asked.seconds,
        cuts=cut_shots(plan, asked.timeline, film, takes, ends),
        close=film.close,
        sound=cut_sound(film.sound, sound),
        captions=cut_captions(asked.timeline, film),
        steps=tuple(
            CutStep(
                step=step.id,
                request_id=take.request_id if (take := takes.get(step.id)) else None,
                estimated_usd=usd(step.ticks),
                charged_usd=_charged(take),
                file=_file(take, there),
            )
            for step in own
        ),
        unused=tuple(
            UnusedTake(
                step=row.step,
                request_id=row.request_id,
                state=row.state,
                estimated_usd=usd(row.estimate_ticks),
                charged_usd=usd(row.charge) if row.charge is not None else None,
                file=_file(row.take, there),
            )
            for row in costs.rows
            if row.request_id not in used and row.step not in others
        ),
        totals=costs.sums.totals,
        notes=(
            *remarks(asked.timeline, film),
            *title_remarks(asked.timeline, film),
            *caption_remarks(asked.timeline, film),
            *sound_remarks(asked.timeline, film, sound),
            *(f"{step.id}: {with_redo(step.id, marks[step.id])}" for step in own if marks.get(step.id)),
        ),
        handed_over=_handed_over(asked.board.finish, film),
    )


def _handed_over(finish: Finish, film: ResolvedTimeline) -> CutHandover | None:
    """Return how a film is handed over; None where it is as it was cut."""
    finish = finish.of(film.fps)
    if finish == AS_CUT:
        return None
    rate = finish.rate or film.fps
    frames = frames_at(film.frames, film.fps, rate)
    laid = finish.overlay
    return CutHandover(
        codec=finish.codec,
        sound="pcm_s24le" if finish.codec == "prores" else "aac",
        fps=float(rate),
        frames=frames,
        seconds=round(float(frames / rate), 6),
        burn_in=finish.burn_in,
        overlay=None
        if laid is None
        else CutOverlay(
            file=laid.picture.path.name, sha256=laid.picture.sha256, place=laid.place, opacity=laid.opacity
        ),
    )


def cut_shots(
    plan: Plan,
    asked: Timeline,
    film: ResolvedTimeline,
    takes: Mapping[str, Take | None],
    ends: Mapping[StepClip, Sequence[float]],
) -> tuple[CutShot, ...]:
    """
    Return the shots of a film, with who made them.

    Args:
        takes: The take of each step.
        ends: Of clips that are joined, where each part ends.
    """
    ticks = {step.id: step.ticks for step in plan.steps}
    return tuple(
        _shot(shot, resolved, film.fps, takes, ticks, ends)
        for shot, resolved in zip(asked.picture, film.picture, strict=True)
    )


def _shot(
    asked: Shot,
    resolved: ResolvedShot,
    rate: Fraction,
    takes: Mapping[str, Take | None],
    ticks: Mapping[str, int],
    ends: Mapping[StepClip, Sequence[float]],
) -> CutShot:
    fps = float(rate)
    first, shown = resolved.first_frame / fps, resolved.frames / fps
    # Who made what is known in seconds of the clip; of own footage all of it is one person's.
    begins = 0.0 if asked.footage is not None else resolved.clip_first_frame / fps
    parts: list[CutPart] = []
    at = 0.0
    joined = dict[str | None, float]()
    if isinstance(asked.source, StepClip) and asked.source in ends:
        joined.update(zip((part.step or None for part in asked.source.parts), ends[asked.source], strict=True))
    for credit in asked.credits if asked.placeholder is None else ():
        take = takes.get(credit.step) if credit.step else None
        # What a step made ends where its own clip ended; measured, since asked and made seconds may differ.
        end = take.seconds if take and take.seconds else credit.end
        end = math.inf if credit is asked.credits[-1] else joined.get(credit.step, end)
        start_s, end_s = (min(max(0.0, (second - begins) / resolved.speed), shown) for second in (at, end))
        if start_s < end_s:
            parts.append(
                CutPart(
                    step=credit.step,
                    request_id=take.request_id if take else None,
                    start=round(first + start_s, 6),
                    end=round(first + end_s, 6),
                    asked_seconds=round(credit.end - credit.start, 6),
                    measured_seconds=round(end_s - start_s, 6),
                    estimated_usd=usd(ticks[credit.step]) if credit.step else 0.0,
                    charged_usd=_charged(take),
                )
            )
        at = end
    return CutShot(
        scene=asked.scene,
        shows=asked.shows,
        start=round(first, 6),
        end=round(first + shown, 6),
        first_frame=resolved.first_frame,
        frames=resolved.frames,
        clip_first_frame=resolved.clip_first_frame,
        speed=resolved.speed,
        joint=resolved.joint if isinstance(resolved.joint, Joint) else None,
        asked_seconds=asked.seconds,
        placeholder=None if asked.placeholder is None else asked.placeholder.why,
        parts=tuple(parts),
        titles=cut_titles(asked, resolved, rate),
    )


def _file(take: Take | None, files: Mapping[str, Path]) -> str | None:
    path = files.get(take.sha256) if take is not None and take.sha256 is not None else None
    return None if path is None else str(path)


def _charged(take: Take | None) -> float | None:
    return usd(take.charge) if take is not None and take.charge is not None else None
