"""
What of an attempt's records contradicts the rest: two vaults copied over each other, a folder that was half restored.

Pure: nothing is read here. Each finding is a sentence that begins with the file it is about, below the attempt's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from storyreel.model.recipe import ServiceName
from storyreel.vault.records import Answer, Claim, Joined, Named, Record, Silence, Take

_KNOWN = re.compile(r"(claim|answer|silence|named|(answer|joined)-.+)\.json")


def unknown_records(names: Sequence[str]) -> Iterator[str]:
    """Say which records are of no kind that we know: a newer version may have said something of the money with them."""
    for name in names:
        if name.endswith(".json") and not _KNOWN.fullmatch(name):
            yield f"{name} is no record that this storyreel knows"


def spoilt(take: Take) -> str:
    """Say what a take says against itself; empty if nothing."""
    if (take.end == "clip") == (take.sha256 is not None):
        return ""
    return "ended with a clip and names none" if take.end == "clip" else f"says {take.end} and names a clip"


def contradictions(
    service: ServiceName, fingerprint: str, number: int, claim: Claim, others: Mapping[str, Record]
) -> Iterator[str]:
    """
    Say what is wrong between a claim and the records beside it.

    Args:
        service, fingerprint, number: What the claim's place says that it is about.
        claim: The claim.
        others: What lies beside it, by name.
    """
    if (claim.service, claim.fingerprint, claim.attempt) != (service, fingerprint, number):
        yield f"claim.json is no claim of its own, but attempt {claim.attempt} at {claim.fingerprint[:12]} of {claim.service}"
    for name, record in others.items():
        match record:
            case Answer(kind="accepted" | "refused") | Silence() | Named() if record.nonce != claim.nonce:
                yield f"{name} answers another claim than claim.json"
            case Answer() if name.startswith("answer-") and name != f"answer-{claim.nonce}.json":
                yield f"{name} answers another claim than claim.json"
            case Answer(kind="accepted" | "resolved", request_id=request_id) if not (request_id or "").strip():
                yield f"{name} says {record.kind} and has no request id"
            case Answer(kind="refused" | "lost", request_id=request_id) if request_id is not None:
                yield f"{name} says {record.kind} and has a request id"
            case Named(request_id=request_id) if not request_id.strip():
                yield f"{name} has no request id"
            case Joined() | _:
                pass
