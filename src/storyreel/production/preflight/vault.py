"""
Where takes are kept: whether the vault can be read and written, and whether it is in a safe place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from storyreel.console import counted
from storyreel.errors import VaultClosed, VaultError
from storyreel.production.preflight.finding import Finding, fault, note, ok
from storyreel.production.preflight.machine import FAR, GONE_AFTER_A_RESTART, file_system_of, nearest, not_to_be_made
from storyreel.settings import Settings, vault_from
from storyreel.systems import knows_users, user
from storyreel.vault import open_vault
from storyreel.vault.services import SERVICES

BACKUP = "a copy of it elsewhere is worth what all takes have cost; it only grows, so copying what is new is enough"


def place_of(address: str) -> Path | None:
    """Return the folder that an address of a vault names; None where it is a bucket."""
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() != "file":
        return None
    path = rest if colon else address
    return Path(path[path.startswith("//") * 2 :] or "/").expanduser().absolute()


async def vault(settings: Settings, named: str | None) -> Sequence[Finding]:
    """
    Say whether the vault can be read and written. One that is not there is not made.

    Args:
        named: Its address, as the command line has it.
    """
    address = vault_from(settings.root, named or settings.vault)
    folder = place_of(address)
    if folder is not None and not os.path.lexists(folder):
        if why := not_to_be_made(folder):
            return [
                fault(
                    "vault", VaultError, f"the vault {folder} cannot be made: {why}", "name another place with --vault"
                )
            ]
        return [
            note(
                "vault",
                f"{folder} is not there yet, and the first run makes it",
                "see that this is the one that you mean",
            )
        ]
    # Whoever opens a folder to write tries that out, and takes away what it has written.
    opened = open_vault(address, cache=settings.cache)
    if (closed := await opened.closing.record()) is not None:
        return [fault("vault", VaultClosed, opened.closing.words(closed), opened.closing.remedy)]
    takes = sum([len(await opened.takes.ids(service)) for service in SERVICES])
    what = (
        "can be read and written"
        if folder is not None
        else "can be read; whether it can be written is tried by the first run"
    )
    return [ok("vault", f"{opened.address} {what}, and has {counted(takes, 'take') if takes else 'no takes yet'}")]


def safety(settings: Settings, named: str | None) -> Sequence[Finding]:
    """Say whether the vault is where it lasts, and whether others may write it."""
    folder = place_of(vault_from(settings.root, named or settings.vault))
    if folder is None:
        return [ok("safety", "the vault is in a bucket; keep its versions, or copy it to another one")]
    there = nearest(folder)
    kind, findings = file_system_of(there.resolve()), list[Finding]()
    if kind in FAR:
        findings.append(
            note(
                "safety",
                f"the vault is on another machine's disk ({kind})",
                "see that it locks and renames as a disk here does, or use a bucket (s3:)",
            )
        )
    if kind in GONE_AFTER_A_RESTART or any(folder.is_relative_to(place) for place in ("/tmp", "/var/tmp", "/dev/shm")):  # noqa: S108
        why = kind if kind in GONE_AFTER_A_RESTART else "a folder for what is temporary"
        findings.append(
            note(
                "safety",
                f"the vault {folder} is in {why}: takes that are lost are bought again",
                "name a lasting place: STORYREEL_VAULT",
            )
        )
    status = there.stat()
    if there == folder and knows_users() and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        findings.append(
            note("safety", f"others may write the vault {folder}", f"where that is not meant: chmod go-w {folder}")
        )
    if there == folder and knows_users() and status.st_uid not in (user(), 0):
        findings.append(
            note("safety", f"the vault {folder} belongs to somebody else", "see that it is the one that you mean")
        )
    return findings or [ok("safety", f"the vault is on a disk of this machine{f' ({kind})' if kind else ''}; {BACKUP}")]
