"""Windows: frames that are rendered are the right ones, whatever the speed, the mix and the structure of their clip."""

from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import ImageColor

from storyreel.errors import MediaError
from storyreel.media.render import render
from storyreel.media.windows import Fade, Mix, Stretch, Window
from storyreel.model.words import Lettering
from tests.media.filming import ffmpeg
from tests.media.numbered import film
from tests.media.structures import FPS, HEIGHT, HOUSE, STRUCTURES, encode

GREYEST, STEP, COUNT = 30, 3, 60


def stairs(to: Path, *, group: int, falling: bool = False, fps: str = str(FPS)) -> Path:
    """Write a clip of sixty frames, each of them one step lighter than the one before, or darker."""
    number = f"{COUNT - 1}-N" if falling else "N"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=black:s={HOUSE.width}x{HOUSE.height}:r={fps}", "-frames:v", str(COUNT)),
        *("-vf", f"geq=lum='{GREYEST}+{STEP}*({number})':cb=128:cr=128,format=yuv420p"),
        *("-c:v", "libx264", "-preset", "veryfast", "-qp", "6", "-g", str(group), "-profile:v", "high", str(to)),
    )
    return to


@pytest.fixture(scope="session")
def rising(reels: Path) -> Path:
    return stairs(reels / "rising.mp4", group=12)


@pytest.fixture(scope="session")
def falling(reels: Path) -> Path:
    return stairs(reels / "falling.mp4", group=250, falling=True)


def light(clip: Path) -> list[float]:
    """Return how light each frame of a clip is."""
    with av.open(str(clip)) as reader:
        return [float(np.mean(frame.to_ndarray()[: HOUSE.height])) for frame in reader.decode(video=0)]


def numbers(clip: Path) -> list[int]:
    """Return the numbers that frames of a rising clip carry."""
    return [round((grey - GREYEST) / STEP) for grey in light(clip)]


@pytest.mark.parametrize("speed", [1, 2, Fraction(1, 2), Fraction(3, 2), Fraction(1, 4), 4, Fraction(7, 10)])
@pytest.mark.parametrize("skip", [0, -3, 5])
async def test_a_stretch_shows_the_frames_that_its_speed_means(
    rising: Path, tmp_path: Path, speed: Fraction, skip: int
):
    """
    Frame k is the clip's first and as many after it as k times the speed has whole ones: repeated or left out.
    """
    stretch = Stretch(rising, origin=13, frames=6, skip=skip, speed=Fraction(speed))
    await render(Window((stretch,)), HOUSE, tmp_path / "w.mp4")

    assert [13 + floor((skip + k) * Fraction(speed)) for k in range(6)] == numbers(tmp_path / "w.mp4")


async def test_the_last_frame_of_a_clip_is_reached(rising: Path, tmp_path: Path):
    """
    At half the speed it is shown twice, though no frame comes after it that would end it.
    """
    await render(Window((Stretch(rising, 57, 6, speed=Fraction(1, 2)),)), HOUSE, tmp_path / "w.mp4")

    assert [57, 57, 58, 58, 59, 59] == numbers(tmp_path / "w.mp4")


async def test_a_dissolve_begins_with_one_and_ends_with_the_other(rising: Path, falling: Path, tmp_path: Path):
    """
    It covers the last frames of one stretch and the first of the next; before and after it each is shown alone.
    """
    mixed = Window((Stretch(rising, 30, 10), Stretch(falling, 2, 12)), (Mix("fade", 6),))
    await render(mixed, HOUSE, tmp_path / "w.mp4")
    one = [GREYEST + STEP * number for number in range(30, 40)]
    other = [GREYEST + STEP * (COUNT - 1 - number) for number in range(2, 14)]

    wanted = (
        one[:4] + [a + (b - a) * k / 6 for k, (a, b) in enumerate(zip(one[4:], other[:6], strict=True))] + other[6:]
    )
    assert 16 == mixed.frames == len(wanted)
    assert wanted == pytest.approx(light(tmp_path / "w.mp4"), abs=1.5)


async def test_several_dissolves_are_one_window(rising: Path, falling: Path, tmp_path: Path):
    """
    A shot that is shorter than its groups of pictures stands between two of them.
    """
    window = Window(
        (Stretch(rising, 0, 8), Stretch(falling, 20, 9), Stretch(rising, 40, 8)), (Mix("wipeleft", 3), Mix("fade", 4))
    )
    await render(window, HOUSE, tmp_path / "w.mp4")

    assert window.frames == 18 == len(light(tmp_path / "w.mp4"))
    assert [0, 1, 2, 3, 4] == numbers(tmp_path / "w.mp4")[:5]
    assert [44, 45, 46, 47] == numbers(tmp_path / "w.mp4")[-4:]


@pytest.mark.parametrize(("colour", "grey"), [("black", 16.0), ("white", 235.0)])
async def test_a_fade_ends_in_its_colour_and_begins_with_it(rising: Path, tmp_path: Path, colour: str, grey: float):
    """
    The frames between a fade in and a fade out are the clip's.
    """
    window = Window((Stretch(rising, 20, 20),), opens=Fade(colour, 5), closes=Fade(colour, 6))
    await render(window, HOUSE, tmp_path / "w.mp4")
    shown = light(tmp_path / "w.mp4")

    assert [GREYEST + STEP * number for number in range(25, 34)] == pytest.approx(shown[5:14], abs=1.5)
    assert grey == pytest.approx(shown[0], abs=2)
    assert abs(shown[-1] - grey) < abs(shown[-2] - grey) < abs(shown[13] - grey)
    assert grey == pytest.approx(shown[-1], abs=2)


async def test_a_fade_of_a_single_frame_is_all_of_its_colour(rising: Path, tmp_path: Path):
    """
    It is the film's last frame, or its first.
    """
    window = Window((Stretch(rising, 20, 10),), opens=Fade("white", 1), closes=Fade("black", 1))
    await render(window, HOUSE, tmp_path / "w.mp4")
    shown = light(tmp_path / "w.mp4")

    assert [235.0, *(GREYEST + STEP * number for number in range(21, 29)), 16.0] == pytest.approx(shown, abs=2)


@pytest.mark.parametrize("end", ["opens", "closes"])
async def test_a_window_of_a_single_frame_fades(rising: Path, tmp_path: Path, end: str):
    """
    So short are some where all before it is copied.
    """
    await render(Window((Stretch(rising, 20, 1),), **{end: Fade("black", 1)}), HOUSE, tmp_path / "w.mp4")

    assert [16.0] == pytest.approx(light(tmp_path / "w.mp4"), abs=2)


async def test_the_same_window_gives_the_same_bytes(rising: Path, falling: Path, tmp_path: Path):
    """
    So that what was rendered once is known again.
    """
    window = Window((Stretch(rising, 3, 6), Stretch(falling, 7, 6)), (Mix("fade", 4),))
    await render(window, HOUSE, tmp_path / "a.mp4")
    await render(window, HOUSE, tmp_path / "b.mp4")

    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


async def test_what_a_clip_does_not_have_is_not_rendered(rising: Path, tmp_path: Path):
    """
    The clip and its frames are named, and nothing is written.
    """
    with pytest.raises(MediaError, match=r"rising.mp4 has 60 frames, not 55 to 62"):
        await render(Window((Stretch(rising, 55, 7),)), HOUSE, tmp_path / "w.mp4")
    assert not (tmp_path / "w.mp4").exists()


@pytest.mark.parametrize("fps", ["24000/1001", "25", "30000/1001", "30", "60"])
@pytest.mark.parametrize(("one", "other", "mixed"), [(12, 50, 6), (29, 30, 7), (58, 30, 6)])
@pytest.mark.some(8)
async def test_a_mix_has_its_frames_at_every_rate(
    reels: Path, tmp_path: Path, fps: str, one: int, other: int, mixed: int
):
    """
    No time is rounded on its way: before and after it each frame is the clip's.
    """
    house, clip = replace(HOUSE, fps=Fraction(fps)), reels / f"{fps.replace('/', '-')}.mp4"
    if not clip.exists():
        stairs(clip, group=12, fps=fps)
    window = Window((Stretch(clip, 0, one), Stretch(clip, 5, other)), (Mix("fade", mixed),))
    await render(window, house, tmp_path / "w.mp4")
    seen = numbers(tmp_path / "w.mp4")

    assert [*range(one - mixed), *range(5 + mixed, 5 + other)] == seen[: one - mixed] + seen[one:]


async def test_a_stretch_is_mixed_into_itself(rising: Path, tmp_path: Path):
    """
    The same frames of the same clip, twice.
    """
    await render(Window((Stretch(rising, 0, 12), Stretch(rising, 0, 12)), (Mix("fade", 4),)), HOUSE, tmp_path / "w.mp4")

    assert [*range(8)] == numbers(tmp_path / "w.mp4")[:8]
    assert [*range(4, 12)] == numbers(tmp_path / "w.mp4")[-8:]


@pytest.mark.parametrize(
    "colours", [(1, 2), (2, 1)], ids=["into one that says nothing", "out of one that says nothing"]
)
async def test_a_clip_that_does_not_say_its_colours_keeps_them_beside_one_that_does(
    tmp_path: Path, colours: tuple[int, int]
):
    """
    All clips of a film are bt709, whether they say so or not: nothing is converted where two of them are mixed.
    """
    hues = (90, 170)
    clips = [
        encode(tmp_path / f"{hue}.mp4", STRUCTURES["twelve"], frames=12, hue=hue, colours=colour)
        for hue, colour in zip(hues, colours, strict=True)
    ]
    mixed = Window((Stretch(clips[0], 0, 12), Stretch(clips[1], 0, 12)), (Mix("fade", 6),))
    await render(mixed, HOUSE, tmp_path / "w.mp4")

    with av.open(str(tmp_path / "w.mp4")) as reader:
        chroma = [float(np.mean(frame.to_ndarray()[HEIGHT:])) for frame in reader.decode(video=0)]
    assert [pytest.approx(hues[0], abs=2)] * 6 + [pytest.approx(hues[1], abs=2)] * 6 == chroma[:6] + chroma[-6:]


def lettering(first: int, frames: int, **how: object) -> Lettering:
    """Return an I that is as high as the picture: a bar from its top to its bottom, in its middle."""
    given = {"text": "I", "place": "center", "size": 90.0, "color": "#ffffff", "font": None} | how
    return Lettering(first_frame=first, frames=frames, **given)  # type: ignore[arg-type]


def middles(clip: Path) -> list[tuple[int, ...]]:
    """Return the colour in the middle of each frame of a clip, in RGB."""
    return [picture.getpixel((picture.width // 2, picture.height // 2)) for picture in film(clip)]


@pytest.mark.parametrize("fps", ["24000/1001", "25", "30000/1001", "30", "60"])
@pytest.mark.parametrize(("first", "frames"), [(0, 1), (7, 5), (29, 1), (0, 30)])
@pytest.mark.some(8)
async def test_words_stand_over_their_frames_at_every_rate(
    reels: Path, tmp_path: Path, fps: str, first: int, frames: int
):
    """
    From the first to the last of them; all others are the clip's.
    """
    house, clip = replace(HOUSE, fps=Fraction(fps)), reels / f"{fps.replace('/', '-')}.mp4"
    if not clip.exists():
        stairs(clip, group=12, fps=fps)
    await render(Window((Stretch(clip, 5, 30),), words=(lettering(first, frames),)), house, tmp_path / "w.mp4")
    seen = [min(colour) > 225 for colour in middles(tmp_path / "w.mp4")]

    assert [first <= number < first + frames for number in range(30)] == seen


@pytest.mark.parametrize("color", ["#ff0000", "#00a000", "#2040ff", "#ffd166", "#ffffff", "#101010"])
async def test_words_have_the_colour_that_they_are_asked_for_in(rising: Path, tmp_path: Path, color: str):
    """
    In the film's own colours, bt709: nobody reads them as others.
    """
    await render(Window((Stretch(rising, 5, 3),), words=(lettering(0, 3, color=color),)), HOUSE, tmp_path / "w.mp4")

    assert middles(tmp_path / "w.mp4")[1] == pytest.approx(ImageColor.getrgb(color), abs=8)


async def test_words_leave_what_is_beside_them_as_it_is(rising: Path, tmp_path: Path):
    """
    Light and colours of the frame are those of the clip right up to the letters' shadow.
    """
    for name, words in (("bare", ()), ("lettered", (lettering(0, 10),))):
        await render(Window((Stretch(rising, 20, 10),), words=words), HOUSE, tmp_path / f"{name}.mp4")
    bare, lettered = (
        np.stack([np.asarray(picture).astype(int) for picture in film(tmp_path / f"{name}.mp4")])
        for name in ("bare", "lettered")
    )

    assert np.abs(bare - lettered)[:, :, : HOUSE.width // 4].max() <= 3


async def test_several_words_stand_each_over_its_frames(rising: Path, tmp_path: Path):
    """
    One behind the other, in a mix, and two at one time.
    """
    both = Window(
        (Stretch(rising, 0, 20), Stretch(rising, 30, 20)),
        (Mix("fade", 8),),
        words=(
            lettering(2, 6, color="#ff0000"),
            lettering(8, 10, color="#0000ff"),
            lettering(25, 3),
            lettering(26, 2, color="#ff0000"),
        ),
    )
    await render(both, HOUSE, tmp_path / "w.mp4")
    seen = ["".join("x" if part > 150 else "-" for part in colour) for colour in middles(tmp_path / "w.mp4")]

    assert 32 == len(seen)
    assert ["x--"] * 6 + ["--x"] * 10 == seen[2:18]
    assert ["xxx", "x--", "x--"] == seen[25:28]
    assert {"---", "xxx"} >= {*seen[:2], *seen[18:25], *seen[28:]}


async def test_the_same_words_give_the_same_bytes(rising: Path, tmp_path: Path):
    """
    And a window with others another recipe; one without has that which it always had.
    """
    window = Window((Stretch(rising, 3, 6),), words=(lettering(1, 3),))
    await render(window, HOUSE, tmp_path / "a.mp4")
    await render(window, HOUSE, tmp_path / "b.mp4")
    contents = {rising: "rising"}

    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert {"stretches", "mixes", "fades"} == replace(window, words=()).recipe(contents).keys()
    assert window.recipe(contents) != replace(window, words=(lettering(1, 4),)).recipe(contents)
