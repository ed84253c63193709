"""
Have editors know the language: the schema beside the storyboards, and the settings that lead to it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from storyreel.catalog import Catalog
from storyreel.errors import MachineError, MediaError, SettingsError
from storyreel.files.place import place_bytes
from storyreel.files.regular import WORDS_MOST, read_plain, reason_of
from storyreel.storyboard import schema
from storyreel.storyboard.schema import URN

SCHEMA = "storyboard.schema.json"
"""What an editor reads, beside the storyboards, whose first line names it."""
MODELINE = f"# yaml-language-server: $schema={SCHEMA}"
VSCODE = Path(".vscode") / "settings.json"
KEY = "yaml.schemas"
"""Where the YAML extension of VS Code (redhat.vscode-yaml) looks for schemas; from its README, read 2026-11-28."""
BOARDS = "/*.yaml"
"""Which files it is for, as that extension takes it: those of the folder itself."""


def schema_text(catalog: Catalog) -> str:
    """Return the schema as a file has it."""
    return json.dumps(schema(catalog), indent=2, ensure_ascii=False) + "\n"


def install_schema(folder: Path, catalog: Catalog) -> Path:
    """
    Put the schema beside the storyboards of a folder; one of ours that is there already is renewed.

    Raises:
        SettingsError: There is no such folder, or something else has that name.
        MachineError: It cannot be written.
    """
    place = folder / SCHEMA
    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder; name the one that the storyboards are in")
    if place.is_symlink() or (place.exists() and not _is_ours(place)):
        raise SettingsError(f"{place} is there already, and none of ours; move it away")
    _placed(place, schema_text(catalog))
    return place


def _is_ours(place: Path) -> bool:
    try:
        data = json.loads(read_plain(place, WORDS_MOST))
    except (OSError, ValueError, RecursionError):
        return False
    # That of 0.1 had no name yet.
    return isinstance(data, dict) and (data.get("$id") == URN or "storyboard of storyreel" in str(data.get("title")))


def add_to_vscode(folder: Path) -> str | None:
    """
    Have VS Code use the schema for the storyboards of a folder that it has open; what its settings have else stays.

    Returns:
        What a person is to add themselves, where that cannot be done without losing something: comments, a link, another shape.

    Raises:
        MachineError: The settings cannot be read or written.
    """
    place = folder / VSCODE
    by_hand = json.dumps({KEY: {f"./{SCHEMA}": BOARDS}}, indent=2)
    if place.is_symlink() or place.parent.is_symlink():
        return by_hand
    text = ""
    try:
        text = read_plain(place, WORDS_MOST).decode("utf-8")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise MachineError(f"{place} {reason_of(error)}") from None
    except UnicodeDecodeError:
        return by_hand
    settings = _settings_in(text)
    schemas = None if settings is None else settings.setdefault(KEY, {})
    if settings is None or not isinstance(schemas, dict):
        return by_hand
    if schemas.setdefault(f"./{SCHEMA}", BOARDS) != BOARDS:
        return None  # somebody has said themselves which files it is for
    indent = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    _placed(place, json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n")
    return None


def _settings_in(text: str) -> dict[str, Any] | None:
    """Return the settings of a file; None where it has comments, or names one twice: to write it anew would lose some of it."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    try:
        settings = json.loads(text, object_pairs_hook=once) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
    return settings if isinstance(settings, dict) else None


def for_neovim(folder: Path) -> str:
    """Return what goes into a configuration of Neovim (0.11 and newer) for its YAML language server."""
    place = json.dumps(str(folder.absolute() / SCHEMA), ensure_ascii=False)
    boards = json.dumps(f"{folder.absolute()}/*.yaml", ensure_ascii=False)
    schemas = f"{{ [{place}] = {boards} }}"
    return (
        f'vim.lsp.config("yamlls", {{ settings = {{ yaml = {{ schemas = {schemas} }} }} }})\nvim.lsp.enable("yamlls")'
    )


def _placed(place: Path, text: str) -> None:
    try:
        place_bytes(text.encode(), place)
    except MediaError as error:
        raise MachineError(str(error)) from None
