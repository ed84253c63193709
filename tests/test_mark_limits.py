"""From where on something about a clip is told, as a person sets it."""

from __future__ import annotations

import pytest

from storyreel.errors import SettingsError
from storyreel.mark_limits import USUAL, mark_limits_of


def test_what_is_not_named_is_as_usual():
    """A person writes what they want otherwise; the default is written the same way."""
    limits = mark_limits_of("black=0.5, frozen=off silent_db=-50", "M")

    assert (0.5, None, -50.0, USUAL.silent) == (limits.black, limits.frozen, limits.silent_db, limits.silent)
    assert limits == mark_limits_of(str(limits), "M")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("blck=1", "'blck=1' is no limit; write one as name=number, of: black, frozen", id="unknown"),
        pytest.param("black", "'black' is no limit", id="no-number"),
        pytest.param("black=-1", "black=-1 is no number from 0 to 3600, or off", id="negative"),
        pytest.param("black=nan", "black=nan is no number", id="nan"),
        pytest.param("silent_db=off", "silent_db=off is no number from -120 to 0", id="a-level-is-never-off"),
    ],
)
def test_a_slip_says_what_there_is(text, says):
    """It is told before anything is made."""
    with pytest.raises(SettingsError, match=says):
        mark_limits_of(text, "STORYREEL_MARKS")
