"""
What somebody probably meant: names that are free, texts that can be pasted.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from storyreel.storyboard.fields import LONGEST_NAME, NAME
from storyreel.storyboard.suggest import as_yaml, suggested_name


@pytest.mark.parametrize(
    ("stem", "taken", "name"),
    [
        ("mira-side", (), "mira_side"),
        ("020", (), "ref_020"),
        ("été", (), "ete"),
        ("日本", (), "ref"),
        ("lamp", ("lamp",), "lamp_2"),
        ("lamp", ("lamp", "lamp_2"), "lamp_3"),
        ("a" * 80, ("a" * 56,), "a" * 56 + "_2"),
    ],
)
def test_a_name_is_as_near_as_may_be_and_free(stem: str, taken: tuple[str, ...], name: str) -> None:
    """
    Accents are dropped, numbers kept, and what another has is counted on.
    """
    assert name == suggested_name(stem, taken)


@given(st.text(max_size=100), st.sets(st.text(max_size=5)))
def test_whatever_is_suggested_can_be_a_name(stem: str, taken: set[str]) -> None:
    """
    Of any file.
    """
    name = suggested_name(stem, taken)

    assert name not in taken
    assert len(name) <= LONGEST_NAME
    assert re.fullmatch(NAME, name)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
def test_whatever_is_to_be_pasted_can_be_pasted(text: str) -> None:
    """
    A path with commas, colons or braces in it is shown in quotes.
    """
    assert {"a": text} == YAML(typ="safe", pure=True).load(f"{{a: {as_yaml(text)}}}")
