"""
Editors get the schema and the way to it; nothing of their settings is lost.
"""

import json
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.cli.app import app
from storyreel.errors import SettingsError
from storyreel.start.editors import KEY, SCHEMA, VSCODE, add_to_vscode, for_neovim, install_schema

OURS = {f"./{SCHEMA}": "/*.yaml"}


def settings(folder: Path, text: str) -> Path:
    """Write the settings that VS Code has for a folder."""
    place = folder / VSCODE
    place.parent.mkdir()
    place.write_text(text, encoding="utf-8")
    return place


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]):
    """
    To standard output, and nothing else.
    """
    app(["schema"], result_action="return_value")

    assert "urn:storyreel:storyboard:1" == json.loads(capsys.readouterr().out)["$id"]


def test_it_is_written_beside_the_storyboards_and_renewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """
    Also in the place of that of an older version; the first line that a storyboard wants is said.
    """
    (tmp_path / SCHEMA).write_text('{"title": "A storyboard of storyreel, version 1"}')
    app(["schema", str(tmp_path), "--install", "--neovim"], result_action="return_value")
    told = capsys.readouterr().out

    assert "urn:storyreel:storyboard:1" == json.loads((tmp_path / SCHEMA).read_text())["$id"]
    assert f"# yaml-language-server: $schema={SCHEMA}" in told
    assert for_neovim(tmp_path) in told
    assert [SCHEMA] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("there", ["other", "link", "damaged"])
def test_what_is_none_of_ours_is_left(tmp_path: Path, there: str):
    """
    Another schema of that name, a link, something that is no JSON.
    """
    place = tmp_path / SCHEMA
    if there == "link":
        place.symlink_to(tmp_path / "elsewhere.json")
    else:
        place.write_text('{"title": "mine"}' if there == "other" else "{")
    with pytest.raises(SettingsError, match="none of ours; move it away"):
        install_schema(tmp_path, load_catalog())

    assert not (tmp_path / "elsewhere.json").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", {KEY: OURS}),
        ("{}", {KEY: OURS}),
        ('{\n\t"a": "é",\n\t"b": [1]\n}', {"a": "é", "b": [1], KEY: OURS}),
        ('{"yaml.schemas": {"x.json": "*.y"}}', {KEY: {"x.json": "*.y", **OURS}}),
        ('{\r\n  "a": 1,\r\n  "yaml.schemas": {\r\n  }\r\n}\r\n', {"a": 1, KEY: OURS}),
        ('\ufeff{"a": "\\ud800"}', {"a": "\ud800", KEY: OURS}),
        (json.dumps({KEY: {f"./{SCHEMA}": "mine.yaml"}}), {KEY: {f"./{SCHEMA}": "mine.yaml"}}),
    ],
)
def test_settings_of_vscode_are_added_to(tmp_path: Path, before: str, after: object):
    """
    What is there stays, in its order; what somebody has said themselves goes before; twice is as once.
    """
    place = settings(tmp_path, before)
    told = [add_to_vscode(tmp_path), add_to_vscode(tmp_path)]

    assert [None, None] == told
    assert list(after) == list(json.loads(place.read_text(encoding="utf-8-sig")))  # type: ignore[call-overload]
    assert after == json.loads(place.read_text(encoding="utf-8-sig"))


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', "[]", '{"yaml.schemas": true}', "{", "\u00e9" * 3, "[" * 5000, '{"yaml\\u002eschemas": {}}'],
)
def test_settings_that_would_lose_something_are_left_and_what_to_add_is_said(tmp_path: Path, text: str):
    """
    A name twice, another shape, a name that is written as nobody writes it.
    """
    place = settings(tmp_path, text)
    by_hand = add_to_vscode(tmp_path)

    assert by_hand is not None
    assert {KEY: OURS} == json.loads(by_hand[1])
    assert text == place.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("// mine\n", '// mine\n{\n  "yaml.schemas": {\n    @\n  }\n}\n'),
        ("{\n  // mine\n}", '{\n  // mine\n  "yaml.schemas": {\n    @\n  }\n}'),
        ('{\n\t"a": [1, 2], // }\n}\n', '{\n\t"a": [1, 2], // }\n\t"yaml.schemas": {\n\t\t@\n\t}\n}\n'),
        ('{"a": 1e3 /* } */}', '{"a": 1e3, /* } */\n  "yaml.schemas": {\n    @\n  }\n}'),
        (
            '{\r\n  "yaml.schemas": {\r\n    "x": "y" // mine\r\n  }\r\n}',
            '{\r\n  "yaml.schemas": {\r\n    "x": "y", // mine\r\n    @\r\n  }\r\n}',
        ),
    ],
)
def test_what_settings_have_else_stays_to_the_letter(tmp_path: Path, before: str, after: str):
    """
    Comments, a comma at the end, lists on one line, line ends, and who may read it.
    """
    place = settings(tmp_path, "")
    place.write_bytes(before.encode())
    place.chmod(0o600)
    left_alone = add_to_vscode(tmp_path)

    assert left_alone is None
    assert after.replace("@", f'"./{SCHEMA}": "/*.yaml"') == place.read_bytes().decode()
    assert 0o600 == place.stat().st_mode & 0o777


def test_settings_that_are_read_only_are_left(tmp_path: Path):
    """
    Whoever took the right to write away has meant it.
    """
    place = settings(tmp_path, "{}")
    place.chmod(0o444)
    left_alone = add_to_vscode(tmp_path)

    assert left_alone is not None
    assert "may not be written to" == left_alone[0]
    assert "{}" == place.read_text()


def test_settings_that_are_a_link_are_left(tmp_path: Path):
    """
    Whoever keeps them elsewhere writes them there.
    """
    (tmp_path / "elsewhere.json").write_text("{}")
    (tmp_path / ".vscode").mkdir()
    (tmp_path / VSCODE).symlink_to(tmp_path / "elsewhere.json")

    assert add_to_vscode(tmp_path) is not None
    assert "{}" == (tmp_path / "elsewhere.json").read_text()


def test_where_there_are_no_settings_they_are_made(tmp_path: Path):
    """
    With the folder that VS Code looks for.
    """
    assert add_to_vscode(tmp_path) is None
    assert {KEY: OURS} == json.loads((tmp_path / VSCODE).read_text())
