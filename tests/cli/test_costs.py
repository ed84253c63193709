"""
What a person, a program and a spreadsheet read of what a vault has cost.
"""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import validate
from PIL import Image

from storyreel.cli.csv_out import cell, exact_usd, print_csv
from tests.cli.shot import shoot
from tests.cli.test_plan import BOARD
from tests.cli.test_render import DOCS, storyreel


@pytest.fixture
def tram(place: Path) -> Path:
    """Return a board that was shot in two months; in the second one an answer was lost."""
    board = place / "tram.yaml"
    board.write_text(BOARD)
    Image.new("RGB", (64, 36), "gold").save(place / "ana.png")
    shoot(board, "2026-10-26T11:17")
    board.write_text(BOARD.replace("flower meadow", "snowy field"))
    shoot(board, "2026-11-26T11:17", lost=["stop/video"])
    return board


def test_a_person_reads_sums_of_each_month_and_what_is_not_known_apart(tram: Path):
    """
    Amounts stand below each other, and no estimate is called a charge.
    """
    assert storyreel("costs", cwd=tram.parent).stdout.splitlines()[1:] == [
        "month     board    kind     requests   charged   unknown",
        "────────────────────────────────────────────────────────",
        "2026-10   tram     extend          1    $0.630          ",
        "2026-10   tram     video           3    $1.054          ",
        "2026-10   in all                   4    $1.684          ",
        "2026-11   tram     video           1    $0.000    $0.352",
        "in all                             5    $1.684    $0.352",
        "$0.352 is an estimate: it was sent and never answered, so it may be billed",
    ]


def test_the_charges_of_takes_are_those_of_the_bill(tram: Path):
    """
    As data they are equal, and the schema in the docs describes them.
    """
    data = json.loads(storyreel("costs", "--json", cwd=tram.parent).stdout)
    takes = json.loads(storyreel("takes", "tram.yaml", "--json", cwd=tram.parent).stdout)
    validate(data, json.loads((DOCS / "costs.schema.json").read_text()))

    assert takes["totals"]["charged_usd"] == data["totals"]["charged_usd"] == 1.684
    assert takes["totals"]["takes"] == data["totals"]["requests"]
    assert 16_840_000_000 == sum(row["charged_ticks"] for row in data["rows"])


def test_a_spreadsheet_gets_exact_numbers(tram: Path):
    """
    A bill is added up there, and comes to what was charged.
    """
    bill = list(csv.DictReader(io.StringIO(storyreel("costs", "--csv", cwd=tram.parent).stdout)))

    assert Decimal("1.684") == sum(Decimal(row["charged_usd"]) for row in bill)
    assert Decimal("0.352") == sum(Decimal(row["unknown_usd"]) for row in bill)
    assert {"2026-10", "2026-11"} == {row["month"] for row in bill}
    assert ("xai", "tram", "", "extend", "1") == tuple(
        bill[0][head] for head in ("service", "board", "variant", "kind", "requests")
    )


def test_one_month_is_a_bill_of_its_own(tram: Path):
    """
    A month of which there is nothing is told as that.
    """
    november = storyreel("costs", "--month", "2026-11", cwd=tram.parent).stdout

    assert "2026-10" not in november
    assert "Nothing was asked for in 2026-09." in storyreel("costs", "--month", "2026-09", cwd=tram.parent).stdout
    assert "Nothing was asked for yet." in storyreel("costs", "--sandbox", cwd=tram.parent).stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--csv", "--json"), "--csv and --json: say one of them"),
        (("--month", "13"), "a month is written like 2026-11"),
    ],
)
def test_what_was_typed_wrong_is_told(place: Path, args: tuple[str, ...], words: str):
    """
    In one line, and nothing is printed that a program could take for a bill.
    """
    told = storyreel("costs", *args, cwd=place)

    assert (2, "") == (told.returncode, told.stdout)
    assert words in told.stderr


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_no_text_is_a_formula(text: str, capsys: pytest.CaptureFixture[str]):
    """
    Whoever opens a bill reckons with nothing that a storyboard's author has written.
    """
    print_csv(["board"], [[text]])
    (_, (written,)) = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))

    assert f"'{text}" == cell(text) == written


@pytest.mark.parametrize("text", ['a "tram"', "a,b", "two\nlines", "São Paulo", ""])
def test_every_text_comes_out_as_it_went_in(text: str, capsys: pytest.CaptureFixture[str]):
    """
    Whatever is in it, it is one cell.
    """
    print_csv(["board", "requests"], [[text, 3]])

    assert [["board", "requests"], [text, "3"]] == list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))


@pytest.mark.parametrize(
    ("ticks", "dollars"),
    [(0, "0.00"), (35 * 10**8, "0.35"), (3520 * 10**6, "0.352"), (1, "0.0000000001"), (10**13, "1000.00")],
)
def test_dollars_of_a_bill_are_exact(ticks: int, dollars: str):
    """
    To the tick, with cents always, and without an exponent.
    """
    assert dollars == format(exact_usd(ticks), "f")
