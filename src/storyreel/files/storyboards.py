"""
Which storyboards a folder has.
"""

from __future__ import annotations

from pathlib import Path


def storyboards_of(folder: Path) -> tuple[Path, ...]:
    """Return the YAML files that stand in a folder itself, by name; hidden ones are left alone."""
    return tuple(
        sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in (".yaml", ".yml") and not path.name.startswith(".") and path.is_file()
        )
    )
