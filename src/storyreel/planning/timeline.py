"""
The film of a plan as a timeline, in asked seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from storyreel.catalog import Catalog
from storyreel.model.captions import Say
from storyreel.model.plan import Step
from storyreel.model.shot import Credit, Shot, StepClip, from_start
from storyreel.model.storyboard import CutItem, Scene, Storyboard
from storyreel.model.tails import ClipPart, OwnPart
from storyreel.model.timeline import Timeline
from storyreel.model.updated import updated


def timeline(board: Storyboard, catalog: Catalog, chains: Mapping[str, Sequence[Step]]) -> Timeline:
    """
    Return the film that a storyboard asks for: what its cut shows of each scene, in the order of the film.

    Args:
        catalog: For the size in pixels.
        chains: The steps that make the clip of each scene, in their order; none of a scene of which nothing is made.
    """
    scenes = {scene.id: scene for scene in board.scenes}
    shots = tuple(_shot(item, scenes[item.scene], chains.get(item.scene, ())) for item in board.cut)
    return Timeline(
        size=catalog.size(board.resolution, board.aspect_ratio),
        picture=tuple(_laid_over(shots, board.cut, scenes)),
        close=board.close,
        music=board.music,
        loudness=board.loudness,
        captions=board.captions,
        chapters=board.chapters,
    )


def _laid_over(shots: Iterable[Shot], items: Iterable[CutItem], scenes: Mapping[str, Scene]) -> Iterator[Shot]:
    """Yield shots with what is heard of them: what is laid over a scene, titles too, belongs to its first shot."""
    begun: set[str] = set()
    for shot, item in zip(shots, items, strict=True):
        first, scene = shot.scene not in begun, scenes[shot.scene]
        begun.add(shot.scene)
        laid, titles = (scene.laid, scene.titles) if first else ((), ())
        yield updated(shot, sound=item.sound, laid=laid, titles=titles, say=tuple(_in_source(shot, scene)))


def _in_source(shot: Shot, scene: Scene) -> Iterator[Say]:
    """Yield what is said in a scene in seconds of what its shot shows: of own footage those of the file."""
    begins = scene.start if shot.footage is not None else 0.0
    for say in scene.say:
        at, end = (None if second is None else second + begins for second in (say.at, say.end))
        yield replace(say, at=at, end=end)


def _shot(item: CutItem, scene: Scene, chain: Sequence[Step]) -> Shot:
    """Return what the film shows of a scene: what is drawn, or the clip of its last step, and who made which of its seconds."""
    if scene.drawn is not None:
        whole = Credit(None, 0.0, scene.drawn.seconds)
        return Shot(scene.id, scene.drawn, item.start, item.end, (whole,), item.transition, item.speed)
    own = scene.end - scene.start
    if scene.footage is not None and not chain:
        # What the item counts in is the trimmed part; the shot counts in the file.
        start, end = from_start(item.start, item.end, own)
        shown = scene.start + start, scene.start + end
        return Shot(
            scene.id, scene.footage, *shown, (Credit(None, 0.0, own),), item.transition, item.speed, scene.framing
        )
    whose = [] if scene.footage is None else [Credit(None, 0.0, own)]
    for step in chain:
        if step.kind == "extend":
            whose.append(Credit(step.id, whose[-1].end, whose[-1].end + step.bought_seconds))
        else:
            # An edit redraws every second of what it was given.
            whose = [Credit(step.id, 0.0, step.seconds)]
    last = chain[-1]
    parts = tuple(_parts(scene, chain))
    clip = StepClip(last.id, sum(part.seconds for part in parts), parts if len(parts) > 1 else ())
    return Shot(scene.id, clip, item.start, item.end, tuple(whose), item.transition, item.speed, scene.framing)


def _parts(scene: Scene, chain: Sequence[Step]) -> Iterator[ClipPart]:
    """Yield the parts of a scene's clip: what came back before the first tail, and what each extension from there on has added."""
    first = next((at for at, step in enumerate(chain) if step.is_tail), len(chain))
    if first == 0 and scene.footage is not None:
        yield ClipPart("", scene.end - scene.start, own=OwnPart(scene.footage, scene.start, scene.end))
    else:
        yield ClipPart(chain[first - 1].id, chain[first - 1].seconds)
    for step in chain[first:]:
        yield ClipPart(step.id, step.bought_seconds, step.seconds - step.bought_seconds if step.is_tail else None)
