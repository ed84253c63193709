"""
Lay a resolved film out in segments: packets that are copied, and windows that are rendered between them.

Pure: shots with their clips and scans go in, an order of pieces and windows comes out, and what is heard beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from storyreel.media import Fade, House, Mix, Piece, Scan, SoundPiece, Stretch, Window, cover, wait
from storyreel.model.joints import Joint
from storyreel.model.shot import exact
from storyreel.model.sound import OwnLevel
from storyreel.model.timeline import ResolvedTimeline
from storyreel.model.words import Lettering

LEAST_COPIED_S = 1
"""A copy of fewer seconds is not worth its two joints: it is rendered with what is beside it."""

LEAST_WINDOW_S = 2
"""
Where words follow one another over many seconds, as captions do, a window ends with some of them after as many seconds at least: so another
word renders a few seconds anew and not all of the shot, and no window has more words than can be laid over it at once.
"""

LONGEST_WAIT_S = 2
"""
A clip is given more key frames where more seconds of a shot than these would be rendered although they are seen as they are, only
because no key frame comes sooner; if that is half of the clip at least, or it would cost more than it ever saves.
"""

Segment = Piece | Window


@dataclass(frozen=True)
class ShotClip:
    """
    The clip of a shot in the house format, what its packets are like, and the frame of it that is shown first but for
    handles. `content` tells it from others wherever it lies; `called` is what errors say of it. `heard_in` is the file of its
    sound and `heard_as` the content of that, where it is another one.
    """

    path: Path
    scan: Scan
    origin: int
    content: str = ""
    called: str = ""
    heard_in: Path | None = None
    heard_as: str = ""


@dataclass(frozen=True)
class _Placed:
    """
    A shot in the film: its frames from `begins` to before `ends`, counted from the first that is to be seen; handles lie
    outside of it. From `plain_from` to before `plain_to` it is seen alone. `at` is the film's frame that its first one is; `lettered`
    are those of its frames that words are laid over, in their order, none of them twice.
    """

    clip: ShotClip
    speed: Fraction
    into: Joint | None
    begins: int
    ends: int
    plain_from: int
    plain_to: int
    at: int
    lettered: tuple[range, ...]

    @property
    def is_all_of_its_clip(self) -> bool:
        """Whether all of its clip is shown, as fast as it is."""
        first, end = self.clip.origin + self.begins, self.clip.origin + self.ends
        return self.speed == 1 and first == 0 and end == self.clip.scan.frames

    @property
    def as_they_are(self) -> Iterator[range]:
        """Which of its frames are seen alone, with no words over them."""
        first = self.plain_from
        for each in self.lettered:
            if first < min(each.start, self.plain_to):
                yield range(first, min(each.start, self.plain_to))
            first = max(first, each.stop)
        if first < self.plain_to:
            yield range(first, self.plain_to)

    def stretch(self, first: int, end: int) -> Stretch:
        """Return some of its frames."""
        return Stretch(self.clip.path, self.clip.origin, end - first, skip=first, speed=self.speed)


class _Draft:
    """
    Segments in the making: what is to be rendered gathers into a window until something is copied, or cut to. A window takes those of
    the film's words along that are over it.
    """

    def __init__(self, words: Sequence[Lettering]) -> None:
        self.segments: list[Segment] = []
        self.mixes: list[Mix] = []
        self.opens: Fade | None = None
        self._words = words
        self._stretches: list[Stretch] = []
        self._at = 0

    def render(self, stretch: Stretch, at: int) -> None:
        """Add frames to the window; `at` is the film's frame that the first of them is."""
        if stretch.frames:
            self._at = self._at if self._stretches else at
            self._stretches.append(stretch)

    def copy(self, piece: Piece) -> None:
        """Add a copied piece behind what is to be rendered before it."""
        self.close()
        self.segments.append(piece)

    def close(self, fade: Fade | None = None) -> None:
        """End the window, if there is one, with a fade or without."""
        if self._stretches:
            window = Window(tuple(self._stretches), tuple(self.mixes), self.opens, fade)
            words = (each.within(self._at, self._at + window.frames) for each in self._words)
            self.segments.append(replace(window, words=tuple(each for each in words if each is not None)))
        self._stretches, self.mixes, self.opens = [], [], None


def segments(film: ResolvedTimeline, clips: Sequence[ShotClip]) -> list[Segment]:
    """
    Return a film's picture: as much of it as can be is copied.

    Args:
        clips: Of each shot.
    """
    least = round(LEAST_COPIED_S * film.fps)
    draft = _Draft(film.words)
    ends = _Ends(tuple(sorted({each.first_frame for each in film.words})), round(LEAST_WINDOW_S * film.fps))
    for shot in _placed(film, clips):
        if shot.into is None:
            draft.close()
        elif shot.into.is_fade:
            draft.close(_fade(shot.into, shot.into.of_outgoing))
            draft.opens = _fade(shot.into, shot.plain_from)
        else:
            draft.mixes.append(Mix(_xfade(shot.into.kind), shot.into.frames))
        rendered = shot.begins
        for copied in _copied(shot, least):
            _render(draft, shot, rendered, copied.start, ends)
            draft.copy(Piece(shot.clip.path, len(copied), shot.clip.called, shot.clip.origin + copied.start))
            rendered = copied.stop
        _render(draft, shot, rendered, shot.ends, ends)
    draft.close(None if film.close is None else _fade(film.close, film.close.frames))
    return draft.segments


def wants_groups(film: ResolvedTimeline, clips: Sequence[ShotClip]) -> list[int]:
    """
    Return the places of the shots whose clips are better encoded once, with a key frame every second, than in every cut anew.

    A transition into a shot, or a title over it, has it rendered up to the next key frame of its clip, and many clips have no other
    than the first.
    A shot of a whole clip between two cuts is copied, whatever its clip is like.

    Args:
        clips: Of each shot.
    """
    longest = LONGEST_WAIT_S * film.fps
    return [
        at
        for at, shot in enumerate(_placed(film, clips))
        if (waits := _wait(shot)) > longest and 2 * waits >= shot.clip.scan.frames
    ]


def has_long_groups(clip: ShotClip, house: House) -> bool:
    """Whether the clip of a shot may be one that is better encoded once, should a transition lead into the shot."""
    ends = [*clip.scan.starts[1:], clip.scan.frames]
    return any(end - start > LONGEST_WAIT_S * house.fps for start, end in zip(clip.scan.starts, ends, strict=True))


def _wait(shot: _Placed) -> int:
    """Return how many frames that are seen alone, and as they are, come before the first key frame among them."""
    if shot.speed != 1:
        return 0
    origin = shot.clip.origin
    return sum(wait(shot.clip.scan, origin + each.start, origin + each.stop) for each in shot.as_they_are)


def sounds(film: ResolvedTimeline, clips: Sequence[ShotClip]) -> list[SoundPiece | None]:
    """
    Return what is heard of each shot, None of one that is mute: it crosses over where its picture is mixed, and fades where that fades.
    Its own fades begin and end with what is to be seen of it: in its handles it is then silent.
    """
    own = (OwnLevel(),) * len(clips) if film.sound is None else film.sound.own
    return [
        None
        if level.mute
        else SoundPiece(
            shot.clip.heard_in or shot.clip.path,
            at=resolved.first_frame + shot.begins,
            frames=shot.ends - shot.begins,
            skipped=(shot.clip.origin + shot.begins * shot.speed) / film.fps,
            speed=shot.speed,
            rise=shot.plain_from - shot.begins,
            fall=shot.ends - shot.plain_to,
            cut_within=not shot.is_all_of_its_clip,
            gain_db=level.gain_db,
            begins=-shot.begins,
            fade_in=level.fade_in,
            ends=resolved.frames - shot.begins,
            fade_out=level.fade_out,
        )
        for resolved, shot, level in zip(film.picture, _placed(film, clips), own, strict=True)
    ]


def _placed(film: ResolvedTimeline, clips: Sequence[ShotClip]) -> Iterator[_Placed]:
    """Yield where each shot lies, with the transitions on either side of it."""
    joints = [*(shot.joint if isinstance(shot.joint, Joint) else None for shot in film.picture), film.close]
    final = len(clips) - 1
    for at, (shot, clip) in enumerate(zip(film.picture, clips, strict=True)):
        into, out = joints[at], joints[at + 1]
        taken_in = 0 if into is None else into.of_incoming if at else into.frames
        taken_out = 0 if out is None else out.frames if at == final else out.of_outgoing
        yield _Placed(
            clip=clip,
            speed=exact(shot.speed),
            into=into,
            begins=0 if into is None else -into.handle_in,
            ends=shot.frames + (0 if out is None else out.handle_out),
            plain_from=taken_in,
            plain_to=shot.frames - taken_out,
            at=shot.first_frame,
            lettered=_lettered(film.words, shot.first_frame, shot.frames),
        )


def _lettered(words: Sequence[Lettering], first: int, frames: int) -> tuple[range, ...]:
    """Return over which frames of a shot, counted from its first, words are laid."""
    taken: list[range] = []
    inside = (each.within(first, first + frames) for each in words)
    for each in sorted(
        (range(one.first_frame, one.end) for one in inside if one is not None), key=lambda one: one.start
    ):
        if taken and each.start <= taken[-1].stop:
            taken[-1] = range(taken[-1].start, max(taken[-1].stop, each.stop))
        else:
            taken.append(each)
    return tuple(taken)


def _copied(shot: _Placed, least: int) -> Iterator[range]:
    """Yield which of a shot's frames are shown by their own packets."""
    if shot.speed != 1:
        return
    origin = shot.clip.origin
    for each in shot.as_they_are:
        copied = cover(shot.clip.scan, origin + each.start, origin + each.stop, least=least).copied
        # Between words and a joint, or other words, a few frames are not worth two more joints.
        if copied and (len(copied) >= least or not shot.lettered):
            yield range(copied.start - origin, copied.stop - origin)


@dataclass(frozen=True)
class _Ends:
    """Where a window may end for the sake of the words over it: with the frames of the film at which some begin, if each has `least`."""

    places: tuple[int, ...]
    least: int


def _render(draft: _Draft, shot: _Placed, first: int, end: int, ends: _Ends) -> None:
    """Have frames of a shot rendered: in several windows where many words are laid over what is seen alone of it."""
    for place in (each - shot.at for each in ends.places):
        alone = shot.plain_from <= place <= shot.plain_to
        if alone and place - first >= ends.least and end - place >= ends.least:
            draft.render(shot.stretch(first, place), shot.at + first)
            draft.close()
            first = place
    draft.render(shot.stretch(first, end), shot.at + first)


def _fade(joint: Joint, frames: int) -> Fade | None:
    return Fade(joint.kind.removeprefix("fade-"), frames) if frames else None


def _xfade(kind: str) -> str:
    """Return what ffmpeg calls a transition: its `dissolve` is another thing than that of the trade, which it calls a fade."""
    return "fade" if kind == "dissolve" else kind.replace("-", "")
