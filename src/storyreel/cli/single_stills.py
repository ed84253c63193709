"""
Approve and reject single stills: `storyreel approve BOARD --still STEP --reject STEP`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from rich.console import Console

from storyreel.cli.approvers import person
from storyreel.console import agreed, counted, say
from storyreel.errors import AwaitingApproval, NotApproved
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.named import StillsAsked, StillWords
from storyreel.production.approval.review import Look, Review
from storyreel.production.approval.status import approve_command
from storyreel.production.approval.stills import redo_command
from storyreel.production.prepare import Prepared
from storyreel.production.service import service_asked
from storyreel.production.variant_names import check_names, names_for

FLAGS = ("--still", "--reject")


@dataclass(frozen=True)
class SingleStills:
    """
    A person's words on stills that they name.

    Args:
        approve, reject: Steps, scenes or members of the cast, or request ids.
        note: What they add.
        vault: The vault's address, as it was given.
        shown: The beginning of the identity of the set that they were shown, where they name it.
    """

    console: Console
    approve: Sequence[str]
    reject: Sequence[str]
    _: KW_ONLY
    note: str
    vault: str | None
    sandbox: bool
    shown: str | None

    async def of(self, every: Sequence[Prepared]) -> tuple[int, tuple[Review, ...]]:
        """
        Write their words down, and say what became of them; return the exit code, and what is open by now.

        Raises:
            SettingsError: A name means no still that is there. Nothing was written.
            AwaitingApproval: Nobody can be asked here, or what was shown is not what is there now. Nothing was approved.
            NotApproved: Somebody has rejected meanwhile what was approved.
        """
        check_names([each.plan.board for each in every], FLAGS[0], self.approve)
        check_names([each.plan.board for each in every], FLAGS[1], self.reject)
        meant = []
        for ready in every:
            if names_for(ready.plan.board, [*self.approve, *self.reject]):
                service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=self.sandbox)
                asked = StillsAsked(ready.plan, ready.vault, service, ready.allowed)
                state = await asked.state()
                self._check_shown(ready, state.review, service)
                meant.append((ready, asked, *asked.meant(state, self.approve, self.reject, flags=FLAGS)))
        opened: list[Review] = []
        for ready, asked, good, bad in meant:
            words = await asked.decide((), bad, by=person(), note=self.note, door="command")
            self._tell_words(words.rejected)
            if good and await self._are_good(ready, good):
                words = await asked.decide(good, (), by=person(), note=self.note, door="command")
            elif good:
                say(self.console, "Not approved; nothing was written of it.")
            self._tell_words(words.approved)
            self._tell(ready, words)
            if words.state.review is not None and words.state.approval is not None:
                opened.append(words.state.review)
            if words.overruled:
                others = ", ".join(f"{look.step} ({look.decided.words})" for look in words.overruled if look.decided)
                raise NotApproved(
                    f"rejected since you looked, so your word was not written: {others}; say it again to overrule it"
                )
        return 0, tuple(opened)

    def _check_shown(self, ready: Prepared, review: Review | None, service: ServiceName) -> None:
        if self.shown is None or (review is not None and review.identity.startswith(self.shown)):
            return
        how = approve_command(ready.plan, only=ready.only, vault=self.vault, sandbox=service == "sandbox")
        raise AwaitingApproval(
            f"what {self.shown} was is not what is there now: something was made again, or the storyboard was changed, so nothing was "
            f"written. Look at what is there now:\n  {how}"
        )

    async def _are_good(self, ready: Prepared, good: Sequence[Look]) -> bool:
        """Ask whether what is approved is what the person has seen, where they have not named exactly that."""
        if self.shown is not None or {look.request_id for look in good} <= set(self.approve):
            return True
        for look in good:
            # What a request id alone shows nobody has seen.
            say(self.console, f"  {look.step}  {await ready.vault.clips.local(look.sha256)}")
        if not (sys.stdin.isatty() and self.console.is_terminal):
            how = approve_command(ready.plan, only=ready.only, vault=self.vault, sandbox=self.sandbox)
            exactly = " ".join(f"--still {look.request_id}" for look in good)
            raise AwaitingApproval(
                f"{counted(len(good), 'still')} to approve, and nobody can be asked here. Look at what was made, and approve exactly that:\n"
                f"  {how} {exactly}"
            )
        return agreed(self.console, f"approve {'this still' if len(good) == 1 else f'these {len(good)} stills'}?")

    def _tell_words(self, looks: Sequence[Look]) -> None:
        for look in looks:
            if look.decided is not None:
                say(self.console, f"{look.step}: {look.decided.words}")
                say(self.console, f"  {look.request_id}")

    def _tell(self, ready: Prepared, words: StillWords) -> None:
        state = words.state
        if bad := [look.step for look in state.stills if look.is_rejected]:
            again = redo_command(ready.plan, bad, vault=self.vault, sandbox=self.sandbox)
            say(self.console, f"{counted(len(bad), 'still')} rejected; made again by: {again}")
        waits = [look.step for look in state.stills if look.decided is None]
        if state.approval is None and waits:
            say(self.console, f"{counted(len(waits), 'still')} of {len(state.stills)} to approve: {', '.join(waits)}")
        if state.missing:
            say(self.console, f"not made yet: {', '.join(each.step.id for each in state.missing)}")
