"""
What an answer of the service can mean, as values.

Each is one case that is acted on differently; nothing here acts.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyreel.imagine.types import Finished, Progress, StillElsewhere, StillMade
from storyreel.model.money import Charge


@dataclass(frozen=True)
class Trouble:
    """An error body in any of the service's shapes: its code if it has one, and its words on one line."""

    status: int
    code: str | None
    words: str
    ticks: Charge = None


@dataclass(frozen=True)
class Accepted:
    """A submit was taken."""

    request_id: str


@dataclass(frozen=True)
class Refused(Trouble):
    """A clear no: nothing was taken, nothing is charged."""


@dataclass(frozen=True)
class Paced(Trouble):
    """Not now (429): nothing was taken."""


@dataclass(frozen=True)
class WrongKey(Trouble):
    """The answer is about the key and about nothing else."""


@dataclass(frozen=True)
class Unreadable(Trouble):
    """An answer from which nobody can tell whether the request was taken."""


@dataclass(frozen=True)
class Withheld(Trouble):
    """Made (or nearly) and withheld by moderation; `ticks` is the charge if it was told."""


@dataclass(frozen=True)
class Failed(Trouble):
    """The service gave up on a take."""


@dataclass(frozen=True)
class Expired:
    """The take was made, and the service no longer keeps it."""


@dataclass(frozen=True)
class Gone(Trouble):
    """The service does not know the id."""


@dataclass(frozen=True)
class WithoutAddress:
    """Said to be done, with no address to fetch it from; `ticks` is the charge if it was told."""

    ticks: Charge = None


@dataclass(frozen=True)
class Unlisted:
    """
    A status that we do not know: the service may learn new words before we do.

    `shown` is the take as it would be if the word meant done: there is an address beside it. `failed` is how it ended if the word
    means what it says: an error stands beside it.
    """

    status: str
    percent: int | None
    shown: Finished | None = None
    failed: Failed | None = None


@dataclass(frozen=True)
class Hiccup(Trouble):
    """No verdict on the take at all: ask again."""


SubmitAnswer = Accepted | Refused | Paced | WrongKey | Withheld | Unreadable
StillAnswer = StillMade | StillElsewhere | Refused | Paced | WrongKey | Withheld | Unreadable
PollAnswer = Finished | Progress | Withheld | Failed | Expired | Gone | WithoutAddress | Unlisted | WrongKey | Hiccup
