"""
The floors of the house hold: whatever import breaks a rule that pyproject.toml states, its linter says so.
"""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SRC = "src/storyreel"


class Planted(NamedTuple):
    """Lines that are added to files, and what the linter has to say about them: words, each of which it says."""

    lines: dict[str, str]
    expected: tuple[str, ...]
    linter: tuple[str, ...] = ("lint-imports", "--no-logo")


PLANTED = {
    "1-vault-reaches-up-to-production": Planted(
        {f"{SRC}/vault/audit.py": "from storyreel.production import budget"},
        (
            "Imports run downward through the house BROKEN",
            "storyreel.vault.audit -> storyreel.production.budget",
        ),
    ),
    "2-storyboard-knows-the-vault": Planted(
        {f"{SRC}/storyboard/load.py": "from storyreel.vault import paths"},
        ("Prefect or vault, by no way round BROKEN", "storyreel.storyboard.load -> storyreel.vault.paths"),
    ),
    "3-the-client-knows-media": Planted(
        {f"{SRC}/imagine/answers.py": "from storyreel.media import probe"},
        ("Imports run downward through the house BROKEN", "storyreel.imagine.answers -> storyreel.media.probe"),
    ),
    "4-production-knows-prefect": Planted(
        {f"{SRC}/production/run.py": "def late() -> None:\n    import prefect"},
        ("Prefect stays at the desk and behind one command BROKEN", "storyreel.production.run -> prefect"),
    ),
    "4-takes-load-what-exports-alone-need": Planted(
        {f"{SRC}/cli/takes.py": "def late() -> None:\n    import opentimelineio"},
        ("OpenTimelineIO is an extra, which an export alone loads BROKEN", "storyreel.cli.takes -> opentimelineio"),
    ),
    "5-planning-knows-the-client": Planted(
        {f"{SRC}/planning/steps.py": "from storyreel.imagine import types"},
        ("Prefect or vault, by no way round BROKEN", "storyreel.planning.steps -> storyreel.imagine.types"),
    ),
    "5-planning-reaches-the-network-by-a-way-round": Planted(
        {f"{SRC}/catalog.py": "import socket"},
        ("Prefect or vault, by no way round BROKEN", "storyreel.catalog -> socket"),
    ),
    "6-planning-knows-vault-and-media": Planted(
        {f"{SRC}/planning/steps.py": "from storyreel.vault import paths\nfrom storyreel.media import probe"},
        (
            "Prefect or vault, by no way round BROKEN",
            "storyreel.planning.steps -> storyreel.vault.paths",
            "storyreel.planning.steps -> storyreel.media.probe",
        ),
    ),
    "7-planning-asks-network-chance-calendar-and-machine": Planted(
        {f"{SRC}/planning/steps.py": "import datetime\nimport os\nimport random\nimport urllib.request"},
        (
            "Prefect or vault, by no way round BROKEN",
            "Storyboard and planning ask neither the machine nor the calendar BROKEN",
            "storyreel.planning.steps -> datetime",
            "storyreel.planning.steps -> os",
            "storyreel.planning.steps -> random",
            "storyreel.planning.steps -> urllib",
        ),
    ),
    "8-another-file-knows-ffmpeg-python": Planted(
        {f"{SRC}/media/probe.py": "import ffmpeg"},
        (
            "What ffmpeg is told is written in four files: clips, windows of a film, its sounds, and how it is handed over BROKEN",
            "storyreel.media.probe -> ffmpeg",
        ),
    ),
    "9-production-decodes-and-begins-processes": Planted(
        {f"{SRC}/production/collect.py": "import subprocess\nimport av"},
        (
            "Few files know PyAV BROKEN",
            "storyreel.production.collect -> av",
            "Few files begin processes BROKEN",
            "storyreel.production.collect -> subprocess",
        ),
    ),
    "10-every-command-waits-for-prefect": Planted(
        {f"{SRC}/cli/render.py": "import prefect"},
        ("banned-module-level-imports", "render.py"),
        ("ruff", "check", "--no-cache", f"{SRC}/cli"),
    ),
    "12-the-sandbox-shares-code-with-the-client": Planted(
        {f"{SRC}/sandbox/api/responses.py": "from storyreel.imagine import answers"},
        (
            "shares no code with the client, and knows no vault BROKEN",
            "storyreel.sandbox.api.responses -> storyreel.imagine.answers",
        ),
    ),
    "13-the-sandbox-knows-the-vault": Planted(
        {f"{SRC}/sandbox/api/jobs.py": "from storyreel.vault import paths"},
        (
            "shares no code with the client, and knows no vault BROKEN",
            "storyreel.sandbox.api.jobs -> storyreel.vault.paths",
        ),
    ),
    "14-a-room-that-nobody-listed": Planted(
        {
            f"{SRC}/attic/__init__.py": '"""A room."""',
            f"{SRC}/attic/box.py": "from storyreel.cli import app",
        },
        ("Imports run downward through the house BROKEN", "not listed as layers: - storyreel.attic"),
    ),
    "15-a-flow-imports-a-flow": Planted(
        {"flows/sequence.py": "import flows.dailies"},
        ("they do not import each other BROKEN", "flows.sequence -> flows.dailies"),
    ),
    "15-a-flow-takes-a-private-name": Planted(
        {"flows/sequence.py": "from storyreel.production.report import _line"},
        ("import-private-name", "sequence.py"),
        ("ruff", "check", "--no-cache", "flows"),
    ),
    "16-a-room-goes-in-a-circle": Planted(
        {f"{SRC}/storyboard/scenes.py": "def late() -> None:\n    from storyreel.storyboard import load"},
        ("Rooms go in no circle BROKEN", "No cycles are allowed in storyreel.storyboard", ".load -> .build"),
    ),
}
"""Each rule, broken in the smallest way. Numbers are those of the rules; names say what would be wrong."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the code in which nothing is wrong."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("src", "flows"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", copy)
    return copy


@pytest.fixture
def plant(house: Path) -> Iterator[Path]:
    """Return the copy; what is planted in it is taken out again."""
    before = {path: path.read_bytes() for path in house.rglob("*.py")}
    yield house
    for path in list(house.rglob("*.py")):
        if path not in before:
            path.unlink()
        elif path.read_bytes() != before[path]:
            path.write_bytes(before[path])
    shutil.rmtree(house / SRC / "attic", ignore_errors=True)


def add(path: Path, lines: str) -> None:
    """Add lines to a file, which is made if there is none."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{lines}\n")


def linted(house: Path, *linter: str) -> tuple[int, str]:
    """Run a linter on the copy; return how it ended, and what it said in one line."""
    command, *flags = linter
    done = subprocess.run(
        [BIN / command, *flags],
        cwd=house,
        env={"PYTHONPATH": "src:.", "PATH": str(BIN), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    "linter", [("lint-imports", "--no-logo"), ("ruff", "check", "--no-cache")], ids=lambda one: one[0]
)
def test_the_house_as_it_is_breaks_no_rule(house: Path, linter: tuple[str, ...]):
    """
    Nothing is wrong where nothing is planted, so that what is said below is about what is planted there.
    """
    code, output = linted(house, *linter)

    assert 0 == code, output


def private_names(house: Path, files: str = "**/*.py") -> list[str]:
    """Return every private name of another file of ours that files take; linters see that between packages only."""
    return [
        f"{path.relative_to(house)}: {line.module}.{alias.name}"
        for folder in (SRC, "flows")
        for path in sorted((house / folder).glob(files))
        for line in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(line, ast.ImportFrom) and (line.module or "").partition(".")[0] in ("storyreel", "flows", "")
        for alias in line.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]


def test_a_private_name_stays_in_its_file(plant: Path):
    """
    11: a command that takes a private name of the vault is told; nothing in the house does.
    """
    assert [] == private_names(plant)

    add(plant / SRC / "cli/takes.py", "from storyreel.vault.attempts import _folder")

    assert [f"{SRC}/cli/takes.py: storyreel.vault.attempts._folder"] == private_names(plant, "cli/*.py")


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.some(4)
def test_a_rule_that_is_broken_is_told(plant: Path, planted: Planted):
    """
    One import too many: the linter ends with an error that names the rule and the line.
    """
    for name, lines in planted.lines.items():
        add(plant / name, lines)

    code, output = linted(plant, *planted.linter)

    assert 0 != code
    assert [] == [words for words in planted.expected if words not in output], output
