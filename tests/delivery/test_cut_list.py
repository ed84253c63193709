"""
What the cut list says, and how it is described.
"""

import json
from pathlib import Path

from storyreel.delivery.cut_list import CutList

SCHEMA = Path(__file__).parents[2] / "docs" / "cut-list.schema.json"


def test_the_schema_in_the_docs_is_the_models():
    """
    `docs/cut-list.schema.json` is written from the model that writes the cut list:
    python -c "import json; from storyreel.delivery.cut_list import CutList; print(json.dumps(CutList.model_json_schema(), indent=2))"
    """
    assert CutList.model_json_schema() == json.loads(SCHEMA.read_text(encoding="utf-8"))
