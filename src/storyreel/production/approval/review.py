"""
What a storyboard's `review` holds back, and what a person is asked to approve. Pure: nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip, ServiceName, digest
from storyreel.model.shot import StepClip
from storyreel.model.storyboard import Gate
from storyreel.vault import Decided


@dataclass(frozen=True)
class Look:
    """
    One thing that a person looks at: the take of `step`, or own footage (then `request_id` is None).

    `start` and `end` are the seconds of own footage that the film shows; `words` what people have said of this take alone, in order; `marks` what was seen to be wrong with it.
    """

    step: str
    request_id: str | None
    sha256: str
    start: float = 0.0
    end: float = 0.0
    words: tuple[Decided, ...] = ()
    marks: str = ""

    @property
    def decided(self) -> Decided | None:
        """The last word on it; None where nobody has said one."""
        return self.words[-1] if self.words else None

    @property
    def is_approved(self) -> bool:
        """Whether somebody has approved this take by itself."""
        return self.decided is not None and self.decided.approve

    @property
    def is_rejected(self) -> bool:
        """Whether somebody has rejected it."""
        return self.decided is not None and not self.decided.approve

    @property
    def identity(self) -> dict[str, object]:
        """What makes it this one and no other; its name is no part of that."""
        if self.request_id is not None:
            return {"take": self.request_id, "sha256": self.sha256}
        return {"sha256": self.sha256, "start": self.start, "end": self.end}

    def asked_at(self, gate: Gate, service: ServiceName) -> str:
        """Return what is approved or rejected where it is looked at alone: sha256 (hex)."""
        return digest({"v": 1, "gate": gate, "service": service, "shown": self.identity})


@dataclass(frozen=True)
class Review:
    """
    What waits at a gate for a person's word.

    `looks` are what the person is shown, in order, and exactly that is approved. `requests` and `ticks` say what would
    be sent behind the gate, and what that is expected to cost; `so_far` what the storyboard has cost, in words. `variant` is that of
    the storyboard, if it has any; what is shown is what is approved, whichever shows it.
    """

    gate: Gate
    service: ServiceName
    looks: tuple[Look, ...]
    so_far: str = ""
    requests: int = 0
    ticks: int = 0
    variant: str = ""
    held: frozenset[str] = frozenset()
    """Of a fault, the steps that wait."""

    @property
    def identity(self) -> str:
        """What is approved: sha256 (hex) over the takes in their order, the gate and the service."""
        shown = [look.identity for look in self.looks]
        approved = {"v": 1, "gate": self.gate, "service": self.service, "shown": shown}
        return digest(approved)

    @property
    def key(self) -> str:
        """A short name of the question that this is."""
        return f"{self.gate}-{self.identity[:32]}"

    @property
    def mark(self) -> str:
        """The beginning of the identity, as a person types it."""
        return self.identity[:16]

    @property
    def shown(self) -> tuple[str, ...]:
        """The request ids of what is shown; of own footage its sha256."""
        return tuple(look.request_id or look.sha256 for look in self.looks)

    @property
    def waits(self) -> tuple[Look, ...]:
        """What nobody has approved by itself."""
        return tuple(look for look in self.looks if not look.is_approved)

    @property
    def rejected(self) -> tuple[Look, ...]:
        """What somebody has rejected: while there is any, nothing that follows is sent."""
        return tuple(look for look in self.looks if look.is_rejected)

    @property
    def what(self) -> str:
        """What is shown and waits, in words: `1 still`, `3 clips`, `1 of 3 stills` where the others are approved."""
        some = f"{len(self.waits)} of " if 0 < len(self.waits) < len(self.looks) else ""
        return f"{some}{len(self.looks)} {self.noun}{'' if len(self.looks) == 1 else 's'}"

    @property
    def noun(self) -> str:
        """What each of them is, in a word."""
        if self.gate == "on-fault":
            return "marked take"
        return "still" if self.gate == "before-video" else "clip"

    @property
    def what_waits(self) -> str:
        """What is not done without an approval, in words."""
        return "the film is not cut" if self.gate == "before-final" else "nothing that follows is sent"

    @property
    def what_follows(self) -> str:
        """What an approval sets going, in words."""
        if self.gate == "before-final":
            return "the film is cut"
        requests = f"{self.requests} request{'' if self.requests == 1 else 's'}"
        return f"{requests} for about {dollars(self.ticks)}" if self.requests else "nothing more is bought"


def behind(plan: Plan) -> frozenset[str]:
    """
    Return the steps that wait for an approval: with `review: before-video` all but the stills that no video goes into.

    Where there are no such stills nothing waits, since there is nothing to look at.
    """
    if "before-video" not in plan.board.review:
        return frozenset()
    first: set[str] = set()
    for step in plan.steps:
        if step.kind == "still" and first.issuperset(step.needs):
            first.add(step.id)
    return frozenset(step.id for step in plan.steps if step.id not in first) if first else frozenset()


def not_reached(plan: Plan, review: Review) -> frozenset[str]:
    """Return the steps that a run has not come to when it waits with a review: what of them was to be made again is still to be."""
    if review.gate == "before-final":
        return frozenset()
    later = behind(plan)
    # Held among the steps before the stills are looked at, it has come to nothing that is behind those either.
    return later | review.held if review.gate == "before-video" or review.held - later else review.held


def to_look_at(plan: Plan, allowed: Collection[str], gate: Gate = "before-video") -> tuple[str, ...]:
    """
    Return the steps whose takes a person is asked about at a gate: the stills, in the plan's order, or what the films show, in theirs.
    On a fault that is a matter of the takes.

    Args:
        allowed: The steps that may be bought. The stills of other scenes are not asked about: nothing follows them.
    """
    if gate not in plan.board.review or gate == "on-fault":
        return ()
    if gate == "before-final":
        return tuple(dict.fromkeys(step for film in plan.films for step in film.timeline.steps))
    held = behind(plan)
    return tuple(step.id for step in plan.steps if step.id not in held and step.id in allowed) if held else ()


def stills_of(plan: Plan, clips: Mapping[str, Clip], allowed: Collection[str]) -> tuple[Look, ...]:
    """
    Return the stills that a person is asked about, as far as they are made; none where the storyboard has no `review: before-video`.

    Args:
        clips: What is made so far, by step.
        allowed: The steps that may be bought.
    """
    if "before-video" not in plan.board.review:
        return ()
    steps = [step for step in to_look_at(plan, allowed) if step in clips]
    return tuple(Look(step, clips[step].request_id, clips[step].sha256) for step in steps)


def review_of(
    plan: Plan,
    service: ServiceName,
    clips: Mapping[str, Clip],
    allowed: Collection[str],
    gate: Gate = "before-video",
) -> Review | None:
    """
    Return what a person has to approve at a gate; None if the storyboard has no such one, or has nothing to show at it.

    Args:
        service: Whose takes they are.
        clips: What is made so far, by step; each step of `to_look_at` has one.
        allowed: The steps that may be bought.
    """
    if not to_look_at(plan, allowed, gate):
        return None
    if gate == "before-video":
        return Review(gate, service, stills_of(plan, clips, allowed), variant=plan.board.variant)
    looks = []
    for shot in (shot for film in plan.films for shot in film.timeline.picture):
        if isinstance(shot.source, StepClip) and (own := shot.source.own) is not None:
            looks.append(Look(shot.scene, None, own.footage.sha256, own.start, own.end))
        looks += [Look(step, clips[step].request_id, clips[step].sha256) for step in shot.steps]
        if shot.footage is not None:
            looks.append(Look(shot.scene, None, shot.footage.sha256, *shot.within(shot.footage.seconds)))
    return Review(gate, service, tuple(dict.fromkeys(looks)), variant=plan.board.variant)
