"""
Read what is drawn: cards, held pictures, and how a picture of another ratio fills the film.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

from storyreel.model.drawn import Card, Drawn, Fit, FontFile, Framing, HeldPicture
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Scene
from storyreel.model.timeline import NOMINAL
from storyreel.storyboard import fields
from storyreel.storyboard.colors import as_color, color_meant
from storyreel.storyboard.files import Address, Missing, short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described

FEWEST_FRAMES, LONGEST_S = 2, 3600
MEANS: dict[str, str] = {"card": "a card", "picture": "a held picture"}
_GENERATED = ("prompt", "image", "references", "last_frame", "keyframes", "voices", "clip")
_OF_REQUESTS = ("style", "model", "aspect_ratio", "resolution", "generate_audio", "take", "pin")


class Drawings:
    """
    What the scenes of a storyboard draw.

    Args:
        shape: The ratio and the resolution of the film: words have to fit into it.
        fit: How a picture of another ratio fills the film where its scene does not say so; None: with bars.
        shown: Scenes whose words have to fit; None for all.
    """

    def __init__(
        self, findings: Findings, shape: fields.Defaults, fit: Fit | None, shown: Collection[str] | None = None
    ) -> None:
        self._findings = findings
        self._shown = shown
        self._fit = fit
        self._letters = Letters(findings, shape)

    def framing(self, trail: Trail, scene: fields.Scene) -> Framing:
        """Return how the picture of a scene fills the film. Fields that have nothing to say there are told."""
        findings = self._findings
        moves = scene.move != "none"
        if moves and not findings.has((*trail, "picture")):
            remedy = "say in the prompt how the camera moves" if scene.prompt is not None else "take it away"
            findings.tell("needless-key", (*trail, "move"), "`move` is of a `picture`", remedy, key=True)
        elif moves and scene.fit not in (None, "crop"):
            message = f"`fit` is {scene.fit}, and `move` is {scene.move}: what a camera moves over fills the frame"
            findings.tell(
                "conflicting-keys", (*trail, "fit"), message, "take `fit` away, or write move: none", key=True
            )
        ground = scene.card.background if scene.card is not None else None
        if scene.card is not None and (ground is None or as_color(ground)):
            for name in ("fit", "focus"):
                if findings.has((*trail, name)):
                    message = f"a card of one colour has no `{name}`: it fills every film"
                    findings.tell("needless-key", (*trail, name), message, "take it away", key=True)
        return self._framing(scene)

    def fitted(self, trail: Trail, written: fields.Scene, scene: Scene) -> Scene:
        """Return a scene that was read as it fills another film, into which the words of a card have to fit."""
        framing = self._framing(written)
        if scene.drawn is None:
            return scene if framing == scene.framing else replace(scene, framing=framing)
        if isinstance(card := scene.drawn.what, Card):
            self._judge((*trail, "card"), scene.id, card.text, card.font, card.size)
        return replace(scene, framing=framing, drawn=replace(scene.drawn, framing=framing))

    def _judge(self, trail: Trail, scene: str, text: str, font: FontFile | None, size: float) -> None:
        if text and (self._shown is None or scene in self._shown):
            self._letters.judge(trail, text, font, size)

    def _framing(self, scene: fields.Scene) -> Framing:
        focus = (0.5, 0.5) if scene.focus is None else (scene.focus[0], scene.focus[1])
        return Framing(scene.fit or ("crop" if scene.move != "none" else self._fit or "pad"), focus)

    def drawn(self, trail: Trail, scene: fields.Scene, names: Mapping[str, Any], framing: Framing) -> Drawn | None:
        """Return what a scene draws; None if something is wrong with it, which is told."""
        seconds = self._seconds(trail, scene)
        what = (
            self._card((*trail, "card"), scene.id, scene.card, names)
            if scene.card is not None
            else self._held(trail, scene, names)
        )
        return None if what is None or seconds is None else Drawn(what, seconds, framing)

    def alone(self, trail: Trail, scene: fields.Scene, called: str) -> None:
        """Tell what stands beside a card or a picture and belongs to a clip that is shot."""
        findings = self._findings
        kind: Literal["card", "picture"] = "card" if scene.card is not None else "picture"
        others = [name for name in (*_GENERATED, "picture") if name != kind and getattr(scene, name) is not None]
        for other in others:
            both = f"`{kind}` ({findings.line((*trail, kind))}) and `{other}` ({findings.line((*trail, other))})"
            message, remedy = f"{called} has {both}; it can have one of them", _instead(kind, other)
            findings.tell("conflicting-keys", (*trail, other), message, remedy, key=True)
        if scene.then:
            message = f"{called} is {MEANS[kind]}, which cannot be extended or edited"
            findings.tell("conflicting-keys", (*trail, "then"), message, _shot_instead(scene), key=True)
        for other in _OF_REQUESTS:
            if findings.has((*trail, other)) and other in scene.model_fields_set:
                message = f"{MEANS[kind]} has no `{other}`: nothing is generated"
                findings.tell("needless-key", (*trail, other), message, "take it away", key=True)

    def _seconds(self, trail: Trail, scene: fields.Scene) -> float | None:
        kind = "card" if scene.card is not None else "picture"
        if scene.duration is None:
            if not self._findings.spoiled((*trail, "duration")):
                message = f"{MEANS[kind]} has no length of its own, and `duration` is missing"
                self._findings.tell("missing-key", (*trail, kind), message, "add `duration: 3`", key=True)
            return None
        least = FEWEST_FRAMES / float(NOMINAL)
        if not least - 1e-3 <= scene.duration <= LONGEST_S:
            message = f"duration is {described(scene.duration)} s; {MEANS[kind]} lasts {least:.3f} to {LONGEST_S} s"
            remedy = "make it longer" if scene.duration < least else "shorten it"
            self._findings.tell("wrong-value", (*trail, "duration"), message, remedy)
            return None
        return float(scene.duration)

    def _held(self, trail: Trail, scene: fields.Scene, names: Mapping[str, Any]) -> HeldPicture | None:
        here: Trail = (*trail, "picture")
        footage = self._picture(here, scene.picture or "", names, what="picture")
        return None if footage is None else HeldPicture(footage, scene.move)

    def _card(self, trail: Trail, scene: str, card: fields.Card, names: Mapping[str, Any]) -> Card | None:
        findings = self._findings
        background = self._background((*trail, "background"), card.background, names)
        color = self._letters.color((*trail, "color"), card.color)
        font = None if card.font is None else self._letters.font((*trail, "font"), card.font)
        text = ""
        if card.text is not None:
            rendered = findings.words((*trail, "text"), card.text, names, what="text")
            if rendered == "":
                findings.tell("empty-prompt", (*trail, "text"), "text is empty", "leave it out for a plain card")
            text = rendered or ""
        if font is not None or card.font is None:
            self._judge(trail, scene, text, font, card.size)
        if background is None or color is None:
            return None
        return Card(text, background, color, card.place, card.size, font)

    def _background(self, trail: Trail, written: str | None, names: Mapping[str, Any]) -> str | Footage | None:
        """Return the colour or the picture that is meant."""
        findings = self._findings
        if written is None:
            return "#000000"
        rendered = findings.words(trail, written, names, what="background")
        if rendered is None:
            return None
        if (color := as_color(rendered)) is not None:
            return color
        if fields.is_file(rendered) or findings.folder.has(rendered):
            return own_picture(findings, trail, rendered)
        message = f"background is {described(rendered)}: that is no colour, and there is no such file"
        findings.tell("wrong-value", trail, message, color_meant(rendered))
        return None

    def _picture(self, trail: Trail, written: str, names: Mapping[str, Any], *, what: str) -> Footage | None:
        rendered = self._findings.words(trail, written, names, what=what)
        return None if rendered is None else own_picture(self._findings, trail, rendered)


def own_picture(findings: Findings, trail: Trail, written: str) -> Footage | None:
    """Return the picture of a person's own that a path means; None if there is none, which is told."""
    try:
        picture = findings.folder.picture(written)
    except Missing as missing:
        findings.tell(missing.code, trail, missing.message, missing.remedy)
        return None
    if isinstance(picture, Address):
        message = "what is drawn from is a file, not an address"
        remedy = "download it and put it beside the storyboard"
        findings.tell("wrong-address", trail, message, remedy)
        return None
    return picture


def not_filmed(scene: fields.Scene) -> tuple[str, str, str] | None:
    """Return why no frame of a scene can be taken, what to write instead, and the file that it is; None where one can."""
    if scene.picture is not None:
        return f"'{scene.id}' is a held picture, and no clip", "write its file", short(scene.picture)
    if scene.card is not None:
        background = scene.card.background
        why = f"'{scene.id}' is a card, and no clip"
        if background is not None and fields.is_file(background):
            return why, "write the file that it is on", short(background)
        return why, "write a picture of your own", "FILE"
    return None


def _instead(kind: str, other: str) -> str:
    if other == "picture":
        return "take one away, or make two scenes of it; a picture that a card is written on is its `background`"
    if kind == "picture" and other in ("prompt", "image"):
        return "a `picture` is shown as it is: move over it with `move`, or have it set in motion with `image` and a `prompt`"
    return f"{MEANS[kind]} is drawn here, and nothing is generated; take one away, or make two scenes of it"


def _shot_instead(scene: fields.Scene) -> str:
    if scene.picture is not None:
        return f"take `then` away, or have it set in motion: image: {short(scene.picture)} and a `prompt`"
    return "take `then` away"
