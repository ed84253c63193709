"""
Start `storyreel`, each time in a process and a process group of its own, with a blow waiting at a point if one is named.

Loading Prefect takes seconds, and a suite of kills starts dozens of runs: so this process loads it once and forks for
each order. It reads orders from its input, one JSON object a line, and answers each with the exit status and all that
was said. It stays alive when a run is killed, since each run has a process group of its own.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from storyreel.cli import main
from storyreel.cli.shooting import load_flow
from tests.chaos.points import BLOWS, arm, careless

NEEDED_LATER = (
    "PIL.Image",
    "anyio._backends._asyncio",
    "av",
    "imageio_ffmpeg",
    "prefect.flow_engine",
    "prefect.task_engine",
)
"""What a run loads on its way: loaded here, it is loaded once."""


def run(order: dict[str, Any]) -> None:
    """Become one run of storyreel."""
    os.setsid()
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, stands_for in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(descriptor, stands_for)
    os.chdir(order["folder"])
    os.environ.update(order["env"])
    sys.argv = ["storyreel", *order["args"]]
    if order["careless"]:
        careless()
    if order["point"]:
        arm(order["point"], BLOWS[order["blow"]])
    main()


def serve() -> None:
    """Take orders until there are no more."""
    load_flow()
    for name in NEEDED_LATER:
        importlib.import_module(name)
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    print("ready", file=answers, flush=True)
    for line in orders:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                run(order)
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        told = {"code": os.waitstatus_to_exitcode(status), "said": Path(order["said"]).read_text(encoding="utf-8")}
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    serve()
