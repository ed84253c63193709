"""
A plan laid over the vault, as data: what `storyreel plan --json` prints. docs/plan.schema.json is made from it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from storyreel.model.footage import Footage
from storyreel.model.joints import Joint
from storyreel.model.money import usd
from storyreel.model.plan import Kind
from storyreel.model.recipe import Frozen, Operation, ServiceName
from storyreel.model.shot import Shot
from storyreel.model.storyboard import PictureFrame
from storyreel.model.timeline import NOMINAL
from storyreel.production.film_sums import film_sums
from storyreel.production.films_data import FilmData, film_data
from storyreel.production.frame_sources import begins_on, ends_on
from storyreel.production.outlook import Forecast, Outlook, Sign
from storyreel.production.plan_words import (
    PlannedCaptions,
    PlannedChapter,
    PlannedSound,
    PlannedTitle,
    planned_captions,
    planned_chapters,
    planned_sounds,
    planned_titles,
)
from storyreel.production.top_sheet import KEPT, TopSheet

Value = str | int | float | bool | None


class PlannedChange(Frozen):
    """A field that differs from what was last sent for a step, with both values; null where there was, or is, none."""

    field: str
    before: Value
    after: Value
    note: Annotated[str, Field(description="What both values do not say; empty where they say all.")]


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
    sign: Annotated[
        Sign,
        Field(
            description="+ bought, ~ bought since something has changed, = not bought since it was, ! unknown or failed; "
            "empty: left out."
        ),
    ]
    changes: Annotated[
        tuple[PlannedChange, ...],
        Field(description="What has changed since something was last asked for this step, as far as the vault tells."),
    ]
    claimed_at: Annotated[
        str | None, Field(description="When that was, or when what the vault has was asked for; ISO 8601.")
    ]
    needs: tuple[str, ...]
    operation: Operation
    body: Annotated[dict[str, Any], Field(description="What is sent, without its media.")]
    take: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(description="Length of the clip that comes back.")]
    bought_seconds: Annotated[float, Field(description="How many of them are new.")]
    tail_seconds: Annotated[
        float | None,
        Field(description="How many seconds of the end of a clip are extended, where all of it is too long to go in."),
    ]
    usd: Annotated[float, Field(description="The estimate, whether it would be bought or not.")]
    billed_seconds: Annotated[
        float | None,
        Field(description="How many seconds are billed, where a step is bought and that is not what it adds."),
    ]
    instead_usd: Annotated[
        float | None,
        Field(
            description="What a new scene from the last frame would cost instead of an extension, where that is less."
        ),
    ]
    request_id: str | None
    begins_on: Annotated[PlannedFrame | None, Field(description="The frame of another scene that it begins on.")]
    ends_on: Annotated[PlannedFrame | None, Field(description="The frame of another scene that it ends on.")]


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
    start: Annotated[float, Field(description="First second of the clip that is shown; of own footage, of its file.")]
    end: Annotated[float, Field(description="The second before which it ends, counted likewise.")]
    speed: float
    seconds: Annotated[float, Field(description="How long the shot is to last.")]
    joint: Annotated[PlannedJoint | None, Field(description="The transition into it; null for a cut.")]
    parts: Annotated[tuple[PlannedPart, ...], Field(description="Which step made which seconds of the scene.")]
    titles: Annotated[tuple[PlannedTitle, ...], Field(description="Words over its picture, as they are listed.")]


class PlanTotals(Frozen):
    """What a run would buy, and what it need not."""

    steps: int
    buy: Annotated[int, Field(description="How many requests a run would send.")]
    reuse: int
    usd: Annotated[float, Field(description="What they are estimated to cost.")]
    saved_usd: float
    at_risk_usd: Annotated[float, Field(description="What was sent and never answered, and may be billed.")]
    seconds: float


class PlannedScene(Frozen):
    """The sums of a scene, or of a member of the cast."""

    name: str
    seconds: Annotated[float, Field(description="How many are generated for it.")]
    usd: Annotated[float, Field(description="What would be bought.")]
    saved_usd: float


class PlanVault(Frozen):
    """The vault that the plan is laid over."""

    address: str
    takes: Annotated[int, Field(description="How many takes of the service it has.")]
    new: Annotated[bool, Field(description="Whether nothing was ever asked for with it.")]
    unmarked: Annotated[
        int, Field(description="Requests that its index does not lead to, where a reason may be missing for that.")
    ]


class PlannedRun(Frozen):
    """The last run of the storyboard that sent anything."""

    at: Annotated[str, Field(description="When it first did, ISO 8601.")]
    requests: int
    usd: Annotated[float, Field(description="What was charged; where nobody said, what had been expected.")]


class PlanData(Frozen):
    """A plan: its steps, in an order in which each comes after what it needs, and the film in its order."""

    version: Literal[1] = 1
    slug: str
    title: str
    service: Annotated[ServiceName, Field(description="Whose takes in the vault the plan is laid over.")]
    steps: tuple[PlannedStep, ...]
    cut: Annotated[tuple[PlannedShot, ...], Field(description="The shots of the film in their order.")]
    close: Annotated[PlannedJoint | None, Field(description="The transition in which it ends.")]
    sounds: Annotated[
        tuple[PlannedSound, ...],
        Field(description="What is laid over the shots, and music, in the order in which they begin."),
    ]
    loudness: Annotated[float | None, Field(description="In LUFS, integrated; null where no level is changed.")]
    captions: Annotated[PlannedCaptions | None, Field(description="What is read with it; null where there is nothing.")]
    chapters: tuple[PlannedChapter, ...]
    films: Annotated[
        tuple[FilmData, ...],
        Field(
            description="All that are made, the master first where it is among them. `cut`, `close`, `sounds`, `loudness`, `captions` "
            "and `chapters` are the first one's."
        ),
    ]
    scenes: Annotated[
        tuple[PlannedScene, ...],
        Field(description="Those that anything is generated for, and members of the cast first."),
    ]
    totals: PlanTotals
    vault: PlanVault
    last_run: PlannedRun | None
    seconds_left: Annotated[
        float | None,
        Field(description="Until the last clip is there, by what such steps took; null where that was never measured."),
    ]
    notes: tuple[str, ...]


def plan_data(sheet: TopSheet) -> PlanData:
    """Return a plan that was laid over the vault as data."""
    plan, last = sheet.plan, sheet.last_run
    return PlanData(
        slug=plan.board.slug,
        title=plan.board.title,
        service=sheet.service,
        steps=tuple(
            PlannedStep(
                id=each.step.id,
                scene=each.step.scene,
                kind=each.step.kind,
                outlook=each.outlook,
                why=each.why,
                sign=each.sign,
                changes=changes_data(each),
                claimed_at=each.claim.at.isoformat(timespec="seconds") if each.claim is not None else None,
                needs=each.step.needs,
                operation=each.step.recipe.operation,
                body=each.step.recipe.body,
                take=each.step.recipe.take,
                seconds=each.step.seconds,
                bought_seconds=each.step.bought_seconds,
                tail_seconds=each.step.seconds - each.step.bought_seconds if each.step.is_tail else None,
                usd=usd(each.step.ticks),
                billed_seconds=sheet.prices[each.step.id].billed_seconds if each.step.id in sheet.prices else None,
                instead_usd=_instead(sheet, each),
                request_id=each.request_id,
                begins_on=_frame(begins_on(plan, each.step)),
                ends_on=_frame(ends_on(plan, each.step)),
            )
            for each in sheet.outlook
        ),
        cut=tuple(
            _shot(shot, joint, place)
            for shot, joint, place in zip(
                plan.timeline.picture, plan.timeline.joints, plan.timeline.places, strict=False
            )
        ),
        close=_joint(plan.timeline.joints[-1]),
        sounds=planned_sounds(plan.timeline),
        loudness=plan.timeline.loudness,
        captions=planned_captions(plan.timeline),
        chapters=planned_chapters(plan.timeline),
        films=tuple(data for each in film_sums([sheet]) if (data := film_data(each)) is not None),
        scenes=tuple(
            PlannedScene(name=each.name, seconds=each.seconds, usd=usd(each.buy_ticks), saved_usd=usd(each.saved_ticks))
            for each in sheet.scenes
        ),
        totals=PlanTotals(
            steps=len(plan.steps),
            buy=len(sheet.bought),
            reuse=sum(each.outlook in KEPT and each.known for each in sheet.outlook),
            usd=usd(sheet.buy_ticks),
            saved_usd=usd(sheet.saved_ticks),
            at_risk_usd=usd(sheet.at_risk_ticks),
            seconds=plan.seconds,
        ),
        vault=PlanVault(
            address=sheet.vault.address, takes=sheet.vault.takes, new=sheet.vault.new, unmarked=sheet.unmarked
        ),
        last_run=None
        if last is None
        else PlannedRun(at=last.at.isoformat(timespec="seconds"), requests=last.requests, usd=usd(last.ticks)),
        seconds_left=None if sheet.seconds_left is None else round(sheet.seconds_left, 1),
        notes=(*(note.line for note in plan.board.notes), *plan.notes),
    )


def _shot(shot: Shot, joint: Joint | None, place: tuple[int, int]) -> PlannedShot:
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
        titles=tuple(planned_titles(shot, *place)),
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


def changes_data(each: Forecast) -> tuple[PlannedChange, ...]:
    """Return what has changed of a step as data."""
    return tuple(
        PlannedChange(field=one.field, before=one.before, after=one.after, note=one.note) for one in each.changes
    )


def _instead(sheet: TopSheet, each: Forecast) -> float | None:
    ticks = sheet.prices[each.step.id].instead_ticks if each.step.id in sheet.prices else None
    return usd(ticks) if ticks is not None else None
