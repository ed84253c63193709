"""
A shot: what the film shows of a scene at one place, in seconds of its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from storyreel.model.captions import Say
from storyreel.model.drawn import PLAIN, Drawn, Framing, Placeholder
from storyreel.model.footage import Footage
from storyreel.model.sound import AS_IT_IS, LaidSound, OwnSound
from storyreel.model.storyboard import Transition
from storyreel.model.tails import ClipPart, OwnPart
from storyreel.model.words import Title


@lru_cache(maxsize=1024)
def exact(speed: float) -> Fraction:
    """Return a speed as it is reckoned with: to the thousandth."""
    return Fraction(speed).limit_denominator(1000)


def from_start(start: float, end: float | None, length: float) -> tuple[float, float]:
    """Return a range that may count from the end of a clip of this length as one that counts from its start."""
    end = length if end is None else end
    return (start + length if start < 0 else start), (end + length if end < 0 else end)


@dataclass(frozen=True)
class StepClip:
    """
    The clip that a step of the plan makes: `seconds` is how long it was asked to be. Of a scene with tails it is joined of `parts`,
    of which the step makes the last one.
    """

    step: str
    seconds: float
    parts: tuple[ClipPart, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps in whose clips it lies."""
        return tuple(part.step for part in self.parts if part.own is None) or (self.step,)

    @property
    def own(self) -> OwnPart | None:
        """The person's own clip with which it begins; None where all of it was made."""
        return self.parts[0].own if self.parts else None


@dataclass(frozen=True)
class Credit:
    """Whose work the seconds from `start` to `end` of a clip are: a step's id, or None for a person's own footage."""

    step: str | None
    start: float
    end: float


@dataclass(frozen=True)
class Shot:
    """
    What the film shows of a scene at one place: its source from `start` to `end`, in seconds of that source.

    A negative second counts from the source's end; no `end` is its end. `speed` 2 shows it in half the time. An extension
    comes back as its input and the new part in one clip, so a scene is one clip, that of its last step, as long as that goes in
    whole; where only its tail did, the clip is joined of parts, and then is one clip as any other. `credits` say which step made which of its seconds. `framing` says how a clip of another ratio is fitted; what is drawn has its own.
    `sound` is how its own sound is heard, `laid` what is laid over it; `titles` stand over its picture, `say` is what is said in its
    scene, in seconds of the source.
    """

    scene: str
    source: StepClip | Footage | Drawn
    start: float
    end: float | None
    credits: tuple[Credit, ...]
    joint: Transition | None = None
    speed: Fraction = Fraction(1)
    framing: Framing = PLAIN
    sound: OwnSound = AS_IT_IS
    laid: tuple[LaidSound, ...] = ()
    titles: tuple[Title, ...] = ()
    say: tuple[Say, ...] = ()

    @property
    def step(self) -> str | None:
        """The step whose clip is shown; None for own footage, and for what is drawn."""
        return self.source.step if isinstance(self.source, StepClip) else None

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps in whose clips lies what is shown; none of own footage, and of what is drawn."""
        return self.source.steps if isinstance(self.source, StepClip) else ()

    @property
    def is_joined(self) -> bool:
        """Whether what is shown is joined of parts: the clip of a scene with tails."""
        return isinstance(self.source, StepClip) and bool(self.source.parts)

    @property
    def footage(self) -> Footage | None:
        """The own footage that is shown; None for a step's clip, and for what is drawn."""
        return self.source if isinstance(self.source, Footage) else None

    @property
    def drawn(self) -> Drawn | None:
        """The card or the picture that is shown; None for a clip that was shot."""
        return self.source if isinstance(self.source, Drawn) else None

    @property
    def placeholder(self) -> Placeholder | None:
        """What stands for a clip that is not there; None where something is shown."""
        what = self.source.what if isinstance(self.source, Drawn) else None
        return what if isinstance(what, Placeholder) else None

    @property
    def shows(self) -> str:
        """What is shown, for people: a step's id, the name of a file, or `card`."""
        match self.source:
            case StepClip(step=step):
                return step
            case Footage(path=path):
                return path.name
            case Drawn(shows=shows):
                return shows

    @property
    def is_whole(self) -> bool:
        """Whether all of the source is shown, as fast as it is. A clip that is shot may turn out longer than an end that is asked for."""
        to_its_end = self.end is None or (self.step is None and self.end >= self.source.seconds)
        return self.speed == 1 and self.start == 0 and to_its_end

    @property
    def is_part_of_footage(self) -> bool:
        """Whether some seconds of own footage are shown, which are encoded anew."""
        return isinstance(self.source, Footage) and not self.is_whole

    def within(self, length: float) -> tuple[float, float]:
        """Return the first second that is shown and the one before which it ends, of a source that is this long."""
        start, end = from_start(self.start, self.end, length)
        return max(0.0, start), min(end, length)

    @property
    def seconds(self) -> float:
        """How long the shot is to last."""
        start, end = self.within(self.source.seconds)
        return (end - start) / float(self.speed)
