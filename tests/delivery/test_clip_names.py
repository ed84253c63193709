"""Names of clips that people can read."""

from __future__ import annotations

import pytest

from storyreel.delivery.clip_names import clip_name


@pytest.mark.parametrize(
    ("place", "step", "take", "name"),
    [
        (0, "stop/video", 2, "TRAM_010_stop_video_t02.mp4"),
        (11, "lisbon:up:stop/extend-1", 12, "TRAM_120_lisbon.up.stop_extend-1_t12.mp4"),
        (-1, "ana/still", 1, "TRAM_000_ana_still_t01.mp4"),
        (3, "city", None, "TRAM_040_city.mp4"),
    ],
)
def test_a_clip_is_called_by_film_scene_step_and_take(place: int, step: str, take: int | None, name: str) -> None:
    """A clip's file says whose it is: its film, its scene's place, its step and which of its takes."""
    assert clip_name("tram", place, step, take, ".mp4") == name
