"""
Begin a project: `storyreel new`.
"""

from __future__ import annotations

import shlex
from functools import partial
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
        Literal["film", "ad", "drama", "series"] | None,
        Parameter(
            name="--template",
            help="What it begins with: film (the default, a bit of everything), ad (two languages, two formats), drama (a cast whose stills "
            "are approved first), series (three episodes with one cast).",
        ),
    ] = None,
    shots: Annotated[
        Path | None,
        Parameter(
            name="--from",
            help="Begin with a list of shots instead, a CSV as spreadsheets write it or JSON: columns such as scene, shot, description, "
            "duration, camera, dialogue, notes.",
        ),
    ] = None,
) -> int:
    """
    Begin a project: a folder with a storyboard that checks and shoots as it is, and says in comments what is what.

    Nothing that is there already is touched.

    Example: storyreel new film

    Example: storyreel new spot --template ad

    Example: storyreel new episode --from shots.csv
    """
    # What only says how it is called loads nothing of it.
    from storyreel.catalog import load_catalog
    from storyreel.cli.errors import Screen
    from storyreel.console import counted, say
    from storyreel.errors import SettingsError
    from storyreel.settings import read_settings
    from storyreel.start.names import project_name
    from storyreel.start.project import begin_project
    from storyreel.start.starters import files_of

    called, catalog, screen = project_name(name), load_catalog(read_settings().catalog), Screen()
    if shots is None:
        project = begin_project(called, Path.cwd(), files_of(template or "film", called), catalog)
    else:
        from storyreel.start.shot_list import board_of, check_board, read_shots, read_table

        if template is not None:
            raise SettingsError(
                "--template and --from: a project begins with a starter or with a list of shots; leave one out"
            )
        listed = read_shots(shots, read_table(shots), catalog)
        files = {f"{called.slug}.yaml": board_of(called, shots.name, listed).encode()}
        project = begin_project(called, Path.cwd(), files, catalog, partial(check_board, listed))
        for note in listed.notes:
            say(screen, f"note: {note}")
    boards = [shlex.quote(f"{called.folder}/{board.name}") for board in project.boards]
    every, first = boards[0] if len(boards) == 1 else shlex.quote(called.folder), boards[0]
    what = "with comments on what is what" if shots is None else f"{counted(len(listed.shots), 'scene')}"
    say(screen, ("made ", "green"), ", ".join(boards), f", {what}; next:")
    say(screen, f"  storyreel shoot {first} --sandbox    # rehearse it: no key, nothing is billed")
    say(screen, f"  storyreel plan {every}    # what it would buy, and what that costs")
    say(screen, f"  XAI_API_KEY=... storyreel shoot {first}    # for real; it asks before it spends")
    return 0
