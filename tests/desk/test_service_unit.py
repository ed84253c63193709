"""
A desk that is always open: the unit that systemd is given, which holds no key and leaves other people's files alone.
"""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.desk.service_unit import MARK, install, uninstall
from storyreel.errors import SettingsError


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where units go, on a machine whose systemctl answers."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\necho Version=252\n")
    (tmp_path / "bin" / "systemctl").chmod(0o755)
    work = tmp_path / 'a 100% "film" $HOME'
    work.mkdir()
    monkeypatch.chdir(work)
    for name, value in {
        "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "PATH": str(tmp_path / "bin"),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "XAI_API_KEY": "xai-canary", "STORYREEL_NOTIFY": "json://canary@host", "STORYREEL_VAULT": "vault",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return tmp_path / "config" / "systemd" / "user"


def said(**how: bool) -> str:
    screen = StringIO()
    console = Console(file=screen, width=80)
    assert 0 == (uninstall(console) if how else install(None, None, None, console, yes=False))
    return screen.getvalue()


def test_a_unit_has_what_is_set_and_no_secret(systemd: Path, tmp_path: Path):
    """
    The vault is the one of this shell, by its whole path; nothing in a folder's name is a word of systemd's.
    """
    told = said()
    unit = (systemd / "storyreel-desk.service").read_text()

    assert "canary" not in unit + told
    assert f'Environment="STORYREEL_VAULT=file:{tmp_path}/a 100%% \\"film\\" $HOME/vault"' in unit
    assert f'WorkingDirectory={tmp_path}/a 100%% "film" $HOME\n' in unit
    assert f"EnvironmentFile=-{tmp_path}/config/storyreel/desk.env\n" in unit
    assert "systemctl --user enable --now storyreel-desk.service" in told
    assert "install -m 600" in told


def test_a_project_has_a_unit_of_its_own_which_is_taken_away_once_it_is_off(systemd: Path):
    """
    While it is switched on, it says what switches it off.
    """
    Path("storyreel.toml").touch()
    said()
    (unit,) = systemd.iterdir()
    (wants := systemd / "default.target.wants").mkdir()
    (wants / unit.name).symlink_to(unit)

    assert unit.name.startswith("storyreel-desk-a-100-film-home-")
    assert '"studio" "--yes"' in unit.read_text()
    with pytest.raises(SettingsError, match=f"systemctl --user disable --now {unit.name}"):
        uninstall(Console())
    (wants / unit.name).unlink()
    assert "is gone" in said(uninstall=True)
    assert not unit.exists()


def test_what_is_not_ours_is_left_alone(systemd: Path, tmp_path: Path):
    """
    A unit of the person's own, and a file of keys that others may read.
    """
    systemd.mkdir(parents=True)
    unit = systemd / "storyreel-desk.service"
    unit.write_text("[Unit]\n")
    for act in (lambda: install(None, None, None, Console(), yes=False), lambda: uninstall(Console())):
        with pytest.raises(SettingsError, match="not of storyreel's"):
            act()
    unit.write_text(MARK)
    keys = tmp_path / "config" / "storyreel" / "desk.env"
    keys.parent.mkdir()
    keys.write_text("XAI_API_KEY=xai-canary\n")
    keys.chmod(0o640)
    with pytest.raises(SettingsError, match=f"chmod 600 {keys}"):
        install(None, None, None, Console(), yes=False)


@pytest.mark.parametrize("answer", [None, "#!/bin/sh\necho Failed to connect to bus >&2; exit 1\n"])
def test_where_no_systemd_looks_after_services_it_says_what_to_do(systemd: Path, tmp_path: Path, answer: str | None):
    """
    A container, a Mac, a login without a bus.
    """
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(answer) if answer else systemctl.unlink()

    with pytest.raises(
        SettingsError, match=r"(no systemctl|Failed to connect to bus).*tmux.*launchd.*storyreel studio"
    ):
        install(None, None, None, Console(), yes=False)
    assert not systemd.exists()
