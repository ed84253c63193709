"""
Look up what a storyboard is pinned to, before anything is bought on top of it.

What the vault knows decides: an id that is cut short, or that is another step's, is a slip, told with the take that was
probably meant. An id that the vault does not know may be another vault's, so it is asked for at the service.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.errors import StoryboardError
from storyreel.files.regular import read_words
from storyreel.model.plan import Kind, Plan, Step
from storyreel.model.recipe import STILLS, ServiceName, Tail
from storyreel.model.request_ids import STILL
from storyreel.planning.alike import alike
from storyreel.production.outlook import forecast
from storyreel.vault import Claim, Take, Vault

SHORTEST = 4
"""How much of an id there must be for it to be taken for the beginning of another one."""


async def look_up_pins(plan: Plan, vault: Vault, service: ServiceName) -> tuple[Diagnostic, ...]:
    """
    Return a note for each pin that the vault does not know.

    Raises:
        StoryboardError: A pin is cut short, is the take of another step or of another kind of step, or goes on from another part of a clip.
    """
    pinned = [step for step in plan.steps if step.pin is not None]
    if not pinned:
        return ()
    own = await _own_takes(plan, vault, service)
    problems: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    for step in pinned:
        assert step.pin is not None
        whose = await _whose(step.pin, own, vault, service)
        if whose is None:
            known = sorted({*await vault.takes.ids(service), *(i for ids in own.values() for i in ids)})
            wrong, note = _unknown(step, step.pin, known)
        else:
            wrong, note = _foreign(step, whose, plan), ""
        if wrong:
            problems.append(_problem(plan, step, f"pin: {step.pin} {wrong}", own.get(step.id, ())))
        if note:
            notes.append(Diagnostic("unknown-pin", _place(plan, step), note, severity="note"))
    if problems:
        raise StoryboardError(problems)
    return tuple(notes)


async def noted(plan: Plan, vault: Vault, service: ServiceName) -> Plan:
    """Return the plan with a note on each pin that the vault does not know; raises as `look_up_pins` does."""
    notes = await look_up_pins(plan, vault, service)
    return replace(plan, board=replace(plan.board, notes=(*plan.board.notes, *notes))) if notes else plan


def _free(plan: Plan) -> Plan:
    """Return the plan as it is without pins."""
    return replace(plan, steps=tuple(replace(step, pin=None) for step in plan.steps))


async def _own_takes(plan: Plan, vault: Vault, service: ServiceName) -> dict[str, dict[str, Claim]]:
    """Return the requests of each step as it now is, the newest first: by id, with the claim that they were sent under."""
    own: dict[str, dict[str, Claim]] = {}
    for each in await forecast(_free(plan), vault, service, allowed={step.id for step in plan.steps}):
        if each.fingerprint is not None and each.outlook != "unknown":
            attempts = await vault.attempts.of(service, each.fingerprint)
            own[each.step.id] = {i: attempt.claim for attempt in reversed(attempts) for i in attempt.request_ids}
    return own


async def _whose(pin: str, own: dict[str, dict[str, Claim]], vault: Vault, service: ServiceName) -> Claim | Take | None:
    take = await vault.takes.get(service, pin)
    if take is None:
        return next((ids[pin] for ids in own.values() if pin in ids), None)
    for attempt in await vault.attempts.of(service, take.fingerprint) if take.fingerprint else ():
        if attempt.number == take.attempt:
            return attempt.claim
    return take


def _foreign(step: Step, whose: Claim | Take, plan: Plan) -> str:
    """Return why what a step is pinned to is not its own; empty if it may be. A scene may have had another name."""
    kind = _kind(whose)
    ours = isinstance(whose, Claim) and whose.board in ("", plan.board.slug)
    if isinstance(whose, Claim) and ours and whose.step in {each.id for each in plan.steps} - _alike(plan, step):
        return f"is a take of {whose.step}, and not of {step.id}"
    if kind not in (step.kind, None):
        return f"is {_NAMES[kind]}, and {step.id} is {_NAMES[step.kind]}"
    if step.kind == "extend" and isinstance(whose, Claim) and (was := _fed(whose)) != _feeds(step):
        # Where its new part begins would be looked for in another place than it is.
        fed = ("all of a clip", "the tail of a clip")
        return f"goes on from {fed[was]}, and {step.id} from {fed[_feeds(step)]}: what comes before it has another length now"
    return ""


def _feeds(step: Step) -> bool:
    """Whether a step sends the tail of a clip that was made."""
    return any(isinstance(source, Tail) for source in step.recipe.inputs)


def _fed(claim: Claim) -> bool:
    """Whether the tail of a clip was sent under a claim."""
    inputs = claim.recipe.get("inputs")
    return isinstance(inputs, list) and any(isinstance(each, dict) and each.get("kind") == "tail" for each in inputs)


def _alike(plan: Plan, step: Step) -> frozenset[str]:
    """Return the steps that ask for the same as one, which is among them: a take is of all of them, whichever asked first."""
    return alike([_free(plan)], [frozenset({step.id})])[0]


_NAMES: dict[Kind, str] = {"still": "a still", "video": "a first clip", "extend": "an extension", "edit": "an edit"}


def _kind(whose: Claim | Take) -> Kind | None:
    if isinstance(whose, Take):
        # It was asked for elsewhere; all that can be seen of it is whether it is a picture.
        return "still" if whose.frames == 1 and not whose.seconds else None
    operation = whose.recipe.get("operation")
    if operation in STILLS:
        return "still"
    return "extend" if operation == "extend-video" else "edit" if operation == "edit-video" else "video"


def _unknown(step: Step, pin: str, known: Iterable[str]) -> tuple[str, str]:
    """Return what is wrong with a pin that the vault does not know, or else a note about it."""
    lower, known = pin.casefold(), list(known)
    longer = [i for i in known if len(pin) >= SHORTEST and lower in i.casefold()]
    if longer:
        return f"is only a part of {longer[0]}; write all of it", ""
    if pin.startswith(STILL) or step.kind == "still":
        return "is no still that this vault has, and the service keeps none", ""
    near = difflib.get_close_matches(pin, known, 1, 0.85)
    hint = f" (the vault has {near[0]}: is that it?)" if near else ""
    return "", f"{step.id} is pinned to {pin}, which this vault does not know; it is asked for at the service{hint}"


def _problem(plan: Plan, step: Step, message: str, own: Iterable[str]) -> Diagnostic:
    place = _place(plan, step)
    nearest = next(iter(own), None)
    remedy = (
        f"nearest is pin: {nearest}"
        if nearest is not None
        else f"the takes of {step.id} are listed by: storyreel takes {shlex.join(plan.board.words)}"
    )
    try:
        lines = read_words(Path(place.file)).splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    return Diagnostic(
        "wrong-pin", place, message, remedy, lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    )


def _place(plan: Plan, step: Step) -> Place:
    for still in plan.board_of(step).stills:
        if still.id == f"{step.scene_id}/{step.name}":
            return still.place
    scene = plan.scene_of(step)
    return next((link.place for link in scene.then if link.name == step.name), scene.place)
