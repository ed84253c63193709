"""What the docs have from the program is as the program has it."""

import pytest

from tests.docs import ROOT, WRITTEN


@pytest.mark.parametrize("name", WRITTEN)
def test_what_the_docs_have_from_the_program_is_as_the_program_has_it(name: str):
    """
    Written anew by `make docs`, since whoever changes the program changes what others read.
    """
    assert WRITTEN[name]() == (ROOT / name).read_text(encoding="utf-8")
