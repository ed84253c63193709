"""
`storyreel budget`: what is spent, held and left of the caps, and how they are raised.
"""

import asyncio
import json
from pathlib import Path

import pytest
from jsonschema import validate

from storyreel.cli.budget import budget
from storyreel.model.money import TICKS_PER_USD
from storyreel.production.reserve import today
from storyreel.settings import read_settings
from storyreel.settings.user_file import user_file_path
from storyreel.vault import Caps, open_vault

SCHEMA = Path(__file__).parents[2] / "docs" / "budget.schema.json"


def set_aside(**dollars: float) -> None:
    """Have runs set aside so much in the vault, and never send anything."""

    async def each() -> None:
        settings = read_settings()
        vault = open_vault(settings.vault, cache=settings.cache)
        for run, usd in dollars.items():
            ticks = round(usd * TICKS_PER_USD)
            await vault.cap.spend(
                "xai",
                attempt_key="f" * 64 + "/1",
                run=run,
                estimate_ticks=ticks,
                caps=Caps(10**15, 10**15),
                today=today(),
            )
            if run == "ended":
                await vault.cap.settle(
                    "xai", f"cap-{today()}", attempt_key="f" * 64 + "/1", run=run, charged_ticks=ticks
                )

    asyncio.run(each())


@pytest.mark.usefixtures("place")
def test_a_person_sees_what_is_left_and_what_is_held(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    Each cap with its figures, what a killed run has left, and a word where little is left.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "50")
    monkeypatch.setenv("STORYREEL_CAP_MONTH", "400")
    set_aside(ended=40, killed=0.5)
    code = budget()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    assert code == 0
    assert f"day {today()} $50.00 $40.00 $0.50 $9.50" in lines
    assert f"month {today():%Y-%m} $400.00 $40.00 $0.50 $359.50" in lines
    assert f"held: $0.50 of {today()}, not sent: run killed is about to, or was killed before it did" in lines
    assert [f"note: $40.50 of the $50.00 of {today()}"] == [line[:40] for line in lines if line.startswith("note")]
    assert any("STORYREEL_CAP_DAY" in line for line in lines)


@pytest.mark.usefixtures("place")
def test_a_program_reads_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """
    As data, by the schema in the docs; where there is no cap there is nothing left of one.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "1")
    set_aside(ended=0.25, killed=0.5)
    assert 0 == budget(as_json=True)
    data = json.loads(capsys.readouterr().out)
    validate(data, json.loads(SCHEMA.read_text()))

    assert (1, 0.25, 0.5, 0.25, False) == tuple(list(data["day"].values())[1:])
    assert (None, 0.25, 0.5, None, False) == tuple(list(data["month"].values())[1:])
    assert [("killed", 0.5, "not sent")] == [(each["run"], each["usd"], each["state"]) for each in data["held"]]


@pytest.mark.usefixtures("place")
def test_without_caps_it_says_how_to_set_them(capsys: pytest.CaptureFixture[str]):
    """
    And nothing that looks like an account, since nothing is counted.
    """
    assert 0 == budget()
    said = capsys.readouterr().out

    assert "There is no cap" in said
    assert "STORYREEL_CAP_DAY and STORYREEL_CAP_MONTH" in said
    assert f"under [cap] in {user_file_path()}" in " ".join(said.split())
    assert "$" not in said


@pytest.mark.usefixtures("place")
def test_a_cap_is_raised_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    A variable that would win, and is not set, is no way to the line that holds.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = user_file_path()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[cap]\nday = 0\n", encoding="utf-8")
    budget()

    said = " ".join(capsys.readouterr().out.split())

    assert f"raises it with cap.day in {file}:2" in said
    assert "STORYREEL_CAP_DAY" not in said


@pytest.mark.usefixtures("place")
def test_a_cap_of_nothing_says_that_nothing_is_bought(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    None of nothing is spent, which tells nobody anything.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "0")
    budget()

    assert f"note: the cap of {today()} is $0.00, so nothing is bought" in capsys.readouterr().out
