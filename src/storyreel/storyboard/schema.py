"""
The JSON schema of the language: what an editor completes, explains and underlines while a storyboard is written.

It knows shapes and not limits: those depend on the model, and `load` tells them. What the catalogue knows it offers.
"""

from __future__ import annotations

from typing import Any

from storyreel.catalog import Catalog
from storyreel.storyboard.fields import Part, Scene, Sheet
from storyreel.storyboard.grammar import about, fields_of, meaning, parts


def schema(catalog: Catalog) -> dict[str, Any]:
    """
    Return the JSON schema (draft 2020-12) of a storyboard.

    Args:
        catalog: Whose models, ratios and resolutions an editor offers.
    """
    generated = Sheet.model_json_schema()
    drawn = generated.pop("$defs")
    declared = {part.__name__: part for part in parts()}
    for name, shape in {**drawn, "Sheet": generated}.items():
        shape.pop("title", None)
        _only_names(shape)
        for field, kind in shape["properties"].items() if name in declared else ():
            shape["properties"][field] = _explained(declared[name], field, kind, catalog)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A storyboard of storyreel, version 1",
        **generated,
        "patternProperties": {"^x-": {"description": "Ignored: the place for YAML anchors."}},
        "$defs": drawn,
    }


def _only_names(shape: Any) -> None:
    """Refuse what is no name where names are keys: pydantic says only what such a key holds."""
    if isinstance(shape, dict):
        if "patternProperties" in shape and "properties" not in shape:
            shape["additionalProperties"] = False
        for inner in shape.values():
            _only_names(inner)
    elif isinstance(shape, list):
        for inner in shape:
            _only_names(inner)


def _explained(part: type[Part], field: str, shape: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Explain a field. That it may be left out is no reason to let it be null, but for a scene's style."""
    alone = [one for one in shape.get("anyOf", ()) if one != {"type": "null"}]
    if "anyOf" in shape and (part, field) != (Scene, "style"):
        rest = {key: value for key, value in shape.items() if key != "anyOf"}
        shape = {**rest, **alone[0]} if len(alone) == 1 else {**rest, "anyOf": alone}
    constraints = {key: value for key, value in shape.items() if key not in {"title", "default"}}
    note = about(fields_of(part)[field])
    known = list(dict.fromkeys(note.known(catalog))) if note is not None else []
    return {"description": meaning(part, field), **constraints, **({"examples": known} if known else {})}
