"""
Fill a size with a picture of another ratio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.media.moves import cropped
from storyreel.model.drawn import Framing

if TYPE_CHECKING:
    from PIL.Image import Image

BLUR = 0.03
"""How far the ground of `blur` is blurred, as a share of the larger side."""
DIM = 0.75
"""How bright it is beside the picture."""


def framed(picture: Image, size: tuple[int, int], framing: Framing) -> Image:
    """Return a picture as it fills a size: with black bars, cut off around its focus, or before a blurred copy of itself."""
    from PIL import Image, ImageEnhance, ImageFilter

    if framing.fit == "crop":
        return picture.resize(size, Image.Resampling.LANCZOS, box=cropped(picture.size, size, framing.focus))
    if framing.fit == "blur":
        small = (max(2, size[0] // 4), max(2, size[1] // 4))
        ground = picture.resize(small, Image.Resampling.BILINEAR, box=cropped(picture.size, size, framing.focus))
        ground = ground.filter(ImageFilter.GaussianBlur(BLUR * max(small)))
        page = ImageEnhance.Brightness(ground.resize(size, Image.Resampling.BICUBIC)).enhance(DIM)
    else:
        page = Image.new("RGB", size, "black")
    width, height = contained(picture.size, size)
    inside = picture.resize((width, height), Image.Resampling.LANCZOS)
    page.paste(inside, ((size[0] - width) // 2, (size[1] - height) // 2))
    return page


def contained(picture: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return how large a picture is that is all within a size: even numbers of pixels."""
    scale = min(size[0] / picture[0], size[1] / picture[1])
    width, height = (max(2, round(length * scale / 2) * 2) for length in picture)
    return min(width, size[0]), min(height, size[1])
