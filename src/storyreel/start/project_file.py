"""
The `storyreel.toml` of a new project, with its comments.
"""

from __future__ import annotations

TEXT = """\
# This file makes the folder a project's: its storyboards may use files from anywhere in it, and from nowhere else.
# What stands here holds for whoever works in it. It lowers what may be spent and never raises it, and names no place outside of this folder;
# where takes are kept, and what holds for you alone, is in your own settings file: storyreel settings says where that is.

# out = "out"          # where films go, a folder in this one
# budget = 10          # US dollars that a run may spend at most
# poll = 5             # seconds between two questions for the same clip, 1 to 60

# [cap]
# day = 20             # US dollars that all runs of a day may spend, in UTC
# month = 100          # and of a month

# [desk]               # the ports of this project's desk: storyreel studio
# port = 4210
# films_port = 4211
"""


def project_text() -> str:
    """Return what a new project's `storyreel.toml` says: nothing is set yet."""
    return TEXT
