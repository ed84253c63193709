"""
A server of one's own, as the README sets it up: each line as it stands there, in an empty folder.
"""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

README = Path(__file__).parents[2] / "README.md"
WORKER = "storyreel worker\n"


def block(port: int) -> str:
    """Return the commands of the README up to the worker, on a port that is free here."""
    _, _, text = README.read_text(encoding="utf-8").partition("On a server of your own")
    shown = re.search(r"```console\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    commands = re.sub(r"^\$ ", "", shown[1], flags=re.MULTILINE)
    assert commands.endswith(WORKER)
    return commands.removesuffix(WORKER).replace("4200", str(port))


@pytest.mark.parametrize("at_a_terminal", [False, True], ids=["script", "terminal"])
def test_the_block_for_a_server_of_ones_own_runs_as_it_stands(tmp_path: Path, at_a_terminal: bool):
    """
    Nothing is asked, nothing is called before it answers, and all deployments are there at the end.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    env = {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PREFECT_SERVER_API_PORT": str(port),
        "TERM": "xterm",
    }
    ours, theirs = pty.openpty()
    stdin = theirs if at_a_terminal else subprocess.DEVNULL
    with (tmp_path / "told.txt").open("w") as told:
        done = subprocess.run(
            ["bash", "-ec", f"{block(port)}prefect deployment ls; kill -INT $!; wait $! || true"],
            cwd=tmp_path / "work",
            env=env,
            stdin=stdin,
            # A terminal is what Prefect sees where it asks and where it writes.
            stdout=theirs if at_a_terminal else told,
            stderr=subprocess.STDOUT,
            timeout=400,
            check=False,
        )
    os.close(theirs)
    screen = (tmp_path / "told.txt").read_text() or os.read(ours, 1 << 20).decode()
    os.close(ours)

    assert 0 == done.returncode, screen
    assert all(name in screen for name in ("sequence/sequence-rehearsal", "dailies/dailies"))
    assert "Traceback" not in screen
