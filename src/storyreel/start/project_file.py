"""
The `storyreel.toml` of a new project, with its comments.
"""

from __future__ import annotations

TEXT = """\
# This file makes the folder a project's: its storyboards may use files from anywhere in it, and from nowhere else.
"""


def project_text() -> str:
    """Return what a new project's `storyreel.toml` says: nothing is set yet."""
    return TEXT
