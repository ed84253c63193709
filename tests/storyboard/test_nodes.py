"""
A long storyboard is read by libyaml, and is what it would be if it were short.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from storyreel.storyboard.text import nodes
from storyreel.storyboard.text.nodes import Node, compose

HERE = Path(__file__).parent
BOARDS = sorted([*HERE.rglob("*.yaml"), *(HERE.parents[1] / "storyboards").rglob("*.yaml")])
SIGNS = [
    "\n", "\n", "\n  ", "\n    ", "  ", " ", "- ", ": ", ":", "? ", "<<: ", '"', "'", "{", "}", "[", "]", ",", "#", " #", "&x ",
    "*x", "|", "|-", ">", ">2", "!", "!!str ", "~", "-", "---", "...", "12", "null", "a", "é", "\t", "\\n", "\\u00e9", "\\", "%",
    "@", "`", "=", "1:2", "http://x", "yes", "\ufeff", "\u2028", "\x85", "\u00a0", "😀", "\\ud83d\\ude00", "\r\n", "\n---\n",
]  # fmt: skip


def drawn(node: Node | None, above: tuple[int, ...] = ()) -> object:
    """Return all that there is to a node, places included."""
    if node is None or id(node) in above:
        return None
    above = (*above, id(node))
    inner = [drawn(each, above) for each in node.items or ()]
    pairs = [(drawn(key, above), drawn(value, above)) for key, value in node.pairs or ()]
    shape = (node.items is None, node.pairs is None, node.flow, node.style, node.anchor, node.repeated)
    return (node.start, node.end, node.scalar, type(node.scalar), shape, inner, pairs)


def read(text: str) -> object:
    """Return what a text is, or what is wrong with it."""
    try:
        return drawn(compose(text))
    except YAMLError as error:
        return str(error)


def alike(text: str) -> None:
    """See that a text is the same by both ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "LONG", len(text))
        short = read(text)
        patch.setattr(nodes, "LONG", -1)
        assert short == read(text)


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_every_board_is_the_same_by_both_ways(board: Path) -> None:
    """
    Those that are right, and those that are wrong: values, places, and what is said of them.
    """
    alike(board.read_text(encoding="utf-8"))


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.booleans(), st.lists(st.sampled_from(SIGNS), max_size=16).map("".join))
def test_whatever_is_written_is_the_same_by_both_ways(inside: bool, ended: bool, text: str) -> None:
    """
    Where the two differ - tabs, breaks of YAML 1.1, empty values - the slow one is asked.
    """
    alike((f"scenes:\n  - id: a\n    prompt: x{text}y" if inside else text) + "\n" * ended)


@pytest.mark.parametrize("opened", ['"', "'", "{", "[", "{a: ["])
def test_what_is_never_ended_is_told_where_it_begins_however_much_follows(opened: str) -> None:
    """
    Its beginning is read once more, and not all of it: that would take seconds.
    """

    def begins(words: int) -> str:
        with pytest.raises(MarkedYAMLError) as caught:
            compose(f"scenes:\n  - id: a\n    prompt: {opened}" + "waves break " * words)
        assert caught.value.context_mark is not None
        return str(caught.value.context_mark)

    begun = time.process_time()
    assert begins(200_000) == begins(5)
    assert time.process_time() - begun < 1


def test_a_thousand_scenes_are_read_at_once() -> None:
    """
    Three requests each, with prompts of 300 characters: a fifth of what it takes the other way.
    """
    item = f'  - id: s\n    prompt: "{"a tram " * 43}"\n    then:\n      - extend: "{"it goes " * 37}"\n        duration: 2\n'
    text = "scenes:\n" + item * 100

    def seconds(long: int) -> float:
        """Return the least that it took in three tries: what else this process has in memory is none of its cost."""
        tries = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nodes, "LONG", long)
            for _ in range(3):
                gc.collect()
                gc.disable()
                begun = time.process_time()
                compose(text)
                tries.append(time.process_time() - begun)
                gc.enable()
        return min(tries)

    assert seconds(0) < seconds(len(text)) / 2
