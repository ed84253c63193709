"""
Tell which scenes are bought again for a film in another ratio, and which are as they are in the master.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

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
from storyreel.storyboard import fields
from storyreel.storyboard.checks.warnings import remark_on_ratios
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.sizes import judge_ratio, judge_still_ratio
from storyreel.storyboard.text.nodes import Trail

LISTED = 5
"""How many scenes a note names."""


def regenerated(
    findings: Findings, here: Trail, sheet: fields.Sheet, own: fields.Delivery, board: Storyboard, film: Storyboard
) -> Storyboard:
    """
    Return a film with its ratio in the place of that of `defaults`, and with takes of its own. What cannot be is told.

    Args:
        here: Where the film is written, and `own` what is written there.
        board: The storyboard as the master has it.
        film: The storyboard as the film has it but for this.
    """
    anew = replace(
        film,
        scenes=tuple(
            scene if written.aspect_ratio is not None else replace(scene, aspect_ratio=film.aspect_ratio)
            for written, scene in zip(sheet.scenes, film.scenes, strict=True)
        ),
        stills=_stills(sheet, film),
    )
    again = asked_again(board, anew)
    _judge_ratios(findings, (*here, "aspect_ratio"), anew)
    reasons = {scene.id: _why(scene) for scene in anew.scenes if scene.id not in again}
    for scene_id in own.scenes:
        if scene_id in reasons:
            message = f"'{scene_id}' is not bought again for this film: it {reasons[scene_id]}"
            remedy = "take it away: the take that the scene has is what this film shows"
            findings.tell("needless-key", (*here, "scenes", scene_id), message, remedy, key=True)
    if findings.problems:
        return anew
    _remark(findings, here, anew, reasons)
    remark_on_ratios(findings, anew, again)
    return replace(
        anew,
        scenes=tuple(_with_take(findings, (*here, "scenes", scene.id), scene, own) for scene in anew.scenes),
        stills=tuple(replace(still, take=1, pin=None) for still in anew.stills),
    )


def asked_again(board: Storyboard, film: Storyboard) -> frozenset[str]:
    """Return the scenes whose requests are others in a film: their own, or those of what they are made from."""
    made_into: dict[str, list[str]] = {}
    for name, sources in _made_from(film).items():
        for source in sources:
            made_into.setdefault(source, []).append(name)
    ratios = {still.id: still.aspect_ratio for still in board.stills}
    asked = [still.id for still in film.stills if still.aspect_ratio != ratios[still.id]]
    asked += [
        scene.id
        for scene in film.scenes
        if scene.mode in ("text", "references") and scene.aspect_ratio != board.scene(scene.id).aspect_ratio
    ]
    return _reached(asked, made_into) & {scene.id for scene in film.scenes}


def _stills(sheet: fields.Sheet, film: Storyboard) -> tuple[Still, ...]:
    """
    Return the stills of a film: those that scenes begin with, end on or show have its ratio where they have none of their own.

    A scene whose clip keeps its shape, since what it begins with does, keeps the other stills as they are too.
    """
    ratios: dict[str, str] = {}
    written = {scene.id: scene for scene in sheet.scenes}
    for scene in sheet.scenes:
        ratio = scene.aspect_ratio or film.aspect_ratio
        if isinstance(scene.image, fields.Still) and scene.image.aspect_ratio is None:
            ratios[f"{scene.id}/still"] = ratio
        if _takes_the_ratio(scene, written):
            keyframes = [each.image for each in scene.keyframes or () if isinstance(each.image, fields.Still)]
            shown = {f"{scene.id}/key-still-{number}": image for number, image in enumerate(keyframes, start=1)}
            if isinstance(scene.last_frame, fields.Still):
                shown[f"{scene.id}/last-still"] = scene.last_frame
            ratios |= {name: ratio for name, image in shown.items() if image.aspect_ratio is None}
    return tuple(
        replace(still, aspect_ratio=ratios[still.id]) if still.id in ratios else still for still in film.stills
    )


def _takes_the_ratio(scene: fields.Scene, written: Mapping[str, fields.Scene]) -> bool:
    """Whether the clip of a scene has the ratio that is asked for: by itself, or by what it begins with."""
    seen: set[str] = set()
    while scene.id not in seen:
        seen.add(scene.id)
        match scene.image:
            case None:
                return scene.clip is None
            case fields.Still(aspect_ratio=own):
                return own is None
            case fields.LastFrameOf(last_frame_of=before) | fields.FrameOf(frame_of=before) if before in written:
                scene = written[before]
            case _:
                return False
    return False


def _judge_ratios(findings: Findings, at: Trail, film: Storyboard) -> None:
    """Tell a ratio in which what the film shows cannot be made."""
    needed = _reached([item.scene for item in film.cut], _made_from(film))
    for scene in film.scenes:
        model = findings.catalog.video_model(scene.model)
        if model is not None and scene.id in needed and scene.mode in ("text", "references"):
            judge_ratio(findings, at, scene.aspect_ratio, model)
    for still in film.stills:
        if still.id in needed:
            judge_still_ratio(findings, at, still.aspect_ratio)


def _made_from(film: Storyboard) -> dict[str, tuple[str, ...]]:
    """Return the scenes and stills out of which each scene and each still comes."""
    pictures: dict[str, tuple[Picture, ...]] = {still.id: still.references for still in film.stills}
    for scene in film.scenes:
        pictures[scene.id] = scene.pictures
    return {name: tuple(_sources(those)) for name, those in pictures.items()}


def _sources(pictures: Iterable[Picture]) -> Iterator[str]:
    for picture in pictures:
        match picture:
            case PictureStill(still=name) | PictureLastFrame(scene=name) | PictureFrame(scene=name):
                yield name
            case PictureFile() | PictureAddress():
                pass


def _reached(names: Iterable[str], leads_to: Mapping[str, Iterable[str]]) -> frozenset[str]:
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += leads_to.get(name, ())
    return frozenset(reached)


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


def _remark(findings: Findings, here: Trail, film: Storyboard, reasons: Mapping[str, str]) -> None:
    """Remark on scenes that the film shows as they are in the master, and that are fitted for that."""
    shown = {item.scene: film.scene(item.scene) for item in film.cut}
    fitted = [
        scene
        for scene in shown.values()
        if scene.id in reasons
        and scene.drawn is None
        and not (scene.image is None and scene.footage is None and scene.aspect_ratio == film.aspect_ratio)
    ]
    if not fitted:
        return
    named = [f"'{scene.id}' {reasons[scene.id]}" for scene in fitted[:LISTED]]
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
