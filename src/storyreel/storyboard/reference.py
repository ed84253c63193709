"""
The tables of the language's reference, as Markdown: every part of a storyboard with its fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from storyreel.catalog import Catalog
from storyreel.storyboard.fields import Part, Sheet
from storyreel.storyboard.grammar import about, fields_of, meaning, parts_below


def tables(catalog: Catalog) -> str:
    """
    Return a table for each part, the whole storyboard first, each part before those that stand in it.

    Args:
        catalog: Whose models, ratios and resolutions are listed.
    """
    return "\n".join(line for part in _in_order(Sheet) for line in _table(part, catalog))


def _table(part: type[Part], catalog: Catalog) -> Iterator[str]:
    yield f"**{part.TITLE}.** {' '.join((part.__doc__ or '').split())}"
    yield ""
    yield "| field | takes | what it is |"
    yield "|---|---|---|"
    for name, field in fields_of(part).items():
        needed = "; it must be there" if field.is_required() else ""
        yield f"| `{name}` | {_cell(_takes(field, catalog) + needed)} | {_cell(meaning(part, name))} |"
    yield ""


def _takes(field: FieldInfo, catalog: Catalog) -> str:
    note = about(field)
    if note is None:
        return "a mapping" if parts_below(field) else "text"
    known = ", ".join(f"`{word}`" for word in dict.fromkeys(note.known(catalog)))
    return f"{note.wanted}: {known}" if known else note.wanted


def _in_order(part: type[Part]) -> tuple[type[Part], ...]:
    """Return a part and all that stand in it, each once."""
    order: dict[type[Part], None] = {part: None}
    for field in part.model_fields.values():
        for below in parts_below(field):
            order |= dict.fromkeys(_in_order(below))
    return tuple(order)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
