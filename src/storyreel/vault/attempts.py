"""
What the vault knows of attempts and takes: read, put together, and held against each other.

What cannot be read, or contradicts what lies beside it, is an error that names its files - never an attempt that
nothing came of. Nothing is written here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from storyreel.errors import RecordDamaged
from storyreel.model.recipe import WITH_AN_ID, ServiceName
from storyreel.vault.clips import Clips
from storyreel.vault.contradictions import contradictions, spoilt, unknown_records
from storyreel.vault.liveness import Process, known_dead
from storyreel.vault.paths import segment, service_folder, slate_folder, take_key
from storyreel.vault.record_store import TOGETHER, RecordStore
from storyreel.vault.record_text import read_back
from storyreel.vault.records import Answer, Attempt, Claim, Joined, Named, Record, Silence, Take, ids_of, still_id
from storyreel.vault.takes import Takes

UNKNOWN_AFTER_S = 300.0
"""How old a claim without an answer grows before it is unknown. It is sent for 60 s at most, and its answer takes 180 s."""

_KINDS: dict[str, type[Record]] = {"answer": Answer, "silence": Silence, "named": Named, "joined": Joined}


def _kind_of(name: str) -> type[Record] | None:
    """Return what a file beside a claim is: `answer.json` and `answer-<nonce>.json` are answers; None for what is no record."""
    stem, _, end = name.rpartition(".")
    return _KINDS.get(stem.partition("-")[0]) if end == "json" else None


class Purpose(NamedTuple):
    """What a claim was for: a step, and the slug of its storyboard (empty in the oldest records)."""

    step: str
    board: str


class Attempts:
    """Attempts at steps, each put together from its claim, its answers and its takes. Nothing is written here."""

    def __init__(self, records: RecordStore, takes: Takes, clips: Clips) -> None:
        self._records = records
        self._store = records.store
        self._takes = takes
        self._clips = clips
        self._purposes: dict[str, Purpose | None] = {}

    async def of(self, service: ServiceName, fingerprint: str) -> tuple[Attempt, ...]:
        """
        Return all attempts at a fingerprint, in order, each with all that is known of it now.

        Raises:
            RecordDamaged: Something of them cannot be read, is missing, or contradicts the rest.
        """
        folder = slate_folder(service, fingerprint)
        numbered: dict[int, list[str]] = {}
        for key in await self._store.keys(folder + "/"):
            number, _, name = key.removeprefix(folder + "/").partition("/")
            if not number.isdecimal():
                raise self._records.damaged([key], f"{key} has no place among the attempts at a take")
            numbered.setdefault(int(number), []).append(name)
        attempts = tuple([await self._attempt(service, fingerprint, n, names) for n, names in sorted(numbered.items())])
        for place, attempt in enumerate(attempts, start=1):
            if attempt.number != place:
                gap = f"{folder}/{place}"
                raise self._records.damaged([gap], f"{gap} is missing, and later attempts are there")
        return attempts

    async def every(self, service: ServiceName) -> tuple[list[Attempt], list[RecordDamaged]]:
        """Return all attempts at a service, and what is wrong with those that cannot be told."""
        sound, damaged = await self.of_each(service, await self.fingerprints(service))
        return [attempt for attempts in sound.values() for attempt in attempts], damaged

    async def of_each(
        self, service: ServiceName, fingerprints: Sequence[str]
    ) -> tuple[dict[str, tuple[Attempt, ...]], list[RecordDamaged]]:
        """Return all attempts at some fingerprints, many read at once, and what is wrong with those that cannot be told."""
        sound: dict[str, tuple[Attempt, ...]] = {}
        damaged: list[RecordDamaged] = []

        async def read(fingerprint: str) -> tuple[Attempt, ...] | RecordDamaged:
            try:
                return await self.of(service, fingerprint)
            except RecordDamaged as error:
                return error

        for some in (fingerprints[n : n + TOGETHER] for n in range(0, len(fingerprints), TOGETHER)):
            for fingerprint, attempts in zip(some, await asyncio.gather(*map(read, some)), strict=True):
                if isinstance(attempts, RecordDamaged):
                    damaged.append(attempts)
                else:
                    sound[fingerprint] = attempts
        return sound, damaged

    async def purposes(self, service: ServiceName) -> dict[str, set[Purpose]]:
        """Return what each fingerprint was claimed for. Claims never change, so each is read once; damaged ones tell nothing."""
        keys = await self._store.keys(f"{service_folder(service)}/slates/")
        claims = [key for key in keys if key.endswith("/claim.json")]
        unread = [key for key in claims if key not in self._purposes]
        async for key, data in self._records.contents(unread):
            try:
                claim = read_back(Claim, data or b"", key)
                self._purposes[key] = Purpose(claim.step, claim.board)
            except RecordDamaged:
                self._purposes[key] = None
        by: dict[str, set[Purpose]] = {}
        for key in claims:
            purpose = self._purposes[key]
            by.setdefault(key.split("/")[3], set()).update([purpose] if purpose is not None else [])
        return by

    async def claimed(self, service: ServiceName) -> set[tuple[str, int]]:
        """Return each request that was ever claimed at a service: a fingerprint, and the number of an attempt."""
        return {(parts[3], int(parts[4])) for parts in await self.keys(service) if parts[5] == "claim.json"}

    async def keys(self, service: ServiceName) -> list[list[str]]:
        """Return the key of each record of an attempt at a service, in parts: the fourth is its fingerprint, the fifth its number."""
        keys = [key.split("/") for key in await self._store.keys(f"{service_folder(service)}/slates/")]
        return [parts for parts in keys if len(parts) == 6 and parts[4].isdecimal()]

    async def fingerprints(self, service: ServiceName) -> tuple[str, ...]:
        """Return every fingerprint that was ever claimed at a service."""
        keys = await self._store.keys(f"{service_folder(service)}/slates/")
        # What lies there and is not ours - desktops leave such things - has no place deep enough.
        return tuple(dict.fromkeys(parts[3] for key in keys if len(parts := key.split("/")) > 4))

    async def nothing_ended(self, service: ServiceName, fingerprint: str, attempts: Sequence[Attempt]) -> None:
        """
        Make sure that no take stands for a fingerprint but those of its attempts, before it is bought.

        Raises:
            RecordDamaged: One does: its claim or its answer was lost, or another vault's was copied over it.
        """
        known = {request_id for attempt in attempts for request_id in attempt.request_ids}
        odd = [
            end
            for end in (await self._takes.by_fingerprint(service)).get(fingerprint, [])
            if end.request_id not in known
        ]
        if odd:
            why = "; ".join(
                f"{end.key} is how attempt {end.attempt} at this step ended, and no answer there names it"
                for end in odd
            )
            raise self._records.damaged([end.key for end in odd], why)
        free = {f"{one.number}.json" for one in attempts if one.state != "refused"}
        came = f"{service_folder(service)}/deliveries/{segment(fingerprint)}-"
        if lost := [key for key in await self._store.keys(came) if key.removeprefix(came) not in free]:
            why = "; ".join(f"{key} came for an attempt at this step that is refused, or is not there" for key in lost)
            raise self._records.damaged(lost, why)

    # --- how an attempt is put together

    async def _attempt(self, service: ServiceName, fingerprint: str, number: int, names: list[str]) -> Attempt:
        folder = f"{slate_folder(service, fingerprint)}/{number}"
        claim = await self._records.read(Claim, f"{folder}/claim.json")
        if claim is None:
            raise self._records.damaged([folder], f"{folder} has no claim of its own")
        others: dict[str, Record] = {}
        # The three that matter are asked for by name: a listing may be older than they are. The answer is the last of them.
        asked = () if "answer.json" in names else ("answer.json", "silence.json", "named.json")
        for name in dict.fromkeys([*names, *asked]):
            kind = _kind_of(name)
            record = await self._records.read(kind, f"{folder}/{name}") if kind is not None else None
            if record is not None:
                others[name] = record
        if odd := [*unknown_records(names), *contradictions(service, fingerprint, number, claim, others)]:
            about = [f"{folder}/{one.partition(' ')[0]}" for one in odd]
            raise self._records.damaged(about, f"{folder}: {'; '.join(odd)}")
        answer = others.get("answer.json")
        answers = [one for one in others.values() if isinstance(one, Answer)]
        late = [one for one in answers if one is not answer]
        # A still is kept as clip, take, answer, in this order: whoever died before the answer lost nothing.
        still = await self._still(claim)
        if still is not None and all(one.request_id != still.request_id for one in answers):
            answer, late = (answer, [*late, still]) if answer is not None else (still, late)
        named = others.get("named.json")
        assert isinstance(answer, Answer | None)
        assert isinstance(named, Named | None)
        ends = [
            take
            for request_id in ids_of(answer, late)
            if (take := await self._takes.get(service, request_id)) is not None
        ]
        for take in ends:
            await self._belongs(take, claim)
        clip = next((take for take in ends if take.end == "clip" and take.sha256 is not None), None)
        return Attempt(
            claim,
            answer,
            tuple(late),
            tuple(take for take in ends if not take.without_url),
            joined=tuple(one.ask for one in others.values() if isinstance(one, Joined)),
            unknown="" if answer is not None or late else await self._unknown(claim, others.get("silence.json"), named),
            here=clip is not None and await self._clips.has(clip.sha256 or "", clip.suffix),
            named=named,
            without_url=tuple(take for take in ends if take.without_url),
        )

    async def _belongs(self, take: Take, claim: Claim) -> None:
        """Make sure that a take is of the attempt whose answer names it. One that was awaited by a pin names none."""
        key = take_key(take.service, take.request_id)
        if odd := spoilt(take):
            raise self._records.damaged([key], f"{key} {odd}")
        if not take.fingerprint or (take.fingerprint, take.attempt) == (claim.fingerprint, claim.attempt):
            return
        # A gateway may answer two requests with one id: then the other attempt's answer has it too.
        folder = f"{slate_folder(take.service, take.fingerprint)}/{take.attempt}/"
        for key in await self._store.keys(f"{folder}answer"):
            answer = await self._records.read(Answer, key)
            if answer is not None and answer.request_id == take.request_id:
                return
        key, ours = (
            take_key(take.service, take.request_id),
            f"{slate_folder(claim.service, claim.fingerprint)}/{claim.attempt}",
        )
        raise self._records.damaged(
            [key, f"{ours}/answer.json"],
            f"{key} names attempt {take.attempt} at {take.fingerprint[:12]}, and is the answer in {ours}",
        )

    async def _still(self, claim: Claim) -> Answer | None:
        if claim.recipe.get("operation") in WITH_AN_ID:
            return None
        take = await self._takes.get(claim.service, still_id(claim.fingerprint, claim.attempt))
        if take is None or (take.fingerprint, take.attempt) != (claim.fingerprint, claim.attempt):
            return None
        return Answer(kind="accepted", nonce=claim.nonce, request_id=take.request_id, at=take.at)

    async def _unknown(self, claim: Claim, silence: Record | None, named: Named | None) -> str:
        reason = silence.why if isinstance(silence, Silence) else await self._silent(claim)
        # An answer may have come since we looked, as the last thing that the process did.
        folder = f"{slate_folder(claim.service, claim.fingerprint)}/{claim.attempt}"
        if reason and await self._store.read(f"{folder}/answer.json") is not None:
            return ""
        if reason and named is not None and named.request_id not in reason:
            reason += f"; the service had said HTTP {named.status}, request id {named.request_id}: {named.message}"
        return reason

    async def _silent(self, claim: Claim) -> str:
        if known_dead(Process(claim.host, claim.boot_id, claim.pid_space, claim.pid, claim.started)):
            return f"process {claim.pid} ended before it kept an answer"
        key = f"{slate_folder(claim.service, claim.fingerprint)}/{claim.attempt}/claim.json"
        age = await self._store.now() - await self._store.created(key)
        # A claim from the future tells of a clock that was set back: then nobody knows how old it is.
        return f"claimed on {claim.host} over 5 minutes ago and never answered" if abs(age) > UNKNOWN_AFTER_S else ""
