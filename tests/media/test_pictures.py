"""Pictures of every kind that people have: whole, upright, in colours that are theirs; converted where nobody takes them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from storyreel.errors import MediaError, WrongMedia
from storyreel.media import check_picture, converted, measure
from storyreel.media.pictures import upright
from tests.media.heic import heic


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return what a phone takes: six tiles, to be shown a quarter turn to the left."""
    folder = tmp_path_factory.mktemp("phone")
    return heic(folder, ["red", "lime", "blue", "white", "black", "yellow"], across=3, turned=1)


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    with io.BytesIO() as file:
        picture.save(file, kind, **how)
        return file.getvalue()


def grey(light: int, numbers: type) -> Image.Image:
    return Image.fromarray(np.full((6, 8), light, numbers))


SKY = Image.new("RGB", (8, 6), (40, 90, 160))


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "BMP", "GIF", "JPEG2000"])
def test_a_picture_that_the_service_does_not_take_is_converted(tmp_path: Path, kind: str):
    """
    It is measured, says that it is converted, and what is sent looks the same.
    """
    path = tmp_path / "sky.png"  # names tell nothing
    path.write_bytes(saved(SKY, kind))

    footage = measure(path)

    assert (8, 6, True) == (footage.width, footage.height, footage.is_picture)
    assert kind == footage.converted.replace(" ", "").upper()
    assert check_picture(converted(path.read_bytes(), name="sky"))[:2] == (8, 6)
    seen = upright(converted(path.read_bytes(), name="sky"), name="sky").getpixel((4, 3))
    assert pytest.approx((40, 90, 160), abs=4) == seen


def test_a_phones_picture_is_put_together_from_its_tiles_and_turned(tmp_path: Path, phones: bytes):
    """
    HEIC is tiles in a row, turned by a mark: what is sent is the whole picture, and not its first tile.
    """
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(phones)

    footage = measure(path)
    sent = upright(converted(phones, name="p"), name="p")

    assert (128, 192, "HEIC") == (footage.width, footage.height, footage.converted)
    colours = [(0, 0, 255), (255, 255, 0), (0, 255, 0), (0, 0, 0), (255, 0, 0), (255, 255, 255)]
    for colour, at in zip(colours, [(x, y) for y in (32, 96, 160) for x in (32, 96)], strict=True):
        assert pytest.approx(colour, abs=6) == sent.getpixel(at)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_the_service_takes_is_sent_as_it_is(tmp_path: Path, kind: str):
    """
    Nothing is converted that need not be.
    """
    (tmp_path / "sky").write_bytes(saved(SKY, kind))

    assert "" == measure(tmp_path / "sky").converted


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        pytest.param(grey(0x8000, np.uint16), "PNG", id="png-16"),
        pytest.param(grey(0x8000, np.uint16), "TIFF", id="tiff-16"),
        pytest.param(grey(0x8000, np.int32), "TIFF", id="tiff-32"),
        pytest.param(grey(0.5, np.float32), "TIFF", id="tiff-float"),
        pytest.param(grey(0x8000, np.uint16), "JPEG2000", id="jp2-16"),
        pytest.param(Image.new("CMYK", (8, 6), (0, 0, 0, 127)), "TIFF", id="cmyk"),
        pytest.param(Image.new("LA", (8, 6), (128, 255)), "PNG", id="grey-and-alpha"),
    ],
)
def test_grey_stays_grey(picture: Image.Image, kind: str):
    """
    A grey of more bits than eight, or of other numbers, is neither white nor black.
    """
    seen = upright(saved(picture, kind), name="grey").getpixel((4, 3))

    assert pytest.approx((128, 128, 128), abs=1) == seen


def test_what_is_transparent_stays_so_when_it_is_converted():
    """
    A logo in TIFF keeps its transparency; on a sheet it lies on black.
    """
    logo = saved(Image.new("RGBA", (8, 6), (255, 0, 0, 0)), "TIFF")

    assert 0 == Image.open(io.BytesIO(converted(logo, name="logo"))).getpixel((4, 3))[3]
    assert (0, 0, 0) == upright(logo, name="logo").getpixel((4, 3))


def test_of_an_animation_the_first_picture_is_sent():
    """
    A GIF is its first picture.
    """
    film = saved(SKY, "GIF", save_all=True, append_images=[Image.new("RGB", (8, 6), "red")])

    assert pytest.approx((40, 90, 160), abs=40) == upright(converted(film, name="film"), name="film").getpixel((4, 3))


@pytest.mark.parametrize("note", [b'AIGC:{"Label":"1"}', b"", b"II*\0\xff\xff\xff\xff", b"Exif\0\0MM"])
def test_a_note_where_exif_data_belong_spoils_no_picture(tmp_path: Path, note: bytes):
    """
    Some generators write their own words there.
    """
    info = PngImagePlugin.PngInfo()
    info.add(b"eXIf", note)
    (tmp_path / "noted.png").write_bytes(saved(SKY, "PNG", pnginfo=info))

    assert (8, 6) == (measure(tmp_path / "noted.png").width, measure(tmp_path / "noted.png").height)


@pytest.mark.parametrize("kind", ["HEIC", "AVIF", "TIFF", "BMP", "GIF", "JPEG2000"])
def test_half_a_picture_is_told(tmp_path: Path, phones: bytes, kind: str):
    """
    Whatever its kind, a picture whose last rows are missing is broken.
    """
    whole = phones if kind == "HEIC" else saved(Image.effect_noise((64, 48), 60).convert("RGB"), kind)
    (tmp_path / "half").write_bytes(whole[: len(whole) * 2 // 3])

    with pytest.raises(WrongMedia, match="half is broken") as told:
        measure(tmp_path / "half")

    assert "copy or download it again" == told.value.remedy


def test_the_small_picture_of_a_raw_file_is_not_taken_for_it(tmp_path: Path):
    """
    A DNG or NEF is a TIFF whose first picture is its thumbnail, and says so.
    """
    (tmp_path / "photo.dng").write_bytes(saved(SKY, "TIFF", tiffinfo={254: 1}))

    with pytest.raises(WrongMedia, match="is the raw file of a camera; develop it"):
        measure(tmp_path / "photo.dng")


def test_a_still_of_the_service_is_one_of_three_kinds():
    """
    What a person may have is wider than what the service makes.
    """
    with pytest.raises(MediaError, match="no PNG, JPEG or WebP, but TIFF"):
        check_picture(saved(SKY, "TIFF"))


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("packed", [None, "tiff_lzw", "jpeg"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_tiff_that_is_cut_short_is_told_in_words_of_our_own(capfd, share: float, packed: str | None, big: bool):
    """
    What reads it writes to the terminal by itself.
    """
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8))
    whole = saved(noise, "TIFF", compression=packed, big_tiff=big)
    assert (60, 40) == upright(whole, name="scan").size

    with pytest.raises(WrongMedia, match="scan is broken: it is cut short; copy or download it again"):
        upright(whole[: int(len(whole) * share)], name="scan")

    assert ("", "") == capfd.readouterr()


def test_a_profile_of_grey_does_not_go_with_a_picture_in_colours():
    """
    It would be taken for that of red, green and blue.
    """
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    scan = saved(SKY.convert("L"), "TIFF", icc_profile=srgb.replace(b"RGB ", b"GRAY", 1))

    with Image.open(io.BytesIO(converted(scan, name="scan"))) as sent:
        assert "icc_profile" not in sent.info
    with Image.open(io.BytesIO(converted(saved(SKY, "TIFF", icc_profile=srgb), name="scan"))) as sent:
        assert srgb == sent.info["icc_profile"]
