"""A purchase as a run makes it, without its place among the jobs: tried, and waited for where the service wants that."""

from collections.abc import Sequence

from storyreel.model.recipe import Clip, Slate
from storyreel.production.purchase import try_to_buy
from storyreel.production.retry_wait import Later
from storyreel.production.session import Session


async def buy(session: Session, scene: str, name: str, sources: Sequence[Clip]) -> Slate:
    """Send the request of a step, once, and return its slate."""
    while isinstance(tried := await try_to_buy(session, scene, name, sources), Later):
        await session.waits.pause(f"{scene}/{name}", tried, session.tell)
    return tried
