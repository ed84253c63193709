"""
The shots of a list: what a row says becomes a scene's fields, and what it says wrongly is told with its row and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from storyreel.catalog import Catalog, Span
from storyreel.errors import SettingsError
from storyreel.start.shot_list.columns import Meaning, meaning_of, unit_of
from storyreel.start.shot_list.table import Row, Table, nothing_made, shown
from storyreel.storyboard.fields import Defaults
from storyreel.storyboard.prompts.slug import as_slug

RATE = 24
"""Frames a second of a timecode that says none."""
MOST_OF_A_DURATION = 40
"""Characters: what is longer is no duration, and no number that anybody counts with."""
_NOTHING = frozenset({"", "-", "--", "–", "—", "n/a", "na", "none", "tbd", "tba", "?", "x", "nil"})
_BROKEN = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!)")
_DURATION = re.compile(
    r"""(?:~|ca\.?|c\.|approx\.?|about)?\s*(\d+(?:[.,]\d+)?)\s*(?:s|sec|secs|second|seconds|"|''|”|sek|seg)?\.?""",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,](\d+)|[:;](\d{2}))?")


@dataclass(frozen=True)
class Shot:
    """A scene that is to be written. `seconds` is how long the list wants it; None where it says nothing."""

    id: str
    prompt: str
    seconds: Fraction | None = None
    say: str = ""
    note: str = ""

    @property
    def whole_seconds(self) -> int | None:
        """What is asked of the service, which makes whole seconds: the next whole ones."""
        return None if self.seconds is None else math.ceil(self.seconds)


@dataclass(frozen=True)
class ShotList:
    """The shots of a list in their order, and what there is to say of how it was read."""

    shots: tuple[Shot, ...]
    notes: tuple[str, ...] = ()


@dataclass
class _Reader:
    path: Path
    table: Table
    catalog: Catalog
    wrong: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    scene: str = ""

    @property
    def seconds(self) -> Span:
        """How long a clip of the default model may be."""
        return self.catalog.video[Defaults().model].seconds

    def tell(self, row: Row, column: str, what: str) -> None:
        """Note what is wrong with a cell."""
        self.wrong.append(f"{self.table.unit} {row.number}, column {shown(column)}: {what}")

    @cached_property
    def meanings(self) -> dict[str, Meaning | None]:
        """What each column means, in their order."""
        return {name: meaning_of(name) for name in self.table.columns}

    def columns(self, *meanings: Meaning | None) -> list[str]:
        """Return the columns with these meanings, in their order."""
        return [name for name, meaning in self.meanings.items() if meaning in meanings]

    def text(self, row: Row, name: str) -> str:
        """Return what a cell says; nothing where it says that there is nothing."""
        cell = row.cells.get(name, "")
        if _BROKEN.fullmatch(cell):
            self.tell(row, name, f"the spreadsheet has an error there, {cell}")
            return ""
        return "" if cell.casefold() in _NOTHING else cell

    def shot(self, row: Row) -> Shot | None:
        """Return the shot of a row; None where it has none, which is noted."""
        seen = [text for name in self.columns("prompt") if (text := self.text(row, name))]
        others = [name for name in self.table.columns if row.cells.get(name) and self.meanings[name] != "prompt"]
        if not seen:
            if not any(_BROKEN.fullmatch(row.cells.get(name, "")) for name in self.columns("prompt")):
                self._without_words(row, others)
            return None
        places = [text for name in self.columns("place") if (text := self.text(row, name))]
        after = [text for name in self.columns("camera", "sound") if (text := self.text(row, name))]
        notes = [text for name in self.columns("note") if (text := self.text(row, name))]
        notes += [f"{name}: {text}" for name in self.columns(None) if (text := self.text(row, name))]
        prompt = " ".join(map(_sentence, [*filter(None, [", ".join(places)]), *seen, *after]))
        say = " ".join(text for name in self.columns("say") if (text := self.text(row, name)))
        for column, text in ((self.columns("prompt")[0], prompt), (next(iter(self.columns("say")), ""), say)):
            if len(text) > (most := self.catalog.prompt_characters):
                self.tell(row, column, f"{len(text)} characters come together; {most} are the most")
        if any(text.startswith("=") for text in seen):
            self.formulas.append(f"{self.table.unit} {row.number}")
        return Shot(self._id(row), prompt, self._seconds(row), say, "; ".join(notes))

    def _without_words(self, row: Row, others: list[str]) -> None:
        first = row.cells.get(others[0], "") if others else ""
        if len(others) <= 1 or first.casefold().startswith(("total", "sum", "gesamt")):
            self.left_out.append(
                f"{self.table.unit} {row.number} ({first[:40]})" if first else f"{self.table.unit} {row.number}"
            )
            if (
                others
                and meaning_of(others[0]) in ("scene", "shot")
                and not first.casefold().startswith(("total", "sum"))
            ):
                self.scene = first
        else:
            self.tell(row, self.columns("prompt")[0], "is empty; say what is seen, or take the row out")

    def _id(self, row: Row) -> str:
        scene = " ".join(self.text(row, name) for name in self.columns("scene"))
        shot = " ".join(self.text(row, name) for name in self.columns("shot"))
        # A spreadsheet writes a scene's number once, and leaves it away in the rows below.
        self.scene = scene or self.scene
        before, own = as_slug(self.scene), as_slug(shot)
        before = f"scene-{before}" if before[:1].isdigit() else before
        own = f"shot-{own}" if own[:1].isdigit() and (not before or before.startswith("scene-")) else own
        return "-".join(filter(None, (before[:40].strip("-"), own)))[:60].strip("-") or "shot"

    def _seconds(self, row: Row) -> Fraction | None:
        for name in self.columns("duration"):
            written = self.text(row, name)
            if not written:
                continue
            seconds = _seconds_of(written, unit_of(name))
            if seconds is None:
                day = re.search(r"\d[-/. ]*[A-Za-z]{3}|\d[/-]\d", written)
                why = (
                    "that looks like a day; have the spreadsheet show it as text"
                    if day
                    else "write seconds, as in 4 or 2.5, or 0:04"
                )
                self.tell(row, name, f"{written[:30]!r} is no duration; {why}")
            elif seconds <= 0 or math.ceil(seconds) > self.seconds.most:
                remedy = "split it, or extend it later with `then`" if seconds > 0 else "leave it empty for the default"
                self.tell(row, name, f"{float(seconds):g} s; a clip has {self.seconds} s: {remedy}")
            else:
                return seconds
        return None


def read_shots(path: Path, table: Table, catalog: Catalog) -> ShotList:
    """
    Return the shots of a table.

    Args:
        path: Of the file, for what is told of it.
        catalog: How long a clip may be, and a prompt.

    Raises:
        SettingsError: Something cannot be taken: all of it is told, each with its row and column.
    """
    reader = _Reader(path, table, catalog)
    shots = [shot for row in table.rows if (shot := reader.shot(row)) is not None]
    if reader.wrong:
        raise nothing_made(path, reader.wrong)
    if not shots:
        raise SettingsError(f"{path} has no row that says what is seen")
    named = tuple(_named(shots))
    renamed = [
        f"{shot.id} as {own.id}" for shot, own in zip(shots, named, strict=True) if shot.id not in (own.id, "shot")
    ]
    notes = [*table.notes]
    if reader.left_out:
        notes.append(f"no shots, and left out: {_some(reader.left_out)}")
    if reader.formulas:
        notes.append(f"begins with = as a formula does, and was taken as text: {_some(reader.formulas)}")
    if unknown := [name for name in reader.columns(None) if any(row.cells.get(name) for row in table.rows)]:
        notes.append(f"what is in the columns {_some(list(map(shown, unknown)))} stands in each scene's note")
    if renamed:
        notes.append(f"named twice, so numbered: {_some(renamed)}")
    return ShotList(named, tuple(notes))


def _named(shots: Iterable[Shot]) -> Iterable[Shot]:
    """Yield shots with ids of their own, each a letter first."""
    taken: set[str] = set()
    for at, shot in enumerate(shots, start=1):
        base = shot.id if shot.id != "shot" else f"shot-{at:02d}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        yield replace(shot, id=name)


def _some(names: list[str]) -> str:
    """Return names in a row, the first ten of them, and how many more there are."""
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…:;,\"'”’)" else f"{text}."


def _seconds_of(written: str, unit: float) -> Fraction | None:
    if len(written) > MOST_OF_A_DURATION:
        return None
    if plain := _DURATION.fullmatch(written.strip()):
        return (Fraction(plain[1].replace(",", ".")) * Fraction(unit)).limit_denominator(1000)
    if (clock := _CLOCK.fullmatch(written.strip())) is None:
        return None
    first, second, third, parts, frames = clock.groups()
    whole = int(first) * 3600 + int(second) * 60 + int(third) if third else int(first) * 60 + int(second)
    return whole + (Fraction(f"0.{parts}") if parts else Fraction(int(frames or 0), RATE))
