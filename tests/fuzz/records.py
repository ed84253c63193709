"""
Damaged vaults: one thing about them is wrong, and a run is begun. Whatever was sent once is not sent again.

Two vaults are made, in which the same steps have come to different ends; each case takes a copy of one, damages a record
(its bytes, its fields, its version), takes it away, or puts in its place what the other vault has there.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyreel.cli.app import run_command
from tests.fuzz.clock import Clock, run
from tests.fuzz.odd import Reply, bitten, saying, shaken
from tests.fuzz.runs import SCENE, answered_by, shoot, shown
from tests.fuzz.service import Service, Twist

MERGED = "the other vault copied"
WORDS = ("accepted", "refused", "resolved", "lost", "clip", "failed", "moderated", "expired", "spend", "settle")
COMMANDS = (("takes",), ("takes", "--json"), ("plan",), ("gc",))


def always(reply: Reply) -> Twist:
    """Return a twist that says the same whatever was asked."""
    return lambda _: reply


POLL = {
    "status": "done",
    "video": {"respect_moderation": False, "url": None},
    "usage": {"cost_in_usd_ticks": 500_000_000},
}
NO_CREDITS = saying({"code": "permission-denied", "error": "Your team has run out of credits."}, 403)
DROPPED = Reply(end="dropped")
GARBAGE = Reply(200, b"\x00\x00\x00\x18ftypmp42" + bytes(4000), (("content-type", "video/mp4"),))
STATES: Mapping[str, Mapping[str, Twist]] = {
    "good": {},
    "refused": {"submit": always(NO_CREDITS)},
    "unknown": {"submit": always(DROPPED)},
    "late": {"poll": always(saying({"status": "pending", "progress": 3}))},
    "withheld": {"poll": always(saying(POLL))},
    "failed": {"poll": always(saying({"status": "failed", "error": {"code": "invalid_argument", "message": "No."}}))},
    "expired": {"poll": always(saying({"status": "expired"}))},
    "broken": {"download": always(GARBAGE)},
    "told": {"submit": lambda sane: replace(sane, status=409)},
}
"""How a scene's request can end, and what the service says to that."""
PAIRS = (
    *(("good", "refused"), ("unknown", "refused"), ("late", "good"), ("withheld", "unknown"), ("failed", "refused")),
    *(("expired", "late"), ("broken", "good"), ("told", "refused"), ("refused", "withheld")),
)
"""How each step ended in the one vault and in the other."""


@dataclass(frozen=True)
class Vaults:
    """The two vaults, and what the service took for each: `taken` by vault, fingerprints; `jobs` by vault, its memory."""

    folder: Path
    taken: tuple[frozenset[str], frozenset[str]]
    services: tuple[Service, Service]


def board_of(folder: Path, n: int) -> Path:
    """Return the storyboard of one pair."""
    board = folder / f"odd-{n}.yaml"
    still = '    image: {prompt: "A lamp."}\n' if n % 3 == 0 else ""
    board.write_text(SCENE.replace("A lighthouse.", f"A lighthouse, {n}.") + still, encoding="utf-8")
    return board


def made(folder: Path, clock: Clock, clip: bytes, picture: bytes) -> Vaults:
    """Make the two vaults in a folder; the vault of the environment is left empty."""
    services = []
    for side in (0, 1):
        service = Service(Random(f"vault {side}"), clip, picture)
        for n, pair in enumerate(PAIRS):
            service.twists = {door: [twist] * 500 for door, twist in STATES[pair[side]].items()}
            with answered_by(service):
                run(shoot(board_of(folder, n), f"run-{n}"), clock)
        service.twists = {}
        shutil.move(folder / "vault", folder / f"vault-{side}")
        services.append(service)
    taken = [frozenset(p for p, jobs in one.posts.items() if any(jobs)) for one in services]
    return Vaults(folder, (taken[0], taken[1]), (services[0], services[1]))


def try_record(dice: Random, clock: Clock, vaults: Vaults, clip: bytes, picture: bytes) -> str:
    """
    Damage one thing about a vault and begin a run; return what is wrong then, empty if nothing is.

    Raises:
        Exception: A fault that nobody foresaw.
    """
    side = dice.randrange(2)
    vault, other = vaults.folder / "vault", vaults.folder / f"vault-{1 - side}"
    shutil.copytree(vaults.folder / f"vault-{side}", vault)
    record = dice.choice(sorted(path for path in vault.rglob("*") if path.is_file()))
    about = relation(vault, record, vaults.folder)
    what = dice.choice((*HARM[:-2], *(HARM[-2:] * 2)))(dice, record, vault, other)
    hour_ago = time.time() - 3600
    for path in vault.rglob("*"):
        os.utime(path, (hour_ago, hour_ago), follow_symlinks=False)
    former = vaults.services
    service = Service(dice, clip, picture, jobs={**former[1 - side].jobs, **former[side].jobs})
    with answered_by(service):
        ends = run(shoot(about, "later"), clock, patience_s=6 * 3600.0)
    told = f"{what} {record.relative_to(vault)}; {shown(ends)}"
    taken = vaults.taken[side]
    if what.startswith(MERGED):
        taken = evident(vault, taken | vaults.taken[1 - side])
    if again := taken & service.posts.keys():
        return f"sent again: {sorted(again)} after {told}"
    command = dice.choice(COMMANDS)
    code, words = ended((*command, *([str(about)] if command[0] != "gc" else [])))
    return f"exit 70 of {command[0]} after {told}: {words}" if code == 70 else ""


def evident(vault: Path, taken: frozenset[str]) -> frozenset[str]:
    """
    Return those that the vault still tells something of: a take, an id, a silence.

    Where one vault lies over another and both had the very same files, nobody can tell that there was a second one.
    """
    takes = {json.loads(path.read_bytes())["fingerprint"] for path in vault.glob("*/takes/*.json")}
    silent = {path.parts[-3] for path in vault.glob("*/slates/*/*/*/silence.json")}
    told = {
        path.parts[-3]
        for path in vault.glob("*/slates/*/*/*/*.json")
        if json.loads(path.read_bytes()).get("request_id") is not None
    }
    return taken & (takes | silent | told)


def ended(command: Sequence[str]) -> tuple[int, str]:
    """Run a command as a person does, in this process; return its exit code and what it said."""
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        patch.setattr(sys, "argv", ["storyreel", *command])
        warnings.simplefilter("ignore")  # the parser's own, to whoever runs it inside a test
        try:
            return run_command(), said.getvalue()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1, said.getvalue()


def relation(vault: Path, record: Path, boards: Path) -> Path:
    """Return the storyboard that a record has to do with: by its fingerprint, its take's, its run's; else the first."""
    parts = record.relative_to(vault).parts
    n = next((part.removeprefix("run-") for part in parts if part.startswith("run-")), "")
    claims = list(record.parent.parent.glob("*/claim.json"))
    if "slates" in parts and claims:
        n = json.loads(claims[0].read_bytes())["ask"]["run_id"].removeprefix("run-")
    if "takes" in parts:
        fingerprint = json.loads(record.read_bytes())["fingerprint"]
        claim = next(vault.glob(f"*/slates/*/{fingerprint}/*/claim.json"))
        n = json.loads(claim.read_bytes())["ask"]["run_id"].removeprefix("run-")
    return boards / f"odd-{n if n.isdigit() else 0}.yaml"


def _bite(dice: Random, record: Path, _: Path, __: Path) -> str:
    data = record.read_bytes()
    record.write_bytes(bitten(dice, data))
    return "bitten"


def _shake(dice: Random, record: Path, _: Path, __: Path) -> str:
    if record.suffix != ".json":
        return _bite(dice, record, _, __)
    value = json.loads(record.read_bytes())
    for _n in range(dice.choice((1, 1, 2))):
        value = shaken(dice, value)
    record.write_text(json.dumps(value), encoding="utf-8")
    return f"shaken to {json.dumps(value)[:300]}"


def _reword(dice: Random, record: Path, _: Path, __: Path) -> str:
    value: Any = json.loads(record.read_bytes()) if record.suffix == ".json" else None
    names = [name for name in ("kind", "end") if isinstance(value, dict) and name in value]
    if not names:
        return _version(dice, record, _, __)
    value[names[0]] = dice.choice(WORDS)
    record.write_text(json.dumps(value), encoding="utf-8")
    return f"reworded to {value[names[0]]}"


def _version(dice: Random, record: Path, _: Path, __: Path) -> str:
    if record.suffix != ".json":
        return _bite(dice, record, _, __)
    value = json.loads(record.read_bytes())
    value |= {"v": dice.choice((0, 2, 99, "1", 1.0, True))} | dice.choice(({}, {"new": 1}))
    record.write_text(json.dumps(value), encoding="utf-8")
    return f"of version {value['v']!r}"


def _take_away(_: Random, record: Path, vault: Path, __: Path) -> str:
    # What leaves nothing behind that could tell of it cannot be missed.
    if record.name == "claim.json" and len(list(record.parent.iterdir())) == 1:
        return "left alone"
    record.unlink()
    return "taken away"


def _replace(dice: Random, record: Path, vault: Path, __: Path) -> str:
    kin = [path for path in sorted(vault.rglob("*")) if path.is_file() and path.name == record.name and path != record]
    if not kin:
        return _bite(dice, record, vault, __)
    source = dice.choice(kin)
    record.write_bytes(source.read_bytes())
    return f"replaced by {source.relative_to(vault)}"


def _strange(dice: Random, record: Path, _: Path, __: Path) -> str:
    data = record.read_bytes()
    record.unlink()
    match dice.randrange(4):
        case 0:
            record.mkdir()
        case 1:
            record.symlink_to("nowhere")
        case 2:
            record.symlink_to(record.name)
        case _:
            record.with_name(f"{record.name}~").write_bytes(data)
            record.with_name(".DS_Store").write_bytes(b"x")
            record.write_bytes(data)
    return "no file"


def _swap(_: Random, record: Path, vault: Path, other: Path) -> str:
    theirs = other / record.relative_to(vault)
    if not theirs.is_file():
        return "left alone"
    record.write_bytes(theirs.read_bytes())
    return "that of the other vault:"


def _merge(dice: Random, _: Path, vault: Path, other: Path) -> str:
    """Copy one vault over the other, whole, or such that what is there already stays."""
    stays = dice.random() < 0.5

    def copy(source: str, to: str) -> None:
        if not (stays and Path(to).exists()):
            shutil.copyfile(source, to)

    shutil.copytree(other, vault, copy_function=copy, dirs_exist_ok=True)
    return f"{MERGED} {'under' if stays else 'over'} it:"


HARM: tuple[Callable[[Random, Path, Path, Path], str], ...] = (
    *(_bite, _bite, _bite, _shake, _shake, _shake, _shake, _reword, _version, _take_away, _replace, _strange),
    *(_swap, _merge),
)
