"""
Remark on what is allowed and may surprise: pictures of another ratio than the film's, a cast member that nobody sees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from storyreel.model.storyboard import (
    Picture,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureOfScene,
    PictureStill,
    Scene,
    Storyboard,
)
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.checks.footage import remark_on_footage
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

TOLERANCE = 0.02
_WHAT = {
    "clip": "the footage",
    "image": "the picture, and so the clip,",
    "card": "its picture",
    "picture": "the picture",
}
LISTED = 5
"""How many other scenes a note names."""


def remark(findings: Findings, cast: Cast, board: Storyboard) -> None:
    """Note what a producer may want to know about a storyboard that is right."""
    if "before-video" in board.review and not board.stills:
        findings.note(
            "nothing-to-review",
            ("review",),
            "no still is generated here, so there is nothing to review before the video is made",
        )
    remark_on_ratios(findings, board, {scene.id for scene in board.scenes})
    for at, scene in enumerate(board.scenes):
        trail: Trail = ("scenes", at)
        if scene.footage is not None:
            remark_on_footage(findings, trail, scene, scene.footage)
        if (
            scene.mode == "image"
            and not isinstance(scene.image, PictureStill)
            and findings.has((*trail, "aspect_ratio"))
        ):
            findings.note(
                "ratio-without-effect",
                (*trail, "aspect_ratio"),
                "aspect_ratio has no effect here: the clip takes the picture's",
            )
    seen = _seen(findings, cast)
    for name in cast.members:
        # What others share is for many: nobody needs all of it.
        if name not in seen and ("cast", name) not in findings.source.grafts:
            findings.note("unused-member", ("cast", name), f"'{name}' is in the cast and in no scene")


def remark_on_ratios(findings: Findings, board: Storyboard, scenes: Collection[str]) -> None:
    """Note which of these scenes have another ratio than the film, and are fitted into it although nobody asked for that."""
    ratios = _Ratios(board)
    film = _ratio(board.aspect_ratio)
    inherited: dict[Picture, list[int]] = {}
    for at, scene in enumerate(board.scenes):
        trail: Trail = ("scenes", at)
        key = {"clip": "clip", "image": "image", "card": "card", "picture": "picture"}.get(scene.mode, "aspect_ratio")
        ratio = ratios.scene(scene.id) if scene.id in scenes else None
        fitted = scene.framing.fit != "pad" or findings.has((*trail, "fit"))
        if ratio is not None and not fitted and abs(ratio / film - 1) > TOLERANCE:
            if (origin := ratios.origin(scene.id)) is not None:
                inherited.setdefault(origin, []).append(at)
                continue
            what = _WHAT.get(scene.mode, "the scene")
            here = (*trail, key) if findings.has((*trail, key)) else (*trail, "id")
            findings.note(
                "other-ratio",
                here,
                f"{what} is {_shown(ratio)}; the film is {board.aspect_ratio}, so it will be fitted into it",
            )
    for origin, those in inherited.items():
        _note_inherited(findings, board, ratios, origin, those)
    for at, scene in enumerate(board.scenes):
        clip = ratios.scene(scene.id) if scene.id in scenes else None
        for part, does, picture in _shown_on_the_way(scene):
            ratio = ratios.picture(picture)
            if clip is not None and ratio is not None and abs(ratio / clip - 1) > TOLERANCE:
                message = f"the clip is {_shown(clip)}, and what it {does} is {_shown(ratio)}: how that fits is the service's choice"
                findings.note("other-ratio", ("scenes", at, *part), message)


def _shown_on_the_way(scene: Scene) -> Iterator[tuple[Trail, str, Picture]]:
    """Yield what a clip is held to after its first frame, where it is written, and what the clip does with it."""
    if scene.last_frame is not None:
        yield ("last_frame",), "ends on", scene.last_frame
    for keyframe in scene.keyframes:
        yield ("keyframes",), f"shows at {keyframe.at:g} s", keyframe.picture


def _note_inherited(
    findings: Findings, board: Storyboard, ratios: _Ratios, origin: Picture, scenes: Sequence[int]
) -> None:
    """Note once that stills which are drawn from one picture alone take its ratio, with all scenes that begin with one."""
    first, *others = (f"'{board.scenes[at].id}'" for at in scenes)
    ratio = _shown(ratios.picture(origin) or 0.0)
    what = f"the picture, and so the clip, is {ratio}; the film is {board.aspect_ratio}, so it will be fitted into it"
    if others:
        named = ", ".join(others[:LISTED]) + (f" and {len(others) - LISTED} more" if len(others) > LISTED else "")
        what += f", and so will {named}"
    drawn = f"the still of {first} is drawn from one picture alone, and keeps its ratio"
    remedy = f"{drawn}: draw it from two, or give it one that is {board.aspect_ratio}"
    if isinstance(origin, PictureStill):
        remedy = f'{drawn}: give {origin.still} `aspect_ratio: "{board.aspect_ratio}"`, or draw it from two'
    findings.note("other-ratio", ("scenes", scenes[0], "image"), what, remedy)


def _seen(findings: Findings, cast: Cast) -> set[str]:
    """Return who is seen in a scene: named there, or in a still of somebody who is."""
    seen: set[str] = set()
    waiting = list(findings.cast_used)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(cast.uses.get(name, ()))
    return seen


class _Ratios:
    """Width by height of pictures and scenes, as far as they are known before anything is made."""

    def __init__(self, board: Storyboard) -> None:
        self._scenes = {scene.id: scene for scene in board.scenes}
        self._stills = {still.id: still for still in board.stills}

    def scene(self, scene_id: str) -> float | None:
        """Return the ratio of a scene; None where it is not known, or has none of its own."""
        scene = self._first(scene_id)
        if scene.drawn is not None:
            ground = scene.drawn.picture
            return None if ground is None else ground.width / ground.height
        if scene.footage is not None:
            return scene.footage.width / scene.footage.height
        return _ratio(scene.aspect_ratio) if scene.image is None else self.picture(scene.image)

    def picture(self, picture: Picture) -> float | None:
        """Return the ratio of a picture."""
        match self._drawn_from(picture):
            case PictureLastFrame(scene=scene) | PictureFrame(scene=scene):
                return self.scene(scene)
            case PictureFile(footage=footage):
                return footage.width / footage.height
            case PictureStill(still=still):
                return _ratio(self._stills[still].aspect_ratio)
            case _:
                return None

    def origin(self, scene_id: str) -> Picture | None:
        """Return the picture from which alone the still that a scene begins with is drawn; None where there is none."""
        image = self._first(scene_id).image
        origin = self._drawn_from(image) if image is not None else None
        return None if origin == image else origin

    def _first(self, scene_id: str) -> Scene:
        """Return the scene that a scene goes back to by frames."""
        seen = set[str]()
        scene = self._scenes[scene_id]
        while isinstance(scene.image, PictureOfScene) and scene.id not in seen:
            seen.add(scene.id)
            scene = self._scenes[scene.image.scene]
        return scene

    def _drawn_from(self, picture: Picture) -> Picture:
        # An edit of one picture keeps that picture's ratio (docs.x.ai image generation, read 2026-11-22).
        while isinstance(picture, PictureStill) and len(references := self._stills[picture.still].references) == 1:
            picture = references[0]
        return picture


def _ratio(words: str) -> float:
    width, _, height = words.partition(":")
    return float(width) / float(height)


def _shown(ratio: float) -> str:
    return f"{ratio:.2f}:1"
