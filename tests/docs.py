"""What the docs have from the program, so that they cannot drift apart: `make docs` writes it anew."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from storyreel.catalog import load_catalog
from storyreel.delivery.cut_list import CutList
from storyreel.diagnostics.codes import Page, pages
from storyreel.production.check_data import CheckData
from storyreel.production.plan_data import PlanData
from storyreel.production.takes_data import TakesData
from storyreel.storyboard import schema
from storyreel.storyboard.reference import tables

ROOT = Path(__file__).parents[1]
TABLES = re.compile(r"(?<=<!-- fields -->\n).*(?=\n<!-- end of fields -->)", re.DOTALL)


def _json(model: type[BaseModel]) -> str:
    drawn = model.model_json_schema(mode="serialization")
    return _text({"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn})


def _text(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _language() -> str:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    return TABLES.sub(lambda _: f"\n{tables(load_catalog())}", page)


def _problems() -> str:
    head = (
        "# What a check says\n\nEach problem and each note has a code, shown in brackets; `storyreel explain CODE` says "
        "what stands here. A problem stops everything before anything is sent; a note stops nothing.\n"
    )
    return "\n".join([head, *map(_page, pages().values())])


def _page(page: Page) -> str:
    text = f"## {page.code}\n\n{page.summary.capitalize()}.\n\n{page.text.strip()}\n"
    for caption, board in (("Not so:", page.wrong), ("But so:", page.right)):
        if board:
            text += f"\n{caption}\n\n```yaml\n{board.strip(chr(10))}\n```\n"
    return text


WRITTEN: dict[str, Callable[[], str]] = {
    "docs/check.schema.json": lambda: _json(CheckData),
    "docs/cut-list.schema.json": lambda: _json(CutList),
    "docs/language.md": _language,
    "docs/plan.schema.json": lambda: _json(PlanData),
    "docs/problems.md": _problems,
    "docs/takes.schema.json": lambda: _json(TakesData),
    "storyboards/storyboard.schema.json": lambda: _text(schema(load_catalog())),
}
"""What is written from the program, each with what writes it."""


def main() -> None:
    """Write all of it."""
    for name, text in WRITTEN.items():
        (ROOT / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
