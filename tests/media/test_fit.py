"""
A clip of another ratio fills the house as is asked: with bars, cut off around its focus, or before a blurred copy of itself.
"""

from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.media import House, conform, matches
from storyreel.model.drawn import Fit, Framing
from tests.media.filming import ffmpeg

WIDE, TALL = House(160, 90), House(90, 160)
RED, GREEN, BLUE, BLACK = (180, 0, 0), (0, 160, 0), (0, 0, 180), (0, 0, 0)
FIRST, LAST = 0, -1


def striped(to: Path, size: str, *encoder: str, along: str = "h", more: str = "null") -> Path:
    """Make half a second of three stripes, red, green and blue, side by side (`h`) or one below the other (`v`)."""
    width, height = map(int, size.split("x"))
    part = f"{width // 3}x{height}" if along == "h" else f"{width}x{height // 3}"
    colours = [f"color=0x{bytes(colour).hex()}:size={part}:rate=24:duration=0.5" for colour in (RED, GREEN, BLUE)]
    inputs = [word for colour in colours for word in ("-f", "lavfi", "-i", colour)]
    bt709 = "scale=out_color_matrix=bt709:out_range=tv,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    stack = f"[0][1][2]{along}stack=inputs=3,{bt709},format=yuv420p,{more}"
    ffmpeg(*inputs, "-filter_complex", stack, *(encoder or ("-c:v", "libx264", "-preset", "ultrafast")), str(to))
    return to


def seen(clip: Path, at: int = FIRST) -> np.ndarray:
    """Return a frame of a clip in RGB."""
    with av.open(str(clip)) as reader:
        frames = list(reader.decode(video=0))
    return frames[at].to_ndarray(format="rgb24", src_colorspace="ITU709").astype(int)


def is_colour(picture: np.ndarray, at: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    """Whether a picture has a colour at a place, given as shares of width and height."""
    pixel = picture[int(at[1] * picture.shape[0]), int(at[0] * picture.shape[1])]
    return int(np.abs(pixel - colour).max()) < 20


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return wide stripes and tall ones."""
    folder = tmp_path_factory.mktemp("stripes")
    return {
        "wide": striped(folder / "wide.mp4", "192x64"),
        "tall": striped(folder / "tall.mp4", "64x192", along="v"),
    }


@pytest.mark.parametrize(
    ("clip", "house", "focus", "left_or_top", "middle", "right_or_bottom"),
    [
        ("wide", TALL, (0.5, 0.5), GREEN, GREEN, GREEN),
        ("wide", TALL, (0.0, 0.5), RED, RED, RED),
        ("wide", TALL, (1.0, 0.5), BLUE, BLUE, BLUE),
        ("wide", WIDE, (0.5, 0.5), RED, GREEN, BLUE),
        ("wide", WIDE, (0.0, 0.5), RED, RED, GREEN),
        ("tall", WIDE, (0.5, 0.5), GREEN, GREEN, GREEN),
        ("tall", WIDE, (0.5, 0.0), RED, RED, RED),
        ("tall", WIDE, (0.5, 1.0), BLUE, BLUE, BLUE),
    ],
)
async def test_what_is_cut_off_lies_away_from_the_focus(
    stripes: dict[str, Path],
    tmp_path: Path,
    clip: str,
    house: House,
    focus: tuple[float, float],
    left_or_top: tuple[int, int, int],
    middle: tuple[int, int, int],
    right_or_bottom: tuple[int, int, int],
):
    """
    From the first frame to the last, and no bar is anywhere.
    """
    made = await conform(stripes[clip], house, tmp_path / "house.mp4", framing=Framing("crop", focus))

    assert [] == matches(made, house)
    assert 12 == made.frames
    ends = ((0.04, 0.5), (0.96, 0.5)) if clip == "wide" else ((0.5, 0.04), (0.5, 0.96))
    for picture in (seen(tmp_path / "house.mp4"), seen(tmp_path / "house.mp4", LAST)):
        assert is_colour(picture, ends[0], left_or_top)
        assert is_colour(picture, (0.5, 0.5), middle)
        assert is_colour(picture, ends[1], right_or_bottom)
        assert picture[:, [0, -1]].max(axis=2).min() > 60
        assert picture[[0, -1]].max(axis=2).min() > 60


async def test_a_blurred_ground_is_the_clip_itself_and_darker(stripes: dict[str, Path], tmp_path: Path):
    """
    In the middle all of the clip is seen as it is; above and below is what it shows there, soft and darker.
    """
    made = await conform(stripes["wide"], TALL, tmp_path / "house.mp4", framing=Framing("blur"))
    for picture in (seen(tmp_path / "house.mp4"), seen(tmp_path / "house.mp4", LAST)):
        assert all(is_colour(picture, (x, 0.5), colour) for x, colour in ((0.1, RED), (0.5, GREEN), (0.9, BLUE)))
        above = picture[10, 45]
        assert GREEN[1] * 0.6 < above[1] < GREEN[1] * 0.9
        assert above[1] > 2 * max(above[0], above[2])

    assert [] == matches(made, TALL)


@pytest.mark.parametrize("fit", ["crop", "blur"])
@pytest.mark.parametrize(
    "kind", ["turned", "wide-pixels", "odd-size", "ten-bit", "varying", "single-frame", "old-camera", "30-silent"]
)
@pytest.mark.some(6)
async def test_every_kind_of_footage_is_fitted_in_every_way(
    footage: dict[str, Path], tmp_path: Path, kind: str, fit: Fit
):
    """
    Turned by its header, of pixels that are not square, of an odd size, deep or varying: it is the house, and as long as with bars.
    """
    made = await conform(footage[kind], TALL, tmp_path / "house.mp4", framing=Framing(fit))
    bars = await conform(footage[kind], TALL, tmp_path / "bars.mp4")

    assert [] == matches(made, TALL)
    assert bars.frames == made.frames
    flash = seen(tmp_path / "house.mp4")
    assert flash[80, 45].min() > 200
    if fit == "crop":
        assert flash[[3, -4]][:, [3, -4]].min() > 200


async def test_a_ratio_that_is_the_films_is_shown_whole_by_every_fit(tmp_path: Path):
    """
    Nothing is cut off, and nothing is behind it.
    """
    clip = striped(tmp_path / "same.mp4", "192x108")
    shown = {}
    for fit in ("pad", "crop", "blur"):
        await conform(clip, WIDE, tmp_path / f"{fit}.mp4", framing=Framing(fit))
        shown[fit] = seen(tmp_path / f"{fit}.mp4")

    assert np.abs(shown["pad"] - shown["crop"]).mean() < 2
    assert np.abs(shown["pad"] - shown["blur"]).mean() < 2


@pytest.mark.parametrize("fit", ["crop", "blur"])
async def test_each_size_of_a_window_that_was_recorded_is_fitted_by_itself(tmp_path: Path, fit: Fit):
    """
    A recording changes its size midway: both parts fill the film around their own middle, and none of it is lost.
    """
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-b:v", "1M")
    parts = [striped(tmp_path / f"{size}.webm", size, *vp9) for size in ("192x64", "96x128")]
    (tmp_path / "list").write_text("".join(f"file {part.name}\n" for part in parts))
    ffmpeg("-f", "concat", "-i", str(tmp_path / "list"), "-c", "copy", str(tmp_path / "window.webm"))

    made = await conform(tmp_path / "window.webm", TALL, tmp_path / "house.mp4", framing=Framing(fit))

    assert 24 == made.frames
    for at in (FIRST, LAST):
        picture = seen(tmp_path / "house.mp4", at)
        assert is_colour(picture, (0.5, 0.5), GREEN)
        if fit == "crop":
            assert picture[:, [0, -1]].max(axis=2).min() > 60
            assert picture[[0, -1]].max(axis=2).min() > 60
