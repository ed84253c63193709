"""The eyes of the field: what they read in a picture, and what they do not let pass."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.field.clip import Clip
from tests.field.numbered import GROUND, Pixels, alike, draw, read


@pytest.mark.parametrize("number", [0, 1, 0b10110010, 255])
@pytest.mark.parametrize("size", [(320, 180), (180, 320)], ids=["wide", "tall"])
def test_a_number_is_read_as_it_was_drawn(number: int, size: tuple[int, int]) -> None:
    """
    A picture says its number and its colour, also between bars.
    """
    alone = read(draw(number, *size), size)
    scale = 480 / size[1]
    shown = draw(number, round(size[0] * scale), 480)
    barred = np.zeros((480, 854, 3), np.uint8)
    left = (854 - shown.shape[1]) // 2
    barred[:, left : left + shown.shape[1]] = shown

    assert number == read(barred, size).number
    assert number == alone.number
    assert alike(alone.ground, GROUND, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        np.fliplr,
        np.flipud,
        lambda pixels: np.rot90(pixels, 2),
        lambda pixels: pixels[:120],
        lambda pixels: pixels // 4 + 96,
    ],
    ids=["mirrored", "flipped", "turned", "cut-off", "grey"],
)
def test_what_is_shown_wrongly_is_not_read(wrong: Callable[[Pixels], Pixels]) -> None:
    """
    A picture that is turned, mirrored, cut off or washed out has no number, or another one.
    """
    assert read(wrong(draw(0b10110001, 320, 180)), (320, 180)).number != 0b10110001


def test_a_frame_may_be_one_of_the_film_early_or_late() -> None:
    """
    Of a clip of 60 frames a second the film shows each second or third; of one of 12 each twice.
    """
    assert {27, 28, 29, 30, 31, 32} == Clip("fast.mp4", "", rate="60", frames=90).shows(0.5)
    assert {5, 6} == Clip("slow.mp4", "", rate="12", frames=18).shows(0.5)
