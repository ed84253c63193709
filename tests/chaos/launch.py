"""
Start runs, each in a process and a process group of its own, with a blow waiting at a point if one is named.

Loading Prefect takes seconds, and a suite of kills starts dozens of runs: so this process loads it once and forks for
each order. It reads orders from its input, one JSON object a line, and answers each with one line: `begin` with the
process, `end` with how that one ended and all that it said. It stays alive when a run is killed, since each run has a
process group of its own, and several may be under way at once.
"""

import gc
import importlib
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import PIL.Image

from storyreel.cli.app import main
from storyreel.cli.prefect_run import load_flow
from storyreel.media.ffmpeg import ffmpeg_binary
from storyreel.sandbox.stage import clips as film
from tests.chaos.points import arm, careless
from tests.drawn_once import one_picture, run_once

NEEDED_LATER = (
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.ImageOps",
    "anyio._backends._asyncio",
    "av",
    "fastapi",
    "imageio_ffmpeg.binaries",
    "obstore.store",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.utilities.visualization",
    "rich._emoji_codes",
)
"""What a run loads on its way: loaded here, it is loaded once."""


def run(order: dict[str, Any]) -> None:
    """Become one run: a command of storyreel, or what Prefect's runner starts for a flow run."""
    os.setsid()
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, stands_for in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(descriptor, stands_for)
    os.chdir(order["folder"])
    os.environ.update(order["env"])
    if order["careless"]:
        careless()
    if order["point"]:
        arm(order["point"], order["blow"])
    if order["flow_run"]:
        sys.argv = ["prefect.engine", order["flow_run"]]
        runpy.run_module("prefect.engine", run_name="__main__")
    else:
        sys.argv = ["storyreel", *order["args"]]
        main()


def begin(order: dict[str, Any]) -> dict[str, Any]:
    """Fork a run, and say which process it is."""
    pid = os.fork()
    if pid:
        return {"pid": pid}
    code = 70
    try:
        run(order)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end(order: dict[str, Any]) -> dict[str, Any]:
    """Wait for a run, and say how it ended."""
    _, status = os.waitpid(order["pid"], 0)
    return {"code": os.waitstatus_to_exitcode(status), "said": Path(order["said"]).read_text(encoding="utf-8")}


def serve() -> None:
    """Take orders until there are no more."""
    load_flow()
    for name in NEEDED_LATER:
        importlib.import_module(name)
    for name, stand_in in one_picture(Path(sys.argv[1])):
        setattr(film, name, stand_in)
    for module, name, stand_in in run_once(Path(sys.argv[1])):
        setattr(module, name, stand_in)
    PIL.Image.preinit()
    ffmpeg_binary()
    # What is loaded is shared by all runs, and stays so as long as none of them looks through it for what can be swept up.
    gc.freeze()
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    print("ready", file=answers, flush=True)
    for line in orders:
        order = json.loads(line)
        print(json.dumps({"begin": begin, "end": end}[order["do"]](order)), file=answers, flush=True)


if __name__ == "__main__":
    serve()
