"""
Read the variants of a storyboard: each is the storyboard once more, with words of its own laid over its vars.

A variant is judged and resolved like a storyboard that has its words in it, so that nothing can be said of it that a storyboard
could not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.did_you_mean import did_you_mean
from storyreel.model.storyboard import MASTER, Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.deliveries import TAKEN
from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.moved import moved
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import Source
from storyreel.storyboard.values import described

MOST = 100
"""Variants that a storyboard may have."""
MOST_SCENES = 20_000
"""Scenes of all films of all its variants together: each of them is read, planned and held in memory for itself."""


def judge_variants(findings: Findings, sheet: fields.Sheet) -> bool:
    """
    Tell what is wrong with the variants themselves: their names, and what they name in the storyboard.

    Returns:
        Whether each of them is to be looked at; not if there are too many.
    """
    if findings.has(("variants",)) and not findings.keys_at(("variants",)) and not findings.spoiled(("variants",)):
        remedy = "name one: `variants: {lisbon: {}}`, or take the key away"
        findings.tell("empty-list", ("variants",), "there are no variants in it", remedy, key=True)
    films = len({MASTER, *sheet.deliver})
    scenes = len(sheet.variants) * len(sheet.scenes) * films
    if len(sheet.variants) > MOST or scenes > MOST_SCENES:
        message = f"{len(sheet.variants)} variants are written; {MOST} are the most"
        if len(sheet.variants) <= MOST:
            each = f"{len(sheet.scenes)} scenes" if films == 1 else f"{films} films of {len(sheet.scenes)} scenes"
            message = f"{len(sheet.variants)} variants of {each} are {scenes} scenes; {MOST_SCENES} are the most"
        remedy = "make several storyboards of it: what they share stands in a file that each of them names in `use`"
        findings.tell("too-long", ("variants",), message, remedy, key=True)
        return False
    scenes_at = _scenes(findings.source.data)
    for name, variant in sheet.variants.items():
        here: Trail = ("variants", name)
        _judge_name(findings, sheet, name)
        _judge_vars(findings, (*here, "vars"), variant.vars, findings.source.data.get("vars"))
        for scene in variant.scenes:
            if scene not in scenes_at:
                hint = f"{meant}  " if (meant := did_you_mean(scene, scenes_at)) else ""
                message, remedy = f"there is no scene '{short(scene)}'", f"{hint}(scenes: {', '.join(scenes_at)})"
                findings.tell("unknown-scene", (*here, "scenes", scene), message, remedy, key=True)
    if sheet.variants:
        _judge_pins(findings, next(iter(sheet.variants)))
    return True


def of_variant(source: Source, name: str, variant: fields.Variant) -> Source:
    """Return a storyboard's text as one of its variants has it."""
    here: Trail = ("variants", name)
    fitting = _fitting(variant.vars, source.data.get("vars"))
    moves: dict[Trail, Trail] = {("vars", *names): (*here, "vars", *names) for names in fitting}
    scenes = _scenes(source.data)
    for scene, takes in variant.scenes.items():
        for field in takes.model_fields_set if scene in scenes else ():
            moves["scenes", scenes[scene], field] = (*here, "scenes", scene, field)
    return moved(source, moves) if moves else source


def named(gathered: Mapping[str, Sequence[Diagnostic]]) -> list[Diagnostic]:
    """
    Return what was told of variants, each once. What not all of them have names those that have it.

    Args:
        gathered: What was told of each variant that was looked at, by its name.
    """
    times = Counter(each for one in gathered.values() for each in dict.fromkeys(one))
    return [_named(each, gathered) if times[each] < len(gathered) else each for each in times]


def with_names(board: Storyboard, gathered: Mapping[str, Sequence[Diagnostic]]) -> Storyboard:
    """Return a variant whose notes name the variants that have them, but for those that all have."""
    notes = [_named(each, gathered) for each in board.notes]
    return replace(board, notes=tuple(notes))


def alike(findings: Findings, boards: Sequence[Storyboard]) -> Iterator[Diagnostic]:
    """Yield what is wrong with variants that would write over each other's films."""
    first: dict[str, Storyboard] = {}
    for board in boards:
        # Many disks have one file for both: Tram, and tram.
        if (other := first.setdefault(board.slug.casefold(), board)) is not board:
            trail: Trail = ("slug",) if findings.has(("slug",)) else ("variants", board.variant)
            names = f"both named {board.slug}" if other.slug == board.slug else f"named {other.slug} and {board.slug}"
            message = f"the films of variants {other.variant} and {board.variant} are {names}, and each would replace the other"
            remedy = 'let the slug differ, as in `slug: "tram-{{ city | slug }}"`, or leave it out: each is named after its variant then'
            source = findings.source.of(trail)
            yield source.diagnostic("repeated-slug", source.span(trail), message, remedy)


def _named(each: Diagnostic, gathered: Mapping[str, Sequence[Diagnostic]]) -> Diagnostic:
    names = [name for name, those in gathered.items() if each in those]
    if len(names) in {0, len(gathered)}:
        return each
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return replace(each, message=f"in variant{'' if len(names) == 1 else 's'} {listed}: {each.message}")


def _judge_name(findings: Findings, sheet: fields.Sheet, name: str) -> None:
    trail: Trail = ("variants", name)
    if name in {MASTER, *TAKEN}:
        message = f"'{name}' cannot be the name of a variant: files beside a film are called so"
        findings.tell("reserved-name", trail, message, f"choose another, such as {name}-1", key=True)
    elif name in sheet.deliver:
        message = f"'{name}' is a variant and a delivery ({findings.line(('deliver', name))}), and steps and films are named by both"
        findings.tell("repeated-name", trail, message, "give one of them another name", key=True)


def _judge_vars(findings: Findings, trail: Trail, own: Mapping[str, Any], there: Any) -> None:
    """Tell names that the storyboard's vars have not, and values that cannot take the place of what is there."""
    known = there if isinstance(there, dict) else {}
    for name, value in own.items():
        here = (*trail, name)
        below = ".".join(str(step) for step in here[3:])
        if name not in known:
            likely = did_you_mean(name, known)
            names = f"there are {', '.join(known)}" if known else "there are none"
            remedy = (
                f"{likely} ({names})" if likely else f"write it into `vars` first, where all variants have it; {names}"
            )
            findings.tell("unknown-var", here, f"the storyboard has no var '{short(below)}'", remedy, key=True)
        elif (kind := _kind(known[name])) != _kind(value):
            message = f"'{below}' is {described(value)} here, and {described(known[name])} in `vars`"
            findings.tell("wrong-value", here, message, f"write {kind} here, or change what is there")
        elif isinstance(value, dict):
            _judge_vars(findings, here, value, known[name])


def _kind(value: Any) -> str:
    return "a mapping of names" if isinstance(value, dict) else "a list" if isinstance(value, list) else "one value"


def _judge_pins(findings: Findings, variant: str) -> None:
    """Tell pins that would give all variants one clip."""
    for scene, at in _scenes(findings.source.data).items():
        trail: Trail = ("scenes", at, "pin")
        if findings.has(trail):
            pin = short(findings.source.written(trail))
            message = "a pin here would be the clip of every variant"
            remedy = f"move it into the one that it is of: `variants: {{{variant}: {{scenes: {{{scene}: {{pin: {pin}}}}}}}}}`"
            findings.tell("pin-of-variants", trail, message, remedy, key=True)


def _scenes(data: Mapping[str, Any]) -> dict[str, int]:
    """Return where scenes stand, by their ids."""
    scenes = data.get("scenes")
    listed = scenes if isinstance(scenes, list) else []
    ids = {
        scene["id"]: at
        for at, scene in reversed([*enumerate(listed)])
        if isinstance(scene, dict) and isinstance(scene.get("id"), str)
    }
    return dict(sorted(ids.items(), key=lambda each: each[1]))


def _fitting(own: Mapping[str, Any], there: Any) -> Iterator[tuple[str, ...]]:
    """Yield the names of values that can take the place of what is there; the others are told."""
    for name, value in own.items():
        known = there.get(name) if isinstance(there, dict) else None
        if known is None or _kind(known) != _kind(value):
            continue
        if isinstance(value, dict):
            yield from ((name, *inner) for inner in _fitting(value, known))
        else:
            yield (name,)
