"""
The pictures that a clip shows at moments of its own: where it begins, where it ends, and between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storyreel.catalog import VideoModel
from storyreel.model.storyboard import (
    Keyframe,
    Picture,
    PictureFrame,
    PictureLastFrame,
    PictureOfScene,
    PictureStill,
    Still,
)
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.cut import nearest_scene
from storyreel.storyboard.drawn import not_filmed
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.limits import Look
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import called

NEAR_S = 0.01
"""How far from a moment of the service's grid a keyframe may be written, in seconds: people write 0.33."""


class Frames:
    """
    Reads `image`, `last_frame` and `keyframes` of scenes.

    Args:
        written: All scenes by their ids, as far as they were understood.

    `stills` are the pictures among them that are generated, `of_scenes` those that are taken out of another scene's clip, by the scene
    that shows them, each with its place.
    """

    def __init__(self, findings: Findings, cast: Cast, written: Mapping[str, fields.Scene]) -> None:
        self._findings = findings
        self._cast = cast
        self._written = written
        self.stills: dict[str, Still] = {}
        self.of_scenes: dict[str, list[tuple[Trail, PictureOfScene]]] = {}

    def image(self, trail: Trail, scene: fields.Scene, ratio: str, style: str) -> Picture | None:
        """Return what a scene begins with."""
        if scene.image is None:
            return None
        return self._picture((*trail, "image"), scene, scene.image, f"{scene.id}/still", ratio, style)

    def last_frame(self, trail: Trail, scene: fields.Scene, look: Look, style: str) -> Picture | None:
        """Return what a scene ends on."""
        if scene.last_frame is None:
            return None
        here: Trail = (*trail, "last_frame")
        return self._picture(here, scene, scene.last_frame, f"{scene.id}/last-still", look.aspect_ratio, style)

    def keyframes(self, trail: Trail, scene: fields.Scene, look: Look, style: str) -> tuple[Keyframe, ...]:
        """Return the pictures that a scene shows on its way, by their moments. What the model does not take is told."""
        if scene.keyframes is None:
            return ()
        here: Trail = (*trail, "keyframes")
        if not scene.keyframes and not self._findings.spoiled(here):
            remedy = "write an image and its second: {image: ..., at: 2}, or leave it out"
            self._findings.tell("empty-list", here, "the list of keyframes is empty", remedy)
        keyframes: list[Keyframe] = []
        drawn = 0
        for at, written in enumerate(scene.keyframes):
            drawn += isinstance(written.image, fields.Still)
            still_id = f"{scene.id}/key-still-{drawn}"
            picture = self._picture((*here, at, "image"), scene, written.image, still_id, look.aspect_ratio, style)
            keyframes.append(Keyframe(picture, written.at))
        if look.offers is None or "keyframes" not in look.offers.modes:
            return tuple(keyframes)
        self._judge_count(here, len(keyframes), look.offers)
        moments = self._moments(here, [each.at for each in keyframes], look, look.offers)
        timed = (Keyframe(each.picture, at) for each, at in zip(keyframes, moments, strict=True))
        return tuple(sorted(timed, key=lambda each: each.at))

    def _judge_count(self, here: Trail, count: int, model: VideoModel) -> None:
        if count > model.max_keyframes:
            message = f"{count} keyframes are in this scene; {model.name} takes {model.max_keyframes}"
            remedy = f"leave {count - model.max_keyframes} out, or make two scenes of it: the second begins with image: {{last_frame_of: ...}}"
            self._findings.tell("too-many-pictures", here, message, remedy, key=True)

    def _moments(self, here: Trail, written: Sequence[float], look: Look, model: VideoModel) -> list[float]:
        """Return the moments of the service's grid that are meant, in seconds to three decimals. What is none is told."""
        grid = model.keyframes_per_second
        moments: list[float] = []
        first: dict[float, int] = {}
        for at, second in enumerate(written):
            trail = (*here, at, "at")
            step = round(max(-1.0, min(second, look.duration + 1.0)) * grid)  # what lies outside is so by any number
            moment = round(step / grid, 3)
            moments.append(moment)
            if not 0 < step < look.duration * grid:
                message = f"at is {second or 0:g} s, and the clip is {look.duration} s long: a keyframe lies inside it"
                instead = "`image` is the frame that it begins with" if step <= 0 else "`last_frame` is where it ends"
                least, most = round(1 / grid, 3), round(look.duration - 1 / grid, 3)
                remedy = f"write {least:g} to {most:g}; {instead}"
                self._findings.tell("wrong-keyframe", trail, message, remedy)
            elif abs(second - step / grid) > NEAR_S + 1e-9:
                below = int(second * grid)
                near = [round(each / grid, 3) for each in (below, below + 1) if 0 < each < look.duration * grid]
                message = f"at is {second:g} s; {model.name} takes keyframes {_every(grid)}"
                remedy = f"write {' or '.join(f'{each:g}' for each in near)}"
                self._findings.tell("wrong-keyframe", trail, message, remedy)
            elif moment in first:
                other = self._findings.line((*here, first[moment], "at"))
                both = f"at is {second:g} s, and there is a keyframe at {written[first[moment]]:g} s ({other})"
                message = f"{both}; they are {1 / grid:.3g} s apart at least"
                self._findings.tell("wrong-keyframe", trail, message, "move one, or take it away")
            first.setdefault(moment, at)
        return moments

    def _picture(
        self, here: Trail, scene: fields.Scene, image: fields.Image, still_id: str, ratio: str, style: str
    ) -> Picture:
        if isinstance(image, str):
            return self._findings.picture(here, image)
        if isinstance(image, fields.LastFrameOf):
            self._known(here, scene, image.last_frame_of, "last_frame_of", "the last frame")
            return self._of_scene(here, scene, PictureLastFrame(image.last_frame_of))
        if isinstance(image, fields.FrameOf):
            self._known(here, scene, image.frame_of, "frame_of", "a frame")
            return self._of_scene(here, scene, PictureFrame(image.frame_of, image.at))
        self.stills[still_id] = self._cast.still(still_id, here, image, aspect_ratio=ratio, style=style, scene=scene.id)
        return PictureStill(still_id)

    def _of_scene(self, here: Trail, scene: fields.Scene, frame: PictureOfScene) -> Picture:
        self.of_scenes.setdefault(scene.id, []).append((here, frame))
        return frame

    def _known(self, here: Trail, scene: fields.Scene, other: str, name: str, which: str) -> None:
        does = {"image": "starts on", "last_frame": "ends on"}.get(str(here[2]), "shows")
        if other not in self._written:
            message = f"{called(scene)} {does} {which} of '{other}', and no scene has that id"
            self._findings.tell("unknown-scene", (*here, name), message, nearest_scene(other, self._written))
        elif (why := not_filmed(self._written[other])) is not None:
            message = f"{called(scene)} {does} {which} of '{other}', and {why[0]}"
            self._findings.tell("conflicting-keys", (*here, name), message, f"{why[1]}: {here[-1]}: {why[2]}")


def _every(grid: int) -> str:
    return "at whole seconds" if grid == 1 else f"at every {_ORDINALS.get(grid, f'{grid}th')} of a second"


_ORDINALS = {2: "half", 3: "third", 4: "quarter"}
