"""
Where slates, takes, tills and clips are kept: records that are written once, so that nothing is ever paid for twice.

The vault keeps and tells; it sends nothing, measures nothing and waits for nothing.
"""

from storyreel.vault.approvals import Approval, Decided
from storyreel.vault.cap import Caps
from storyreel.vault.decide import (
    MOST_ATTEMPTS,
    PASSING,
    Buy,
    Collect,
    Have,
    Stop,
    Unknown,
    Verdict,
    WaitForClaim,
    decide,
)
from storyreel.vault.deliveries import Delivered, Delivery
from storyreel.vault.gc import Litter
from storyreel.vault.records import Answer, Ask, Attempt, Claim, Entry, Take, attempt_key, inbox_id, still_id
from storyreel.vault.vault import Vault, open_vault

__all__ = [
    "MOST_ATTEMPTS",
    "PASSING",
    "Answer",
    "Approval",
    "Ask",
    "Attempt",
    "Buy",
    "Caps",
    "Claim",
    "Collect",
    "Decided",
    "Delivered",
    "Delivery",
    "Entry",
    "Have",
    "Litter",
    "Stop",
    "Take",
    "Unknown",
    "Vault",
    "Verdict",
    "WaitForClaim",
    "attempt_key",
    "decide",
    "inbox_id",
    "open_vault",
    "still_id",
]
