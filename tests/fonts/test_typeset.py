"""
Whether words can be set on a picture is known in no time, however many there are.
"""

import time

import pytest

from storyreel.fonts import FACE
from storyreel.fonts.typeset import Unset, unset

UPRIGHT = (480, 848)


def judged(text: str) -> Unset:
    wrong = unset(text, FACE, 5, UPRIGHT)
    assert wrong is not None
    return wrong


def test_a_text_as_long_as_may_be_is_judged_at_once():
    """
    With how many lines it takes, and in which size it would fit.
    """
    begun = time.process_time()
    wrong = judged("word " * 800)

    assert time.process_time() - begun < 5
    assert "these words take 200 lines" in wrong.message
    assert "write size: 1.3, or fewer words" == wrong.remedy


@pytest.mark.parametrize(("length", "quoted"), [(40, "w" * 40), (4000, f"{'w' * 59}…")])
def test_a_word_that_is_too_wide_is_quoted_as_far_as_it_takes(length: int, quoted: str):
    """
    A message is a line that can be read.
    """
    assert f"'{quoted}' is wider than the picture at size 5" == judged("w" * length).message
