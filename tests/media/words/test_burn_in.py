"""
What is burnt into a film: a strip below its picture in which the timecode counts, and what is shown and who made it is read.
"""

from fractions import Fraction

import numpy as np
import pytest

from storyreel.media.words.burn_in import GROUND, INK, burnt_in, strip_for
from storyreel.model.finish import Shown

UUID = "71c2aa90-1b2c-4d5e-9f00-aabbccddeeff"
SHOWN = (Shown(0, "sea/video", UUID), Shown(12, "end", "card"))
FILM, RATE = Fraction(24), Fraction(25)


def strips(shown: tuple[Shown, ...], size: tuple[int, int], frames: int, rate: Fraction = RATE) -> np.ndarray:
    """Return the strips of so many frames."""
    strip = strip_for(shown, size)
    content = b"".join(burnt_in(shown, strip, frames, FILM, rate))
    return np.frombuffer(content, np.uint8).reshape(frames, strip.height, strip.width)


@pytest.mark.parametrize(
    ("size", "lines"),
    [((848, 480), 1), ((1920, 1080), 1), ((480, 848), 2), ((1080, 1920), 2), ((480, 480), 2), ((160, 90), 2)],
)
def test_it_stands_below_what_is_safe_in_a_line_or_two(size: tuple[int, int], lines: int):
    """
    In a wide film it is one line, no higher than the twentieth of the picture in which no words stand.
    """
    strip = strip_for(SHOWN, size)

    assert lines == strip.lines
    assert 0 == strip.height % 2
    assert strip.pixels >= min(size) / 30 - 0.5
    if lines == 1:
        assert strip.height * 20 <= size[1]


def test_only_the_timecode_changes_while_the_same_is_shown():
    """
    From the frame on that first shows another shot, other words stand there: frame 13 at 25 shows the film's frame 12.
    """
    picture = strips(SHOWN, (848, 480), 25)
    same = [bool((picture[number] == picture[number - 1])[:, 120:].all()) for number in range(1, 25)]

    assert [number != 13 for number in range(1, 25)] == same
    assert len({frame.tobytes() for frame in picture}) == 25
    assert (GROUND, INK) == (picture.min(), picture.max())


def test_the_timecode_counts_in_the_rate_that_is_handed_over():
    """
    At 25 the 25th frame begins a second as the first did; at 24 the 24th does. Other signs would leave other marks.
    """
    (one, two) = (strips(SHOWN[:1], (848, 480), 26, rate)[:, :, :72] for rate in (RATE, FILM))

    assert np.array_equal(one[25][:, 80:], one[0][:, 80:])
    assert np.array_equal(one[25], two[24])
    assert not np.array_equal(one[24], two[24])


def test_what_is_too_long_lacks_its_middle():
    """
    Nothing runs out of the strip, and the timecode is always whole.
    """
    long = (Shown(0, "a-scene-with-a-name-that-goes-on-and-on/extend-12", UUID * 3),)
    picture = strips(long, (480, 848), 1)[0]
    short = strips((Shown(0, "a", "b"),), (480, 848), 1)[0]

    assert (picture[:, -4:] == GROUND).all()
    assert np.array_equal(picture[:22, :90], short[:22, :90])


def test_a_sign_that_no_letter_is_known_for_is_left_out():
    """
    A file may be called anything.
    """
    assert INK == strips((Shown(0, "tram", "終電.mp4"),), (848, 480), 1).max()
