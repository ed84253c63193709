"""
What all checks of a storyboard share: the source, the catalogue, the folder - and the list of what is wrong so far.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from storyreel.catalog import Catalog
from storyreel.diagnostics.codes import Code
from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.errors import StoryboardError
from storyreel.fonts.typeset import Unset
from storyreel.model.recipe import clean
from storyreel.model.storyboard import Picture, PictureAddress, PictureFile
from storyreel.storyboard.files import Address, Folder, Missing, short
from storyreel.storyboard.prompts.known import Named
from storyreel.storyboard.prompts.render import Templates
from storyreel.storyboard.text.lookalikes import UNSEEN
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.text.source import Source

_UNSEEN = re.compile(f"[{UNSEEN}]")
_SHELL = re.compile(r"\$\{\w+\}")
_OF_VOICES = "voices are sent with the first clip of a scene: write it in the scene's own prompt"
MAX_PROBLEMS = 200
"""Nobody reads more, and a file that is no storyboard could have thousands."""
MOST_NAMED = 3
"""How many deliveries a message names."""


class Findings:
    """
    Where problems and notes gather while a storyboard is checked.

    Args:
        source: The text and its places.
        catalog: What the service allows.
        folder: Where media and included texts are.
    """

    def __init__(self, source: Source, catalog: Catalog, folder: Folder) -> None:
        self.source = source
        self.catalog = catalog
        self.folder = folder
        self.folders: dict[str, Folder] = {}
        self.notes: list[Diagnostic] = list(source.remarks)
        self.cast_used: set[str] = set()
        self.judged_words: dict[tuple[str, Path, float, tuple[int, int]], Unset | None] = {}
        self._problems = dict.fromkeys(source.faults)
        self._reported: set[Trail] = set()
        self._spoiled: set[Trail] = set(source.spoiled)
        self._templates = Templates(catalog.prompt_characters)
        self._own: tuple[Trail, ...] = ()
        self.at_own: set[Diagnostic] = set()

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong so far, each once."""
        return tuple(self._problems)

    def tell(
        self,
        code: Code,
        trail: Trail,
        message: str,
        remedy: str = "",
        *,
        key: bool = False,
        words: str = "",
        line: int = 0,
    ) -> None:
        """Note what is wrong at `trail`, or at its key, or at these words or this line of its text."""
        source = self.source.of(trail)
        at = source.find(trail, words, line) if words or line else source.span(trail, key=key)
        # What is left of a line that a trap of YAML has broken means nothing.
        if at.start.line not in source.aside:
            problem = source.diagnostic(code, at, message, remedy)
            self.add(problem)
            self._reported.add(trail)
            self._remember(trail, problem)

    def add(self, problem: Diagnostic) -> None:
        """Note a problem of which it is known where it stands."""
        if len(self._problems) >= MAX_PROBLEMS:
            raise StoryboardError(self.problems)
        self._problems.setdefault(problem)

    def apart(self, source: Source, own: Iterable[Trail] = (), *, film_alone: bool = True) -> Findings:
        """
        Return what looks at the same storyboard with other words for some of its fields, and gathers what is wrong with those.

        Args:
            source: With the other words.
            own: Where these fields stand.
            film_alone: Whether it is one more film of the same words; else its templates may take as many steps again.
        """
        other = Findings(source, self.catalog, self.folder)
        other.folders, other.judged_words = self.folders, self.judged_words
        other.notes = list(self.notes)
        other._problems, other._spoiled = dict(self._problems), set(self._spoiled)
        other._own = tuple(own)
        other._templates = self._templates if film_alone else self._templates.of_variant()
        return other

    def take_over(self, films: Mapping[str, Findings]) -> None:
        """
        Take over what is wrong with a storyboard as its films have it, and what is remarked on, each once.

        What the storyboard's own words are wrong for in some films alone is told with the names of these.
        """
        known = {*self._problems, *self.notes}
        names: dict[Diagnostic, list[str]] = {}
        of_films: set[Diagnostic] = set()
        for name, film in films.items():
            for each in (*film.problems, *film.notes):
                if each not in known:
                    names.setdefault(each, []).append(name)
            of_films |= film.at_own
        for each, those in names.items():
            message = each.message if each in of_films else f"{_in_deliveries(those)}: {each.message}"
            if each.severity == "note":
                self.notes.append(replace(each, message=message))
            else:
                self.add(replace(each, message=message))

    def tell_once(self, code: Code, trail: Trail, message: str, remedy: str = "") -> None:
        """Note what is wrong at `trail`, unless something was told there already."""
        if trail not in self._reported:
            self.tell(code, trail, message, remedy)

    def note(self, code: Code, trail: Trail, message: str, remedy: str = "") -> None:
        """Remark on something that stops nothing."""
        source = self.source.of(trail)
        note = source.diagnostic(code, source.span(trail), message, remedy, severity="note")
        if note not in self.notes:
            self.notes.append(note)
        self._remember(trail, note)

    def _remember(self, trail: Trail, each: Diagnostic) -> None:
        """Remember what was said at a place that one film alone has."""
        if any(trail[: len(own)] == own for own in self._own):
            self.at_own.add(each)

    def spoil(self, trail: Trail) -> None:
        """Remember that something at `trail` could not be understood, so that nothing is missed there."""
        self._spoiled.add(trail)

    def spoiled(self, trail: Trail, *, beside: str = "") -> bool:
        """Whether something at `trail` or below it could not be understood, beside its field of that name."""
        return any(each[: len(trail)] == trail and each != (*trail, beside) for each in self._spoiled)

    def has(self, trail: Trail) -> bool:
        """Whether there is something at `trail`."""
        return trail in self.source.of(trail).spots

    def keys_at(self, trail: Trail) -> Collection[str]:
        """Return the keys that are written at `trail`; none if there is no mapping."""
        written = self.source.at(trail) if self.has(trail) else None
        return written if isinstance(written, dict) else ()

    def line(self, trail: Trail) -> str:
        """Return the line of `trail` as messages say it, with the file where that is not the storyboard's own."""
        place = self.place(trail, key=True)
        return f"line {place.line}" if place.file == self.source.file else f"{place.file}, line {place.line}"

    def place(self, trail: Trail, *, key: bool = False) -> Place:
        """Return where the value at `trail` is written (or its key), in whatever file."""
        return self.source.of(trail).place(trail, key=key)

    def folder_of(self, trail: Trail) -> Folder:
        """Return the folder from which paths at `trail` are read: that of the file in which they stand."""
        return self.folders.get(self.source.of(trail).file, self.folder)

    def render(self, trail: Trail, template: str, names: Mapping[str, Any], *, what: str, style: str = "") -> str:
        """
        Render a template with these names, and add the style.

        Returns:
            The text as it is sent; empty if something was wrong, which is then told.
        """
        text = self.words(trail, template, names, what=what)
        if text is None:
            return ""
        if not _UNSEEN.sub("", text).strip():
            self.tell("empty-prompt", trail, f"{what} is empty", "say what is to be seen")
            return ""
        if style:
            text = f"{text}\n{style}"
        if len(text) > self.catalog.prompt_characters:
            message = f"{what} is {len(text)} characters long{', style included' if style else ''}"
            self.tell("too-long", trail, f"{message}; {self.catalog.prompt_characters} are allowed", "shorten it")
        return text

    def words(self, trail: Trail, template: str, names: Mapping[str, Any], *, what: str) -> str | None:
        """Render a template with these names, and return its text, which may be empty; None if something was wrong, which is told."""
        if shell := _SHELL.search(template):
            self.note("shell-variable", trail, f"{shell[0]} is sent as it is; a variable is written {{{{ name }}}}")
        text, faults = self._templates.render(template, names, what, self.folder_of(trail).text)
        for fault in faults:
            remedy, cast = fault.remedy, names.get("cast")
            owner, _, name = fault.name.partition(".")
            if owner == "ref" and isinstance(cast, Named) and name in cast:
                remedy = f"add {name} to the `references` here, or write {{{{ cast.{name} }}}} for the description"
            elif owner == "cast" and self.has(("cast", name, "voice")):
                remedy = f"give {name} a `description`, or write {{{{ voice.{name} }}}} where it is heard"
            elif owner == "voice" and name:
                remedy = self._with_voice(trail, name, names.get(owner))
            elif fault.name == "voice":
                remedy = _OF_VOICES
            self.tell(fault.code, trail, fault.message, remedy, words=fault.words, line=fault.line)
        return None if faults else clean(text)

    def _with_voice(self, trail: Trail, name: str, sent: Any) -> str:
        """Return what has a voice sent with a scene whose prompt names it: its line, or its tag where it is sent already."""
        if trail[:1] != ("scenes",) or trail[2:] != ("prompt",):
            return _OF_VOICES
        there = [*sent] if isinstance(sent, Named) else []
        for other in there:
            member: Trail = ("cast", other, "voice")
            voice = self.source.of(member).at(member) if self.has(member) else other
            if name.lower() in (other.lower(), str(voice).lower()) or re.match(rf"{re.escape(name)}\W", other):
                tag = f"voice.{other}" if re.fullmatch(r"[A-Za-z_]\w*", other) else f"voice[{other!r}]"
                return f"write {{{{ {tag} }}}}"
        return f"add it to this scene: voices: [{', '.join([*there, name])}]"

    def picture(self, trail: Trail, written: str) -> Picture:
        """Return the picture that a path or an address means. A wrong one is told, and something stands in for it."""
        try:
            picture = self.folder_of(trail).picture(written)
        except Missing as missing:
            self.tell(missing.code, trail, missing.message, missing.remedy)
            return PictureAddress("")
        if isinstance(picture, Address):
            return PictureAddress(picture.url)
        if picture.converted:
            which = "its first picture" if picture.converted == "GIF" else "it"
            self.note(
                "converted-media",
                trail,
                f"'{short(written)}' is {picture.converted}, which the service does not take; {which} is converted and sent",
            )
        return PictureFile(picture)


def _in_deliveries(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"in {'delivery' if len(names) == 1 else 'deliveries'} {', '.join(names[:MOST_NAMED])}{more}"
