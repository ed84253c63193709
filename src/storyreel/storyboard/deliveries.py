"""
Read the films that are delivered beside the master: each is the storyboard once more, with what the film has of its own laid over it.
"""

from __future__ import annotations

from collections.abc import Mapping

from storyreel.model.storyboard import MASTER, Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.cut import nearest_scene
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.sizes import judge_size
from storyreel.storyboard.text.nodes import Trail

DELIVER: Trail = ("deliver",)
MOST_DELIVERIES = 16
"""Each is read, planned and cut by itself; nobody hands over more of one storyboard."""

TAKEN = frozenset({"sandbox", "rough", "approval", "cut", "page", "versions", "sheet"})
"""What other files beside a film are called."""

OF_THE_MASTER: Mapping[str, str] = {
    **dict.fromkeys(("aspect_ratio", "resolution"), "move it to `defaults`"),
    **dict.fromkeys(("order", "close", "chapters", "captions", "loudness"), "move it to `cut`"),
    "scenes": "write `take` and `pin` in the scene itself",
    "regenerate": "take it away: what is bought for the master is bought once",
}
"""Fields of a delivery that the master has elsewhere, and what to do with them."""

OF_THE_CUT = ("order", "close", "captions")
"""Fields of a delivery that take the place of those of `cut`, with their places in the file."""


def deliveries(findings: Findings, sheet: fields.Sheet) -> dict[str, fields.Delivery]:
    """Return what is written of each film beside the master, as far as there can be such a film. What is wrong is told."""
    written = {name: film for name, film in sheet.deliver.items() if name != MASTER}
    if MASTER in sheet.deliver:
        _judge_master(findings, sheet.deliver[MASTER])
    if len(written) > MOST_DELIVERIES:
        message = f"{len(written)} films are to be delivered; {MOST_DELIVERIES} are the most"
        findings.tell("too-many-films", DELIVER, message, "make two storyboards of it, with `use` for what they share")
    for name in [*written][MOST_DELIVERIES:]:
        del written[name]
    for name, film in [*written.items()]:
        here: Trail = (*DELIVER, name)
        if name in TAKEN:
            message = f"a film cannot be called '{name}': other files beside the films are"
            findings.tell("taken-name", here, message, f"call it {name}-film, say", key=True)
        shape = shape_of(sheet, film)
        own = [(*here, field) for field in ("aspect_ratio", "resolution") if getattr(film, field) is not None]
        if own and not judge_size(findings, shape, own[0], own[-1]):
            del written[name]
        _judge_regenerated(findings, here, sheet, film)
    return written


def shape_of(sheet: fields.Sheet, film: fields.Delivery) -> fields.Defaults:
    """Return the defaults with the size of a film."""
    own = {name: value for name in ("aspect_ratio", "resolution") if (value := getattr(film, name)) is not None}
    return sheet.defaults.model_copy(update=own)


def laid(sheet: fields.Sheet, film: fields.Delivery) -> fields.Sheet:
    """Return the storyboard as a film has it: what this says takes the place of what is written for the master."""
    cut = sheet.cut
    update: dict[str, object] = {
        name: value for name in ("order", "close", "chapters", "loudness") if (value := getattr(film, name)) is not None
    }
    update["length"] = None  # that of the master
    update["captions"] = _captions(cut.captions, film)
    if not on(film.music):
        update["music"] = []
    return sheet.model_copy(update={"cut": cut.model_copy(update=update)})


def shown_in(film: fields.Delivery, master: Storyboard) -> frozenset[str]:
    """Return the scenes that a film shows, be there such scenes or not."""
    if film.order is None:
        return frozenset(item.scene for item in master.cut)
    return frozenset(each if isinstance(each, str) else each.scene for each in film.order)


def on(written: object) -> bool:
    """Whether a film has what can be switched off by `off` or `false`."""
    return written not in ("off", False)


def moves(name: str, film: fields.Delivery) -> dict[Trail, Trail]:
    """Return which parts of the storyboard a film has elsewhere, and where."""
    here: Trail = (*DELIVER, name)
    return {
        ("cut", field): (*here, field)
        for field in OF_THE_CUT
        if getattr(film, field) is not None and not (field == "captions" and not on(film.captions))
    }


def _captions(below: fields.Captions | None, film: fields.Delivery) -> fields.Captions | None:
    own = film.captions if isinstance(film.captions, fields.Captions) else None
    if below is None or (own is None and film.order is None):
        return own or below
    inherited = below.model_dump(exclude_unset=True)
    anew = {} if own is None else own.model_dump(exclude_unset=True)
    if film.order is not None:
        inherited.pop("file", None)  # its seconds are those of another film
    if anew.get("burn") is False:
        inherited.pop("font", None)
    return fields.Captions(**{**inherited, **anew})


def _judge_master(findings: Findings, film: fields.Delivery) -> None:
    for name in film.model_fields_set:
        if (remedy := OF_THE_MASTER.get(name)) is not None:
            message = f"`{name}` of the master is not written here"
            findings.tell("needless-key", (*DELIVER, MASTER, name), message, remedy, key=True)


def _judge_regenerated(findings: Findings, here: Trail, sheet: fields.Sheet, film: fields.Delivery) -> None:
    """Tell what a film says of scenes that are bought again for it, where nothing is."""
    if film.regenerate and film.aspect_ratio in (None, sheet.defaults.aspect_ratio):
        ratio = sheet.defaults.aspect_ratio
        has = "no `aspect_ratio` of its own" if film.aspect_ratio is None else f"aspect_ratio {film.aspect_ratio}"
        message = (
            f"regenerate is true, and this film has {has}; the storyboard's is {ratio}: nothing would be bought again"
        )
        remedy = "write the aspect_ratio in which scenes are to be bought again, or take `regenerate` away"
        if not findings.spoiled((*here, "aspect_ratio")):
            findings.tell("nothing-to-regenerate", (*here, "regenerate"), message, remedy)
    if film.scenes and not film.regenerate and not findings.spoiled((*here, "regenerate")):
        message = "`scenes` is of what is bought again for this film, and regenerate is false: it shows the takes of the master"
        remedy = "write regenerate: true, or take it away"
        findings.tell("needless-key", (*here, "scenes"), message, remedy, key=True)
    ids = [scene.id for scene in sheet.scenes]
    for scene, own in film.scenes.items():
        if sheet.variants and own.pin is not None:
            message = "a pin here would be the clip of every variant"
            findings.tell("pin-of-variants", (*here, "scenes", scene, "pin"), message, "take it away", key=True)
        if scene not in ids:
            message = f"this is said of '{scene}', and no scene has that id"
            findings.tell("unknown-scene", (*here, "scenes", scene), message, nearest_scene(scene, ids), key=True)
