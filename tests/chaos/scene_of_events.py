"""
What a test of the promise looks at: what the service received and accepted, what the vault has, and what a person does.
"""

import hashlib
import itertools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from storyreel.media import probe
from tests.chaos.points import GO_ON, REACHED
from tests.desk import ordered
from tests.vault.hands import Hands

BOARD = """
title: Small
defaults: {{duration: 1, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    model: grok-imagine-video-1.5
    image: {{prompt: "A lighthouse, {name}."}}
    voices: [eve]
    prompt: "The lamp flares, {name}."
  - id: stair
    model: grok-imagine-video-1.5
    image: {{last_frame_of: coast}}
    keyframes: [{{image: {{frame_of: coast, at: 0.5}}, at: 0.667}}]
    last_frame: {{frame_of: coast, at: 0}}
    prompt: "A stair, {name}."
  - id: endcard
    clip: endcard.mp4
    trim: {{start: 0, end: 0.5}}
"""
"""One chain of three requests, so that one is under way at a time, and own footage that has to be conformed."""
DELIVERED = """deliver:
  vertical: {aspect_ratio: "9:16", order: [stair]}
  wide: {aspect_ratio: "16:9", order: [coast]}
"""
"""Two more films of the same clips."""
PLANNED = 3
FRAMES = 24 + 24 + 12


@dataclass(frozen=True)
class Told:
    """How a run ended: its exit status (a signal's number below zero), and what it said."""

    code: int
    said: str


@dataclass(frozen=True)
class Run:
    """A run that is under way: the process that leads its group, and where all that it says is written."""

    pid: int
    said: str

    def strike(self, blow: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        os.killpg(self.pid, blow)


@dataclass(frozen=True)
class Scene:
    """A folder with a board of its own words, so that its requests are told from all others at the same service."""

    folder: Path
    service: Path
    launcher: "subprocess.Popen[str]"
    env: dict[str, str]
    vault: Hands
    name: str = field(default="")
    _runs: Iterator[int] = field(default_factory=itertools.count)

    def lay_out(self, more: str = "") -> None:
        """Write the board, with more below it."""
        (self.folder / "small.yaml").write_text(BOARD.format(name=self.name) + more, encoding="utf-8")

    # --- runs

    def begin(self, *args: str, point: str = "", blow: str = "", careless: bool = False, **more: Any) -> Run:
        """Start a command of storyreel in a process of its own, with a blow at a point; careless: without claims."""
        said = str(self.folder / f"said-{next(self._runs)}.txt")
        order = {"args": args, "env": self.env, "folder": str(self.folder), "said": said, "flow_run": ""}
        order |= {"point": point, "blow": blow or "killed", "careless": careless, **more}
        return Run(ordered(self.launcher, "begin", **order)["pid"], said)

    def end(self, run: Run) -> Told:
        """Wait until a run has ended."""
        return Told(**ordered(self.launcher, "end", **asdict(run)))

    def storyreel(self, *args: str, point: str = "", blow: str = "", careless: bool = False) -> Told:
        """Run a command of storyreel to its end, or to the blow."""
        return self.end(self.begin(*args, point=point, blow=blow, careless=careless))

    def shoot(self, point: str = "", blow: str = "", *, careless: bool = False) -> Told:
        """Shoot the board."""
        return self.storyreel("shoot", "small.yaml", point=point, blow=blow, careless=careless)

    # --- a run that is held at its point

    def reached(self) -> bool:
        """Whether the run has come to where it is held."""
        return (self.folder / REACHED).exists()

    def go_on(self) -> None:
        """Let it go on."""
        (self.folder / GO_ON).touch()

    # --- what the service knows

    def posts(self) -> list[dict[str, Any]]:
        """Return every POST of this board that the service has received, in order."""
        return [post for post in _lines(self.service / "posts.jsonl") if self.name in (post.get("prompt") or "")]

    def accepted(self) -> dict[str, str]:
        """Return what the service has accepted of this board: idempotency key -> request id."""
        ours = {post["idempotency_key"] for post in self.posts()}
        lines = _lines(self.service / "accepted.jsonl")
        return {line["idempotency_key"]: line["request_id"] for line in lines if line["idempotency_key"] in ours}

    def sent_again(self) -> int:
        """
        Return how many POSTs came for something that the service had accepted, or not answered, before.

        Nothing is refused here, so every POST but the first of its fingerprint is one.
        """
        fingerprints = [_fingerprint(post["idempotency_key"]) for post in self.posts()]
        return len(fingerprints) - len(set(fingerprints))

    # --- what the vault has

    def unknown(self) -> list[str]:
        """Return the steps whose answers are lost, as `storyreel takes` tells them."""
        told = self.storyreel("takes", "small.yaml", "--json")
        assert told.code == 0, told.said
        return [take["step"] for take in json.loads(told.said)["takes"] if take["state"] == "unknown"]

    def lost_clips(self) -> list[str]:
        """Return the requests that the service accepted and whose clip is not whole in the vault."""
        return [key for key, request_id in self.accepted().items() if not self._has(key, request_id)]

    def _has(self, key: str, request_id: str) -> bool:
        fingerprint, _, attempt = key.rpartition("-")
        records = [f"sandbox/takes/{name}.json" for name in (request_id, f"still-{fingerprint[:24]}-{attempt}")]
        there = self.vault.names("sandbox/takes")
        takes = [json.loads(self.vault.read(record)) for record in records if record in there]
        return any(
            hashlib.sha256(self.vault.read(clip)).hexdigest() == take["sha256"]
            for take in takes
            if take["end"] == "clip"
            for clip in self.vault.names("clips")
            if clip.rpartition("/")[2].startswith(take["sha256"])
        )

    def frames(self, delivery: str = "") -> int:
        """Return how many frames the film has, or that of a delivery."""
        name = f"small.{delivery}.sandbox.mp4" if delivery else "small.sandbox.mp4"
        return probe(self.folder / "out" / "small" / name).frames

    # --- what a person does

    def resolve(self, step: str) -> None:
        """Look into the service's list for a request whose answer was lost, and say what became of it."""
        key = self.key_of(step)
        request_id = self.accepted().get(key)
        if request_id is None:
            assert key not in [post["idempotency_key"] for post in self.posts()]
            word = ["--lost"]
        elif step.endswith("/still"):
            word = ["--file", str(self.service / "media" / f"{request_id}.jpeg")]
        else:
            word = ["--request-id", request_id]
        told = self.storyreel("resolve", "small.yaml", step, *word)
        assert told.code == 0, told.said

    def key_of(self, step: str) -> str:
        """Return the idempotency key under which a step was claimed."""
        found = [f"{claim['fingerprint']}-{claim['attempt']}" for claim in self._claims() if claim["step"] == step]
        assert len(found) == 1, f"{step} was claimed as {found}"
        return found[0]

    def claimed(self) -> list[str]:
        """Return the steps that were claimed, as whoever claimed them calls them."""
        return [claim["step"] for claim in self._claims()]

    def _claims(self) -> list[dict[str, Any]]:
        names = [name for name in self.vault.names("sandbox/slates") if name.endswith("/claim.json")]
        return [json.loads(self.vault.read(name)) for name in names]


def _fingerprint(key: str) -> str:
    return key.rpartition("-")[0]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
