"""
Who bought what: attempts with their claims and answers, takes with their ends, asks with their summaries.

Exactly one process wins a claim, and only it may send. What came of it is written beside it. Nothing is decided here:
see `decide`. The shapes are in `records`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from storyreel.errors import VaultError
from storyreel.model.recipe import ServiceName, Slate
from storyreel.vault import disk_space
from storyreel.vault.attempts import Attempts
from storyreel.vault.closing import Closing
from storyreel.vault.decide import Buy, Collect, Stop, Verdict, WaitForClaim, decide
from storyreel.vault.liveness import this_process
from storyreel.vault.paths import (
    segment,
    slate_folder,
)
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import written
from storyreel.vault.records import Answer, Ask, Attempt, Claim, Joined, Named, Silence, attempt_key


class Claims:
    """The right to send a request, and what came of it: claims and their answers, written."""

    def __init__(self, records: RecordStore, attempts: Attempts, closing: Closing) -> None:
        self._records = records
        self._store = records.store
        self._attempts = attempts
        self._closing = closing

    async def recall(self, service: ServiceName, fingerprint: str, ask: Ask, *, redo: bool = False) -> Verdict:
        """
        Return what this ask does about a step, and note it where the ask takes another's attempt as its own.

        Args:
            service: Who is asked.
            fingerprint: What is asked for.
            ask: Who asks.
            redo: Whether this run was told to make the step anew.

        Raises:
            RecordDamaged: What the vault has of it cannot be read, or contradicts itself.
        """
        attempts = await self._attempts.of(service, fingerprint)
        verdict = decide(attempts, ask, redo=redo)
        if isinstance(verdict, Buy):
            await self._attempts.nothing_ended(service, fingerprint, attempts)
        if isinstance(verdict, WaitForClaim | Stop) or (isinstance(verdict, Collect) and not verdict.clip_missing):
            await self.join(next(a for a in attempts if a.number == verdict.attempt), ask)
        return verdict

    async def claim(
        self,
        service: ServiceName,
        fingerprint: str,
        attempt: int,
        *,
        ask: Ask,
        recipe: Mapping[str, Any],
        step: str,
        estimate_ticks: int,
        till: str | None,
        cap: str | None = None,
        team: str | None = None,
        board: str = "",
    ) -> Claim | None:
        """
        Claim the right to send a request. Whoever gets a Claim back has it alone, and must answer it.

        Returns:
            Our claim; None if somebody else has this attempt: recall again. What was spent for it then stays in the
            till if the winner's claim names the same one; else it is to be settled at 0.

        Raises:
            VaultError: There is no room for what would come back, or the vault cannot be written.
            CancelledError: We were told to stop. If the claim stands, an answer beside it says that nothing was sent.
        """
        disk_space.set_aside(self._records.address, attempt_key(fingerprint, attempt), await self._store.room())
        process = this_process()
        ours = Claim(
            service=service,
            fingerprint=fingerprint,
            attempt=attempt,
            nonce=secrets.token_hex(16),
            host=process.host,
            boot_id=process.boot_id,
            pid_space=process.pid_space,
            pid=process.pid,
            started=process.started,
            ask=ask,
            step=step,
            board=board,
            recipe=dict(recipe),
            estimate_ticks=estimate_ticks,
            till=till,
            cap=cap,
            team=team,
        )
        key = f"{_folder(ours)}/claim.json"
        try:
            if await self._records.create(key, ours):
                return ours
            disk_space.settled(self._records.address, ours.key)
            return None
        except (VaultError, asyncio.CancelledError) as error:
            # It may stand there although the disk failed us, or we were told to stop: nobody is to wait for it.
            disk_space.settled(self._records.address, ours.key)
            why = "the vault failed" if isinstance(error, VaultError) else "the run was stopped"
            await asyncio.shield(self._withdraw(key, ours, f"{why} while this was claimed"))
            raise

    def expect(self, slate: Slate) -> None:
        """Set room aside for the clip of a take that is waited for, whoever has asked for it."""
        disk_space.expect(self._records.address, attempt_key(slate.fingerprint, slate.attempt))

    async def forbidden(self, claim: Claim) -> str:
        """Return why a claim of ours may not be sent any more, by what stands beside it now; empty if it may."""
        folder = _folder(claim)
        if await self._store.read(f"{folder}/claim.json") != written(claim):
            return f"slept: {self._records.address}/{folder}/claim.json is not what it was before the request was sent"
        answer = await self._records.read(Answer, f"{folder}/answer.json")
        return (
            ""
            if answer is None
            else f"slept: somebody else has answered for it before it was sent ({_outcome(answer)})"
        )

    async def answer_accepted(self, claim: Claim, request_id: str) -> Answer:
        """
        Write the request id that the service gave.

        If a person has answered meanwhile, it is kept beside that answer, and collected like any other.

        Raises:
            VaultError: It could not be written. The message tells the id, for it is known nowhere else.
        """
        try:
            return await self._answer(claim, Answer(kind="accepted", nonce=claim.nonce, request_id=request_id))
        except VaultError as error:
            raise VaultError(
                f"the request for {claim.step} was accepted as {request_id}, and that could not be kept: resolve it with this id"
                f" ({error})"
            ) from error

    async def answer_refused(self, claim: Claim, status: int | None, code: str | None, message: str) -> Answer:
        """Write that the service did not take the request (or that it never left us): nothing is charged."""
        disk_space.settled(self._records.address, claim.key)
        return await self._answer(
            claim, Answer(kind="refused", nonce=claim.nonce, status=status, code=code, message=message)
        )

    async def answer_unknown(self, claim: Claim, reason: str) -> None:
        """Write that no answer could be read, so that nobody waits for one. A person will say what came of it."""
        disk_space.settled(self._records.address, claim.key)
        await self._store.create(f"{_folder(claim)}/silence.json", written(Silence(nonce=claim.nonce, reason=reason)))

    async def name(self, claim: Claim, request_id: str, status: int, code: str | None, message: str) -> None:
        """
        Write the id that came with an answer that was no success, before it is asked for.

        Raises:
            VaultError: It could not be written. The message tells the id, for it is known nowhere else.
        """
        ours = Named(nonce=claim.nonce, request_id=request_id, status=status, code=code, message=message)
        try:
            await self._store.create(f"{_folder(claim)}/named.json", written(ours))
        except VaultError as error:
            raise VaultError(
                f"the request for {claim.step} was answered with HTTP {status} and the request id {request_id}, and that could not be"
                f" kept: look whether the service knows it, and resolve it ({error})"
            ) from error

    async def resolve(self, attempt: Attempt, request_id: str | None) -> Answer:
        """
        Write what a person found out about an unknown attempt: its request id, or (None) that it is lost.

        Raises:
            VaultError: It is not unknown: it is still being sent, or it has been answered already. Or the vault has moved.
        """
        await self._closing.check()
        ours = Answer(
            kind="resolved" if request_id else "lost", nonce=secrets.token_hex(16), request_id=request_id or None
        )
        existing = attempt.answer
        if existing is None:
            if not attempt.unknown:
                raise VaultError(
                    f"attempt {attempt.number} at {attempt.claim.step} is being sent just now; wait for it"
                )
            key = f"{_folder(attempt.claim)}/answer.json"
            if await self._records.create(key, ours):
                return ours
            existing = await self._records.read(Answer, key)
        if existing is not None and _outcome(existing) == _outcome(ours):
            return existing
        raise VaultError(
            f"attempt {attempt.number} at {attempt.claim.step} was answered already"
            + (f": {_outcome(existing)}" if existing is not None else "")
        )

    async def join(self, attempt: Attempt, ask: Ask) -> None:
        """Note that an ask waits for an attempt, or stops on it, and so counts it as its own."""
        if not attempt.owned_by(ask):
            key = f"{_folder(attempt.claim)}/joined-{segment(str(ask))}.json"
            await self._store.create(key, written(Joined(ask=ask)))

    async def _withdraw(self, key: str, claim: Claim, why: str) -> None:
        """Say that nothing was sent, if the claim stands."""
        with suppress(VaultError):
            if await self._store.read(key) == written(claim):
                await self.answer_refused(claim, None, "not_sent", why)

    async def _answer(self, claim: Claim, answer: Answer) -> Answer:
        folder = _folder(claim)
        if await self._records.create(f"{folder}/answer.json", answer):
            return answer
        existing = await self._records.read(Answer, f"{folder}/answer.json")
        # The same said twice is no news; but a refusal beside a person's `lost` is.
        repeated = answer.request_id is not None or (existing is not None and existing.nonce == claim.nonce)
        if existing is not None and existing.request_id == answer.request_id and repeated:
            return existing
        late = f"{folder}/answer-{claim.nonce}.json"
        await self._store.create(late, written(answer))
        recorded = await self._records.read(Answer, late)
        if recorded is None or recorded.request_id != answer.request_id:
            raise VaultError(f"{self._records.address}/{late} holds another answer")
        return recorded


def _folder(claim: Claim) -> str:
    return f"{slate_folder(claim.service, claim.fingerprint)}/{claim.attempt}"


def _outcome(answer: Answer) -> str:
    return answer.request_id or answer.kind
