"""
What a person sees of a storyboard that is wrong. Every file `screens/<name>.yaml` is such a storyboard, and
`screens/<name>.txt` the whole screen.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

SCREENS = Path(__file__).parent / "screens"


@pytest.mark.parametrize("name", sorted(path.stem for path in SCREENS.glob("*.yaml")))
def test_all_problems_are_on_the_screen_at_once(name: str, problems: Callable[[str], str]) -> None:
    """
    Every problem is told with its place, its line, a caret, and what to do; all of them at once.
    """
    text = (SCREENS / f"{name}.yaml").read_text(encoding="utf-8")

    seen = problems(text)

    assert (SCREENS / f"{name}.txt").read_text(encoding="utf-8") == seen
