"""
Hold what follows a scene's first clip against what the catalogue allows: extensions and edits, each of the clip before.

A clip that is too long to go in whole is extended by its tail: so a chain may be as long as its story.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.catalog import A_HAIR_S, Span, VideoModel
from storyreel.storyboard import fields
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.limits import Look, note_retired, own_place, tell_unknown_model, written_at
from storyreel.storyboard.sizes import listed
from storyreel.storyboard.text.nodes import Trail

Item = fields.Extension | fields.Edit
MANY = 4
"""From so many extensions on it is told that they drift."""


def judge_chain(findings: Findings, trail: Trail, look: Look, then: Sequence[Item], seconds: float) -> bool:
    """
    Tell what of a chain is too long, too short, or not offered; return whether all of the clip that it begins with goes in.

    Args:
        trail: Of the scene.
        look: How its first clip is made.
        then: The links as written.
        seconds: Length of the clip that the chain begins with.
    """
    chain = _Chain(findings, trail, look, seconds)
    for at, link in enumerate(then):
        chain.add((*trail, "then", at), link)
    extensions = sum(isinstance(link, fields.Extension) for link in then)
    if extensions >= MANY:
        message = f"{extensions} extensions in a row tend to drift from the look they began with"
        findings.note("many-extensions", (*trail, "then"), message)
    return chain.begins_whole


class _Chain:
    """A chain as far as it was judged: how long it is, and how long the clip that its last link returns."""

    def __init__(self, findings: Findings, trail: Trail, look: Look, seconds: float) -> None:
        self._findings = findings
        self._trail = trail
        self._look = look
        self._is_footage = findings.has((*trail, "clip"))
        self._resolution = look.resolution
        self._seconds = self._returned = seconds
        self._has_tail = False
        self.begins_whole = True
        self._links = 0

    def add(self, here: Trail, link: Item) -> None:
        """Judge one more link, which stands here."""
        self._links += 1
        model = self._model(here, link)
        if model is None:
            return
        kind = "extend" if isinstance(link, fields.Extension) else "edit"
        takes = model.extend_input if isinstance(link, fields.Extension) else model.edit_input
        if kind not in model.modes or takes is None:
            self._not_offered(here, kind, link, model)
            return
        self._lower(here, kind, model)
        tail = model.tail_of(self._returned) if isinstance(link, fields.Extension) else None
        self._length(here, kind, takes, tail)
        if isinstance(link, fields.Extension):
            self._adds(here, link, model)
            self._has_tail = self._has_tail or tail is not None
            self.begins_whole = self.begins_whole and not (self._links == 1 and tail is not None)
            self._returned = (self._returned if tail is None else tail) + link.duration
            self._seconds += link.duration

    def _model(self, here: Trail, link: Item) -> VideoModel | None:
        """Return what makes a link; one of its own that is not known, or retired, is told."""
        if link.model is None:
            return self._look.offers
        model = self._findings.catalog.video_model(link.model)
        if model is None:
            tell_unknown_model(self._findings, (*here, "model"), link.model)
        else:
            note_retired(self._findings, (*here, "model"), link.model, model)
        return model

    def _not_offered(self, here: Trail, kind: str, link: Item, model: VideoModel) -> None:
        others = listed([one.name for one in self._findings.catalog.video.values() if kind in one.modes])
        if link.model is not None:
            message = f"model is {link.model}, and it cannot {kind} a clip"
            self._findings.tell("mode-not-offered", (*here, "model"), message, f"write model: {others}")
            return
        written = written_at(self._findings, self._trail, "model")
        where = f" ({self._findings.line(written)})" if self._findings.has(written) else ""
        message, remedy = f"{model.name}{where} cannot {kind} a clip", f"write model: {others} in this item"
        self._findings.tell("mode-not-offered", (*here, kind), message, remedy, key=True)

    def _lower(self, here: Trail, kind: str, model: VideoModel) -> None:
        """Note where a clip comes back with fewer lines than it has."""
        brought = model.brings(self._resolution)
        if brought != self._resolution and not self._is_footage:
            message = f"the clip is made at {self._resolution}; from here on it is {brought}, which {model.name} makes at most"
            self._findings.note("lower-resolution", (*here, kind), message)
            self._resolution = brought

    def _length(self, here: Trail, kind: str, takes: Span, tail: float | None) -> None:
        """Tell a clip that is too long or too short to go in."""
        word = "extended" if kind == "extend" else "edited"
        if self._has_tail and kind == "edit":
            message = (
                f"the clip is {self._seconds:g} s long here, and its tail alone went in before; "
                f"one over {takes.most:g} s cannot be edited"
            )
            remedy = "edit first and extend then: after a tail only `extend` may follow"
            self._findings.tell("chain-too-long", (*here, kind), message, remedy, key=True)
        elif tail is None and self._returned - takes.most > A_HAIR_S:
            message = f"the clip is {self._returned:g} s long here; one over {takes.most:g} s cannot be {word}"
            self._findings.tell("chain-too-long", (*here, kind), message, self._shorter(takes), key=True)
        elif takes.least - self._returned > A_HAIR_S:
            message = f"the clip is {self._returned:g} s long here; one under {takes.least:g} s cannot be {word}"
            self._findings.tell("chain-too-short", (*here, kind), message, "make what comes before it longer", key=True)

    def _adds(self, here: Trail, link: fields.Extension, model: VideoModel) -> None:
        adds = model.extend_adds
        if adds is not None and link.duration not in adds:
            message = f"duration is {link.duration} s; an extension adds {adds} s"
            remedy = "split it into two extensions, or shorten it" if link.duration > adds.most else "make it longer"
            limit = f"{remedy}  (limit: Imagine API, video extension)"
            self._findings.tell("duration-not-offered", own_place(self._findings, here, "duration"), message, limit)

    def _shorter(self, takes: Span) -> str:
        if self._links == 1:
            return f"{'trim the footage' if self._is_footage else 'shorten the scene'} to {takes.most:g} s"
        return "edit first and extend then, or shorten what comes before it"
