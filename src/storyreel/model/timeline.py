"""
What a film is: its shots in their order, as one frozen value.

Planning writes a `Timeline` in asked seconds. Once its clips are measured it is resolved, once, and from then on
everything is in frames: whoever cuts, proves, lists or shows the film reads that value and no other. The words are
OpenTimelineIO's (timeline, clip, source range, transition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from storyreel.model.captions import AS_USUAL, BURNING, Captioning
from storyreel.model.drawn import Drawn
from storyreel.model.joints import AskedJoint, Joint, Reach, joined, shortened
from storyreel.model.recipe import Frozen, digest
from storyreel.model.shot import Shot, StepClip
from storyreel.model.sound import AS_IT_IS, HeardShot, Music, ResolvedSound, resolve_sound
from storyreel.model.spans import drawn_beyond, filmed_beyond, reach_of, span_of, to_frames
from storyreel.model.storyboard import Transition
from storyreel.model.words import LETTERED, Lettering, lettered, one_at_a_place

CUTTING = 3
"""Raised when the way a film is cut changes, so that older films are not taken for it."""

NOMINAL = Fraction(24)
"""Frames a second that a film is reckoned with while nothing of it is made."""


@dataclass(frozen=True)
class Timeline:
    """
    A film in asked seconds: its size in pixels, its shots, and the transition in which it ends. Each shot brings its own
    sound, as long as its picture. `loudness` is in LUFS; None changes no level. What is read beside its picture, captions and
    chapters, is no part of what it is, unless captions are burnt into it.
    """

    size: tuple[int, int]
    picture: tuple[Shot, ...]
    close: Transition | None = None
    music: tuple[Music, ...] = ()
    loudness: float | None = None
    captions: Captioning = AS_USUAL
    chapters: bool = False

    @property
    def seconds(self) -> float:
        """How long the film is to last."""
        if not self.is_edited:
            return sum(shot.seconds for shot in self.picture)
        overlaps = sum(joint.overlap for joint in self.joints if joint is not None)
        return float((sum(each.shown for each in self.reaches) - overlaps) / NOMINAL)

    @property
    def is_edited(self) -> bool:
        """Whether it shows parts of clips that are made, at other speeds, or with transitions: then it is reckoned in frames."""
        plain = all(
            shot.joint is None and shot.speed == 1 and (shot.is_whole or shot.footage is not None)
            for shot in self.picture
        )
        return not plain or self.close is not None

    @property
    def is_cut(self) -> bool:
        """Whether it is more than scenes, each whole and once, one after the other."""
        scenes = [shot.scene for shot in self.picture]
        plain = all(shot.is_whole and shot.joint is None for shot in self.picture) and self.close is None
        return not plain or len(set(scenes)) < len(scenes)

    @cached_property
    def joints(self) -> tuple[Joint | None, ...]:
        """The joints into each shot, and the one at the end, as they are to be: in frames, 24 of them a second."""
        return joined(self.reaches, self.asked_joints(NOMINAL))

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps whose clips the film shows, in its order, each once."""
        return tuple(dict.fromkeys(step for shot in self.picture for step in shot.steps))

    def identity(self, sources: Mapping[str, str]) -> str:
        """
        Return what the film is: sha256 (hex) over its shots, the content of their sources, and the way we cut.

        What it resolves to follows from these, so a film is known before anything is measured.

        Args:
            sources: The sha256 of each step's clip.
        """
        shown: dict[str, Any] = {"v": CUTTING, "size": list(self.size)}
        shown["shots"] = [_shown(shot, sources) for shot in self.picture]
        if self.close is not None:
            shown["close"] = _joint(self.close)
        if self.music:
            scenes = [shot.scene for shot in self.picture]
            shown["music"] = [bed.identity(scenes) for bed in self.music]
        if self.loudness is not None:
            shown["loudness"] = self.loudness
        if self.captions.burn:
            shown["burnt"] = self._burnt()
        return digest(shown)

    def _burnt(self) -> dict[str, Any]:
        """Return what is read in the picture, and in which letters."""
        font = self.captions.font
        look = {"v": [BURNING, LETTERED], "font": None if font is None else font.sha256}
        if self.captions.file is not None:
            return {**look, "sha256": self.captions.file.sha256}
        return {**look, "say": [[say.identity for say in shot.say] for shot in self.picture]}

    @cached_property
    def places(self) -> tuple[tuple[int, int], ...]:
        """The first frame of each shot as it is to be, and how many it has: 24 of them a second."""
        at, places = 0, []
        for joint, reach in zip(self.joints, self.reaches, strict=False):
            at -= 0 if joint is None else joint.overlap
            places.append((at, reach.shown))
            at += reach.shown
        return tuple(places)

    def heard(self, places: Sequence[tuple[int, int]], rate: Fraction) -> ResolvedSound | None:
        """
        Return what is heard, in samples; None where every shot is heard as it is and nothing else is.

        Args:
            places: The first frame of each shot in the film, and how many it has.
            rate: Frames a second.
        """
        shots = [
            HeardShot(shot.scene, *place, own=shot.sound, laid=shot.laid)
            for shot, place in zip(self.picture, places, strict=True)
        ]
        return resolve_sound(shots, self.music, self.loudness, rate=rate)

    def named(self, film: ResolvedTimeline) -> ResolvedTimeline:
        """
        Return this film, in frames, with the names that scenes and files have now: they are no part of what it is, so it may have
        been cut when they had others.
        """
        picture = tuple(
            shot.model_copy(update={"scene": asked.scene})
            for shot, asked in zip(film.picture, self.picture, strict=True)
        )
        places = [(shot.first_frame, shot.frames) for shot in picture]
        return film.model_copy(update={"picture": picture, "sound": self.heard(places, film.fps)})

    def words(self, places: Sequence[tuple[int, int]], rate: Fraction) -> tuple[Lettering, ...]:
        """
        Return the words that are laid over the picture, in the order in which they begin, none of them over another of its place.

        Args:
            places: The first frame of each shot in the film, and how many it has.
            rate: Frames a second.
        """
        shots = zip(self.picture, places, strict=True)
        return one_at_a_place(each for shot, place in shots for each in lettered(shot.titles, *place, rate))

    @property
    def fonts(self) -> Mapping[str, Path]:
        """The file of each font that words over the picture are written in, by its content."""
        fonts = [title.font for shot in self.picture for title in shot.titles]
        return {font.sha256: font.path for font in (*fonts, self.captions.font) if font is not None}

    def asked_joints(self, rate: Fraction) -> list[AskedJoint | None]:
        """Return the joint into each shot, and the one at the end, in frames at a rate; None for a cut."""
        asked = [shot.joint for shot in self.picture] + [self.close]
        return [None if each is None else AskedJoint(each.kind, to_frames(each.seconds, rate)) for each in asked]

    @cached_property
    def reaches(self) -> list[Reach]:
        """How far each shot reaches, in frames, 24 of them a second."""
        return [reach_of(shot, span_of(shot, shot.source.seconds, None, NOMINAL)) for shot in self.picture]


@dataclass(frozen=True)
class MeasuredSource:
    """
    What resolving has to know of a source: its content, and how long it was found to be.

    `joins` says that its packets can go into the film as they are.
    """

    sha256: str
    frames: int
    seconds: float
    joins: bool


class ResolvedShot(Frozen):
    """
    A shot in frames: `frames` of them are shown from `first_frame` of the film on, the clip's from `clip_first_frame` on.

    `source_range` are the seconds of the source that are encoded for it, to `source_frames` frames; None where its packets are
    copied. Of what is drawn they may begin before 0 and end after its end. `joint` leads into it: a transition, or a cut.
    """

    scene: str
    sha256: str
    first_frame: int
    frames: int
    source_range: tuple[float, float] | None
    joint: Joint | Literal["cut"] = "cut"
    clip_first_frame: int = 0
    speed: float = 1.0
    source_frames: int | None = None


class ResolvedTimeline(Frozen):
    """
    A film in frames, `rate` (numerator and denominator) of them a second; `size` in pixels as it is; `close` ends it. `sound` is
    None where every shot is heard as it is, and nothing else is. `words` are laid over the picture.
    """

    rate: tuple[int, int]
    size: tuple[int, int]
    picture: tuple[ResolvedShot, ...]
    close: Joint | None = None
    sound: ResolvedSound | None = None
    words: tuple[Lettering, ...] = ()

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return Fraction(*self.rate)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return self.picture[-1].first_frame + self.picture[-1].frames if self.picture else 0

    @property
    def seconds(self) -> float:
        """How long the film is."""
        return float(self.frames / self.fps)


def resolve(
    timeline: Timeline, measured: Sequence[MeasuredSource], *, rate: Fraction, size: tuple[int, int]
) -> ResolvedTimeline:
    """
    Turn a timeline into frames.

    A source that joins as it is gives the frames that it has; any other is encoded for its asked seconds, which are
    rounded to frames of the film. Where a clip turned out shorter than it was asked to be a shot ends with it, and a
    transition takes what there is.

    Args:
        measured: The source of each shot.
        rate: Frames a second of the film.
        size: Width and height of the film in pixels, where its clips agree on one that is nearly the asked one.

    Raises:
        MediaError: Nothing is left of a shot: its clip ends before it begins.
    """
    pairs = list(zip(timeline.picture, measured, strict=True))
    spans = [span_of(shot, source.seconds, source.frames if source.joins else None, rate) for shot, source in pairs]
    shots = [reach_of(shot, span) for (shot, _), span in zip(pairs, spans, strict=True)]
    joints = shortened(shots, timeline.asked_joints(rate))
    resolved: list[ResolvedShot] = []
    at = 0
    for index, (shot, source) in enumerate(pairs):
        into, out, span = joints[index], joints[index + 1], spans[index]
        at -= 0 if into is None else into.overlap
        encoded, frames = (None, None) if source.joins else ((0.0, source.seconds), span.frames)
        if shot.is_part_of_footage:
            start, end = shot.within(source.seconds)
            before, after = filmed_beyond(span, shot.speed, into, out, rate)
            encoded = (max(0.0, start - float(before / rate)), min(source.seconds, end + float(after / rate)))
            frames = before + span.end - span.start + after
        if shot.drawn is not None:
            before, after = drawn_beyond(span, shot.speed, into, out, rate)
            encoded = (-float(before / rate), float((span.frames + after) / rate))
            frames = before + span.frames + after
        resolved.append(
            ResolvedShot(
                scene=shot.scene,
                sha256=source.sha256,
                first_frame=at,
                frames=shots[index].shown,
                source_range=encoded,
                source_frames=frames,
                joint="cut" if into is None else into,
                clip_first_frame=span.start,
                speed=float(shot.speed),
            )
        )
        at += shots[index].shown
    places = [(shot.first_frame, shot.frames) for shot in resolved]
    return ResolvedTimeline(
        rate=(rate.numerator, rate.denominator),
        size=size,
        picture=tuple(resolved),
        close=joints[-1],
        sound=timeline.heard(places, rate),
        words=timeline.words(places, rate),
    )


def _shown(shot: Shot, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return what a shot shows, for the film's identity: a field that was not there in former films only where it is set."""
    if isinstance(shot.source, StepClip):
        content = source_identity(shot.source, sources)
        content |= {} if shot.is_whole else {"start": shot.start, "end": shot.end}
    elif isinstance(shot.source, Drawn):
        content = {"drawn": shot.source.identity}
        content |= {} if shot.is_whole else {"start": shot.start, "end": shot.end}
    else:
        content = {"sha256": shot.source.sha256, "start": shot.start, "end": shot.end}
    content |= {} if shot.speed == 1 else {"speed": str(shot.speed)}
    content |= {} if shot.framing.is_usual else shot.framing.identity
    content |= {} if shot.sound == AS_IT_IS else {"sound": shot.sound.identity}
    content |= {"laid": [each.identity for each in shot.laid]} if shot.laid else {}
    content |= {"titles": [each.identity for each in shot.titles]} if shot.titles else {}
    return content if shot.joint is None else {**content, "joint": _joint(shot.joint)}


def source_identity(clip: StepClip, sources: Mapping[str, str]) -> dict[str, Any]:
    """
    Return what tells the clip of a scene from others.

    Args:
        sources: The sha256 of each step's clip.
    """
    if not clip.parts:
        return {"sha256": sources[clip.step]}
    return {"joined": [[None if part.own else sources[part.step], *part.identity] for part in clip.parts]}


def _joint(transition: Transition) -> dict[str, Any]:
    return {"kind": transition.kind, "seconds": transition.seconds}
