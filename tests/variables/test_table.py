"""
The table of what storyreel reads from its environment: all of it, read in one way, described as it is.
"""

import re
from pathlib import Path

import pytest

from storyreel.cli.app import COMMANDS, app
from storyreel.desk.environment import placed
from storyreel.errors import SettingsError
from storyreel.imagine.polling import POLL_S, SANDBOX_POLL_S
from storyreel.settings import read_settings
from storyreel.variables.table import CACHE_GB, CACHE_HOME, DATA_HOME, POLL, STATE_HOME, TABLE, VAULT
from storyreel.variables.variable import Variable

ROOT = Path(__file__).parents[2]
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in ("src", "flows")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
OURS = r"(?:STORYREEL|XAI|XDG)_[A-Z]+(?:_[A-Z]+)*"
"""What a variable of the table is called."""

variables = pytest.mark.parametrize("variable", [pytest.param(each, id=each.name) for each in TABLE])


@pytest.mark.parametrize(
    "name", sorted({name for text in SOURCES.values() for name in re.findall(rf"\b{OURS}\b", text)})
)
def test_every_variable_that_the_source_names_is_in_the_table_and_on_the_page(name: str):
    """
    Nothing can be set that is not told.
    """
    assert name in {each.name for each in TABLE}
    assert f"| `{name}` |" in (ROOT / "docs/settings.md").read_text(encoding="utf-8")


def test_nobody_else_asks_the_environment_for_them():
    """
    One function reads, so that a space around a value or an empty one means the same everywhere.
    """
    name = rf"[\"']{OURS}[\"']"
    asks = re.compile(rf"(?:environ\b|getenv|\benv\.get)[^\n]*{name}|{name}[^\n]*\benviron\b")
    assert all(asks.search(text) for text in ('os.environ["XAI_API_KEY"]', '"STORYREEL_OUT" not in os.environ'))

    assert [] == [path for path, text in SOURCES.items() if asks.search(text)]


@variables
def test_an_empty_value_counts_as_unset(variable: Variable[object]):
    """
    So does one of nothing but spaces: a line of a service's file that nobody filled in.
    """
    assert variable.read({"HOME": "/h", variable.name: "  "}) == variable.read({"HOME": "/h"})


@pytest.mark.parametrize("name", ["XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "STORYREEL_ROOT"])
def test_a_relative_base_directory_counts_as_unset(name: str):
    """
    The base directory specification asks for that, and a folder of ours that is somewhere else each time holds nothing.
    """
    (variable,) = (each for each in TABLE if each.name == name)

    assert variable.read({"HOME": "/h", name: "data"}) == variable.read({"HOME": "/h"})
    assert Path("/data") == variable.read({"HOME": "/h", name: "/data"})


@variables
def test_a_meaning_is_one_sentence(variable: Variable[object]):
    """
    It has to fit into a row.
    """
    assert re.fullmatch(r"[A-Z][^.]*\.", variable.meaning)


def test_a_default_is_told_as_it_holds():
    """
    The words come from the value itself; where they cannot, they name the numbers that hold.
    """
    assert "file:~/.local/share/storyreel/vault" == VAULT.default
    assert "20" == CACHE_GB.default
    assert f"{POLL_S:g} at the real API, {SANDBOX_POLL_S:g} at the sandbox" == POLL.default


def test_the_options_of_the_table_are_those_of_the_commands():
    """
    Whoever reads that an option goes before a variable finds it there, and no other.
    """
    options = {
        (command, name, variable.name)
        for command, called in commands()
        for argument in called.assemble_argument_collection()
        for name in argument.names
        for variable in TABLE
        if variable.in_help in (argument.parameter.help or "")
    }

    assert options == {(command, each.option, each.name) for each in TABLE for command in each.commands}
    assert {name for _, _, name in options} == {each.name for each in TABLE if each.option}


def commands():
    """Yield every command with what it is called by."""
    for name in COMMANDS:
        if app[name].default_command:
            yield name, app[name]
        else:
            yield from ((f"{name} {inner}", app[name][inner]) for inner in app[name] if not inner.startswith("-"))


def test_a_file_of_the_folder_sets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A storyboard's folder may come from a stranger, who must not say where films or the key go.
    """
    monkeypatch.chdir(tmp_path)
    before = read_settings({"HOME": "/h"})
    for name in (".env", "env", "settings.toml", "pyproject.toml"):
        Path(name).write_text("STORYREEL_OUT=/stranger\nXAI_BASE_URL=https://stranger.example\n")

    assert read_settings({"HOME": "/h"}) == before


@pytest.mark.parametrize("name", [each.name for each in TABLE if each.values in ("a folder", "a file", "a TOML file")])
def test_a_relative_path_means_the_same_to_processes_that_work_elsewhere(name: str):
    """
    A desk's worker sits in an empty folder, and is told whole paths.
    """
    assert "/films/there" == placed({name: "there"}, Path("/films"))[name]


def test_a_person_without_a_home_is_told_so(monkeypatch: pytest.MonkeyPatch):
    """
    A container may run as a user whom its machine does not know; with a place of its own it needs no home.
    """

    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)

    with pytest.raises(SettingsError, match="HOME"):
        STATE_HOME.read({})
    assert Path("/state") == STATE_HOME.read({"XDG_STATE_HOME": "/state"})


@pytest.mark.parametrize("variable", [DATA_HOME, STATE_HOME, CACHE_HOME], ids=lambda each: each.name)
def test_a_place_stays_where_it_is_whatever_it_is_called(variable: Variable[Path]):
    """
    A vault that moves is empty, and everything would be bought again: a blank at the end of a folder's name is a part of it.
    """
    assert Path("/films ") == variable.read({"HOME": "/h", variable.name: "/films "})
    assert variable.read({"HOME": "/h"}) == variable.read({"HOME": "/h", variable.name: " /films"})
