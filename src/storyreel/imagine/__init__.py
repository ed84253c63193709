"""
The client of xAI's Imagine API: submit, wait, fetch, upload.

It knows the service and its moods. It does not know storyboards, plans or the vault, and it never decides to pay.
"""

from storyreel.imagine.client import Imagine
from storyreel.imagine.patience import Patience
from storyreel.imagine.refusals import WANTS_A_BUCKET
from storyreel.imagine.send_deadline import Lease
from storyreel.imagine.types import (
    ByFile,
    ByPart,
    ByUrl,
    Finished,
    Media,
    ModelCard,
    Models,
    Progress,
    Service,
    Standing,
    StillElsewhere,
    StillMade,
    StillUnread,
)

__all__ = [
    "WANTS_A_BUCKET",
    "ByFile",
    "ByPart",
    "ByUrl",
    "Finished",
    "Imagine",
    "Lease",
    "Media",
    "ModelCard",
    "Models",
    "Patience",
    "Progress",
    "Service",
    "Standing",
    "StillElsewhere",
    "StillMade",
    "StillUnread",
]
