"""
What a clip is called where people see its file: `TRAM_010_stop_video_t02.mp4`.
"""

from __future__ import annotations

STEP_OF_NUMBERS = 10
"""Scenes are numbered by tens, as shots are: one that is put between two later finds a number."""


def clip_name(slug: str, place: int, step: str, take: int | None, suffix: str) -> str:
    """
    Return the name of a clip's file, the same on every system that has files.

    Args:
        slug: Of its film.
        place: Which of the storyboard's scenes it belongs to, from 0; the cast comes before them, as -1.
        step: The id of its step, or of its scene where it is no step: own footage, a card.
        take: Its number among the takes of its step, from 1; None where it is no take.
        suffix: With the dot.
    """
    name = step.replace("/", "_").replace(":", ".")
    number = f"_t{take:02d}" if take is not None else ""
    return f"{slug.upper()}_{(place + 1) * STEP_OF_NUMBERS:03d}_{name}{number}{suffix}"
