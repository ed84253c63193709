"""
Tell which scenes are bought again for a film in another ratio, and which are as they are in the master.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from storyreel.model.storyboard import (
    Picture,
    PictureAddress,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Scene,
    Storyboard,
)
from storyreel.storyboard import fields
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

LISTED = 5
"""How many scenes a note names."""


def regenerated(
    findings: Findings, here: Trail, board: Storyboard, film: Storyboard, own: fields.Delivery
) -> Storyboard:
    """
    Return a film with the takes that its scenes have in it.

    Args:
        here: Where the film is written.
        board: The storyboard as the master has it, and `film` as this one has it, with prompts, stills and ratios of its own.
    """
    again = asked_again(board, film)
    kept = {scene.id: _why(scene) for scene in film.scenes if scene.id not in again}
    for scene_id in own.scenes:
        if scene_id in kept:
            message = f"'{scene_id}' is not bought again for this film: it {kept[scene_id]}"
            remedy = "take it away: the take that the scene has is what this film shows"
            findings.tell("needless-key", (*here, "scenes", scene_id), message, remedy, key=True)
    _remark(findings, here, film, kept)
    return replace(
        film,
        scenes=tuple(_with_take(findings, (*here, "scenes", scene.id), scene, own) for scene in film.scenes),
        stills=tuple(replace(still, take=1, pin=None) for still in film.stills),
    )


def asked_again(board: Storyboard, film: Storyboard) -> frozenset[str]:
    """Return the scenes whose requests are others in a film: their own, or those of what they are made from."""
    made_into: dict[str, list[str]] = {}
    pictures = {scene.id: _pictures(scene) for scene in film.scenes} | {
        still.id: still.references for still in film.stills
    }
    for name, those in pictures.items():
        for source in _sources(those):
            made_into.setdefault(source, []).append(name)
    ratios = {still.id: still.aspect_ratio for still in board.stills}
    waiting = [still.id for still in film.stills if still.aspect_ratio != ratios[still.id]]
    waiting += [
        scene.id
        for scene in film.scenes
        if scene.mode in ("text", "references") and scene.aspect_ratio != board.scene(scene.id).aspect_ratio
    ]
    again: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in again:
            again.add(name)
            waiting += made_into.get(name, ())
    return frozenset(again & {scene.id for scene in film.scenes})


def _pictures(scene: Scene) -> tuple[Picture, ...]:
    return (*((scene.image,) if scene.image is not None else ()), *scene.references)


def _sources(pictures: tuple[Picture, ...]) -> Iterator[str]:
    """Yield the scenes and stills out of which pictures come."""
    for picture in pictures:
        match picture:
            case PictureStill(still=name) | PictureLastFrame(scene=name) | PictureFrame(scene=name):
                yield name
            case PictureFile() | PictureAddress():
                pass


def _why(scene: Scene) -> str:
    """Return why a scene is not asked again."""
    match scene.image:
        case PictureFile():
            return "begins with a file"
        case PictureAddress():
            return "begins with an address"
        case PictureStill():
            return "begins with a still that has an aspect_ratio of its own"
        case PictureLastFrame(scene=before) | PictureFrame(scene=before):
            return f"goes on from '{before}', which is not"
        case None:
            pass
    if scene.drawn is not None:
        return "is drawn here"
    return "is own footage" if scene.footage is not None else "has an aspect_ratio of its own"


def _remark(findings: Findings, here: Trail, film: Storyboard, kept: Mapping[str, str]) -> None:
    """Remark on scenes that the film shows as they are in the master, and that are fitted for that."""
    shown = {item.scene: film.scene(item.scene) for item in film.cut}
    fitted = [
        scene
        for scene in shown.values()
        if scene.id in kept
        and scene.drawn is None
        and not (scene.image is None and scene.footage is None and scene.aspect_ratio == film.aspect_ratio)
    ]
    if not fitted:
        return
    named = [f"'{scene.id}' {kept[scene.id]}" for scene in fitted[:LISTED]]
    more = [f"{len(fitted) - LISTED} more"] if len(fitted) > LISTED else []
    *most, last = [*named, *more]
    listed = f"{', '.join(most)} and {last}" if most else last
    one = len(fitted) == 1
    message = f"{listed}: {'it is' if one else 'they are'} not bought again for this film, and fitted into {film.aspect_ratio}"
    findings.note("not-regenerated", (*here, "regenerate"), message)


def _with_take(findings: Findings, here: Trail, scene: Scene, own: fields.Delivery) -> Scene:
    """Return a scene with the take that it has in a film; its own are of what was bought for the master."""
    written = own.scenes.get(scene.id, fields.OwnTake())
    place = findings.source.place((*here, "pin")) if written.pin is not None else scene.place
    then = tuple(replace(link, take=1, pin=None) for link in scene.then)
    return replace(scene, take=written.take, pin=written.pin, place=place, then=then)
