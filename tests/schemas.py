"""
What in the docs is made from the code: the shapes of the JSON that commands print and files hold, and the tables of the
settings. `python -m tests.schemas` writes them.
"""

import json
from pathlib import Path
from typing import Any

from storyreel.cli.settings import SettingsData
from storyreel.delivery.cut_list import CutList
from storyreel.production.plan_data import PlanData
from storyreel.production.takes_data import TakesData
from storyreel.variables import TABLE, Variable

DOCS = Path(__file__).parents[1] / "docs"
SHAPES = {"cut-list": CutList, "plan": PlanData, "settings": SettingsData, "takes": TakesData}
SETTINGS = DOCS / "settings.md"


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of what has this name."""
    drawn = SHAPES[name].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn}


def settings_page(page: str) -> str:
    """Return the page of the settings with its two tables made anew; the words around them stay."""
    for name, ours in (("yours", False), ("ours", True)):
        begin, end = f"<!-- {name}: made by `make schemas` -->\n", "<!-- end -->"
        before, _, rest = page.partition(begin)
        page = (
            before
            + begin
            + "\n"
            + _table([each for each in TABLE if each.ours is ours])
            + "\n"
            + end
            + rest.partition(end)[2]
        )
    return page


def _table(variables: list[Variable[object]]) -> str:
    rows = ["| variable | what for | default | values | option |", "|---|---|---|---|---|"]
    for each in variables:
        option = f"`{each.option}` of {', '.join(f'`{command}`' for command in each.commands)}" if each.option else ""
        default = each.default if each.default in ("none", each.instead) else f"`{each.default}`"
        rows.append(f"| `{each.name}` | {each.meaning} | {default} | {each.values} | {option} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write all of them."""
    for name in SHAPES:
        text = json.dumps(schema(name), indent=2, ensure_ascii=False)
        (DOCS / f"{name}.schema.json").write_text(text + "\n", encoding="utf-8")
    SETTINGS.write_text(settings_page(SETTINGS.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
