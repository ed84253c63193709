"""
Have editors know the language: the schema beside the storyboards, and the settings that lead to it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.errors import MachineError, MediaError, SettingsError
from storyreel.files.own_file import own_file
from storyreel.files.place import place_bytes
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.start.commented_json import with_entry
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


def add_to_vscode(folder: Path) -> tuple[str, str] | None:
    """
    Have VS Code use the schema for the storyboards of a folder that it has open; what its settings have else stays, to the letter.

    Returns:
        Why that is not done, and what a person is to add themselves: it is a link, may not be written to, or is no settings. Else None.

    Raises:
        MachineError: The settings cannot be read or written.
    """
    place = folder / VSCODE
    by_hand = json.dumps({KEY: {f"./{SCHEMA}": BOARDS}}, indent=2)
    if place.is_symlink() or place.parent.is_symlink():
        return "is a link, and left alone", by_hand
    try:
        if not place.exists():
            _placed(place, f"{by_hand}\n")
            return None
        file = own_file(place, Path(), WORDS_MOST)
        text = with_entry(file.text, KEY, f"./{SCHEMA}", BOARDS)
        if text is None:
            return "is nothing that can be added to, and left alone", by_hand
        if not os.access(file.path, os.W_OK) or not file.mode & 0o222:
            return "may not be written to", by_hand
        if text != file.text:
            file.replace(text)
    except UnicodeDecodeError:
        return "is no UTF-8, and left alone", by_hand
    except (OSError, SettingsError) as error:
        raise MachineError(str(error)) from None
    return None


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
