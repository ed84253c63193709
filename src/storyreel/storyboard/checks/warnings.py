"""
Remark on what is allowed and may surprise: pictures of another ratio than the film's, a cast member that nobody sees.
"""

from __future__ import annotations

from storyreel.model.storyboard import Picture, PictureFile, PictureLastFrame, PictureStill, Storyboard
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.checks.footage import remark_on_footage
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

TOLERANCE = 0.02


def remark(findings: Findings, cast: Cast, board: Storyboard) -> None:
    """Note what a producer may want to know about a storyboard that is right."""
    if board.review == "before-video" and not board.stills:
        findings.note(
            "nothing-to-review",
            ("review",),
            "no still is generated here, so there is nothing to review before the video is made",
        )
    ratios = _Ratios(board)
    film = _ratio(board.aspect_ratio)
    for at, scene in enumerate(board.scenes):
        trail: Trail = ("scenes", at)
        key = {"clip": "clip", "image": "image"}.get(scene.mode, "aspect_ratio")
        if scene.footage is not None:
            remark_on_footage(findings, trail, scene, scene.footage)
        ratio = ratios.scene(scene.id)
        if ratio is not None and abs(ratio / film - 1) > TOLERANCE:
            what = {"clip": "the footage", "image": "the picture, and so the clip,"}.get(scene.mode, "the scene")
            here = (*trail, key) if findings.has((*trail, key)) else (*trail, "id")
            findings.note(
                "other-ratio",
                here,
                f"{what} is {_shown(ratio)}; the film is {board.aspect_ratio}, so it will be fitted into it",
            )
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
    for name in cast.names:
        if name not in seen:
            findings.note("unused-member", ("cast", name), f"'{name}' is in the cast and in no scene")


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
        seen = set[str]()
        while True:
            scene = self._scenes[scene_id]
            if scene.footage is not None:
                return scene.footage.width / scene.footage.height
            if scene.image is None:
                return _ratio(scene.aspect_ratio)
            if not isinstance(scene.image, PictureLastFrame) or scene_id in seen:
                return self._picture(scene.image)
            seen.add(scene_id)
            scene_id = scene.image.scene

    def _picture(self, picture: Picture) -> float | None:
        match picture:
            case PictureFile(footage=footage):
                return footage.width / footage.height
            case PictureStill(still=still_id):
                still = self._stills[still_id]
                # An edit of one picture keeps that picture's ratio (docs.x.ai image generation, read 2026-11-22).
                return self._picture(still.references[0]) if len(still.references) == 1 else _ratio(still.aspect_ratio)
            case _:
                return None


def _ratio(words: str) -> float:
    width, _, height = words.partition(":")
    return float(width) / float(height)


def _shown(ratio: float) -> str:
    return f"{ratio:.2f}:1"
