"""
A frozen value with some of its fields anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

V = TypeVar("V", bound="DataclassInstance")


def updated(value: V, **fields: Any) -> V:
    """
    Return a value with these fields; itself where it has them already.

    Of a thousand scenes few have titles, sounds or words: the others need not be written out once more for each of these.
    """
    return value if all(getattr(value, name) == field for name, field in fields.items()) else replace(value, **fields)
