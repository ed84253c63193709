"""
What `storyreel takes` shows at terminals of any width: ids and pins whole, so that they can be copied.
"""

import io

import pytest
from rich.console import Console

from storyreel.cli.takes import csv_row, show
from storyreel.production.takes_data import TakeData, TakesData
from storyreel.vault.costs import Totals

ID, STILL, OPEN = (
    "aa8c0a59-1748-4798-80fc-91a4de914dd7",
    "still-32c9dfead19d0bee24457f8b-1",
    "ff8c0a59-1748-4798-80fc-91a4de914dd7",
)
FILE = "/films/vault/clips/66/660d2cdb3869ed9e4ab02a3d39f2d92f0f72496284ff4362bcb9d1993f22fb19.mp4"


def take(step: str, request_id: str | None, **how: object) -> TakeData:
    values: dict[str, object] = {
        "step": step, "attempt": 1, "state": "clip", "used": False, "at": "2026-11-01T12:00:00+00:00", "age_s": 90,
        "request_id": request_id, "seconds": 2.0, "estimated_usd": 0.1, "charged_usd": None, "prompt": "", "why": "",
        "same_request_as": None, "same_file_as": None, "films": (), "number": 1, "file": FILE, "marks": (), **how,
    }  # fmt: skip
    return TakeData.model_validate(values)


TAKES = TakesData(
    slug="tram", films=("tram", "tram.vertical"), service="xai", scenes=(), cast=(), damaged=(),
    totals=Totals(takes=4, estimated_usd=0.4, charged_usd=0.0),
    takes=(
        take("stop/video", ID, same_file_as="door/video", used=True),
        take("stop/video", OPEN, number=2, state="moderated", file=None, why="the service withheld it"),
        take("ana/still-1", STILL, films=("tram", "tram.vertical")),
        take("door/video", None, state="unknown", file=None, why="the line went dead"),
    ),
)  # fmt: skip


def lines(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=True)
    show(console, TAKES)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [20, 36, 37, 42, 43, 60, 80, 81, 100, 120, 140, 200])
def test_an_id_is_never_broken_nor_cut_off(width: int):
    """
    Where it has room in a line it stands in one, with its pin before it; at a terminal that is narrower than it, alone on a line.
    """
    shown = lines(width)
    for name, word in ((ID, "pin: "), (STILL, "pin: "), (OPEN, "id: ")):
        (line,) = [line for line in shown if name in line]
        if len(f"  {word}{name}") <= width:
            assert f"{word}{name}" in line
            assert len(line) <= width
        else:
            assert name == line.strip()
            assert line == name or len(line) <= width
    assert 2 == len([line for line in shown if FILE in line])


def test_each_take_has_its_number_and_its_file(capsys: pytest.CaptureFixture[str]):
    """
    On the screen below the table, or below the take; in the table for other programs as the last that they knew, and then what is new.
    """
    assert f"stop/video t01  {FILE}" in lines(160)
    assert FILE in lines(80)
    assert "stop/video  t02  moderated  90 s  estimate $0.10" in " ".join(lines(80))
    row = dict(zip(TakeData.model_fields, csv_row(TAKES.takes[0]), strict=True))

    assert (1, FILE) == (row["number"], row["file"])
    assert ["same_request_as", "same_file_as", "number", "file"] == list(TakeData.model_fields)[13:17]
