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


def test_no_data_is_called_by_what_was_done_with_it() -> None:
    """
    No data is called `told`, `said`, `says`, `found`, `made`, `kept` or `standing`.

    A variable of such a name has to be followed back to where it was set, while one that is called `measured`,
    `message` or `declared` is understood where it is used. A function may say what it does: `tell`, `keep`.
    """
    assert [] == [
        f"{file}:{line}: {name}"
        for path in sources()
        for file in [path.relative_to(ROOT).as_posix()]
        for line, name in names_of_data(ast.parse(path.read_text(encoding="utf-8")))
        if name.strip("_") in PARTICIPLES and (file, name) not in ON_DISK
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


THEIRS = frozenset(
    {"_temporary_global_settings_context", "_exit", "_getframe", "_client", "_transport", "_transport_for_url"}
)
"""Private names of others that tests use, since there is no public one: of Python, httpx and Prefect."""


def private_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every private name of something else that a test reaches for, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name) if name.startswith("_") and not name.endswith("__"):
                yield node.lineno, name
            case ast.ImportFrom(names=names):
                yield from ((node.lineno, each.name) for each in names if each.name.startswith("_"))
            case (
                ast.Call(func=ast.Attribute(attr="setattr" | "delattr"), args=[*_, ast.Constant(value=str(name))])
                | ast.Call(func=ast.Attribute(attr="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_])
                | ast.Call(func=ast.Attribute(attr="setattr" | "delattr"), args=[ast.Constant(value=str(name)), *_])
            ):
                if (last := name.rpartition(".")[2]).startswith("_") and not last.endswith("__"):
                    yield node.lineno, last
            case _:
                pass


def test_no_test_reaches_for_a_private_name() -> None:
    """
    What a test needs to hold on to has a public name: a store, a client's patience, what writes to a disk.
    """
    assert [] == [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for folder in ("tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, name in private_names(ast.parse(path.read_text(encoding="utf-8")))
        if name not in THEIRS
    ]


@pytest.mark.parametrize(
    "text",
    [
        "vault._store",
        "from storyreel.vault.claims import _folder",
        'patch.setattr(folder, "_write", fails)',
        'patch.setattr("storyreel.production.receive._judged", fails)',
        "client._backoff_s = 1",
        'patch.delattr(folder, "_write")',
    ],
)
def test_every_way_to_a_private_name_is_seen(text: str) -> None:
    """Attributes, imports, and patches by name."""
    assert list(private_names(ast.parse(text)))
