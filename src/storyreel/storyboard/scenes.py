"""
Read the scenes: the mode from the fields that are there, the prompt with what it knows, pictures, footage, the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from storyreel.model.footage import Footage
from storyreel.model.storyboard import (
    Link,
    Mode,
    Picture,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Scene,
    Still,
)
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast, References
from storyreel.storyboard.chains import judge_chain
from storyreel.storyboard.cut import nearest_scene, within
from storyreel.storyboard.drawn import Drawings, not_filmed
from storyreel.storyboard.fields import UNNAMED
from storyreel.storyboard.files import Missing
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.limits import Limits
from storyreel.storyboard.text.nodes import Trail

_NOT_FOR_FOOTAGE = ("style", "duration", "aspect_ratio", "resolution", "generate_audio", "take", "pin")


class Scenes:
    """
    The scenes of a storyboard.

    `scenes` are all of them, `trails` where each stands, `stills` the generated pictures that open a scene.
    """

    def __init__(self, findings: Findings, sheet: fields.Sheet, limits: Limits, cast: Cast, drawings: Drawings) -> None:
        self._findings = findings
        self._sheet = sheet
        self._limits = limits
        self._cast = cast
        self._drawings = drawings
        self._written = {scene.id: scene for scene in sheet.scenes}
        self.stills: dict[str, Still] = {}
        self.trails: dict[str, Trail] = {}
        for at, scene in enumerate(sheet.scenes):
            trail: Trail = ("scenes", at)
            if scene.id in self.trails:
                first = findings.line((*self.trails[scene.id], "id"))
                findings.tell(
                    "repeated-id",
                    (*trail, "id"),
                    f"there is a scene '{scene.id}' already ({first})",
                    "give each scene an id of its own",
                )
            self.trails.setdefault(scene.id, trail)
        if not sheet.scenes and not findings.spoiled(("scenes",)):
            findings.tell(
                "missing-key",
                ("scenes",),
                "there are no scenes",
                "write at least one: `- id: opening` and its prompt",
                key=True,
            )
        self.scenes = tuple(self._scene(("scenes", at), scene) for at, scene in enumerate(sheet.scenes))

    def _scene(self, trail: Trail, scene: fields.Scene) -> Scene:
        findings = self._findings
        mode = self._mode(trail, scene)
        framing = self._drawings.framing(trail, scene)
        look = self._limits.scene(trail, scene, mode)
        if mode in ("card", "picture"):
            names = self._cast.known(scene=scene.id)
            return Scene(
                id=scene.id,
                mode=mode,
                model=look.model,
                duration=look.duration,
                aspect_ratio=look.aspect_ratio,
                resolution=look.resolution,
                generate_audio=look.generate_audio,
                place=findings.source.place((*trail, "id")),
                drawn=self._drawings.drawn(trail, scene, names, framing),
                framing=framing,
                note=scene.note,
            )
        footage: Footage | None = None
        image: Picture | None = None
        references: References = {}
        start = end = 0.0
        style = self._cast.style
        if "style" in scene.model_fields_set:
            style = self._cast.styled((*trail, "style"), scene.style)
        if scene.clip is not None and mode == "clip":
            footage = self._clip((*trail, "clip"), scene.clip)
            if footage is not None:
                start, end = self._trim(trail, scene, footage)
        if scene.image is not None:
            image = self._image(trail, scene, scene.image, look.aspect_ratio, style)
        if scene.references is not None:
            references = self._cast.references((*trail, "references"), scene.references)
        pictures = tuple(picture for pictures in references.values() for picture in pictures)
        self._limits.pictures(trail, look, len(pictures))
        prompt = added = ""
        if scene.prompt is not None and mode != "clip":
            names = self._cast.known(references, scene.id)
            added = style if mode != "image" else ""
            prompt = findings.render((*trail, "prompt"), scene.prompt, names, what="prompt", style=added)
        seconds = end - start if mode == "clip" else float(look.duration)
        if mode != "clip" or footage is not None:
            judge_chain(findings, trail, look, scene.then, seconds)
        if mode == "clip" and footage is not None and scene.trim is None:
            with suppress(OSError):  # gone since it was measured: told when it is wanted
                self._limits.footage(trail, scene.then, footage)
        return Scene(
            id=scene.id,
            mode=mode,
            model=look.model,
            duration=look.duration,
            aspect_ratio=look.aspect_ratio,
            resolution=look.resolution,
            generate_audio=look.generate_audio,
            place=findings.source.place((*trail, "id")),
            prompt=prompt,
            style=added,
            image=image,
            references=pictures,
            footage=footage,
            start=start,
            end=end,
            then=tuple(self._links(trail, scene)),
            take=scene.take,
            pin=scene.pin,
            note=scene.note,
            framing=framing,
        )

    def _mode(self, trail: Trail, scene: fields.Scene) -> Mode:
        """Tell the mode from the fields that are there; tell what cannot stand side by side."""
        findings = self._findings
        if scene.card is not None or scene.picture is not None:
            self._drawings.alone(trail, scene, _called(scene))
            return "card" if scene.card is not None else "picture"
        modes: list[Mode] = []
        if scene.clip is not None:
            modes.append("clip")
        if scene.image is not None:
            modes.append("image")
        if scene.references is not None:
            modes.append("references")
        if scene.clip is not None:
            self._footage_alone(trail, scene)
        elif len(modes) > 1:
            one, other = sorted(modes, key=lambda mode: findings.source.place((*trail, mode), key=True))
            message = f"{_called(scene)} has `{one}` ({findings.line((*trail, one))}) and `{other}` ({findings.line((*trail, other))})"
            remedy = "a scene begins with one picture or follows references; take one away, or make two scenes of it"
            findings.tell("conflicting-keys", (*trail, other), f"{message}; it can have one of them", remedy, key=True)
        elif scene.prompt is None and not findings.spoiled(trail, beside="id"):
            lacks = f"{_called(scene)} has no prompt" + (f"; `{modes[0]}` needs one" if modes else "")
            remedy = "add `prompt: ...`" + (
                "" if modes else ", or `clip: ...` for own footage, `card: ...` or `picture: ...`"
            )
            findings.tell("missing-key", (*trail, "id"), lacks, remedy)
        return modes[0] if modes else "text"

    def _footage_alone(self, trail: Trail, scene: fields.Scene) -> None:
        findings = self._findings
        for other in ("prompt", "image", "references"):
            if getattr(scene, other) is not None:
                both = f"`clip` ({findings.line((*trail, 'clip'))}) and `{other}` ({findings.line((*trail, other))})"
                remedy = "own footage is shown as it is; to change it use `then: [{edit: ...}]`"
                findings.tell(
                    "conflicting-keys",
                    (*trail, other),
                    f"{_called(scene)} has {both}; it can have one of them",
                    remedy,
                    key=True,
                )
        for other in _NOT_FOR_FOOTAGE:
            if other in scene.model_fields_set and findings.has((*trail, other)):
                remedy = "use `trim` for its length" if other == "duration" else "take it away"
                findings.tell(
                    "needless-key",
                    (*trail, other),
                    f"own footage has no `{other}`: nothing is generated",
                    remedy,
                    key=True,
                )
        if scene.model is not None and not scene.then and not findings.spoiled(trail):
            message = "own footage needs no `model` unless something follows in `then`"
            findings.tell("needless-key", (*trail, "model"), message, "take it away", key=True)

    def _clip(self, trail: Trail, written: str) -> Footage | None:
        try:
            return self._findings.folder.clip(written)
        except Missing as missing:
            self._findings.tell(missing.code, trail, missing.message, missing.remedy)
            return None

    def _trim(self, trail: Trail, scene: fields.Scene, footage: Footage) -> tuple[float, float]:
        """
        Return the seconds that are used. An end within the last frame means the whole.

        What is continued goes on where its picture ends, so where no end is written that is it; sound after it is left out.
        """
        whole, trim = footage.seconds, scene.trim
        natural_end = footage.picture_end if scene.then else whole
        if trim is None:
            return 0.0, natural_end
        frame = 1 / footage.fps if footage.fps else 0.05
        end = natural_end if trim.end is None else trim.end
        if natural_end < end <= natural_end + frame:
            end = natural_end
        span = within(self._findings, (*trail, "trim"), (trim.start, end), whole, what="the footage", slack=frame)
        return span or (0.0, natural_end)

    def _image(self, trail: Trail, scene: fields.Scene, image: fields.Image, ratio: str, style: str) -> Picture:
        here: Trail = (*trail, "image")
        if isinstance(image, str):
            return self._findings.picture(here, image)
        if isinstance(image, fields.LastFrameOf):
            self._known(here, scene, image.last_frame_of, "last_frame_of", "the last frame")
            return PictureLastFrame(image.last_frame_of)
        if isinstance(image, fields.FrameOf):
            self._known(here, scene, image.frame_of, "frame_of", "a frame")
            return PictureFrame(image.frame_of, image.at)
        still_id = f"{scene.id}/still"
        self.stills[still_id] = self._cast.still(still_id, here, image, aspect_ratio=ratio, style=style, scene=scene.id)
        return PictureStill(still_id)

    def _known(self, here: Trail, scene: fields.Scene, other: str, name: str, which: str) -> None:
        if other not in self.trails:
            message = f"{_called(scene)} starts on {which} of '{other}', and no scene has that id"
            self._findings.tell("unknown-scene", (*here, name), message, nearest_scene(other, self.trails))
        elif (why := not_filmed(self._written[other])) is not None:
            message = f"{_called(scene)} starts on {which} of '{other}', and {why[0]}"
            self._findings.tell("conflicting-keys", (*here, name), message, why[1])

    def _links(self, trail: Trail, scene: fields.Scene) -> Iterator[Link]:
        count = {"extend": 0, "edit": 0}
        names = self._cast.known(scene=scene.id)
        for at, link in enumerate(scene.then):
            extension = isinstance(link, fields.Extension)
            kind = "extend" if extension else "edit"
            count[kind] += 1
            here: Trail = (*trail, "then", at, kind)
            words = link.extend if isinstance(link, fields.Extension) else link.edit
            yield Link(
                kind="extend" if extension else "edit",
                name=f"{kind}-{count[kind]}",
                prompt=self._findings.render(here, words, names, what=kind),
                place=self._findings.source.place(here),
                duration=link.duration if isinstance(link, fields.Extension) else None,
                model=link.model,
                take=link.take,
                pin=link.pin,
            )


def _called(scene: fields.Scene) -> str:
    """Return what a scene is called in a message. The name that stands in for a missing or wrong id means nothing to anybody."""
    return "this scene" if scene.id.startswith(UNNAMED) else f"scene '{scene.id}'"
