"""
What runs are called on Prefect's page, and by which tags they are found: the film, real or rehearsed, and whether at night.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from storyreel.defects import without_secrets
from storyreel.desk.pool import TAG
from storyreel.desk.run_log import watched
from storyreel.model.recipe import ServiceName
from storyreel.production.session import Session
from storyreel.production.summary import words_of

FILM_TAG, NIGHT_TAG = "film", "night"
"""What a run is: that of a film, or one of a night, its own or that of a film that it has started."""
COSTS: Mapping[ServiceName, str] = {"xai": "real", "sandbox": "sandbox"}
"""The tag that says whether a run may cost money, by who is asked."""

Drawn = TypeVar("Drawn")


async def name_run(name: str, *more: str, service: ServiceName) -> None:
    """
    Give this run a name, and tags beside those that it has.

    Args:
        more: The tags that say what it is.
        service: Who is asked. What its deployment says of that is what most of its runs are, and gives way.
    """
    tags = {*flow_run.tags, TAG, *more} - {*COSTS.values()} | {COSTS[service]}
    async with get_client() as client:
        await client.update_flow_run(UUID(str(flow_run.id)), name=name, tags=sorted(tags))
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        # Prefect's events of this run go by what is known of it here.
        context.flow_run.name, context.flow_run.tags = name, sorted(tags)


async def name_run_by_films(sessions: Sequence[Session], storyboard: str) -> None:
    """
    Name this run by its film, or, where it makes several variants, by their storyboard; each slug is a tag of it.

    Args:
        storyboard: The storyboard's name.
    """
    if watched():
        slugs = [session.plan.board.slug for session in sessions]
        name = slugs[0] if len(slugs) == 1 else storyboard
        await name_run(name, FILM_TAG, *slugs, service=sessions[0].service)


async def courtesy(drawn: Awaitable[Drawn]) -> Drawn | None:
    """Do something for Prefect's page; that it cannot be done takes nothing back of what was shot."""
    try:
        return await drawn
    except Exception as error:
        get_run_logger().warning("Prefect's page could not be drawn: %s", without_secrets(words_of(error)))
        return None
