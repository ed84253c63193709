"""
Which steps ask for the same: what several ask for alike, of one plan or of several, is one purchase.

Pure: nothing is sent, read or timed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import ServiceName

Buyer = tuple[int, str]
"""Whose purchase something is: the number of a plan, and a step of it."""


class Asked(Protocol):
    """What is known of a step."""

    @property
    def step(self) -> Step:
        """The step."""

    @property
    def buys(self) -> bool:
        """Whether it is bought."""

    @property
    def request_id(self) -> str | None:
        """Its take, where it has one."""

    @property
    def fingerprint(self) -> str | None:
        """What it sends, where nothing of that is yet to be made."""


@dataclass(frozen=True)
class Unmade:
    """A step of which nothing is known: it is bought."""

    step: Step
    buys: bool = True
    request_id: str | None = None
    fingerprint: str | None = None


def buyers_of(outlooks: Sequence[Iterable[Asked]], service: ServiceName) -> tuple[Mapping[str, Buyer], ...]:
    """
    Return for each plan whose purchase each of its steps is that is bought: the step that asks for the same first.

    Args:
        outlooks: What is known of the steps of each plan, in its order.
    """
    # What a take is called: its id, or the first step that asks for it. Of what has holes a fingerprint is taken only where
    # another step has the same price, the same operation, and is made from the same.
    first_of: dict[str, Buyer] = {}
    lone: dict[tuple[object, ...], tuple[int, Step]] = {}
    names: list[dict[str, str]] = []
    buyers: list[dict[str, Buyer]] = []
    for number, outlook in enumerate(outlooks):
        called: dict[str, str] = {}
        bought: dict[str, Buyer] = {}
        names.append(called)
        buyers.append(bought)
        for each in outlook:
            step = each.step
            called[step.id] = each.request_id or f"{number} {step.id}"
            if not each.buys:
                continue
            fingerprint = each.fingerprint
            if fingerprint is None:
                key = (step.ticks, step.recipe.operation, *(called[need] for need in step.needs))
                where, other = lone.setdefault(key, (number, step))
                if other is not step:
                    first_of.setdefault(_as_named(other, names[where], service), (where, other.id))
                    fingerprint = _as_named(step, called, service)
            buyer = (number, step.id) if fingerprint is None else first_of.setdefault(fingerprint, (number, step.id))
            bought[step.id] = buyer
            called[step.id] = f"{buyer[0]} {buyer[1]}"
    return tuple(buyers)


def asked_once(plans: Sequence[Plan]) -> tuple[Step, ...]:
    """Return what some plans ask for where nothing is there yet, each request once."""
    buyers = buyers_of([map(Unmade, plan.steps) for plan in plans], "xai")
    return tuple(
        step
        for number, (plan, own) in enumerate(zip(plans, buyers, strict=True))
        for step in plan.steps
        if own[step.id] == (number, step.id)
    )


def alike(plans: Sequence[Plan], wanted: Sequence[Collection[str]]) -> tuple[frozenset[str], ...]:
    """
    Return the steps of each plan that ask for the same as one of those that are wanted, of whichever plan; these are among them.

    Args:
        wanted: Steps of each plan that are not pinned.
    """
    looked = [[Unmade(step, step.pin is None, step.pin) for step in plan.steps] for plan in plans]
    buyers = buyers_of(looked, "xai")
    meant = {own[step] for own, steps in zip(buyers, wanted, strict=True) for step in steps}
    return tuple(frozenset(step for step, buyer in own.items() if buyer in meant) for own in buyers)


def _as_named(step: Step, names: Mapping[str, str], service: ServiceName) -> str:
    """Return the fingerprint of a step whose holes are filled with what its takes are called."""
    return step.recipe.filled({need: names[need] for need in step.needs}).fingerprint(service)
