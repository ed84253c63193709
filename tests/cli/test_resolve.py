"""
After an outage: all requests whose answers were lost are listed with the sum at stake, and resolved by one command.
"""

import asyncio
import io
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from storyreel.cli.resolve import Resolution, resolve, resolve_lost
from storyreel.errors import SettingsError, SubmitUnknown
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.desk import Desk
from tests.production.gateway import Gateway, gateway
from tests.production.patiently import buy

__all__ = ["gateway"]

BOARD = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: door, prompt: "A door."}
  - {id: stair, prompt: "A stair."}
"""
LIST = Resolution(None, None, lost=False, every=False, listed=True, at_most=None)


def all_lost(at_most: float | None = None) -> Resolution:
    return Resolution(None, None, lost=True, every=True, listed=False, at_most=at_most)


async def bought(desk: Desk, run: str) -> list[object]:
    async with open_session(prepare(str(desk.board)), run=run, sandbox=True) as session:
        steps = [(step.scene, step.name) for step in session.plan.steps]
        return await asyncio.gather(*(buy(session, *step, []) for step in steps), return_exceptions=True)


@pytest.fixture
def lost(desk: Desk, gateway: Gateway) -> Desk:
    """Return a desk at which a service broke down at three requests."""
    desk.write(BOARD)
    gateway.on("/v1/videos/generations", lambda _: httpx.Response(503, json={"error": "No available channel"}))
    assert [SubmitUnknown] * 3 == [type(end) for end in asyncio.run(bought(desk, "one"))]
    gateway.changes.clear()
    return desk


def resolved(desk: Desk, resolution: Resolution, step: str | None = None) -> tuple[int, str]:
    out = io.StringIO()
    code = resolve_lost(Path(desk.board), step, resolution, None, True, Console(file=out, width=200))
    return code, out.getvalue()


def test_one_list_has_what_was_lost_of_all_storyboards(lost: Desk, capsys: pytest.CaptureFixture[str]):
    """
    Of the vault, with the storyboard of each, also where its file is gone; nothing else is said without a storyboard.
    """
    Path(lost.board).unlink()
    code = resolve(listed=True, sandbox=True)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert 0 == code
    assert [["small", "coast/video:"], ["small", "door/video:"], ["small", "stair/video:"]] == sorted(
        line[:2] for line in lines[:3]
    )
    assert ["3", "in", "all,"] == lines[3][:3]
    with pytest.raises(SettingsError, match="name the storyboard"):
        resolve(every=True, lost=True, sandbox=True)


def test_what_was_lost_is_listed_and_nothing_else_happens(lost: Desk):
    """
    Each with its time, its price and what the service said; the sum at the end.
    """
    code, told = resolved(lost, LIST)

    assert 0 == code
    assert all(f"{step}/video: 20" in told for step in ("coast", "door", "stair"))
    assert 3 == told.count("at most $0.10: ")
    assert "3 in all, at most $0.30" in told
    assert told == resolved(lost, LIST)[1]


def test_all_are_given_up_by_one_word(lost: Desk):
    """
    With a sum that covers what is at stake they are written down as lost, and the next run sends them.
    """
    code, told = resolved(lost, all_lost(0.30))

    assert 0 == code
    assert "3 written down as lost" in told
    assert "nothing to resolve" in resolved(lost, LIST)[1]
    assert all(not isinstance(end, BaseException) for end in asyncio.run(bought(lost, "two")))


@pytest.mark.parametrize(
    ("says", "at_most"), [("--at-most USD", None), ("more than --at-most", 0.29), ("sum of US dollars", -1.0)]
)
def test_more_than_was_agreed_to_is_not_put_at_stake(lost: Desk, says: str, at_most: float | None):
    """
    Without a terminal and without a sum, or with too small a one, nothing is written.
    """
    with pytest.raises(SettingsError, match=says):
        resolved(lost, all_lost(at_most))

    assert "3 in all" in resolved(lost, LIST)[1]


@pytest.mark.parametrize("answer", ["n", ""])
def test_a_person_may_say_no(lost: Desk, monkeypatch: pytest.MonkeyPatch, answer: str):
    """
    Asked at a terminal, anything but a yes leaves all as it is.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO(answer + "\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    out = io.StringIO()
    code = resolve_lost(Path(lost.board), None, all_lost(), None, True, Console(file=out, force_terminal=True))

    assert 1 == code
    assert "may be spent a second time?" in out.getvalue()
    assert "3 in all" in resolved(lost, LIST)[1]


@pytest.mark.parametrize(
    ("step", "resolution"),
    [
        (None, Resolution(None, None, lost=True, every=False, listed=False, at_most=None)),
        (None, Resolution(None, None, lost=False, every=True, listed=False, at_most=None)),
        (None, Resolution("id", None, lost=False, every=False, listed=True, at_most=None)),
        (None, Resolution(None, None, lost=True, every=True, listed=True, at_most=None)),
        ("coast", LIST),
        ("coast", all_lost()),
    ],
)
def test_what_does_not_go_together_is_refused(desk: Desk, step: str | None, resolution: Resolution):
    """
    A slip of the pen resolves nothing.
    """
    with pytest.raises(SettingsError):
        resolved(desk, resolution, step)
