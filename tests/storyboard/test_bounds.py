"""
A storyboard may come from anybody: whatever is in the file, reading it ends soon and in a sentence.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.text.source import read_source

LARGEST = 8 * 1024 * 1024
QUICK = LARGEST // 8


def bombs(large: int) -> dict[str, str]:
    """Return files that would grow, nest or loop without end, as large as is said."""
    return {
        "brackets": "a: " + "[" * large,
        "braces": "a: " + "{" * large,
        "dashes": "a:\n" + "- " * (large // 2 - 10),
        "question-marks": "? " * (large // 2),
        "many-keys": "".join(f"k{at}: 1\n" for at in range(19_000)),
        "many-items": "a:\n" + "- x\n" * (large // 4 - 5),
        "aliases-of-aliases": "x-a: &a [l, l, l, l, l, l, l, l, l]\n"
        + "".join(f"x-{chr(98 + at)}: &{chr(98 + at)} [{', '.join(['*' + chr(97 + at)] * 9)}]\n" for at in range(9))
        + "scenes: [{id: a, prompt: x}]\n",
        "alias-in-itself": "x-a: &a [*a]\nscenes: [{id: a, prompt: x}]",
        "unknown-keys": "".join(f"zz{at}: 1\n" for at in range(5000)),
        "unknown-names": "scenes: [{id: a, prompt: x, references: ["
        + ", ".join(f"m{at}" for at in range(3000))
        + "]}]",
        "many-traps": "scenes:\n" + "  - prompt: {{ x }} y\n" * (large // 24),
        "many-quotes": "scenes:\n" + "  - prompt: 'a' b\n" * (large // 20),
        "open-quote": 'scenes:\n  - id: a\n    prompt: "' + "x " * (large // 2 - 20),
        "open-brace": "scenes: {a: " + "x " * (large // 2 - 20),
        "breaks": "\n" * large,
        "tabs": "\t" * large,
        "colons": ":" * large,
        "one-word": "x" * large,
        "many-loops": "scenes:\n"
        + "".join(
            f'  - {{id: s{at}, prompt: "{{% for i in range(400) %}}{{{{ i }}}}{{% endfor %}}"}}\n' for at in range(2000)
        ),
        "deep-template": "scenes: [{id: a, prompt: '{{ " + "(" * 5000 + ")" * 5000 + " }}'}]",
    }


@pytest.mark.parametrize("kind", bombs(0))
@pytest.mark.some(4)
def test_a_bomb_is_refused(read: Callable[[str], Storyboard], kind: str) -> None:
    """
    A file that would grow, nest or loop without end is refused at once.
    """
    text = bombs(QUICK)[kind]
    begun = time.process_time()

    with pytest.raises(StoryboardError):
        read(text)

    assert time.process_time() - begun < 5


@pytest.mark.long
@pytest.mark.parametrize("kind", bombs(0))
def test_as_large_as_a_storyboard_may_be_a_bomb_is_refused_within_seconds(kind: str, tmp_path: Path) -> None:
    """
    Within 5 seconds, and in 500 MB, in a process of its own; what is larger is not read.
    """
    board = tmp_path / "lantern.yaml"
    board.write_text(bombs(LARGEST - 100)[kind], encoding="utf-8")
    script = (
        "import re, sys, time; from storyreel.api import check; begun = time.process_time(); wrong = len(check(sys.argv[1])); "
        # What a process is said to have used at most (ru_maxrss) has what the one had that began it.
        "kilobytes = int(re.search('VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]); "
        "print(wrong, time.process_time() - begun, kilobytes / 1024, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script, str(board)], capture_output=True, text=True, check=True)

    wrong, seconds, megabytes = map(float, done.stderr.splitlines()[-1].split())
    assert wrong
    assert seconds < 5
    assert megabytes < 500


SIGNS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    "'",
    "&",
    "*",
    "|",
    ">",
    "!",
    "~",
    "-",
    "--",
    "---",
    "&x",
    "*x",
    "12",
    "null",
    "a",
    "{{",
    "}}",
    "scenes",
    "id",
    "prompt",
    "image",
    "cast",
    "then",
    "extend",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(["\n", "\n", "  ", " ", "\t", "- ", ": ", "<<: ", '"', *SIGNS]), max_size=40).map("".join)
)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    """
    Any string of a storyboard's words is data, or a list of problems with places inside the file.
    """
    lines = text.count("\n") + 1
    try:
        source = read_source(text, "lantern.yaml")
    except StoryboardError as error:
        places = [problem.place for problem in error.problems]
    else:
        places = [problem.place for problem in source.faults]
    assert all(1 <= place.line <= lines + 1 and place.column >= 1 for place in places)
