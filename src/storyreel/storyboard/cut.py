"""
Read the cut: which seconds of which scenes the film shows, in which order, and how one follows the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from storyreel.did_you_mean import did_you_mean, question
from storyreel.model.joints import FADES, AskedJoint, Reach, boundless, half_up, joined, reach, too_short
from storyreel.model.shot import exact, from_start
from storyreel.model.storyboard import CutItem, Scene, Transition
from storyreel.model.timeline import NOMINAL
from storyreel.storyboard import fields
from storyreel.storyboard.fields import UNNAMED
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

ORDER: Trail = ("cut", "order")
FEWEST_FRAMES = 2
"""A shot of fewer is a flash that nobody sees, and nearly always a slip."""
LEAST_S = FEWEST_FRAMES / float(NOMINAL)

OTHER_WORDS = {
    "crossfade": "dissolve",
    "cross-fade": "dissolve",
    "cross-dissolve": "dissolve",
    "fade": "dissolve",
    "mix": "dissolve",
    "dip-to-black": "fade-black",
    "fade-in": "fade-black",
    "fade-out": "fade-black",
    "fade-to-black": "fade-black",
    "fade-to-white": "fade-white",
    "flash": "fade-white",
    "wipe": "wipe-left",
    "slide": "slide-left",
    "push": "slide-left",
    "custom": "dissolve",
    "none": "cut",
    "hard-cut": "cut",
}
"""What other programs call a transition, and what it is called here."""

LENGTH_SLACK_S = 0.5
"""How far a film may be from the length that is wanted without a word."""


class Cut:
    """
    The cut of a storyboard: `items` are what the film shows, `close` how it ends. `places` are the first frame of each item in the
    film and how many it has, 24 of them a second; empty where something is wrong.

    Args:
        scenes: All scenes, as they were read.
        trails: Where each stands.
        of_master: Whether what the film does not show is judged as well: the master's scenes are all judged, once.
    """

    def __init__(
        self,
        findings: Findings,
        sheet: fields.Sheet,
        scenes: tuple[Scene, ...],
        trails: Mapping[str, Trail],
        *,
        of_master: bool = True,
    ) -> None:
        self._findings = findings
        self._scenes = {scene.id: scene for scene in scenes}
        self._written = {scene.id: scene for scene in sheet.scenes}
        self._trails = trails
        self._joint_trails: dict[int, Trail] = {}
        order = sheet.cut.order
        if order == [] and not findings.spoiled(("cut",)):
            findings.tell("empty-list", ORDER, "the order names no scene", "leave it out to show all scenes as listed")
        listed = [fields.Item(scene=scene.id) for scene in sheet.scenes] if order is None else order
        read = [self._item(at, each, by_order=order is not None) for at, each in enumerate(listed)]
        self.items = tuple(item for item in read if item is not None)
        shown = {item.scene for item in self.items}
        for scene in sheet.scenes if of_master else ():
            if scene.id not in shown:
                # The film has nothing of it, and what is wrong with it is wrong all the same.
                self._item(len(listed), scene.id, by_order=False)
        self.close = self._close(sheet.cut.close)
        self.places: tuple[tuple[int, int], ...] = ()
        if not findings.problems:
            self._length(sheet.cut.length)

    def _item(self, at: int, written: str | fields.Item, *, by_order: bool) -> CutItem | None:
        own = fields.Item(scene=written) if isinstance(written, str) else written
        here: Trail = (*ORDER, at) if by_order else self._trails[own.scene]
        if own.scene not in self._scenes:
            named = (*here, "scene") if isinstance(written, fields.Item) else here
            message = f"the order names '{own.scene}', and no scene has that id"
            self._findings.tell("unknown-scene", named, message, nearest_scene(own.scene, self._trails))
            return None
        scene, below = self._scenes[own.scene], self._written[own.scene]
        trim = below.trim if scene.footage is None and below.trim is not None else fields.Trim()
        start = trim.start if own.start is None else own.start
        end = trim.end if own.end is None else own.end
        speed = below.speed if own.speed is None else own.speed
        where = here if own.start is not None or own.end is not None else (*self._trails[own.scene], "trim")
        self._seconds(where, scene, start, end, speed)
        joint, joint_at = below.transition, (*self._trails[own.scene], "transition")
        if own.transition is not None:
            joint, joint_at = own.transition, (*here, "transition")
        transition = None if joint is None else self._transition(joint_at, joint)
        if at == 0 and transition is not None and transition.kind not in FADES:
            if own.transition is not None and by_order:
                message = f"nothing is shown before this, so there is nothing to {transition.kind} from"
                self._findings.tell(
                    "transition-at-an-end", joint_at, message, f"take {' or '.join(FADES)}, or leave it out"
                )
            else:
                message = "this scene begins the film, so its transition is left out"
                self._findings.note("transition-left-out", joint_at, message)
            transition = None
        self._joint_trails[at] = joint_at
        return CutItem(
            scene=own.scene,
            place=self._findings.source.place(here),
            start=start,
            end=end,
            speed=exact(speed),
            transition=transition,
        )

    def _seconds(self, here: Trail, scene: Scene, start: float, end: float | None, speed: float) -> None:
        """Tell a range that reaches beyond what the clip is asked to be, or leaves next to nothing of it."""
        if (start, end, speed) == (0.0, None, 1.0) or (
            scene.mode in ("clip", "card", "picture") and scene.footage is None and scene.drawn is None
        ):
            return
        span = within(self._findings, here, (start, end), scene.seconds, what=f"the clip of '{scene.id}'")
        if span is not None and round((span[1] - span[0]) / speed * float(NOMINAL)) < FEWEST_FRAMES:
            message = f"what is shown of '{scene.id}' is {(span[1] - span[0]) / speed:g} s long"
            self._findings.tell(
                "trim-outside", here, message, f"{FEWEST_FRAMES} frames, {LEAST_S:.3f} s, are the least"
            )

    def _length(self, wanted: float | None) -> None:
        """Tell each shot that is shorter than what its transitions take of it; remark on a film of another length than wanted."""
        shots, rate = [self._reach(item) for item in self.items], float(NOMINAL)
        asked = [
            None if each is None else AskedJoint(each.kind, _frames(each.seconds))
            for each in (*(item.transition for item in self.items), self.close)
        ]
        joints = joined(shots, asked)
        for short in too_short(shots, joints):
            shown = f"what is shown of '{self.items[short.at].scene}' is {short.shown / rate:g} s long"
            both = f"{short.into / rate:g} s at its beginning and {short.out / rate:g} s at its end"
            taken = both if short.into and short.out else f"{(short.into + short.out) / rate:g} s of it"
            after = ("cut", "close") if short.at + 1 == len(self.items) else self._joint_trails[short.at + 1]
            self._findings.tell_once(
                "transition-too-long",
                self._joint_trails[short.at] if short.into >= short.out else after,
                f"{shown}, and its transitions take {taken}",
                "show more of it, or make a transition shorter",
            )
        begins = accumulate(
            (shot.shown - (0 if out is None else out.overlap) for shot, out in zip(shots, joints[1:], strict=True)),
            initial=0,
        )
        self.places = tuple((first, shot.shown) for first, shot in zip(begins, shots, strict=False))
        seconds = (sum(shot.shown for shot in shots) - sum(each.overlap for each in joints if each)) / rate
        if wanted is not None and abs(seconds - wanted) > LENGTH_SLACK_S:
            message = f"the film is to be {wanted:g} s long, and comes to {seconds:.1f} s"
            self._findings.note("other-length", ("cut", "length"), message)

    def _reach(self, item: CutItem) -> Reach:
        """Return how far a shot reaches, by asked seconds; of own footage by those that the file has."""
        scene = self._scenes[item.scene]
        length, offset = scene.seconds, 0.0
        start, end = from_start(item.start, item.end, length)
        if scene.footage is not None and not scene.then:
            length, offset = scene.footage.seconds, scene.start
        frames = [_frames(seconds) for seconds in (start + offset, end + offset, length)]
        far = reach(frames[0], frames[1], frames[2], item.speed)
        return far if scene.drawn is None else boundless(far.shown)

    def _transition(self, at: Trail, joint: str | fields.Transition) -> Transition | None:
        written = fields.Transition(kind=joint) if isinstance(joint, str) else joint
        catalog = self._findings.catalog
        known = (*catalog.transitions, *catalog.more_transitions)
        if written.kind == "cut":
            return None
        if written.kind not in known:
            where = at if isinstance(joint, str) else (*at, "kind")
            message = f"there is no transition '{written.kind}'"
            self._findings.tell("unknown-transition", where, message, self._transition_meant(written.kind, known))
            return None
        return Transition(written.kind, written.duration)

    def _transition_meant(self, kind: str, known: Iterable[str]) -> str:
        """Return the transition that a word was most likely meant to be, or the usual ones."""
        likely = OTHER_WORDS.get("-".join(kind.lower().replace("_", " ").split()))
        usual = ", ".join(self._findings.catalog.transitions)
        return question(likely) or did_you_mean(kind, [*known, "cut"]) or f"take one of {usual}"

    def _close(self, joint: str | fields.Transition | None) -> Transition | None:
        here: Trail = ("cut", "close")
        close = None if joint is None else self._transition(here, joint)
        if close is not None and close.kind not in FADES:
            message = f"nothing is shown after the last shot, so there is nothing to {close.kind} to"
            self._findings.tell("transition-at-an-end", here, message, f"take {' or '.join(FADES)}")
            return None
        return close


@lru_cache(maxsize=1024)
def _frames(seconds: float) -> int:
    """Return how many frames that is, by the number as it is written."""
    return half_up(Fraction(str(seconds)) * NOMINAL)


def nearest_scene(scene_id: str, scenes: Iterable[str]) -> str:
    """Return which scenes there are, the likeliest first."""
    # A scene without an id was told already; the name that stands in for it means nothing to anybody.
    ids = [name for name in scenes if not name.startswith(UNNAMED)]
    likely = did_you_mean(scene_id, ids)
    known = f"(scenes: {', '.join(ids)})"
    return f"{likely}  {known}" if likely else known


def within(
    findings: Findings, here: Trail, span: tuple[float, float | None], length: float, *, what: str, slack: float = 0.0
) -> tuple[float, float] | None:
    """
    Return a range in seconds from the beginning of a clip; None where it is no part of it, which is told.

    Args:
        here: Where the range is written, with `start` and `end`.
        span: As written: a negative second counts from the end, no end is the end.
        length: Of the clip, in seconds.
        what: What the clip is called.
        slack: How far an end may be beyond the clip and still mean its end.
    """
    first, last = span
    start, end = from_start(first, last, length)
    if start < 0 or start >= length:
        message = f"start is {first:g} s, and {what} is {length:g} s long"
        remedy = "write 0 or leave it out" if start < 0 else "begin earlier"
        findings.tell("trim-outside", _or_above(findings, here, "start"), message, remedy)
    elif end > length + slack or end < 0:
        message = f"end is {last:g} s, and {what} is {length:g} s long"
        findings.tell("trim-outside", _or_above(findings, here, "end"), message, "leave `end` out to use all of it")
    elif end <= start:
        message = f"it ends at {end:g} s, before it begins at {start:g} s"
        remedy = "`end` counts from the beginning of the clip, not from `start`"
        findings.tell("trim-outside", _or_above(findings, here, "end"), message, remedy)
    else:
        return start, min(end, length)
    return None


def _or_above(findings: Findings, here: Trail, name: str) -> Trail:
    return (*here, name) if findings.has((*here, name)) else here
