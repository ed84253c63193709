"""
A watermark lies over all of a film: at its own pixels, in its corner, as transparent as it is, and under what is burnt in.
"""

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from storyreel.errors import MediaError
from storyreel.media.handover import Handover, hand_over, watermark
from storyreel.media.words.burn_in import strip_for
from storyreel.model.finish import Corner, Finish, Overlay, Shown
from storyreel.model.footage import Footage
from storyreel.model.recipe import sha256_of
from tests.media.filming import pictures

SIZE = (160, 90)


def overlay(to: Path, size: tuple[int, int], place: Corner, opacity: float = 1.0) -> Overlay:
    """Return a white picture as a watermark; its left half cannot be seen."""
    picture = Image.new("RGBA", size, "white")
    picture.paste((255, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    picture.save(to)
    return Overlay(Footage(to, sha256_of(to), *size), place, opacity)


@pytest.mark.parametrize(
    ("size", "place", "box"),
    [
        ((40, 20), "top-left", (8, 4, 48, 24)),
        ((40, 20), "top-right", (112, 4, 152, 24)),
        ((40, 20), "bottom-left", (8, 66, 48, 86)),
        ((40, 20), "bottom-right", (112, 66, 152, 86)),
        ((40, 20), "center", (60, 34, 100, 54)),
        ((39, 19), "center", (60, 34, 100, 54)),
        ((160, 90), "bottom-right", (0, 0, 160, 90)),
        ((156, 88), "bottom-right", (0, 0, 156, 88)),
        ((320, 90), "top-left", (0, 4, 160, 50)),
        ((320, 1800), "bottom-right", (136, 0, 152, 90)),
    ],
)
def test_it_stands_in_its_corner_at_its_own_pixels(
    tmp_path: Path, size: tuple[int, int], place: Corner, box: tuple[int, int, int, int]
):
    """
    At the edge of what is safe; one that leaves no room for that as near as it can be, one that is larger than the film as large as it.
    """
    assert box == watermark(overlay(tmp_path / "logo.png", size, place), SIZE).box


def test_what_cannot_be_seen_of_it_stays_so(tmp_path: Path):
    """
    Its own transparency is multiplied with the opacity that is asked for.
    """
    alpha = watermark(overlay(tmp_path / "logo.webp", (40, 20), "top-left", 0.5), SIZE).picture.getchannel("A")

    assert (0, 128) == (alpha.getpixel((5, 5)), alpha.getpixel((35, 5)))


def test_a_jpeg_is_seen_whole(tmp_path: Path):
    """
    It has nothing to see through.
    """
    to = tmp_path / "logo.jpg"
    Image.new("RGB", (40, 20), "white").save(to)
    mark = watermark(Overlay(Footage(to, sha256_of(to), 40, 20), "top-left", 1.0), SIZE)

    assert (255, 255) == mark.picture.getchannel("A").getextrema()


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_picture_that_is_another_one_by_now_is_told_by_its_name(tmp_path: Path, content: bytes | None):
    """
    Gone, empty, or something else by now.
    """
    mark = overlay(tmp_path / "logo.png", (40, 20), "top-left")
    mark.picture.path.unlink()
    if content is not None:
        mark.picture.path.write_bytes(content)

    with pytest.raises(MediaError, match=r"^logo\.png "):
        watermark(mark, SIZE)


def test_a_picture_that_is_no_picture_is_told(tmp_path: Path):
    """
    By its name.
    """
    to = tmp_path / "logo.png"
    to.write_bytes(b"no picture")

    with pytest.raises(MediaError, match=r"^logo\.png is no picture"):
        watermark(Overlay(Footage(to, sha256_of(to), 1, 1), "center", 1.0), SIZE)


async def test_it_lies_over_every_frame_and_under_what_is_burnt_in(film: Path, tmp_path: Path):
    """
    Where it is white and half seen it is half way to white; where it is not, the film is as it was.
    """
    mark = overlay(tmp_path / "logo.png", (40, 20), "bottom-right", 0.5)
    shown = (Shown(0, "sea/video", "71c2aa90"),)
    top = SIZE[1] - strip_for(shown, SIZE).height

    await hand_over(
        film, Handover(Finish(burn_in=True, overlay=mark), SIZE, Fraction(24), 24, shown), tmp_path / "f.mp4"
    )

    assert 66 < top < 86
    for own, handed in zip(pictures(film), pictures(tmp_path / "f.mp4"), strict=True):
        light = int(own[45, 80])
        assert pytest.approx((light + 235) / 2, abs=4) == handed[66 + 4, 140]
        assert pytest.approx(light, abs=3) == handed[66 + 4, 122]
        assert pytest.approx(light, abs=2) == handed[20, 20]
        assert handed[top + 2 :, 156:].max() < 40
