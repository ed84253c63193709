"""
What is heard of a film: the sound of its shots, what is laid over them, the music under them, and how loud all of it is.

Seconds where it is asked for; samples, `SAMPLE_RATE` of them a second, once the film is resolved. A moment of the film and a
length in it are whole frames of the film; what counts in a file is told to the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any, Literal

from storyreel.files.regular import Seen
from storyreel.model.recipe import Frozen

SAMPLE_RATE = 48000

DUCK_DOWN_S, DUCK_UP_S = 0.15, 0.4
"""Music goes down before what it goes down for begins, and comes up after that has ended."""
DUCK_GAP_S = 1.0
"""Between two that are less apart it stays down."""
USUAL_DUCK_DB = -10.0

Kind = Literal["voiceover", "sounds", "music"]
"""What a sound is that a person gave, in the words of the language."""


@dataclass(frozen=True)
class SoundFile:
    """
    A sound that a person gave, measured. `seen` is how the file was when it had this content; `whole_seconds` is how long it says it
    is, where it has notably less.
    """

    path: Path
    sha256: str
    seconds: float
    seen: Seen | None = field(default=None, compare=False, repr=False)
    whole_seconds: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class OwnSound:
    """How a shot's own sound is heard. Fades are seconds of the film; `duck`: music goes down under all of the shot."""

    gain_db: float = 0.0
    mute: bool = False
    fade_in: float = 0.0
    fade_out: float = 0.0
    duck: bool = False

    @property
    def identity(self) -> dict[str, Any]:
        """What is otherwise than where nothing is asked for."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) != each.default}


AS_IT_IS = OwnSound()


@dataclass(frozen=True)
class LaidSound:
    """A recording or an effect that is laid over a shot, from `at` seconds of the film after its first frame, to its own end."""

    kind: Literal["voiceover", "sounds"]
    file: SoundFile
    at: float = 0.0
    gain_db: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes a difference to what is heard, whatever its file is called."""
        return {
            "kind": self.kind,
            "sha256": self.file.sha256,
            "at": self.at,
            "gain_db": self.gain_db,
            "fades": [self.fade_in, self.fade_out],
        }


def spanned(first: str | None, last: str | None, scenes: Sequence[str]) -> tuple[int, int]:
    """Return the places of the first shot of one scene and of the last of another; None is the film's own end."""
    begins = 0 if first is None else scenes.index(first)
    ends = len(scenes) - 1 if last is None else len(scenes) - 1 - scenes[::-1].index(last)
    return begins, ends


@dataclass(frozen=True)
class Music:
    """
    A bed of music, from the first frame of the first shot of one scene to the last frame of the last shot of another; None is
    the film's own end. It begins `start` seconds into its file, and goes back there at the file's end if it is to `loop`.
    """

    file: SoundFile
    first: str | None = None
    last: str | None = None
    start: float = 0.0
    loop: bool = False
    gain_db: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    duck_db: float = USUAL_DUCK_DB

    def spans(self, scenes: Sequence[str]) -> tuple[int, int]:
        """
        Return the places of the first and the last shot under which it is heard.

        Args:
            scenes: That of each shot, in the film's order; those that it names are among them.
        """
        return spanned(self.first, self.last, scenes)

    def identity(self, scenes: Sequence[str]) -> dict[str, Any]:
        """Return all that makes a difference to what is heard, whatever its file and its scenes are called."""
        return {
            "sha256": self.file.sha256,
            "shots": list(self.spans(scenes)),
            "start": self.start,
            "loop": self.loop,
            "gain_db": self.gain_db,
            "fades": [self.fade_in, self.fade_out],
            "duck_db": self.duck_db,
        }


class OwnLevel(Frozen):
    """How a shot's own sound is heard; its fades in frames."""

    gain_db: float = 0.0
    mute: bool = False
    fade_in: int = 0
    fade_out: int = 0


class PlacedSound(Frozen):
    """
    A sound of a person's own at its place: `samples` of it from the film's sample `first` on, the file's from `start` on.

    `repeats`: from the file's end it goes back to `start`. `scene` is what it is laid over, or what it begins with.
    """

    kind: Kind
    sha256: str
    name: str
    scene: str
    first: int
    samples: int
    start: int = 0
    repeats: bool = False
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    duck_db: float = 0.0
    cut_at_its_end: bool = False


class ResolvedSound(Frozen):
    """
    What is heard of a film, in samples. `own` is how each shot's own sound is heard; `ducked` are the stretches, each from its
    first sample to before its last, under which music is down; `loudness` is in LUFS, None where no level changes.
    """

    own: tuple[OwnLevel, ...]
    placed: tuple[PlacedSound, ...] = ()
    ducked: tuple[tuple[int, int], ...] = ()
    loudness: float | None = None


@dataclass(frozen=True)
class HeardShot:
    """A shot as sound has to know it: its place in frames of the film, how it is heard, and what is laid over it."""

    scene: str
    first_frame: int
    frames: int
    own: OwnSound = AS_IT_IS
    laid: tuple[LaidSound, ...] = ()


def resolve_sound(
    shots: Sequence[HeardShot], music: Sequence[Music], loudness: float | None, *, rate: Fraction
) -> ResolvedSound | None:
    """
    Turn what is to be heard into samples; None where nothing is asked for.

    Args:
        shots: In the film's order; the last one ends it.
        rate: Frames a second of the film.
    """
    if not shots or not (music or loudness is not None or any(each.own != AS_IT_IS or each.laid for each in shots)):
        return None

    def frames(seconds: float) -> int:
        return floor(Fraction(seconds).limit_denominator(1_000_000) * rate + Fraction(1, 2))

    def samples(frame: int) -> int:
        return samples_of(frame, rate)

    laid = list(_laid(shots, frames, samples))
    beds = list(_beds(shots, music, frames, samples))
    spoken = [(each.first, each.first + each.samples) for each in laid if each.kind == "voiceover"]
    under = [(samples(each.first_frame), samples(_end(each))) for each in shots if each.own.duck]
    return ResolvedSound(
        own=tuple(
            OwnLevel(
                gain_db=each.own.gain_db,
                mute=each.own.mute,
                fade_in=frames(each.own.fade_in),
                fade_out=frames(each.own.fade_out),
            )
            for each in shots
        ),
        placed=(*laid, *beds),
        ducked=tuple(_together([*spoken, *under])) if beds else (),
        loudness=loudness,
    )


def samples_of(frames: int, rate: Fraction) -> int:
    """Return how many samples go with the first `frames` frames of a film."""
    return round(frames * SAMPLE_RATE / rate)


def in_file(seconds: float) -> int:
    """Return seconds of a file as samples."""
    return round(Fraction(seconds).limit_denominator(1_000_000) * SAMPLE_RATE)


def _end(shot: HeardShot) -> int:
    return shot.first_frame + shot.frames


def _laid(
    shots: Sequence[HeardShot], frames: Callable[[float], int], samples: Callable[[int], int]
) -> Iterator[PlacedSound]:
    """Yield what is laid over shots: each runs on over what follows, to its own end or the film's."""
    end = samples(_end(shots[-1]))
    for shot in shots:
        for each in shot.laid:
            first = samples(shot.first_frame + frames(each.at))
            whole = in_file(each.file.seconds)
            length = min(whole, end - first)
            if length > 0:
                yield PlacedSound(
                    kind=each.kind,
                    sha256=each.file.sha256,
                    name=each.file.path.name,
                    scene=shot.scene,
                    first=first,
                    samples=length,
                    gain_db=each.gain_db,
                    fade_in=samples(frames(each.fade_in)),
                    fade_out=samples(frames(each.fade_out)),
                    cut_at_its_end=length < whole,
                )


def _beds(
    shots: Sequence[HeardShot],
    music: Iterable[Music],
    frames: Callable[[float], int],
    samples: Callable[[int], int],
) -> Iterator[PlacedSound]:
    """Yield music: each bed ends with its last shot, or with its file."""
    scenes = [shot.scene for shot in shots]
    for bed in music:
        begins, ends = bed.spans(scenes)
        first = samples(shots[begins].first_frame)
        span = samples(_end(shots[ends])) - first
        start = in_file(bed.start)
        left = in_file(bed.file.seconds) - start
        length = span if bed.loop else min(span, left)
        if length > 0 and left > 0:
            yield PlacedSound(
                kind="music",
                sha256=bed.file.sha256,
                name=bed.file.path.name,
                scene=scenes[begins],
                first=first,
                samples=length,
                start=start,
                repeats=bed.loop,
                gain_db=bed.gain_db,
                fade_in=samples(frames(bed.fade_in)),
                fade_out=samples(frames(bed.fade_out)),
                duck_db=bed.duck_db,
                cut_at_its_end=length < left or (bed.loop and length % left > 0),
            )


def _together(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield stretches in their order, those as one between which music does not come up."""
    gap = round(DUCK_GAP_S * SAMPLE_RATE)
    begins: int | None = None
    ends = 0
    for first, last in sorted(stretches):
        if begins is not None and first - ends >= gap:
            yield begins, ends
            begins = None
        begins, ends = (first, last) if begins is None else (begins, max(ends, last))
    if begins is not None:
        yield begins, ends
