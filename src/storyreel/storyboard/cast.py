"""
Pictures that a storyboard names or has drawn: the cast, references, stills.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from storyreel.did_you_mean import did_you_mean
from storyreel.model.storyboard import Picture, PictureAddress, PictureStill, Still
from storyreel.storyboard import fields
from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.limits import Limits
from storyreel.storyboard.prompts.known import MAX_RANGE, RESERVED, Named, Tags, named_vars
from storyreel.storyboard.suggest import as_yaml, suggested_name
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.voices import TAG

References = dict[str, tuple[Picture, ...]]
"""The pictures of each name, in the order in which they are sent."""


class Cast:
    """
    The cast of a storyboard: descriptions rendered, pictures found, stills numbered.

    `members` are the names of all, `names` what prompts know: who is only heard has no words there. `uses` says whom the stills of a member show beside it. A still of the cast is named after its member and its place among the member's generated stills: `fox/still-1`.
    """

    def __init__(self, findings: Findings, sheet: fields.Sheet, limits: Limits) -> None:
        self._findings = findings
        self._sheet = sheet
        self._limits = limits
        self.vars = named_vars(sheet.vars)
        self.pictures: References = {}
        self.stills: dict[str, Still] = {}
        self.uses: dict[str, set[str]] = {}
        self.drawn: dict[str, tuple[Trail, fields.Still]] = {}
        for name, value in sheet.vars.items():
            if name in RESERVED:
                message = f"'{name}' is a word of templates already"
                findings.tell("reserved-name", ("vars", name), message, "give the variable another name", key=True)
            self._bound(("vars", name), value)
        self.style = self.styled(("style",), sheet.style)
        self.members = tuple(sheet.cast)
        descriptions = {name: self._describe(name, member) for name, member in sheet.cast.items()}
        heard = {name for name, member in sheet.cast.items() if member.voice and not member.references}
        seen = {name: words for name, words in descriptions.items() if words or name not in heard}
        self.names = Named("cast", seen, findings.cast_used.add)
        for name, member in sheet.cast.items():
            self.pictures[name] = tuple(self._pictures(name, member))
        for still_id, (trail, still) in self.drawn.items():
            findings.cast_used.clear()
            self.stills[still_id] = self.still(still_id, trail, still, aspect_ratio="1:1", style=self.style)
            self.uses.setdefault(str(trail[1]), set()).update(findings.cast_used)
        findings.cast_used.clear()

    def _bound(self, trail: Trail, value: Any) -> None:
        """Tell variables that no prompt could hold."""
        for name, inner in value.items() if isinstance(value, dict) else ():
            self._bound((*trail, name), inner)
        parts = value if isinstance(value, list) else [] if isinstance(value, dict) else [value]
        if len(parts) > MAX_RANGE or any(len(str(part)) > self._findings.catalog.prompt_characters for part in parts):
            message = f"the variable '{'.'.join(map(str, trail[1:]))}' is longer than any prompt"
            self._findings.tell_once("too-long", trail, message, "shorten it")

    def styled(self, trail: Trail, style: str | None) -> str:
        """Return a style rendered with the variables; nothing if there is none."""
        return self._findings.render(trail, style, self.vars, what="style") if style is not None else ""

    def known(
        self,
        references: Mapping[str, Sequence[Picture]] | None = None,
        scene: str | None = None,
        voices: Iterable[str] = (),
    ) -> dict[str, Any]:
        """
        Return what a prompt knows: the variables, the cast, the tags of these references and voices, its scene's id.

        Args:
            voices: The names of what is sent, in its order. A variable that has their word keeps it.
        """
        tags, number = {}, self._findings.catalog.first_image_tag
        for name, pictures in (references or {}).items():
            tags[name] = Tags(f"<IMAGE_{number + at}>" for at in range(len(pictures)))
            number += len(pictures)
        names: dict[str, Any] = {**self.vars, "cast": self.names, "ref": Named("ref", tags)}
        if TAG not in names:
            first = self._findings.catalog.first_voice_tag
            names[TAG] = Named(TAG, {name: f"<AUDIO_{first + at}>" for at, name in enumerate(voices)})
        return names if scene is None else {**names, "scene": Named("scene", {"id": scene})}

    def references(self, trail: Trail, written: Sequence[str | Mapping[str, str]]) -> References:
        """Return the pictures that references name, under their names. Unknown and repeated names are told."""
        pictures: References = {}
        if not written and not self._findings.spoiled(trail):
            remedy = "name someone of the cast, or leave it out"
            self._findings.tell("empty-list", trail, "the list of references is empty", remedy)
        files: dict[str, str] = {}
        # Names that are written stand before those that a file has of itself.
        taken = {*self._sheet.cast, *(name for each in written if isinstance(each, Mapping) for name in each)}
        for at, reference in enumerate(written):
            here = (*trail, at)
            for name, file in self._named(here, reference, taken | {*pictures}):
                where = here if isinstance(reference, str) else (*here, name)
                if file is None and name not in pictures:
                    pictures[name] = self._member(here, name)
                elif file is not None and (name in self._sheet.cast or name in pictures):
                    free = suggested_name(name, taken | {*pictures})
                    self._name_taken(where, name, file, files.get(name), f"{{{free}: {as_yaml(file)}}}")
                    pictures[free] = ()
                elif file is None:
                    message = f"'{name}' is among these references twice"
                    self._findings.tell("repeated-name", here, message, "name each once", words=name)
                else:
                    files[name] = file
                    pictures[name] = (self._findings.picture(where, file),)
        return pictures

    def _named(
        self, here: Trail, reference: str | Mapping[str, str], taken: Collection[str]
    ) -> Iterator[tuple[str, str | None]]:
        """Yield the names that a reference has, each with its file; one from the cast has none."""
        if isinstance(reference, str) and fields.is_file(reference):
            name = stem_of(reference)
            if re.fullmatch(fields.NAME, name) and len(name) <= fields.LONGEST_NAME:
                yield name, reference
            elif self._findings.picture(here, reference) != PictureAddress(""):
                free = suggested_name(name, taken)
                message = f"'{short(reference)}' is named after its file here, and '{short(name)}' cannot be a name"
                remedy = f"give it one that a template can write: {{{free}: {as_yaml(reference)}}}"
                self._findings.tell("file-without-name", here, message, remedy)
                yield free, reference
        elif isinstance(reference, str):
            yield reference, None
        elif "prompt" in reference:
            message = "a generated picture belongs to the cast, where it has a name"
            remedy = "move it to `cast`, under a name, and write that name here"
            self._findings.tell("still-without-name", here, message, remedy)
        else:
            yield from reference.items()

    def _name_taken(self, where: Trail, name: str, file: str, first: str | None, instead: str) -> None:
        """Tell that a picture has the name of another, or of a member of the cast; both are shown."""
        remedy = f"give this picture a name of its own: {instead}"
        if name in self._sheet.cast:
            line = self._findings.line(("cast", name))
            message = f"'{name}' is in the cast already ({line}), and '{short(file)}' would be called so as well"
        elif first is None or first == file:
            message, remedy = f"'{name}' is among these references twice", "name each once"
        else:
            message = f"'{short(first)}' and '{short(file)}' are both called '{name}' here"
        self._findings.tell("repeated-name", where, message, remedy, key=True)

    def still(
        self,
        still_id: str,
        trail: Trail,
        written: fields.Still,
        *,
        aspect_ratio: str,
        style: str,
        scene: str | None = None,
    ) -> Still:
        """Return a still with its references found, its prompt rendered and its limits checked."""
        findings = self._findings
        references: References = {}
        if written.references is not None:
            references = self.references((*trail, "references"), written.references)
        pictures = tuple(picture for pictures in references.values() for picture in pictures)
        if len(pictures) > findings.catalog.image_inputs:
            message = f"{len(pictures)} pictures go into this still; {findings.catalog.image_inputs} are the most"
            findings.tell(
                "too-many-pictures",
                (*trail, "references"),
                message,
                "leave some out, or give a member fewer pictures",
                key=True,
            )
        look = self._limits.still(trail, written, aspect_ratio)
        names = self.known(references, scene)
        return Still(
            id=still_id,
            prompt=findings.render((*trail, "prompt"), written.prompt, names, what="prompt", style=style),
            model=look.model,
            aspect_ratio=look.aspect_ratio,
            resolution=look.resolution,
            place=findings.place((*trail, "prompt")),
            quality=look.quality,
            references=pictures,
            take=written.take,
            pin=written.pin,
            style=style,
        )

    def _describe(self, name: str, member: fields.Member) -> str:
        trail: Trail = ("cast", name)
        if not member.description:
            if not member.references and member.voice is None and not self._findings.spoiled(trail):
                message = f"'{name}' has neither a description nor references, and no voice"
                remedy = "say how it looks, or name a picture of it, or give it a voice"
                self._findings.tell("empty-member", trail, message, remedy, key=True)
            return ""
        words = self._findings.render((*trail, "description"), member.description, self.vars, what="description")
        return words or name  # what is wrong with it is told, and is nothing that a prompt lacks

    def _pictures(self, name: str, member: fields.Member) -> Iterator[Picture]:
        drawn = 0
        for at, reference in enumerate(member.references or ()):
            trail: Trail = ("cast", name, "references", at)
            if isinstance(reference, str):
                yield self._findings.picture(trail, reference)
            else:
                drawn += 1
                still_id = f"{name}/still-{drawn}"
                self.drawn[still_id] = trail, reference
                yield PictureStill(still_id)

    def _member(self, trail: Trail, name: str) -> tuple[Picture, ...]:
        findings = self._findings
        findings.cast_used.add(name)
        if name not in self._sheet.cast:
            if not findings.has(("cast", name)):
                likely = did_you_mean(name, self._sheet.cast)
                remedy = f"{likely}  " if likely else ""
                remedy += f"(the cast: {', '.join(self._sheet.cast)})" if self._sheet.cast else "write it into `cast`"
                if not likely:
                    remedy += f"; a picture of its own is written {{{name}: refs/{name}.png}}"
                findings.tell("unknown-member", trail, f"nobody in the cast is called '{name}'", remedy)
            return ()
        if (
            not self.pictures.get(name)
            and not self._sheet.cast[name].references
            and not findings.spoiled(("cast", name))
        ):
            message = f"'{name}' has no pictures ({findings.line(('cast', name))}), so it cannot be a reference"
            instead = f"write {{{{ cast.{name} }}}} in the prompt" if name in self.names else f"write voices: [{name}]"
            findings.tell("member-without-pictures", trail, message, f"give it `references`, or {instead}")
        return self.pictures.get(name, ())


def stem_of(reference: str) -> str:
    """Return the name of a file without its folder and its suffix; of an address, that of the file it ends in."""
    address = re.match(r"(?i:https)://[^/?#]*([^?#]*)", reference)
    return PurePosixPath(address[1] if address else reference).stem
