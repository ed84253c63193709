"""What the docs have from the program, so that they cannot drift apart: `make docs` writes it anew."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest import mock

from pydantic import BaseModel

from storyreel.catalog import load_catalog
from storyreel.cli.app import EXIT_CODES, LISTED, app
from storyreel.cli.settings import SettingsData
from storyreel.delivery.cut_list import CutList
from storyreel.delivery.exports.export_data import ExportsData
from storyreel.diagnostics.codes import Page, pages
from storyreel.production.boards_data import BoardsData
from storyreel.production.budget_data import BudgetData
from storyreel.production.check_data import CheckData, ChecksData
from storyreel.production.costs_data import CostsData
from storyreel.production.doctor_data import DoctorData
from storyreel.production.models_data import ModelsData
from storyreel.production.plan_data import PlanData
from storyreel.production.plans_data import PlansData
from storyreel.production.takes_data import TakesData
from storyreel.production.watch_data import WatchData
from storyreel.production.why_data import WhyData
from storyreel.storyboard import schema
from storyreel.storyboard.reference import tables
from storyreel.variables.table import TABLE
from storyreel.variables.variable import Variable

ROOT = Path(__file__).parents[1]


def _json(model: type[BaseModel]) -> str:
    drawn = model.model_json_schema(mode="serialization")
    return _text({"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn})


def _text(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _filled(page: str, **parts: str) -> str:
    """Return a page of the docs with these parts of it written anew, each between its two marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name}, by make docs -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"
    return text


def _settings(variables: Iterable[Variable[object]]) -> str:
    rows = ["| variable | what for | default | values | option |", "|---|---|---|---|---|"]
    for each in variables:
        option = f"`{each.option}` of {', '.join(f'`{command}`' for command in each.commands)}" if each.option else ""
        default = each.default if each.default in ("none", each.instead) else f"`{each.default}`"
        rows.append(f"| `{each.name}` | {each.meaning} | {default} | {each.values} | {option} |")
    return "\n".join(rows) + "\n"


def _files() -> str:
    may = {"says": "yes", "lowers": "to lower it", "never": ""}
    rows = ["| key | variable | your file | a project's file |", "|---|---|---|---|"]
    for each in TABLE:
        if (rule := each.files) is not None:
            yours = "yes" if rule.each else "for all projects alike"
            bounds = f", {rule.bounds[0]:g} to {rule.bounds[1]:g}" if rule.bounds is not None else ""
            rows.append(f"| `{rule.key}` | `{each.name}` | {yours} | {may[rule.project]}{bounds} |")
    return "\n".join(rows) + "\n"


def _commands() -> str:
    head = "# Commands\n\nAll of them, with their arguments and options. `storyreel COMMAND --help` says the same.\n"
    # Commands within a command are called by how this process was begun.
    with mock.patch("sys.argv", ["storyreel"]):
        text = app.generate_docs(output_format="markdown", heading_level=1)
    groups = "\n".join(
        f"**{group}**: {', '.join(f'[`{name}`](#storyreel-{name})' for name in listed)}.\n"
        for group, listed in LISTED.items()
    )
    each = text[text.index("\n## storyreel ") :]
    return f"{head}\n{groups}{each.rstrip()}\n\n## Exit codes\n\n{EXIT_CODES}\n"


def _for_assistants() -> str:
    """What somebody who writes storyboards with an assistant hands to it: the language in short, whole, and how to check."""
    return f"""# storyreel

> storyreel makes a film of a storyboard, one YAML file, with xAI's Imagine API. Write the file, then have it checked: every
> mistake is told at once, with its place and what to do.

## How to write a storyboard

- Begin with `version: 1` and `title`. Times are seconds, money is US dollars, both plain numbers. Put prompts into double quotes.
- A scene has an `id` (lower-case letters, digits, hyphens) and one of: a `prompt` (what is seen, one shot), an `image` to begin on,
  `references` to people and things of `cast`, or `clip`, footage of one's own. Scenes are shown in the order in which they stand.
- `image: {{last_frame_of: ID}}` begins where another scene ends. `then:` goes on with a clip: `extend`, or `edit`.
- Say of the picture what is the same everywhere in `style`, what happens in `prompt`. Do not invent fields: what is not below is an error.
- Extensions are billed with all of the clip that they go on with; a scene from a last frame bills itself alone.
- A key, an address or a command has no place in a storyboard.

## Check it

    storyreel check film.yaml --format json      # every problem with line, column, code and remedy; exit code 2 if there is one
    storyreel explain CODE                       # what a code means, with an example
    storyreel plan film.yaml --json              # every request with its prompt as it would be sent, and its price; sends nothing
    storyreel shoot film.yaml --sandbox          # a rehearsal: free, no key

Do not shoot without `--sandbox` unless the person has said so: that spends money.

## An example

```yaml
{(ROOT / "storyboards/lighthouse.yaml").read_text(encoding="utf-8").strip()}
```

## All fields

{tables(load_catalog()).strip()}
"""


def _problems() -> str:
    head = (
        "# What a check says\n\nEach problem and each note has a code, shown in brackets; `storyreel explain CODE` says "
        "what stands here. A problem stops everything before anything is sent; a note stops nothing.\n"
    )
    return "\n".join([head, *map(_page, pages().values())])


def _page(page: Page) -> str:
    text = f"## {page.code}\n\n{page.summary[0].upper()}{page.summary[1:]}.\n\n{page.text.strip()}\n"
    for caption, board in (("Not so:", page.wrong), ("But so:", page.right)):
        if board:
            text += f"\n{caption}\n\n```yaml\n{board.strip(chr(10))}\n```\n"
    return text


WRITTEN: dict[str, Callable[[], str]] = {
    "docs/budget.schema.json": lambda: _json(BudgetData),
    "docs/check.schema.json": lambda: _json(CheckData),
    "docs/checks.schema.json": lambda: _json(ChecksData),
    "docs/cli.md": _commands,
    "docs/costs.schema.json": lambda: _json(CostsData),
    "docs/cut-list.schema.json": lambda: _json(CutList),
    "docs/export.schema.json": lambda: _json(ExportsData),
    "docs/doctor.schema.json": lambda: _json(DoctorData),
    "docs/language.md": lambda: _filled("docs/language.md", fields=tables(load_catalog())),
    "docs/llms.txt": _for_assistants,
    "docs/models.schema.json": lambda: _json(ModelsData),
    "docs/plan.schema.json": lambda: _json(PlanData),
    "docs/plans.schema.json": lambda: _json(PlansData),
    "docs/problems.md": _problems,
    "docs/settings.md": lambda: _filled(
        "docs/settings.md",
        yours=_settings(each for each in TABLE if not each.ours),
        files=_files(),
        ours=_settings(each for each in TABLE if each.ours),
    ),
    "docs/settings.schema.json": lambda: _json(SettingsData),
    "docs/status.schema.json": lambda: _json(BoardsData),
    "docs/takes.schema.json": lambda: _json(TakesData),
    "docs/watch.schema.json": lambda: _json(WatchData),
    "docs/why.schema.json": lambda: _json(WhyData),
    "storyboards/storyboard.schema.json": lambda: _text(schema(load_catalog())),
}
"""What is written from the program, each with what writes it."""


def main() -> None:
    """Write all of it."""
    for name, text in WRITTEN.items():
        (ROOT / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
