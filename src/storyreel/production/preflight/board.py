"""
A storyboard before it is shot: its own files, decoded as the films will show them, and what holds back a run of it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from storyreel.console import counted
from storyreel.delivery.assemble import prove_shot
from storyreel.delivery.film_sound import given_sounds, prove_sound
from storyreel.delivery.handed_over import prove_finish
from storyreel.delivery.labels.certificate import configured
from storyreel.delivery.labels.manifest import check_signing, try_out
from storyreel.errors import MediaError
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.production.budget import budget_of
from storyreel.production.preflight.finding import Finding, fault, note, ok
from storyreel.production.reserve import caps_of
from storyreel.settings import Settings
from storyreel.vault import open_vault


async def media(plans: Sequence[Plan], cache: Path) -> Sequence[Finding]:
    """
    Say whether a storyboard's own files can be shown: each is decoded to its end, as a shoot does before it buys.

    What is made on the way goes into a folder that is removed.
    """
    given = {sha256: file for plan in plans for sha256, file in plan.files.items()}
    faults: dict[str, MediaError] = {}
    sounds = 0
    folder = Path(tempfile.mkdtemp(prefix="storyreel-doctor-"))
    try:
        vault = open_vault(f"file:{folder / 'vault'}", cache=cache)
        for plan in plans:
            for film in plan.films:
                tries = [prove_finish(film)]
                own = [shot for shot in film.timeline.picture if shot.step is None]
                tries += [prove_shot(shot, film.timeline.size, vault) for shot in own]
                heard = list(given_sounds(film.timeline))
                sounds += len(heard)
                for tried in [*tries, *(prove_sound(sound, vault) for sound in heard)]:
                    try:
                        await tried
                    except MediaError as error:
                        faults.setdefault(str(error), error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if faults:
        remedy = "convert what is wrong where it can be played, or take it out"
        return [fault("media", error, remedy=remedy) for error in faults.values()]
    what = [counted(len(given), "file"), *([counted(sounds, "sound")] if sounds else [])] if given or sounds else []
    return [
        ok(
            "media",
            f"{' and '.join(what)} of the storyboard can be shown and sent"
            if what
            else "the storyboard brings no files",
        )
    ]


def look_at_signing(plans: Sequence[Plan]) -> Sequence[Finding]:
    """
    Say whether films can be signed, where a certificate is configured, by signing a small picture as a shoot does before it buys.

    Args:
        plans: Of a storyboard, which may want no label; none where there is no storyboard at hand.
    """
    certificate = configured()
    if certificate is None:
        return [ok("signing", "films are labelled, and not signed: no certificate is configured")]
    if plans:
        check_signing(plans)
    else:
        try_out(certificate)
    return [ok("signing", f"films can be signed with {certificate.where}")]


def failure_policy(settings: Settings, plans: Sequence[Plan], *, sandbox: bool) -> Sequence[Finding]:
    """Say what a run does where something fails, and what holds it back."""
    findings = [
        ok(
            "failure policy",
            "what the service failed on is bought again up to 3 times; a lost answer is never sent again by itself; the rest goes on",
        ),
    ]
    for plan in plans[:1]:
        budget = budget_of(plan.board, None, "sandbox" if sandbox else "xai", settings)
        bound = "no budget" if budget.ticks is None else budget.words
        review = "waits for an approval" if plan.board.review else "waits for nobody"
        findings.append(ok("failure policy", f"a run has {bound} and {review}"))
        if budget.note:
            findings.append(note("failure policy", budget.note))
    caps = caps_of(settings)
    named = [
        f"{dollars(most)} a {name} ({by})"
        for name, most, by in (("day", caps.day_ticks, caps.day_by), ("month", caps.month_ticks, caps.month_by))
        if most is not None
    ]
    if named:
        findings.append(ok("failure policy", f"all runs of the vault may spend {' and '.join(named)}, in UTC"))
    else:
        findings.append(
            note(
                "failure policy",
                "nothing bounds all runs together",
                "set STORYREEL_CAP_DAY, or cap.day in your own settings file",
            )
        )
    return findings + [note("failure policy", words) for words in settings.unused]
