"""
Hold what a scene or a still asks for against what the catalogue allows.

A value that was inherited is told where it is written: in `defaults`, once, and not at every scene that has it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from storyreel.catalog import Span, StillModel, VideoModel
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Mode
from storyreel.storyboard import fields
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.sizes import judge_ratio, judge_size, judge_still_ratio, listed, near
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import called, described

STILL_MODEL = "grok-imagine-image"
STILL_RESOLUTION = "1k"
_KEYS: dict[Mode, str] = {"text": "prompt", "image": "image", "references": "references", "clip": "clip"}
_PARTS = ("last_frame", "keyframes", "voices")
"""Fields that some models take, whatever the clip is made from beside them."""


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
        written = [name for name in ("references", *_PARTS) if getattr(scene, name) is not None]
        if not self._takes(trail, scene, written, mode, model):
            return look
        self._seconds(trail, look, model, _of_references(written, mode))
        self._resolution(trail, look, model, written)
        if "voices" in written and not look.generate_audio:
            self._silent(trail, scene)
        if mode != "image":
            judge_ratio(self._findings, written_at(self._findings, trail, "aspect_ratio"), look.aspect_ratio, model)
        return look

    def _takes(self, trail: Trail, scene: fields.Scene, written: Sequence[str], mode: Mode, model: VideoModel) -> bool:
        """Whether a model takes these fields of a scene; what it does not take is told."""
        wanted = [(name, name) for name in written if name in _PARTS]
        if mode != "references" or "references" in written:
            wanted.insert(0, (_KEYS[mode], mode))
        taken = [self._offered(trail, key, need, model) for key, need in wanted]
        if mode == "image" and {"references", "voices"} & set(written) and all(taken):
            other = "references" if "references" in written else "voices"
            taken.append("image+references" in model.modes or self._one_of(trail, scene, other, model))
        return all(taken)

    def _one_of(self, trail: Trail, scene: fields.Scene, other: str, model: VideoModel) -> bool:
        """Tell an image beside references of a model that takes one of the two; return False."""
        at: dict[str, Trail] = {name: (*trail, name) for name in ("image", other)}
        one, second = sorted(at, key=lambda name: self._findings.source.place(at[name], key=True))
        both = f"`{one}` ({self._findings.line(at[one])}) and `{second}` ({self._findings.line(at[second])})"
        message = f"{called(scene)} has {both}; {model.name}{self._where(trail)} takes one of them"
        remedy = f"{self._makers('image+references')}, or take one away, or make two scenes of it"
        self._findings.tell("conflicting-keys", at[second], message, remedy, key=True)
        return False

    def _silent(self, trail: Trail, scene: fields.Scene) -> None:
        here, sound = (*trail, "voices"), written_at(self._findings, trail, "generate_audio")
        message = f"{called(scene)} has `voices` ({self._findings.line(here)}), and generate_audio is false ({self._findings.line(sound)})"
        remedy = "write generate_audio: true in this scene, or take its voices away"
        self._findings.tell("conflicting-keys", here, message, remedy, key=True)

    def _makers(self, mode: str) -> str:
        """Return the remedy for what a model does not take: those that do. A catalogue of a person's own may have none of them."""
        if makers := [one.name for one in self._findings.catalog.video.values() if mode in one.modes]:
            return f"take model: {listed(makers)}"
        return f"no model in the catalogue has the mode {mode!r}: where STORYREEL_CATALOG has `modes` of its own, add it to them"

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

    def _seconds(self, trail: Trail, look: Look, model: VideoModel, of_references: str) -> None:
        span: Span = model.reference_seconds if of_references else model.seconds
        if look.duration not in span:
            how = f" from {of_references}" if of_references else ""
            message = f"duration is {look.duration} s; {model.name} makes {span} s{how}"
            origin = written_at(self._findings, trail, "duration")
            if of_references and origin[0] == "defaults":
                origin = (*trail, of_references)  # the default may be right for every other scene
            remedy = "shorten it" if look.duration > span.most else "make it longer"
            if look.duration > span.most and "extend" in model.modes:
                remedy += ", and continue it with `then: [{extend: ...}]`"
            others = [
                one.name
                for one in self._findings.catalog.video.values()
                if of_references in one.modes and look.duration in one.reference_seconds
            ]
            remedy += f", or take model: {others[0]}" if others else ""
            self._findings.tell_once("duration-not-offered", origin, message, remedy)

    def _resolution(self, trail: Trail, look: Look, model: VideoModel, written: Sequence[str]) -> None:
        if look.resolution not in model.resolutions:
            others = [
                one.name
                for one in self._findings.catalog.video.values()
                if look.resolution in (one.reference_resolutions if written else one.resolutions)
            ]
            message = f"resolution is {look.resolution!r}; {model.name} makes {listed(model.resolutions)}"
            remedy = f"write {model.resolutions[-1]}" + (f", or take model: {others[0]}" if others else "")
            self._findings.tell_once(
                "resolution-not-offered", written_at(self._findings, trail, "resolution"), message, remedy
            )
        elif written and look.resolution not in model.reference_resolutions:
            own = (*trail, "resolution")
            line = self._findings.line((*trail, written[0]))
            which = f"clips with `{written[0]}` ({line}) are made at {listed(model.reference_resolutions)}"
            message = f"resolution is {look.resolution!r}; {which} by {model.name}"
            at = own if self._findings.has(own) else (*trail, written[0])
            self._findings.tell_once(
                "resolution-not-offered",
                at,
                message,
                f"write resolution: {model.reference_resolutions[-1]} in this scene",
            )

    def _offered(self, trail: Trail, key: str, mode: str, model: VideoModel) -> bool:
        """Whether a model makes clips of what is written under a key; else it is told."""
        if mode in model.modes:
            return True
        does = "does not take" if key in _PARTS else "does not make video from"
        message = f"{model.name}{self._where(trail)} {does} `{key}` ({self._findings.line((*trail, key))})"
        self._findings.tell("mode-not-offered", (*trail, key), message, self._makers(mode), key=True)
        return False

    def _where(self, trail: Trail) -> str:
        """Return where the model of a scene is written, if it is."""
        origin = written_at(self._findings, trail, "model")
        return f" ({self._findings.line(origin)})" if self._findings.has(origin) and origin[-1] == "model" else ""

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


def _of_references(written: Sequence[str], mode: Mode) -> str:
    """Return the field for which the service makes a clip as one from references; empty where it does not."""
    if follows := next((name for name in ("references", "voices") if name in written), ""):
        return follows
    # A clip that begins with a picture and is held to another one is made as one from references (probe of 2026-09-08).
    return written[0] if mode == "image" and written else ""
