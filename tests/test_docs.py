"""What the docs have from the program is as the program has it."""

import re

import pytest

from storyreel.storyboard.fields import PLANNED
from tests.docs import ROOT, WRITTEN


@pytest.mark.parametrize("name", WRITTEN)
def test_what_the_docs_have_from_the_program_is_as_the_program_has_it(name: str):
    """
    Written anew by `make docs`, since whoever changes the program changes what others read.
    """
    assert WRITTEN[name]() == (ROOT / name).read_text(encoding="utf-8")


def test_what_the_language_says_is_not_there_yet_is_not_there():
    """
    A field that is opened is told as one, and no longer as planned.
    """
    section = (ROOT / "docs/language.md").read_text(encoding="utf-8").partition("## Not yet")[2]
    named = set(re.findall(r"`(\w+)`", section))

    assert named
    assert set() == named - {*PLANNED, *(word for words in PLANNED.values() for word in words)}
