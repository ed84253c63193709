"""
Lay a plan over the vault: which steps would be bought now, which are there, and which follow another.

Only the vault is read. Nothing is sent, and no service is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from storyreel.errors import RecordDamaged
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Clip, ServiceName
from storyreel.planning.alike import buyers_of
from storyreel.planning.diff import Change
from storyreel.production.outcomes import how_it_ended
from storyreel.vault import Ask, Attempt, Buy, Claim, Collect, Have, Stop, Unknown, Vault, WaitForClaim, decide

Outlook = Literal["buy", "reuse", "follows", "fetch", "wait", "unknown", "stopped", "left out"]

LEFT_OUT = "not among the scenes that may be bought"
"""Why a step is left out that was not asked for."""

Sign = Literal["+", "~", "=", "!", ""]
_SIGNS: Mapping[Outlook, Sign] = {"left out": "", "unknown": "!", "stopped": "!"}


@dataclass(frozen=True)
class Forecast:
    """
    What a run would do with one step, and why.

    `follows` counts as bought too: a step that continues a take which has yet to be made is another request. `clip` is
    set where the vault has it, `fingerprint` where all that it is made from is known, `attempt` where there was one at that.
    `known` is False where a storyboard is pinned to an id of which this vault has nothing: whether there is such a take, the
    service will say. `former` is what was last claimed for a step that is bought now, and `changes` what is different.
    """

    step: Step
    outlook: Outlook
    why: str
    clip: Clip | None = None
    request_id: str | None = None
    fingerprint: str | None = None
    known: bool = True
    attempt: Attempt | None = None
    former: Claim | None = None
    changes: tuple[Change, ...] = ()

    @property
    def sign(self) -> Sign:
        """`+` bought, `~` bought since something changed, `=` there, `!` unknown or failed; empty where it is left out."""
        if self.buys:
            return "~" if self.changes else "+"
        return _SIGNS.get(self.outlook, "=")

    @property
    def claim(self) -> Claim | None:
        """What was last claimed for the step, as far as that is known: what it is now, or what it was."""
        return self.former or (self.attempt.claim if self.attempt is not None else None)

    @property
    def is_damaged(self) -> bool:
        """Whether nobody knows what came of it since its records cannot be read: they are restored, and not resolved."""
        return self.outlook == "unknown" and self.attempt is None

    @property
    def buys(self) -> bool:
        """Whether a run would send a request for this step."""
        return self.outlook in ("buy", "follows")


async def forecast(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    *,
    allowed: Collection[str],
    redo: Collection[str] = (),
    ask: Ask | None = None,
) -> tuple[Forecast, ...]:
    """
    Return what a run would do with each step of a plan, in the plan's order.

    Args:
        service: Whose slates and takes are looked at, `xai` or `sandbox`.
        allowed: The steps that may be bought.
        redo: The steps that are to be made again.
        ask: Of the run, where there is one already: it may be a person's Retry, and a redo is done once.
    """
    forecasts: dict[str, Forecast] = {}
    for step in plan.steps:
        forecasts[step.id] = await _one(step, forecasts, vault, service, step.id in allowed, step.id in redo, ask)
    return tuple(forecasts.values())


def purchases(outlook: Sequence[Forecast], service: ServiceName) -> tuple[Forecast, ...]:
    """Return of what would be bought each purchase once, in the plan's order: steps that ask alike share one."""
    (buyers,) = buyers_of([outlook], service)
    return tuple(each for each in outlook if buyers.get(each.step.id) == (0, each.step.id))


async def _one(
    step: Step,
    forecasts: dict[str, Forecast],
    vault: Vault,
    service: ServiceName,
    allowed: bool,
    redo: bool,
    ask: Ask | None,
) -> Forecast:
    if step.pin is not None:
        pinned = f"pinned to {step.pin}"
        unseen = f"{pinned}, which is asked for at the service"
        return await _known(partial(Forecast, step), step, step.pin, vault, service, pinned, unseen)
    for need in step.needs:
        if (before := forecasts[need]).request_id is None:
            if before.outlook in ("left out", "stopped", "unknown"):
                return Forecast(step, "left out", f"{need} has no clip")
            return Forecast(step, "follows", f"follows {need}") if allowed else Forecast(step, "left out", LEFT_OUT)
    takes = {need: forecasts[need].request_id or "" for need in step.needs}
    fingerprint = step.recipe.filled(takes).fingerprint(service)
    try:
        attempts = await vault.attempts.of(service, fingerprint)
        decided = await _decided(step, fingerprint, attempts, vault, service, allowed, redo, ask)
        if decided.outlook == "buy":
            await vault.attempts.nothing_ended(service, fingerprint, attempts)
    except RecordDamaged as damaged:
        return Forecast(step, "unknown", str(damaged))
    return decided


def _meant(attempts: Sequence[Attempt], request_id: str | None) -> Attempt | None:
    """Return the attempt that a forecast is about: the one with that id, else the last."""
    with_it = (attempt for attempt in attempts if request_id is not None and request_id in attempt.request_ids)
    return next(with_it, attempts[-1] if attempts else None)


async def _decided(
    step: Step,
    fingerprint: str,
    attempts: Sequence[Attempt],
    vault: Vault,
    service: ServiceName,
    allowed: bool,
    redo: bool,
    ask: Ask | None,
) -> Forecast:
    def of(outlook: Outlook, why: str, **facts: Any) -> Forecast:
        attempt = _meant(attempts, facts.get("request_id"))
        return Forecast(step, outlook, why, fingerprint=fingerprint, attempt=attempt, **facts)

    match decide(attempts, ask, redo=redo):
        case Buy() | Unknown() | Stop() if not allowed:
            return of("left out", LEFT_OUT)
        case Buy():
            return of("buy", "made again" if redo and attempts else "new" if not attempts else "tried again")
        case Have(request_id=request_id, sha256=sha256, take=take):
            clip = Clip(request_id=request_id, sha256=sha256, frames=take.frames or 1)
            return of("reuse", "in the vault", clip=clip, request_id=request_id)
        case Collect(request_id=request_id):
            return await _known(of, step, request_id, vault, service, "in the vault")
        case WaitForClaim():
            return of("wait", "another run is sending it")
        case Unknown(claim=claim, why=why):
            if await vault.deliveries.delivered(claim) is None:
                return of("unknown", "sent once, and its answer was lost")
            if await vault.deliveries.is_spoilt(claim):
                return of("unknown", why)
            return of("fetch", "made and paid; what came is kept, and goes into the vault")
        case Stop(end=end):
            return of("stopped", how_it_ended(step.id, end))


async def _known(
    of: Callable[..., Forecast],
    step: Step,
    request_id: str,
    vault: Vault,
    service: ServiceName,
    why: str,
    unseen: str = "bought already; it is fetched when it is done",
) -> Forecast:
    take = await vault.takes.get(service, request_id)
    if take is None:
        return of("fetch", unseen, request_id=request_id, known=step.pin is None)
    if take.without_url:
        return of("fetch", "done, with no address so far; it is asked for again", request_id=request_id)
    if take.end != "clip" or take.sha256 is None:
        return of("stopped", how_it_ended(step.id, take))
    if not await vault.clips.has(take.sha256, take.suffix):
        return of("fetch", "bought already; its clip is missing here", request_id=request_id)
    clip = Clip(request_id=request_id, sha256=take.sha256, frames=take.frames or 1)
    return of("reuse", why, clip=clip, request_id=request_id)
