"""
Who would be asked by a shoot: whether the key is good, for which team, which models it may use, and whether the clocks agree.

What is asked is free. Nothing is sent but the key, to the address that a shoot would send it to.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from storyreel.catalog import Catalog, StillModel, VideoModel
from storyreel.errors import KeyRefused, ServiceUnreachable, SettingsError
from storyreel.imagine import WANTS_A_BUCKET, Models, Patience, Standing
from storyreel.production.preflight.finding import Finding, fault, note, ok
from storyreel.production.service import call, dotenv_beside
from storyreel.settings import Settings
from storyreel.variables.table import API_KEY, BASE_URL, REAL_API

APART_S = 60.0
"""By how many seconds this machine's clock may differ from the service's before somebody is told."""
TOO_FAR_S = 300.0
"""From where on days of caps and ages of claims are wrong, and with them what they keep."""


async def mode(settings: Settings, catalog: Catalog, *, sandbox: bool) -> Sequence[Finding]:
    """Say whether a shoot would be a real one or a rehearsal, and why: at another address than the API's its answer says so."""
    where = settings.base_url if settings.base_url != REAL_API else "the real API"
    if sandbox:
        return [ok("mode", "a rehearsal, as --sandbox says: nothing is generated or billed")]
    if settings.key is None:
        beside = f"; {there} is not read" if (there := dotenv_beside(settings)) is not None else ""
        words = f"a rehearsal at a terminal, and an error elsewhere: {API_KEY.name} is not set{beside}"
        return [note("mode", words, f"set {API_KEY.name} in the environment for real shoots, or say --sandbox")]
    if settings.base_url == REAL_API:
        return [ok("mode", f"real: requests go to {where}, and are billed")]
    by = f"as {settings.where_set(BASE_URL)} says"
    try:
        async with call(settings, catalog, sandbox=sandbox, patience=Patience(backoff_s=0.3)) as client:
            name = (await client.service()).name
    except (KeyRefused, ServiceUnreachable):
        return [note("mode", f"requests go to {where}, {by}; it did not say whether that is the sandbox or bills them")]
    if name == "sandbox":
        return [ok("mode", f"a rehearsal: requests go to the sandbox at {where}, {by}; nothing is generated or billed")]
    return [ok("mode", f"real: requests go to {where}, {by}, and are billed")]


async def access(settings: Settings, catalog: Catalog, *, sandbox: bool) -> Sequence[Finding]:
    """Say whether the key is taken and for whom, and whether the service's clock is ours."""
    if not sandbox and settings.key is None:
        return [note("access", "nobody was asked, since there is no key", "a rehearsal needs none: --sandbox")]
    async with call(settings, catalog, sandbox=sandbox, patience=Patience(backoff_s=0.3)) as client:
        service = await client.service()
        account = await client.standing()
    if service.name == "sandbox":
        findings = [ok("access", "the sandbox answers, and takes any key")]
    else:
        team = f" for team {service.team}" if service.team else ""
        findings = [ok("access", f"the key is taken{team}, at {settings.base_url}")]
    findings += _retention(account, settings)
    return [*findings, *_clock(account.date)]


def _retention(account: Standing, settings: Settings) -> Sequence[Finding]:
    """Say whether the service keeps the team's clips, and where they go if it does not."""
    in_a_bucket = settings.vault.lower().startswith("s3:")
    if account.keeps_nothing:
        nothing = "the service keeps nothing for the team (zero data retention)"
        if in_a_bucket:
            return [ok("access", f"{nothing}, and puts its clips into {settings.vault}")]
        return [
            fault(
                "access",
                SettingsError,
                f"{nothing}, and cannot put clips into a folder of this machine",
                WANTS_A_BUCKET,
            )
        ]
    if not account.zdr and not in_a_bucket:
        words = "the service does not say whether the team has zero data retention"
        return [note("access", words, "clips of such a team go into a vault in a bucket: docs/zero-retention.md")]
    return []


def _clock(date: str | None) -> Sequence[Finding]:
    try:
        theirs = parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return [note("clock", "there is no other clock at hand to compare this machine's with")]
    apart = time.time() - theirs
    words = f"this machine's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} the service's"
    remedy = "set it by the network (timedatectl set-ntp true): days of caps and ages of requests go by it"
    if abs(apart) > TOO_FAR_S:
        return [fault("clock", SettingsError, words, remedy)]
    return (
        [note("clock", words, remedy)]
        if abs(apart) > APART_S
        else [ok("clock", "it agrees with the service's to a minute")]
    )


async def models(settings: Settings, catalog: Catalog, *, sandbox: bool, wanted: Sequence[str]) -> Sequence[Finding]:
    """
    Say which of the catalogue's models the key may use, and which of them are served by others by now.

    Args:
        wanted: The models of a storyboard; the others' lack is no fault.
    """
    known: dict[str, VideoModel | StillModel] = {**catalog.video, **catalog.still}
    retired = [
        note("models", f"{name}: {known[name].retired}", "name another model in the storyboard")
        for name in wanted
        if name in known and known[name].retired
    ]
    if not sandbox and settings.key is None:
        return [note("models", "nobody was asked, since there is no key"), *retired]
    async with call(settings, catalog, sandbox=sandbox, patience=Patience(backoff_s=0.3)) as client:
        try:
            listed = await client.models()
        except KeyRefused as error:
            return [fault("models", error), *retired]
        except ServiceUnreachable as error:
            return [note("models", f"the service lists no models ({error})"), *retired]
    return [*_of_the_key(listed, catalog, wanted), *retired]


def _of_the_key(listed: Models, catalog: Catalog, wanted: Sequence[str]) -> Sequence[Finding]:
    may = {name for card in (*listed.video, *listed.still) for name in (card.name, *card.aliases)}
    ours = [*catalog.video, *catalog.still]
    missing = [name for name in wanted if name not in may]
    others = [name for name in ours if name not in may and name not in missing]
    usable = [name for name in ours if name in may]
    findings: list[Finding] = []
    if missing:
        findings.append(
            fault(
                "models",
                SettingsError,
                f"the key may not use {', '.join(missing)}, which the storyboard wants",
                "name another model there, or use a key that may",
            )
        )
    if not usable:
        findings.append(
            note(
                "models", "the key may use none of the catalogue's models", "see what your team may use at the service"
            )
        )
    else:
        findings.append(ok("models", f"the key may use {', '.join(usable)}"))
    if others and usable:
        findings.append(
            note("models", f"not listed for this key: {', '.join(others)}", "name none of them, or use a key that may")
        )
    return findings
