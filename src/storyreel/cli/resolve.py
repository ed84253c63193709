"""
All requests of a storyboard whose answers were lost, at once: what is at stake, and that none of them ever arrived.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from storyreel.cli.arguments import Rehearsals, Variants, Vars, VaultAddress, given_vars
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.cli.takes import resolve_step
from storyreel.console import agreed, say
from storyreel.errors import ServiceUnreachable, SettingsError
from storyreel.model.money import TICKS_PER_USD, dollars
from storyreel.model.recipe import ServiceName
from storyreel.production.lost_answers import give_up, not_lost
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Prepared, prepare_all
from storyreel.production.service import call, service_asked
from storyreel.settings import read_settings, vault_from
from storyreel.vault import Attempt, open_vault


def resolve(
    board: Annotated[
        Path | None, Parameter(help="The storyboard, a YAML file; left out with --list: all of the vault's.")
    ] = None,
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
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
) -> int:
    """
    Say what became of a request whose answer was lost. It may have been billed, so only a person can.

    Example: storyreel resolve storyboards/lighthouse.yaml --list

    Example: storyreel resolve --list
    """
    resolution = Resolution(request_id, file, lost, every, listed, at_most)
    if board is None:
        if resolution != Resolution(None, None, False, False, True, None) or variant or var:
            raise SettingsError("name the storyboard: without one there is --list alone, of all that the vault has")
        return asyncio.run(list_all(vault, Screen(), sandbox=sandbox))
    return resolve_lost(board, step, resolution, vault, sandbox, Screen(), given_vars(var), variant)


async def list_all(address: str | None, console: Console, *, sandbox: bool) -> int:
    """
    List every request of a vault whose answer was lost, whatever storyboard it was sent for, the oldest first; return the exit code.

    Raises:
        VaultError: The vault cannot be read.
    """
    settings = read_settings()
    opened = open_vault(vault_from(Path.cwd(), address or settings.vault), cache=settings.cache, to_look=True)
    await say_if_closed(opened)
    service: ServiceName = "sandbox" if sandbox else "xai"
    attempts, damaged = await opened.attempts.every(service)
    unknown = sorted((each for each in attempts if each.state == "unknown"), key=lambda each: each.claim.at)
    for attempt in unknown:
        claim = attempt.claim
        say(console, (claim.board or "no storyboard", "bold"), f"  {claim.step}: {_at_stake(attempt)}")
    for words in damaged:
        say(console, f"{words}; storyreel vault check has all of it")
    if not unknown:
        say(console, f"no answer of {service} was lost in {opened.address}: there is nothing to resolve")
        return 0
    at_risk = sum(attempt.claim.estimate_ticks for attempt in unknown)
    say(console, f"{len(unknown)} in all, at most {dollars(at_risk)}; each is said with: storyreel resolve BOARD STEP")
    return 0


def _at_stake(attempt: Attempt) -> str:
    claim = attempt.claim
    return f"{claim.at:%Y-%m-%d %H:%M:%S} UTC, at most {dollars(claim.estimate_ticks)}: {attempt.unknown}"


@dataclass(frozen=True)
class Resolution:
    """What a person says: of one step its id, its picture or that it is lost, or of all of them at once."""

    request_id: str | None
    file: Path | None
    lost: bool
    every: bool
    listed: bool
    at_most: float | None


def resolve_lost(
    board: Path,
    step: str | None,
    resolution: Resolution,
    vault: str | None,
    sandbox: bool,
    console: Console,
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
) -> int:
    """
    Do with the requests of a storyboard whose answers were lost what a person says; return the exit code.

    Raises:
        SettingsError: What was said does not go together.
    """
    if step is not None:
        if resolution.every or resolution.listed or resolution.at_most is not None:
            raise SettingsError("--all, --list and --at-most are about all steps: name none with them")
        return resolve_step(
            board,
            step,
            resolution.request_id,
            resolution.file,
            resolution.lost,
            vault,
            sandbox,
            console,
            given,
            variant,
        )
    if (
        resolution.listed == (resolution.every and resolution.lost)
        or resolution.request_id is not None
        or resolution.file is not None
    ):
        raise SettingsError("name a step, or say --list, or --all --lost")
    return resolve_all(board, resolution, vault, sandbox, console, given, variant)


def resolve_all(
    board: Path,
    resolution: Resolution,
    vault: str | None,
    sandbox: bool,
    console: Console,
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
) -> int:
    """
    List the requests whose answers were lost; with `lost`, write down that none of them arrived, once a person said so.

    Raises:
        SettingsError: There is no terminal to ask at, and no sum that may be at stake; or they are worth more.
    """
    every = prepare_all(board, vault=vault, root=Path.cwd(), given=given, variant=variant, to_look=resolution.listed)
    return asyncio.run(_resolve_all(every, resolution, sandbox, console))


async def _resolve_all(every: Sequence[Prepared], resolution: Resolution, sandbox: bool, console: Console) -> int:
    ready = every[0]
    if resolution.listed:
        await say_if_closed(ready.vault)
    else:
        await ready.vault.closing.check()
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    # What several variants ask for alike was sent once.
    of_all = [pair for each in every for pair in await _unknown(each, service)]
    unknown = list({attempt.claim.key: (step, attempt) for step, attempt in reversed(of_all)}.values())[::-1]
    if not unknown:
        say(console, f"no answer of {service} was lost: there is nothing to resolve")
        return 0
    for step, attempt in unknown:
        say(console, f"{step}: {_at_stake(attempt)}")
    at_risk = sum(attempt.claim.estimate_ticks for _, attempt in unknown)
    say(console, f"{len(unknown)} in all, at most {dollars(at_risk)}")
    if resolution.listed:
        return 0
    if not _agreed([attempt for _, attempt in unknown], resolution.at_most, console):
        return 1
    lost, stay = 0, 0
    for step, attempt in unknown:
        try:
            turned_up = await _give_up(ready, attempt, sandbox)
        except ServiceUnreachable as error:
            say(console, f"{step}: stays as it is: {error}")
            stay += 1
            continue
        if turned_up is not None:
            say(console, not_lost(step, turned_up))
        lost += turned_up is None
    say(console, f"{lost} written down as lost; the next run may send them again")
    return ServiceUnreachable.exit_code if stay else 0


async def _unknown(ready: Prepared, service: ServiceName) -> list[tuple[str, Attempt]]:
    """Return the attempts at the steps of a storyboard whose answers were lost, each with its step."""
    outlook = await forecast(ready.plan, ready.vault, service, allowed={step.id for step in ready.plan.steps})
    return [
        (each.step.id, attempt)
        for each in outlook
        if each.fingerprint
        for attempt in await ready.vault.attempts.of(service, each.fingerprint)
        if attempt.state == "unknown"
    ]


async def _give_up(ready: Prepared, attempt: Attempt, sandbox: bool) -> str | None:
    """Write down that a request is lost; an id that came with it is asked for before that, and returned if it is known."""
    if attempt.doubtful_id is None:
        return await give_up(ready.vault, attempt)
    async with call(ready.settings, ready.catalog, sandbox=sandbox) as client:
        return await give_up(ready.vault, attempt, client)


def _agreed(unknown: list[Attempt], at_most: float | None, console: Console) -> bool:
    at_risk = sum(attempt.claim.estimate_ticks for attempt in unknown)
    if at_most is not None:
        if not 0 <= at_most < math.inf:
            raise SettingsError(f"--at-most {at_most}: a sum of US dollars, such as 2.50")
        if at_risk > at_most * TICKS_PER_USD:
            raise SettingsError(
                f"they may have cost {dollars(at_risk)}, more than --at-most allows; nothing was written"
            )
        return True
    if not (sys.stdin.isatty() and console.is_terminal):
        raise SettingsError(
            f"they may have cost {dollars(at_risk)}, and there is no terminal to ask at: say --at-most USD; nothing was "
            "written"
        )
    return agreed(console, f"none of these arrived, and {dollars(at_risk)} may be spent a second time?")
