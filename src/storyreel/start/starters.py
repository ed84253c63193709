"""
The starters of `storyreel new`: storyboards with their comments, in which a project's own name is still to be written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from storyreel.example_boards import examples_folder
from storyreel.start.names import ProjectName

Starter = Literal["film", "ad", "drama", "series"]
"""`film` is what is made where nobody says which."""
BOARD = "board.yaml"
"""The file of a starter that is named after the project."""
MEDIA: Mapping[Starter, Mapping[str, str]] = {
    "film": {
        "media/village.jpg": "tram/hill.jpg",
        "media/poster.jpg": "tram/poster.jpg",
        "media/music.m4a": "tram/bed.m4a",
    },
    "ad": {"media/music.m4a": "tram/bed.m4a"},
    "drama": {},
    "series": {"media/music.m4a": "tram/bed.m4a"},
}
"""What each brings along, and which file of the example storyboards that is."""
_HERE = Path(__file__).parent / "starters"


def files_of(starter: Starter, name: ProjectName) -> dict[str, bytes]:
    """
    Return the files of a starter, by their places in the project's folder.

    Args:
        starter: Which one.
        name: The project's, which its storyboards are called by.
    """
    own = _HERE / starter
    files = {
        place.relative_to(own).as_posix(): _named(place.read_text(encoding="utf-8"), name).encode()
        for place in sorted(own.rglob("*.yaml"))
    }
    if BOARD in files:
        files = {f"{name.slug}.yaml": files.pop(BOARD), **files}
    return files | {place: (examples_folder() / source).read_bytes() for place, source in MEDIA[starter].items()}


def boards_of(files: Mapping[str, bytes]) -> list[str]:
    """Return which of the files are storyboards: those that stand in no folder."""
    return [place for place in files if place.endswith(".yaml") and "/" not in place]


def _named(text: str, name: ProjectName) -> str:
    # A name has no quotes and no braces in it (`names`), so that it stands within quotes as it is.
    return (
        text.replace("@TITLE@", json.dumps(name.title, ensure_ascii=False))
        .replace("@NAME@", name.title)
        .replace("@SLUG@", name.slug)
    )
