"""
The one place where plan, service, media and vault meet: a step is recalled or bought, and its take collected.

The order of a purchase is the promise: inputs ready, money set aside, the pace kept, the claim won - and then nothing
but the request and the record of its answer.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from storyreel import media
from storyreel.catalog import Catalog
from storyreel.clock import Since
from storyreel.delivery.film import Film, cut_film
from storyreel.delivery.places import FilmFiles, film_files
from storyreel.errors import (
    DownloadFailed,
    ImagineError,
    KeyRefused,
    MediaError,
    NotReached,
    StoryreelError,
    SubmitPaced,
    SubmitRefused,
    SubmitUnknown,
    TakeExpired,
    TakeFailed,
    TakeModerated,
    VaultError,
)
from storyreel.imagine import Imagine
from storyreel.model.events import Event, tell
from storyreel.model.money import Charge
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Clip, Recipe, ServiceName, Slate
from storyreel.model.request_ids import is_stills
from storyreel.production.attachments import Inputs
from storyreel.production.circuit_breaker import Brake
from storyreel.production.outcomes import ended, lost, unusable, with_clip, without_clip
from storyreel.production.receive import Undeveloped, develop
from storyreel.production.retry_wait import Later, Waits
from storyreel.production.settle import record_end, settle
from storyreel.production.shutdown import to_its_end
from storyreel.production.submit import any_turned_up, send
from storyreel.vault import (
    Ask,
    Buy,
    Claim,
    Collect,
    Have,
    Stop,
    Take,
    Unknown,
    Vault,
    WaitForClaim,
    attempt_key,
)

CLAIMS_TRIED = 9
"""How often one step is claimed that other runs claim before us."""
HELD_S = 0.5
"""A shorter hold is waited for in line; a longer one elsewhere, since who is in line has a place among the jobs."""
FETCHES = 4
"""How often a finished take is fetched before its step fails. Fetching is free."""


class LeftOut(NotReached):
    """A step has no clip, and `only` does not allow it to be bought."""

    def __init__(self, step: str) -> None:
        super().__init__(step, because=step)
        self.args = (f"{step} has no clip, and is not among the scenes that may be bought (only)",)


@dataclass(frozen=True)
class Studio:
    """
    One run: a plan, the vault, a client of the service, and what this run may do.

    `redo` names steps that are to be made again, `allowed` those that may be bought at all. `till` is the name of the
    till that `budget_ticks` bounds (None: no bound). `sandbox` says that the service is inside this process.
    """

    plan: Plan
    catalog: Catalog
    vault: Vault
    client: Imagine
    service: ServiceName
    team: str | None
    ask: Ask
    till: str
    budget_ticks: int | None
    redo: frozenset[str]
    allowed: frozenset[str]
    out: Path
    sandbox: bool
    inputs: Inputs
    _slots: asyncio.Semaphore = field(repr=False)
    unasked: StoryreelError | None = None
    """Why the service could not be asked, if it could not: then nothing is bought."""
    before_claim: Callable[[str], Awaitable[None]] | None = field(default=None, repr=False)
    """Told the vault's address before each claim."""
    brake: Brake = field(default_factory=Brake, repr=False)
    waits: Waits = field(default_factory=Waits, repr=False)
    _files: dict[str, str] = field(default_factory=dict, repr=False)
    """The request that gave each file of this run first."""
    clips: dict[str, Clip] = field(default_factory=dict)
    """What this run has collected so far, by step."""
    _asked_for: set[str] = field(default_factory=set, repr=False)
    """Attempts whose doubtful id the service does not know, as it said in this run."""

    @property
    def files(self) -> FilmFiles:
        """Where the film goes, with its cut list and its contact sheet."""
        return film_files(self.out, self.plan.board.slug, self.service)

    def slot(self) -> AbstractAsyncContextManager[None]:
        """Bound the jobs in flight: held from before a step is bought until it is collected."""
        return self._slots

    async def recall(self, step: Step, sources: Sequence[Clip]) -> Slate | None:
        """
        Return the slate of a step that needs no purchase, or None where money has to move.

        Waits where another run has a request for the same take on its way.

        Raises:
            SubmitUnknown: A request for this take was sent once, and nobody knows what came of it.
            ImagineError: The last attempt ended without a clip, and this run may not try again by itself.
            LeftOut: It would have to be bought, and `only` forbids it.
            Braked: It would have to be bought, and what is wrong with the service has met others.
        """
        if step.pin is not None:
            return await self._pinned(step, step.pin)
        recipe = self._recipe(step, sources)
        fingerprint = recipe.fingerprint(self.service)
        try:
            verdict = await self._verdict(step, fingerprint)
        except ImagineError as stopped:
            # What went wrong in another scene is no matter of a run that was not asked for it.
            raise (stopped if step.id in self.allowed else self._left_out(step)) from stopped.__cause__
        if not isinstance(verdict, Buy):
            return await self._recalled(fingerprint, verdict)
        if step.id not in self.allowed:
            raise self._left_out(step)
        if self.unasked is not None:
            raise self.unasked
        self.brake.look(step.id)
        return None

    async def buy(self, scene: str, name: str, sources: Sequence[Clip]) -> Slate:
        """
        Send the request of a step, once, and return its slate; wait where the service wants us to. See `try_to_buy`.

        Whoever holds a place among the jobs in flight tries, leaves it, and waits then.
        """
        while isinstance(tried := await self.try_to_buy(scene, name, sources), Later):
            await self.waits.pause(f"{scene}/{name}", tried)
        return tried

    async def try_to_buy(self, scene: str, name: str, sources: Sequence[Clip]) -> Slate | Later:
        """
        Send the request of a step, once, and return its slate. The request id is in the vault before this returns.

        Args:
            scene: First half of the step's id.
            name: Second half of the step's id.
            sources: The clips of the steps that it needs, in the plan's order.

        Returns:
            Later, where the service does not take it now: nothing was bought, and it is to be tried again.

        Raises:
            BudgetError: It would pass the budget; nothing was sent.
            SubmitRefused: The service did not take it; nothing was paid.
            SubmitUnknown: It was sent, and no answer was kept.
            Braked: Three others in a row met what is wrong with the service; nothing was sent.
            VaultError, MediaError: Something that goes in cannot be had, or the claim cannot be written; nothing was sent.
        """
        step = self.plan.step(f"{scene}/{name}")
        recipe = self._recipe(step, sources)
        fingerprint = recipe.fingerprint(self.service)
        async with self.brake.sending(step.id):
            if later := self._held(step):
                return later
            packed = await self.inputs.all_ready(recipe.inputs)
            for _ in range(CLAIMS_TRIED):
                verdict = await self._verdict(step, fingerprint)
                if not isinstance(verdict, Buy):
                    # Another run was quicker: its take is ours as well.
                    return await self._recalled(fingerprint, verdict)
                await self.vault.spend(
                    self.service,
                    self.till,
                    attempt_key=attempt_key(fingerprint, verdict.attempt),
                    estimate_ticks=step.ticks,
                    budget_ticks=self.budget_ticks,
                )
                if self.before_claim is not None:
                    await self.before_claim(self.vault.address)
                if not await self.client.paced() and (later := self._held(step)):
                    return later
                since = Since()
                claim = await self.vault.claim(
                    self.service,
                    fingerprint,
                    verdict.attempt,
                    ask=self.ask,
                    recipe=recipe.model_dump(mode="json"),
                    step=step.id,
                    estimate_ticks=step.ticks,
                    till=self.till,
                    team=self.team,
                    board=self.plan.board.slug,
                )
                if claim is None:
                    await self._give_back(fingerprint, verdict.attempt)
                    continue
                tell(Event(step.id, "sending", ticks=step.ticks))
                try:
                    request_id = await to_its_end(send(self.vault, self.client, step, recipe, packed, claim, since))
                except SubmitPaced as refused:
                    self._asked_for.add(claim.key)
                    await settle(self.vault, claim, charged=0)
                    return self.waits.after(step.id, refused, held_s=self.client.held()[0])
                except (SubmitRefused, KeyRefused):
                    await settle(self.vault, claim, charged=0)
                    raise
                except Undeveloped as kept:
                    raise self._unusable(step, kept, claim) from kept
                except SubmitUnknown as unknown:
                    raise lost(step, self.plan.board.path, str(unknown), claim.at, sandbox=self.sandbox) from unknown
                self.brake.taken()
                tell(Event(step.id, "accepted", request_id=request_id))
                take = await self.vault.take(self.service, request_id)
                return self._slate(fingerprint, claim.attempt, request_id, take)
        raise SubmitRefused(f"{step.id}: other runs kept claiming it; run it again")

    async def collect(self, step_id: str, slate: Slate) -> Clip:
        """
        Wait for a take, fetch its file, check it, and keep it in the vault; what is there already is only named.

        Raises:
            TakeFailed, TakeModerated, TakeExpired: It ended without a clip; that end is in the vault.
            TakeGone, WaitedTooLong: The service does not tell (now); the same id is asked for again by the next run.
            DownloadFailed: It is made, and its file could not be fetched whole; the next run fetches it again.
        """
        step = self.plan.step(step_id)
        take = await self.vault.take(slate.service, slate.request_id)
        if take is not None and take.without_url:
            take = None  # no end yet: asked for again
        if take is not None and take.end != "clip":
            raise ended(step_id, take)
        if take is not None and take.sha256 is not None and await self.vault.has(take.sha256):
            twice = self._twice(step, slate, take)
            tell(Event(step_id, "reused", request_id=slate.request_id, ticks=take.charge, text=twice))
            return Clip(request_id=slate.request_id, sha256=take.sha256, frames=take.frames or 1)
        if is_stills(slate.request_id):
            raise VaultError(
                f"{step_id}: its picture is no longer in the vault, and the service keeps none; restore "
                f"{slate.sha256 or slate.request_id} from a copy, or make it again with --redo {step_id}"
            )
        self.vault.expect(slate)
        try:
            return await self._fetched(step, slate, take)
        except (TakeFailed, TakeModerated, TakeExpired) as end:
            if take is not None:
                raise type(end)(
                    f"{step_id}: its clip is no longer in the vault, and the service does not give it out any more "
                    f"({end}); restore {take.sha256} from a copy, or make it again with --redo {step_id}",
                    request_id=slate.request_id,
                ) from end
            raise ended(step_id, await record_end(self.vault, without_clip(slate, step, end))) from end

    async def cut(self) -> Film:
        """
        Cut the film from what this run has collected.

        Raises:
            MediaError: It could not be cut, or is not what was asked for.
        """
        return await cut_film(self.plan, self.service, self.clips, self.vault, self.files)

    def _held(self, step: Step) -> Later | None:
        """Return for how long nothing is to be sent, since the service has asked some step of this run to wait."""
        seconds, why = self.client.held()
        return self.waits.held(step.id, seconds, why) if seconds >= HELD_S else None

    def _twice(self, step: Step, slate: Slate, take: Take) -> str:
        """Return what is odd about a take that another request has given as well: one id for two, or one file; else ""."""
        if step.pin is None and slate.fingerprint and take.fingerprint and take.fingerprint != slate.fingerprint:
            return f"the service gave request {take.request_id} for another step too: both have the same clip"
        first = self._files.setdefault(take.sha256 or "", take.request_id)
        if first != take.request_id:
            return f"the same file as request {first}, which asked for something else: report both to the service"
        return ""

    def _left_out(self, step: Step) -> LeftOut:
        tell(Event(step.id, "left out"))
        return LeftOut(step.id)

    # --- what the above is made of ---------------------------------------------------------------------------------

    def _recipe(self, step: Step, sources: Sequence[Clip]) -> Recipe:
        takes = dict(zip(step.needs, (clip.request_id for clip in sources), strict=True))
        return step.recipe.filled(takes)

    async def _verdict(self, step: Step, fingerprint: str) -> Buy | Have | Collect:
        """Ask the vault what to do about a step, waiting while another run's request is under way."""
        developed = False
        while True:
            verdict = await self.vault.recall(self.service, fingerprint, self.ask, redo=step.id in self.redo)
            if isinstance(verdict, Buy | Unknown):
                attempts = await self.vault.attempts(self.service, fingerprint)
                buying = isinstance(verdict, Buy)
                if await any_turned_up(self.vault, self.client, attempts, self._asked_for, buying=buying):
                    continue
            match verdict:
                case WaitForClaim(claim=claim):
                    # Where the vault took nothing, the run that sent it is at its end and could not say so.
                    came = None if developed else await self.vault.delivered(claim)
                    if came is not None and came.elsewhere:
                        developed = await self._developed(step, claim)
                    else:
                        await asyncio.sleep(0.5)
                case Unknown() as unknown:
                    if not developed and (developed := await self._developed(step, unknown.claim)):
                        continue
                    raise lost(step, self.plan.board.path, unknown.why, unknown.claim.at, sandbox=self.sandbox)
                case Stop(end=end):
                    raise ended(step.id, end)
                case Buy() | Have() | Collect():
                    return verdict

    async def _developed(self, step: Step, claim: Claim) -> bool:
        """Make what it can be of what came for a claim, and was kept; say whether anything was there."""
        came = await self.vault.delivered(claim)
        if came is None:
            return False
        try:
            await develop(self.vault, self.client, step, claim, came)
        except Undeveloped as kept:
            raise self._unusable(step, kept, claim) from kept
        return True

    def _unusable(self, step: Step, kept: Undeveloped, claim: Claim) -> SubmitUnknown:
        board = self.plan.board.path
        return unusable(step, board, str(kept), claim.at, spoilt=kept.spoilt, sandbox=self.sandbox)

    async def _recalled(self, fingerprint: str, verdict: Have | Collect) -> Slate:
        take = await self.vault.take(self.service, verdict.request_id)
        attempt = verdict.take.attempt if isinstance(verdict, Have) else verdict.attempt
        return self._slate(fingerprint, attempt, verdict.request_id, take, here=isinstance(verdict, Have))

    async def _pinned(self, step: Step, request_id: str) -> Slate:
        take = await self.vault.take(self.service, request_id)
        if take is None and is_stills(request_id):
            raise ImagineError(f"{step.id}: the vault has no still {request_id}, to which it is pinned")
        if take is None:
            await self.vault.await_take(self.service, request_id)
        here = take is not None and take.sha256 is not None and await self.vault.has(take.sha256)
        fingerprint, attempt = (take.fingerprint, take.attempt) if take else ("", 0)
        return self._slate(fingerprint, attempt, request_id, take, here=here)

    def _slate(
        self, fingerprint: str, attempt: int, request_id: str, take: Take | None, *, here: bool = False
    ) -> Slate:
        still = take is not None and take.frames == 1 and take.seconds == 0
        return Slate(
            service=self.service,
            fingerprint=fingerprint,
            attempt=attempt,
            request_id=request_id,
            sha256=take.sha256 if take is not None and still else None,
            clip_missing=not here,
        )

    async def _fetched(self, step: Step, slate: Slate, take: Take | None) -> Clip:
        came = self.vault.rescued_clip(slate.service, slate.request_id)
        if came is not None and came.path is not None:
            # The vault did not take it once; whether it is still to be had elsewhere, nobody knows.
            with suppress(MediaError):
                return await self._kept(step, slate, take, came.path, came.charge)
        for attempt in range(FETCHES):
            finished = await self.client.wait(
                slate.request_id, on_progress=lambda percent: tell(Event(step.id, "making", percent=percent))
            )
            tell(Event(step.id, "fetching"))
            with _scratch(step) as folder:
                path = folder / "take.mp4"
                try:
                    await self.client.fetch(finished.url, path)
                    return await self._kept(step, slate, take, path, finished.ticks)
                except (DownloadFailed, MediaError) as error:
                    if attempt + 1 < FETCHES:
                        await asyncio.sleep(min(0.5 * 2**attempt, 5.0))
                        continue
                    kept = ""
                    if isinstance(error, MediaError) and path.exists():
                        kept = f"what came is kept as {await self._kept_broken(slate, path, finished.ticks)}, and "
                    raise DownloadFailed(
                        f"{step.id}: request {slate.request_id} is made and paid, and could not be fetched whole in "
                        f"{FETCHES} tries ({error}); {kept}it is fetched again by the next run",
                        request_id=slate.request_id,
                    ) from error
        raise AssertionError("every fetch returns, raises or is the last")

    async def _kept(self, step: Step, slate: Slate, take: Take | None, path: Path, ticks: Charge) -> Clip:
        """
        Keep a clip that came, and its end.

        Raises:
            MediaError: It is none.
            VaultError: The vault does not take it; it is kept elsewhere, and the message says where.
        """
        measured = await media.check_clip(path)
        try:
            sha256 = await self.vault.keep(path, ".mp4")
            if take is None:
                take = await record_end(self.vault, with_clip(slate, step, sha256, measured, ticks))
        except VaultError as error:
            place = await self.vault.rescue_clip(slate.service, slate.request_id, path, ticks)
            if place is None:
                raise
            raise VaultError(
                f"{step.id}: request {slate.request_id} is made and paid, and the vault does not take its clip ({error}), "
                f"so it is kept as {place}: once the vault can be written, the next run on this machine puts it there"
            ) from error
        self.vault.forget_clip(slate.service, slate.request_id)
        twice = self._twice(step, slate, take)
        tell(Event(step.id, "made", request_id=slate.request_id, ticks=take.charge, text=twice))
        return Clip(request_id=slate.request_id, sha256=sha256, frames=measured.frames)

    async def _kept_broken(self, slate: Slate, path: Path, ticks: Charge) -> str:
        try:
            return await self.vault.keep_broken(path, slate.request_id)
        except VaultError:
            place = await self.vault.rescue_clip(slate.service, slate.request_id, path, ticks)
            if place is None:
                raise
            return str(place)

    async def _give_back(self, fingerprint: str, number: int) -> None:
        """Put back what was set aside for an attempt that another run has claimed, out of a till of its own."""
        for attempt in await self.vault.attempts(self.service, fingerprint):
            if attempt.number == number and attempt.claim.till != self.till:
                await self.vault.settle(
                    self.service,
                    self.till,
                    attempt_key=attempt.claim.key,
                    charged_ticks=0,
                )


@contextmanager
def _scratch(step: Step) -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="storyreel-", ignore_cleanup_errors=True)
    except OSError as error:
        raise MediaError(
            f"{step.id}: there is no room for its clip among the temporary files ({error.strerror or error}); free some "
            "space, or set TMPDIR, and run again: it is fetched then"
        ) from error
    with folder as name:
        yield Path(name)
