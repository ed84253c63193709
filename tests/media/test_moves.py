"""
A camera that moves over a picture: it never leaves it, and goes as far in every frame.
"""

import itertools

import pytest

from storyreel.media.moves import cropped, window
from storyreel.model.drawn import Move

SIZE = (1280, 720)
MOVES: tuple[Move, ...] = ("none", "push-in", "pull-out", "left", "right", "up", "down")
PICTURES = [(1280, 720), (4000, 3000), (1000, 3000), (3000, 1000), (640, 480), (17, 1023), (1001, 997)]
FOCUSES = [(0.5, 0.5), (0.0, 0.0), (1.0, 0.3)]


@pytest.mark.parametrize("picture", PICTURES)
def test_what_is_seen_lies_in_the_picture_and_has_the_films_ratio(picture: tuple[int, int]):
    """
    Also before the clip begins and after it ends, where a transition shows it, however large or narrow the picture is.
    """
    for move, focus, seconds, at in itertools.product(MOVES, FOCUSES, (0.1, 4.0, 60.0), (-2.0, 0.0, 0.3, 1.0, 2.0)):
        left, top, right, bottom = window(move, at, seconds, picture, SIZE, focus)

        assert 0 <= left < right <= picture[0]
        assert 0 <= top < bottom <= picture[1]
        assert pytest.approx(SIZE[0] / SIZE[1]) == (right - left) / (bottom - top)


@pytest.mark.parametrize(
    ("move", "way"), [("left", (-1, 0)), ("right", (1, 0)), ("up", (0, -1)), ("down", (0, 1)), ("none", (0, 0))]
)
def test_a_pan_goes_its_way_and_as_far_in_every_frame(move: Move, way: tuple[int, int]):
    """
    Directions are the camera's: to the left shows more of what is left.
    """
    frames = [window(move, at / 72, 3.0, (1920, 1080), SIZE, (0.5, 0.5)) for at in range(-6, 79)]
    steps = [(after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(frames)]

    for across, down in steps:
        assert pytest.approx(steps[0]) == (across, down)
        assert way == ((across > 0) - (across < 0), (down > 0) - (down < 0))


@pytest.mark.parametrize("move", ["push-in", "pull-out"])
def test_a_push_and_a_pull_grow_by_the_same_share_in_every_frame(move: Move):
    """
    That is what a steady camera looks like; they stay on their middle, and have some way left in a transition.
    """
    boxes = [window(move, at / 72, 3.0, (1920, 1080), SIZE, (0.5, 0.5)) for at in range(-6, 79)]
    widths = [right - left for left, _, right, _ in boxes]
    shares = [after / before for before, after in itertools.pairwise(widths)]

    assert pytest.approx(shares[0], rel=1e-6) == min(shares)
    assert pytest.approx(shares[0], rel=1e-6) == max(shares)
    assert (shares[0] < 1) == (move == "push-in")
    assert all(pytest.approx(960) == (left + right) / 2 for left, _, right, _ in boxes)


@pytest.mark.parametrize(
    ("focus", "left", "top"), [((0.5, 0.5), 420, 0), ((0.0, 0.5), 0, 0), ((1.0, 0.5), 840, 0), ((0.3, 1.0), 36, 0)]
)
def test_a_crop_keeps_its_focus_in_the_middle_as_far_as_there_is_picture(
    focus: tuple[float, float], left: float, top: float
):
    """
    A wide picture in a square: what is cut off is left and right of the focus.
    """
    assert pytest.approx((left, top, left + 1080, top + 1080)) == cropped((1920, 1080), (720, 720), focus)
