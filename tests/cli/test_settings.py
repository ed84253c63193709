"""
What `storyreel settings` shows: every variable, what holds, where that comes from, and nothing secret.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import validate
from rich.console import Console

from storyreel.cli.settings import SettingData, settings, settings_data, show
from storyreel.variables.table import TABLE

DOCS = Path(__file__).parents[2] / "docs"


def shown(environ: dict[str, str], width: int = 120) -> str:
    """Return what a terminal of so many columns shows."""
    screen = StringIO()
    show(Console(file=screen, width=width, markup=False, highlight=False), settings_data(environ))
    return screen.getvalue()


def row(environ: dict[str, str], name: str) -> SettingData:
    """Return what is known of a variable."""
    (data,) = (each for each in settings_data(environ).settings if each.name == name)
    return data


def test_each_variable_has_its_value_and_where_it_comes_from():
    """
    Set, or the default that holds in its place.
    """
    environ = {"HOME": "/h", "STORYREEL_OUT": "films"}

    assert ("films", "environment") == (row(environ, "STORYREEL_OUT").value, row(environ, "STORYREEL_OUT").source)
    assert "file:/h/.local/share/storyreel/vault" == row(environ, "STORYREEL_VAULT").value
    assert "default" == row(environ, "STORYREEL_VAULT").source
    assert row(environ, "STORYREEL_CATALOG").value is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("XAI_API_KEY", "xai-canary", "set"),
        ("XAI_API_KEY", "", "not set"),
        ("STORYREEL_NOTIFY", "json://ana:canary@host/canary", "set"),
        ("STORYREEL_NOTIFY", "", "not set"),
        ("STORYREEL_VAULT", "s3://me:canary@bucket/films", "s3://***@bucket/films"),
        ("STORYREEL_VAULT", "s3://me:canary w@b", "s3://***@b"),
        ("STORYREEL_VAULT", "s3://me:canary'@b", "s3://***@b"),
        ("STORYREEL_VAULT", "s3:me:canary@b", "***@b"),
        ("STORYREEL_VAULT", "//me:canary@b", "***@b"),
        ("STORYREEL_VAULT", "me:canary@b", "***@b"),
        ("STORYREEL_VAULT", "s3://me:canary%40b", "s3://***@b"),
        ("STORYREEL_VAULT", "s3://b?secret=canary", "s3://b?***"),
        ("STORYREEL_OUT", "https://me:canary@h", "https:/***@h"),
        ("STORYREEL_VAULT", "file:/home/me@work/vault", "file:/home/me@work/vault"),
    ],
)
def test_what_is_secret_is_masked(name: str, value: str, expected: str):
    """
    The key is set or not set; an address has no password.
    """
    environ = {"HOME": "/h", name: value}

    assert expected == row(environ, name).value
    assert "canary" not in shown(environ) + settings_data(environ).model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"),
    [("STORYREEL_POLL", "soon"), ("XAI_BASE_URL", "https://me:canary@gateway"), ("XAI_API_KEY", '"xai-canary"')],
)
def test_what_makes_no_sense_is_told_among_the_others(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    Whoever looks for what is wrong sees all of it, in the words of the command that would stop; the exit code is 2.
    """
    monkeypatch.setenv(name, value)
    code = settings()
    printed = capsys.readouterr().out

    assert 2 == code
    assert name in (row({"HOME": "/h", name: value}, name).problem or "")
    assert "Where takes are kept for good." in printed
    assert "canary" not in printed


def test_the_same_is_printed_as_data(capsys: pytest.CaptureFixture[str]):
    """
    Every row of the table, in its order, of the shape that the docs describe.
    """
    code = settings(as_json=True)
    data = json.loads(capsys.readouterr().out)
    validate(data, json.loads((DOCS / "settings.schema.json").read_text(encoding="utf-8")))

    assert 0 == code
    assert [each.name for each in TABLE] == [each["name"] for each in data["settings"]]


def test_it_can_be_read_in_eighty_columns():
    """
    No line is longer, and no name is cut.
    """
    lines = shown({"HOME": "/home/somebody/with/a/rather/long/path/to/their/own/folder"}, width=80).splitlines()

    assert 80 >= max(len(line.rstrip()) for line in lines)
    assert "STORYREEL_SANDBOX_LATENCY" in {line.split(" ")[0] for line in lines}


def test_what_storyreel_sets_itself_is_shown_where_it_is_set():
    """
    It is no choice of a person's, and yet it explains where relative paths start.
    """
    assert "STORYREEL_ROOT" not in shown({"HOME": "/h"})
    assert "STORYREEL_ROOT" in shown({"HOME": "/h", "STORYREEL_ROOT": "/films"})
