"""
Begin a project: `storyreel new`.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def new(
    name: Annotated[
        str, Parameter(help="Of the project: a folder of that name is made, with a storyboard of that name in it.")
    ],
    /,
    *,
    template: Annotated[
        Literal["film", "ad", "drama", "series"],
        Parameter(
            name="--template",
            help="What it begins with: film (a bit of everything), ad (two languages, two formats), drama (a cast whose stills "
            "are approved first), series (three episodes with one cast).",
        ),
    ] = "film",
) -> int:
    """
    Begin a project: a folder with a storyboard that checks and shoots as it is, and says in comments what is what.

    Nothing that is there already is touched.

    Example: storyreel new film

    Example: storyreel new spot --template ad
    """
    # What only says how it is called loads nothing of it.
    from storyreel.catalog import load_catalog
    from storyreel.cli.errors import Screen
    from storyreel.console import say
    from storyreel.settings import read_settings
    from storyreel.start.names import project_name
    from storyreel.start.project import begin_project
    from storyreel.start.starters import files_of

    called = project_name(name)
    project = begin_project(called, Path.cwd(), files_of(template, called), load_catalog(read_settings().catalog))
    boards = [shlex.quote(f"{called.folder}/{board.name}") for board in project.boards]
    every, first, screen = boards[0] if len(boards) == 1 else shlex.quote(called.folder), boards[0], Screen()
    say(screen, ("made ", "green"), ", ".join(boards), ", with comments on what is what; next:")
    say(screen, f"  storyreel shoot {first} --sandbox    # rehearse it: no key, nothing is billed")
    say(screen, f"  storyreel plan {every}    # what it would buy, and what that costs")
    say(screen, f"  XAI_API_KEY=... storyreel shoot {first}    # for real; it asks before it spends")
    return 0
