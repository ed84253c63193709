"""
What the form of a run on Prefect's page has for its parameters: lists and texts as plain fields, empty where nobody wrote.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator

Run = TypeVar("Run", bound=Callable[..., Any])


def _names(value: object) -> object:
    """Leave out what is blank: a line of the form that somebody has added, and not filled in."""
    if isinstance(value, list | tuple):
        return tuple(name for name in value if not isinstance(name, str) or name.strip())
    return () if value is None else value


# None stands in runs and schedules that were made when a field was one that may be null.
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
"""A list of names; a type that may be None would be two tabs on the page, and no list until one is pressed."""
Words = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A text; empty means what the parameter's help says of it."""
Texts = Annotated[dict[str, str], BeforeValidator(lambda value: {} if value is None else value)]
"""Texts by their names."""


def in_form(run: Run) -> Run:
    """
    Have Prefect find the types of a flow's parameters where it is decorated, which other modules than the flow's own do.

    Prefect looks annotations that are text up in the module of the outermost function.
    """
    run.__signature__ = inspect.signature(run, eval_str=True)  # type: ignore[attr-defined]
    return run
