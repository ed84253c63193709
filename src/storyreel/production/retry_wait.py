"""
How long a step is waited for that the service does not take now (HTTP 429), and what a person is told meanwhile.

Nobody waits in a place among the jobs in flight: whoever has to wait leaves it, and comes back for another one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from storyreel.errors import SubmitPaced
from storyreel.model.events import Event, Watcher

REFUSALS_BORNE = 8
"""How often one step is sent again after 'too many requests' before it gives up."""

PATIENCE_S = 600.0
"""How long one step waits in all before it gives up. A service that asks for more is not waited for at all."""

OWN_PAUSE_S = 30.0
"""The longest pause where the service names none."""


@dataclass(frozen=True)
class Later:
    """Not now: nothing was sent, or it was surely not taken. It may be tried again in `after_s` seconds."""

    after_s: float
    why: str


@dataclass
class Waits:
    """How often each step was refused for now, and how long it has waited."""

    _refusals: dict[str, int] = field(default_factory=dict)
    waited_s: dict[str, float] = field(default_factory=dict)

    def after(self, step: str, refused: SubmitPaced, *, held_s: float = 0.0) -> Later:
        """
        Return when a step that was refused for now may be tried again: not before the run's own hold of `held_s` ends.

        Raises:
            SubmitPaced: It was refused too often, or would have to wait too long.
        """
        times = self._refusals.get(step, 0)
        self._refusals[step] = times + 1
        if times >= REFUSALS_BORNE:
            raise SubmitPaced(
                f"{refused}; given up after {times + 1} tries, run again later",
                status=refused.status,
                code=refused.code,
                after_s=refused.after_s,
            ) from refused
        own_s = min(2.0**times, OWN_PAUSE_S)
        asked_s = own_s if refused.after_s is None else refused.after_s
        return self._bounded(step, Later(max(asked_s, held_s), str(refused)))

    def held(self, step: str, seconds: float, why: str) -> Later:
        """
        Return when a step may be tried that was not sent, since the service has asked others of this run to wait.

        Raises:
            SubmitPaced: It has waited long enough.
        """
        return self._bounded(step, Later(seconds, why))

    async def pause(self, step: str, later: Later, tell: Watcher) -> None:
        """Wait, and tell whoever watches."""
        self.waited_s[step] = self.waited_s.get(step, 0.0) + later.after_s
        tell(Event(step, "refused", text=in_words(later)))
        await asyncio.sleep(later.after_s)

    def _bounded(self, step: str, later: Later) -> Later:
        if self.waited_s.get(step, 0.0) + later.after_s <= PATIENCE_S:
            return later
        waited_s = self.waited_s.get(step, 0.0)
        already = f" and {length(waited_s)} were waited already" if waited_s >= 1 else ""
        raise SubmitPaced(
            f"{later.why}; the service asks to wait {length(later.after_s)}{already}; a run waits {length(PATIENCE_S)} "
            "at most, and nothing was sent: run again later",
            after_s=later.after_s,
        )


def in_words(later: Later) -> str:
    """Return what a person is told who watches."""
    return f"waits {length(later.after_s)}: {later.why}"


def length(seconds: float) -> str:
    """Return a time as a person says it, endless ones included."""
    if not seconds < 365 * 86_400:
        return "more than a year"
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s" if seconds >= 1 or seconds == 0 else f"{seconds:.1f} s"
