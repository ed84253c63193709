"""
Walk through the language: which parts may stand at a place of a storyboard, and which fields they have.

Everything is read off the models of `fields`, so that a field that is declared there is known here.
"""

from __future__ import annotations

import ast
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from storyreel.storyboard.fields import About, Part, Sheet
from storyreel.storyboard.text.nodes import Trail


def parts() -> tuple[type[Part], ...]:
    """Return every part of the language, in the order in which they are declared."""
    return tuple(Part.__subclasses__())


def fields_of(part: type[Part]) -> Mapping[str, FieldInfo]:
    """Return the fields of a part by the names with which they are written: `from` is a word of Python's own."""
    return {field.alias or name: field for name, field in part.model_fields.items()}


def parts_at(trail: Trail, has: Callable[[str], bool]) -> tuple[type[Part], ...]:
    """
    Return the parts that may stand at a place; none where there are only words.

    Args:
        trail: The place.
        has: Whether a key is written there: where several parts may stand, those that it makes plain are returned.
    """
    kinds = [kind for kind in _kinds_at(trail) if isinstance(kind, type) and issubclass(kind, Part)]
    plain = [kind for kind in kinds if (needs := _required(kind)) and all(map(has, needs))]
    return tuple(plain or kinds)


def field_at(trail: Trail, has: Callable[[str], bool]) -> FieldInfo | None:
    """Return the declaration of the field at a place; None where there is none."""
    for part in parts_at(trail[:-1], has) if trail else ():
        if trail[-1] in (known := fields_of(part)):
            return known[str(trail[-1])]
    return None


def about(field: FieldInfo) -> About | None:
    """Return what is to be said of a field: the last word that its declaration has on it."""
    notes = [note for note in field.metadata if isinstance(note, About)] or [*_notes(field.annotation)]
    return notes[-1] if notes else None


def meaning(part: type[Part], name: str) -> str:
    """Return the sentence that stands below a field's declaration."""
    return _meanings()[part.__name__, name]


def other_words(part: type[Part]) -> dict[str, str]:
    """Return what people write for the fields of a part that have another name."""
    return {
        word: name
        for name, field in fields_of(part).items()
        if (note := about(field)) is not None
        for word in note.other_words
    }


def choices(field: FieldInfo) -> tuple[str, ...]:
    """Return the words that a field takes and no others; empty if it takes more than a few."""
    return tuple(
        str(word) for kind in _options(field.annotation) if get_origin(kind) is Literal for word in get_args(kind)
    )


def parts_below(field: FieldInfo) -> tuple[type[Part], ...]:
    """Return the parts that a field holds: itself, in a list, or by name."""
    kinds = list(_options(field.annotation))
    for kind in kinds:
        if get_origin(kind) in (list, dict):
            kinds.extend(_options(get_args(kind)[-1]))
    return tuple(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Part))


@cache
def _meanings() -> Mapping[tuple[str, str], str]:
    # pydantic could read them itself (`use_attribute_docstrings`), and would for every command: a tenth of a second each.
    meanings: dict[tuple[str, str], str] = {}
    rooms = dict.fromkeys(part.__module__ for part in parts())
    for part in (each for room in rooms for each in ast.parse(inspect.getsource(sys.modules[room])).body):
        if isinstance(part, ast.ClassDef):
            for declared, below in pairwise(part.body):
                match declared, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(sentence))):
                        meanings[part.name, name.rstrip("_")] = " ".join(sentence.split())
                    case _:
                        pass
    return meanings


def _kinds_at(trail: Trail) -> list[Any]:
    kinds: list[Any] = [Sheet]
    for step in trail:
        kinds = [below for kind in kinds for below in _below(kind, step)]
    return kinds


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    """Yield what may stand under a key or a number of this."""
    if isinstance(kind, type) and issubclass(kind, Part):
        if step in (known := fields_of(kind)):
            yield from _options(known[str(step)].annotation)
    elif get_origin(kind) is list and isinstance(step, int):
        yield from _options(get_args(kind)[0])
    elif get_origin(kind) is dict and isinstance(step, str):
        yield from _options(get_args(kind)[1])


def _options(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation allows, without its notes."""
    if get_origin(annotation) is Annotated:
        yield from _options(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _options(option)
    elif annotation is not types.NoneType:
        yield annotation


def _notes(annotation: Any) -> Iterator[About]:
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        yield from _notes(inner)
        yield from (note for note in notes if isinstance(note, About))
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _notes(option)


def _required(part: type[Part]) -> list[str]:
    return [name for name, field in fields_of(part).items() if field.is_required()]
