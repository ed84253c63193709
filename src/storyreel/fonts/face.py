"""
A face in a size, as this machine can set it: letter by letter, or joined and turned as some scripts need it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.fonts import as_it_is, drawable, scripts

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

RIGHT_TO_LEFT = ("R", "AL", "AN")
"""Classes of characters that are written from right to left; Unicode Standard Annex 9."""
LETTER_BY_LETTER = frozenset(
    {
        "Latin",
        "Cyrillic",
        "Greek",
        "Armenian",
        "Georgian",
        "Hiragana",
        "Katakana",
        "Han",
        "Hangul",
        "Bopomofo",
        "symbols",
    }
)
"""Scripts in which a character looks the same whatever stands beside it."""
UNSEEN = ("Cf", "Cc", "Zl", "Zp")
"""Categories of characters that are not seen."""


def is_face(path: Path) -> bool:
    """
    Whether a file is a font that letters can be drawn with.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb"):
        pass  # of a file that may not be read it is not said that it is no font
    try:
        opened_face(path, 20)
        return bool(drawable(path))
    except (
        Exception
    ):  # those who open fonts have as many ways to fail on bytes that somebody made up as there are tables
        return False


def opened_face(path: Path, pixels: int) -> FreeTypeFont:
    """
    Open a face in a size. Letters are kerned and joined where the machine has what that takes, else set one by one.

    Raises:
        OSError: It is no font.
    """
    return _opened(path, as_it_is(path), pixels)


@lru_cache(maxsize=32)
def _opened(path: Path, _: tuple[int, int, int], pixels: int) -> FreeTypeFont:
    from PIL import ImageFont

    engine = ImageFont.Layout.RAQM if can_join() else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, max(1, pixels), layout_engine=engine)


def can_join() -> bool:
    """Whether this machine can join letters, and write them from right to left."""
    from PIL import features

    return bool(features.check_feature("raqm"))


def first_lacking(text: str, face: Path) -> str | None:
    """Return the first character of a text for which a face has no sign; None where it has all. Text is composed (NFC)."""
    has = drawable(face)
    for character in unicodedata.normalize("NFC", text):
        unseen = unicodedata.category(character) in UNSEEN or character.isspace()
        if not unseen and character not in has:
            return character
    return None


def is_joined(text: str) -> bool:
    """Whether its letters change with those beside them, or are written from right to left."""
    if text.isascii():
        return False
    if any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text):
        return True
    letters = "".join(character for character in text if character.isalpha())
    return bool(letters) and not LETTER_BY_LETTER.issuperset(scripts(letters))


def begins_right(text: str) -> bool:
    """Whether a text is written from right to left: its first letter is; Unicode Standard Annex 9, P2."""
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((each != "L" for each in strong if each in ("L", "R", "AL")), False)
