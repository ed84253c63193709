"""
What a person is told at the end of a run that its storyboard came to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console

from storyreel.console import say
from storyreel.errors import StoryreelError
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.vault import Vault
from storyreel.vault.costs import read_costs, side_by_side

IN_ALL_S = 20.0
"""How long a vault may take to tell what a storyboard came to."""


async def say_sums(plans: Sequence[Plan], vault: Vault, service: ServiceName, console: Console) -> None:
    """
    Say what a storyboard came to so far, with what was asked for it before this run, and whatever came of it.

    Args:
        plans: Those of its variants: of each is said what it has, and of all of them what that is together, each request once.
    """
    every = []
    with suppress(StoryreelError, TimeoutError):
        for plan in plans:
            async with asyncio.timeout(IN_ALL_S):
                every.append(await read_costs(plan, vault, service))
            of_one = f"{plan.board.variant} " if plan.board.variant else ""
            say(console, f"{of_one}in all: {every[-1].sums.words}")
        if len(every) > 1:
            say(console, f"all {len(every)} variants, what they share once: {side_by_side(every).sums.words}")
