"""
The table of fields: whatever is declared in it is known everywhere that speaks of fields.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.storyboard.fields import Part
from storyreel.storyboard.grammar import about, fields_of, meaning, other_words, parts

SOURCE = Path(__file__).parents[2] / "src" / "storyreel"
ROWS = [(part, name) for part in parts() for name in fields_of(part)]

NEW = '''
    mood: Annotated[Words, About("a mood, as in calm", ("feeling",))] = ""
    """How it feels, for people."""
'''
ASK = """
import json
from pathlib import Path
from storyreel.catalog import load_catalog
from storyreel.errors import StoryboardError
from storyreel.storyboard import load, schema
from storyreel.storyboard.reference import tables

def problem(line):
    try:
        load(Path("a.yaml"), catalog=load_catalog(), measure=None, text=f"scenes: [{{id: a, prompt: b, {line}}}]")
    except StoryboardError as error:
        return " ".join(f"{each.message}; {each.remedy}" for each in error.problems)

print(json.dumps({
    "schema": schema(load_catalog())["definitions"]["Scene"]["properties"].get("mood"),
    "value": problem("mood: 3"),
    "other word": problem("feeling: calm"),
    "typo": problem("moood: calm"),
    "elsewhere": problem("then: [{extend: c, moods: d}]"),
    "right": problem("mood: calm"),
    "docs": [line for line in tables(load_catalog()).splitlines() if line.startswith("| `mood`")],
}))
"""


def test_a_field_that_is_declared_is_known_to_schema_messages_and_docs(tmp_path: Path):
    """
    One line in a copy of the table: an editor explains it, a check says what it takes and finds it by other words, the
    reference lists it.
    """
    shutil.copytree(SOURCE, tmp_path / "storyreel", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "storyreel/storyboard/fields/scene.py"
    before, scene, after = table.read_text(encoding="utf-8").partition("class Scene(Part):")
    last = '    """For people."""\n'
    assert last in after
    table.write_text(before + scene + after.replace(last, last + NEW, 1), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}
    )

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "schema": {"description": "How it feels, for people.", "type": "string"},
        "value": "mood is the number 3; it must be a mood, as in calm; put it in quotes",
        "other word": "there is no 'feeling' in a scene; did you mean 'mood'?",
        "typo": "there is no 'moood' in a scene; did you mean 'mood'?",
        "elsewhere": "there is no 'moods' in an item of `then`; known here: extend, duration, model, take, pin",
        "right": None,
        "docs": ["| `mood` | a mood, as in calm | How it feels, for people. |"],
    }


@pytest.mark.parametrize(("part", "name"), ROWS, ids=[f"{part.__name__}.{name}" for part, name in ROWS])
def test_every_field_says_what_it_means(part: type[Part], name: str):
    """
    A sentence for the schema and the docs stands below it.
    """
    assert meaning(part, name).endswith(".")


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.__name__)
def test_no_other_word_for_a_field_is_a_field_of_its_own(part: type[Part]):
    """
    What people write for one field must not be another one.
    """
    assert not set(other_words(part)) & set(fields_of(part))
    assert part.TITLE


def test_what_a_field_offers_is_what_the_catalogue_has():
    """
    Models, ratios and resolutions are listed nowhere else.
    """
    catalog = load_catalog()
    offered = {word for part, name in ROWS if (note := about(fields_of(part)[name])) for word in note.known(catalog)}

    assert {*catalog.video, *catalog.still, *catalog.sizes, *catalog.still_aspect_ratios} <= offered
