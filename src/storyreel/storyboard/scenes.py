"""
Read the scenes: the mode from the fields that are there, the prompt with what it knows, pictures, footage, the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from storyreel.model.footage import Footage
from storyreel.model.storyboard import Link, Mode, PictureOfScene, Scene, Still
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast, References
from storyreel.storyboard.chains import judge_chain
from storyreel.storyboard.cut import within
from storyreel.storyboard.drawn import Drawings
from storyreel.storyboard.files import Missing
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.frames import Frames
from storyreel.storyboard.limits import Limits
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import called
from storyreel.storyboard.voices import Voices

_NOT_FOR_FOOTAGE = ("style", "duration", "aspect_ratio", "resolution", "generate_audio", "take", "pin")


class Scenes:
    """
    The scenes of a storyboard.

    `scenes` are all of them, `trails` where each stands.
    """

    def __init__(self, findings: Findings, sheet: fields.Sheet, limits: Limits, cast: Cast, drawings: Drawings) -> None:
        self._findings = findings
        self._sheet = sheet
        self._limits = limits
        self._cast = cast
        self._drawings = drawings
        self._frames = Frames(findings, cast, {scene.id: scene for scene in sheet.scenes})
        self._voices = Voices(findings, sheet)
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

    @property
    def stills(self) -> Mapping[str, Still]:
        """The generated pictures of scenes, by their ids."""
        return self._frames.stills

    def frames(self, scene: str) -> Sequence[tuple[Trail, PictureOfScene]]:
        """Return the frames of other scenes that a scene is made from, each with its place."""
        return self._frames.of_scenes.get(scene, ())

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
        references: References = {}
        start = end = 0.0
        style = self._cast.style
        if "style" in scene.model_fields_set:
            style = self._cast.styled((*trail, "style"), scene.style)
        if scene.clip is not None and mode == "clip":
            footage = self._clip((*trail, "clip"), scene.clip)
            if footage is not None:
                start, end = self._trim(trail, scene, footage)
        image = self._frames.image(trail, scene, look.aspect_ratio, style)
        if scene.references is not None:
            references = self._cast.references((*trail, "references"), scene.references)
        pictures = tuple(picture for pictures in references.values() for picture in pictures)
        self._limits.pictures(trail, look, len(pictures))
        last_frame = self._frames.last_frame(trail, scene, look, style)
        keyframes = self._frames.keyframes(trail, scene, look, style)
        voices = self._voices.spoken(trail, scene, look)
        prompt = added = ""
        if scene.prompt is not None and mode != "clip":
            names = self._cast.known(references, scene.id, voices)
            added = style if mode != "image" else ""
            prompt = findings.render((*trail, "prompt"), scene.prompt, names, what="prompt", style=added)
        seconds = end - start if mode == "clip" else float(look.duration)
        whole = True
        if mode != "clip" or footage is not None:
            whole = judge_chain(findings, trail, look, scene.then, seconds)
        if mode == "clip" and footage is not None and scene.trim is None and whole:
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
            last_frame=last_frame,
            keyframes=keyframes,
            voices=tuple(voices.values()),
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
            self._drawings.alone(trail, scene, called(scene))
            return "card" if scene.card is not None else "picture"
        modes: list[Mode] = []
        if scene.clip is not None:
            modes.append("clip")
        if scene.image is not None:
            modes.append("image")
        if scene.references is not None or scene.voices is not None:
            modes.append("references")
        if scene.clip is not None:
            self._footage_alone(trail, scene)
        elif scene.prompt is None and _needs_words(scene) and not findings.spoiled(trail, beside="id"):
            follows = next((name for name in ("references", "voices") if getattr(scene, name) is not None), None)
            lacks = f"{called(scene)} has no prompt" + (f"; `{follows}` needs one" if follows else "")
            remedy = "add `prompt: ...`" + (
                "" if follows else ", or `clip: ...` for own footage, `card: ...` or `picture: ...`"
            )
            findings.tell("missing-key", (*trail, "id"), lacks, remedy)
        return modes[0] if modes else "text"

    def _footage_alone(self, trail: Trail, scene: fields.Scene) -> None:
        findings = self._findings
        for other in ("prompt", "image", "references", "last_frame", "keyframes", "voices"):
            if getattr(scene, other) is not None:
                both = f"`clip` ({findings.line((*trail, 'clip'))}) and `{other}` ({findings.line((*trail, other))})"
                remedy = "own footage is shown as it is; to change it use `then: [{edit: ...}]`"
                findings.tell(
                    "conflicting-keys",
                    (*trail, other),
                    f"{called(scene)} has {both}; it can have one of them",
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


def _needs_words(scene: fields.Scene) -> bool:
    """Whether a scene cannot be made from its pictures alone. Whoever is seen or heard in it needs something to do."""
    if scene.references is not None or scene.voices is not None:
        return True
    return scene.image is None and scene.last_frame is None and scene.keyframes is None
