"""
The schema that editors use, and the page that people read: both know the language as it is.
"""

import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from storyreel.catalog import load_catalog
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import schema

DOCS = Path(__file__).parents[2] / "docs" / "language.md"


@functools.cache
def whole() -> dict[str, Any]:
    """Return the schema, drawn once."""
    return schema(load_catalog())


@functools.cache
def parts() -> dict[str, dict[str, Any]]:
    """Return all shapes that have fields: variables have names of the writer's own."""
    made = whole()
    return {"Sheet": made, **{name: shape for name, shape in made["definitions"].items() if "properties" in shape}}


def test_the_schema_in_the_folder_is_that_of_the_language(storyboards: Path) -> None:
    """
    `storyboards/storyboard.schema.json` is written from the language by `make docs`.
    """
    assert whole() == json.loads((storyboards / "storyboard.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", sorted(parts()))
def test_every_field_is_explained_to_an_editor(part: str) -> None:
    """
    Each field has a sentence, and none may be null but a scene's style.
    """
    fields = parts()[part]["properties"]

    assert not [name for name, shape in fields.items() if not shape["description"]]
    assert [] == [
        name for name, shape in fields.items() if '"null"' in json.dumps(shape) and (part, name) != ("Scene", "style")
    ]


@pytest.mark.parametrize("part", sorted(parts()))
def test_every_field_has_examples_that_are_right(part: str) -> None:
    """
    What takes more than a few words has an example, which an editor offers and which the schema itself takes.
    """
    fields = parts()[part]["properties"]
    closed = {name for name, shape in fields.items() if re.search('"enum"|"const"|"boolean"', json.dumps(shape))}

    assert set() == {name for name, shape in fields.items() if not shape.get("examples")} - closed
    for shape in fields.values():
        validator = Draft7Validator({**shape, "definitions": whole()["definitions"]})
        assert [] == [error.message for each in shape.get("examples", ()) for error in validator.iter_errors(each)]


def test_editors_of_today_know_the_schema(storyboards: Path) -> None:
    """
    It is draft-07 and nothing newer, is called by a name of its own, and takes every storyboard that comes along.
    """
    drawn = whole()
    Draft7Validator.check_schema(drawn)
    boards = [path for path in storyboards.rglob("*.yaml") if "starters" not in path.parts]

    assert "http://json-schema.org/draft-07/schema#" == drawn["$schema"]
    assert "urn:storyreel:storyboard:1" == drawn["$id"]
    assert not re.search(r'"(\$defs|prefixItems|unevaluatedProperties|dependentRequired)"', json.dumps(drawn))
    assert len(boards) > 3
    for board in boards:
        data = YAML(typ="safe").load(board.read_text(encoding="utf-8"))
        assert [] == [error.message for error in Draft7Validator(drawn).iter_errors(data)]


def test_nothing_beside_a_reference_is_lost() -> None:
    """
    Draft-07 looks at nothing that stands beside a reference.
    """

    def beside(shape: Any) -> list[Any]:
        if isinstance(shape, list):
            return [one for inner in shape for one in beside(inner)]
        if not isinstance(shape, dict):
            return []
        return [*([shape] if isinstance(shape.get("$ref"), str) and len(shape) > 1 else []), *beside([*shape.values()])]

    assert [] == beside(whole())


@pytest.mark.parametrize(("part", "least", "most"), [("Defaults", 1, 15), ("Extension", 2, 10)])
def test_seconds_have_the_bounds_that_no_model_goes_beyond(part: str, least: int, most: int) -> None:
    """
    What each model takes is told by `check`; what none takes an editor underlines.
    """
    duration = parts()[part]["properties"]["duration"]

    assert (least, most) == (duration["minimum"], duration["maximum"])


SCENES = {"scenes": [{"id": "a", "prompt": "A red barn."}]}


@pytest.mark.parametrize(
    "board",
    [
        {**SCENES, "version": 2},
        {"scenes": []},
        {**SCENES, "cut": {"order": []}},
        {"scenes": [{"id": "a", "prompt": "A red barn.", "references": []}]},
    ],
)
def test_an_editor_underlines_what_no_model_would_take(problems: Callable[[str], str], board: dict[str, Any]) -> None:
    """
    Another version and lists that must not be empty: wrong for `check`, wrong for the schema.
    """
    assert problems(json.dumps(board))
    assert not Draft7Validator(whole()).is_valid(board)
    assert Draft7Validator(whole()).is_valid({**SCENES, "version": 1})


@pytest.mark.parametrize("part", sorted(parts()))
def test_every_field_is_in_the_language_reference(part: str) -> None:
    """
    docs/language.md names every field.
    """
    page = DOCS.read_text(encoding="utf-8")

    assert [] == [name for name in parts()[part]["properties"] if f"`{name}`" not in page]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_of_the_language_reference_is_right(read: Callable[[str], Storyboard]) -> None:
    """
    The storyboard in docs/language.md reads as printed, without a note.
    """
    board = read(blocks("yaml")[0])

    assert () == board.notes
    assert {"text", "image", "references", "clip"} == {scene.mode for scene in board.scenes}


def test_the_errors_of_the_language_reference_are_what_is_printed(problems: Callable[[str], str]) -> None:
    """
    The wrong storyboard in docs/language.md has the problems that are shown below it.
    """
    assert blocks("text")[0] == problems(blocks("yaml")[1])
