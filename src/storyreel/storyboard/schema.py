"""
The JSON schema of the language: what an editor completes, explains and underlines while a storyboard is written.

It knows shapes, and of limits those that no model goes beyond: the rest depends on the model, and `load` tells it. What the catalogue knows
it offers.
"""

from __future__ import annotations

from typing import Any

from storyreel.catalog import Catalog
from storyreel.storyboard.field_examples import examples_of
from storyreel.storyboard.fields import Defaults, Extension, Part, Scene, Sheet
from storyreel.storyboard.grammar import about, fields_of, meaning, parts

URN = "urn:storyreel:storyboard:1"
"""What the schema is called: no address, since it comes with the package and is fetched from nowhere."""


def schema(catalog: Catalog) -> dict[str, Any]:
    """
    Return the JSON schema of a storyboard, in draft-07: what editors know.

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
    whole = {
        **generated,
        "patternProperties": {"^x-": {"description": "Ignored: the place for YAML anchors."}},
        "definitions": drawn,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": URN,
        "title": "A storyboard of storyreel, version 1",
        **_in_draft_7(whole),
    }


def _in_draft_7(shape: Any) -> Any:
    """Return a shape as draft-07 has it: it looks at nothing that stands beside a reference, and has another word for a list's places."""
    if isinstance(shape, list):
        return [_in_draft_7(inner) for inner in shape]
    if not isinstance(shape, dict):
        return shape
    drawn = {key: _in_draft_7(inner) for key, inner in shape.items() if key != "prefixItems"}
    if "prefixItems" in shape:
        drawn |= {"items": _in_draft_7(shape["prefixItems"]), "additionalItems": False}
    if isinstance(reference := drawn.get("$ref"), str):
        reference = reference.replace("#/$defs/", "#/definitions/")
        beside = {key: inner for key, inner in drawn.items() if key != "$ref"}
        return {**beside, "allOf": [{"$ref": reference}]} if beside else {"$ref": reference}
    return drawn


def _bounds(part: type[Part], field: str, catalog: Catalog) -> dict[str, float]:
    """Return between what a number of seconds is, whatever the model."""
    if (part, field) == (Defaults, "duration"):
        spans = [model.seconds for model in catalog.video.values()]
    elif (part, field) == (Extension, "duration"):
        spans = [model.extend_adds for model in catalog.video.values() if model.extend_adds is not None]
    else:
        # That of a scene is also how long a card or a picture of any length is shown.
        return {"exclusiveMinimum": 0} if (part, field) == (Scene, "duration") else {}
    return {"minimum": min(span.least for span in spans), "maximum": max(span.most for span in spans)} if spans else {}


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
    examples = known or examples_of(part.__name__, field)
    bounds = _bounds(part, field, catalog)
    return {
        "description": meaning(part, field),
        **constraints,
        **bounds,
        **({"examples": examples} if examples else {}),
    }
