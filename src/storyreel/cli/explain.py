"""
Say more about what a check has said: `storyreel explain`.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.errors import Screen
from storyreel.console import say
from storyreel.diagnostics.codes import pages
from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError


def explain(
    code: Annotated[str | None, Parameter(help="As a check shows it in brackets. Without one all are listed.")] = None,
    /,
) -> int:
    """
    Say what a code of `storyreel check` means, with an example that has it and one that has not.

    Example: storyreel explain yaml-comment
    """
    screen = Screen()
    if code is None:
        widest = max(map(len, pages()))
        for each in pages().values():
            say(screen, (f"{each.code:<{widest}}", "bold"), f"  {each.summary}")
        return 0
    page = pages().get(code.strip("[]").lower())
    if page is None:
        likely = did_you_mean(code, pages())
        raise SettingsError(f"there is no code {code!r}; {likely or 'storyreel explain lists all of them'}")
    say(screen, str(page))
    return 0
