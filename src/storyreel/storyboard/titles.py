"""
Read titles: words over the picture of scenes, each over the first shot of its scene.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from storyreel.model.drawn import Place
from storyreel.model.joints import half_up
from storyreel.model.line_breaks import columns
from storyreel.model.shot import from_start
from storyreel.model.storyboard import CutItem, Scene
from storyreel.model.timeline import NOMINAL
from storyreel.model.updated import updated
from storyreel.model.words import Title
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.cut import Cut
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described

FEWEST_FRAMES = 2
"""A title of fewer is a flash that nobody reads."""
RATE = float(NOMINAL)
LEAST_S = FEWEST_FRAMES / RATE


@dataclass(frozen=True)
class _Placed:
    """A title where it is written, and where it stands: from the film's frame `first` to before `end`."""

    trail: Trail
    title: Title
    first: int
    end: int


class Titles:
    """
    The titles of a storyboard's film: `scenes` are the scenes with them.

    Args:
        scenes: All scenes, as they were read, and `trails` where each stands.
        cut: What the film shows.
        of_master: Whether scenes are judged that it does not show: the master judges all.
    """

    def __init__(
        self,
        findings: Findings,
        sheet: fields.Sheet,
        cast: Cast,
        letters: Letters,
        scenes: Sequence[Scene],
        trails: Mapping[str, Trail],
        cut: Cut,
        *,
        of_master: bool = True,
    ) -> None:
        self._findings = findings
        self._cast = cast
        self._letters = letters
        written = {scene.id: scene for scene in sheet.scenes}
        firsts = {item.scene: at for at, item in reversed([*enumerate(cut.items)])}
        read: list[Scene] = []
        placed: list[_Placed] = []
        for scene in scenes:
            at, trail = firsts.get(scene.id), trails[scene.id]
            if at is None and not of_master:
                read.append(updated(scene, titles=()))
                continue
            shown = None if at is None else _shown_seconds(cut.items[at], scene)
            titles = list(self._titles(trail, written[scene.id], shown))
            read.append(updated(scene, titles=tuple(title for _, title in titles)))
            if shown is not None and at is not None:
                first, frames = cut.places[at] if cut.places else (0, half_up(_exact(shown) * NOMINAL))
                here = [_Placed(each, title, *_span(title, first, frames)) for each, title in titles]
                placed += here
                if (
                    not cut.places
                ):  # where something is wrong with the cut nobody knows which shots are seen at one time
                    self._apart(here)
        if cut.places:
            self._apart(placed)
        self.scenes = tuple(read)

    def _titles(self, trail: Trail, scene: fields.Scene, shown: float | None) -> Iterator[tuple[Trail, Title]]:
        """Yield the titles of a scene with which nothing is wrong, and where each is written."""
        for at, each in enumerate(scene.titles):
            here: Trail = (*trail, "titles", at)
            title = self._title(here, each, scene.id)
            if title is not None and (shown is None or self._is_within(here, title, scene.id, shown)):
                yield here, title

    def _title(self, here: Trail, written: fields.Title, scene: str) -> Title | None:
        findings = self._findings
        text = findings.words((*here, "text"), written.text, self._cast.known(scene=scene), what="text")
        color = self._letters.color((*here, "color"), written.color)
        font = None if written.font is None else self._letters.font((*here, "font"), written.font)
        if written.duration is not None and half_up(_exact(written.duration) * NOMINAL) < FEWEST_FRAMES:
            message = f"duration is {described(written.duration)} s; a title lasts {LEAST_S:.3f} s at least, two frames"
            findings.tell("wrong-value", (*here, "duration"), message, "make it longer")
            return None
        if text is None:
            return None
        if columns("".join(text.split())) == 0:
            findings.tell(
                "empty-prompt", (*here, "text"), "text is empty", "say what is written, or take the title away"
            )
            return None
        if font is None and written.font is not None:
            return None
        self._letters.judge(here, text, font, written.size)
        if color is None:
            return None
        return Title(text, written.at, written.duration, written.place, written.size, color, font)

    def _is_within(self, here: Trail, title: Title, scene: str, shown: float) -> bool:
        """Tell a title that begins outside its shot; remark on one that would go on after it."""
        length = f"the shot of '{scene}' is {shown:g} s long"
        if shown - title.at < LEAST_S - 1e-6:
            left = "" if title.at >= shown else ": less than two frames of it are left"
            remedy = "begin it earlier, or write it in the scene that is seen then, in its `titles`"
            self._findings.tell("title-outside", (*here, "at"), f"at is {title.at:g} s, and {length}{left}", remedy)
            return False
        if title.duration is not None and title.at + title.duration > shown + 1e-6:
            asked = f"at {title.at:g} s and duration {title.duration:g} s end at {title.at + title.duration:g} s"
            message = f"{asked}, and {length}: the title ends with it, after {shown - title.at:g} s"
            self._findings.note("title-cut-off", (*here, "duration"), message)
        return True

    def _apart(self, titles: Iterable[_Placed]) -> None:
        """Tell each title that would stand where another one does, at one time: in its own shot, or in a dissolve."""
        at_places: dict[Place, _Placed] = {}
        for each in sorted(titles, key=lambda one: one.first):
            at_places = {place: other for place, other in at_places.items() if other.end > each.first}
            before = at_places.get(each.title.place)
            if before is not None:
                self._meet(each, before)
            elif not self._findings.problems:
                for other in at_places.values():
                    self._touch(each, other)
            if before is None or before.end < each.end:
                at_places[each.title.place] = each

    def _meet(self, title: _Placed, other: _Placed) -> None:
        findings = self._findings
        spans = [
            f"'{_short(each.title.text)}'{where} from {each.first / RATE:.2f} to {each.end / RATE:.2f} s"
            for each, where in ((title, " stands there"), (other, f" ({findings.line(other.trail)})"))
        ]
        left = (title.first - other.first) / RATE
        free = f"end the earlier one with `duration: {round(left, 3):g}`, or " if left else ""
        findings.tell(
            "titles-overlap",
            (*title.trail, "place" if findings.has((*title.trail, "place")) else "text"),
            f"place is {title.title.place}: {' and '.join(spans)} of the film",
            f"{free}give one of them another `place`",
        )

    def _touch(self, title: _Placed, other: _Placed) -> None:
        """Remark on two titles of different places that are so large that one would be written over the other."""
        one, two = (
            self._letters.stand_at(each.title.text, each.title.font, each.title.size, each.title.place)
            for each in (title, other)
        )
        if one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]:
            named = [f"'{_short(each.title.text)}' (place: {each.title.place}" for each in (title, other)]
            message = f"{named[0]}) and {named[1]}, {self._findings.line(other.trail)}) are written over one another"
            times = max(title.first, other.first) / RATE, min(title.end, other.end) / RATE
            self._findings.note(
                "titles-touch", (*title.trail, "text"), f"{message} from {times[0]:.2f} to {times[1]:.2f} s of the film"
            )


def _span(title: Title, first: int, frames: int) -> tuple[int, int]:
    begins, ends = title.span(frames, NOMINAL)
    return first + begins, first + ends


def _exact(seconds: float) -> Fraction:
    return Fraction(seconds).limit_denominator(1_000_000)


def _shown_seconds(item: CutItem, scene: Scene) -> float:
    start, end = from_start(item.start, item.end, scene.seconds)
    return (end - start) / float(item.speed)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 24 else f"{words[:23]}…"
