"""
The first time that a project opens a desk of its own: what the user's own desk has to do is named first, since it stays there.

Its database is read as it is, whether that desk is open or not; nothing is written, and Prefect is not imported.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console

from storyreel.console import agreed, say
from storyreel.desk.home import DATABASE
from storyreel.errors import SettingsError

SHOWN = 8
"""How many schedules and runs are named one by one."""
_SCHEDULES = """
SELECT flow.name, deployment.name, deployment_schedule.schedule FROM deployment_schedule
JOIN deployment ON deployment.id = deployment_schedule.deployment_id JOIN flow ON flow.id = deployment.flow_id
WHERE deployment_schedule.active AND NOT deployment.paused ORDER BY 1, 2
"""
_RUNS = """
SELECT name, state_name FROM flow_run
WHERE state_type IN ('PAUSED', 'RUNNING', 'PENDING') OR (state_type = 'SCHEDULED' AND NOT auto_scheduled) ORDER BY 1
"""


def work_of(folder: Path) -> tuple[str, ...]:
    """
    Return what a desk has to do, a line each: schedules that are on, and runs that wait or are under way.

    Args:
        folder: The desk's; where there is no database in it, it has nothing to do.

    Raises:
        SettingsError: Its database cannot be read.
    """
    database = folder / DATABASE
    if not database.is_file():
        return ()
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
            return tuple(_lines(opened))
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return ()  # nothing in it yet
        raise SettingsError(f"the database {database} cannot be read ({error}); try again in a moment") from None
    except sqlite3.DatabaseError as error:
        raise SettingsError(
            f"the database {database} is damaged ({error}); move it away, and a new one is made"
        ) from None


def may_begin(project: Path, users: Path, console: Console, *, yes: bool) -> bool:
    """
    Return whether a project's first desk is opened: at once where the user's own has nothing to do, else as a person says.

    Args:
        project: The project's folder.
        users: The folder of the user's own desk.
        yes: Whether a person has said so already.

    Raises:
        SettingsError: Nobody is there to be asked.
    """
    if yes or not (work := work_of(users)):
        return True
    say(console, f"Your own desk, in {users}, has work of its own:")
    for line in work[:SHOWN]:
        say(console, f"  {line}")
    if len(work) > SHOWN:
        say(console, f"  and {len(work) - SHOWN} more")
    say(console, f"All of it stays there, and runs while that desk is open (storyreel studio, outside of {project}).")
    question = f"Open a desk for {project} beside it?"
    if not (sys.stdin.isatty() and console.is_terminal):
        raise SettingsError(f"{question} Nobody is here to be asked: say it with --yes")
    return agreed(console, question)


def _lines(opened: sqlite3.Connection) -> Iterator[str]:
    for flow, deployment, schedule in opened.execute(_SCHEDULES):
        yield f"schedule: {flow}/{deployment}{_when(schedule)}"
    for name, state in opened.execute(_RUNS):
        yield f"run: {name}, {str(state or 'waits').lower()}"


def _when(schedule: object) -> str:
    """Return when a schedule is due, in its own words; empty where it has none that a person knows."""
    try:
        words = json.loads(schedule) if isinstance(schedule, str | bytes) else {}
        when = (
            words.get("cron") or words.get("rrule") or (f"every {words['interval']:g} s" if "interval" in words else "")
        )
        return f" ({when}{f', {zone}' if (zone := words.get('timezone')) else ''})" if when else ""
    except (ValueError, TypeError, AttributeError):
        return ""
