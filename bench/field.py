"""
Make files as cameras, phones, recorders, editors and browsers do, shoot films with them, and read those back.

    python bench/field.py                            every kind, about five minutes
    python bench/field.py --only phone --only .avif  those whose names have one of these in them
    python bench/field.py --docs                     writes the table into docs/media.md

Each clip's pictures carry their numbers and its sound has a beep, so a film tells which frame of which file it shows, when,
in which colours and how loud. A kind is right if it is taken, converted or refused as it should be, its scene is as long as
the file and shows its frames in their order and its beep at its time, and the first and last frame that storyreel takes out of
it are its first and last. Films are shot with the sandbox: nothing is sent.

Ends with 1 if a kind is wrong, or cannot be made with the ffmpeg at hand.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.field.clip import Clip, NotMade
from tests.field.clips import CAMERAS, PHONES
from tests.field.film import ALIKE, Found, Kind, board, found_in, scene
from tests.field.numbered import read
from tests.field.pictures import PICTURES
from tests.field.screens import BROWSERS, EDITORS, RECORDERS

from storyreel import api, media
from storyreel.errors import StoryboardError, StoryreelError

GROUPS: dict[str, Sequence[Kind]] = {
    "Phones": PHONES, "Cameras": CAMERAS, "Screen recorders": RECORDERS, "Browsers": BROWSERS, "Editors": EDITORS,
    "Pictures": PICTURES,
}  # fmt: skip
IN_A_FILM = 20
PAGE = Path(__file__).parents[1] / "docs" / "media.md"
BEGIN, END = "<!-- written by bench/field.py --docs -->", "<!-- to here -->"
HEADS = ("file", "who writes such", "it is", "frames asked / shown", "seconds asked / shown", "sound")


@dataclass
class Row:
    """What became of a kind."""

    kind: Kind
    path: Path
    outcome: str = ""
    words: str = ""
    found: Found | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[str]:
        """The row of the table, without the verdict."""
        found, kind = self.found, self.kind
        frames = seconds = apart = ""
        if found is not None and isinstance(kind, Clip):
            frames = f"{found.asked_frames} / {found.frames}"
            seconds = f"{found.asked_seconds:.2f} / {found.seconds:.2f}"
            apart = "" if found.apart is None else f"{found.apart * 1000:+.0f} ms"
        return [f"`{kind.name}`", kind.origin, self.outcome, frames, seconds, apart]

    @property
    def verdict(self) -> str:
        """Right, or what is wrong."""
        return f"WRONG: {'; '.join(self.wrong)}" if self.wrong else "right"


def judge(row: Row) -> None:
    """Have a file checked, alone and with an edit that goes to the service."""
    alone = scene(row.kind)
    checks = [alone] if "image" in alone else [alone, {**alone, "then": [{"edit": "Make it snow."}]}]
    row.outcome = "taken"
    for each in checks:
        plan = row.path.with_name(f"{row.path.name}.yaml")
        plan.write_text(board([each], "Checked"), encoding="utf-8")
        try:
            notes = api.load(plan).notes
        except StoryboardError as error:
            row.outcome, row.words = "refused", f"{error.problems[0].message}; {error.problems[0].remedy}"
            break
        except Exception as error:
            row.outcome, row.words = "a defect", f"{type(error).__name__}: {error}"
            row.wrong.append(row.words[:200])
            break
        finally:
            plan.unlink()
        if any(str(note.code) == "converted-media" for note in notes):
            row.outcome = "converted"
    if row.outcome not in row.kind.expected and not row.wrong:
        told = f" ({row.words[:160]})" if row.words else ""
        row.wrong.append(f"{row.outcome}, not {' or '.join(row.kind.expected)}{told}")


async def compare_ends(path: Path, kind: Clip, found: Found | None) -> list[str]:
    """Return what is wrong about the first and the last frame that are taken out of a clip, also beside those of the film."""
    wrong = []
    last = kind.first + (len(kind.times) if kind.times else kind.frames - kind.first) - 1
    ends = (
        (media.first_frame, "first", kind.first, found.first if found else None),
        (media.last_frame, "last", last, found.last if found else None),
    )
    for take, name, number, shown in ends:
        to = path.with_name(f"{path.name}.png")
        try:
            await take(path, to)
        except StoryreelError as error:
            wrong.append(f"no {name} frame ({str(error)[:100]})")
            continue
        with Image.open(to) as picture:
            seen = read(np.asarray(picture.convert("RGB")), kind.size)
        to.unlink()
        if seen.number != number:
            wrong.append(f"the {name} frame taken out of it is {seen.number}, not {number}")
        elif shown is not None and not seen.like(shown, ALIKE):
            wrong.append(f"the colours of the {name} frame taken out of it are not those of the film")
    return wrong


def film(rows: Sequence[Row], folder: Path) -> None:
    """Shoot one film of these files and read it back; if there is none, shoot one of each half."""
    name = f"film-{rows[0].path.stem}-{len(rows)}"
    plan = folder / f"{name}.yaml"
    plan.write_text(board([scene(row.kind) for row in rows], name), encoding="utf-8")
    try:
        result = asyncio.run(api.shoot(plan, sandbox=True, vault=folder / "vault", out=folder / "films", budget=1000))
        assert result.film is not None
        found = found_in(result.film.path, [row.kind for row in rows])
    except Exception as error:
        if len(rows) == 1:
            rows[0].wrong.append(f"no film: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
            return
        half = len(rows) // 2
        film(rows[:half], folder)
        film(rows[half:], folder)
        return
    for row in rows:
        row.found = found[row.kind.name]
        row.wrong = [*row.found.wrong, *row.wrong]


def tried(kinds: Iterable[Kind], folder: Path) -> list[Row]:
    """Make, check and film these kinds."""
    rows: list[Row] = []
    for kind in kinds:
        row = Row(kind, folder / kind.name)
        rows.append(row)
        try:
            kind.make(folder)
        except NotMade as error:
            row.outcome = "not made"
            row.wrong.append(str(error))
            continue
        judge(row)
    shown = [row for row in rows if row.outcome in ("taken", "converted")]
    for first in range(0, len(shown), IN_A_FILM):
        film(shown[first : first + IN_A_FILM], folder)
    for row in shown:
        if isinstance(row.kind, Clip):
            row.wrong += asyncio.run(compare_ends(row.path, row.kind, row.found))
    return rows


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, its columns as wide as they have to be; the first line is its head."""
    wide = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    shown = ["| " + " | ".join([*map(str.ljust, line, wide), line[-1]]).rstrip() + " |" for line in lines]
    return "\n".join([shown[0], "|" + "---|" * len(lines[0]), *shown[1:]])


def write_page(rows: Sequence[Row]) -> None:
    """Write the tables into the page, between its two marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    of = {id(row.kind): row for row in rows}
    tables = (
        f"## {group}\n\n{table([HEADS, *(of[id(kind)].cells for kind in kinds)])}\n" for group, kinds in GROUPS.items()
    )
    PAGE.write_text("\n".join([f"{before}{BEGIN}\n", *tables, END + after]), encoding="utf-8")


def main() -> int:
    """Make them, shoot, and say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", help="a part of a name")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/media.md")
    parser.add_argument("--keep", type=Path, help="a folder for the files and films; else they are removed")
    asked = parser.parse_args()
    began = time.monotonic()
    kinds = [kind for group in GROUPS.values() for kind in group if _wanted(kind, asked.only)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.keep or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "STORYREEL_SANDBOX": str(folder / "sandbox"),
            "STORYREEL_SANDBOX_LATENCY": "0",
            "STORYREEL_POLL": "0.05",
        }
        rows = tried(kinds, folder)
    print(table([(*HEADS, ""), *([*row.cells, row.verdict] for row in rows)]))
    wrong = [row for row in rows if row.wrong]
    print(f"\n{len(rows)} kinds, {len(rows) - len(wrong)} right, {len(wrong)} WRONG; {time.monotonic() - began:.0f} s")
    if asked.docs and not asked.only:
        write_page(rows)
    return 1 if wrong else 0


def _wanted(kind: Kind, parts: Sequence[str] | None) -> bool:
    return not parts or any(part in kind.name for part in parts)


if __name__ == "__main__":
    sys.exit(main())
