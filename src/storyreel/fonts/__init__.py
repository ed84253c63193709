"""
The face in which words stand on pictures, and which characters a face can draw.

The package brings Roboto 2.138 along, unchanged: all of Latin, Cyrillic and Greek. What a face has is read from its file.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FACE = Path(__file__).with_name("Roboto-Regular.ttf")

# Of an emoji, an arrow, a full stop, a character of somebody's own.
_NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})


def drawable(face: Path = FACE) -> frozenset[str]:
    """
    Return every character for which a TrueType or OpenType file has a glyph.

    Raises:
        OSError: The file cannot be read.
        fontTools.ttLib.TTLibError: It is no such file.
    """
    return _drawable(face, as_it_is(face))


def as_it_is(face: Path) -> tuple[int, int, int]:
    """Return what tells that a file is another one now, under the same name, so that nothing is remembered of the former."""
    state = face.stat()
    return state.st_mtime_ns, state.st_size, state.st_ino


@cache
def _drawable(face: Path, _: tuple[int, int, int]) -> frozenset[str]:
    from fontTools.ttLib import TTFont  # who writes nothing on a picture need not wait for it

    with TTFont(face, lazy=True, fontNumber=0) as font:
        return frozenset(map(chr, font.getBestCmap() or ()))


def divided(text: str, face: Path = FACE) -> tuple[str, str]:
    """
    Part a text into what a face can draw and what it cannot.

    Returns:
        The text, composed (NFC), with a blank for each character that the face lacks; and these characters in their
        order. Marks that stand on a missing letter go with it uncounted, and signs that are not seen are in neither.
    """
    drawn: list[str] = []
    missing: list[str] = []
    on_a_gap = False
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in ("Cf", "Cc") and not character.isspace():
            continue
        mark = category.startswith("M")
        if character.isspace() or (character in drawable(face) and not (mark and on_a_gap)):
            drawn.append(character)
            on_a_gap = False
            continue
        if not mark:
            missing.append(character)
        drawn.append(" ")
        on_a_gap = True
    return "".join(drawn), "".join(missing)


def scripts(characters: str) -> list[str]:
    """
    Return the names of the scripts that characters belong to, as Unicode names them, each once.

    `symbols`, the last of them, are signs that belong to none. Punctuation is named only where nothing else is there.
    """
    from fontTools import unicodedata as properties

    signs = [character for character in characters if unicodedata.category(character)[0] in "SC"]
    named = (properties.script_name(properties.script(character)) for character in characters)
    of_one = list(dict.fromkeys(name.replace("_", " ") for name in named if name not in _NO_SCRIPT))
    return [*of_one, "symbols"] if signs or not of_one else of_one
