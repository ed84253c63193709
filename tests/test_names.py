"""The names of data say what the data is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PARTICIPLES = frozenset({"told", "said", "says", "found", "made", "kept", "standing"})
"""Words that say what somebody did with a value, and not what it is."""

ON_DISK = frozenset({("src/storyreel/vault/records.py", "told")})
"""Fields of records that vaults have already: they keep their names."""


def sources() -> list[Path]:
    """All files whose names are looked at."""
    return sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")])


def names_of_data(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every name that a module gives to data, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield node.lineno, name
            case _:
                pass


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_data_is_called_by_what_was_done_with_it(path: Path) -> None:
    """
    No data is called `told`, `said`, `says`, `found`, `made`, `kept` or `standing`.

    A variable of such a name has to be followed back to where it was set, while one that is called `measured`,
    `message` or `declared` is understood where it is used. A function may say what it does: `tell`, `keep`.
    """
    file = path.relative_to(ROOT).as_posix()
    names = names_of_data(ast.parse(path.read_text(encoding="utf-8")))
    assert [] == [
        (line, name) for line, name in names if name.strip("_") in PARTICIPLES and (file, name) not in ON_DISK
    ]


@pytest.mark.parametrize(
    "text",
    [
        "told = 1",
        "found: int",
        "self.made = 1",
        "lambda kept: 1",
        "def run(*, says): ...",
        "[1 for said in ()]",
        "(found := 1)",
        "with open() as standing: ...",
        "import io as made",
        "try: ...\nexcept OSError as told: ...",
        "match 1:\n    case int() as kept: ...",
        "_told = 1",
    ],
)
def test_every_way_to_name_data_is_seen(text: str) -> None:
    """Assignments, parameters, loops, `as` and patterns all give names."""
    assert [name for _, name in names_of_data(ast.parse(text)) if name.strip("_") in PARTICIPLES]
