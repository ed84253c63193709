"""
Hand a film on to another editor: what the vault has of it, or in words what is missing and what makes it.

Nothing is bought, and nobody is asked.
"""

from __future__ import annotations

from pathlib import Path

from storyreel.delivery.exports.export import export_film, export_name
from storyreel.delivery.exports.export_data import ExportData
from storyreel.errors import SettingsError
from storyreel.model.plan import PlannedFilm
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.status import gate_of, waiting
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Prepared
from storyreel.production.rough import prospects

NAMED = 5
"""So many scenes without a clip are named, each with the reason."""


async def export_from_vault(
    ready: Prepared, film: PlannedFilm, service: ServiceName, to: Path, *, link: bool, again: str
) -> ExportData:
    """
    Export one film of a storyboard from what the vault has.

    Args:
        to: The folder that it goes to.
        link: Whether clips are linked where they can be.
        again: The command that shoots what is missing.

    Raises:
        SettingsError: Clips of it are missing; or as with `export_film`.
        MediaError, VaultError: As with `export_film`.
    """
    plan, vault = ready.plan, ready.vault
    outlook = await forecast(plan, vault, service, allowed=ready.allowed)
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    missing = [step for step in film.timeline.steps if step not in clips]
    if missing:
        gate = await gate_of(plan, vault, service, outlook, allowed=ready.allowed)
        held = dict.fromkeys(waiting(plan, gate), "waits for an approval")
        why = prospects(plan, film, {each.step.id: each for each in outlook}, held)
        named = "; ".join(f"{scene}: {reason}" for scene, reason in list(why.items())[:NAMED])
        more = f"; and {len(why) - NAMED} more" if len(why) > NAMED else ""
        raise SettingsError(
            f"{export_name(plan, film, service)} was not made yet: {len(why)} of its {len({shot.scene for shot in film.timeline.picture})} "
            f"scenes {'has' if len(why) == 1 else 'have'} no clip ({named}{more}); make it with: {again}"
        )
    return await export_film(plan, film, service, clips, vault, to, link=link, out=ready.out)
