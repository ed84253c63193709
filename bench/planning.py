"""
What it costs to know what is to be done: `storyreel check` and `plan` beside `snakemake -n` and `dvc status`, of the same graph.

    python bench/planning.py                        10, 100 and 1,000 scenes of 3 steps; about fifteen minutes on two cores
    python bench/planning.py --sizes 10,100         about three minutes
    python bench/planning.py --without-others       storyreel alone

Every scene is made and extended twice, by prompts of 300 characters; for the others a step is a rule, or a stage, that makes a file of
the one before. Each command is run three times, from start to end, in a process of its own; its least CPU seconds, user and system,
are printed, and its least wall time. "new": nothing was made yet. "made": all of it was, and nothing is to be done. The vault, and the
files, are filled here: nothing is sent. Snakemake and DVC are installed for this, in a folder that goes again.

It exits with 1 where storyreel is not ahead of both at a size, or 1,000 scenes take `plan` more than 1.5 s of CPU, or `check` more than 1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyreel.production.prepare import prepare
from storyreel.vault import Ask, Take

OTHERS = ("snakemake==9.27.1", "dvc==3.67.1", "pathspec<1")
TIMES = 3
PATIENCE_S = 600
PLAN_S, CHECK_S = 1.5, 1.0
WORDS = "the keeper climbs the stairs with a lamp in his hand while waves break on the rocks and gulls cry in the wind "


@dataclass(frozen=True)
class Row:
    """A command at a size: its least CPU and wall seconds; None where it did not end in time."""

    name: str
    scenes: int
    cpu: float | None
    wall: float


def prompt(scene: int, step: int) -> str:
    """Return a prompt of 300 characters, like no other."""
    return f"Scene {scene}, part {step}: {WORDS * 3}"[:300].strip()


def board(scenes: int) -> str:
    """Return a storyboard."""
    written = [
        f'  - id: s{number}\n    prompt: "{prompt(number, 0)}"\n    then:\n'
        + "".join(f'      - {{extend: "{prompt(number, step)}", duration: 4}}\n' for step in (1, 2))
        for number in range(scenes)
    ]
    return f"title: Planning\nbudget: 100000\ndefaults: {{duration: 6}}\nscenes:\n{''.join(written)}"


def snakefile(scenes: int) -> str:
    """Return the same as rules of Snakemake."""
    params = "".join(
        f"PROMPTS[({number}, {step})] = {prompt(number, step)!r}\n" for number in range(scenes) for step in range(3)
    )
    rules = "".join(
        f"rule step{step}:\n"
        + (f'    input: "{{n}}.{step - 1}.mp4"\n' if step else "")
        + f'    output: "{{n}}.{step}.mp4"\n'
        + f"    params: prompt=lambda wildcards: PROMPTS[(int(wildcards.n), {step})]\n"
        + '    shell: "touch {output}"\n'
        for step in range(3)
    )
    return f'PROMPTS = {{}}\n{params}rule all:\n    input: expand("{{n}}.2.mp4", n=range({scenes}))\n{rules}'


def stages(scenes: int) -> str:
    """Return the same as stages of DVC."""
    written = [
        f"  s{number}-{step}:\n    cmd: \"echo '{prompt(number, step)}' > {number}.{step}.mp4\"\n"
        + (f"    deps: [{number}.{step - 1}.mp4]\n" if step else "")
        + f"    outs: [{number}.{step}.mp4]\n"
        for number in range(scenes)
        for step in range(3)
    ]
    return f"stages:\n{''.join(written)}"


async def fill(storyboard: Path, vault: str) -> None:
    """Write into a vault what a run would have: each step of a storyboard, bought, with a clip."""
    ready = prepare(storyboard, vault=vault)
    takes: dict[str, str] = {}
    for number, step in enumerate(ready.plan.steps):
        fingerprint = step.recipe.filled(takes).fingerprint("xai")
        ask = Ask(run_id="bench", k=0)
        claim = await ready.vault.claims.claim(
            "xai", fingerprint, 1, ask=ask, recipe=step.recipe.filled(takes).model_dump(mode="json"), step=step.id,
            estimate_ticks=step.ticks, till=None, board=ready.plan.board.slug,
        )  # fmt: skip
        assert claim is not None
        takes[step.id] = f"request-{number}"
        await ready.vault.claims.answer_accepted(claim, takes[step.id])
        sha256 = await ready.vault.clips.keep_bytes(takes[step.id].encode(), ".mp4")
        end = Take(
            service="xai", request_id=takes[step.id], fingerprint=fingerprint, attempt=1, end="clip", sha256=sha256, suffix=".mp4",
            seconds=step.seconds, frames=round(24 * step.seconds), fps=24.0, has_audio=True, asked_seconds=step.seconds,
            charged_ticks=step.ticks, estimate_ticks=step.ticks,
        )  # fmt: skip
        await ready.vault.takes.end(end)


def measured(name: str, scenes: int, command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> Row:
    """Run a command some times."""
    least: list[tuple[float, float]] = []
    for _ in range(TIMES):
        before, began = os.times(), time.perf_counter()
        try:
            subprocess.run(command, cwd=folder, env=dict(env), capture_output=True, check=True, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return Row(name, scenes, None, PATIENCE_S)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{name} failed: {(error.stderr + error.stdout)[-1500:].decode()}")
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least.append((used, time.perf_counter() - began))
    return Row(name, scenes, min(cpu for cpu, _ in least), min(wall for _, wall in least))


def ours(scenes: int, folder: Path, env: Mapping[str, str]) -> list[Row]:
    """Measure storyreel."""
    storyboard = folder / "board.yaml"
    storyboard.write_text(board(scenes))
    own = {**env, "STORYREEL_VAULT": f"file:{folder / 'vault'}", "XDG_CACHE_HOME": str(folder), "XAI_API_KEY": "k"}
    words = [sys.executable, "-m", "storyreel"]
    rows = [
        measured("storyreel check", scenes, [*words, "check", storyboard], folder, own),
        measured("storyreel plan, new", scenes, [*words, "plan", storyboard], folder, own),
    ]
    asyncio.run(fill(storyboard, own["STORYREEL_VAULT"]))
    return [*rows, measured("storyreel plan, made", scenes, [*words, "plan", storyboard], folder, own)]


def others(scenes: int, folder: Path, programs: Path, env: Mapping[str, str]) -> list[Row]:
    """Measure the others, which are in the environment `programs`."""
    rules, tracked = folder / "snakemake", folder / "dvc"
    rules.mkdir()
    (rules / "Snakefile").write_text(snakefile(scenes))
    dry: list[str | Path] = [programs / "bin/snakemake", "-n", "-q", "all", "--cores", "2"]
    rows = [measured("snakemake -n, new", scenes, dry, rules, env)]
    for step in range(3):
        for number in range(scenes):
            (rules / f"{number}.{step}.mp4").write_text("made")
    rows.append(measured("snakemake -n, made", scenes, dry, rules, env))
    tracked.mkdir()
    subprocess.run([programs / "bin/dvc", "init", "--no-scm", "-q"], cwd=tracked, env=dict(env), check=True)
    (tracked / "dvc.yaml").write_text(stages(scenes))
    return [*rows, measured("dvc status, new", scenes, [programs / "bin/dvc", "status"], tracked, env)]


def installed(folder: Path) -> Path:
    """Install the others into an environment of their own, and return it."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *OTHERS], check=True, capture_output=True)
    return folder


def ahead(rows: Sequence[Row]) -> list[str]:
    """Return where storyreel is not as it has to be."""
    faults = []
    for row in (row for row in rows if row.name.startswith("storyreel")):
        behind = [
            other.name
            for other in rows
            if not other.name.startswith("storyreel")
            and other.scenes == row.scenes
            and other.cpu is not None
            and (row.cpu is None or row.cpu >= other.cpu)
        ]
        if behind:
            faults.append(f"{row.name} at {row.scenes} scenes is behind {' and '.join(behind)}")
        most = CHECK_S if "check" in row.name else PLAN_S
        if row.scenes == 1000 and (row.cpu is None or row.cpu > most):
            faults.append(f"{row.name} takes over {most} s of CPU at 1,000 scenes")
    return faults


def main() -> int:
    """Run the bench and print its table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--sizes", default="10,100,1000", help="how many scenes, with commas between them")
    flags.add_argument("--without-others", action="store_true", help="storyreel alone")
    flags.add_argument("--others", type=Path, help="the folder of an environment that has them already")
    given = flags.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as place:
        base = Path(place)
        programs = None if given.without_others else given.others or installed(base / "others")
        env = {"PATH": os.environ["PATH"], "HOME": str(base), "LANG": "C.UTF-8", "DVC_NO_ANALYTICS": "1"}
        print(f"{'':24}{'scenes':>8}{'steps':>8}{'CPU':>11}{'wall':>11}")
        for scenes in map(int, given.sizes.split(",")):
            folder = base / str(scenes)
            folder.mkdir()
            measurements = ours(scenes, folder, env)
            if programs:
                measurements += others(scenes, folder, programs, env)
            for row in measurements:
                cpu = f"over {PATIENCE_S} s" if row.cpu is None else f"{row.cpu:.2f} s"
                print(f"{row.name:24}{row.scenes:>8}{row.scenes * 3:>8}{cpu:>11}{row.wall:>9.2f} s", flush=True)
            rows += measurements
    faults = ahead(rows)
    print(*(f"does not hold: {fault}" for fault in faults), sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
