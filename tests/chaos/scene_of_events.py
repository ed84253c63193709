"""
What a test of the promise looks at: what the service received and accepted, what the vault has, and what a person does.
"""

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storyreel.media import probe

BOARD = """
title: Small
defaults: {{duration: 1, resolution: 480p}}
scenes:
  - id: coast
    image: {{prompt: "A lighthouse, {name}."}}
    prompt: "The lamp flares, {name}."
  - id: stair
    image: {{last_frame_of: coast}}
    prompt: "A stair, {name}."
  - id: endcard
    clip: endcard.mp4
    trim: {{start: 0, end: 0.5}}
"""
"""One chain of three requests, so that one is under way at a time, and own footage that has to be conformed."""
PLANNED = 3
FRAMES = 24 + 24 + 12


@dataclass(frozen=True)
class Told:
    """How a run ended: its exit status (a signal's number below zero), and what it said."""

    code: int
    said: str


@dataclass(frozen=True)
class Scene:
    """A folder with a board of its own words, so that its requests are told from all others at the same service."""

    folder: Path
    service: Path
    launcher: "subprocess.Popen[str]"
    env: dict[str, str]
    name: str = field(default="")

    def lay_out(self) -> None:
        """Write the board."""
        (self.folder / "small.yaml").write_text(BOARD.format(name=self.name), encoding="utf-8")

    def storyreel(self, *args: str, point: str = "", blow: str = "killed", careless: bool = False) -> Told:
        """Run a command of storyreel in a process of its own, to its end or to the blow; careless: without claims."""
        order = {
            "args": args,
            "env": self.env,
            "folder": str(self.folder),
            "said": str(self.folder / "said.txt"),
            "point": point,
            "blow": blow,
            "careless": careless,
        }
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        print(json.dumps(order), file=self.launcher.stdin, flush=True)
        return Told(**json.loads(self.launcher.stdout.readline()))

    def shoot(self, point: str = "", blow: str = "killed", *, careless: bool = False) -> Told:
        """Shoot the board."""
        return self.storyreel("shoot", "small.yaml", point=point, blow=blow, careless=careless)

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
        still = f"still-{fingerprint[:24]}-{attempt}"
        records = [self.folder / "vault" / "sandbox" / "takes" / f"{name}.json" for name in (request_id, still)]
        takes = [json.loads(record.read_text()) for record in records if record.exists()]
        return any(
            hashlib.sha256(clip.read_bytes()).hexdigest() == take["sha256"]
            for take in takes
            if take["end"] == "clip"
            for clip in (self.folder / "vault" / "clips").rglob(f"{take['sha256']}.*")
        )

    def frames(self) -> int:
        """Return how many frames the film has."""
        return probe(self.folder / "out" / "small" / "small.sandbox.mp4").frames

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
        claims = [json.loads(path.read_text()) for path in (self.folder / "vault").rglob("claim.json")]
        found = [f"{claim['fingerprint']}-{claim['attempt']}" for claim in claims if claim["step"] == step]
        assert len(found) == 1, f"{step} was claimed as {found}"
        return found[0]


def _fingerprint(key: str) -> str:
    return key.rpartition("-")[0]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
