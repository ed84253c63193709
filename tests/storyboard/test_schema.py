"""
The schema that editors use, and the page that people read: both know the language as it is.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from storyreel.catalog import load_catalog
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import schema

DOCS = Path(__file__).parents[2] / "docs" / "language.md"


def parts() -> dict[str, dict[str, Any]]:
    """Return all shapes that have fields: variables have names of the writer's own."""
    made = schema(load_catalog())
    return {"Sheet": made, **{name: shape for name, shape in made["$defs"].items() if "properties" in shape}}


def test_the_schema_in_the_folder_is_that_of_the_language(storyboards: Path) -> None:
    """
    `storyboards/storyboard.schema.json` is written from the language by `make docs`.
    """
    assert schema(load_catalog()) == json.loads((storyboards / "storyboard.schema.json").read_text(encoding="utf-8"))


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
    assert not Draft202012Validator(schema(load_catalog())).is_valid(board)
    assert Draft202012Validator(schema(load_catalog())).is_valid({**SCENES, "version": 1})


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
