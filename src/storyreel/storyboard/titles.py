"""
Read titles: words over the picture of scenes, each over the first shot of its scene.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from storyreel.model.joints import half_up
from storyreel.model.shot import from_start
from storyreel.model.storyboard import CutItem, Scene
from storyreel.model.timeline import NOMINAL
from storyreel.model.words import Title
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described

FEWEST_FRAMES = 2
"""A title of fewer is a flash that nobody reads."""
LEAST_S = FEWEST_FRAMES / float(NOMINAL)


class Titles:
    """
    The titles of a storyboard's film: `scenes` are the scenes with them.

    Args:
        scenes: All scenes, as they were read, and `trails` where each stands.
        items: What the film shows.
    """

    def __init__(
        self,
        findings: Findings,
        sheet: fields.Sheet,
        cast: Cast,
        scenes: Sequence[Scene],
        trails: Mapping[str, Trail],
        items: Sequence[CutItem],
    ) -> None:
        self._findings = findings
        self._cast = cast
        self._letters = Letters(findings, sheet.defaults)
        written = {scene.id: scene for scene in sheet.scenes}
        firsts = {item.scene: item for item in reversed(items)}
        self.scenes = tuple(
            self._scene(scene, written[scene.id], trails[scene.id], firsts.get(scene.id)) for scene in scenes
        )

    def _scene(self, scene: Scene, written: fields.Scene, trail: Trail, shot: CutItem | None) -> Scene:
        """Return a scene with its titles."""
        shown = None if shot is None else _shown_seconds(shot, scene)
        titles: list[tuple[Trail, Title]] = []
        for at, each in enumerate(written.titles):
            here: Trail = (*trail, "titles", at)
            title = self._title(here, each, scene.id)
            if title is None or (shown is not None and not self._is_within(here, title, scene.id, shown)):
                continue
            for there, other in titles:
                if shown is not None and title.place == other.place:
                    self._apart(here, title, (there, other), shown)
            titles.append((here, title))
        return replace(scene, titles=tuple(title for _, title in titles))

    def _title(self, here: Trail, written: fields.Title, scene: str) -> Title | None:
        findings = self._findings
        text = findings.words((*here, "text"), written.text, self._cast.known(scene=scene), what="text")
        color = self._letters.color((*here, "color"), written.color)
        font = None if written.font is None else self._letters.font((*here, "font"), written.font)
        if written.duration is not None and half_up(Fraction(str(written.duration)) * NOMINAL) < FEWEST_FRAMES:
            message = f"duration is {described(written.duration)} s; a title lasts {LEAST_S:.3f} s at least, two frames"
            findings.tell("wrong-value", (*here, "duration"), message, "make it longer")
            return None
        if text is None:
            return None
        if not text.strip():
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

    def _apart(self, here: Trail, title: Title, before: tuple[Trail, Title], shown: float) -> None:
        """Tell two titles of one place that would stand there at one time."""
        there, other = before
        frames = half_up(Fraction(str(round(shown, 6))) * NOMINAL)
        first, end = title.span(frames, NOMINAL)
        other_first, other_end = other.span(frames, NOMINAL)
        if first < other_end and other_first < end:
            both = f"'{_short(title.text)}' stands there {_from_to(title, shown)} and '{_short(other.text)}' ({self._findings.line(there)}) {_from_to(other, shown)}"
            earlier, later = (title, other) if title.at <= other.at else (other, title)
            free = (
                f"end the earlier one with a duration of {later.at - earlier.at:g}, or "
                if later.at > earlier.at
                else ""
            )
            self._findings.tell(
                "titles-overlap",
                (*here, "place") if self._findings.has((*here, "place")) else (*here, "text"),
                f"place is {title.place}: {both}",
                f"{free}give one of them another `place`",
            )


def _shown_seconds(item: CutItem, scene: Scene) -> float:
    start, end = from_start(item.start, item.end, scene.seconds)
    return (end - start) / float(item.speed)


def _from_to(title: Title, shown: float) -> str:
    end = shown if title.duration is None else min(shown, title.at + title.duration)
    return f"from {title.at:g} to {round(end, 3):g} s"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 24 else f"{words[:23]}…"
