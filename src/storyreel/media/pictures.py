"""
Open pictures, whatever their kind, as people see them: whole, upright, in eight bits; and convert what the service does not
take.
"""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError, WrongMedia
from storyreel.files.regular import open_plain
from storyreel.media.kinds import AGAIN, AVIF, CAMERA_RAW, HEAD, HEIC, JPEG_2000, PNG, TIFF, PictureKind, picture_kind
from storyreel.media.tiff import is_whole

if TYPE_CHECKING:
    from PIL.Image import Image

REDUCED = 254
"""The tag of a TIFF by which raw files say that their first picture is a small one; TIFF 6.0, NewSubfileType."""
PHOTOGRAPHS = (HEIC, AVIF, JPEG_2000)
"""Kinds that hold what a camera saw: as PNG it would be ten times as large."""


def check_picture(data: bytes) -> tuple[int, int, str]:
    """
    Make sure that a picture of the service decodes to its last row.

    Returns:
        Width and height as shown, and the suffix of its kind (`.png`, `.jpg`, `.webp`).

    Raises:
        MediaError: It is none of these three, or broken.
    """
    kind = picture_kind(data[:HEAD])
    if kind is None or not kind.taken:
        raise MediaError("the picture is no PNG, JPEG or WebP" + (f", but {kind.name}" if kind else ""))
    try:
        picture = opened_picture(data, name="the picture")
    except WrongMedia as error:
        raise MediaError(f"the picture {error.what}") from error
    return picture.width, picture.height, kind.suffix


def seems(data: bytes) -> str:
    """Return the suffix of the picture that begins so, without its dot; `bin` where nothing tells."""
    kind = picture_kind(data[:HEAD])
    return kind.suffix.removeprefix(".") if kind is not None else "bin"


def is_picture(path: Path) -> bool:
    """Whether a file begins as a picture does that we open."""
    with open_plain(path) as file:
        return picture_kind(file.read(HEAD)) is not None


def upright(data: bytes, *, name: str, least: int | None = None) -> Image:
    """
    Decode a picture to its last row, turned as its EXIF data say, in RGB; what is transparent is laid on black.

    Args:
        least: How many pixels it needs on either side: a JPEG that has several times as many is decoded smaller.
    """
    from PIL import Image

    picture = opened_picture(data, name=name, least=least)
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture).convert("RGB")


def converted(data: bytes, *, name: str) -> bytes:
    """
    Return a picture as one that the service takes: photographs as JPEG, anything else and what is transparent as PNG.

    Of an animation this is the first picture.

    Raises:
        MediaError: It is broken.
    """
    picture = opened_picture(data, name=name)
    profile = picture.info.get("icc_profile")
    with io.BytesIO() as file:
        if picture.mode == "RGB" and picture_kind(data[:HEAD]) in PHOTOGRAPHS:
            picture.save(file, "JPEG", quality=95, subsampling=0, icc_profile=profile)
        else:
            picture.save(file, "PNG", icc_profile=profile)
        return file.getvalue()


def opened_picture(data: bytes, *, name: str, least: int | None = None) -> Image:
    """
    Decode a picture to its last row, turned as it says, as RGB or RGBA.

    Args:
        least: How many pixels it needs on either side: a JPEG that has several times as many is decoded smaller.

    Raises:
        WrongMedia: It is no picture that is opened, or broken; the text says which, and calls it `name`.
    """
    from PIL import Image, UnidentifiedImageError

    kind = picture_kind(data[:HEAD])
    if kind is None:
        raise WrongMedia(name, "is no picture that is opened")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what else is odd about it is told by its picture, or is of no account
            # A small file that unpacks to hundreds of megapixels is an attack or a mistake, not a picture.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _in_eight_bits(_decoded(data, kind, name, least), kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise WrongMedia(name, "is too large to be opened safely", "save it with fewer pixels") from error
    except WrongMedia:
        raise
    except Exception as error:
        # Each opener has its own ways to fail on bytes that somebody made up; some of them tell nothing.
        tells = isinstance(error, OSError | SyntaxError | ValueError) and not isinstance(error, UnidentifiedImageError)
        why = f": {error}" if tells and str(error) else ""
        raise WrongMedia(name, f"is broken{why}", AGAIN) from error


def _decoded(data: bytes, kind: PictureKind, name: str, least: int | None) -> Image:
    """Return a picture with all its rows, turned as it says."""
    from PIL import Image, ImageOps

    if kind is HEIC:
        import pi_heif

        heif = pi_heif.open_heif(data)
        if Image.MAX_IMAGE_PIXELS is not None and heif.size[0] * heif.size[1] > Image.MAX_IMAGE_PIXELS:
            raise Image.DecompressionBombError
        shown: Image.Image = heif.to_pillow()  # turned and put together from its tiles already
        return shown
    if kind is TIFF and not is_whole(data):
        raise WrongMedia(name, "is broken: it is cut short", AGAIN)
    with Image.open(io.BytesIO(data), formats=[kind.opener]) as picture:
        if kind is TIFF and picture.getexif().get(REDUCED) == 1:
            raise WrongMedia(name, *CAMERA_RAW)
        if least is not None:
            picture.draft(None, (least, least))
        picture.load()
        try:
            return ImageOps.exif_transpose(picture)
        except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
            # What stands where EXIF data belong may be anything, such as a note that a machine has drawn this.
            return picture.copy()


def _in_eight_bits(picture: Image, kind: PictureKind) -> Image:
    """Return a picture as RGB, or RGBA where something of it is transparent; white stays white and grey grey."""
    if picture.mode.startswith(("I", "F")):
        return _grey(picture, sixteen=kind is PNG or picture.mode.startswith("I;16"))
    if picture.mode == "CMYK" and picture.info.get("icc_profile"):
        return _printed(picture)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    shown = picture if picture.mode == mode else picture.convert(mode)
    if (shown.info.get("icc_profile") or b"")[16:20] not in (b"", b"RGB "):
        shown.info.pop("icc_profile")  # it was that of grey, and would be taken for that of these colours
    return shown


def _grey(picture: Image, *, sixteen: bool) -> Image:
    """Return grey of 16 bits, or of numbers whose white nobody tells, in eight bits."""
    deep = picture.convert("I").convert("F") if picture.mode.startswith("I;") else picture.convert("F")
    brightest = max(float(edge) for edge in deep.getextrema() if not isinstance(edge, tuple))
    white = 65535.0 if sixteen else next((white for white in (1.0, 255.0, 65535.0) if brightest <= white), brightest)
    return deep.point(lambda light: light * (255 / white) + 0.5).convert("L").convert("RGB")


def _printed(picture: Image) -> Image:
    """Return what was meant for print as it looks on a screen."""
    from PIL import ImageCms

    meant = io.BytesIO(picture.info["icc_profile"])
    try:
        seen = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except ImageCms.PyCMSError:
        seen = None
    seen = seen if seen is not None else picture.convert("RGB")
    seen.info.pop("icc_profile", None)
    return seen
