"""
A new project: its files, checked before its folder is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.files.project import MARK
from storyreel.media import measure, measure_sound
from storyreel.model.storyboard import Storyboard
from storyreel.start.editors import SCHEMA, schema_text
from storyreel.start.names import ProjectName
from storyreel.start.project_file import project_text
from storyreel.start.project_folder import make_folder
from storyreel.start.starters import boards_of
from storyreel.storyboard import load_all


@dataclass(frozen=True)
class Project:
    """A project's folder, and the storyboards in it, in their order."""

    folder: Path
    boards: tuple[Path, ...]


def begin_project(
    name: ProjectName,
    within: Path,
    files: Mapping[str, bytes],
    catalog: Catalog,
    check_also: Callable[[Sequence[Storyboard]], None] = lambda _: None,
) -> Project:
    """
    Make a project's folder with a starter's files, a `storyreel.toml` and the schema for editors in it.

    Each of its storyboards is loaded with its media before anything stands where people look.

    Args:
        name: What it is called.
        within: The folder that its own is made in.
        files: By place in it.
        catalog: What the storyboards are held against.
        check_also: Called with each storyboard as it was loaded; what it raises is raised, and nothing is made.

    Raises:
        SettingsError: Something of that name is there already.
        StoryboardError: A storyboard is wrong. Nothing was made.
        MachineError: It cannot be written here.
    """
    boards = boards_of(files)
    whole = {**files, MARK: project_text().encode(), SCHEMA: schema_text(catalog).encode()}

    def check(folder: Path) -> None:
        for board in boards:
            check_also(load_board(folder / board, catalog))

    place = within / name.folder
    make_folder(place, whole, check)
    return Project(place, tuple(place / board for board in boards))


def load_board(path: Path, catalog: Catalog) -> tuple[Storyboard, ...]:
    """Load a storyboard whole, with its media."""
    return load_all(path, catalog=catalog, measure=measure, measure_sound=measure_sound)
