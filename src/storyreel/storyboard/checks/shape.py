"""
Hold what is written against the language, and say what does not fit in the reader's words.

A part that does not fit is told and left out, and the rest is held against the language again, so that one wrong word
hides no other. What was left out is remembered as spoiled: nothing is missed there later.
"""

from __future__ import annotations

import math
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from storyreel.diagnostics.codes import Code
from storyreel.did_you_mean import did_you_mean, nearest, question
from storyreel.storyboard import fields
from storyreel.storyboard.checks.ids import FRAMES, judge_ids, nearest_id
from storyreel.storyboard.checks.misfits import is_picture, leave_out, trail_of
from storyreel.storyboard.checks.no_values import judge_nothings
from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.grammar import about, choices, field_at, fields_of, other_words, parts, parts_at
from storyreel.storyboard.suggest import (
    as_yaml,
    in_delivery,
    in_seconds,
    number_in,
    plain,
    rule_of_ids,
    strange_letter,
    suggested_name,
)
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described, is_number, other_sign

WHAT_A_REFERENCE_IS = (
    "a reference is a name from the cast, a file, or a file under a name of its own: {lamp: refs/lamp.png}"
)


OF_SOUNDS = ("music", "voiceover", "sounds")
"""Lists whose items are mappings with a file."""
INSIDE = {
    **dict.fromkeys(OF_SOUNDS, "file"),
    "titles": "text",
    "say": "text: ..., at",
    "keyframes": "at: 2, image",
}
"""What stands in an item of a list that is a mapping, where somebody has written only that."""

UNDER_IMAGE = {
    "prompt": "{prompt: ...}",
    "last_frame_of": "{last_frame_of: scene}",
    "frame_of": "{frame_of: scene, at: 1}",
    "file": "FILE",
    "url": "'https://...'",
}
"""What people write into a keyframe itself that belongs to its picture."""


def judge(findings: Findings) -> fields.Sheet | None:
    """Return the storyboard without what does not fit; None if too little is left. What does not fit is told."""
    data = {key: _copied(value) for key, value in findings.source.data.items() if not key.startswith("x-")}
    _version(findings, data)
    judge_nothings(findings, data, ())
    judge_ids(findings, data)
    for _ in range(30):
        try:
            return fields.Sheet.model_validate(data)
        except ValidationError as error:
            misfits = [_Misfit(findings, entry) for entry in error.errors(include_url=False, include_context=True)]
        reported: set[tuple[Trail, bool]] = set()
        for misfit in misfits:
            # A union of shapes complains once for each of them.
            if misfit.kind == "missing" or (misfit.trail, misfit.key_itself) not in reported:
                misfit.report(misfits)
            reported.add((misfit.trail, misfit.key_itself))
        for misfit in misfits:
            leave_out(findings, data, misfit.trail, missing=misfit.kind == "missing")
    return None


def _copied(value: Any) -> Any:
    """Return a value of a storyboard's data once more, for what does not fit to be taken out of it: `deepcopy` takes four times as long."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _version(findings: Findings, data: dict[str, Any]) -> None:
    version = data.get("version", 1)
    if isinstance(version, int) and not isinstance(version, bool) and version != 1:
        remedy = "write version: 1, or use a newer storyreel"
        findings.tell(
            "version", ("version",), f"this storyboard is version {version}; version 1 is what is read here", remedy
        )
        del data["version"]


class _Misfit:
    """One thing that does not fit, as pydantic has it, and where it is in the data."""

    def __init__(self, findings: Findings, entry: Any) -> None:
        self._findings = findings
        self.kind: str = entry["type"]
        self.given: Any = entry["input"]
        self.most: Any = entry.get("ctx", {}).get("max_length")
        self.key_itself = entry["loc"][-1:] == ("[key]",)
        self.trail = tuple(trail_of(entry["loc"]))
        self.name = str(self.trail[-1]) if self.trail else ""

    def report(self, others: list[_Misfit]) -> None:
        """Say what is wrong in the reader's words."""
        if self.kind == "missing":
            self._missing(others)
        elif self.kind == "extra_forbidden":
            if not self._goes_with_its_frame(others):
                self._unknown()
        elif self.key_itself:
            self._name()
        else:
            self._value()

    @property
    def suggestion(self) -> str | None:
        """The field that an unknown key was most likely meant to be."""
        if self.kind != "extra_forbidden":
            return None
        if self._parts == (fields.Keyframe,) and self.name in UNDER_IMAGE:
            return "image"
        others = {word: name for part in self._parts for word, name in other_words(part).items()}
        likely = nearest(self.name, [*self._names, *others])
        return others.get(likely, likely) if likely else None

    @property
    def _parts(self) -> tuple[type[fields.Part], ...]:
        owner = self.trail[:-1]
        return parts_at(owner, lambda name: self._findings.has((*owner, name)))

    def _beside(self, name: str) -> bool:
        return self._findings.has((*self.trail[:-1], name))

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for part in self._parts for name in fields_of(part)))

    @property
    def _field(self) -> FieldInfo | None:
        return self._field_at(self.trail)

    def _field_at(self, trail: Trail) -> FieldInfo | None:
        return field_at(trail, lambda name: self._findings.has((*trail[:-1], name)))

    def _goes_with_its_frame(self, others: list[_Misfit]) -> bool:
        """Whether this is the second of a frame that is told itself."""
        if fields.FrameOf not in self._parts or self.name != "at":
            return False
        return bool({*FRAMES} & self._unknown_beside(others))

    def _unknown_beside(self, others: list[_Misfit]) -> set[str | None]:
        """Return what unknown keys beside this are called, and what each was most likely meant to be."""
        owner = self.trail[:-1]
        beside = [other for other in others if other.trail[:-1] == owner and other.kind == "extra_forbidden"]
        return {name for other in beside for name in (other.name, other.suggestion)}

    def _unknown(self) -> None:
        if self._parts == (fields.Trim,) and self.name in {"duration", *other_words(fields.Extension)}:
            self._length_of_trim()
        elif self._parts == (fields.LastFrameOf,) and self.name in {"at", *other_words(fields.FrameOf)}:
            message = "a last frame is where the clip ends, and has no other second"
            remedy = f"take `{self.name}` away, or write frame_of in the place of last_frame_of"
            self._findings.tell("conflicting-keys", self.trail, message, remedy, key=True)
        elif fields.Extension in self._parts and self.name == "edit":
            message, remedy = "this item has `extend` and `edit`", "make two items of them; they run in order"
            self._findings.tell("conflicting-keys", self.trail, message, remedy, key=True)
        elif fields.FrameOf in self._parts and self.name == "at" and not self._beside("frame_of"):
            remedy = "write frame_of beside it: {frame_of: scene, at: seconds}"
            self._findings.tell(
                "missing-key", self.trail, "`at` is the second of a frame, and no scene is named", remedy, key=True
            )
        elif self.name in self._names:
            other = next(
                name for part in self._parts for name in fields_of(part) if name != self.name and self._beside(name)
            )
            message = f"`{self.name}` and `{other}` cannot stand side by side here"
            self._findings.tell("conflicting-keys", self.trail, message, "take one away", key=True)
        elif fields.Edit in self._parts and self.name == "duration":
            message = "an edit keeps the length of its clip; it has no `duration`"
            self._findings.tell("needless-key", self.trail, message, "take it away", key=True)
        else:
            where = self._parts[0].IN if self._parts else "here"
            homes = [part.INTO for part in parts() if self.name in fields_of(part) and part.INTO]
            if fields.Member in self._parts and self.name in {"prompt", "image"}:
                remedy = (
                    f"a picture of it goes into `references`: [{'{prompt: ...}' if self.name == 'prompt' else 'file'}]"
                )
            elif fields.Variant in self._parts and self.name in self._findings.keys_at(("vars",)):
                remedy = f"write it into its vars: {{vars: {{{self.name}: ...}}}}"
            elif self._parts == (fields.Keyframe,) and self.name in UNDER_IMAGE:
                remedy = f"a keyframe has its picture under `image`: {{image: {UNDER_IMAGE[self.name]}, at: 2}}"
            elif self.suggestion:
                remedy = question(self.suggestion)
            elif homes:
                remedy = f"it belongs {' or '.join(homes)}"
            else:
                remedy = f"known here: {', '.join(self._names)}"
            message = f"there is no '{short(self.name)}' {where}"
            if strange := strange_letter(self.name):
                message += f": {strange}"
            self._findings.tell("unknown-key", self.trail, message, remedy, key=True)

    def _length_of_trim(self) -> None:
        trim = self._findings.source.at(self.trail[:-1])
        start, length = trim.get("start", 0), trim[self.name]
        end = f"{start + length:g}" if is_number(start) and is_number(length) else "..."
        message = f"a trim has no `{self.name}`: it goes from `start` to `end`"
        self._findings.tell("unknown-key", self.trail, message, f"write end: {end}", key=True)

    def _missing(self, others: list[_Misfit]) -> None:
        owner = self.trail[:-1]
        for other in others:
            # `promt: ...` is told once, as what it was meant to be.
            if other.trail[:-1] == owner and (
                other.suggestion == self.name or (other.key_itself and not other.suggestion)
            ):
                return
        if self.name == "prompt" and is_picture(owner) and {*FRAMES, "at"} & self._unknown_beside(others):
            return  # of a frame that is not written right that is told
        if any(self._findings.spoiled((*owner, name)) for name in (self.name, "edit")):
            return
        message, remedy = f"'{self.name}' is missing", "add it"
        match self.name:
            case "scenes":
                message, remedy = "there are no scenes", "write `scenes:` and at least one `- id: ...` with a prompt"
            case "id":
                message, remedy = "this scene has no id", "begin it with `- id: opening`; the id names its takes"
            case "extend":
                message, remedy = "an item of `then` extends or edits", "write `- extend: ...` or `- edit: ...`"
            case "prompt" if is_picture(owner):
                message = "this picture has no prompt"
                remedy = "write a file's path, {prompt: ...}, {last_frame_of: scene}, or {frame_of: scene, at: seconds}"
            case "image" | "at" if owner[-2:-1] == ("keyframes",):
                what = "picture" if self.name == "image" else "second"
                message, remedy = f"this keyframe has no {what}", "write both: {image: FILE, at: 2}"
            case "at" if is_picture(owner):
                message = "this frame has no second"
                remedy = "write `at: ...` beside it, in seconds of that clip, or last_frame_of for where it ends"
            case "prompt":
                message, remedy = "this picture has no prompt", "write a file's path, or {prompt: ...} to have it drawn"
        self._findings.tell("missing-key", owner, message, remedy)

    def _name(self) -> None:
        message = f"'{short(self.name)}' cannot be a name"
        remedy = "names are letters, digits and underscores, and begin with a letter"
        if self.trail[0] in ("variants", "deliver") and "vars" not in self.trail:
            remedy = rule_of_ids(self.name)
        elif plain(self.name).strip():
            remedy += f"; write {suggested_name(self.name, self._findings.keys_at(self.trail[:-1]))}"
        self._findings.tell("wrong-name", self.trail, message, remedy, key=True)

    def _value(self) -> None:
        findings, name, given = self._findings, self.name, described(self.given)
        if not self.trail:
            return
        if "references" in self.trail[-3:-1] and self.trail[0] != "cast":
            if isinstance(self.given, dict) and "prompt" in self.given:
                message = "a generated picture belongs to the cast, where it has a name"
                remedy = "move it to `cast`, under a name, and write that name here"
                findings.tell("still-without-name", self.trail, message, remedy)
            else:
                findings.tell("wrong-value", self.trail, f"{given} is no reference", WHAT_A_REFERENCE_IS)
        elif isinstance(self.trail[-1], int):
            self._item(given)
        elif self.kind.startswith("int") and isinstance(self.given, float):
            message = f"{name} is {given}; it must be {self._wanted}"
            findings.tell("wrong-value", self.trail, message, "write a whole number")
        elif self.trail[0] == "vars":
            message = f"{name} is {given}; a variable is text, a number, a list of these, or a mapping of names"
            findings.tell("wrong-value", self.trail, message, "write it as text")
        elif self.kind == "string_too_long":
            message = f"{name} has {len(self.given)} characters; {self.most} are the most"
            findings.tell("wrong-name", self.trail, message, "shorten it")
        else:
            number = self.kind == "string_type" and is_number(self.given) and math.isfinite(self.given)
            what = "the number " if number else ""
            code: Code = "wrong-name" if self.kind == "string_pattern_mismatch" else "wrong-value"
            findings.tell(code, self.trail, f"{name} is {what}{given}; it must be {self._wanted}", self._remedy())

    @property
    def _wanted(self) -> str:
        """What the field takes, in the words of its declaration."""
        if self._field is not None and (note := about(self._field)) is not None:
            return note.wanted
        return "a mapping" if self.kind in {"model_type", "dict_type"} else "text"

    def _item(self, given: str) -> None:
        owner = self.trail[-2] if len(self.trail) > 1 else ""
        message, remedy = f"{given} cannot stand here", ""
        if owner == "scenes":
            message, remedy = f"a scene is a mapping, and this is {given}", "begin it with `- id: ...`"
        elif owner == "then":
            message = f"an item of `then` is a mapping, and this is {given}"
            remedy = "write `- extend: ...` or `- edit: ...`"
        elif owner in INSIDE:
            message = f"an item of `{owner}` is a mapping, and this is {given}"
            remedy = f"write {{{INSIDE[owner]}: ...}}"
        elif owner == "order":
            message, remedy = f"{given} is no scene's id", nearest_id(self._findings, self.trail)
        elif owner == "focus":
            message = (
                f"{given} is no share of a picture's width or height: these go from 0 (left, top) to 1 (right, bottom)"
            )
            remedy = "write focus: [0.5, 0.5] for its middle"
        elif (above := self._field_at(self.trail[:-1])) is not None and (words := choices(above)):
            message = f"{given} cannot stand in `{owner}`; it must be {', '.join(words[:-1])} or {words[-1]}"
            remedy = (isinstance(self.given, str) and did_you_mean(self.given, words)) or f"write {' or '.join(words)}"
        elif owner == "voices":
            message = f"{given} is no voice"
            remedy = f"name someone of the cast, or a voice, as in {self._findings.catalog.voices[0]}; an id has no blank in it"
        elif owner == "references":
            message, remedy = f"{given} is no picture", "write a file's path, or {prompt: ...} to have it drawn"
        self._findings.tell("wrong-value", self.trail, message, remedy)

    def _remedy(self) -> str:
        """Return what to write instead; where a character may look like another, or like none, it is named first."""
        strange = strange_letter(self.given) if isinstance(self.given, str) and not self._is_text else ""
        return "; ".join(filter(None, (strange, self._instead())))

    @property
    def _is_text(self) -> bool:
        return self.kind.startswith("string") or self._wanted == "text"

    def _instead(self) -> str:
        field, given = self._field, self.given
        note = about(field) if field is not None else None
        known = list(note.known(self._findings.catalog)) if note is not None else []
        if self.trail[0] == "deliver" and (instead := in_delivery(self.trail, given)):
            return instead
        if self.name in {*FRAMES, "scene"}:
            return nearest_id(self._findings, self.trail)
        if self.kind == "greater_than_equal" and fields.FrameOf in self._parts:
            return "seconds count from the beginning of the clip; its end is {last_frame_of: ...}"
        if isinstance(given, str) and given != given.strip():
            return "take away the blank at its beginning or end"
        if isinstance(given, str) and self.kind.startswith(("int", "float")):
            seconds = in_seconds(given) if note is not None and "seconds" in note.wanted else None
            if seconds is None or (self.kind.startswith("int") and "." in seconds):
                return f"write a number, without quotes and without a unit{number_in(given, whole=self.kind.startswith('int'))}"
            return f"in seconds that is {seconds}"
        if self.kind == "bool_type" and (word := plain(str(given)).strip().lower()) in _YES_AND_NO:
            return f"write {_YES_AND_NO[word]}"
        if self.kind == "list_type" and isinstance(given, str):
            inner = f"{{{INSIDE[self.name]}: {as_yaml(given)}}}" if self.name in INSIDE else as_yaml(given)
            return f"write {self.name}: [{inner}]"
        if self.name == "card" and isinstance(given, str):
            return f"write card: {{text: {as_yaml(given)}}}"
        if (self.kind == "list_type" or self.name == "say") and isinstance(given, dict):
            return "put a - before it: a list has an item a line"
        if known and isinstance(given, str | int | float):
            return did_you_mean(str(given), known)
        if isinstance(given, bool | int | float) and self.kind == "string_type":
            return "put it in quotes"
        if isinstance(given, float) and not math.isfinite(given):
            return "write a number"
        if isinstance(given, list | dict) and self._wanted == "text":
            return "put quotes round the whole text"
        if self.trail[:1] == ("variants",) and self.kind.startswith(("dict", "model")):
            return "write a name and what it has of its own: lisbon: {vars: {...}}"
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
            return f"write {self.name}: {as_yaml(given[0])}"
        if self.name == "slug" and isinstance(given, str):
            return "choose another"
        words = choices(field) if field is not None else ()
        listed = f"write {' or '.join(words)}" if words else other_sign(given, self._wanted)
        return did_you_mean(str(given), words) or listed


_YES_AND_NO = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
