"""
The JSON schema of the language: what an editor completes, explains and underlines while a storyboard is written.

It knows shapes and not limits: those depend on the model and on the catalogue, and `load` tells them.
"""

from __future__ import annotations

from typing import Any

from storyreel.storyboard.fields import Sheet

_VIDEO_MODELS = ["grok-imagine-video", "grok-imagine-video-1.5", "grok-imagine-video-1.5-lite"]
_STILL_MODELS = ["grok-imagine-image", "grok-imagine-image-2.0"]
_RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "5:2"]

_WORDS: dict[str, dict[str, str]] = {
    "Sheet": {
        "version": "Of the language: 1.",
        "title": "Of the film, for people.",
        "slug": "Names the film and its files; default: the file's name.",
        "vars": "Words that prompts use by name: {{ city }}.",
        "style": "Added to every prompt that draws a picture from words.",
        "cast": "People, places and things that must look the same in every scene.",
        "defaults": "What scenes take where they do not say otherwise.",
        "scenes": "In the order in which they are listed, unless `cut` orders them otherwise.",
        "cut": "Which scenes the film shows, in which order.",
        "budget": "US dollars that one run may spend; it stops before the step that would pass it.",
        "review": "Stop until a person approves: before-video, after the stills; before-final, before the film is cut.",
    },
    "Defaults": {
        "model": "For video; default: grok-imagine-video.",
        "duration": "Whole seconds; default: 6.",
        "aspect_ratio": 'Of the film; default: "16:9".',
        "resolution": "Of the film; default: 720p.",
        "generate_audio": "Whether clips come with sound; default: true.",
        "still": "For generated stills.",
    },
    "StillDefaults": {
        "model": "Default: grok-imagine-image.",
        "resolution": "Default: 1k.",
        "quality": "Of the models that know it; unset by default.",
    },
    "Member": {
        "description": "What {{ cast.<name> }} writes into a prompt.",
        "references": "Pictures of it: files, https addresses, or {prompt: ...} to have one drawn once.",
    },
    "Still": {
        "prompt": "What is drawn, once.",
        "references": "Names from the cast, or files under names of their own: the still is then an edit of these.",
        "model": "Default: that of defaults.still.",
        "aspect_ratio": "Default: the scene's; 1:1 for the cast.",
        "resolution": "Default: that of defaults.still.",
        "quality": "Default: that of defaults.still.",
        "take": "Another number is another attempt, and another purchase.",
        "pin": "A request id: use that take and never buy.",
    },
    "LastFrameOf": {"last_frame_of": "The scene on whose last frame this one starts."},
    "Scene": {
        "id": "Names the scene and its steps: lower-case letters, digits, hyphens.",
        "prompt": "What happens. A Jinja template.",
        "image": "The picture that becomes the first frame: a file, an https address, {prompt: ...}, {last_frame_of: ...}.",
        "references": "Who and what must be seen: names from the cast, or {name: file}.",
        "clip": "Own footage: nothing is generated.",
        "trim": "The seconds of the clip that are used.",
        "model": "Default: that of `defaults`.",
        "duration": "Whole seconds. Default: that of `defaults`.",
        "aspect_ratio": "Default: that of `defaults`. A clip made from an image takes the picture's.",
        "resolution": "Default: that of `defaults`.",
        "generate_audio": "Default: that of `defaults`.",
        "style": "Instead of the storyboard's; null: none here.",
        "then": "Extensions and edits, in order, each of the clip before.",
        "take": "Another number is another attempt at the first clip, and another purchase.",
        "pin": "A request id: use that take as the first clip and never buy it.",
        "note": "For people.",
    },
    "Trim": {"start": "Seconds from the beginning of the file.", "end": "Seconds from the beginning of the file."},
    "Extension": {
        "extend": "What happens next.",
        "duration": "Whole seconds that are added; default: 6.",
        "take": "Another number is another attempt at this step.",
        "pin": "A request id: use that take and never buy.",
    },
    "Edit": {
        "edit": "What is to be different.",
        "take": "Another number is another attempt at this step.",
        "pin": "A request id: use that take and never buy.",
    },
    "Cut": {"order": "Ids of scenes; default: all, as listed."},
}
_EXAMPLES: dict[tuple[str, str], list[str]] = {
    ("Defaults", "model"): _VIDEO_MODELS,
    ("Scene", "model"): _VIDEO_MODELS,
    ("StillDefaults", "model"): _STILL_MODELS,
    ("Still", "model"): _STILL_MODELS,
    ("Defaults", "aspect_ratio"): _RATIOS,
    ("Scene", "aspect_ratio"): _RATIOS,
    ("Defaults", "resolution"): ["480p", "720p", "1080p"],
    ("Scene", "resolution"): ["480p", "720p", "1080p"],
    ("StillDefaults", "resolution"): ["1k", "2k"],
    ("Still", "resolution"): ["1k", "2k"],
    ("StillDefaults", "quality"): ["auto", "low", "medium"],
    ("Still", "quality"): ["auto", "low", "medium"],
}


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a storyboard."""
    generated = Sheet.model_json_schema()
    parts = generated.pop("$defs")
    for name, part in {**parts, "Sheet": generated}.items():
        part.pop("title", None)
        for field, shape in part["properties"].items():
            part["properties"][field] = _described(name, field, shape)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A storyboard of storyreel, version 1",
        **generated,
        "patternProperties": {"^x-": {"description": "Ignored: the place for YAML anchors."}},
        "$defs": parts,
    }


def _described(part: str, field: str, shape: dict[str, Any]) -> dict[str, Any]:
    """Describe a field. That a field may be left out is no reason to let it be null, but for a scene's style."""
    alone = [one for one in shape.get("anyOf", ()) if one != {"type": "null"}]
    if "anyOf" in shape and (part, field) != ("Scene", "style"):
        rest = {key: value for key, value in shape.items() if key != "anyOf"}
        shape = {**rest, **alone[0]} if len(alone) == 1 else {**rest, "anyOf": alone}
    constraints = {key: value for key, value in shape.items() if key not in {"title", "description", "default"}}
    examples = {"examples": _EXAMPLES[part, field]} if (part, field) in _EXAMPLES else {}
    return {"description": _WORDS[part][field], **constraints, **examples}
