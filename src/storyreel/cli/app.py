"""
The command line: a person's door. It parses, calls, prints and exits; nothing below it does any of these.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from storyreel.catalog import load_catalog
from storyreel.cli import render as screen
from storyreel.cli.errors import Screen, at_the_rim
from storyreel.cli.vault import vault_app
from storyreel.cli.worker import sweep, worker
from storyreel.errors import SettingsError, StoryboardError
from storyreel.model.storyboard import Gate
from storyreel.settings import read_settings

app = App(
    name="storyreel",
    help="A storyboard becomes a finished film. Nothing is ever paid for twice, and no paid clip is ever lost.",
    version_flags=["--version"],
    help_epilogue="Exit codes: 0 done, 2 storyboard or settings, 3 service, 4 media, 5 vault, 6 budget, 7 a request "
    "whose answer was lost, 8 a person has to approve, 70 a defect of storyreel's, 130 stopped by Ctrl-C. Environment: XAI_API_KEY, XAI_BASE_URL, STORYREEL_VAULT, STORYREEL_OUT, STORYREEL_CATALOG, "
    "STORYREEL_POLL, STORYREEL_FFMPEG.",
)

Board = Annotated[Path, Parameter(help="The storyboard, a YAML file.")]
Json = Annotated[
    bool, Parameter(name="--json", negative="", show_default=False, help="Print data instead of a screen.")
]
Only = Annotated[
    tuple[str, ...],
    Parameter(
        name="--only",
        negative="",
        show_default=False,
        help="Buy for this scene only, and for what it continues. May be repeated.",
    ),
]
Redo = Annotated[
    tuple[str, ...],
    Parameter(
        name="--redo",
        negative="",
        show_default=False,
        help="Make this scene or step again: climb, climb/extend-2. What continues it follows. May be repeated.",
    ),
]
VaultAddress = Annotated[
    str | None,
    Parameter(
        name="--vault",
        help="Where takes are kept: file:/path. Default: STORYREEL_VAULT, else ~/.local/share/storyreel/vault.",
    ),
]
Rehearse = Annotated[
    bool,
    Parameter(
        name="--sandbox",
        negative="",
        show_default=False,
        help="Rehearse: nothing is generated and nothing is billed.",
    ),
]

Yes = Annotated[
    bool, Parameter(name="--yes", negative="", show_default=False, help="Do not ask; for scripts and the hurried.")
]


@app.command
def check(board: Board, /, *, as_json: Json = False) -> int:
    """
    Check a storyboard: every problem at once, each with its place and what to do. Nothing is sent.

    Example: storyreel check storyboards/lighthouse.yaml
    """
    from storyreel.production.read import read_plan

    try:
        storyboard, planned = read_plan(board, load_catalog(read_settings().catalog))
    except StoryboardError as error:
        if as_json:
            _print_json(screen.problems_json(error))
            return error.exit_code
        raise
    if as_json:
        _print_json(screen.checked_json(storyboard, planned))
    else:
        screen.checked(Screen(), storyboard, planned)
    return 0


@app.command
def plan(
    board: Board,
    /,
    *,
    only: Only = (),
    redo: Redo = (),
    vault: VaultAddress = None,
    sandbox: Rehearse = False,
    as_json: Json = False,
) -> int:
    """
    Show what a run would buy, reuse and cost, step by step. Nothing is sent, and no key is needed.

    Example: storyreel plan storyboards/lighthouse.yaml --redo climb
    """
    from storyreel.cli.approve import with_review
    from storyreel.planning.steps import within
    from storyreel.production.approval.status import approve_command
    from storyreel.production.asked import service_asked
    from storyreel.production.outlook import forecast
    from storyreel.production.pins import noted
    from storyreel.production.read import read_plan
    from storyreel.production.selectors import steps_named
    from storyreel.vault import open_vault

    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    _, planned = read_plan(board, catalog, only)
    kept = open_vault(vault or settings.vault, cache=settings.cache)
    service = asyncio.run(service_asked(settings, catalog, kept, sandbox=sandbox))
    planned = asyncio.run(noted(planned, kept, service))
    outlook = asyncio.run(
        forecast(planned, kept, service, allowed=within(planned, only), redo=steps_named(planned, redo))
    )
    how = approve_command(board, only=only, vault=vault, sandbox=sandbox)
    planned, outlook = asyncio.run(with_review(planned, outlook, kept, service, only, how))
    if as_json:
        _print_json(screen.plan_json(planned, outlook, service))
    else:
        screen.plan(Screen(), planned, outlook, service)
    return 0


@app.command
def shoot(
    board: Board,
    /,
    *,
    only: Only = (),
    redo: Redo = (),
    vault: VaultAddress = None,
    out: Annotated[
        Path | None, Parameter(name="--out", help="Folder for films. Default: STORYREEL_OUT, else out.")
    ] = None,
    budget: Annotated[
        float | None,
        Parameter(
            name="--budget",
            help="US dollars that this run may spend at most. Default: what the storyboard says, else 10.",
        ),
    ] = None,
    sandbox: Rehearse = False,
    yes: Yes = False,
) -> int:
    """
    Shoot a storyboard into a film. What the vault has is reused; only what is missing is bought.

    The film is OUT/SLUG/SLUG.mp4 (SLUG.sandbox.mp4 from the sandbox), beside it its cut list and a contact sheet.

    Example: storyreel shoot storyboards/lighthouse.yaml --sandbox
    """
    from storyreel.cli.shoot import Order, shoot_board

    order = Order(board=board, only=only, redo=redo, vault=vault, out=out, budget=budget, sandbox=sandbox, yes=yes)
    return shoot_board(order, Screen())


@app.command
def approve(
    board: Board,
    /,
    *,
    only: Only = (),
    gate: Annotated[
        Gate | None, Parameter(help="Where it waits. Default: where the storyboard's `review` says.")
    ] = None,
    shown: Annotated[
        str | None,
        Parameter(
            name="--as",
            help="What was shown, as `shoot` or `approve` printed it: exactly that is approved. Without it you are shown "
            "what is there and asked; where nobody can be asked, the command to approve it is printed (exit code 8).",
        ),
    ] = None,
    vault: VaultAddress = None,
    out: Annotated[
        Path | None, Parameter(name="--out", help="Folder for the sheet. Default: STORYREEL_OUT, else out.")
    ] = None,
    sandbox: Rehearse = False,
) -> int:
    """
    Approve what a storyboard with `review` has made so far. The next run goes on; one that is suspended is resumed.

    Example: storyreel approve storyboards/ad-spot.yaml
    """
    from storyreel.cli.approve import approve_board

    return approve_board(board, only, gate, vault, sandbox, Screen(), shown=shown, out=out)


@app.command
def resolve(
    board: Board,
    step: Annotated[
        str | None, Parameter(help="The step whose answer was lost: climb/extend-1, or a scene's id.")
    ] = None,
    /,
    *,
    request_id: Annotated[str | None, Parameter(help="The service did take it, under this id.")] = None,
    file: Annotated[Path | None, Parameter(help="The still that it made, as a picture.")] = None,
    lost: Annotated[
        bool, Parameter(negative="", show_default=False, help="It never arrived: the next run may send it again.")
    ] = False,
    every: Annotated[
        bool, Parameter(name="--all", negative="", show_default=False, help="With --lost: none of them ever arrived.")
    ] = False,
    listed: Annotated[
        bool, Parameter(name="--list", negative="", show_default=False, help="List them, with what is at stake.")
    ] = False,
    at_most: Annotated[
        float | None, Parameter(name="--at-most", help="US dollars that --all may put at stake, where nobody is asked.")
    ] = None,
    vault: VaultAddress = None,
    sandbox: Rehearse = False,
) -> int:
    """
    Say what became of a request whose answer was lost. It may have been billed, so only a person can.

    Example: storyreel resolve storyboards/lighthouse.yaml climb/extend-1 --request-id 71c2...
    """
    from storyreel.cli.resolve import Word, resolve_said

    word = Word(request_id, file, lost, every, listed, at_most)
    return resolve_said(board, step, word, vault, sandbox, Screen())


@app.command
def takes(board: Board, /, *, vault: VaultAddress = None, sandbox: Rehearse = False, as_json: Json = False) -> int:
    """
    List every take of a storyboard's steps: how it ended, what it cost, and the line that chooses it again.

    Example: storyreel takes storyboards/lighthouse.yaml
    """
    from storyreel.cli.takes import takes_of

    told = takes_of(board, vault, sandbox)
    if as_json:
        _print_json(told)
    else:
        screen.takes(Screen(), told)
    return 0


@app.command
def gc(*, vault: VaultAddress = None, yes: Yes = False) -> int:
    """
    Free what can be made again, and what belongs to no request. It says first what; no paid clip is ever removed.

    Example: storyreel gc
    """
    from storyreel.cli.gc import sweep_vault

    return sweep_vault(vault, yes=yes, console=Screen())


@app.command
def sandbox(
    *,
    port: Annotated[int, Parameter(help="Port on 127.0.0.1; 0 takes a free one.")] = 8765,
    folder: Annotated[Path | None, Parameter(help="Where its jobs are kept. Default: STORYREEL_SANDBOX.")] = None,
    latency: Annotated[float | None, Parameter(help="Seconds from accepted to done. Default: 0.2.")] = None,
    fault: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help="What is to go wrong: failed:internal_error@2 (docs/sandbox.md lists all). May be repeated.",
        ),
    ] = (),
    honour_idempotency: Annotated[
        bool, Parameter(negative="", show_default=False, help="Answer a repeated Idempotency-Key alike.")
    ] = False,
) -> int:
    """
    Serve the sandbox: the Imagine API, played by storyreel. Real video comes out, nothing is generated or billed.

    Example: storyreel sandbox --port 8765
    """
    from storyreel.sandbox import SandboxSettings, serve
    from storyreel.sandbox.api.faults import parse_fault

    settings = read_settings()
    if latency is not None and not 0 <= latency <= 3600:
        raise SettingsError(f"--latency {latency:g} is no number of seconds from 0 to 3600")
    config = SandboxSettings(
        folder=folder or settings.sandbox,
        latency_s=settings.sandbox_latency_s if latency is None else latency,
        faults=tuple(parse_fault(text) for text in fault),
        honour_idempotency=honour_idempotency,
    )

    def ready(bound: int) -> None:
        Screen().print(
            f"The sandbox is at http://127.0.0.1:{bound}/v1 - nothing is generated or billed. Ctrl-C stops it.\n"
            f"  XAI_API_KEY=k XAI_BASE_URL=http://127.0.0.1:{bound}/v1 storyreel shoot storyboards/lighthouse.yaml",
            highlight=False,
            soft_wrap=True,
        )

    asyncio.run(serve(config, load_catalog(settings.catalog), port=port, ready=ready))
    return 0


@app.command
def studio(
    *,
    port: Annotated[int, Parameter(help="Port of Prefect's page on 127.0.0.1.")] = 4200,
    films_port: Annotated[int | None, Parameter(help="Port of the films. Default: the next one.")] = None,
    folder: Annotated[
        Path | None,
        Parameter(
            help="Where its runs and logs are kept. Default: PREFECT_HOME, else ~/.local/share/storyreel/studio."
        ),
    ] = None,
    show: Annotated[
        bool, Parameter(name="--open", negative="", show_default=False, help="Let another browser into an open desk.")
    ] = False,
    env: Annotated[
        bool,
        Parameter(name="--env", negative="", show_default=False, help="Print what lets `prefect` into an open desk."),
    ] = False,
) -> int:
    """
    Open a desk: Prefect's server with its page, a worker, the films, and all deployments. Ctrl-C closes it.

    Nobody else gets in: the page by the address that is printed, once, and then by that browser alone.

    Example: storyreel studio --port 4300
    """
    if show or env:
        from storyreel.cli.entrance import open_page, show_settings

        return show_settings(folder) if env else open_page(folder, Screen())
    from storyreel.desk.studio import open_desk

    return open_desk(port, films_port, folder, Screen())


@app.command
def deploy() -> int:
    """
    Put all deployments on a Prefect server, with the work pool and the shared limits.

    The server is that of PREFECT_API_URL, else the desk that is open. It can be done again at any time.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api storyreel deploy
    """
    from storyreel.desk.deploy import deploy_all

    return deploy_all(Screen())


for _command in (worker, sweep, vault_app):
    app.command(_command)


@app.command
def films(
    *,
    port: Annotated[int, Parameter(help="Port to show them on; 0 takes a free one.")] = 4201,
    out: Annotated[
        Path | None, Parameter(name="--out", help="Folder of the films. Default: STORYREEL_OUT, else out.")
    ] = None,
    host: Annotated[
        str, Parameter(help="Address to show them on; another one than this lets others in.")
    ] = "127.0.0.1",
) -> int:
    """
    Show the films in a browser, each with its contact sheet and its cut list.

    Example: storyreel films --out out
    """
    from storyreel.delivery.page.server import listen, screen

    shown = (out or read_settings().out).absolute()
    with listen(host, port) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

        def ready() -> None:
            Screen().print(f"The films in {shown} are at {address} - Ctrl-C stops it.", soft_wrap=True)

        asyncio.run(screen(shown, listening, ready))
    return 0


def main() -> None:
    """Run the command line and exit with the code of the stage that failed."""
    sys.exit(at_the_rim(lambda: app(exit_on_error=False, print_error=False)))


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))
