"""
What people have said, read once more before a request is sent: a word that comes while it waits for its turn still counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.model.plan import Step
from storyreel.model.recipe import Clip
from storyreel.production.approval.marked import refuse_marked
from storyreel.production.approval.stills import refuse_rejected
from storyreel.production.session import Session


async def refuse_unapproved(session: Session, step: Step, sources: Sequence[Clip]) -> None:
    """
    Refuse to buy what is made from a still that somebody has rejected, or from a take with a mark that nobody has approved.

    Args:
        sources: The clips of the steps that it needs, in their order.

    Raises:
        NotApproved: A still that it is made from is rejected.
        HeldOnFault: A take that it is made from has a mark, and nobody has approved it.
        VaultError: What people have said cannot be read.
    """
    plan, vault, service = session.plan, session.vault, session.service
    await refuse_rejected(plan, vault, service, step.id, session.clips, session.allowed)
    await refuse_marked(plan, vault, service, step, sources, session.allowed)
