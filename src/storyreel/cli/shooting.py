"""
Shoot a storyboard that was read: see whether anything is to be done, ask, run it under Prefect, show it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from storyreel.cli.approvers import approver_for
from storyreel.cli.closed import say_if_closed
from storyreel.cli.consent import Consent, consent, in_words
from storyreel.cli.cuts import cut_what_is_there, say_rough, show_scenes
from storyreel.cli.display import shown
from storyreel.cli.errors import INTERRUPTED
from storyreel.cli.film_lines import how_they_stand, lengths, not_cut
from storyreel.cli.loading import load_meanwhile
from storyreel.cli.order import Order
from storyreel.cli.prefect_run import begun_by_hand, load_flow, stoppable
from storyreel.cli.progress import Monitor
from storyreel.cli.rehearsal import caption_notes
from storyreel.cli.render import print_prose
from storyreel.cli.sum_lines import say_sums
from storyreel.console import counted, say
from storyreel.delivery.places import files_of
from storyreel.desk.discovery import RunningDesk, data_home, desk_here
from storyreel.desk.early_server import EarlyServer
from storyreel.desk.home import leave_the_folder
from storyreel.desk.named_server import named_server
from storyreel.desk.pool import TAG
from storyreel.errors import StoryreelError
from storyreel.model.money import charges, dollars
from storyreel.model.plan import side_by_side
from storyreel.model.recipe import ServiceName
from storyreel.planning.alike import buyers_of
from storyreel.planning.steps import following
from storyreel.production.approval.review import Review, behind, not_reached
from storyreel.production.approval.status import approve_command
from storyreel.production.budget import budget_of
from storyreel.production.caller import calling
from storyreel.production.pins import look_up_pins
from storyreel.production.prepare import Prepared
from storyreel.production.service import NOT_ASKED, with_every_clip
from storyreel.production.settings_notes import settings_notes
from storyreel.production.status import Prospect, prospect, who_is_asked
from storyreel.production.turnaround import Pace, Sort, turnarounds
from storyreel.told_once import first_time
from storyreel.vault.costs import read_costs

NOT_AGREED = 1
"""What the command ends with where a person said no."""
A_DESK_IS_SOONER = (
    "note: for this command alone a Prefect server is started, which takes some seconds; while a desk is open (storyreel studio), a run "
    "begins at once, and its page stays. This is said once"
)


def shoot_ready(order: Order, ready: Sequence[Prepared], early: EarlyServer, console: Console) -> int:
    """Shoot a storyboard that is read, with the server that may have been begun for it; return the exit code."""
    try:
        return asyncio.run(_shoot(order, ready, early, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print_prose(
            console, "\nStopped. Nothing is lost: what was sent is in the vault, and is fetched, not bought again, by"
        )
        say(console, f"  {order.command()}")
        return INTERRUPTED


async def _shoot(order: Order, ready: Sequence[Prepared], early: EarlyServer, console: Console) -> int:
    if order.rough:
        await say_if_closed(ready[0].vault)
        for each in ready:
            await cut_what_is_there(each, console, sandbox=order.sandbox)
        return 0
    # Nobody is asked about what cannot be bought.
    await ready[0].vault.closing.check()
    order, service = await _whose(order, ready, console)
    for note in await _notes(ready, service):
        say(console, f"note: {note}")
    seen = [
        await prospect(each.plan, each.vault, service, each.settings.out, only=each.only, redo=each.redo)
        for each in ready
    ]
    for line in dict.fromkeys(line for each in seen for line in each.replaced):
        say(console, f"note: {line}")
    if all(each.films for each in seen):
        films = [film for each in seen for film in each.films]
        say(console, f"Everything is in the vault and {how_they_stand(films)}, nothing was sent.")
        await say_sums([each.plan for each in ready], ready[0].vault, service, console)
        for film in films:
            _point(console, film.path)
        await _show_scenes(order, ready, service, console)
        return 0
    # What a person reads before they agree, and what is loaded meanwhile, takes as long as a server takes to start.
    early.begin()
    try:
        may = await _consent(order, ready, seen, service, console)
    except KeyboardInterrupt:
        say(console, "\nNothing was sent.")
        return INTERRUPTED
    if may is Consent.NOTHING:
        say(console, "Nothing was sent.")
        return NOT_AGREED
    order = replace(order, partial=may is Consent.PART)
    monitor = await _monitor(ready, service, seen, console)
    try:
        await _run_flow(order, ready, service, monitor, early)
    except StoryreelError:
        # What was made of what was asked for is there to be looked at, whatever failed beside it.
        await _show_made(order, ready, service, monitor)
        raise
    await _show_made(order, ready, service, monitor)
    return 0


async def _notes(ready: Sequence[Prepared], service: ServiceName) -> list[object]:
    """Return what is to be said of a storyboard and its variants before it is shot, each note once."""
    notes: dict[object, None] = {}
    for each in ready:
        notes |= dict.fromkeys(settings_notes(each, service))
        captions = caption_notes(each.plan) if service == "sandbox" else ()
        notes |= dict.fromkeys((*await look_up_pins(each.plan, each.vault, service), *captions))
    return list(notes)


async def _show_made(order: Order, ready: Sequence[Prepared], service: ServiceName, monitor: Monitor) -> None:
    """Say where each film is that was cut, and each scene that was asked for by itself."""
    for film in monitor.plan.films:
        if (event := monitor.newest.get(film.called)) is not None and event.stage == "cut":
            _point(monitor.console, files_of(ready[0].settings.out, film.board, service).film)
    await _show_scenes(order, ready, service, monitor.console)


async def _show_scenes(order: Order, ready: Sequence[Prepared], service: ServiceName, console: Console) -> None:
    for each in ready if order.only else ():
        await show_scenes(each, each.only, service, console)


async def _whose(order: Order, ready: Sequence[Prepared], console: Console) -> tuple[Order, ServiceName]:
    """
    Return whose takes the films are made of. Where nobody can be asked and every step has its clip, they are cut without.

    Raises:
        SettingsError: There is no key, and no person at a terminal who may be shown a rehearsal instead.
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
    """
    settings, vault = ready[0].settings, ready[0].vault
    try:
        return order, await who_is_asked(settings, ready[0].catalog, vault, sandbox=order.sandbox)
    except NOT_ASKED as error:
        redone = any(each.redo for each in ready)
        services = set() if redone else {await with_every_clip(each.plan, settings, vault) for each in ready}
        if len(services) == 1 and (service := services.pop()) is not None:
            say(console, f"The service was not asked, since every step has its clip ({error})")
            return order, service
        if settings.key is not None or not (sys.stdin.isatty() and console.is_terminal):
            raise
    say(console, "There is no XAI_API_KEY, so this is a rehearsal with the sandbox: nothing is generated or billed.")
    return replace(order, sandbox=True), "sandbox"


async def _consent(
    order: Order, ready: Sequence[Prepared], seen: Sequence[Prospect], service: ServiceName, console: Console
) -> Consent:
    """Ask what may be bought; of what is made again, say first what follows from it."""
    redone = [(each, known) for each, known in zip(ready, seen, strict=True) if each.redo]
    questions = [await _say_redo(each, known, service, console) for each, known in redone]
    return await consent(
        ready,
        seen,
        service,
        console,
        question=questions[0] if questions else "Buy it?",
        yes=order.yes,
        partial=order.partial,
        always=bool(redone),
    )


async def _say_redo(ready: Prepared, seen: Prospect, service: ServiceName, console: Console) -> str:
    """Say what is made again, what follows from it, and what that costs; return the question that goes with it."""
    plan, redo = ready.plan, ready.redo
    again, costs = set(following(plan, redo)), await read_costs(plan, ready.vault, service)
    bought = [each.step for each in seen.outlook if each.buys]
    former = {step.id for step in bought if costs.of_step(step.id).takes}
    for step in bought:
        why = "made again" if step.id in redo else "follows" if step.id in again else ""
        why = why if why and step.id in former else "not made yet"
        later = ", after approval" if step.id in seen.waiting else ""
        say(console, f"  {step.id}  {dollars(step.ticks)}  {why}{later}")
    billed = " (sandbox: nothing is billed)" if service == "sandbox" else ""
    say(console, f"{in_words(seen.bought, seen.waiting)}{billed}")
    return "Make them again? The former takes are kept." if former else "Make them?"


async def _monitor(
    ready: Sequence[Prepared], service: ServiceName, seen: Sequence[Prospect], console: Console
) -> Monitor:
    """Return what shows a run, with what is known of it before: what is there, what is to be bought, how long such steps took."""
    outlook = [forecast for each in seen for forecast in each.outlook]
    every = buyers_of([each.outlook for each in seen], service)
    buyers = {step: buyer for own in every for step, (_, buyer) in own.items()}
    measured: Mapping[Sort, Sequence[float]] = {}
    with suppress(StoryreelError):
        measured = await turnarounds(outlook, ready[0].vault, service)
    return Monitor(
        side_by_side([each.plan for each in seen]),
        console,
        there=frozenset(each.step.id for each in outlook if each.outlook == "reuse"),
        bought=frozenset(buyers),
        alike={step: buyer for step, buyer in buyers.items() if step != buyer},
        pace=Pace(measured, ready[0].catalog),
        budget_ticks=budget_of(seen[0].plan.board, ready[0].budget_ticks, service, ready[0].settings).ticks,
    )


async def _run_flow(
    order: Order, ready: Sequence[Prepared], service: ServiceName, monitor: Monitor, early: EarlyServer
) -> None:
    """Start Prefect, run the flow in this process, and show it."""
    plan, console = monitor.plan, monitor.console
    desk = _at_the_desk(ready[0].settings.project, console)
    if desk is not None and ready[0].out == Path(desk.out) and ready[0].settings.films_url is None:
        ready = [replace(each, settings=replace(each.settings, films_url=desk.films)) for each in ready]
    title = plan.board.title if len(ready) == 1 else f"{order.board.name}, {counted(len(ready), 'variant')}"
    say(console, (title, "bold"), f": {counted(len(plan.steps), 'step')}, {lengths(plan)}")
    alone = early.server() if desk is None and named_server(os.environ) is None else None
    if alone is None:
        early.end()
    elif first_time("a desk is sooner"):
        say(console, A_DESK_IS_SOONER)
    server = desk or alone
    leave_the_folder(Path.cwd(), data_home(), server.variables() if server else None)
    stopped = asyncio.Event()
    try:
        with shown(monitor) as display:
            tags = (TAG, *(each.plan.board.slug for each in ready))
            sequence = begun_by_hand(load_flow(), tags, console, None if alone is None else alone.entrance)
            if service == "sandbox":
                load_meanwhile(["storyreel.sandbox.api.app"])
            if alone is not None:
                await alone.answers()
            go_on = GoOn(order, ready)
            approvers = {
                each.plan.board.variant: approver_for(
                    each, console, display, how=_how_to_approve(order, each), go_on=go_on
                )
                for each in ready
            }
            with calling(
                prepared=tuple(ready),
                watcher=monitor,
                approver=lambda review: approvers[review.variant](review),
                stop=stopped.set,
            ):
                await stoppable(
                    sequence(
                        storyboard=str(order.board),
                        only=list(order.only),
                        redo=list(order.redo),
                        budget=order.budget,
                        vault=order.vault or "",
                        out=str(order.out) if order.out else "",
                        partial=order.partial,
                        deliver=list(order.deliver),
                        sandbox=order.sandbox,
                        vars=dict(order.given),
                        variant=list(order.variant),
                    ),
                    stopped,
                )
    finally:
        # Also of a run that failed or was stopped, somebody wants to know what it cost.
        billed = " (sandbox: nothing is billed)" if service == "sandbox" else ""
        sent, takes = counted(monitor.requests, "request"), counted(monitor.takes, "take")
        charged = charges(monitor.charged_ticks, monitor.uncharged_ticks)
        print_prose(console, f"{sent} sent, {takes} made, {charged}{billed}")
        await say_sums([each.plan for each in ready], ready[0].vault, service, console)
        for each in ready:
            rough = monitor.newest.get(each.plan.films[0].rough_called)
            if rough is not None and rough.stage == "cut":
                say_rough(each, service, rough.text, console)
    left_out = [step for step, event in monitor.newest.items() if event.stage == "left out"]
    if left_out:
        say(console, f"{not_cut(plan, monitor.newest)}, since --only left out: {', '.join(left_out)}")


def _at_the_desk(project: Path | None, console: Console) -> RunningDesk | None:
    """Return the desk that is open for the storyboard's project, or the user's own where it is in none, if nobody has named another server."""
    desk = desk_here(project)
    if desk is None:
        return None
    say(console, f"Using the desk at {desk.page}")
    return desk


def _how_to_approve(order: Order, ready: Prepared) -> Callable[[Review], str]:
    """Return what says by which command a person approves what was shown."""
    return lambda review: approve_command(
        ready.plan, only=ready.only, vault=order.vault, sandbox=order.sandbox, shown=review
    )


class GoOn:
    """The command that goes on after an approval: what was redone before it is not redone again, and what was not is."""

    def __init__(self, order: Order, ready: Sequence[Prepared]) -> None:
        self._order = order
        self._ready = {each.plan.board.variant: each for each in ready}
        self._unmade = {variant: each.redo & behind(each.plan) for variant, each in self._ready.items()}

    def __call__(self, review: Review) -> str:
        """Return it for who is shown a review; what others of the same run have shown goes on with it."""
        each = self._ready[review.variant]
        self._unmade[review.variant] = each.redo & not_reached(each.plan, review)
        return self._order.command(redo=sorted(frozenset().union(*self._unmade.values())))


def _point(console: Console, film: Path) -> None:
    say(console, str(film))
