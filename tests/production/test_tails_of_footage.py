"""
Own footage that is too long to go in whole is extended by its tail: all of it is shown, once.
"""

from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.proof import prove
from storyreel.sandbox.stage import clips as stage
from tests.desk import Desk
from tests.production import numbered_clips
from tests.production.numbered_clips import numbers
from tests.production.test_several_films import listed, shot
from tests.production.test_tails import HEAD, numbered, shown, tram

__all__ = ["numbered", "tram"]

OWN = (
    HEAD
    + """\
  - id: ride
    clip: own.mp4
    trim: {start: 1, end: 6}
    then: [{extend: "Light.", duration: 2}, {extend: "Rain.", duration: 3}]
"""
)


async def test_own_footage_that_is_too_long_to_go_in_is_extended_by_its_tail(tram: Desk) -> None:
    """
    Its seconds are shown as they are; what was trimmed away is neither sent nor shown, and nothing of the rest is shown twice.
    """
    numbered_clips.film(range(7 * 24), tram.folder / "own.mp4")
    tram.write(OWN)
    result = await shot(tram)

    assert shown(result) == [*range(24, 24 + 10 * 24)]
    assert [(part["step"], part["start"], part["end"]) for part in listed(tram)["cuts"][0]["parts"]] == [
        (None, 0, 5),
        ("ride/extend-1", 5, 7),
        ("ride/extend-2", 7, 10),
    ]


@pytest.mark.parametrize(
    ("rate", "start", "end"),
    [
        pytest.param(Fraction(25), 0.52, 6.67, id="25"),
        pytest.param(Fraction(24000, 1001), 1, 6, id="23.976", marks=pytest.mark.long),
        pytest.param(Fraction(30000, 1001), 1, 6, id="29.97", marks=pytest.mark.long),
    ],
)
async def test_own_footage_that_is_cut_between_two_frames_shows_none_of_them_twice(
    tram: Desk, monkeypatch: pytest.MonkeyPatch, rate: Fraction, start: float, end: float
) -> None:
    """
    What is shown of it ends with the frame with which what was fed of it ends, whichever seconds were written.
    """

    def extended(_: str, source: Path, seconds: float, to: Path, __: bool | None = None) -> None:
        fed = numbers(source)
        numbered_clips.film([*fed, *range(fed[-1] + 1, fed[-1] + 1 + round(seconds * rate))], to, rate)

    monkeypatch.setattr(stage, "extend_video", extended)
    numbered_clips.film(range(round(7 * rate)), tram.folder / "own.mp4", rate)
    tram.write(OWN.replace("{start: 1, end: 6}", f"{{start: {start}, end: {end}}}"))
    film = shown(await shot(tram))

    assert film == [*range(film[0], film[-1] + 1)]
    assert film[0] == round(start * rate)
    assert abs(len(film) - round((end - start + 5) * rate)) <= 1


async def test_all_that_is_shown_of_own_footage_is_proven_before_anything_is_bought(tram: Desk) -> None:
    """
    Also what is not sent of it: five seconds are decoded, of which three go in.
    """
    numbered_clips.film(range(7 * 24), tram.folder / "own.mp4")
    tram.write(OWN)

    async with open_session(prepare(str(tram.board)), run="one", sandbox=True) as session:
        await prove(session)
        assert [("ride", "own.mp4", 1.0, 6.0)] == [(each[0], each[1], each[4], each[5]) for each in session.proven]
    assert tram.posts() == []
