"""
A picture that lies over all of a film: at its own pixels, in its corner, as transparent as it is to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import PICTURE_MOST, read_plain, reason_of
from storyreel.fonts.typeset import SAFE
from storyreel.media.pictures import opened_picture
from storyreel.model.finish import Overlay

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Watermark:
    """A picture in RGBA whose upper left corner lies at `x` and `y` of the film; its sides and its place are even numbers of pixels."""

    picture: Image
    x: int
    y: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """What of the film it lies over: left, top, right and bottom."""
        return self.x, self.y, self.x + self.picture.width, self.y + self.picture.height


def watermark(overlay: Overlay, size: tuple[int, int]) -> Watermark:
    """
    Return a watermark as it lies over a film.

    It stands in the corner of the safe area, or as near to it as there is room; it is made smaller where the film is.

    Args:
        size: Width and height of the film in pixels; both are even.

    Raises:
        MediaError: Its picture cannot be read, or is another one by now.
    """
    from PIL import Image

    path = overlay.picture.path
    try:
        data = read_plain(path, PICTURE_MOST)
    except OSError as error:
        raise MediaError(f"{path.name} {reason_of(error)}") from error
    if sha256(data).hexdigest() != overlay.picture.sha256:
        # What is made with it would be kept under the name of what it was.
        raise MediaError(f"{path.name} was changed since the storyboard was read; run it again")
    picture = opened_picture(data, name=path.name).convert("RGBA")
    scale = min(1.0, size[0] / picture.width, size[1] / picture.height)
    if scale < 1:
        inside = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        # Colours of what is not seen are not to come in where it borders on what is.
        picture = picture.convert("RGBa").resize(inside, Image.Resampling.LANCZOS).convert("RGBA")
    picture.putalpha(picture.getchannel("A").point(lambda alpha: round(alpha * overlay.opacity)))
    even = Image.new("RGBA", (picture.width + picture.width % 2, picture.height + picture.height % 2), (0, 0, 0, 0))
    even.paste(picture, (0, 0))
    x, y = (
        _place(side, length, whole) for side, length, whole in zip(_sides(overlay.place), even.size, size, strict=True)
    )
    return Watermark(even, x, y)


def _sides(place: str) -> tuple[str, str]:
    """Return where a picture stands across and down: `first`, `last` or in the `middle`."""
    down, _, across = place.partition("-")
    sides = {"left": "first", "top": "first", "right": "last", "bottom": "last"}
    return sides.get(across, "middle"), sides.get(down, "middle")


def _place(side: str, length: int, whole: int) -> int:
    margin, free = round(whole * (1 - SAFE) / 2), whole - length
    at = {"first": margin, "middle": free // 2, "last": free - margin}[side]
    return max(0, min(at, free)) // 2 * 2
