"""What was measured of a clip, and from where on it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storyreel.mark_limits import USUAL
from storyreel.media.quality.inspection import Bars, Inspection
from storyreel.media.quality.judge import Asked, judge

RATE = 24


def clip(seconds: float = 6, **changes) -> Inspection:
    """Return a clip in which all is as it should be, or not."""
    frames, windows = round(seconds * RATE), round(seconds / 0.05)
    usual = Inspection(
        seconds=seconds,
        rate=RATE,
        width=1280,
        height=720,
        at_ms=tuple(round(1000 * number / RATE) for number in range(frames)),
        brightest=(200,) * frames,
        moved=(500,) * frames,
        stepped=(20,) * frames,
        heard=True,
        loudness_db=(-30,) * windows,
        at_limit=(0,) * windows,
    )
    return usual.model_copy(update=changes)


def in_part(
    usual: int, other: int, start: float, end: float, seconds: float = 6, a_second: int = RATE
) -> tuple[int, ...]:
    """Return a value for each frame, or window, that is another one from `start` to `end`."""
    return tuple(other if start <= number / a_second < end else usual for number in range(round(seconds * a_second)))


AS_ASKED = Asked(seconds=6, rate=24, ratio=16 / 9, short_side=720, sound=True)


@pytest.mark.parametrize(
    ("inspection", "words"),
    [
        pytest.param(clip(), "", id="all-well"),
        pytest.param(clip(brightest=in_part(200, 20, 2, 5)), "black@2-5", id="black"),
        pytest.param(clip(brightest=in_part(200, 20, 0, 0.9)), "", id="a-fade-from-black"),
        pytest.param(clip(brightest=in_part(200, 60, 0, 6)), "", id="a-lamp-in-the-night"),
        pytest.param(clip(moved=in_part(500, 0, 3, 6)), "frozen@2-6", id="frozen"),
        pytest.param(clip(moved=in_part(500, 0, 3, 3.5)), "", id="a-pause"),
        pytest.param(clip(moved=in_part(20, 0, 1.3, 6)), "frozen@0-6", id="frozen-once-the-encoder-has-settled"),
        pytest.param(clip(moved=in_part(20, 0, 1.3, 2.2)), "", id="a-pause-at-the-beginning"),
        pytest.param(
            clip(moved=in_part(500, 0, 0, 6), brightest=(20,) * 144), "black@0-6", id="black-is-not-frozen-too"
        ),
        pytest.param(clip(loudness_db=in_part(-30, -90, 1, 4, a_second=20)), "silent@1-4", id="silent"),
        pytest.param(clip(loudness_db=in_part(-30, -90, 1, 2.5, a_second=20)), "", id="a-rest"),
        pytest.param(clip(heard=False, loudness_db=(), at_limit=()), "silent@0-6", id="no-sound-track"),
        pytest.param(clip(at_limit=in_part(0, 50, 1, 1.5, a_second=20)), "clipped@1-1.5", id="clipped"),
        pytest.param(clip(at_limit=in_part(0, 50, 1, 1.1, a_second=20)), "", id="a-peak"),
        pytest.param(clip(bars=Bars(top=0.12, bottom=0.12)), "bars@0-6", id="bars"),
        pytest.param(clip(bars=Bars(left=0.02, right=0.02)), "", id="a-hairline"),
        pytest.param(clip(seconds=5), "length@0-5", id="short"),
        pytest.param(clip(rate=25), "rate@0-6", id="rate"),
        pytest.param(clip(rate=0), "rate@0-6", id="uneven"),
        pytest.param(clip(width=720, height=1280), "size@0-6", id="upright"),
        pytest.param(clip(width=1264, height=720), "", id="a-few-pixels"),
        pytest.param(clip(width=854, height=480), "size@0-6", id="smaller"),
    ],
)
def test_what_is_wrong_with_a_clip_is_a_mark_with_its_seconds(inspection, words):
    """What lasts, or is other than asked, is told once; what comes and goes in every good clip is not."""
    assert words == " ".join(map(str, judge(inspection, AS_ASKED)))


def test_a_clip_is_not_blamed_for_what_nobody_asked():
    """Without sound asked for, a silent clip is right; so is any length, rate and size where none is known."""
    odd = clip(3, heard=False, loudness_db=(), at_limit=(), width=100, height=900, rate=7)

    assert () == judge(odd)


def test_an_extension_is_told_of_its_own_part_alone():
    """What is wrong before its seam was wrong with the clip that it goes on from, and is told of that one."""
    both = clip(
        brightest=tuple(
            a if a < 100 else b for a, b in zip(in_part(200, 20, 0, 2), in_part(200, 20, 4, 6), strict=True)
        )
    )

    assert "black@0-2 black@4-6" == " ".join(map(str, judge(both)))
    assert "black@4-6" == " ".join(map(str, judge(both, Asked(begins=3))))


@pytest.mark.parametrize(
    ("leap", "around", "words"),
    [
        pytest.param(300, 20, "seam@2.96-3", id="jump"),
        pytest.param(40, 20, "", id="goes-on"),
        pytest.param(300, 280, "", id="all-of-it-leaps"),
    ],
)
def test_a_jump_is_told_where_an_extension_begins(leap, around, words):
    """A cut at the seam stands out from what is around it; a wild ride leaps everywhere."""
    steps = tuple(leap if number == 3 * RATE else around for number in range(6 * RATE))

    assert words == " ".join(map(str, judge(clip(stepped=steps), Asked(seams=(3.0,)))))


def test_limits_are_a_persons_own():
    """What is off is never told, and a number is where it begins."""
    black = clip(brightest=in_part(200, 20, 2, 5))

    assert () == judge(black, limits=replace(USUAL, black=None))
    assert () == judge(black, limits=replace(USUAL, black=3.5))


def test_a_clip_shorter_than_a_limit_is_told_if_all_of_it_is_so():
    """A second of black that is all there is."""
    assert "black@0-0.5" == str(judge(clip(0.5, brightest=(16,) * 12))[0])
