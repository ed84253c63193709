"""
What a storyboard asks of the service: the requests of its scenes, each after those whose takes it is made from.

Pure: nothing is sent, read or timed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from storyreel.catalog import Catalog, StillModel, VideoModel
from storyreel.model.footage import Footage
from storyreel.model.plan import Step
from storyreel.model.recipe import (
    Frame,
    FromStep,
    GivenAddress,
    GivenFile,
    InPart,
    Input,
    LastFrame,
    Operation,
    PicturePart,
    Recipe,
    Tail,
    Trimmed,
    origin,
)
from storyreel.model.storyboard import (
    Picture,
    PictureAddress,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Scene,
    Still,
    Storyboard,
)


@dataclass(frozen=True)
class _Part:
    """Seconds of a scene from `begins` to `ends` that are in one clip, which has them from its own second `own` on."""

    clip: Input
    begins: float
    ends: float
    own: float


class Requests:
    """The requests of a storyboard: `steps` by id, in the order in which they were needed first; `files` are the media that go in."""

    def __init__(self, board: Storyboard, catalog: Catalog) -> None:
        self.board = board
        self.catalog = catalog
        self.steps: dict[str, Step] = {}
        self.files: dict[str, Footage] = {}
        self._stills = {still.id: still for still in board.stills}
        self._ends: dict[str, Input] = {}
        self._parts: dict[str, list[_Part]] = {}

    def shoot(self, scene: Scene) -> Input:
        """Plan a scene with all that it continues, once, and return the clip that it ends as."""
        # A stack and no recursion: hundreds of scenes may each start where another ends.
        waiting = [scene]
        while waiting:
            ahead = [s for s in self._continued(waiting[-1]) if s.id not in self._ends]
            if ahead:
                waiting.extend(reversed(ahead))
            else:
                shot = waiting.pop()
                if shot.id not in self._ends:
                    self._ends[shot.id] = self._chain(shot)
        return self._ends[scene.id]

    def _continued(self, scene: Scene) -> list[Scene]:
        """Return the scenes on whose frames this one starts, also by way of its stills."""
        scenes: list[Scene] = []
        pictures = list(scene.pictures)
        while pictures:
            match pictures.pop():
                case PictureLastFrame(scene=before) | PictureFrame(scene=before):
                    scenes.append(self.board.scene(before))
                case PictureStill(still=still):
                    pictures.extend(self._stills[still].references)
                case PictureFile() | PictureAddress():
                    pass
        return scenes

    def _chain(self, scene: Scene) -> Input:
        if scene.footage is not None:
            clip = self._footage(scene, scene.footage)
            seconds = scene.end - scene.start
            resolution = "480p" if min(scene.footage.width, scene.footage.height) <= 480 else "720p"
        else:
            clip = self._video(scene, self._video_model(scene.model))
            seconds = float(scene.duration)
            resolution = scene.resolution
        # `seconds` are those of the clip that the step before returned; a scene with tails is longer.
        parts = [_Part(clip, 0.0, seconds, 0.0)]
        for link in scene.then:
            name = link.model or scene.model
            model = self._video_model(name)
            resolution = model.brings(resolution)
            body: dict[str, Any] = {"model": name, "prompt": link.prompt}
            operation: Operation
            tail = None
            if link.duration is not None:
                operation, body["duration"] = "extend-video", link.duration
                tail, bought = model.tail_of(seconds), float(link.duration)
                fed = seconds if tail is None else tail
                seconds = fed + link.duration
                ticks = model.charge_extension(resolution, input_seconds=fed, added_seconds=bought)
            else:
                operation, bought, fed = "edit-video", seconds, 0.0
                ticks = model.charge(resolution, seconds, input_seconds=seconds)
            step = self._add(
                Step(
                    id=f"{scene.id}/{link.name}",
                    scene=scene.id,
                    name=link.name,
                    kind=link.kind,
                    recipe=Recipe(
                        operation=operation,
                        body=body,
                        inputs=(clip if tail is None else _tail(scene, clip, tail),),
                        take=link.take,
                    ),
                    seconds=seconds,
                    bought_seconds=bought,
                    ticks=ticks,
                    pin=link.pin,
                    is_tail=tail is not None,
                )
            )
            clip = FromStep(step=step.id)
            if tail is None and len(parts) == 1:
                parts = [_Part(clip, 0.0, seconds, 0.0)]
            else:
                parts.append(_Part(clip, parts[-1].ends, parts[-1].ends + bought, fed))
        self._parts[scene.id] = parts
        return clip

    def _video(self, scene: Scene, model: VideoModel) -> Input:
        body: dict[str, Any] = {
            "model": scene.model,
            **({"prompt": scene.prompt} if scene.prompt else {}),
            "duration": scene.duration,
            "resolution": scene.resolution,
            "generate_audio": scene.generate_audio,
        }
        if scene.image is None:
            # Else the clip inherits the picture's ratio; the service ignores the field beside an image, or stretches.
            body["aspect_ratio"] = scene.aspect_ratio
        if scene.voices:
            body["reference_audios"] = [{"voice_id": voice} for voice in scene.voices]
        operation, inputs = self._pictures(scene)
        step = self._add(
            Step(
                id=f"{scene.id}/video",
                scene=scene.id,
                name="video",
                kind="video",
                recipe=Recipe(operation=operation, body=body, inputs=inputs, take=scene.take),
                seconds=float(scene.duration),
                bought_seconds=float(scene.duration),
                ticks=model.charge(scene.resolution, scene.duration, images=len(inputs)),
                pin=scene.pin,
            )
        )
        return FromStep(step=step.id)

    def _pictures(self, scene: Scene) -> tuple[Operation, tuple[Input, ...]]:
        """Return what a scene asks for, and its pictures: where they are taken for several things, each with its part."""
        follows = bool(scene.references or scene.voices)
        if not (scene.last_frame or scene.keyframes or (scene.image and follows)):
            if scene.image is not None:
                return "image-to-video", (self._picture(scene.image, part="first_frame"),)
            pictures = tuple(self._picture(each, part="reference") for each in scene.references)
            return "reference-to-video" if follows else "text-to-video", pictures
        parts: list[tuple[PicturePart, Picture, float | None]] = []
        if scene.image is not None:
            parts.append(("first_frame", scene.image, None))
        parts += [("reference", each, None) for each in scene.references]
        if scene.last_frame is not None:
            parts.append(("last_frame", scene.last_frame, None))
        parts += [("keyframe", each.picture, each.at) for each in scene.keyframes]
        return "reference-to-video", tuple(
            InPart(of=self._picture(picture), part=part, at=at) for part, picture, at in parts
        )

    def _still(self, still: Still) -> Input:
        if still.id in self.steps:
            return FromStep(step=still.id)
        inputs = tuple(self._picture(picture, part="reference") for picture in still.references)
        body: dict[str, Any] = {
            "model": still.model,
            "prompt": still.prompt,
            "aspect_ratio": still.aspect_ratio,
            "resolution": still.resolution,
            "n": 1,
            "response_format": "b64_json",
        }
        if still.quality is not None:
            body["quality"] = still.quality
        scene, name = still.id.split("/")
        operation: Operation = "edit-image" if inputs else "generate-image"
        step = self._add(
            Step(
                id=still.id,
                scene=scene,
                name=name,
                kind="still",
                recipe=Recipe(operation=operation, body=body, inputs=inputs, take=still.take),
                seconds=0.0,
                bought_seconds=0.0,
                ticks=self._still_model(still.model).charge(
                    still.resolution, quality=still.quality, images=len(inputs)
                ),
                pin=still.pin,
            )
        )
        return FromStep(step=step.id)

    def _picture(self, picture: Picture, *, part: Literal["first_frame", "reference"] | None = None) -> Input:
        """Return a picture as it goes into a request, and the part that it has there, unless that is told of it elsewhere."""
        match picture:
            case PictureFile(footage=footage):
                self.files[footage.sha256] = footage
                return GivenFile(sha256=footage.sha256)
            case PictureAddress(url=url):
                return GivenAddress(url=url)
            case PictureStill(still=still):
                return self._still(self._stills[still])
            case PictureLastFrame(scene=scene):
                return LastFrame(of=self._ends[scene])
            case PictureFrame(scene=scene, at=at):
                piece = next((each for each in self._parts[scene] if at < each.ends), self._parts[scene][-1])
                own = at if piece.begins == 0 else round(at - piece.begins + piece.own, 6)
                return Frame(of=piece.clip, at=own, part=part)

    def _footage(self, scene: Scene, footage: Footage) -> Input:
        self.files[footage.sha256] = footage
        whole = GivenFile(sha256=footage.sha256)
        end = scene.end
        if not scene.then and scene.start < footage.picture_end:
            # Only its last frame is sent, which is that of its picture however long it is held: the request that it always was.
            end = min(end, footage.picture_end)
        if scene.start == 0 and abs(end - footage.picture_end) < 1e-3:
            return whole
        return Trimmed(of=whole, start=scene.start, end=end)

    def _add(self, step: Step) -> Step:
        needs = tuple(dict.fromkeys(step.recipe.needs()))
        step = replace(step, needs=needs)
        self.steps[step.id] = step
        return step

    def _video_model(self, name: str) -> VideoModel:
        model = self.catalog.video_model(name)
        assert model is not None, f"the storyboard was checked, and {name} passed"
        return model

    def _still_model(self, name: str) -> StillModel:
        model = self.catalog.still_model(name)
        assert model is not None, f"the storyboard was checked, and {name} passed"
        return model


def _tail(scene: Scene, clip: Input, seconds: float) -> Input:
    """Return the end of a clip. That of a person's own is a part of their file, as it would be if they had trimmed it so."""
    root = origin(clip)
    if isinstance(root, GivenFile):
        return Trimmed(of=root, start=round(scene.end - seconds, 6), end=scene.end)
    return Tail(of=clip, seconds=seconds)
