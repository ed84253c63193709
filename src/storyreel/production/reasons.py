"""
Why a plan buys what it buys: what has changed of each step since something was last claimed for it.

The vault's index leads to the former request. It decides nothing: where it leads nowhere, a step is bought or reused all
the same, and only its reason is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from storyreel.model.money import dollars
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Recipe, ServiceName
from storyreel.model.request_ids import STILL
from storyreel.model.updated import updated
from storyreel.planning.diff import Change, Piece, Upstream, Value, changes, words
from storyreel.production.outlook import Forecast
from storyreel.vault import Claim, Vault
from storyreel.vault.index import Marked
from storyreel.vault.paths import segment

NEVER = "never shot"
LONGEST = 40
"""Characters of a value that a reason shows of one side; `storyreel why` shows all."""


@dataclass(frozen=True)
class Explained:
    """An outlook with its reasons, and how many claims the index does not lead to, where a reason may be missing for that."""

    outlook: tuple[Forecast, ...]
    unmarked: int = 0


async def with_reasons(plan: Plan, outlook: Sequence[Forecast], vault: Vault, service: ServiceName) -> Explained:
    """
    Return an outlook in which each step that is bought says why: what changed since it was last claimed, or that it never was.

    Only the vault is read.

    Raises:
        VaultError: The vault cannot be read.
    """
    marks = await vault.index.of_board(service, plan.board.slug)
    former = await _former([each.step for each in outlook if _asks(each)], marks, vault, service)
    missing = any(_asks(each) and each.step.id not in former for each in outlook)
    unmarked = await vault.index.unmarked(service) if missing else 0
    texts = _Texts(
        names=file_names(plan),
        styles=_styles(plan),
        board=plan.board.slug,
        first="new" if unmarked else NEVER,
    )
    explained: dict[str, Forecast] = {}
    for each in outlook:
        explained[each.step.id] = _explained(each, former.get(each.step.id), explained, texts)
    return Explained(tuple(explained.values()), unmarked)


def file_names(plan: Plan) -> dict[str, str]:
    """Return what the files of a storyboard are called, by sha256."""
    return {sha256: footage.path.name for sha256, footage in plan.files.items()}


def _styles(plan: Plan) -> dict[str, str]:
    """Return the style that ends each step's prompt, by its id."""
    styles = {
        (board.delivery, name): style
        for board in (plan.board, *plan.board.deliveries)
        for name, style in (
            *((still.id, still.style) for still in board.stills),
            *((f"{scene.id}/video", scene.style) for scene in board.scenes),
        )
    }
    return {step.id: styles.get((step.delivery, f"{step.scene_id}/{step.name}"), "") for step in plan.steps}


def in_words(change: Change) -> str:
    """Return a change as a plan says it, in a line: the field, and both values as far as there is room."""
    if change.note.startswith("follows "):
        return change.note
    if change.note:
        return f"{change.field}: {change.note} ({_id(change.before)} -> {_id(change.after)})"
    if change.text and isinstance(change.before, str) and isinstance(change.after, str):
        return f"{change.field}: {_prose(words(change.before, change.after))}"
    return f"{change.field}: {_short(change.before)} -> {_short(change.after)}"


def _id(value: Value) -> str:
    """Return the beginning of a name that no person reads whole: of a request, or of a file's content."""
    return value[:8] if isinstance(value, str) and len(value) >= 32 and not value.startswith(STILL) else str(value)


def _asks(each: Forecast) -> bool:
    """Whether it is to be looked up what a step was when it was last claimed: where its request is another one now."""
    return each.buys and each.attempt is None


async def _former(
    steps: Sequence[Step], marks: Sequence[Marked], vault: Vault, service: ServiceName
) -> Mapping[str, Claim]:
    """Return the claim that was made last for each step, as far as the index leads to it."""
    by_step: dict[str, list[Marked]] = {}
    for mark in marks:
        by_step.setdefault(mark.step, []).append(mark)
    waiting = {step.id: own for step in steps if (own := by_step.get(segment(step.id)))}
    former: dict[str, Claim] = {}
    # The newest mark may be ahead of its claim, which was never made: then the one before it counts.
    while waiting:
        newest = {step: own.pop() for step, own in waiting.items()}
        claims = await vault.index.claims(service, newest.values())
        former |= {step: claims[mark.request] for step, mark in newest.items() if mark.request in claims}
        waiting = {step: own for step, own in waiting.items() if own and step not in former}
    return former


@dataclass(frozen=True)
class _Texts:
    """What a reason needs beside the requests: names of files, styles of steps, the slug, what a step without a past is."""

    names: Mapping[str, str]
    styles: Mapping[str, str]
    board: str
    first: str


def _explained(each: Forecast, former: Claim | None, before: Mapping[str, Forecast], texts: _Texts) -> Forecast:
    if each.outlook in ("reuse", "fetch") and each.attempt is not None:
        return _reused(each, each.attempt.claim, texts.board)
    if not _asks(each):
        return each
    if former is None:
        # What follows a step that was never shot was not shot, either.
        follows = each.outlook == "follows" and all(before[need].former is None for need in each.step.needs)
        first = f"{texts.first}; {each.why}" if each.outlook == "follows" else texts.first
        return replace(each, why=each.why if follows else first)
    upstream = {need: _upstream(before[need]) for need in each.step.needs}
    try:
        was = Recipe.model_validate(former.recipe)
    except ValidationError:
        return replace(
            each, former=former, why=f"changed; what was claimed on {former.at:%Y-%m-%d} is of another version"
        )
    differing = changes(was, each.step.recipe, upstream, style=texts.styles.get(each.step.id, ""), names=texts.names)
    if _priced_alike(each.step, differing) and former.estimate_ticks != each.step.ticks:
        differing = (*differing, _price(former, each.step))
    why = "; ".join(map(in_words, differing)) or each.why
    return replace(each, former=former, changes=differing, why=why)


def _priced_alike(step: Step, differing: Sequence[Change]) -> bool:
    """Whether nothing of what has changed of a step has a price: other words, or another picture in the place of one."""
    return step.kind in ("video", "still") and all(
        change.text or (change.note and None not in (change.before, change.after)) for change in differing
    )


def _price(claim: Claim, step: Step) -> Change:
    return Change("price", dollars(claim.estimate_ticks), dollars(step.ticks), note="catalogue")


def _reused(each: Forecast, claim: Claim, board: str) -> Forecast:
    """Say of a step that the vault has what it was shot as, where that is another name, and that its price has changed."""
    shot = [f"shot as {claim.step}"] if claim.step != each.step.id else []
    shot += [f"for {claim.board}"] if claim.board not in ("", board) else []
    differing = (_price(claim, each.step),) if claim.estimate_ticks != each.step.ticks else ()
    why = ", ".join([each.why, " ".join(shot)]) if shot else each.why
    return updated(each, changes=differing, why=why)


def _upstream(before: Forecast) -> Upstream:
    if before.request_id is not None:
        return Upstream(before.request_id)
    if before.sign == "~":
        return Upstream(None, "changes")
    return Upstream(None, f"is {before.why}" if before.attempt is not None else "is new")


def _prose(pieces: Sequence[Piece]) -> str:
    """Return what was replaced in a text: the first place, and how many there are beside it."""
    places: list[tuple[str, str]] = []
    before = "both"
    for piece in pieces:
        if piece.kind == "out":
            places.append((piece.text, ""))
        elif piece.kind == "in":
            places.append((places.pop()[0], piece.text) if before == "out" else ("", piece.text))
        before = piece.kind
    out, new = (_short(side.strip()) for side in places[0])
    first = f"+ {new}" if not places[0][0].strip() else f"- {out}" if not places[0][1].strip() else f"{out} -> {new}"
    more = len(places) - 1
    return f"{first} and {more} more place{'' if more == 1 else 's'}" if more else first


def _short(value: object) -> str:
    if value is None:
        return "none"
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(value.split())
    return f'"{text}"' if len(text) <= LONGEST else f'"{text[: LONGEST - 3].rstrip()}..."'
