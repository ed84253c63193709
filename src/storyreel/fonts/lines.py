"""
Break a text into lines: between words, and in scripts without blanks between signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

Width = Callable[[str], float]
"""How wide a piece of text is, in whatever unit its caller has."""

IDEOGRAPHIC = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC")
NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝〕〉》」』】〙〗〟’”｠»ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ!),.:;?]}¢°％‰℃"
)
NOT_LAST = frozenset("（［｛〔〈《「『【〘〖〝‘“｟«([{£¥＄￥")
"""What no line begins or ends with; JIS X 4051 (2004), as the W3C's Requirements for Japanese Text Layout has it (2020)."""


def broken(text: str, most: float, width: Width) -> list[str]:
    """
    Return a text in as few lines as it takes, each about as long as the others. Its own line breaks stay.

    Args:
        most: How wide a line may be. A word that is wider has a line of its own, and is left whole.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = list(_pieces(paragraph.strip()))
        full = _filled(pieces, most, width)
        if len(full) > 1:
            full = _filled(pieces, _narrowest(pieces, len(full), most, width), width)
        lines += full
    return lines


def _filled(pieces: list[str], most: float, width: Width) -> list[str]:
    """Return lines of as many pieces as there is room for."""
    lines = [""]
    for piece in pieces:
        longer = lines[-1] + piece
        if lines[-1] and width(longer.rstrip()) > most:
            lines.append(piece.lstrip())
        else:
            lines[-1] = longer
    return [line.strip() for line in lines]


def _narrowest(pieces: list[str], count: int, most: float, width: Width) -> float:
    """Return how narrow lines can be without becoming more of them."""
    low, high = 0.0, most
    for _ in range(12):
        middle = (low + high) / 2
        lines = _filled(pieces, middle, width)
        if len(lines) > count or any(width(line) > middle for line in lines):
            low = middle
        else:
            high = middle
    return high


def _pieces(text: str) -> Iterator[str]:
    """Yield what is never parted, with the blanks that follow it."""
    piece = ""
    for character in text:
        if piece and _may_part(piece, character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_part(before: str, character: str) -> bool:
    last = before[-1]
    if character.isspace() or unicodedata.category(character).startswith("M"):
        return False
    if last.isspace():
        return last not in "\u00a0\u202f\u2007"
    if last in "-\u2010\u2013\u2014/" and len(before) > 1 and character.isalnum():
        return True
    if character in NOT_FIRST or last in NOT_LAST:
        return False
    return _is_ideographic(last) or _is_ideographic(character)


def _is_ideographic(character: str) -> bool:
    return unicodedata.name(character, "").startswith(IDEOGRAPHIC) or character in NOT_FIRST - frozenset(
        "!),.:;?]}’”»°"
    )
