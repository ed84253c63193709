"""
Read a list of shots as a table: CSV as spreadsheets in any country write it, or JSON.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyreel.errors import SettingsError
from storyreel.files.regular import WORDS_MOST, read_plain, reason_of
from storyreel.start.shot_list.columns import meaning_of

DELIMITERS = ",;\t|"
MOST_ROWS = 2000
MOST_COLUMNS = 200
MOST_DEEP = 10
MOST_TOLD = 40
"""How many things that are wrong with a list are told; of the rest how many there are."""
HEAD_WITHIN = 20
"""Rows among which the head is looked for: above it people write what the list is of."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What .xlsx, .ods and .numbers begin with, and what .xls does."""
_LISTS = ("shots", "scenes", "items", "rows", "data")
"""Where in an object of JSON the list is."""
_JOINERS = "\u200c\u200d"
"""What nobody sees and yet is spelling: Persian and the scripts of India are written with it, and so are families of emoji."""
_END = "end of the list"
"""Put below a CSV to see whether a quote in it is still open there: no cell has a line of its own like it."""


@dataclass(frozen=True)
class Row:
    """A row by the number that a spreadsheet gives it, or an item of JSON; `cells` are its texts, by the names of the columns."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A list as a table. `notes` say what was guessed of the file; `unit` is what a row is called."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    unit: str = "row"


def read_table(path: Path) -> Table:
    """
    Read a file as a table.

    Raises:
        SettingsError: It cannot be read, is no text, or has no column that says what is seen; it says what to do.
    """
    try:
        content = read_plain(path, WORDS_MOST)
    except OSError as error:
        raise SettingsError(f"{path} {reason_of(error)}") from None
    if content.startswith(_WORKBOOKS):
        raise SettingsError(f"{path} is a workbook; save the sheet with the shots as CSV, in UTF-8, and name that")
    text, notes = _decoded(path, content)
    is_json = path.suffix.lower() == ".json" or text.lstrip().startswith(("[", "{"))
    table = _of_json(path, text, notes) if is_json else _of_csv(path, text, notes)
    if not table.rows:
        raise SettingsError(f"{path} has no shots; below the names of the columns there is a row for each")
    if len(table.rows) > MOST_ROWS:
        raise SettingsError(
            f"{path} has {len(table.rows)} rows; {MOST_ROWS} are the most: make several storyboards of it"
        )
    if len(table.columns) > MOST_COLUMNS:
        raise SettingsError(
            f"{path} has {len(table.columns)} columns; {MOST_COLUMNS} are the most: take out what says nothing of a shot"
        )
    return table


def nothing_made(path: Path, wrong: Sequence[str]) -> SettingsError:
    """Return the error that tells what is wrong with a list, all of it as far as anybody reads."""
    more = [f"and {len(wrong) - MOST_TOLD} more"] if len(wrong) > MOST_TOLD else []
    return SettingsError("\n  ".join([f"{path}: nothing was made of it:", *wrong[:MOST_TOLD], *more]))


def shown(text: str) -> str:
    """Return a name or a cell as it is told: its first words."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def _decoded(path: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and what was guessed of how it is encoded."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        guessed = f"{path} is no UTF-8, and was read as Windows-1252; where letters are wrong, save it as UTF-8"
        return text, (guessed,) if encoding == "cp1252" else ()
    raise SettingsError(f"{path} is no text in UTF-8, UTF-16 or Windows-1252; save it as CSV in UTF-8")


# --- CSV -----------------------------------------------------------------------------------------------------------


def _of_csv(path: Path, text: str, notes: tuple[str, ...]) -> Table:
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)", first.strip("\r "), re.IGNORECASE)  # a line of Excel's own, which it does not show
    text, delimiters = (rest, named[1]) if named else (text, DELIMITERS)
    read = [list(_records(path, text, delimiter)) for delimiter in delimiters]
    records, head = max(
        ((records, _head(records)) for records in read), key=lambda one: (_recognized(one[0], one[1]), len(one[0]))
    )
    if (last := records.pop()) != [_END]:
        raise SettingsError(
            f"{path}, row {len(records) + 1}: a quote is opened in it and never closed, so that all that follows is one cell, which "
            f"begins {shown(last[-1].removesuffix(_END).strip())!r}; close it, or take it out"
        )
    if head is None:
        seen = next((cells for cells in records if any(cells)), [])
        raise SettingsError(
            f"{path} has no column that says what is seen: call it `description` (or prompt, action, visual) in the row with the names "
            f"of the columns; the first row has {', '.join(map(shown, filter(None, seen[:12]))) or 'nothing'}"
        )
    names = [name or f"column {at}" for at, name in enumerate(records[head], start=1)]
    rows, wrong = [], []
    for number, cells in enumerate(records[head + 1 :], start=head + 2):
        if more := [cell for cell in cells[len(names) :] if cell]:
            wrong.append(
                f"row {number} has a cell more than there are columns, {shown(more[0])!r}: put quotes round texts with a delimiter in it"
            )
        if any(cells):
            rows.append(Row(number, _by_name(zip(names, cells, strict=False))))
    if wrong:
        raise nothing_made(path, wrong)
    used = {name for name, written in zip(names, records[head], strict=True) if written}
    used.update(name for row in rows for name, cell in row.cells.items() if cell)
    return Table(tuple(dict.fromkeys(name for name in names if name in used)), tuple(rows), notes)


def _by_name(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return cells by the names of their columns; of several with one name all that they say."""
    by_name: dict[str, str] = {}
    for name, cell in cells:
        by_name[name] = " / ".join(filter(None, (by_name.get(name, ""), cell)))
    return by_name


def _records(path: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for cells in csv.reader(io.StringIO(f"{text}\n{_END}\n", newline=""), delimiter=delimiter):
            yield [_plain(cell) for cell in cells]
    except csv.Error as error:
        raise SettingsError(f"{path} cannot be read as CSV: {error}; save it anew from the spreadsheet") from None


def _plain(cell: str) -> str:
    """
    Return what a spreadsheet shows of a cell: `="007"` and `'007` are its ways to write a number as text.

    Of what has no picture, joiners stay, breaks of any kind become a space, and the rest (soft hyphens, marks of direction) is gone.
    """
    cell = unicodedata.normalize("NFC", cell)
    cell = " ".join("".join(map(_seen, cell)).split())
    formula = re.fullmatch(r'="(.*)"', cell)
    return formula[1] if formula else re.sub(r"^'(?=[\d=+-])", "", cell)


def _seen(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return "" if unicodedata.category(character) == "Cf" else " "


def _head(records: Sequence[Sequence[str]]) -> int | None:
    """Return which row has the names of the columns; None where none says what is seen."""
    return next(
        (at for at, cells in enumerate(records[:HEAD_WITHIN]) if "prompt" in map(meaning_of, cells)),
        None,
    )


def _recognized(records: Sequence[Sequence[str]], head: int | None) -> int:
    return 0 if head is None else sum(meaning_of(cell) is not None for cell in records[head])


# --- JSON ----------------------------------------------------------------------------------------------------------


def _of_json(path: Path, text: str, notes: tuple[str, ...]) -> Table:
    try:
        # Numbers as they are written, however long.
        data = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is no JSON: {error}") from None
    if isinstance(data, dict):
        data = next((data[name] for name in _LISTS if isinstance(data.get(name), list)), None)
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise SettingsError(f'{path} is no list of shots: write [{{"description": "...", "duration": 5}}, ...]')
    rows = tuple(
        Row(
            at,
            _by_name((_plain(key) or "a key without a name", _worded(path, at, value)) for key, value in item.items()),
        )
        for at, item in enumerate(data, start=1)
    )
    columns = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    if rows and "prompt" not in map(meaning_of, columns):
        raise SettingsError(
            f"{path} has no key that says what is seen: call it `description`; its keys are {', '.join(map(shown, columns[:12]))}"
        )
    return Table(columns, rows, notes, "item")


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    item = dict(pairs)
    if len(item) != len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"{shown(_plain(twice))!r} stands twice in one item, of which one would be lost")
    return item


def _worded(path: Path, item: int, value: object, deep: int = 0) -> str:
    if deep > MOST_DEEP:
        raise SettingsError(f"{path}, item {item}: lists in lists, more than {MOST_DEEP} deep; write a text")
    if isinstance(value, list):
        return ", ".join(filter(None, (_worded(path, item, each, deep + 1) for each in value)))
    if isinstance(value, dict):
        return ", ".join(f"{_plain(key)}: {_worded(path, item, each, deep + 1)}" for key, each in value.items())
    return "" if value is None else _plain(str(value))
