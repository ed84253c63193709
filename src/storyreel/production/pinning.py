"""
Write the pin of a step into its storyboard, and take it back: which take is meant, whether it may be chosen, and where that stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.errors import SettingsError, StoryreelError
from storyreel.files.own_file import OwnFile, own_file
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import ServiceName
from storyreel.model.request_ids import in_yaml, typed
from storyreel.production.pin_history import PinHistory, WrittenPin
from storyreel.production.read_plan import read_plans
from storyreel.production.takes_data import TakeData, takes_of_all
from storyreel.storyboard.pin_places import NoPlace, is_of_all_variants, place_of_pin
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import MAX_BYTES, read_source
from storyreel.storyboard.text.written_in import BYTE_ORDER_MARK, Edit, take_out, where, write_in
from storyreel.vault import Vault

SHORTEST = 6
"""Characters of an id that may stand for all of it, where no other one begins so."""
LISTED = 6
"""Takes that a message lists: all are in `storyreel takes`."""

_NUMBER = re.compile(r"t?0*([1-9][0-9]{0,3})")
_HAS_CLIP = ("clip", "missing")


@dataclass(frozen=True)
class Pinned:
    """
    What became of a pin.

    Args:
        take: What the step is pinned to now.
        line: Where in the storyboard that stands, from 1.
        changed: Whether the storyboard was written; not if it was pinned to that before.
        remembered: Whether `--undo` can take it back.
    """

    step: Step
    take: TakeData
    line: int
    changed: bool
    remembered: bool = True


@dataclass(frozen=True)
class Check:
    """Reads a storyboard with another text than its file has."""

    path: Path
    catalog: Catalog
    root: Path
    given: Mapping[str, str]

    def read(self, text: str) -> None:
        """
        Read it with this text.

        Raises:
            StoryboardError: It would be wrong.
        """
        read_plans(self.path, self.catalog, root=self.root, given=self.given, text=text.removeprefix(BYTE_ORDER_MARK))


async def take_meant(
    plans: Sequence[Plan], step: Step, word: str, vault: Vault, service: ServiceName
) -> tuple[TakeData, tuple[TakeData, ...]]:
    """
    Return the take of a step that a word means, and all takes of the storyboard.

    Args:
        plans: All variants of the storyboard.
        word: A request id, six characters or more with which only it begins among the takes of the step, or its number: `t02`, or `2`
            where no id begins so.

    Raises:
        SettingsError: It means none, or several; or what it means has no clip, or is no take of this step.
    """
    every = (await takes_of_all(plans, vault, service)).takes
    # What a pin hides: takes of other storyboards that ask for the same. Numbers are those that `takes` shows.
    free = [replace(plan, steps=tuple(replace(each, pin=None) for each in plan.steps)) for plan in plans]
    listed = {(take.step, take.request_id) for take in every}
    more = [
        take for take in (await takes_of_all(free, vault, service)).takes if (take.step, take.request_id) not in listed
    ]
    own = [take for take in every if take.step == step.id]
    others = [take for take in more if take.step == step.id]
    take = _by_id(own + others, word, step) or _by_number(own, word, step)
    if take is None:
        raise await _unknown(step, word, [*every, *more], own, vault, service)
    if take.state not in _HAS_CLIP:
        raise SettingsError(f"{step.id}: {_named(take)} has no clip, it is {take.state}; {_choices(step, own)}")
    return take, (*every, *more)


def pin(
    plans: Sequence[Plan], step: Step, take: TakeData, every: Sequence[TakeData], root: Path, check: Check
) -> Pinned:
    """
    Write the pin of a step into the file of its storyboard.

    Args:
        plans: All variants of the storyboard.
        every: All takes of the storyboard.
        root: Where a relative path starts.
        check: Reads the storyboard as it would be.

    Raises:
        SettingsError: It cannot be written so that one line differs and nothing else. Nothing was written; it says what to write by hand.
    """
    assert take.request_id is not None, "what has a clip has an id"
    shown = plans[0].board.path
    history = PinHistory(own_file(shown, root, MAX_BYTES).path)
    with history.alone():
        board = own_file(shown, root, MAX_BYTES)
        trail = _trail(board, plans, step, take.request_id, every)
        source = read_source(board.text.removeprefix(BYTE_ORDER_MARK), str(shown))
        if trail in source.spots and source.at(trail) == take.request_id:
            return Pinned(step, take, source.place(trail).line, changed=False)
        edit = write_in(board.text, str(shown), trail, take.request_id)
        if edit is None:
            raise _by_hand(
                board, trail, take.request_id, "it cannot be written there in one line that changes nothing else"
            )
        try:
            check.read(edit.text)
        except StoryreelError as error:
            raise _by_hand(board, trail, take.request_id, f"with it the storyboard would be wrong ({error})") from error
        remembered = history.add(_note(step, take.request_id, edit))
        board.replace(edit.text)
        if remembered:
            history.confirm()
    return Pinned(step, take, edit.line, changed=True, remembered=remembered)


@dataclass(frozen=True)
class Unpinned:
    """A pin that was taken back: to what, the line on which it stood, and what the step is pinned to now, if it is."""

    former: str
    line: int
    now: str | None


def unpin(plans: Sequence[Plan], step: Step, root: Path) -> Unpinned:
    """
    Take back the last pin that was written for a step, to the byte.

    Raises:
        SettingsError: None is remembered, or what was written is otherwise by now. Nothing was written.
    """
    shown = plans[0].board.path
    history = PinHistory(own_file(shown, root, MAX_BYTES).path)
    with history.alone():
        board = own_file(shown, root, MAX_BYTES)
        try:
            trail = _place(board, step)
        except NoPlace as error:
            raise SettingsError(f"{step.id} has no pin to take back: {error}") from error
        source = read_source(board.text.removeprefix(BYTE_ORDER_MARK), str(shown))
        there = source.at(trail) if trail in source.spots else None
        line = source.place(trail).line
        stands = (
            f"{shown}:{line} has `pin: {in_yaml(str(there))}`" if there is not None else f"{shown} has no pin of it"
        )
        written = history.of_step(step.id)
        # What a command that was killed had noted, and not written, is passed over.
        while written and not written[-1].is_there and written[-1].pin != there:
            written = written[:-1]
        if not written:
            raise SettingsError(
                f"{step.id}: no pin that `storyreel pin` has written on this machine is remembered; {stands}"
                + ("; take it out by hand" if there is not None else "")
            )
        last = written[-1]
        before = take_out(board.text, str(shown), trail, _edit(last)) if last.pin == there else None
        if before is None:
            former = f"`{last.removed.strip()}`" if last.removed.strip() else "no pin"
            raise SettingsError(
                f"{step.id}: the storyboard was changed there since it was pinned to {last.pin}, so nothing was taken back: {stands}; "
                f"before that there was {former}"
            )
        board.replace(before)
        history.forget(last)
    after = read_source(before.removeprefix(BYTE_ORDER_MARK), str(shown))
    return Unpinned(last.pin, line, str(after.at(trail)) if trail in after.spots else None)


def _by_id(takes: Sequence[TakeData], word: str, step: Step) -> TakeData | None:
    try:
        whole = typed(word)
    except ValueError:
        whole = word
    ids = {take.request_id: take for take in takes if take.request_id is not None}
    if (exact := ids.get(whole) or ids.get(word)) is not None:
        return exact
    begin = [take for request_id, take in ids.items() if request_id.startswith(word)] if len(word) >= SHORTEST else []
    if len(begin) > 1:
        raise SettingsError(
            f"{step.id}: {word} begins several ids, {', '.join(str(take.request_id) for take in begin)}; write more of one"
        )
    return begin[0] if begin else None


def _by_number(takes: Sequence[TakeData], word: str, step: Step) -> TakeData | None:
    number = _NUMBER.fullmatch(word)
    take = next((take for take in takes if number and take.number == int(number[1])), None)
    if take is None:
        return None
    if alike := [str(each.request_id) for each in takes if (each.request_id or "").startswith(word)]:
        raise SettingsError(
            f"{step.id}: {word} may be the number of a take or the beginning of {alike[0]}; say "
            f"t{take.number:02d} for {_named(take)}, or six characters of an id"
            if word[0] != "t"
            else f"{step.id}: {word} may be a number or the beginning of {alike[0]}; write six characters of an id"
        )
    return take


async def _unknown(
    step: Step, word: str, every: Sequence[TakeData], own: Sequence[TakeData], vault: Vault, service: ServiceName
) -> SettingsError:
    """Return what is wrong with a word that means no take of a step."""
    if len(word) < SHORTEST and not _NUMBER.fullmatch(word):
        why = f"is neither a take's number nor {SHORTEST} characters of an id"
    elif others := [take for take in every if take.step != step.id and _begins(take.request_id, word)]:
        whose = dict.fromkeys(take.step for take in others)
        why = f"is a take of {', '.join(whose)}, and not of this step"
    elif elsewhere := [
        name
        for name in await vault.services.names()
        if name != service and any(_begins(each, word) for each in await vault.takes.ids(name))
    ]:
        say = "say --sandbox to choose it" if elsewhere[0] == "sandbox" else "leave --sandbox out to choose it"
        why = f"is a take of {elsewhere[0]}, and here those of {service} count ({say})"
    else:
        why = "is no take that this vault has"
    return SettingsError(f"{step.id}: {word} {why}; {_choices(step, own)}")


def _begins(request_id: str | None, word: str) -> bool:
    return request_id is not None and (request_id == word or (len(word) >= SHORTEST and request_id.startswith(word)))


def _choices(step: Step, own: Sequence[TakeData]) -> str:
    """Return what may be chosen, as the end of a sentence."""
    good = [f"{_named(take)}" for take in own if take.state in _HAS_CLIP]
    if not good:
        return f"no take of {step.id} has a clip yet: shoot it first"
    more = f" and {len(good) - LISTED} before" if len(good) > LISTED else ""
    return f"with a clip there {'is' if len(good) == 1 else 'are'} {', '.join(good[-LISTED:])}{more}"


def _named(take: TakeData) -> str:
    return f"t{take.number:02d} ({take.request_id or 'no id'})"


def _place(board: OwnFile, step: Step) -> Trail:
    data = read_source(board.text.removeprefix(BYTE_ORDER_MARK), str(board.shown)).data
    return place_of_pin(data, scene=step.scene_id, name=step.name, variant=step.variant, delivery=step.delivery)


def _trail(board: OwnFile, plans: Sequence[Plan], step: Step, request_id: str, every: Sequence[TakeData]) -> Trail:
    """
    Return where the pin of a step stands.

    Raises:
        SettingsError: Nowhere; or where it would be that of other variants as well, of which it is no take.
    """
    try:
        trail = _place(board, step)
    except NoPlace as error:
        raise SettingsError(f"{step.id} cannot be pinned: {error}; nothing was written") from error
    if step.variant and is_of_all_variants(step.name) and not step.delivery:
        rest = step.id.removeprefix(f"{step.variant}:")
        theirs = {take.step for take in every if take.request_id == request_id}
        others = [f"{plan.board.prefix}{rest}" for plan in plans]
        if missing := [each for each in others if each not in theirs]:
            raise SettingsError(
                f"{step.id} cannot be pinned for its variant alone: a pin there is that of every variant, and {request_id} is no take of "
                f"{', '.join(missing)}; nothing was written"
            )
    return trail


def _by_hand(board: OwnFile, trail: Trail, request_id: str, why: str) -> SettingsError:
    line, names = where(board.text, str(board.shown), trail)
    word = in_yaml(request_id)
    entry = f"pin: {word}" if len(names) < 2 else f"{': {'.join(names)}: {word}{'}' * (len(names) - 1)}"
    into = "in the place of the pin" if not names else "into what begins"
    return SettingsError(f"{board.shown} was left alone: {why}. Write it by hand, {into} on line {line}: {entry}")


def _note(step: Step, request_id: str, edit: Edit) -> WrittenPin:
    return WrittenPin(
        step=step.id, pin=request_id, removed=edit.removed, inserted=edit.inserted, value_at=edit.value_at
    )


def _edit(pin: WrittenPin) -> Edit:
    return Edit("", pin.removed, pin.inserted, pin.value_at, 0)
