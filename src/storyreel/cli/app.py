"""
The command line: which commands there are. Each has a file of its name, which is loaded when it is called.
"""

from __future__ import annotations

import sys

from cyclopts import App

from storyreel.cli.errors import at_the_rim
from storyreel.variables.table import TABLE

app = App(
    name="storyreel",
    help="A storyboard becomes a finished film. Nothing is ever paid for twice, and no paid clip is ever lost.",
    version_flags=["--version"],
    help_epilogue="Exit codes: 0 done, 1 a person said no, 2 storyboard or settings, 3 service, 4 media, 5 vault, 6 budget, 7 a request "
    "whose answer was lost, 8 a person has to approve, 70 a defect of storyreel's, 130 stopped by Ctrl-C. Environment: "
    f"{', '.join(variable.name for variable in TABLE if not variable.ours)}; storyreel settings says what each is for.",
)

COMMANDS = (
    "check",
    "explain",
    "plan",
    "why",
    "shoot",
    "approve",
    "resolve",
    "takes",
    "gc",
    "sandbox",
    "studio",
    "deploy",
    "worker",
    "sweep",
    "films",
    "vault",
    "settings",
)

for _name in COMMANDS:
    app.command(f"storyreel.cli.{_name}:{'vault_app' if _name == 'vault' else _name}", name=_name)


def main() -> None:
    """Run the command line and exit with the code of the stage that failed."""
    if not set(COMMANDS) & set(sys.argv[1:]):
        # The list of commands says what each is for, which is in their files.
        for name in COMMANDS:
            app[name]
    sys.exit(at_the_rim(lambda: app(exit_on_error=False, print_error=False)))
