"""
Drawn clips: in the house format to the letter, as long as is wanted, and with moves that glide.
"""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from storyreel.media import House, draw, drawn_at, joining, matches, measure, probe
from storyreel.model.drawn import Card, Drawn, Fit, Framing, HeldPicture, Move

HOUSE = House(320, 180)
SIZE = (320, 180)
MIDDLE = (0.5, 0.5)


def gradient(path: Path, size: tuple[int, int]) -> Path:
    """Write a picture of soft waves, in which a move of a hundredth of a pixel can be measured."""
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    waves = 128 + 60 * np.sin(across / size[0] * 40) + 60 * np.sin(down / size[1] * 24)
    Image.fromarray(np.repeat(waves.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)).save(path)
    return path


def held(path: Path, move: Move = "none", fit: Fit = "pad", focus: tuple[float, float] = MIDDLE) -> Drawn:
    return Drawn(HeldPicture(measure(path), move), 2.0, Framing("crop" if move != "none" else fit, focus))


def frames_of(clip: Path) -> np.ndarray:
    with av.open(str(clip)) as reader:
        return np.stack([frame.to_ndarray(format="gray") for frame in reader.decode(video=0)]).astype(float)


@pytest.mark.parametrize("house", [HOUSE, House(240, 320, fps=Fraction(30000, 1001), profile="Main")])
async def test_a_drawn_clip_joins_a_film_as_it_is(tmp_path: Path, house: House):
    """
    Of any size, rate and profile: its packets are copied into the film beside others.
    """
    made = await draw(Drawn(Card("Ende"), 1.0), house, tmp_path / "card.mp4", before=round(house.fps), frames=50)

    assert [] == matches(made, house)
    assert 50 == made.frames
    assert not made.has_audio
    assert [True] == joining([tmp_path / "card.mp4"], [probe(tmp_path / "card.mp4")], house)
    with av.open(str(tmp_path / "card.mp4")) as reader:
        keys = [at for at, packet in enumerate(reader.demux(video=0)) if packet.is_keyframe]
    assert round(house.fps) in keys  # it begins where it is shown from, behind what is drawn for a transition


async def test_what_does_not_move_is_the_same_in_every_frame(tmp_path: Path):
    """
    A card and a held picture stand; the picture is what it was but for what an encoder takes.
    """
    path = gradient(tmp_path / "waves.png", SIZE)
    await draw(held(path), HOUSE, tmp_path / "held.mp4", before=0, frames=30)
    frames = frames_of(tmp_path / "held.mp4")

    assert np.abs(frames - frames[0]).mean(axis=(1, 2)).max() < 1
    assert np.abs(frames[10] - np.asarray(Image.open(path).convert("L"), float)).mean() < 3


@pytest.mark.parametrize(("move", "axis"), [("left", 1), ("right", 1), ("up", 0), ("down", 0)])
async def test_a_pan_is_smooth_to_a_fraction_of_a_pixel(tmp_path: Path, move: Move, axis: int):
    """
    Frame by frame the picture moves by the same part of a pixel: nothing stutters, and nothing is repeated.
    """
    path = gradient(tmp_path / "waves.png", (800, 450))
    await draw(held(path, move), HOUSE, tmp_path / "moved.mp4", before=0, frames=48)
    shown = frames_of(tmp_path / "moved.mp4")
    steps = [displacement(before, after, axis) for before, after in pairwise(shown)]

    assert abs(np.mean(steps)) > 0.1
    assert np.std(steps) < 0.05, steps


def displacement(before: np.ndarray, after: np.ndarray, axis: int) -> float:
    """Return by how many pixels a picture moved along an axis, to the first order of its slope."""
    inner = (slice(8, -8), slice(8, -8))
    slope = np.gradient((before + after) / 2, axis=axis)[inner]
    return float(-(slope * (after - before)[inner]).sum() / (slope * slope).sum())


async def test_a_push_is_smooth_too(tmp_path: Path):
    """
    Left of the middle all goes to the left and right of it to the right, by as much in every frame but for what it grows.
    """
    path = gradient(tmp_path / "waves.png", (800, 450))
    await draw(held(path, "push-in"), HOUSE, tmp_path / "moved.mp4", before=0, frames=48)
    shown = frames_of(tmp_path / "moved.mp4")
    for part, sign in ((slice(0, 120), -1), (slice(-120, None), 1)):
        steps = [displacement(before[:, part], after[:, part], 1) for before, after in pairwise(shown)]
        assert all(sign * step > 0 for step in steps)
        assert np.std(np.diff(steps)) < 0.05, steps


def halves() -> Image.Image:
    """Return a wide picture: its left half red, its right half blue."""
    picture = Image.new("RGB", (640, 180), "#c00000")
    picture.paste("#0000c0", (320, 0, 640, 180))
    return picture


@pytest.mark.parametrize(
    ("fit", "focus", "corner", "left", "right"),
    [
        ("pad", MIDDLE, (0, 0, 0), (192, 0, 0), (0, 0, 192)),
        ("crop", MIDDLE, (192, 0, 0), (192, 0, 0), (0, 0, 192)),
        ("crop", (0.0, 0.5), (192, 0, 0), (192, 0, 0), (192, 0, 0)),
        ("crop", (1.0, 0.5), (0, 0, 192), (0, 0, 192), (0, 0, 192)),
        ("blur", MIDDLE, (144, 0, 0), (192, 0, 0), (0, 0, 192)),
    ],
)
def test_a_picture_of_another_ratio_is_fitted_as_is_asked(
    tmp_path: Path,
    fit: Fit,
    focus: tuple[float, float],
    corner: tuple[int, int, int],
    left: tuple[int, int, int],
    right: tuple[int, int, int],
):
    """
    Bars above and below; or it is cut off around its focus; or its own blurred and darker copy is behind it.
    """
    halves().save(tmp_path / "wide.png")

    shown = drawn_at(held(tmp_path / "wide.png", fit=fit, focus=focus), SIZE)

    assert SIZE == shown.size
    for wanted, at in ((corner, (3, 3)), (left, (40, 90)), (right, (280, 90))):
        seen = shown.getpixel(at)
        assert isinstance(seen, tuple)
        assert max(abs(one - other) for one, other in zip(wanted, seen, strict=True)) < 14, (at, seen)


def test_a_photograph_stands_upright(tmp_path: Path):
    """
    As the camera was held, by its EXIF data.
    """
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right: EXIF 2.32, orientation
    turned = halves().rotate(90, expand=True)
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95)

    shown = drawn_at(held(tmp_path / "turned.jpg"), SIZE)

    assert (0, 0, 0) == shown.getpixel((3, 3))
    red = shown.getpixel((40, 90))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[2]


@pytest.mark.parametrize("place", ["lower-third", "center", "top", "bottom"])
@pytest.mark.parametrize("text", ["Fim", "Последний трамвай уходит в полночь", "ΤΟ ΤΕΛΕΥΤΑΙΟ ΤΡΑΜ\nΑΘΗΝΑ"])
def test_words_stand_in_the_safe_area_and_where_they_belong(text: str, place: str):
    """
    Nine tenths of width and height; a third of them is the lowest.
    """
    card = Card(text, "#000000", "#ffffff", place, 8.0)  # type: ignore[arg-type]

    box = drawn_at(Drawn(card, 1.0), SIZE).convert("L").point(lambda light: 255 if light > 60 else 0).getbbox()

    assert box is not None
    left, top, right, bottom = box
    assert left >= 0.05 * SIZE[0] - 2
    assert right <= 0.95 * SIZE[0] + 2
    assert top >= 0.05 * SIZE[1] - 2
    assert bottom <= 0.95 * SIZE[1] + 2
    middle = (top + bottom) / 2 / SIZE[1]
    assert {"top": middle < 0.34, "center": 0.4 < middle < 0.6, "bottom": middle > 0.66, "lower-third": middle > 0.66}[
        place
    ]


def test_words_on_a_picture_can_be_read(tmp_path: Path):
    """
    White words on white have a dark shadow.
    """
    Image.new("RGB", SIZE, "white").save(tmp_path / "white.png")
    card = Card("Fim", measure(tmp_path / "white.png"), size=20)

    shown = drawn_at(Drawn(card, 1.0), SIZE).convert("L")

    assert 255 == shown.getpixel((2, 2))
    assert shown.getextrema()[0] < 120  # type: ignore[operator]


def test_a_picture_that_is_no_larger_than_a_pixel_fills_the_film(tmp_path: Path):
    """
    Odd pictures are pictures: a pixel, and one that can be seen through, which lies on black.
    """
    Image.new("RGBA", (1, 1), (255, 0, 0, 128)).save(tmp_path / "one.png")

    for move in ("none", "left", "push-in"):
        shown = drawn_at(held(tmp_path / "one.png", move, "crop"), SIZE)  # type: ignore[arg-type]
        seen = shown.getpixel((160, 90))
        assert isinstance(seen, tuple)
        assert 120 < seen[0] < 136
