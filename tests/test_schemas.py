"""The schemas in the docs are those of the data."""

import json

import pytest

from tests.schemas import DOCS, SHAPES, schema


@pytest.mark.parametrize("name", SHAPES)
def test_a_schema_in_the_docs_is_that_of_its_model(name: str):
    """
    Written anew by `make schemas`, since whoever changes the data changes what others read.
    """
    assert schema(name) == json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
