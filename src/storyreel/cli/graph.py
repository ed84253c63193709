"""
What is made from what, as a graph that Mermaid draws: `storyreel plan --graph mermaid`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from storyreel.model.money import dollars
from storyreel.production.outlook import Forecast, Sign

LOOKS: dict[Sign, tuple[str, str]] = {
    "+": ("buy", "fill:#fff3c4,stroke:#b58900"),
    "~": ("changed", "fill:#ffe0b2,stroke:#cb6a16"),
    "=": ("reuse", "fill:#d9f2d9,stroke:#2e7d32"),
    "!": ("trouble", "fill:#f8d7da,stroke:#b71c1c"),
    "": ("out", "fill:#eeeeee,stroke:#9e9e9e"),
}
"""Of each sign: what Mermaid calls its class, and how that looks."""


def mermaid(plans: Mapping[str, Sequence[Forecast]]) -> str:
    """
    Return the steps of plans as a flowchart: each with its sign and price, an arrow from what it is made from.

    Args:
        plans: By the names of their storyboards, of which each has a frame of its own where they are several.
    """
    lines, numbers, framed = ["flowchart LR"], count(), len(plans) > 1
    for at, (name, outlook) in enumerate(plans.items()):
        names = {each.step.id: f"s{next(numbers)}" for each in outlook}
        nodes = [f'{names[each.step.id]}["{_label(each)}"]:::{LOOKS[each.sign][0]}' for each in outlook]
        arrows = [f"{names[need]} --> {names[each.step.id]}" for each in outlook for need in each.step.needs]
        lines += [f'  subgraph b{at}["{name}"]'] if framed else []
        lines += [f"{'    ' if framed else '  '}{line}" for line in (*nodes, *arrows)]
        lines += ["  end"] if framed else []
    used = {each.sign for outlook in plans.values() for each in outlook}
    lines += [f"  classDef {name} {look}" for sign, (name, look) in LOOKS.items() if sign in used]
    return "\n".join(lines)


def _label(each: Forecast) -> str:
    price = f" {dollars(each.step.ticks)}" if each.buys else ""
    return f"{each.sign} {each.step.id}{price}".strip().replace("+", "#43;").replace("~", "#126;")
