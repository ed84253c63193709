"""
Where in a storyboard it does not fit, and how what does not fit is left out so that the rest can be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storyreel.storyboard.checks.ids import FRAMES
from storyreel.storyboard.checks.no_values import items
from storyreel.storyboard.fields import UNNAMED
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail


def is_picture(trail: Trail) -> bool:
    """Whether a picture that a clip begins with, ends on or shows stands at a place."""
    return trail[-1:] in {("image",), ("last_frame",)}


def trail_of(loc: tuple[str | int, ...]) -> Iterator[str | int]:
    """
    Translate pydantic's location into a trail through the file.

    A union adds its tag to the location, `<still>`, and a mapping's key is told as `[key]`; neither is in the file.
    """
    for part in loc:
        if part in {"[key]", "<leaf>", "<leaves>"}:
            return  # behind a variable come the tags of a union that has no names for them
        if not (isinstance(part, str) and part.startswith("<") and part.endswith(">")):
            yield part


def leave_out(findings: Findings, data: dict[str, Any], misfit: Trail, *, missing: bool) -> None:
    """
    Take what does not fit out of the data; where only the whole would go, put something harmless in its place.

    Args:
        missing: That it is not there at all: then what should have it is taken out.
    """
    trail = misfit[:-1] if missing else misfit
    findings.spoil(misfit)
    if missing and not trail:
        data["scenes"] = []
        return
    if trail[:1] == ("scenes",) and len(trail) in {2, 3} and trail[2:] in {(), ("id",)}:
        at = int(trail[1])
        scene = data["scenes"][at] if isinstance(data["scenes"][at], dict) else {}
        data["scenes"][at] = {**scene, "id": f"{UNNAMED}{at}"}
        return
    if trail[-3:-2] == ("references",) and not (trail[0] == "cast" and len(trail) == 5):
        trail = trail[:-1]  # a picture under a name: without it nothing would be left of its item
    if is_picture(trail[:-1]) and trail[-1] in {*FRAMES, "at"}:
        trail = trail[:-1]  # an image that begins on no known frame is none that lacks a prompt
    # Items of a list are not taken out, since that would move the places of the others: their list goes.
    while isinstance(trail[-1], int):
        trail = trail[:-1]
    findings.spoil(trail)
    holder: Any = data
    for part in trail[:-1]:
        # Another misfit may have taken out more, and this one with it.
        holder = dict(items(holder)).get(part)
    if isinstance(holder, dict):
        holder.pop(str(trail[-1]), None)
