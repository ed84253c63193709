"""
Which server is spoken to: the one that a person's own command `prefect` takes, but for what a folder says.
"""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from storyreel.cli.deploy import deploy
from storyreel.cli.worker import worker
from storyreel.desk.named_server import named_server, not_taken_from, server_of_folder
from storyreel.errors import SettingsError

PROFILES = """
active = "work"
[profiles.work]
PREFECT_API_URL = "https://work.example/api"
[profiles.quiet]
PREFECT_LOGGING_LEVEL = "ERROR"
"""


@pytest.mark.parametrize(
    ("told", "server"),
    [
        ({}, "https://work.example/api"),
        ({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, "http://127.0.0.1:4200/api"),
        ({"PREFECT_API_URL": " "}, "https://work.example/api"),
        ({"prefect_api_url": "http://127.0.0.1:4200/api"}, "http://127.0.0.1:4200/api"),
        ({"PREFECT_PROFILE": "quiet"}, None),
        ({"PREFECT_PROFILE": "local"}, "http://127.0.0.1:4200/api"),
        ({"PREFECT_PROFILE": "ephemeral"}, None),
        ({"PREFECT_PROFILE": "none such"}, None),
        ({"PREFECT_PROFILES_PATH": "/nowhere/profiles.toml"}, None),
    ],
)
def test_a_server_is_named_by_a_variable_or_by_a_profile(tmp_path: Path, told: dict[str, str], server: str | None):
    """
    The variable comes first; a profile names one if it is the chosen one.
    """
    (tmp_path / "profiles.toml").write_text(PROFILES)

    assert server == named_server({"PREFECT_HOME": str(tmp_path), **told})


@pytest.mark.parametrize("text", ["", "active = 7", "[profiles", 'active = "work"\n[profiles]\nwork = 3'])
def test_a_profile_file_that_says_nothing_names_nobody(tmp_path: Path, text: str):
    """
    What Prefect itself would make of it is told by Prefect.
    """
    (tmp_path / "profiles.toml").write_text(text)

    assert named_server({"PREFECT_HOME": str(tmp_path)}) is None


@pytest.mark.parametrize("kind", ["pipe", "endless", "folder"])
def test_a_profile_file_that_is_none_is_not_waited_for(tmp_path: Path, kind: str):
    """
    A pipe, a device, a folder in its place: it names nobody, and is told so at once.
    """
    place = tmp_path / "profiles.toml"
    {"pipe": os.mkfifo, "endless": lambda path: path.symlink_to("/dev/zero"), "folder": Path.mkdir}[kind](place)
    signal.alarm(5)
    try:
        assert named_server({"PREFECT_HOME": str(tmp_path)}) is None
        assert named_server({"PREFECT_PROFILES_PATH": str(place)}) is None
        assert named_server({"PREFECT_PROFILES_PATH": "~nosuchuser/profiles.toml"}) is None
    finally:
        signal.alarm(0)


@pytest.mark.parametrize(
    ("profiles", "server"),
    [
        (None, None),
        ('active = "local"\n[profiles]\n', "http://127.0.0.1:4200/api"),
        ('active = "local"\n[profiles.local]\n', None),
        ('active = "ephemeral"\n', None),
    ],
    ids=["no file", "as Prefect writes it", "a person's own", "a temporary server"],
)
def test_a_profile_that_comes_with_prefect_names_its_server(tmp_path: Path, profiles: str | None, server: str | None):
    """
    `prefect profile use local` writes its name alone, and from then on a person's commands go to the server of this machine.
    """
    if profiles is not None:
        (tmp_path / "profiles.toml").write_text(profiles)

    assert server == named_server({"PREFECT_HOME": str(tmp_path)})


@pytest.mark.parametrize("told", [{}, {"prefect_api_url": "http://x/api"}, {"PREFECT_PROFILE": "quiet"}], ids=str)
def test_what_prefect_takes_is_taken(tmp_path: Path, told: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    """
    Prefect itself, in the same surroundings, names the same server.
    """
    from prefect.settings.models.root import Settings

    (tmp_path / "profiles.toml").write_text(PROFILES)
    for name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    for name, value in {"PREFECT_HOME": str(tmp_path), **told}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    assert Settings().api.url == named_server(os.environ)


# --- what a folder says --------------------------------------------------------------------------------------------

FILES = {
    ".env": "OTHER=1\nPREFECT_API_URL=http://{}.example/api\n",
    "prefect.toml": '[api]\nurl = "http://{}.example/api"\n',
    "pyproject.toml": '[tool.prefect.api]\nurl = "http://{}.example/api"\n',
}


@pytest.mark.parametrize(
    ("there", "first"),
    [([".env", "prefect.toml", "pyproject.toml"], ".env"), (["pyproject.toml", "prefect.toml"], "prefect.toml")],
    ids=["all", "two"],
)
def test_a_folder_names_a_server_as_prefect_reads_it(
    tmp_path: Path, there: list[str], first: str, monkeypatch: pytest.MonkeyPatch
):
    """
    The same of the three files comes first.
    """
    from prefect.settings.models.root import Settings

    for file in there:
        (tmp_path / file).write_text(FILES[file].format(file.strip(".").replace(".", "-")))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    found = server_of_folder(tmp_path)

    assert found is not None
    assert first == found[1]
    assert Settings().api.url == found[0]


@pytest.mark.parametrize(
    "line",
    ["export PREFECT_API_URL='http://x/api'", 'PREFECT_API_URL = "http://x/api"', " PREFECT_API_URL=http://x/api "],
)
def test_a_line_of_dotenv_is_read_however_it_is_quoted(tmp_path: Path, line: str):
    """
    People write it as a shell takes it.
    """
    (tmp_path / ".env").write_text(f"A=b\n{line}\n")

    assert ("http://x/api", ".env") == server_of_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "[api", "api = 3", "[api]\nurl = 3", '[api]\nurl = " "', "[[api]]\nurl = 1"])
def test_a_file_that_names_no_server_is_no_matter(tmp_path: Path, text: str):
    """
    It is a stranger's, or another program's.
    """
    for file in FILES:
        (tmp_path / file).write_text(text)

    assert server_of_folder(tmp_path) is None


@pytest.mark.parametrize("command", [deploy, worker], ids=["deploy", "worker"])
@pytest.mark.parametrize("file", FILES)
def test_a_folder_gives_nobody_a_server(tmp_path: Path, file: str, command: Any, monkeypatch: pytest.MonkeyPatch):
    """
    What stands in a folder may be a stranger's: it is told, with what to type if that is what is meant, and not taken.
    """
    (tmp_path / file).write_text(FILES[file].format("stranger"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match="there is no Prefect server") as refused:
        command()

    assert f"{file} in this folder names the Prefect server http://stranger.example/api" in str(refused.value)
    assert f"PREFECT_API_URL=http://stranger.example/api storyreel {command.__name__}" in str(refused.value)


@pytest.mark.parametrize(
    ("taken", "environ", "told"),
    [
        ("http://work.example/api", {}, True),
        ("http://folder.example/api/", {}, False),
        ("http://work.example/api", {"PREFECT_API_URL": "http://work.example/api"}, False),
    ],
    ids=["another", "the same", "said by variable"],
)
def test_who_goes_elsewhere_than_prefect_would_is_told(tmp_path: Path, taken: str, environ: dict[str, str], told: bool):
    """
    Somebody whose project has its server in a file would else wonder where their deployments are.
    """
    (tmp_path / "prefect.toml").write_text(FILES["prefect.toml"].format("folder"))

    assert told == bool(not_taken_from(tmp_path, taken, "deploy", environ))


def test_what_a_folder_says_is_shown_as_an_address_and_no_more(tmp_path: Path):
    """
    A password is not shown, what moves the cursor is no address, and nothing ends the line that is to be typed.
    """
    (tmp_path / ".env").write_text("PREFECT_API_URL=http://me:canary@x/a;rm?canary\n")
    told = not_taken_from(tmp_path, None, "deploy", {})
    (tmp_path / ".env").write_text("PREFECT_API_URL=http://x/a\x1b[2J\n")

    assert "" == not_taken_from(tmp_path, None, "deploy", {})
    assert "PREFECT_API_URL='http://x/a;rm' storyreel" in told
    assert "canary" not in told
