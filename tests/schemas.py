"""The shapes of the JSON that commands print and files hold, as the docs have them: `python -m tests.schemas` writes them."""

import json
from pathlib import Path
from typing import Any

from storyreel.delivery.cut_list import CutList
from storyreel.production.plan_data import PlanData
from storyreel.production.takes_data import TakesData

DOCS = Path(__file__).parents[1] / "docs"
SHAPES = {"cut-list": CutList, "plan": PlanData, "takes": TakesData}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of what has this name."""
    drawn = SHAPES[name].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn}


def main() -> None:
    """Write all of them."""
    for name in SHAPES:
        text = json.dumps(schema(name), indent=2, ensure_ascii=False)
        (DOCS / f"{name}.schema.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
