"""
The names of things in the vault.

Ids, services and till names come from outside: each becomes one segment that is safe as a file's name everywhere, and
the same one each time.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote

from storyreel.errors import VaultError
from storyreel.model.recipe import ServiceName

CLOSED = "closed.json"
"""Where it is written that the vault has moved."""

OURS = frozenset({"runs", "clips", "derived", "tmp", CLOSED})
"""What is at the top of the vault and no service."""

BROKEN = "clips/broken/"
"""What the keys of all that was paid for and cannot be used as it is begin with."""

NO_BOARD = "~"
"""What stands in the index for the storyboard of a claim that names none; no slug is called so."""

LONGEST = 150
_SUFFIX = re.compile(r"[a-z0-9]{1,8}")
_SAFE = re.compile(rf"[\w~-][\w.~-]{{0,{LONGEST - 1}}}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@lru_cache(maxsize=4096)
def segment(name: str) -> str:
    """
    Return a name as one segment of a key: percent-encoded, never hidden, never a way out of its folder.

    A very long name keeps its beginning and ends in its hash.

    Raises:
        VaultError: There is no name.
    """
    if _SAFE.fullmatch(name):
        return name
    if not name:
        raise VaultError("something without a name cannot be kept in the vault")
    try:
        safe = quote(name, safe="")
    except UnicodeEncodeError:
        raise VaultError(f"{name!r} is no text, so nothing in the vault can be named by it") from None
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    if len(safe) > LONGEST:
        safe = f"{safe[: LONGEST - 33]}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    return safe


def service_folder(service: ServiceName) -> str:
    """Return the folder of a service's records."""
    if service in OURS:
        raise VaultError(f"a service cannot be called {service!r}: the vault has a folder of that name")
    return segment(service)


def slate_folder(service: ServiceName, fingerprint: str) -> str:
    """Return the folder of all attempts at one fingerprint."""
    safe = segment(fingerprint)
    return f"{service_folder(service)}/slates/{segment(safe[:2])}/{safe}"


def take_key(service: ServiceName, request_id: str) -> str:
    """Return where the end of a take is written."""
    return f"{service_folder(service)}/takes/{segment(request_id)}.json"


def other_take_key(service: ServiceName, request_id: str) -> str:
    """Return where the end of a take is written if its name is taken, by an id that differs in its capitals alone."""
    suffix = hashlib.sha256(request_id.encode()).hexdigest()[:16]
    return f"{service_folder(service)}/takes/{segment(request_id)[: LONGEST - 17]}-{suffix}.json"


def later_key(service: ServiceName, request_id: str) -> str:
    """Return where the end of a take is written for which there was no address at first."""
    suffix = hashlib.sha256(request_id.encode()).hexdigest()[:16]
    return f"{service_folder(service)}/later/{segment(request_id)[: LONGEST - 17]}-{suffix}.json"


def awaited_key(service: ServiceName, request_id: str) -> str:
    """Return where it is noted that a take is awaited which nobody here has asked for."""
    return f"{service_folder(service)}/awaited/{segment(request_id)}.json"


def till_folder(service: ServiceName, till: str) -> str:
    """Return the folder of a till's entries."""
    return f"{service_folder(service)}/tills/{segment(till)}"


def inbox_folder(service: ServiceName) -> str:
    """Return the folder into which the service itself puts clips."""
    return f"{service_folder(service)}/inbox/"


def inbox_key(service: ServiceName, fingerprint: str, attempt: int) -> str:
    """Return where the service itself puts the clip of an attempt."""
    return f"{inbox_folder(service)}{segment(fingerprint)}/{attempt}"


def approval_key(service: ServiceName, gate: str, identity: str) -> str:
    """Return where a person's approval is written: at which gate, and of what."""
    return f"{service_folder(service)}/approvals/{segment(f'{gate}-{identity}')}.json"


def decided_folder(service: ServiceName, gate: str, identity: str) -> str:
    """
    Return where people's words on a single take are written. It is no part of the folder of approvals: a version that knows those
    alone takes none of them for an approval of a set.
    """
    return f"{service_folder(service)}/decided/{segment(f'{gate}-{identity}')}"


def address_key(service: ServiceName, name: str) -> str:
    """Return where it is noted that a service has answered at an address."""
    return f"{service_folder(service)}/addresses/{segment(name)}.json"


def index_folder(service: ServiceName, board: str | None = None) -> str:
    """Return the folder of the marks of one storyboard, by its slug; of all of them without one."""
    folder = f"{service_folder(service)}/index"
    return folder if board is None else f"{folder}/{segment(board or NO_BOARD)}"


def mark_key(service: ServiceName, board: str, step: str, at: str, fingerprint: str, attempt: int) -> str:
    """Return where it is marked that an attempt is about to be claimed for a step of a storyboard."""
    return f"{index_folder(service, board)}/{segment(step)}@{at}-{segment(fingerprint)}-{attempt}.json"


def run_folder(run_id: str) -> str:
    """Return the folder of a run's summaries."""
    return f"runs/{segment(run_id)}"


def clip_stem(sha256: str) -> str:
    """Return what a clip's key begins with, up to its suffix."""
    if not _SHA256.fullmatch(sha256):
        raise VaultError(f"{sha256!r} is no sha256, so it names no clip")
    return f"clips/{sha256[:2]}/{sha256}."


def broken_key(request_id: str) -> str:
    """Return where it is kept what came for a take and cannot be used as it is."""
    return f"{BROKEN}{segment(request_id)}"


def suffix_of(suffix: str) -> str:
    """Return a file's suffix in the one way we write it: `mp4` for `mp4`, `.mp4` and `.MP4`."""
    clean = suffix.lower().removeprefix(".")
    if not _SUFFIX.fullmatch(clean):
        raise VaultError(f"{suffix!r} is no suffix of a clip")
    return clean
