"""
What the service offers, allows and charges: models, modes, limits, sizes, prices.

Read from `catalog.toml`, where every entry has its source and date, and from the user's own file, which adds or
overrides. The catalogue decides what is allowed and what it is estimated to cost, never what is sent; but for whether a clip that is extended goes in whole, or
its tail.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from storyreel.errors import SettingsError
from storyreel.files.regular import read_words, reason_of
from storyreel.model.money import MOST_USD, TICKS_PER_USD
from storyreel.model.recipe import TAIL_S

A_HAIR_S = 1e-6


MODES = ("text", "image", "references", "image+references", "last_frame", "keyframes", "voices", "edit", "extend")
"""What a model may make clips from, and what it may take beside that."""


@dataclass(frozen=True)
class Span:
    """From `least` to `most`, both allowed."""

    least: float
    most: float

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"{self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class VideoModel:
    """
    One video model.

    `modes` are of text, image, references, edit, extend, last_frame, keyframes, voices, and image+references, where it takes an image
    beside references or voices. A keyframe's second is a multiple of one `keyframes_per_second`-th. Spans are seconds; `extend_adds` what an extension may add,
    `extend_input` and `edit_input` how long the clip may be that goes in (None where the mode is not offered). Prices
    are ticks. `retired` says since when the model is served by another one (empty: it is not).
    """

    name: str
    aliases: tuple[str, ...]
    modes: frozenset[str]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    seconds: Span
    reference_seconds: Span
    reference_resolutions: tuple[str, ...]
    max_references: int
    sure_references: int
    max_voices: int
    max_keyframes: int
    keyframes_per_second: int
    extend_adds: Span | None
    extend_input: Span | None
    edit_input: Span | None
    second_ticks: Mapping[str, int]
    input_image_ticks: int
    input_second_ticks: int
    source: str
    date: str
    price_source: str
    price_date: str
    retired: str = ""

    def charge(self, resolution: str, seconds: float, *, images: int = 0, input_seconds: float = 0.0) -> int:
        """
        Estimate a charge in ticks.

        Args:
            resolution: As asked, or as inherited from the input clip.
            seconds: Output seconds that are billed.
            images: Pictures that go in.
            input_seconds: Length of the clip that goes in.
        """
        rate = self.second_ticks.get(resolution, max(self.second_ticks.values()))
        return round(rate * seconds) + self.input_image_ticks * images + round(self.input_second_ticks * input_seconds)

    def brings(self, resolution: str) -> str:
        """Return the resolution of what comes back where a clip of this one goes in: the same, or the highest that the model makes."""
        return resolution if resolution in self.resolutions else self.resolutions[-1]

    def tail_of(self, seconds: float) -> float | None:
        """
        Return how many seconds of a clip's end are extended where all of it is too long to go in; None where it goes in whole.

        Args:
            seconds: How long the clip is asked to be.
        """
        if self.extend_input is None or seconds - self.extend_input.most <= A_HAIR_S:
            return None
        return min(TAIL_S, self.extend_input.most)

    def charge_extension(self, resolution: str, *, input_seconds: float, added_seconds: float) -> int:
        """
        Estimate the charge of an extension in ticks: the higher of two readings, since sources disagree.

        Either the whole clip that comes back is billed, or the added seconds and the seconds that go in.
        """
        return max(
            self.charge(resolution, input_seconds + added_seconds),
            self.charge(resolution, added_seconds, input_seconds=input_seconds),
        )


@dataclass(frozen=True)
class StillModel:
    """
    One model for stills. `image_ticks` is keyed by resolution, or by quality/resolution; `retired` says since when the
    model is served by another one (empty: it is not).
    """

    name: str
    aliases: tuple[str, ...]
    resolutions: tuple[str, ...]
    qualities: tuple[str, ...]
    image_ticks: Mapping[str, int]
    input_image_ticks: int
    source: str
    date: str
    price_source: str
    price_date: str
    retired: str = ""

    def charge(self, resolution: str, *, quality: str | None = None, images: int = 0) -> int:
        """Estimate the charge for one still, in ticks, with this many pictures going in."""
        dearest = max(self.image_ticks.values())
        at = self.image_ticks.get(f"{quality}/{resolution}") or self.image_ticks.get(resolution, dearest)
        return at + self.input_image_ticks * images


@dataclass(frozen=True)
class Gone:
    """A model that the service does not take any more: since when, and which one is taken instead."""

    since: str
    instead: str


@dataclass(frozen=True)
class Catalog:
    """
    All that is known of the service's models, limits, sizes and prices, and of the transitions that a film may have:
    `more_transitions` are called as ffmpeg calls them.
    """

    version: str
    video: Mapping[str, VideoModel]
    still: Mapping[str, StillModel]
    sizes: Mapping[str, Mapping[str, tuple[int, int]]]
    prompt_characters: int
    image_inputs: int
    clip_bytes: int
    still_aspect_ratios: tuple[str, ...]
    submits_per_second: float
    jobs_in_flight: int
    first_image_tag: int
    url_life_hours: float
    transitions: tuple[str, ...]
    more_transitions: tuple[str, ...]
    gone: Mapping[str, Gone]
    voices: tuple[str, ...]
    first_voice_tag: int

    @cached_property
    def _video_names(self) -> dict[str, VideoModel]:
        return {name: model for model in self.video.values() for name in (model.name, *model.aliases)}

    @cached_property
    def _still_names(self) -> dict[str, StillModel]:
        return {name: model for model in self.still.values() for name in (model.name, *model.aliases)}

    def video_model(self, name: str) -> VideoModel | None:
        """Return the video model of this name or alias, or None."""
        return self._video_names.get(name)

    def still_model(self, name: str) -> StillModel | None:
        """Return the model for stills of this name or alias, or None."""
        return self._still_names.get(name)

    def size(self, resolution: str, aspect_ratio: str) -> tuple[int, int]:
        """Return width and height in pixels of a generated clip, both even."""
        return self.sizes[resolution][aspect_ratio]

    def size_like(self, resolution: str, width: int, height: int) -> tuple[int, int]:
        """Return the pixels of a clip that inherits the ratio of a picture: its short side is the resolution's."""
        short = min(self.sizes[resolution]["1:1"])
        scale = short / min(width, height)
        return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def load_catalog(own: Path | None = None) -> Catalog:
    """
    Read the catalogue that comes with storyreel, and lay the user's own over it.

    Args:
        own: A TOML file with any part of the same tables; what it has wins, value by value.

    Raises:
        SettingsError: The user's file cannot be read, or what it says makes no catalogue.
    """
    tables = tomllib.loads(files("storyreel").joinpath("catalog.toml").read_text(encoding="utf-8"))
    if own is None:
        return _catalog(tables)
    try:
        theirs = tomllib.loads(read_words(own))
    except OSError as error:
        raise SettingsError(f"STORYREEL_CATALOG={own}: {reason_of(error)}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SettingsError(f"STORYREEL_CATALOG={own}: is not TOML: {error}") from None
    try:
        return _checked(_catalog(_over(tables, theirs)))
    except KeyError as error:
        raise SettingsError(f"STORYREEL_CATALOG={own}: an entry lacks {error}; every model needs it") from None
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
        raise SettingsError(f"STORYREEL_CATALOG={own}: a value has the wrong shape: {error}") from None


def _checked(catalog: Catalog) -> Catalog:
    """
    Return a catalogue in which all that is asked of it later has an answer.

    Raises:
        ValueError: A model has no resolution, ratio or price, or one that is none.
    """
    for model in catalog.video.values():
        if not model.resolutions or not model.aspect_ratios or not model.second_ticks:
            raise ValueError(f"{model.name} needs at least one of resolutions, aspect_ratios and price.second")
        if wrong := [ratio for ratio in model.aspect_ratios if not _RATIO.fullmatch(str(ratio))]:
            raise ValueError(f"{model.name} has the aspect ratio {wrong[0]!r}; one looks like 16:9")
        if strange := sorted(model.modes - {*MODES}):
            raise ValueError(f"{model.name} has the mode {strange[0]!r}; there are {', '.join(sorted(MODES))}")
        for mode, most in (("voices", model.max_voices), ("keyframes", model.max_keyframes)):
            if mode in model.modes and most < 1:
                raise ValueError(f"{model.name} has the mode {mode!r}, and needs max_{mode}")
        for span in (model.seconds, model.reference_seconds):
            if not span.least <= span.most:
                raise ValueError(f"{model.name} has seconds from {span.least} to {span.most}")
    for still in catalog.still.values():
        if not still.resolutions or not still.image_ticks:
            raise ValueError(f"{still.name} needs at least one of resolutions and price.image")
    for names in (catalog.video, catalog.still):
        aliases = [alias for model in names.values() for alias in model.aliases]
        if twice := [alias for alias in aliases if alias in names or aliases.count(alias) > 1]:
            raise ValueError(f"{twice[0]!r} is the name of two models")
    return catalog


_RATIO = re.compile(r"[1-9]\d{0,3}(\.\d{1,3})?:[1-9]\d{0,3}(\.\d{1,3})?")


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _ticks(dollars: float) -> int:
    if isinstance(dollars, bool) or not 0 <= dollars <= MOST_USD:
        raise ValueError(f"{dollars} is no price in US dollars")
    return round(dollars * TICKS_PER_USD)


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(map(str, value))


def _span(pair: list[float]) -> Span:
    least, most = pair
    return Span(float(least), float(most))


def _video(name: str, table: Mapping[str, Any]) -> VideoModel:
    extend, edit, price = table.get("extend"), table.get("edit"), table["price"]
    return VideoModel(
        name=name,
        aliases=tuple(table.get("aliases", ())),
        modes=frozenset(table["modes"]),
        resolutions=_words(table["resolutions"]),
        aspect_ratios=_words(table["aspect_ratios"]),
        seconds=_span(table["seconds"]),
        reference_seconds=_span(table.get("reference_seconds", table["seconds"])),
        reference_resolutions=tuple(table.get("reference_resolutions", table["resolutions"])),
        max_references=int(table.get("max_references", 0)),
        sure_references=int(table.get("sure_references", table.get("max_references", 0))),
        max_voices=int(table.get("max_voices", 0)),
        max_keyframes=int(table.get("max_keyframes", 0)),
        keyframes_per_second=max(1, int(table.get("keyframes_per_second", 1))),
        extend_adds=_span(extend["seconds"]) if extend else None,
        extend_input=_span(extend["input_seconds"]) if extend else None,
        edit_input=_span(edit["input_seconds"]) if edit else None,
        second_ticks={at: _ticks(rate) for at, rate in price["second"].items()},
        input_image_ticks=_ticks(price.get("input_image", 0)),
        input_second_ticks=_ticks(price.get("input_second", 0)),
        source=table["source"],
        date=table["date"],
        price_source=price.get("source", table["source"]),
        price_date=price.get("date", table["date"]),
        retired=table.get("retired", ""),
    )


def _still(name: str, table: Mapping[str, Any]) -> StillModel:
    price = table["price"]
    return StillModel(
        name=name,
        aliases=tuple(table.get("aliases", ())),
        resolutions=tuple(table["resolutions"]),
        qualities=tuple(table.get("qualities", ())),
        image_ticks={at: _ticks(rate) for at, rate in price["image"].items()},
        input_image_ticks=_ticks(price.get("input_image", 0)),
        source=table["source"],
        date=table["date"],
        price_source=price.get("source", table["source"]),
        price_date=price.get("date", table["date"]),
        retired=table.get("retired", ""),
    )


def _catalog(tables: Mapping[str, Any]) -> Catalog:
    limits, service = tables["limits"], tables["service"]
    return Catalog(
        version=tables["version"],
        video={name: _video(name, table) for name, table in tables["video"].items()},
        still={name: _still(name, table) for name, table in tables["still"].items()},
        sizes={
            resolution: {ratio: (pixels[0], pixels[1]) for ratio, pixels in table.items() if ":" in ratio}
            for resolution, table in tables["size"].items()
        },
        prompt_characters=int(limits["prompt_characters"]),
        image_inputs=int(limits["image_inputs"]),
        clip_bytes=int(limits["clip_bytes"]),
        still_aspect_ratios=tuple(limits["still_aspect_ratios"]),
        submits_per_second=float(service["submits_per_second"]),
        jobs_in_flight=int(service["jobs_in_flight"]),
        first_image_tag=int(service["first_image_tag"]),
        url_life_hours=float(service["url_life_hours"]),
        transitions=_words(tables["transition"]["names"]),
        more_transitions=_words(tables["transition"]["xfade"]),
        voices=tuple(each.lower() for each in _words(tables["voice"]["presets"])),
        first_voice_tag=int(tables["voice"]["first_tag"]),
        gone={name: Gone(table["since"], table["instead"]) for name, table in tables.get("gone", {}).items()},
    )
