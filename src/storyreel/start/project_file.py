"""
The `storyreel.toml` of a new project, with its comments.
"""

from __future__ import annotations

from storyreel.settings.project_file import ALLOWED
from storyreel.settings.written import variables_in_files

_HEAD = """\
# This file makes the folder a project: its storyboards may use files from anywhere in it, and from nowhere else, and its desk
# (`storyreel studio`) is its own. What it may say stands below; take the # away to say it. It lowers what is spent and never raises it.
"""
_VALUES = {
    "out": '"films"',
    "budget": "5",
    "cap.day": "20",
    "cap.month": "100",
    "poll": "5",
    "desk.port": "4310",
    "desk.films_port": "4311",
}
"""A value for each of what a project may say."""


def project_text() -> str:
    """Return what a new project's `storyreel.toml` says: nothing is set yet, and all that may be stands there."""
    # Each by its whole name, so that one can be said without the others.
    lines = (f"{f'# {key} = {_VALUES[key]}':<30}# {variables_in_files()[key][0].meaning}" for key in ALLOWED)
    return "\n".join([_HEAD, *lines, ""])
