"""
How long and how often a client bears with the service, and how soon it asks again. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """
    How long things are waited for.

    Args:
        take_s: A take, from the first question.
        backoff_s: First pause after a question that went wrong; doubled each time.
        hold_s: First pause of all submits after a 429 that names none; doubled each time.
        key_s: How long every poll must be answered with a refused key before it is believed.
        url_s: How long a take may be done without an address, or be called failed by a word of a gateway's own, before it counts as
            failed. The service never promised to
            add one later; only other clients' tests show it (2026-11), so this is long, and that end has a code of its own.
        name_s: How long an id is asked for that came with no success.
        download_tries: How often one address is asked for its file.
        fetches: How often a take is asked for an address, where what it gave cannot be fetched whole.
    """

    take_s: float = 1800.0
    backoff_s: float = 1.0
    hold_s: float = 2.0
    key_s: float = 180.0
    url_s: float = 120.0
    name_s: float = 60.0
    download_tries: int = 3
    fetches: int = 4
