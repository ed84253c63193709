"""What in the docs is made from the code is up to date."""

import json

import pytest

from tests.schemas import DOCS, SETTINGS, SHAPES, schema, settings_page


@pytest.mark.parametrize("name", SHAPES)
def test_a_schema_in_the_docs_is_that_of_its_model(name: str):
    """
    Written anew by `make schemas`, since whoever changes the data changes what others read.
    """
    assert schema(name) == json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_the_page_of_the_settings_is_that_of_the_table():
    """
    Written anew by `make schemas`, since whoever adds a variable changes what others can set.
    """
    page = SETTINGS.read_text(encoding="utf-8")

    assert settings_page(page) == page
