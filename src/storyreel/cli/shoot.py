"""
Shoot a storyboard from the command line: read it, and begin a server for it while all that a run needs is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import (
    Board,
    Deliver,
    Only,
    Redo,
    Rehearse,
    Variants,
    Vars,
    VaultAddress,
    given_vars,
    switch,
)
from storyreel.cli.errors import Screen
from storyreel.cli.loading import load_httpx
from storyreel.cli.order import Order
from storyreel.delivery.places import check_out, files_of, places_of
from storyreel.desk.early_server import EarlyServer
from storyreel.model.money import TICKS_PER_USD
from storyreel.production.budget import DEFAULT_BUDGET_TICKS
from storyreel.production.prepare import Prepared, prepare_all
from storyreel.variables.table import OUT


def shoot(
    board: Board,
    /,
    *,
    only: Only = (),
    redo: Redo = (),
    variant: Variants = (),
    deliver: Deliver = (),
    var: Vars = (),
    vault: VaultAddress = None,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder for films. {OUT.in_help}")] = None,
    budget: Annotated[
        float | None,
        Parameter(
            name="--budget",
            help="US dollars that this run may spend at most. Default: what the storyboard says, else "
            f"{DEFAULT_BUDGET_TICKS // TICKS_PER_USD}.",
        ),
    ] = None,
    sandbox: Rehearse = False,
    rough: Annotated[
        bool,
        switch(
            "--rough",
            "Cut what the vault has, with a placeholder for each scene that has no clip. Nothing is sent or bought.",
        ),
    ] = False,
    partial: Annotated[
        bool,
        switch(
            "--partial",
            "Begin although not all of it fits into the budget or a cap: what fits is bought.",
        ),
    ] = False,
    yes: Annotated[
        bool, switch("--yes", "Buy, and make again, without asking; what a `review` waits for is asked all the same.")
    ] = False,
) -> int:
    """
    Shoot a storyboard into its films. What the vault has is reused; only what is missing is bought.

    The film is OUT/SLUG/SLUG.mp4 (SLUG.sandbox.mp4 from the sandbox), beside it its cut list and a contact sheet; that of a delivery
    is SLUG.DELIVERY.mp4. Where scenes are missing it is a rough cut, SLUG.rough.mp4, with placeholders; with --only each scene is in
    OUT/SLUG/scenes as well. What a film takes the place of, an older cut or another storyboard's film, is kept in OUT/SLUG/versions.

    Example: storyreel shoot storyboards/lighthouse.yaml --sandbox

    Example: storyreel shoot storyboards/lighthouse.yaml --only climb

    Example: storyreel shoot storyboards/lighthouse.yaml --rough
    """
    order = Order(
        board, only, redo, vault, out, budget, sandbox, rough, partial, yes, given_vars(var), variant, deliver
    )
    if rough:
        from storyreel.production.rough import check_that_nothing_is_bought

        check_that_nothing_is_bought(redo, budget)
    ready = prepare_all(
        board,
        only=only,
        redo=redo,
        variant=variant,
        deliver=deliver,
        budget=budget,
        vault=vault,
        out=out,
        root=Path.cwd(),
        given=order.given,
        check=lambda reading: check_out(reading.out, places_of(reading.out, reading.plan)),
    )
    with EarlyServer(ready[0].settings.project) as early:
        if not rough and not any(map(_may_stand, ready)):
            early.begin()
        # Meanwhile the rest is loaded, which takes as long as a part of it.
        load_httpx()
        from storyreel.cli.shooting import shoot_ready

        return shoot_ready(order, ready, early, Screen())


def _may_stand(ready: Prepared) -> bool:
    """Whether there are films of it already: perhaps nothing is to be done then, and no server is wanted."""
    places = (
        files_of(ready.settings.out, film.board, service).film
        for film in ready.plan.films
        for service in ("xai", "sandbox")
    )
    return any(place.exists() for place in places)
