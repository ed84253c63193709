"""
A film is handed on by one command: what it writes, what it says, and what it asks for where the film is not there.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from jsonschema import validate

from storyreel.delivery.exports.library import ADAPTERS, opentimelineio
from storyreel.errors import SettingsError
from tests.cli.shot import shoot
from tests.cli.test_render import DOCS, storyreel
from tests.delivery.exports.exported import filmed

VARIED = """
title: "Tram, {{ city }}"
slug: "tram-{{ city | slug }}"
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
vars: {city: Lisbon}
variants: {lisbon: {}, porto: {vars: {city: Porto}}}
scenes:
  - {id: stop, prompt: A tram.}
  - {id: hill, prompt: A hill.}
deliver: {short: {order: [stop]}}
"""


@pytest.fixture
def board(place: Path) -> Path:
    """Return a board of two variants, which ask for the same."""
    board = place / "tram.yaml"
    board.write_text(VARIED)
    return board


def film(place: Path, step: str) -> bytes:
    return filmed(place / "clip.mp4", 24, Fraction(24), 60 if "stop" in step else 90)


def test_each_variant_has_a_folder_of_its_own(board: Path, place: Path):
    """
    And one that is named has the folder that is named; the data says what was written.
    """
    shoot(board, "2026-11-20T10:00:00", variant="lisbon", film=lambda step, _: film(place, step))

    every = storyreel("export", board, "--deliver", "short", "--to", place / "edit", "--json")
    one = storyreel("export", board, "--deliver", "short", "--variant", "porto", "--to", place / "porto")

    data = json.loads(every.stdout)
    validate(data, json.loads((DOCS / "export.schema.json").read_text()))
    assert ["tram-lisbon.short", "tram-porto.short"] == [each["name"] for each in data["exports"]]
    for each in data["exports"]:
        folder = place / "edit" / each["name"]
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert there == {*each["changed"], "export.json"}
        assert [f"{each['name']}{end}" for end in (".otio", ".edl", ".xml", ".fcpxml")] == [
            form["file"] for form in each["formats"]
        ]
    assert (place / "porto/tram-porto.short.fcpxml").is_file()
    assert "tram-porto.short: 1.0 s, 24 frames at 24, " in one.stdout
    assert "NOTES.txt says what the formats cannot hold" in one.stdout


def test_a_film_that_is_not_there_yet_is_named_with_what_makes_it(board: Path, place: Path):
    """
    What is missing, why, and the command; nothing is written.
    """
    shoot(
        board,
        "2026-11-20T10:00:00",
        variant="lisbon",
        film=lambda step, _: film(place, step),
        lost=["lisbon:hill/video"],
    )

    done = storyreel("export", board, "--variant", "porto", "--to", place / "edit")

    assert 2 == done.returncode
    assert "tram-porto was not made yet: 1 of its 2 scenes has no clip (hill: its answer was lost)" in done.stderr
    assert f"make it with: storyreel shoot {board} --variant porto" in done.stderr
    assert not (place / "edit").exists()


def test_a_rehearsal_says_so_in_its_names(board: Path, place: Path):
    """
    What was shot for real is no rehearsal.
    """
    shoot(board, "2026-11-20T10:00:00", variant="lisbon", film=lambda step, _: film(place, step))

    done = storyreel("export", board, "--variant", "lisbon", "--to", place / "edit", "--sandbox")

    assert "tram-lisbon.sandbox was not made yet" in done.stderr
    assert "--variant lisbon --sandbox" in done.stderr


def test_what_is_missing_of_the_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch):
    """
    It is an extra: nobody who shoots films has to have it.
    """
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(SettingsError, match=r"install it with: pip install 'storyreel\[export\]'"):
        opentimelineio()

    monkeypatch.undo()
    monkeypatch.setattr("opentimelineio.adapters.available_adapter_names", lambda: ["otio_json", *ADAPTERS[1:]])
    with pytest.raises(SettingsError, match=r"the adapters cmx_3600 .* pip install 'storyreel\[export\]'"):
        opentimelineio()
