"""
Read the HTML that we show: Jinja templates which lie beside the code that fills them in.

Every value is escaped, and one that a template names and is not given is an error.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)


@cache
def html_template(room: str, name: str) -> Template:
    """
    Return a template, ready to be filled in. It is read once.

    Args:
        room: The package that it lies in.
        name: Its file's name there, without `.html.j2`.
    """
    return _ENVIRONMENT.from_string(files(room).joinpath(f"{name}.html.j2").read_text(encoding="utf-8"))
