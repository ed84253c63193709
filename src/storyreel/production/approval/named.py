"""
Words on stills that a person names, at the terminal, on the films page or in a program: which they mean, and what becomes of the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Gate
from storyreel.production.approval.review import Look
from storyreel.production.approval.status import GateState, gate_of
from storyreel.production.approval.stills import Decision, Door, as_set, decide_each
from storyreel.production.outlook import forecast
from storyreel.production.variant_names import names_for
from storyreel.vault import Vault

GATE: Gate = "before-video"
"""Where stills are looked at one by one; what a film shows is approved as a whole."""


@dataclass(frozen=True)
class StillWords:
    """What became of a person's words: the stills that they approved and rejected, and how the gate stands now."""

    approved: tuple[Look, ...]
    rejected: tuple[Look, ...]
    state: GateState

    @property
    def overruled(self) -> tuple[Look, ...]:
        """What they approved and somebody else has rejected meanwhile: that stands."""
        return tuple(look for look in self.approved if look.is_rejected)


@dataclass(frozen=True)
class StillsAsked:
    """
    The stills of a storyboard that a person is asked about.

    Args:
        service: Whose takes they are.
        allowed: The steps that may be bought.
    """

    plan: Plan
    vault: Vault
    service: ServiceName
    allowed: Collection[str]

    async def state(self) -> GateState:
        """
        Return how the gate before the videos stands, with each still that is made and what people have said of it.

        Raises:
            SettingsError: The storyboard does not wait for an approval of its stills.
            VaultError: What was said cannot be read.
        """
        board = self.plan.board
        if GATE not in board.review:
            raise SettingsError(
                f"{board.path}: single stills are approved and rejected where it has `review: before-video`; "
                + ("what the film shows is approved as a whole" if board.review else "it has no `review`")
            )
        outlook = await forecast(self.plan, self.vault, self.service, allowed=self.allowed)
        state = await gate_of(self.plan, self.vault, self.service, outlook, allowed=self.allowed, gate=GATE)
        if state is None:
            raise SettingsError(f"{board.path} has nothing to approve before video: no still of it is generated")
        return state

    def meant(
        self, state: GateState, approve: Sequence[str], reject: Sequence[str], *, flags: tuple[str, str]
    ) -> tuple[tuple[Look, ...], tuple[Look, ...]]:
        """
        Return the stills that are to be approved, and those that are to be rejected, in the order of the plan.

        Args:
            state: How the gate stands.
            approve, reject: Steps (`door/still`), scenes or members of the cast for all stills of theirs, or request ids: then exactly
                that take is meant, and no later one of its step. With a variant before it, a name means nothing of others.
            flags: What the names were given to, for messages.

        Raises:
            SettingsError: A name means nothing that is there now, or both mean one still.
        """
        good, bad = (self._named(state, names, flag) for names, flag in zip((approve, reject), flags, strict=True))
        if both := [look.step for look in good if look in bad]:
            raise SettingsError(f"{flags[0]} and {flags[1]} {', '.join(both)}: say one of them")
        return good, bad

    async def decide(
        self, approve: Sequence[Look], reject: Sequence[Look], *, by: str, note: str = "", door: Door
    ) -> StillWords:
        """
        Write down what a person said of single stills, one record for each; with the last one that is approved the set is.

        Args:
            approve, reject: What they had looked at, with the words on it that they had seen.
            by: Who said so.

        Raises:
            VaultError: It cannot be written or read.
        """
        good, bad = Decision(True, by, note), Decision(False, by, note)
        # What closes the gate comes first.
        rejected = await decide_each(self.vault, self.service, GATE, reject, bad, door)
        approved = await decide_each(self.vault, self.service, GATE, approve, good, door)
        now = await self.state()
        if now.review is not None and now.approval is not None and approved:
            # Versions that know sets alone go on by it as well.
            await self.vault.approvals.approve(as_set(now.review, good, door))
        return StillWords(approved, rejected, now)

    def _named(self, state: GateState, names: Sequence[str], flag: str) -> tuple[Look, ...]:
        prefix, meant = self.plan.board.prefix, set[str]()
        waits = [each.step for each in state.missing]
        for name in names_for(self.plan.board, names):
            full = name if name.startswith(prefix) else f"{prefix}{name}"
            of_name = {
                look.step for look in state.stills if name == look.request_id or full in (look.step, _scene(look.step))
            }
            if not of_name:
                raise SettingsError(f"{flag} {name}: {_why_not(name, full, state, waits)}")
            meant |= of_name
        return tuple(look for look in state.stills if look.step in meant)


def _why_not(name: str, full: str, state: GateState, waits: Sequence[Step]) -> str:
    """Return why a name means no still that is there."""
    if any(full in (step.id, step.scene) for step in waits):
        return "that still is not made yet, so there is nothing to look at"
    if name.startswith("still-"):
        there = ", ".join(f"{look.step} is {look.request_id}" for look in state.stills)
        return (
            "that is no still that is there now: another one was made in its place, or the storyboard was changed. Look at "
            f"what is there, and say it of that: {there}"
        )
    known = [*(look.step for look in state.stills), *(step.id for step in waits)]
    hint = f"{guess}  " if (guess := did_you_mean(full, [*dict.fromkeys(map(_scene, known)), *known])) else ""
    return f"no still that is looked at has that name; {hint}(there are: {', '.join(known)})"


def _scene(step: str) -> str:
    return step.partition("/")[0]
