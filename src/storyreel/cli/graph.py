"""
What is made from what, as a graph that Mermaid draws: `storyreel plan --graph mermaid`.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def mermaid(outlook: Sequence[Forecast]) -> str:
    """Return the steps of a plan as a flowchart: each with its sign and price, an arrow from what it is made from."""
    names = {each.step.id: f"s{at}" for at, each in enumerate(outlook)}
    lines = ["flowchart LR"]
    for each in outlook:
        price = f" {dollars(each.step.ticks)}" if each.buys else ""
        label = f"{each.sign} {each.step.id}{price}".strip().replace("+", "#43;").replace("~", "#126;")
        lines.append(f'  {names[each.step.id]}["{label}"]:::{LOOKS[each.sign][0]}')
    lines += [f"  {names[need]} --> {names[each.step.id]}" for each in outlook for need in each.step.needs]
    used = {each.sign for each in outlook}
    lines += [f"  classDef {name} {look}" for sign, (name, look) in LOOKS.items() if sign in used]
    return "\n".join(lines)
