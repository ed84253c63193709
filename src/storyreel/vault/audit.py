"""
Walk over all of a vault and say what is wrong with it: records that cannot be read or contradict each other, and clips
that are missing or damaged. Nothing is changed.
"""

from __future__ import annotations

from storyreel.errors import ClipMissing, RecordDamaged, VaultError
from storyreel.model.recipe import ServiceName
from storyreel.vault.approvals import Approval, Decided
from storyreel.vault.attempts import Attempts
from storyreel.vault.clips import Clips
from storyreel.vault.deliveries import Delivery
from storyreel.vault.index import Index
from storyreel.vault.ledger import Ledger
from storyreel.vault.paths import later_key, other_take_key, service_folder, take_key
from storyreel.vault.record_store import RecordStore
from storyreel.vault.records import Awaited, Begun, Record, Summary, Take
from storyreel.vault.services import Services
from storyreel.vault.stores.folder import FileStore

_KINDS: dict[str, type[Record]] = {
    "approvals": Approval,
    "decided": Decided,
    "awaited": Awaited,
    "deliveries": Delivery,
}


class Audit:
    """All of a vault, looked at."""

    def __init__(
        self,
        records: RecordStore,
        *,
        attempts: Attempts,
        clips: Clips,
        ledger: Ledger,
        services: Services,
        index: Index,
    ) -> None:
        self._records = records
        self._store = records.store
        self._attempts = attempts
        self._clips = clips
        self._ledger = ledger
        self._services = services
        self._index = index

    async def findings(self) -> tuple[str, ...]:
        """
        Return what is wrong, each as a sentence that names its files.

        Raises:
            VaultError: The vault as such cannot be read.
        """
        findings: list[str] = []
        for service in await self._services.names():
            findings += await self._odd_attempts(service)
            findings += await self._odd_tills(service)
            for folder, kind in _KINDS.items():
                findings += await self._unreadable(f"{service_folder(service)}/{folder}/", kind)
            findings += [
                f"{self._records.address}/{key} cannot be read; nothing depends on it: `storyreel vault check --index`"
                " writes it anew"
                for key in await self._index.damaged(service)
            ]
        for key in await self._store.keys("runs/"):
            begun, summary = "/begun/" in key, key.rpartition("/")[2].removesuffix(".json").isdecimal()
            if begun or summary:
                findings += await self._unreadable(key, Begun if begun else Summary)
        return tuple(dict.fromkeys(findings))

    async def _odd_attempts(self, service: ServiceName) -> list[str]:
        attempts, damaged = await self._attempts.every(service)
        findings = [str(one) for one in damaged]
        held = {name for one in damaged for name in one.files}
        named = {(one.claim.key, request_id) for one in attempts for request_id in one.request_ids}
        reported = " ".join(findings)
        folder = service_folder(service)
        for key in (*await self._store.keys(f"{folder}/takes/"), *await self._store.keys(f"{folder}/later/")):
            where = f"{self._records.address}/{key}"
            try:
                take = await self._records.read(Take, key)
            except RecordDamaged as error:
                findings += [str(error)] if where not in held else []
                continue
            if take is None:
                continue
            places = (take_key, other_take_key, later_key)
            if key not in [place(service, take.request_id) for place in places]:
                findings.append(f"{where} is about another take, {take.request_id} of {take.service}")
            elif take.fingerprint and take.fingerprint not in reported and not self._is_named(take, named):
                findings.append(f"{where} is how attempt {take.attempt} at a step ended, and no answer names it")
            findings += await self._odd_clip(take, where)
        return findings

    def _is_named(self, take: Take, named: set[tuple[str, str]]) -> bool:
        return any(request_id == take.request_id for key, request_id in named if key.startswith(take.fingerprint))

    async def _odd_clip(self, take: Take, where: str) -> list[str]:
        if take.sha256 is None:
            return []
        try:
            # A bucket would have to be fetched whole for it; what comes from there is looked at when it is used.
            if isinstance(self._store, FileStore):
                await self._clips.local(take.sha256)
            elif not await self._clips.has(take.sha256):
                raise ClipMissing(take.sha256)
        except ClipMissing as missing:
            return [f"{where}: {missing}; a run that wants it fetches it again, if the service still has it"]
        except VaultError as error:
            return [f"{where}: {error}"]
        return []

    async def _odd_tills(self, service: ServiceName) -> list[str]:
        prefix = f"{service_folder(service)}/tills/"
        findings = []
        for folder in dict.fromkeys(key.rpartition("/")[0] for key in await self._store.keys(prefix)):
            try:
                await self._ledger.entries_in(folder)
            except VaultError as error:
                findings.append(str(error))
        return findings

    async def _unreadable(self, prefix: str, kind: type[Record]) -> list[str]:
        findings = []
        for key in await self._store.keys(prefix):
            try:
                await self._records.read(kind, key)
            except RecordDamaged as error:
                findings.append(str(error))
        return findings
