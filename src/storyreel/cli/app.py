"""
The command line: which commands there are. Each has a file of its name, which is loaded when it is called.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence

from cyclopts import App, Group

from storyreel.cli.errors import at_the_rim
from storyreel.systems import check_shoots
from storyreel.variables.table import TABLE

LISTED: Mapping[str, Mapping[str, str]] = {
    "A film": {
        "new": "Begin a project: a folder with a storyboard that checks and shoots as it is, and says in comments what is what.",
        "check": "Check a storyboard: every problem at once, each with its place and what to do. Nothing is sent.",
        "schema": "Print the JSON schema of storyboards, for editors: what they complete, explain and underline. `--install` writes it "
        "beside yours.",
        "explain": "Say what a code of `storyreel check` means, with an example that has it and one that has not.",
        "plan": "Show what a run would buy, reuse and cost, step by step, and why. Nothing is sent, and no key is needed.",
        "why": "Say why a plan buys a step or reuses it: what was last sent for it beside what would be sent now, and all "
        "above it.",
        "shoot": "Shoot a storyboard into its films. What the vault has is reused; only what is missing is bought.",
        "approve": "Approve what a storyboard with `review` has made so far. The next run goes on; one that is suspended is "
        "resumed.",
        "page": "Write a board's page: its films, its scenes with all their takes side by side, what is stale, what waits, what it cost.",
        "export": "Put a film's clips, its sound as stems and its timeline into a folder, for Resolve, Premiere, Final Cut and whatever "
        "reads one of their formats.",
        "films": "Show the films in a browser: an index, and the page of each storyboard of a folder, as it is now. Nothing can be written there.",
    },
    "Takes and money": {
        "watch": "Show what runs are doing, on whatever machine, until Ctrl-C: claimed, accepted and since when, made, failed, or "
        "waiting for you.",
        "status": "Show how each storyboard of a folder stands: current, stale, failed, waiting or never shot, why, and what a "
        "run would buy.",
        "takes": "List every take of a storyboard's steps: how it ended, what it cost, the films that use it, and the line that chooses "
        "it again.",
        "pin": "Write into a storyboard which take of a step it uses, in one line that leaves all else as it stands; or take that back.",
        "costs": "Show what a vault has cost, by month, storyboard, variant and kind of step: what was charged, and what is not known yet.",
        "budget": "Show what is spent, held and left of the caps of a day and a month, over all runs of a vault, in UTC.",
        "resolve": "Say what became of a request whose answer was lost. It may have been billed, so only a person can.",
        "vault": "Look after the vault in which takes are kept.",
        "gc": "Free what can be made again, and what belongs to no request. It says first what; no paid clip is ever removed.",
    },
    "Where it runs": {
        "studio": "Open a desk: Prefect's server with its page, a worker, the films, and all deployments. Ctrl-C closes it.",
        "deploy": "Put all deployments on a Prefect server, with the work pool and the shared limits.",
        "worker": "Work for a Prefect server of your own: run what is deployed there, and take up what died. A desk has its own "
        "worker.",
        "sweep": "Take up the runs that died on a Prefect server of your own whose workers are Prefect's; `storyreel worker` does "
        "it too.",
        "sandbox": "Serve the sandbox: the Imagine API, played by storyreel. Real video comes out, nothing is generated or billed.",
        "doctor": "Look at all that a shoot needs: the key, models, files, folders, the vault, ffmpeg, disks, clock, Prefect and the desk.",
        "models": "List the models: what each can do, its limits, prices, where that is known from, and whether your key may use it.",
        "settings": "Show every variable that storyreel reads: what it holds, where that comes from, and what it "
        "is for.",
    },
}
"""What each command is for, as the list of commands has it: the list loads none of them. Its own help says it too."""

COMMANDS = tuple(name for group in LISTED.values() for name in group)


EXIT_CODES = (
    "0 done, 1 a person said no, 2 storyboard or settings, 3 service, 4 media, 5 vault, 6 budget, 7 a request whose answer was lost, "
    "8 a person has to approve, 70 a defect of storyreel's, 130 stopped by Ctrl-C."
)
"""What the number says that a command ends with."""


def _app() -> App:
    return App(
        name="storyreel",
        help="A storyboard becomes a finished film. Nothing is ever paid for twice, and no paid clip is ever lost.",
        version_flags=["--version"],
        help_epilogue=f"Exit codes: {EXIT_CODES} Environment: {', '.join(variable.name for variable in TABLE if not variable.ours)}; storyreel settings says what each is for.",
    )


app = _app()
for _name in COMMANDS:
    app.command(f"storyreel.cli.{_name}:{'vault_app' if _name == 'vault' else _name}", name=_name)


def commands() -> App:
    """Return what lists all commands and has none of them: to say what there is takes no time."""
    listing = _app()
    # Plain text needs no reader of Markdown, which takes longer to load than all the rest of the list.
    listing.help_format = "plaintext"
    for place, (group, listed) in enumerate(LISTED.items()):
        panel = Group(group, sort_key=place)
        for number, (name, what) in enumerate(listed.items()):
            listing.command(App(name=name, help=what.replace("`", ""), group=panel, sort_key=number))
    return listing


SELDOM = 1_000_000
"""
New things until they are looked through for what nobody needs any more. What a storyboard is read into lives until the end; looked through as
often as Python does (every 700), 1,000 scenes take a sixth more of CPU.
"""


SHOOT = frozenset({"shoot", "studio", "worker", "deploy", "sweep"})
"""Commands that want a system on which films can be shot; what they are made of cannot be loaded on another one."""


QUICK = frozenset({"check", "plan"})
"""Commands that are typed all day, read and print, and begin nothing that would have to be ended."""


def _call(named: Sequence[str]) -> object:
    if named and named[0] in SHOOT:
        check_shoots(f"storyreel {named[0]}")
    return (app if named else commands())(exit_on_error=False, print_error=False)


def run_command() -> int:
    """Run the command line, and return the code of the stage that failed."""
    named = [word for word in sys.argv[1:] if word in COMMANDS]
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
    if named and named[0] in {*QUICK, "shoot"}:
        # Else pydantic looks through each package that is installed for one that would look on as it validates.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    return at_the_rim(lambda: _call(named))


def main() -> None:
    """Run the command line and end this process with the code of the stage that failed."""
    code = run_command()
    # Before it ends, Python looks several times through all that was loaded for what nobody needs any more: a sixth of a `check`.
    gc.freeze()
    if next((word for word in sys.argv[1:] if word in COMMANDS), "") in QUICK:
        # And it takes all of that apart, piece by piece, before the system throws it away at once. What is printed is printed by now.
        os._exit(code)
    sys.exit(code)
