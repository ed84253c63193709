"""
The codes of what is said of a storyboard: each has a page, and each page is true.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from storyreel.diagnostics.codes import Code, pages
from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard

SOURCE = Path(__file__).parents[2] / "src" / "storyreel"
MAKERS = {"tell", "tell_once", "note", "Fault", "Faulty", "Missing", "Trap", "Diagnostic"}
"""What makes a diagnostic, or what one is made of."""

Read = Callable[[str], Storyboard]


def diagnostics(read: Read, text: str) -> tuple[Diagnostic, ...]:
    try:
        return read(text).notes
    except StoryboardError as error:
        return error.problems


def test_every_code_has_a_page():
    """
    What is listed is explained, in the same order, and nothing else is.
    """
    assert list(get_args(Code)) == list(pages())


def literals(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def test_no_message_is_without_a_code():
    """
    Whatever makes a diagnostic names its code, or hands on the one that it was given; and every code is in use.
    """
    used: set[str] = set()
    nameless: list[str] = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "sandbox" in path.parts or path.name == "codes.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used |= {word for word in literals(tree) if word in get_args(Code)}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in MAKERS and path.parts[-2] in {"storyboard", "checks", "text", "prompts"}:
                first = call.args[:3]
                handed_on = any("code" in ast.dump(arg) or isinstance(arg, ast.Starred) for arg in first)
                if not handed_on and not any(word in get_args(Code) for arg in first for word in literals(arg)):
                    nameless.append(f"{path.relative_to(SOURCE)}:{call.lineno}")

    assert [] == [place for place in nameless if "findings.py" not in place or "tell" in place]
    assert set(get_args(Code)) == used


EXAMPLES = [page.code for page in pages().values() if page.wrong]


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_example_of_a_page_has_its_code_and_the_mended_one_is_right(read: Read, code: str):
    """
    The first board of a page shows what it explains, and nothing else; the second is right, without a note.
    """
    page = pages()[code]

    assert {code} == {each.code for each in diagnostics(read, page.wrong)}
    assert () == diagnostics(read, page.right)


def test_a_page_without_an_example_is_of_what_no_text_can_show():
    """
    Files, nights, vaults and sizes are not in a storyboard's text.
    """
    assert {
        "unreadable-file",
        "yaml-syntax",
        "repeated-slug",
        "footage-too-large",
        "converted-media",
        "wrong-pin",
        "unknown-pin",
        "joined-letters",
        "left-out",
        "mixed-sound",
    } == set(get_args(Code)) - set(EXAMPLES)
