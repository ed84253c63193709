"""
Ways into a desk that is open, for the person who has opened it: an address for a browser, settings for their processes.
"""

from __future__ import annotations

import os
import shlex
import sys
import webbrowser
from pathlib import Path

from rich.console import Console

from storyreel.console import say
from storyreel.desk.discovery import RunningDesk, running_desk
from storyreel.desk.environment import empty_folder
from storyreel.desk.guard import address
from storyreel.desk.proxies import past_proxies
from storyreel.desk.secret import prefect_variables
from storyreel.errors import SettingsError
from storyreel.html_templates import html_template
from storyreel.settings import read_settings

PATIENCE_S = 20.0
"""How long a desk may take to answer that a person asks for: it is known to be there, and may be busy."""


def open_page(folder: Path | None, console: Console) -> int:
    """Show an address that lets a browser in once, and open it where there is a screen; return the exit code."""
    desk = _desk(folder)
    where = address(desk.secret, desk.port)
    say(console, where)
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        # A command line can be read by everybody, and the address in it be used first: so the browser is sent to a file.
        page = Path(desk.folder) / "open.html"
        page.unlink(missing_ok=True)
        with open(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(html_template("storyreel.desk", "onward").render(where=where))
        # What opens it is looked for on PATH, which may name the current folder, and that one may be a stranger's.
        os.chdir(empty_folder(Path(desk.folder)))
        webbrowser.open(page.as_uri())
    return 0


def show_settings(folder: Path | None) -> int:
    """Print the settings with which a person's own commands of Prefect reach the desk; return the exit code."""
    desk = _desk(folder)
    variables = {**prefect_variables(desk.api, desk.secret), "PREFECT_UI_URL": desk.links}
    # A shell outlives the desk, and what is believed there is not ours to say.
    del variables["PREFECT_API_SSL_CERT_FILE"]
    if any(name.lower().endswith("_proxy") for name in os.environ):
        # A proxy would be shown the desk's secret.
        env = past_proxies(os.environ)
        variables |= {name: env[name] for name in ("NO_PROXY", "no_proxy")}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _desk(folder: Path | None) -> RunningDesk:
    project = read_settings().project
    desk = running_desk(folder, PATIENCE_S, project=project)
    if desk is None:
        where = f" for {project}" if project is not None else ""
        where = f" in {folder}" if folder is not None else where
        raise SettingsError(f"no desk of yours is open{where}; open one with: storyreel studio")
    return desk
