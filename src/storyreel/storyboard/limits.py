"""
Hold what a scene or a still asks for against what the catalogue allows.

A value that was inherited is told where it is written: in `defaults`, once, and not at every scene that has it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from storyreel.catalog import Span, StillModel, VideoModel
from storyreel.did_you_mean import did_you_mean
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Mode
from storyreel.storyboard import fields
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.suggest import plain, strange_letter
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described

STILL_MODEL = "grok-imagine-image"
STILL_RESOLUTION = "1k"
_AS_ASCII = str.maketrans("\u2236\u00d7\u2044\u2215", ":x//")
"""What stands for a colon, a times or a slash in a ratio that was typeset."""
_KEYS: dict[Mode, str] = {"text": "prompt", "image": "image", "references": "references", "clip": "clip"}


@dataclass(frozen=True)
class Look:
    """How a scene is to be made, every default filled in."""

    model: str
    duration: int
    aspect_ratio: str
    resolution: str
    generate_audio: bool
    offers: VideoModel | None


@dataclass(frozen=True)
class StillLook:
    """How a still is to be made, every default filled in."""

    model: str
    aspect_ratio: str
    resolution: str
    quality: str | None


class Limits:
    """The limits of one storyboard's film."""

    def __init__(self, findings: Findings, defaults: fields.Defaults) -> None:
        self._findings = findings
        self._defaults = defaults
        judge_size(
            findings, defaults, *(own_place(findings, ("defaults",), field) for field in ("aspect_ratio", "resolution"))
        )

    def scene(self, trail: Trail, scene: fields.Scene, mode: Mode) -> Look:
        """Return how a scene is to be made; tell what its model does not take."""
        look = Look(
            model=self._value(scene, "model"),
            duration=self._whole(trail, scene, mode),
            aspect_ratio=self._value(scene, "aspect_ratio"),
            resolution=self._value(scene, "resolution"),
            generate_audio=self._value(scene, "generate_audio"),
            offers=self._findings.catalog.video_model(self._value(scene, "model")),
        )
        model = look.offers
        if mode in ("card", "picture"):
            return look
        if model is None:
            if mode != "clip" or scene.then:
                tell_unknown_model(self._findings, written_at(self._findings, trail, "model"), look.model)
            return look
        note_retired(self._findings, written_at(self._findings, trail, "model"), look.model, model)
        if mode == "clip":
            return look
        if mode not in model.modes:
            self._not_offered(trail, mode, model)
            return look
        self._seconds(trail, look, model, mode)
        self._resolution(trail, look, model, mode)
        if mode != "image":
            judge_ratio(self._findings, written_at(self._findings, trail, "aspect_ratio"), look.aspect_ratio, model)
        return look

    def _whole(self, trail: Trail, scene: fields.Scene, mode: Mode) -> int:
        """Return the seconds that are asked for. Of a clip that is made they are whole; what is drawn has its own."""
        if not isinstance(scene.duration, float):
            return self._defaults.duration if scene.duration is None else scene.duration
        drawn = any(self._findings.has((*trail, name)) for name in ("card", "picture"))  # be it understood or not
        if mode != "clip" and not drawn:
            message = f"duration is {described(scene.duration)}; it must be a whole number of seconds"
            self._findings.tell("wrong-value", (*trail, "duration"), message, "write a whole number")
        return self._defaults.duration

    def pictures(self, trail: Trail, look: Look, count: int) -> None:
        """Tell if more pictures go into a scene than its model takes."""
        if look.offers is not None and "references" in look.offers.modes and count > look.offers.max_references:
            message = f"{count} pictures go into this scene; {look.offers.name} takes {look.offers.max_references}"
            self._findings.tell(
                "too-many-pictures",
                (*trail, "references"),
                message,
                "leave some out, or give a member fewer pictures",
                key=True,
            )
        elif look.offers is not None and count > look.offers.sure_references:
            sure, most = look.offers.sure_references, look.offers.max_references
            message = f"{count} pictures go into this scene; {look.offers.name} is documented to take {sure}, its server says {most}"
            self._findings.note("many-pictures", (*trail, "references"), f"{message}; a refusal is free")

    def footage(self, trail: Trail, then: Collection[Any], footage: Footage) -> None:
        """Tell if an own clip is too large to be sent, where a chain sends it, and note if it is converted for that."""
        most = self._findings.catalog.clip_bytes
        if not then:
            return
        if footage.converted:
            self._findings.note(
                "converted-media",
                (*trail, "clip"),
                f"'{footage.path.name}' is {footage.converted}; it goes to the service as an MP4 that is made of it",
            )
        elif (size := footage.path.stat().st_size) > most:
            message = (
                f"this clip has {size / 1e6:.0f} MB, and one that is extended or edited has at most {most / 1e6:.0f} MB"
            )
            self._findings.tell(
                "footage-too-large", (*trail, "clip"), message, "give it a lower rate, or cut it shorter", key=True
            )

    def still(self, trail: Trail, still: fields.Still, aspect_ratio: str) -> StillLook:
        """Return how a still is to be made; tell what its model does not take."""
        findings, defaults = self._findings, self._defaults.still
        name = still.model or defaults.model or STILL_MODEL
        model = findings.catalog.still_model(name)
        look = StillLook(
            model=name,
            aspect_ratio=still.aspect_ratio or aspect_ratio,
            resolution=still.resolution or defaults.resolution or STILL_RESOLUTION,
            quality=still.quality or defaults.quality,
        )
        if model is None:
            known = findings.catalog.still
            message, remedy = f"there is no model {name!r} for stills", near(name, known)
            if gone := findings.catalog.gone.get(name):
                message, remedy = f"{name} is gone since {gone.since}", f"write {gone.instead}"
            findings.tell_once("unknown-model", self._still_origin(trail, "model"), message, remedy)
            return look
        note_retired(self._findings, self._still_origin(trail, "model"), name, model)
        if look.resolution not in model.resolutions:
            message = f"resolution is {look.resolution!r}; stills of {model.name} are {listed(model.resolutions)}"
            findings.tell_once(
                "resolution-not-offered",
                self._still_origin(trail, "resolution"),
                message,
                f"write {model.resolutions[-1]}",
            )
        at = (*trail, "aspect_ratio") if still.aspect_ratio else written_at(self._findings, trail[:2], "aspect_ratio")
        judge_still_ratio(findings, at, look.aspect_ratio)
        if look.quality is not None and look.quality not in model.qualities:
            if still.quality is None and still.model is not None:
                # The default was meant for the default model: this still chose another one, which has no such word.
                return StillLook(look.model, look.aspect_ratio, look.resolution, None)
            message = f"quality is {look.quality!r}; {model.name} knows {listed(model.qualities) or 'no quality'}"
            others = [one.name for one in findings.catalog.still.values() if look.quality in one.qualities]
            remedy = "choose one of these" if model.qualities else "leave it out"
            remedy += f", or take model: {others[0]}" if others and not model.qualities else ""
            findings.tell_once("quality-not-offered", self._still_origin(trail, "quality"), message, remedy)
        return look

    def _seconds(self, trail: Trail, look: Look, model: VideoModel, mode: Mode) -> None:
        span: Span = model.reference_seconds if mode == "references" else model.seconds
        if look.duration not in span:
            how = " from references" if mode == "references" else ""
            message = f"duration is {look.duration} s; {model.name} makes {span} s{how}"
            origin = written_at(self._findings, trail, "duration")
            if mode == "references" and origin[0] == "defaults":
                origin = (*trail, "references")  # the default may be right for every other scene
            remedy = "shorten it" if look.duration > span.most else "make it longer"
            if look.duration > span.most and "extend" in model.modes:
                remedy += ", and continue it with `then: [{extend: ...}]`"
            self._findings.tell_once("duration-not-offered", origin, message, remedy)

    def _resolution(self, trail: Trail, look: Look, model: VideoModel, mode: Mode) -> None:
        if look.resolution not in model.resolutions:
            others = [one.name for one in self._findings.catalog.video.values() if look.resolution in one.resolutions]
            message = f"resolution is {look.resolution!r}; {model.name} makes {listed(model.resolutions)}"
            remedy = f"write {model.resolutions[-1]}" + (f", or take model: {others[0]}" if others else "")
            self._findings.tell_once(
                "resolution-not-offered", written_at(self._findings, trail, "resolution"), message, remedy
            )
        elif mode == "references" and look.resolution not in model.reference_resolutions:
            own = (*trail, "resolution")
            message = f"resolution is {look.resolution!r}; references are made at {listed(model.reference_resolutions)}"
            at = own if self._findings.has(own) else (*trail, "references")
            self._findings.tell_once(
                "resolution-not-offered",
                at,
                message,
                f"write resolution: {model.reference_resolutions[-1]} in this scene",
            )

    def _not_offered(self, trail: Trail, mode: Mode, model: VideoModel) -> None:
        others = [one.name for one in self._findings.catalog.video.values() if mode in one.modes]
        origin = written_at(self._findings, trail, "model")
        where = f" ({self._findings.line(origin)})" if self._findings.has(origin) else ""
        message = f"{model.name}{where} does not make video from `{_KEYS[mode]}` ({self._findings.line((*trail, _KEYS[mode]))})"
        self._findings.tell(
            "mode-not-offered", (*trail, _KEYS[mode]), message, f"take model: {listed(others)}", key=True
        )

    def _value(self, scene: fields.Scene, field: str) -> Any:
        own = getattr(scene, field)
        return getattr(self._defaults, field) if own is None else own

    def _still_origin(self, trail: Trail, field: str) -> Trail:
        for at in ((*trail, field), ("defaults", "still", field)):
            if self._findings.has(at):
                return at
        return (*trail, "prompt")


def written_at(findings: Findings, trail: Trail, field: str) -> Trail:
    """Return where a value of a scene is written: there, in the defaults, or nowhere (then at the scene)."""
    for at in ((*trail, field), ("defaults", field)):
        if findings.has(at):
            return at
    return (*trail, "id")


def own_place(findings: Findings, trail: Trail, field: str) -> Trail:
    """Return where a field is written; where it is not, what it would be in."""
    return (*trail, field) if findings.has((*trail, field)) else trail


def tell_unknown_model(findings: Findings, at: Trail, name: str) -> None:
    """Tell a model that makes no video."""
    known = findings.catalog.video
    if findings.catalog.still_model(name) is not None:
        findings.tell_once("unknown-model", at, f"{name} makes stills, not video", f"video is made by {listed(known)}")
    elif gone := findings.catalog.gone.get(name):
        findings.tell_once("unknown-model", at, f"{name} is gone since {gone.since}", f"write {gone.instead}")
    else:
        findings.tell_once("unknown-model", at, f"there is no video model {name!r}", near(name, known))


def note_retired(findings: Findings, at: Trail, name: str, model: VideoModel | StillModel) -> None:
    """Note a model that another one stands in for."""
    if model.retired:
        findings.note("retired-model", at, f"{name} is retired since {model.retired}")


def judge_size(findings: Findings, shape: fields.Defaults, ratio_at: Trail, resolution_at: Trail) -> bool:
    """
    Whether there is a film of this ratio and resolution; else it is told.

    Args:
        ratio_at: Where its ratio is written, or what there is of it; `resolution_at` likewise.
    """
    sizes = findings.catalog.sizes
    if shape.resolution not in sizes:
        message = f"resolution is {shape.resolution!r}; a film is {listed(sizes)}"
        findings.tell("resolution-not-offered", resolution_at, message, "choose one of these")
        return False
    if shape.aspect_ratio not in sizes[shape.resolution]:
        ratios = sizes[shape.resolution]
        message = f"aspect_ratio is {shape.aspect_ratio!r}; a film is {listed(ratios)}"
        findings.tell("ratio-not-offered", ratio_at, message, near_ratio(shape.aspect_ratio, ratios))
        return False
    return True


def judge_ratio(findings: Findings, at: Trail, ratio: str, model: VideoModel) -> None:
    """Tell a ratio in which a model makes no video."""
    if ratio not in model.aspect_ratios:
        message = f"aspect_ratio is {ratio!r}; {model.name} makes {listed(model.aspect_ratios)}"
        findings.tell_once("ratio-not-offered", at, message, near_ratio(ratio, model.aspect_ratios))


def judge_still_ratio(findings: Findings, at: Trail, ratio: str) -> None:
    """Tell a ratio in which no stills are made."""
    ratios = findings.catalog.still_aspect_ratios
    if ratio not in ratios:
        message = f"aspect_ratio is {ratio!r}; stills are {listed(ratios)}"
        findings.tell_once("ratio-not-offered", at, message, near_ratio(ratio, ratios))


def listed(words: Collection[str]) -> str:
    """Return words as a sentence has them: `480p, 720p or 1080p`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


def near(word: str, known: Collection[str]) -> str:
    """Return the remedy for a name that is not known: the nearest one that is."""
    return did_you_mean(word, known) or f"known are {listed(known)}"


def near_ratio(word: str, known: Collection[str]) -> str:
    """Return the remedy for a ratio that is not known: the one nearest to it."""
    ratio = plain(word.translate(_AS_ASCII)).strip()
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)[:x/](\d{1,4}(?:\.\d{1,4})?)", ratio)
    if match is None or not float(match[2]):
        return "choose one of these"
    if ratio in known:
        return "; ".join(filter(None, (strange_letter(word), f"write {ratio}")))
    wanted = float(match[1]) / float(match[2])

    def apart(ratio: str) -> float:
        width, _, height = ratio.partition(":")
        return abs(float(width) / float(height) - wanted)

    return f"the nearest to it is {min(known, key=apart)}"
