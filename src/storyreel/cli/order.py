"""
What a person asks `storyreel shoot` for, and the command that goes on from there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Order:
    """What a person asked for."""

    board: Path
    only: Sequence[str]
    redo: Sequence[str]
    vault: str | None
    out: Path | None
    budget: float | None
    sandbox: bool
    rough: bool = False
    partial: bool = False
    yes: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    variant: Sequence[str] = ()
    deliver: Sequence[str] = ()

    def command(self, redo: Iterable[str] = ()) -> str:
        """Return the command that goes on from here: the same, without what is done once, but for what `redo` names."""
        words = ["storyreel", "shoot", str(self.board)]
        given = [f"{name}={text}" for name, text in self.given.items()]
        lists = (("--only", self.only), ("--redo", redo), ("--variant", self.variant), ("--deliver", self.deliver))
        for flag, names in (*lists, ("--var", given)):
            for name in names:
                words += [flag, name]
        for flag, value in (("--vault", self.vault), ("--out", self.out), ("--budget", self.budget)):
            if value is not None:
                words += [flag, str(value)]
        switches = (("--sandbox", self.sandbox), ("--partial", self.partial))
        return shlex.join([*words, *(name for name, on in switches if on)])
