"""
Words that are laid over a picture: within its safe area, whole, and to be read whatever it shows.
"""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from storyreel.fonts import FACE
from storyreel.fonts.face import opened_face
from storyreel.fonts.typeset import SAFE, letters, typeset
from storyreel.media.words.inlay import Inlay, draw_lettering
from storyreel.model.drawn import Place
from storyreel.model.words import Lettering
from tests.media.words.scripts import ARABIC, FILES, JAPANESE, LINES, font_of

RATIOS = {"16:9": (640, 360), "9:16": (360, 640), "1:1": (480, 480)}
PLACES: tuple[Place, ...] = ("lower-third", "center", "top", "bottom")
REACH = 0.12
"""How far an outline goes beyond letters, in sizes of a letter, and a pixel more."""


def words(
    text: str, place: Place = "center", size: float = 6, color: str = "#ffffff", font: str | None = None
) -> Lettering:
    return Lettering(text=text, place=place, size=size, color=color, font=font, first_frame=0, frames=1)


def seen_of(inlay: Inlay) -> tuple[int, int, int, int]:
    """Return where on its picture letters and their outline are: left, top, right, bottom."""
    box = inlay.picture.getchannel("A").point(lambda light: 255 * (light > 200)).getbbox()
    assert box is not None
    return box[0] + inlay.x, box[1] + inlay.y, box[2] + inlay.x, box[3] + inlay.y


def laid(inlay: Inlay, ground: Image.Image) -> np.ndarray:
    """Return a picture with words laid over it, in RGB."""
    page = ground.convert("RGBA")
    page.alpha_composite(inlay.picture, (inlay.x, inlay.y))
    return np.asarray(page.convert("RGB")).astype(int)


@pytest.mark.parametrize("script", LINES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_words_are_in_the_safe_area_of_every_ratio_and_script(ratio: str, place: Place, script: str):
    """
    Each in its place: at the top, in the middle, at the bottom, or in the lower third. Corners lie on even pixels.
    """
    width, height = RATIOS[ratio]
    inlay = draw_lettering(words(LINES[script][0], place, font=font_of(script)), (width, height), FILES)
    margin_x, margin_y = (length * (1 - SAFE) / 2 for length in (width, height))
    slack = REACH * letters(6, height)
    left, top, right, bottom = seen_of(inlay)

    assert [] == [each for each in (inlay.x, inlay.y, *inlay.picture.size) if each % 2]
    assert left >= margin_x - slack
    assert right <= width - margin_x + slack
    assert top >= margin_y - slack
    assert bottom <= height - margin_y + slack
    match place:
        case "top":
            assert bottom < height / 2
        case "center":
            assert abs(top + bottom - height) < letters(6, height)
        case "bottom":
            assert height - margin_y - bottom < letters(6, height)
        case "lower-third":
            assert top > height * 0.6


@pytest.mark.parametrize(("script", "side"), [("latin", "left"), ("arabic", "right")])
def test_a_lower_third_begins_where_its_script_does(script: str, side: str):
    """
    At the left, and what is written from right to left at the right.
    """
    text = LINES[script][0].split()[0]
    inlay = draw_lettering(words(text, "lower-third", font=font_of(script)), (640, 360), FILES)

    left, _, right, _ = seen_of(inlay)

    assert (left < 40) == (side == "left")
    assert (right > 600) == (side == "right")


def test_arabic_is_joined():
    """
    A word is another one than its letters side by side.
    """
    word = LINES["arabic"][0].split()[2]
    face = opened_face(ARABIC, 40)

    assert face.getlength(word) < 0.9 * sum(face.getlength(letter) for letter in word)


def test_japanese_is_broken_between_signs():
    """
    No line begins with a full stop, and all of it is there.
    """
    text = LINES["japanese"][0]
    lines = typeset(text, JAPANESE, 40, (360, 640)).lines

    assert text == "".join(lines)
    assert 3 <= len(lines)
    assert [] == [line for line in lines if line[0] in "。、"]


@pytest.mark.parametrize("ground", ["white", "black", "grey", "noise"])
@pytest.mark.parametrize("color", ["#ffffff", "#ffd166", "#101820", "#808080"])
def test_letters_stand_out_from_whatever_is_shown(ground: str, color: str):
    """
    Letters are of their colour, and beside each there is an outline from which they can be told.
    """
    size = (320, 180)
    page = Image.new("RGB", size, "black" if ground == "noise" else ground)
    if ground == "noise":
        page = Image.effect_noise(size, 120).convert("RGB")
    inlay = draw_lettering(words("HIT", size=30, color=color), size, {})
    seen = laid(inlay, page)
    colour = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    ink = np.abs(seen - colour).max(axis=2) < 3
    opaque = np.zeros((size[1], size[0]), bool)
    opaque[inlay.y : inlay.y + inlay.picture.height, inlay.x : inlay.x + inlay.picture.width] = (
        np.asarray(inlay.picture.getchannel("A")) == 255
    )
    edge = opaque & ~ink

    assert ink.sum() > 700
    assert edge.sum() > 300
    light = seen @ np.array([0.2126, 0.7152, 0.0722])
    assert abs(float(np.median(light[edge])) - float(light[ink & opaque].mean())) > 70
    # The outline goes all the way round: from letters nobody comes to the picture without crossing it.
    ring = np.asarray(Image.fromarray((opaque * 255).astype(np.uint8)).filter(ImageFilter.MinFilter(3))) > 0
    lettered = np.asarray(draw_ink("HIT", 30, size)) > 200
    assert (ring | ~lettered).all()


def draw_ink(text: str, percent: float, size: tuple[int, int]) -> Image.Image:
    """Return the letters alone, as light on dark."""
    from storyreel.media.words.letters import inked

    return inked(typeset(text, FACE, letters(percent, size[1]), size), "center", size)


def test_long_words_are_broken_into_lines_and_short_of_room_in_smaller_letters():
    """
    A film may come out in another size than it was asked for, and loses nothing for that.
    """
    long = draw_lettering(
        words("Nobody waits for a tram like this, not even in the rain at night", size=8), (640, 360), {}
    )
    wide = draw_lettering(words("Electroencephalography", size=40), (360, 640), {})

    assert long.picture.height > 2 * letters(8, 360)
    assert wide.picture.width <= 360 * SAFE + 2 * REACH * letters(40, 640)


def test_the_same_words_are_drawn_alike():
    """
    To the byte, so that a window is known by what is written in it.
    """
    one, other = (draw_lettering(words("Rua da Bica"), (640, 360), {}).picture.tobytes() for _ in range(2))

    assert one == other


@pytest.mark.parametrize("place", ["bottom", "lower-third"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_words_stand_above_those_that_are_in_their_way(ratio: str, place: Place):
    """
    As a caption does above a title; nothing of either is covered. Alone they stand as low as they may.
    """
    size = RATIOS[ratio]
    title = words("Rua da Bica", place)
    caption = words("Nobody waits for a tram like this,\nand yet here we are.", "bottom", 4)
    alone, above = (
        draw_lettering(each, size, {}) for each in (caption, caption.model_copy(update={"above": (title,)}))
    )

    assert seen_of(above)[3] <= seen_of(draw_lettering(title, size, {}))[1]
    assert seen_of(above)[3] < seen_of(alone)[3]
    assert (alone.x, alone.picture.tobytes()) == (above.x, above.picture.tobytes())
    assert [] == [each for each in (above.x, above.y) if each % 2]
