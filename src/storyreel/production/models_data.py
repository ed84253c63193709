"""
The models of the catalogue beside those that a key may use, and where the two differ: what `storyreel models --json` prints.
docs/models.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from storyreel.catalog import MODES, Catalog, StillModel, VideoModel
from storyreel.imagine import ModelCard, Models
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.recipe import Frozen

Model = TypeVar("Model", bound=VideoModel | StillModel)
Allowed = Literal["yes", "no", "not known"]


class SpanData(Frozen):
    """From the least to the most, in seconds, both allowed."""

    least: float
    most: float


class ModelData(Frozen):
    """A model of the catalogue."""

    name: str
    kind: Literal["video", "still"]
    aliases: tuple[str, ...]
    allowed: Annotated[
        Allowed, Field(description="Whether the service lists it for the key; not known where nobody was asked.")
    ]
    modes: Annotated[
        tuple[str, ...], Field(description="What a video is made from or does: text, image, references, edit, extend.")
    ]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    qualities: Annotated[tuple[str, ...], Field(description="Of a model for stills, if it has several.")]
    seconds: Annotated[SpanData | None, Field(description="How long a clip may be; null for stills.")]
    reference_seconds: Annotated[SpanData | None, Field(description="The same where it is made from references.")]
    references: Annotated[int, Field(description="Pictures of people and things that may go in at most.")]
    extend_adds: Annotated[SpanData | None, Field(description="What an extension may add.")]
    extend_input: Annotated[SpanData | None, Field(description="How long a clip may be that is extended.")]
    edit_input: Annotated[SpanData | None, Field(description="How long a clip may be that is edited.")]
    usd: Annotated[
        dict[str, float],
        Field(
            description="US dollars for a second by resolution; for stills, for one by resolution or quality/resolution."
        ),
    ]
    input_image_usd: Annotated[float, Field(description="US dollars for each picture that goes in.")]
    input_second_usd: Annotated[float, Field(description="US dollars for each second of a clip that goes in.")]
    retired: Annotated[str, Field(description="Since when another model serves it, and which; empty where none does.")]
    source: str
    date: Annotated[str, Field(description="When the source was read.")]
    price_source: str
    price_date: str


class GoneData(Frozen):
    """A model that is not taken any more."""

    name: str
    since: str
    instead: str


class ModelsData(Frozen):
    """What the catalogue knows of models, beside what the service lists."""

    version: Literal[1] = 1
    catalogue: Annotated[str, Field(description="The version of the catalogue: the day of its newest entry.")]
    asked: Annotated[str, Field(description="Who was asked what the key may use; empty where nobody was.")]
    models: tuple[ModelData, ...]
    gone: tuple[GoneData, ...]
    differences: Annotated[
        tuple[str, ...], Field(description="Where the catalogue and the service's lists differ, a sentence each.")
    ]


def models_data(catalog: Catalog, listed: Models | None, *, asked: str = "") -> ModelsData:
    """
    Return the models of a catalogue, and where it differs from what a service lists.

    Args:
        listed: The lists; None where nobody was asked.
        asked: Who was asked, in words.
    """
    cards = () if listed is None else (*listed.video, *listed.still)
    names = {name for card in cards for name in (card.name, *card.aliases)}

    def allowed(model: VideoModel | StillModel) -> Allowed:
        if listed is None:
            return "not known"
        return "yes" if names & {model.name, *model.aliases} else "no"

    return ModelsData(
        catalogue=catalog.version,
        asked=asked,
        models=(
            *(_video(model, allowed(model)) for model in catalog.video.values()),
            *(_still(model, allowed(model)) for model in catalog.still.values()),
        ),
        gone=tuple(GoneData(name=name, since=gone.since, instead=gone.instead) for name, gone in catalog.gone.items()),
        differences=() if listed is None else tuple(dict.fromkeys(differences(catalog, listed))),
    )


def differences(catalog: Catalog, listed: Models) -> Iterator[str]:
    """Name where a catalogue and the lists of a service differ: in models, aliases, modes and prices of stills."""
    yield from _of_kind("video", catalog.video, listed.video)
    yield from _of_kind("still", catalog.still, listed.still)
    for name in (card.name for card in (*listed.video, *listed.still)):
        if name in catalog.gone:
            yield f"{name}: the catalogue calls it gone since {catalog.gone[name].since}, and the service lists it"
    for card, video in _pairs(listed.video, catalog.video):
        if card.inputs and ("video" in card.inputs) != bool(video.modes & {"edit", "extend"}):
            theirs = "takes" if "video" in card.inputs else "takes no"
            ours = ", ".join(sorted(video.modes))
            yield f"{card.name}: by the service's list it {theirs} clips, and the catalogue has the modes {ours}"
    for card, still in _pairs(listed.still, catalog.still):
        least = min(still.image_ticks.values())
        if card.image_ticks is not None and card.image_ticks != least:
            theirs, ours = f"${_usd(card.image_ticks):g}", f"${_usd(least):g}"
            yield f"{card.name}: a still costs {theirs} by the service's list, and {ours} at least by the catalogue"


def _of_kind(
    kind: str, ours: Mapping[str, VideoModel] | Mapping[str, StillModel], theirs: Sequence[ModelCard]
) -> Iterator[str]:
    known = {name for model in ours.values() for name in (model.name, *model.aliases)}
    listed = {name for card in theirs for name in (card.name, *card.aliases)}
    for card in theirs:
        if not known & {card.name, *card.aliases}:
            yield f"{card.name}: the service lists this {kind} model, and the catalogue does not have it"
    for model in ours.values():
        if not listed & {model.name, *model.aliases}:
            yield f"{model.name}: the catalogue has this {kind} model, and the service does not list it for this key"
    for card in theirs:
        if card.name in known and (new := [name for name in card.aliases if name not in known]):
            yield f"{card.name}: the service calls it {', '.join(new)} as well, and the catalogue does not"


def _pairs(cards: Sequence[ModelCard], ours: Mapping[str, Model]) -> list[tuple[ModelCard, Model]]:
    """Return each model that both have."""
    return [
        (card, model)
        for card in cards
        for model in ours.values()
        if {card.name, *card.aliases} & {model.name, *model.aliases}
    ]


def _span(span: object) -> SpanData | None:
    return SpanData.model_validate(span, from_attributes=True) if span is not None else None


def _usd(ticks: int) -> float:
    return ticks / TICKS_PER_USD


def _video(model: VideoModel, allowed: Allowed) -> ModelData:
    return ModelData(
        name=model.name,
        kind="video",
        aliases=model.aliases,
        allowed=allowed,
        modes=tuple(mode for mode in MODES if mode in model.modes),
        resolutions=model.resolutions,
        aspect_ratios=model.aspect_ratios,
        qualities=(),
        seconds=_span(model.seconds),
        reference_seconds=_span(model.reference_seconds) if "references" in model.modes else None,
        references=model.max_references,
        extend_adds=_span(model.extend_adds),
        extend_input=_span(model.extend_input),
        edit_input=_span(model.edit_input),
        usd={at: _usd(ticks) for at, ticks in model.second_ticks.items()},
        input_image_usd=_usd(model.input_image_ticks),
        input_second_usd=_usd(model.input_second_ticks),
        retired=model.retired,
        source=model.source,
        date=model.date,
        price_source=model.price_source,
        price_date=model.price_date,
    )


def _still(model: StillModel, allowed: Allowed) -> ModelData:
    return ModelData(
        name=model.name,
        kind="still",
        aliases=model.aliases,
        allowed=allowed,
        modes=(),
        resolutions=model.resolutions,
        aspect_ratios=(),
        qualities=model.qualities,
        seconds=None,
        reference_seconds=None,
        references=0,
        extend_adds=None,
        extend_input=None,
        edit_input=None,
        usd={at: _usd(ticks) for at, ticks in model.image_ticks.items()},
        input_image_usd=_usd(model.input_image_ticks),
        input_second_usd=0.0,
        retired=model.retired,
        source=model.source,
        date=model.date,
        price_source=model.price_source,
        price_date=model.price_date,
    )
