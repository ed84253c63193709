"""
The HTML that we show: it lies in templates, and a template escapes what it is filled in with and wants all of it.
"""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from storyreel.html_templates import html_template

SRC = Path(__file__).parents[1] / "src"
VALUES = {
    "refused": ["how"],
    "onward": ["where"],
    "proxy_error": ["status", "reason"],
    "films": ["films", "style"],
    "index": ["rows", "style", "script"],
    "board": ["page", "policy", "style", "script", "data"],
}
"""The templates that there are, and what each is filled in with."""
TEMPLATES = {path.name.removesuffix(".html.j2"): path for path in SRC.rglob("*.html.j2")}


def room(name: str) -> str:
    """Return the package that a template lies in."""
    return ".".join(TEMPLATES[name].parent.relative_to(SRC).parts)


def test_every_template_is_known_here():
    """
    One that is added says below what it wants.
    """
    assert set(VALUES) == set(TEMPLATES)


@pytest.mark.parametrize("name", VALUES)
def test_a_template_wants_all_of_its_values(name: str):
    """
    One that is not given is an error, and never an empty place in the page.
    """
    with pytest.raises(UndefinedError):
        html_template(room(name), name).render()


@pytest.mark.parametrize("name", ["refused", "onward", "proxy_error"])
def test_a_value_is_text_whatever_is_in_it(name: str):
    """
    No value ends an attribute or begins an element.
    """
    page = html_template(room(name), name).render(dict.fromkeys(VALUES[name], "\"'><script>"))

    assert "&#34;&#39;&gt;&lt;script&gt;" in page
    assert "<script" not in page


def test_no_code_writes_html():
    """
    What is shown in a browser stands in a template, where an editor sees that it is HTML.
    """
    html = re.compile(r"<(!doctype html|meta|div|p|h1|h2|a href)\b", re.IGNORECASE)
    lines = [
        f"{path.relative_to(SRC)}:{number}"
        for path in sorted(SRC.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if html.search(line)
    ]

    assert [] == lines
