"""
Where in a storyboard the pin of a step stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storyreel.storyboard.text.nodes import Trail


class NoPlace(Exception):
    """A storyboard has no place for the pin of a step; its text says why, and what there is instead."""


def place_of_pin(data: Mapping[str, Any], *, scene: str, name: str, variant: str = "", delivery: str = "") -> Trail:
    """
    Return where the pin of a step stands, or would stand.

    Args:
        data: What is written in the storyboard's own file, which is right.
        scene, name: The two halves of the step's id, without a variant or a delivery before them: `door` and `still`.
        variant: That of the step, where the storyboard has variants.
        delivery: The one for which alone it is bought, if it is.

    Raises:
        NoPlace: There is none.
    """
    if delivery and variant:
        raise NoPlace(
            f"in `deliver.{delivery}.scenes` a pin would be the clip of every variant; another `take` there is another attempt"
        )
    if delivery or (variant and name == "video"):
        if name != "video":
            raise NoPlace(
                f"of what {delivery} buys again the first clips of scenes have pins, in `deliver.{delivery}.scenes`, and nothing "
                "else has"
            )
        return (*(("deliver", delivery) if delivery else ("variants", variant)), "scenes", scene, "pin")
    scenes = data.get("scenes", [])
    at = next((n for n, each in enumerate(scenes) if isinstance(each, dict) and each.get("id") == scene), None)
    if at is None or (name.partition("-")[0] == "still" and name != "still"):
        return _in_cast(data, scene, name)
    if name == "video":
        return ("scenes", at, "pin")
    if name == "still":
        return ("scenes", at, "image", "pin")
    if name == "last-still":
        return ("scenes", at, "last_frame", "pin")
    if name.startswith("key-still-"):
        drawn = [
            n for n, each in enumerate(scenes[at].get("keyframes", ())) if isinstance(each, dict) and _is_drawn(each)
        ]
        return ("scenes", at, "keyframes", drawn[int(name.rpartition("-")[2]) - 1], "image", "pin")
    kind, _, number = name.partition("-")
    links = [n for n, link in enumerate(scenes[at].get("then", ())) if isinstance(link, dict) and kind in link]
    return ("scenes", at, "then", links[int(number) - 1], "pin")


def is_of_all_variants(name: str) -> bool:
    """Say whether the pin of a step, by the second half of its id, is that of every variant, since it stands where all have it."""
    return name != "video"


def _is_drawn(keyframe: Mapping[str, Any]) -> bool:
    return isinstance(keyframe.get("image"), dict) and "prompt" in keyframe["image"]


def _in_cast(data: Mapping[str, Any], member: str, name: str) -> Trail:
    written = data.get("cast", {}).get(member)
    if written is None:
        files = ", ".join(map(str, data.get("use", ())))
        raise NoPlace(
            f"{member} is in the cast of a file that several storyboards use ({files}), and a pin there is that of all of them: "
            "write it there by hand, below the picture's prompt"
        )
    drawn = [n for n, picture in enumerate(written.get("references", ())) if isinstance(picture, dict)]
    return ("cast", member, "references", drawn[int(name.rpartition("-")[2]) - 1], "pin")
