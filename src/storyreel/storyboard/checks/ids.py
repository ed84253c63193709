"""
Hold the ids of scenes against what an id may be, before anything else is judged: what names a scene names it still.

A wrong id is told once: with the id that can stand instead, which no other scene has, and with the lines that name it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storyreel.did_you_mean import did_you_mean
from storyreel.storyboard import fields
from storyreel.storyboard.fields import UNNAMED
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.grammar import about
from storyreel.storyboard.suggest import MOST_OF_ID, is_id, new_ids, strange_letter
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described, is_number

FRAMES = ("last_frame_of", "frame_of")
"""Fields of a picture that is taken out of another scene's clip."""


def judge_ids(findings: Findings, data: dict[str, Any]) -> None:
    """Tell ids that can be none, and put something harmless in their place, also where they are named."""
    ids = {trail: findings.source.written(trail).strip() for trail in _ids(data)}
    new = dict(zip(ids, new_ids(list(ids.values())), strict=True))
    wrong = [trail for trail in ids if not is_id(_at(data, trail))]
    first = {ids[trail]: trail for trail in reversed(wrong)}
    mended = {new[trail]: trail for trail in wrong}
    named: dict[Trail, list[int]] = {trail: [] for trail in wrong}
    for place in [*_names(data)]:
        written = findings.source.written(place).strip()
        if (scene := first.get(written)) is not None:
            named[scene].append(findings.source.place(place).line)
        elif (scene := mended.get(written)) is None:
            continue
        _at(data, place[:-1])[place[-1]] = f"{UNNAMED}{scene[1]}"
    for trail in wrong:
        _tell(findings, trail, _at(data, trail), new[trail], named[trail])
        _at(data, trail[:-1])["id"] = f"{UNNAMED}{trail[1]}"
        findings.spoil(trail)


def nearest_id(findings: Findings, trail: Trail) -> str:
    """Return what to write instead of the name of a scene that is none."""
    data = findings.source.data
    ids = [value for each in _ids(data) if is_id(value := _at(data, each))]
    known = f"(scenes: {', '.join(ids)})" if ids else "write the id of a scene"
    likely = did_you_mean(findings.source.written(trail), ids)
    return f"{likely}  {known}" if likely else known


def _tell(findings: Findings, trail: Trail, given: Any, new: str, lines: list[int]) -> None:
    written, number = findings.source.written(trail), is_number(given)
    also = f", and {_these(lines)} too" if lines else ""
    remedy = f"write id: {new}{also}" if new else f"choose another{also}"
    if not isinstance(given, str):
        message = f"the id is {f'the number {written}' if number else described(given)}; an id is text that begins with a letter"
        findings.tell("wrong-value", trail, message, remedy if number else f"quote it, or choose another{also}")
    elif len(given) > MOST_OF_ID:
        message = f"id has {len(given)} characters; {MOST_OF_ID} are the most"
        findings.tell("wrong-name", trail, message, f"shorten it: {remedy}")
    else:
        note = about(fields.Scene.model_fields["id"])
        message = f"id is {described(given)}; it must be {note.wanted if note is not None else 'an id'}"
        if given.strip() == new and new:
            remedy = f"take away the blank at its beginning or end: {remedy}"
        strange = strange_letter(given)
        findings.tell("wrong-name", trail, message, f"{strange}; {remedy}" if strange else remedy)


def _these(lines: list[int]) -> str:
    *all_but_last, last = map(str, sorted(set(lines)))
    return f"on lines {', '.join(all_but_last)} and {last}" if all_but_last else f"on line {last}"


def _ids(data: dict[str, Any]) -> Iterator[Trail]:
    """Yield where ids are written."""
    scenes = data.get("scenes")
    for at, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        if isinstance(scene, dict) and "id" in scene:
            yield "scenes", at, "id"


def _names(data: dict[str, Any]) -> Iterator[Trail]:
    """Yield where scenes are named by their ids."""
    for _, at, _ in _ids(data):
        scene = data["scenes"][at]
        pictures: list[tuple[Trail, Any]] = [((name,), scene.get(name)) for name in ("image", "last_frame")]
        keyframes = scene.get("keyframes")
        for number, each in enumerate(keyframes if isinstance(keyframes, list) else ()):
            pictures.append((("keyframes", number, "image"), each.get("image") if isinstance(each, dict) else None))
        for trail, picture in pictures:
            yield from (
                ("scenes", at, *trail, name) for name in FRAMES if isinstance(picture, dict) and name in picture
            )
    deliver = data.get("deliver")
    films: list[Trail] = [("cut",), *(("deliver", name) for name in (deliver if isinstance(deliver, dict) else ()))]
    for film in films:
        there = _at(data, film) if film[0] in data else None
        order = there.get("order") if isinstance(there, dict) else None
        for at, item in enumerate(order if isinstance(order, list) else ()):
            if not isinstance(item, dict):
                yield *film, "order", at
            elif "scene" in item:
                yield *film, "order", at, "scene"


def _at(data: Any, trail: Trail) -> Any:
    for step in trail:
        data = data[step]
    return data
