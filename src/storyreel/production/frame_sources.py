"""
Say on which frame of another scene a step begins, and what becomes of a second that the clip of that scene does not have.
"""

from __future__ import annotations

from collections.abc import Mapping

from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Frame, FromStep, ServiceName
from storyreel.model.storyboard import PictureFrame
from storyreel.vault import Vault


def begins_on(plan: Plan, step: Step) -> PictureFrame | None:
    """Return the scene, and the second of its clip, that a step begins on; None where it begins on no such frame."""
    image = plan.scene_of(step).image if step.kind == "video" else None
    return image if isinstance(image, PictureFrame) else None


async def beyond_the_clip(
    plan: Plan, step: Step, vault: Vault, service: ServiceName, request_ids: Mapping[str, str]
) -> str:
    """
    Return what is to be said where a clip came back shorter than the second at which a frame of it is asked for; else "".

    Args:
        request_ids: The takes of the steps that it needs.
    """
    frame = begins_on(plan, step)
    for source in step.recipe.inputs if frame is not None else ():
        if isinstance(source, Frame) and isinstance(source.of, FromStep):
            take = await vault.takes.get(service, request_ids[source.of.step])
            if frame is not None and take is not None and take.seconds and source.at >= take.seconds:
                whose = frame.scene if source.at == frame.at else source.of.step
                came = f"the clip of {whose} came back {take.seconds:g} s long"
                of = "" if source.at == frame.at else f", which is {frame.at} s of {frame.scene}"
                return f"{came}, so this begins on its last frame, and not at {source.at} s{of}"
    return ""
