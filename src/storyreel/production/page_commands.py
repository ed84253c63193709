"""
The commands that a board's page shows, each to be pasted into a shell.
"""

from __future__ import annotations

import shlex

from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName


def shoot_command(plan: Plan, service: ServiceName, *more: str) -> str:
    """Return the command that shoots a board."""
    return shlex.join(["storyreel", "shoot", *plan.board.words, *more, *_sandbox(service)])


def pin_command(plan: Plan, service: ServiceName, step: str, number: int) -> str:
    """Return the command that writes the pin of a take into a board."""
    return shlex.join(["storyreel", "pin", *plan.board.words, step, f"t{number:02d}", *_sandbox(service)])


def judge_command(plan: Plan, service: ServiceName, flag: str, take: str) -> str:
    """Return the command that approves or rejects one still, by its request id; `flag` says which."""
    return shlex.join(["storyreel", "approve", *plan.board.words, flag, take, *_sandbox(service)])


def _sandbox(service: ServiceName) -> list[str]:
    return ["--sandbox"] if service == "sandbox" else []
