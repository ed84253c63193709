"""
storyreel for programs: what the commands do, as functions.

    import asyncio
    from storyreel import api

    result = asyncio.run(api.shoot("storyboards/lighthouse.yaml", sandbox=True))
    print(result.film.path)

A film is shot here without Prefect, in this process, with the same vault and the same promise: nothing is ever paid for
twice, and no paid clip is lost. Settings come from the environment, as for the commands. Every error is a `StoryreelError`
that says what to do. What is named here stays; other modules may change with each version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from uuid import uuid4

from storyreel.catalog import Catalog, load_catalog
from storyreel.delivery.film import Film
from storyreel.delivery.places import check_out, places_of
from storyreel.delivery.rough import RoughCut
from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.errors import SettingsError, StoryboardError, StoryreelError
from storyreel.model.events import Event
from storyreel.model.storyboard import Storyboard
from storyreel.production.approval.gate import Approver, pass_gate
from storyreel.production.approval.named import StillsAsked
from storyreel.production.approval.review import Look, Review
from storyreel.production.approval.stills import Decision
from storyreel.production.caller import Caller
from storyreel.production.open import open_sessions
from storyreel.production.plan_data import PlanData, plan_data
from storyreel.production.prepare import Prepared, prepare, prepare_all
from storyreel.production.read_plan import read_plan, read_plans
from storyreel.production.rough import cut_from_vault
from storyreel.production.run import RunResult, run
from storyreel.production.run_all import run_all
from storyreel.production.service import service_asked
from storyreel.production.session import Session
from storyreel.production.takes_data import TakesData, takes_data
from storyreel.production.top_sheet import top_sheet
from storyreel.settings import read_settings

__all__ = [
    "Decision",
    "Diagnostic",
    "Event",
    "Film",
    "Look",
    "PlanData",
    "Review",
    "RoughCut",
    "RunResult",
    "Storyboard",
    "StoryreelError",
    "TakesData",
    "check",
    "load",
    "plan",
    "rough_cut",
    "shoot",
    "shoot_all",
    "stills",
    "takes",
]

Board = str | PathLike[str]
Names = str | Sequence[str]
Vars = Mapping[str, str] | None


def load(board: Board, *, vars: Vars = None, variant: str = "") -> Storyboard:  # noqa: A002 - so it is called in a storyboard, here and below
    """
    Read a storyboard and check it whole. Nothing is sent.

    >>> load("lighthouse.yaml").title
    'The Lighthouse'

    Args:
        board: Path of the YAML file.
        vars: Texts for its variables, as if they stood in the file: {"city": "Rome"}, {"lines.end": "Good night."}.
        variant: Which of its variants is read, by name; needed where it has several.

    Raises:
        StoryboardError: It is wrong; it has all problems, each with its place.
        SettingsError: It has no such variable or variant, or it has several and none is named.
    """
    return read_plan(Path(board), _catalog(board), given=vars, variant=_named(variant))[0]


def check(board: Board, *, vars: Vars = None) -> tuple[Diagnostic, ...]:  # noqa: A002
    """
    Return everything that is wrong with a storyboard, in the order of the file; empty if it is right.

    >>> [(problem.place.line, problem.code, problem.message) for problem in check("wrong.yaml")]
    [(3, 'unknown-key', "there is no 'promt' in a scene")]
    """
    try:
        read_plans(Path(board), _catalog(board), given=vars)
    except StoryboardError as error:
        return error.problems
    return ()


async def plan(
    board: Board,
    *,
    only: Names = (),
    redo: Names = (),
    vault: Board | None = None,
    sandbox: bool = False,
    vars: Vars = None,  # noqa: A002
    variant: str = "",
) -> PlanData:
    """
    Return what a run would buy, reuse and cost, step by step. Nothing is sent, and no key is needed.

    >>> asyncio.run(plan("lighthouse.yaml", sandbox=True)).totals.buy
    10

    Args:
        board: Path of the storyboard.
        only: Scenes that may be bought, by id; all if empty. One name stands for a list of it, here and below.
        redo: Steps or scenes that are to be made again.
        vault: Address of the vault; else STORYREEL_VAULT.
        sandbox: Whether takes of the sandbox count, and not those of the real API.
        vars: Texts for its variables, as for `load`, here and below.
        variant: Which of its variants, as for `load`, here and below.

    Raises:
        StoryreelError: The storyboard, or something else that was given, is wrong; or the vault cannot be used.
    """
    ready = prepare(
        Path(board),
        only=_listed(only),
        redo=_listed(redo),
        variant=_named(variant),
        vault=_address(vault),
        root=Path.cwd(),
        given=vars,
        to_look=True,
    )
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    return plan_data(await top_sheet(ready, service))


async def shoot(
    board: Board,
    *,
    only: Names = (),
    redo: Names = (),
    deliver: Names = (),
    budget: float | None = None,
    vault: Board | None = None,
    out: Board | None = None,
    partial: bool = False,
    sandbox: bool = False,
    on_event: Callable[[Event], None] | None = None,
    approver: Approver | None = None,
    vars: Vars = None,  # noqa: A002
    variant: str = "",
) -> RunResult:
    """
    Shoot a storyboard, or one variant of it, into its films. What the vault has is reused; only what is missing is bought.

    >>> result = asyncio.run(shoot("small.yaml", sandbox=True, out="films"))
    >>> result.film.path.name, result.film.seconds
    ('small.sandbox.mp4', 1.0)
    >>> asyncio.run(shoot("small.yaml", sandbox=True, out="films")).film.fresh
    False

    Cancelled, it waits for the answers that are on their way, 25 s at most; whatever was sent is fetched by the next call.

    Args:
        board: Path of the storyboard.
        only: Scenes that may be bought, by id; all if empty. While one of the film's scenes has no clip, a rough cut is made.
        redo: Steps or scenes to be made again, once.
        deliver: The films that are made, by the names of their deliveries, "master" for the storyboard's own; all if empty.
        budget: US dollars that this run may spend at most; else what the storyboard says, else the default.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for films; else STORYREEL_OUT.
        partial: Whether to buy what fits where it is known that not all of it fits into the budget or a cap.
        sandbox: Rehearse: nothing is generated, nothing is billed.
        on_event: Told what happens to each step.
        approver: Asked where the storyboard wants a person's approval. None: a run that needs one ends there.

    Returns:
        How each step ended, and the films, of which `film` is the master; where scenes were left out of that, a rough cut.

    Raises:
        SequenceFailed: Some steps failed; it has a line for each.
        AwaitingApproval: A person has to approve what is made, or has said no.
        BudgetError: What is still to buy does not fit into the budget or a cap, and `partial` was not said. Nothing was sent.
        StoryreelError: Something that was given is wrong, or the service does not answer. Nothing was sent.
    """
    ready = prepare(
        Path(board),
        only=_listed(only),
        redo=_listed(redo),
        deliver=_listed(deliver),
        variant=_named(variant),
        budget=_dollars(budget),
        vault=_address(vault),
        out=None if out is None else Path(out),
        root=Path.cwd(),
        given=vars,
        check=lambda reading: check_out(reading.out, places_of(reading.out, reading.plan)),
    )
    return (await _shot([ready], partial, sandbox, on_event, approver))[0]


async def shoot_all(
    board: Board,
    *,
    only: Names = (),
    redo: Names = (),
    deliver: Names = (),
    budget: float | None = None,
    vault: Board | None = None,
    out: Board | None = None,
    partial: bool = False,
    sandbox: bool = False,
    on_event: Callable[[Event], None] | None = None,
    approver: Approver | None = None,
    vars: Vars = None,  # noqa: A002
    variant: Names = (),
) -> tuple[RunResult, ...]:
    """
    Shoot every variant of a storyboard in one run, out of one budget; all else is as with `shoot`.

    >>> [result.film.path.name for result in asyncio.run(shoot_all("varied.yaml", sandbox=True, out="films"))]
    ['varied-lisbon.sandbox.mp4', 'varied-porto.sandbox.mp4']

    Args:
        board: Path of the storyboard.
        variant: Those that are made, by name; all if empty.

    Returns:
        What came of each variant, in their order; of a storyboard that has none, of itself.

    Raises:
        StoryreelError: As with `shoot`, where it is one film. Of several, why some are not made, as one error: the others are.
        BudgetError: Some did not fit into what was left, and nothing else is wrong.
    """
    ready = prepare_all(
        Path(board),
        only=_listed(only),
        redo=_listed(redo),
        deliver=_listed(deliver),
        variant=_listed(variant),
        budget=_dollars(budget),
        vault=_address(vault),
        out=None if out is None else Path(out),
        root=Path.cwd(),
        given=vars,
        check=lambda reading: check_out(reading.out, places_of(reading.out, reading.plan)),
    )
    return await _shot(ready, partial, sandbox, on_event, approver)


async def _shot(
    ready: Sequence[Prepared],
    partial: bool,
    sandbox: bool,
    on_event: Callable[[Event], None] | None,
    approver: Approver | None,
) -> tuple[RunResult, ...]:
    async def one(session: Session) -> RunResult:
        return await run(session, approval=lambda ends: pass_gate(session, ends, approver))

    caller = Caller(watcher=on_event)
    async with open_sessions(ready, run=str(uuid4()), partial=partial, sandbox=sandbox, caller=caller) as sessions:
        return await run_all(sessions, one)


async def rough_cut(
    board: Board,
    *,
    only: Names = (),
    vault: Board | None = None,
    out: Board | None = None,
    sandbox: bool = False,
    vars: Vars = None,  # noqa: A002
    variant: str = "",
) -> RoughCut | Film:
    """
    Cut what the vault has of a storyboard, with a placeholder for each scene that has no clip. Nothing is sent or bought.

    >>> asyncio.run(rough_cut("missing.yaml", sandbox=True, out="films")).missing
    {'door': 'not bought yet'}

    Args:
        board: Path of the storyboard.
        only: Scenes that may be bought, by id, as for `shoot`: what is said of the others goes by it.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for films; else STORYREEL_OUT.
        sandbox: Whether takes of the sandbox count, and not those of the real API.

    Returns:
        The rough cut; the film itself where nothing is missing and no approval is waited for.

    Raises:
        StoryreelError: Something that was given is wrong, or it cannot be cut.
    """
    ready = prepare(
        Path(board),
        only=_listed(only),
        variant=_named(variant),
        vault=_address(vault),
        out=None if out is None else Path(out),
        root=Path.cwd(),
        given=vars,
        check=lambda reading: check_out(reading.out, places_of(reading.out, reading.plan)),
    )
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    return await cut_from_vault(ready, service, lambda _: None)


async def takes(
    board: Board,
    *,
    vault: Board | None = None,
    sandbox: bool = False,
    vars: Vars = None,  # noqa: A002
    variant: str = "",
) -> TakesData:
    """
    Return every take of a storyboard's steps: how it ended, what it cost, and its request id.

    >>> [(take.step, take.state) for take in asyncio.run(takes("small.yaml", sandbox=True)).takes]
    [('coast/video', 'clip')]

    Raises:
        StoryreelError: The storyboard is wrong, or the vault cannot be used.
    """
    ready = prepare(
        Path(board), variant=_named(variant), vault=_address(vault), root=Path.cwd(), given=vars, to_look=True
    )
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    return await takes_data(ready.plan, ready.vault, service)


async def stills(
    board: Board,
    *,
    approve: Names = (),
    reject: Names = (),
    by: str = "a program",
    note: str = "",
    vault: Board | None = None,
    sandbox: bool = False,
    vars: Vars = None,  # noqa: A002
    variant: str = "",
) -> tuple[Look, ...]:
    """
    Approve and reject single stills of a storyboard with `review: before-video`, and return all that are made, with what people have
    said of each. Once all are approved the next run goes on; while one is rejected nothing that follows is bought.

    Args:
        approve, reject: Steps, as `door/still`, for what is there now; or request ids, for exactly what a person has seen.
        by, note: Who said so, and what they said beside.

    Raises:
        StoryreelError: A name means no still that is there, or something else that was given is wrong. Nothing was written.
    """
    given = Path(board)
    ready = prepare(given, variant=_named(variant), vault=_address(vault), root=Path.cwd(), given=vars, to_look=True)
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    asked = StillsAsked(ready.plan, ready.vault, service, ready.allowed)
    state = await asked.state()
    good, bad = asked.meant(state, _listed(approve), _listed(reject), flags=("approve", "reject"))
    words = await asked.decide(good, bad, by=by, note=note, door="program") if good or bad else None
    return (words.state if words else state).stills


def _listed(names: Names) -> Sequence[str]:
    """Return names as a list: a text is one name, and not as many as it has letters."""
    return (names,) if isinstance(names, str) else names


def _named(variant: str) -> tuple[str, ...]:
    return (variant,) if variant else ()


def _address(vault: Board | None) -> str | None:
    return None if vault is None else fspath(vault)


def _dollars(budget: float | None) -> float | None:
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, int | float)):
        raise SettingsError(f"budget is {budget!r}; it is a number of US dollars")
    return budget


def _catalog(board: Board) -> Catalog:
    return load_catalog(read_settings(folder=Path.cwd() / Path(board).parent).catalog)
