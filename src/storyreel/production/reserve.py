"""
What a run has set aside under the caps that bound all runs of a vault, as this process knows it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from weakref import WeakValueDictionary

from storyreel.model.money import TICKS_PER_USD
from storyreel.settings import Settings
from storyreel.variables.table import CAP_DAY, CAP_MONTH
from storyreel.variables.variable import Variable
from storyreel.vault import Caps


@dataclass(frozen=True)
class Reserve:
    """
    What a run has set aside under some caps.

    Args:
        caps: As a person has set them for this process; without any there is no till for them.
        tills: Of each attempt for which something is set aside and which is not claimed here, the day's till.
        claimed: The attempts that this process has claimed: what was set aside for them is settled when they end.
        warned: The caps of which somebody was told that they are nearly reached.
    """

    caps: Caps
    tills: dict[str, str] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary, repr=False)

    def turn(self, attempt_key: str) -> asyncio.Lock:
        """Return what the steps of this run that share an attempt take turns by."""
        return self._turns.setdefault(attempt_key, asyncio.Lock())


def caps_of(settings: Settings) -> Caps:
    """Return the caps that a person has set for this process, or a project has lowered for its runs."""
    day, month = (None if usd is None else round(usd * TICKS_PER_USD) for usd in (settings.cap_day, settings.cap_month))
    return Caps(day, month, _raised_by(settings, CAP_DAY), _raised_by(settings, CAP_MONTH))


def _raised_by(settings: Settings, variable: Variable[object]) -> str:
    """Return what a person raises a cap with: the variable, or the line of a file that says it."""
    where = settings.where_set(variable)
    return where if where == variable.name or variable.files is None else f"{variable.files.key} in {where}"


def today() -> date:
    """Return the day in UTC, by which caps count."""
    return datetime.now(UTC).date()
