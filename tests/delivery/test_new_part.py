"""
Where the new part of a clip begins that has another length than was asked for: pictures tell.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.delivery.new_part import Came, first_new_frame
from storyreel.model.tails import ClipPart, Length
from storyreel.vault import open_vault
from tests.production import numbered_clips

BEFORE, FED = range(96), range(48, 96)
"""Four seconds, of which the last two were fed."""


@pytest.mark.parametrize(
    ("came", "first"),
    [
        pytest.param([*FED, *range(96, 108)], 48, id="shorter"),
        pytest.param([*FED, *range(96, 120)], 48, id="as-long-as-what-was-to-be-added"),
        pytest.param(list(FED), 48, id="nothing-new"),
        pytest.param(list(range(96, 168)), 0, id="without-what-was-fed"),
        pytest.param(list(range(96, 192)), 0, id="longer-and-without-it"),
        pytest.param([95] * 24, 0, id="stands-still-behind-it"),
    ],
)
async def test_pictures_tell_what_came(tmp_path: Path, came: Sequence[int], first: int) -> None:
    """
    Three seconds were to be added: what begins as what was fed begins came with it, and what does not is new.
    """
    vault = open_vault(f"file:{tmp_path}", cache=tmp_path / "cache")

    async def kept(numbers: Sequence[int]) -> Came:
        file = tmp_path / "clip.mp4"
        numbered_clips.film(numbers, file)
        return Came(await vault.clips.keep(file, ".mp4"), Length(len(numbers), Fraction(24)))

    part = ClipPart("ride/extend-2", 3, fed=2.0)
    assert await first_new_frame(part, await kept(came), await kept(BEFORE), vault) == first
