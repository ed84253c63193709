"""
Follow what continues what: nothing continues itself, a frame is one of its clip, and a still comes after those it is made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from storyreel.model.storyboard import Picture, PictureFrame, PictureStill, Scene, Still
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.scenes import Scenes
from storyreel.storyboard.text.nodes import Trail


def follow(findings: Findings, scenes: Scenes, cast: Cast) -> tuple[Still, ...]:
    """Return the stills that some scene uses, each after those it is made from. Circles are told, and frames that no clip has."""
    by_id = {scene.id: scene for scene in scenes.scenes}
    of_scenes = {scene.id: [*scenes.frames(scene.id)] for scene in scenes.scenes}
    continued = {name: tuple(frame.scene for _, frame in frames) for name, frames in of_scenes.items()}
    for trail, frame in (each for frames in of_scenes.values() for each in frames):
        if isinstance(frame, PictureFrame) and frame.scene in by_id:
            _within_its_clip(findings, trail, frame, by_id[frame.scene])
    for circle in rings(continued):
        ids: list[Trail] = [(*scenes.trails[name], "id") for name in circle]
        lines = [f"{findings.source.written(each)} ({findings.line(each)})" for each in ids]
        path = " continues ".join([*lines, findings.source.written(ids[0])])
        onto = circle[1 % len(circle)]
        trail, frame = next(each for each in of_scenes[circle[0]] if each[1].scene == onto)
        at: Trail = (*trail, "frame_of" if isinstance(frame, PictureFrame) else "last_frame_of")
        findings.tell("circle", at, f"the scenes go in a circle: {path}", "begin one of them otherwise")
    stills = {**cast.stills, **scenes.stills}
    made_from = {name: tuple(_stills(still.references)) for name, still in stills.items()}
    for circle in rings(made_from):
        lines = [f"{name} ({findings.line((*cast.drawn[name][0], 'prompt'))})" for name in circle]
        path = " is made from ".join([*lines, circle[0]])
        remedy = "take one reference away, or name a picture file: {front: refs/front.png}"
        findings.tell("circle", (*cast.drawn[circle[0]][0], "references"), f"the stills go in a circle: {path}", remedy)
    if findings.problems:
        return ()
    wanted = [still for scene in scenes.scenes for still in _stills(scene.pictures)]
    return tuple(stills[name] for name in _ordered(wanted, made_from))


def _within_its_clip(findings: Findings, trail: Trail, frame: PictureFrame, scene: Scene) -> None:
    """Tell a second that the clip of a scene is not asked to have; of footage that was told already, and of what has none, nothing."""
    length = scene.seconds
    if frame.at < length or (scene.mode == "clip" and scene.footage is None) or scene.mode in ("card", "picture"):
        return
    message = f"at is {frame.at:g} s, and the clip of '{scene.id}' is {length:g} s long"
    remedy = f"write a second before {length:g}, or take its last frame: {{last_frame_of: {scene.id}}}"
    findings.tell("frame-outside", (*trail, "at"), message, remedy)


def rings(graph: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the circles of a graph, each once, as the path that closes it, from where the graph's order enters it."""
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        waiting: list[Iterator[str]] = [iter((start,))]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                if path:
                    done.add(path.pop())
            elif node in path:
                yield tuple(path[path.index(node) :])
            elif node not in done and node in graph:
                path.append(node)
                waiting.append(iter(graph[node]))


def _ordered(wanted: Sequence[str], made_from: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what is wanted and what it is made from, each once, after what it is made from."""
    done: set[str] = set()
    waiting = [(name, False) for name in reversed(wanted)]
    while waiting:
        name, ready = waiting.pop()
        if name in done:
            continue
        if ready:
            done.add(name)
            yield name
        else:
            waiting.append((name, True))
            waiting.extend((below, False) for below in reversed(made_from[name]))


def _stills(pictures: Sequence[Picture]) -> Iterator[str]:
    return (picture.still for picture in pictures if isinstance(picture, PictureStill))
