"""The face that comes with the package, and what is told of characters that it lacks."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PIL import ImageFont

from storyreel.fonts import FACE, divided, drawable, scripts
from storyreel.fonts.face import is_face
from storyreel.fonts.typeset import unset


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(0x20, 0x7E, id="ascii"),
        pytest.param(0xA0, 0x24F, id="latin"),
        pytest.param(0x1E00, 0x1EFF, id="latin-vietnamese"),
        pytest.param(0x400, 0x52F, id="cyrillic"),
        pytest.param(0x1F00, 0x1FFF, id="greek-polytonic"),
        pytest.param(0x386, 0x3CE, id="greek"),
        pytest.param(0x300, 0x36F, id="accents-by-themselves"),
    ],
)
def test_latin_cyrillic_and_greek_come_with_the_package(first: int, last: int) -> None:
    """Every character of these blocks has a glyph, whatever its accents."""
    assigned = {chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code)) != "Cn"}
    assert set() == assigned - drawable()


def test_punctuation_and_money_come_with_the_package() -> None:
    """Dashes, quotes, dots and the signs of currencies have glyphs, and so have those of a measure."""
    assert set() == set("–—‘’‚“”„…‹›«»•€£¥₽₴₫₺°×½№™−≤≥") - drawable()


def test_the_face_draws_what_it_is_said_to_draw() -> None:
    """What counts as drawable leaves ink, and is no box: each letter looks other than a character that is not there."""
    font = ImageFont.truetype(FACE, 24)
    box = bytes(font.getmask("\uffff"))
    assert [] == [letter for letter in "éñßŁđệяΩἄ€–" if bytes(font.getmask(letter)) in (box, b"")]


@pytest.mark.parametrize(
    ("text", "drawn", "missing"),
    [
        pytest.param("café – Łódź €5", "café – Łódź €5", "", id="all-is-there"),
        pytest.param("cafe\u0301", "café", "", id="accents-of-a-mac"),
        pytest.param("a 狐 b", "a   b", "狐", id="another-script"),
        pytest.param("नमस्ते", "      ", "नमसत", id="marks-go-with-their-letters"),
        pytest.param("fox\u200b\ufeff\u200f", "fox", "", id="what-is-not-seen-is-not-missed"),
        pytest.param("❤️", "  ", "❤", id="variation-of-a-symbol"),
    ],
)
def test_a_text_is_parted_into_what_can_be_drawn_and_what_cannot(text: str, drawn: str, missing: str) -> None:
    """What the face lacks is told apart, and counted as a reader counts."""
    assert (drawn, missing) == divided(text)


@pytest.mark.parametrize(
    ("characters", "names"),
    [
        ("狐火", ["Han"]),
        ("夕ーの、か", ["Han", "Hiragana"]),
        ("مנ", ["Arabic", "Hebrew"]),
        ("🎬狐→", ["Han", "symbols"]),
        ("\ue000", ["symbols"]),
        ("。", ["symbols"]),
    ],
)
def test_scripts_are_named(characters: str, names: list[str]) -> None:
    """Each script once, by its name in Unicode; signs of none are symbols."""
    assert names == scripts(characters)


def test_a_font_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    """What was known of a file is not believed of the next one that lies under its name."""
    path = tmp_path / "own.ttf"
    shutil.copy(FACE, path)
    assert is_face(path)
    assert unset("Olá", path, 5, (1280, 720)) is None

    with TTFont(FACE) as font:
        for table in font["cmap"].tables:
            table.cmap.pop(ord("á"), None)
        font.save(path)

    lacking = unset("Olá", path, 5, (1280, 720))
    assert lacking is not None
    assert "á" == lacking.character
    path.write_bytes(b"no font at all")
    assert not is_face(path)
