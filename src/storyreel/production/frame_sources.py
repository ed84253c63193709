"""
Say on which frames of other scenes a step begins and ends, and what becomes of a second that the clip of that scene does not have.
"""

from __future__ import annotations

from collections.abc import Mapping

from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Frame, FromStep, InPart, Input, ServiceName, picture_in
from storyreel.model.storyboard import PictureFrame
from storyreel.vault import Vault


def begins_on(plan: Plan, step: Step) -> PictureFrame | None:
    """Return the scene, and the second of its clip, that a step begins on; None where it begins on no such frame."""
    image = plan.scene_of(step).image if step.kind == "video" else None
    return image if isinstance(image, PictureFrame) else None


def ends_on(plan: Plan, step: Step) -> PictureFrame | None:
    """Return the scene, and the second of its clip, that a step ends on; None where it ends on no such frame."""
    last = plan.scene_of(step).last_frame if step.kind == "video" else None
    return last if isinstance(last, PictureFrame) else None


async def beyond_the_clip(
    plan: Plan, step: Step, vault: Vault, service: ServiceName, request_ids: Mapping[str, str]
) -> str:
    """
    Return what is to be said where a clip came back shorter than the second at which a frame of it is asked for; else "".

    Args:
        request_ids: The takes of the steps that it needs.
    """
    pictures = plan.scene_of(step).pictures if step.kind == "video" else ()
    sentences: list[str] = []
    for asked, source in zip(pictures, step.recipe.inputs, strict=bool(pictures)):
        frame = picture_in(source)
        if isinstance(asked, PictureFrame) and isinstance(frame, Frame) and isinstance(frame.of, FromStep):
            take = await vault.takes.get(service, request_ids[frame.of.step])
            if take is not None and take.seconds and frame.at >= take.seconds:
                whose = asked.scene if frame.at == asked.at else frame.of.step
                came = f"the clip of {whose} came back {take.seconds:g} s long"
                of = "" if frame.at == asked.at else f", which is {asked.at} s of {asked.scene}"
                sentences.append(f"{came}, so this {_has(source)} its last frame, and not at {frame.at} s{of}")
    return "; ".join(sentences)


def _has(source: Input) -> str:
    """Return what a clip does with a picture that goes in."""
    match source:
        case InPart(part="keyframe", at=float(at)):
            return f"shows at {at:g} s"
        case InPart(part="last_frame"):
            return "ends on"
        case _:
            return "begins on"
