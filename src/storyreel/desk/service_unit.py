"""
A desk that is always open: a unit of systemd's for the user, written by `storyreel studio --install`.

It holds what is set for the desk, and never a key: that stands in a file that only the user can read.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from storyreel.console import say
from storyreel.desk.discovery import folder_of
from storyreel.desk.environment import placed
from storyreel.desk.first_desk import may_begin
from storyreel.desk.project_desks import remembered
from storyreel.desk.studio import NOT_AGREED, desk_folder
from storyreel.errors import SettingsError
from storyreel.files.place import place_bytes
from storyreel.files.regular import read_words
from storyreel.settings import read_settings
from storyreel.variables.table import CONFIG_HOME, TABLE

MARK = "# Written by storyreel studio --install; storyreel studio --uninstall takes it away."
"""The first line of a unit of ours: no other file is replaced or removed."""
ELSEWHERE = (
    "open the desk in a terminal that stays instead (tmux, screen), or have what starts programs here, such as launchd on macOS, run: "
    "storyreel studio"
)


def install(port: int | None, films_port: int | None, folder: Path | None, console: Console, *, yes: bool) -> int:
    """
    Write the unit of a desk, and say how it is switched on; return the exit code. In a project it is the project's desk.

    Args:
        port: For Prefect's page; None for the usual one.
        films_port: For the films.
        folder: Its own folder; None for the usual one.
        yes: Whether a project's first desk is made without asking.

    Raises:
        SettingsError: There is no systemd for users here, something else is in the unit's place, or the file for the key may be read by
            others.
    """
    _check_systemd()
    environ, here = placed(os.environ, Path.cwd()), Path.cwd()
    project = read_settings(environ).project
    unit, keys = _unit_of(project), CONFIG_HOME.read() / "storyreel" / "desk.env"
    if unit.exists() and not _is_ours(unit):
        raise SettingsError(f"{unit} is there already, and not of storyreel's; move it away")
    if keys.exists() and keys.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{keys} may be read by others, and is for keys: chmod 600 {keys}")
    if (
        project is not None
        and remembered(project) is None
        and not may_begin(project, desk_folder(None), console, yes=yes)
    ):
        return NOT_AGREED
    given = (
        ("--port", port),
        ("--films-port", films_port),
        ("--folder", None if folder is None else folder.absolute()),
    )
    words = [word for name, value in given if value is not None for word in (name, str(value))]
    root = here if project is None else project
    text = unit_text(root, [*words, *(["--yes"] if project is not None else [])], _to_hand_on(environ), keys)
    place_bytes(text.encode(), unit)
    say(console, f"{unit} is written. It is switched on, and off again, by:")
    say(console, f"  systemctl --user daemon-reload && systemctl --user enable --now {unit.name}")
    say(console, f"  systemctl --user disable --now {unit.name}")
    say(console, "So that it is open while you are not logged in:\n  loginctl enable-linger")
    say(console, f"The key stands in a file of yours alone, as XAI_API_KEY=...:\n  install -m 600 /dev/null {keys}")
    say(console, f"What it says, with the addresses of its pages:\n  journalctl --user -u {unit.name}")
    return 0


def uninstall(console: Console) -> int:
    """
    Remove the unit of a desk; return the exit code.

    Raises:
        SettingsError: There is none, it is not ours, or it is still switched on.
    """
    unit = _unit_of(read_settings().project)
    if not os.path.lexists(unit):
        raise SettingsError(f"there is no {unit}, so there is nothing to take away")
    if not _is_ours(unit):
        raise SettingsError(f"{unit} is not of storyreel's, and is left alone")
    if os.path.lexists(unit.parent / "default.target.wants" / unit.name):
        raise SettingsError(f"it is still switched on; switch it off first: systemctl --user disable --now {unit.name}")
    unit.unlink()
    say(console, f"{unit} is gone. What was made at that desk stays. Last: systemctl --user daemon-reload")
    return 0


def unit_text(root: Path, words: list[str], environ: Mapping[str, str], keys: Path) -> str:
    """
    Return the text of a unit.

    Args:
        root: The folder that the desk is opened in.
        words: What the command is called with.
        environ: What is set for it; nothing secret.
        keys: The file that its key is in.

    Raises:
        SettingsError: A path has a line break in it.
    """
    command = " ".join(
        _quoted(word).replace("$", "$$") for word in (sys.executable, "-P", "-m", "storyreel", "studio", *words)
    )
    lines = [
        MARK,
        "[Unit]",
        f"Description=storyreel's desk, {_plain(str(root))}",
        "",
        "[Service]",
        f"WorkingDirectory={_plain(str(root))}",
        f"ExecStart={command}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in environ.items()),
        f"EnvironmentFile=-{_plain(str(keys))}",
        "# A desk ends its own runs, and waits for the answers to what they have sent.",
        "KillMode=mixed",
        "TimeoutStopSec=90",
        "Restart=on-failure",
        "RestartSec=30",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _to_hand_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is set and is no secret: a desk that knew less would have another vault."""
    own = {each.name: text for each in TABLE if not each.secret and not each.ours and (text := each.text(environ))}
    return own | {name: environ[name] for name in ("PATH", "PREFECT_HOME") if environ.get(name)}


def _unit_of(project: Path | None) -> Path:
    name = "storyreel-desk" if project is None else f"storyreel-desk-{folder_of(project).name}"
    return CONFIG_HOME.read() / "systemd" / "user" / f"{name}.service"


def _is_ours(unit: Path) -> bool:
    try:
        return not unit.is_symlink() and read_words(unit).startswith(MARK)
    except (OSError, ValueError):
        return False


def _check_systemd() -> None:
    """Refuse where no systemd looks after the user's services."""
    whole = os.pathsep.join(
        place for place in os.environ.get("PATH", "").split(os.pathsep) if Path(place).is_absolute()
    )
    systemctl = shutil.which("systemctl", path=whole)
    if systemctl is None:
        raise SettingsError(f"there is no systemd here (no systemctl); {ELSEWHERE}")
    try:
        command = [systemctl, "--user", "show", "--property=Version"]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsError(f"systemctl --user does not answer ({type(error).__name__}); {ELSEWHERE}") from None
    if asked.returncode:
        why = next(_lines(asked.stderr), "it does not say why")
        raise SettingsError(f"systemd looks after no services of yours here ({why}); {ELSEWHERE}")


def _lines(text: str) -> Iterator[str]:
    yield from (line.strip()[:200] for line in text.splitlines() if line.strip())


def _plain(text: str) -> str:
    """Return a path as a unit has it, where systemd takes no quotation marks."""
    if any(letter in text for letter in "\r\n\0"):
        raise SettingsError("a path with a line break in it cannot stand in a unit; open the desk elsewhere")
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    return '"' + _plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
