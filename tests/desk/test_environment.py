"""
What the processes of a desk are told: the server holds no key, proxies are past, and nothing relative is left.
"""

import os
from pathlib import Path

import pytest

from storyreel.desk.environment import empty_folder, placed, server_environment, worker_environment
from storyreel.errors import SettingsError

PERSONS = {
    "HOME": "/home/mira",
    "PATH": "/usr/bin",
    "XAI_API_KEY": "xai-key",
    "AWS_SECRET_ACCESS_KEY": "aws-key",
    "GITHUB_TOKEN": "gh-key",
    "PREFECT_API_KEY": "pnu-key",
    "PREFECT_API_URL": "https://another.example/api",
    "PREFECT_HOME": "/home/mira/.prefect",
    "PREFECT_PROFILE": "cloud",
    "prefect_logging_config_path": "l.yml",
    "PREFECT_LOGGING_CONFIG_PATH": "l.yml",
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_WORKER_QUERY_SECONDS": "7",
    "PREFECT_TASKS_DEFAULT_RETRIES": "5",
    "PYTHONPATH": os.pathsep.join(["", ".", "libs", "/opt/libs"]),
    "PYTHONSTARTUP": "/home/mira/start.py",
    "PYTHONINSPECT": "1",
    "HTTPS_PROXY": "http://proxy.example:8080",
    "SSL_CERT_FILE": "authorities.pem",
}
DESK = Path("/desk")


def test_a_server_holds_no_key_and_reaches_nobody():
    """
    It is told what is on a list, whatever else the person has.
    """
    env = server_environment(PERSONS, DESK)

    assert not [name for name, value in env.items() if "key" in value]
    assert not [name for name in env if name.upper().endswith("_PROXY") and name.upper() != "NO_PROXY"]
    assert ("*", "*") == (env["NO_PROXY"], env["no_proxy"])
    assert ("/desk", "DEBUG") == (env["PREFECT_HOME"], env["PREFECT_LOGGING_LEVEL"])


def test_a_worker_has_the_key_and_what_calls_the_service_needs():
    """
    The runs that it starts buy and keep, so it has what a person has told storyreel and other libraries.
    """
    env = worker_environment(PERSONS, DESK, Path("/films"), "http://127.0.0.1:4200/api")

    assert ("xai-key", "aws-key") == (env["XAI_API_KEY"], env["AWS_SECRET_ACCESS_KEY"])
    assert "http://proxy.example:8080" == env["HTTPS_PROXY"]
    assert "/films/authorities.pem" == env["SSL_CERT_FILE"]
    assert "/films" == env["STORYREEL_ROOT"]
    assert ("http://127.0.0.1:4200/api", "7") == (env["PREFECT_API_URL"], env["PREFECT_WORKER_QUERY_SECONDS"])


@pytest.mark.parametrize("whose", ["server", "worker"])
def test_what_a_person_has_set_for_other_work_is_left_behind(whose: str):
    """
    Another server's key, profile and home, a logging configuration in whatever spelling, retries for every task, Python's
    start file: none of it is a desk's; and where Python looks for modules, only whole paths are.
    """
    desk = server_environment(PERSONS, DESK)
    if whose == "worker":
        desk = worker_environment(PERSONS, DESK, Path("/films"), "http://127.0.0.1:4200/api")
    ours = {name: value for name, value in desk.items() if name.upper().startswith(("PREFECT_", "PYTHON"))}
    theirs = {"PREFECT_API_KEY", "PREFECT_PROFILE", "PREFECT_TASKS_DEFAULT_RETRIES"}

    assert not theirs & {name.upper() for name in ours}
    assert {"PYTHONPATH": "/opt/libs", "PYTHONSAFEPATH": "1"} == {
        n: v for n, v in ours.items() if n.startswith("PYTHON")
    }
    assert "/desk/empty/profiles.toml" == ours["PREFECT_PROFILES_PATH"]
    assert "/desk/empty/logging.yml" == ours["PREFECT_LOGGING_CONFIG_PATH"]


@pytest.mark.parametrize("name", ["STORYREEL_CATALOG", "STORYREEL_OUT", "STORYREEL_SANDBOX", "SSL_CERT_FILE", "NETRC"])
@pytest.mark.parametrize(
    ("told", "meant"), [("own", "/films/own"), ("/whole/own", "/whole/own"), ("", ""), ("../own", "/films/../own")]
)
def test_a_relative_place_is_in_the_persons_folder(name: str, told: str, meant: str):
    """
    Our processes work elsewhere, and mean the same place.
    """
    assert {name: meant} == placed({name: told}, Path("/films"))


@pytest.mark.parametrize(
    ("name", "told", "meant"),
    [
        ("STORYREEL_VAULT", "vault", "file:/films/vault"),
        ("STORYREEL_VAULT", "file:vault", "file:/films/vault"),
        ("STORYREEL_VAULT", "file:///whole/vault", "file:/whole/vault"),
        ("STORYREEL_VAULT", "s3://bucket/prefix", "s3://bucket/prefix"),
        ("STORYREEL_VAULT", "file:", "file:"),
        ("STORYREEL_VAULT", "~/vault", "~/vault"),
        ("STORYREEL_FFMPEG", "ffmpeg7", "ffmpeg7"),
        ("STORYREEL_FFMPEG", "bin/ffmpeg", "/films/bin/ffmpeg"),
    ],
)
def test_what_is_no_relative_path_stays(name: str, told: str, meant: str):
    """
    A bucket is nowhere on this machine, and a command is looked for where commands are.
    """
    assert {name: meant} == placed({name: told}, Path("/films"))


def test_the_folder_to_work_in_is_empty_and_closed_to_others(tmp_path: Path):
    """
    It is made with the desk, and found again; a wider one is closed.
    """
    made = empty_folder(tmp_path / "desk")
    made.chmod(0o777)
    again = empty_folder(tmp_path / "desk")

    assert made == again
    assert [0o700, 0o700] == [folder.stat().st_mode & 0o777 for folder in (made, made.parent)]


def test_a_folder_with_something_in_it_is_not_worked_in(tmp_path: Path):
    """
    Whoever opens a desk in a stranger's folder is told, and nothing there is read.
    """
    folder = tmp_path / "desk" / "empty"
    folder.mkdir(parents=True)
    (folder / "prefect.toml").write_text("[logging]\nconfig_path = 'trap.yml'\n")
    with pytest.raises(SettingsError, match=r"empty has 'prefect.toml' in it, and has to be empty"):
        empty_folder(tmp_path / "desk")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "empty").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="is no folder of yours"):
        empty_folder(tmp_path / "other")
