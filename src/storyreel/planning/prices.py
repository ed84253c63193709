"""
What a price is made of, where it surprises: an extension is billed for more seconds than it adds, and an edit for what goes in.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyreel.catalog import Catalog, VideoModel
from storyreel.model.money import dollars
from storyreel.model.plan import Step


@dataclass(frozen=True)
class Price:
    """
    Why a step costs what it costs.

    Args:
        billed_seconds: For how many seconds of clip the service takes money; as far as that is not what is added.
        instead_ticks: What a new scene of as many seconds would cost that begins with the last frame; None where the model
            makes none, or where that would be no cheaper.
        words: The above as a person reads it.
    """

    billed_seconds: float
    instead_ticks: int | None
    words: str


def price(step: Step, catalog: Catalog) -> Price | None:
    """Return why a step costs what it costs; None where it costs what its seconds do."""
    model = catalog.video_model(str(step.recipe.body.get("model")))
    if model is None:
        return None
    if step.kind == "extend":
        return _extension(step, model)
    if step.kind == "edit" and model.input_second_ticks:
        added = round(model.input_second_ticks * step.seconds)
        return Price(step.seconds, None, f"the {step.seconds:g} s that go in are billed too: {dollars(added)} of it")
    return None


def _extension(step: Step, model: VideoModel) -> Price | None:
    added, before = step.bought_seconds, step.seconds - step.bought_seconds
    resolution = next(
        (
            each
            for each in model.second_ticks
            if model.charge_extension(each, input_seconds=before, added_seconds=added) == step.ticks
        ),
        None,
    )
    if resolution is None or step.ticks <= model.charge(resolution, added):
        return None
    whole = step.ticks == model.charge(resolution, step.seconds)
    fed = dollars(step.ticks - model.charge(resolution, added))
    billed = (
        f"goes on from the last {before:g} s, which are billed with the {added:g} s that it adds: {fed} of it"
        if step.is_tail
        else f"adds {added:g} s, {step.seconds:g} s are billed"
        if whole
        else f"adds {added:g} s, and the {before:g} s before are billed too"
    )
    instead = model.charge(resolution, added, images=1)
    if "image" not in model.modes or added not in model.seconds or instead >= step.ticks:
        return Price(step.seconds, None, billed)
    return Price(step.seconds, instead, f"{billed}; a new scene from its last frame: {dollars(instead)}")
