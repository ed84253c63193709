"""
A plan laid over the vault, as data: what `storyreel plan --json` prints. docs/plan.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from storyreel.model.footage import Footage
from storyreel.model.joints import Joint
from storyreel.model.money import usd
from storyreel.model.plan import Kind, Plan
from storyreel.model.recipe import Frozen, Operation, ServiceName
from storyreel.model.shot import Shot
from storyreel.model.storyboard import PictureFrame
from storyreel.model.timeline import NOMINAL
from storyreel.production.frame_sources import begins_on
from storyreel.production.outlook import Forecast, Outlook


class PlannedFrame(Frozen):
    """A frame of another scene's clip."""

    scene: str
    at: Annotated[float, Field(description="The second of that clip.")]


class PlannedStep(Frozen):
    """One request."""

    id: Annotated[str, Field(description="climb/extend-1")]
    scene: str
    kind: Kind
    outlook: Annotated[
        Outlook,
        Field(
            description="buy: a request would be sent. follows: the same, since a step that it continues has yet to be made. "
            "reuse: the vault has it. fetch: bought, and its clip is fetched without paying. wait: another run is sending "
            "it. unknown: sent once, its answer was lost. stopped: it ended without a clip. left out: it may not be bought."
        ),
    ]
    why: str
    needs: tuple[str, ...]
    operation: Operation
    body: Annotated[dict[str, Any], Field(description="What is sent, without its media.")]
    take: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(description="Length of the clip that comes back.")]
    bought_seconds: Annotated[float, Field(description="How many of them are new.")]
    usd: Annotated[float, Field(description="The estimate, whether it would be bought or not.")]
    request_id: str | None
    begins_on: Annotated[PlannedFrame | None, Field(description="The frame of another scene that it begins on.")]


class PlannedPart(Frozen):
    """Seconds of a scene that one step made."""

    step: str | None
    start: float
    end: float


class PlannedJoint(Frozen):
    """A transition into a shot, or the one in which the film ends."""

    kind: str
    seconds: float
    handles: Annotated[float, Field(description="How many of its seconds come from beyond the cut.")]
    overlap: Annotated[float, Field(description="By how many seconds it makes the film shorter.")]


class PlannedShot(Frozen):
    """A shot of the film: what it shows of a scene at one place."""

    scene: str
    step: Annotated[str | None, Field(description="Whose clip is shown; null for own footage and what is drawn.")]
    file: Annotated[str | None, Field(description="Own footage, or the picture that is held or written on.")]
    drawn: Annotated[Literal["card", "picture"] | None, Field(description="What is drawn here, and is free.")]
    start: float
    end: float
    speed: float
    seconds: Annotated[float, Field(description="How long the shot is to last.")]
    joint: Annotated[PlannedJoint | None, Field(description="The transition into it; null for a cut.")]
    parts: Annotated[tuple[PlannedPart, ...], Field(description="Which step made which seconds of the scene.")]


class PlanTotals(Frozen):
    """What a run would buy, and what it need not."""

    steps: int
    buy: Annotated[int, Field(description="How many requests a run would send.")]
    reuse: int
    usd: Annotated[float, Field(description="What they are estimated to cost.")]
    saved_usd: float
    seconds: float


class PlanData(Frozen):
    """A plan: its steps, in an order in which each comes after what it needs, and the film in its order."""

    version: Literal[1] = 1
    slug: str
    title: str
    service: Annotated[ServiceName, Field(description="Whose takes in the vault the plan is laid over.")]
    steps: tuple[PlannedStep, ...]
    cut: Annotated[tuple[PlannedShot, ...], Field(description="The shots of the film in their order.")]
    close: Annotated[PlannedJoint | None, Field(description="The transition in which it ends.")]
    totals: PlanTotals
    notes: tuple[str, ...]


def plan_data(plan: Plan, outlook: Sequence[Forecast], service: ServiceName) -> PlanData:
    """
    Return a plan as data.

    Args:
        outlook: What a run would do with each of its steps.
        service: Whose takes that was laid over.
    """
    return PlanData(
        slug=plan.board.slug,
        title=plan.board.title,
        service=service,
        steps=tuple(
            PlannedStep(
                id=each.step.id,
                scene=each.step.scene,
                kind=each.step.kind,
                outlook=each.outlook,
                why=each.why,
                needs=each.step.needs,
                operation=each.step.recipe.operation,
                body=each.step.recipe.body,
                take=each.step.recipe.take,
                seconds=each.step.seconds,
                bought_seconds=each.step.bought_seconds,
                usd=usd(each.step.ticks),
                request_id=each.request_id,
                begins_on=_frame(begins_on(plan, each.step)),
            )
            for each in outlook
        ),
        cut=tuple(_shot(shot, joint) for shot, joint in zip(plan.timeline.picture, plan.timeline.joints, strict=False)),
        close=_joint(plan.timeline.joints[-1]),
        totals=plan_totals(plan, outlook),
        notes=(*(note.line for note in plan.board.notes), *plan.notes),
    )


def _shot(shot: Shot, joint: Joint | None) -> PlannedShot:
    start, end = shot.within(shot.source.seconds)
    return PlannedShot(
        scene=shot.scene,
        step=shot.step,
        file=None if (file := _file(shot)) is None else file.path.name,
        drawn=shot.drawn.kind if shot.drawn is not None else None,
        start=start,
        end=end,
        speed=float(shot.speed),
        seconds=round(shot.seconds, 6),
        joint=_joint(joint),
        parts=tuple(PlannedPart(step=part.step, start=part.start, end=part.end) for part in shot.credits),
    )


def _frame(frame: PictureFrame | None) -> PlannedFrame | None:
    return None if frame is None else PlannedFrame(scene=frame.scene, at=frame.at)


def _file(shot: Shot) -> Footage | None:
    return shot.footage if shot.drawn is None else shot.drawn.picture


def _joint(joint: Joint | None) -> PlannedJoint | None:
    if joint is None:
        return None
    seconds, handles, overlap = (
        round(float(frames / NOMINAL), 6)
        for frames in (joint.frames, joint.handle_out + joint.handle_in, joint.overlap)
    )
    return PlannedJoint(kind=joint.kind, seconds=seconds, handles=handles, overlap=overlap)


def plan_totals(plan: Plan, outlook: Sequence[Forecast]) -> PlanTotals:
    """Return how many requests would be bought and for how much, and what is saved by reusing."""
    buy = [each for each in outlook if each.buys]
    reused = [each for each in outlook if each.outlook in ("reuse", "fetch", "wait") and each.known]
    return PlanTotals(
        steps=len(plan.steps),
        buy=len(buy),
        reuse=len(reused),
        usd=usd(sum(each.step.ticks for each in buy)),
        saved_usd=usd(sum(each.step.ticks for each in reused)),
        seconds=plan.seconds,
    )
