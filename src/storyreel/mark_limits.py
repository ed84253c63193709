"""
From where on something about a clip is told as a mark: seconds and levels, each under the name that a person sets it by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from storyreel.errors import SettingsError


@dataclass(frozen=True)
class MarkLimits:
    """
    From where on it is told; None: never.

    Args:
        black: Seconds of black picture.
        frozen: Seconds in which nothing moves.
        silent: Seconds without sound where sound was asked for; a clip that is shorter is told if all of it is silent.
        silent_db: What counts as no sound, in dBFS.
        clipped: Seconds of sound at its limit, in all.
        bars: Percent of height or width, of each of two black bars.
        length: Seconds by which a clip is longer or shorter than asked.
        rate: Percent by which its rate is another one.
        size: Percent by which its ratio or its shorter side is another one.
        seam: How far the picture jumps where an extension begins, in levels of 255 on an average.
    """

    black: float | None = 1.0
    frozen: float | None = 2.0
    silent: float | None = 2.0
    silent_db: float = -60.0
    clipped: float | None = 0.2
    bars: float | None = 3.0
    length: float | None = 0.25
    rate: float | None = 1.0
    size: float | None = 4.0
    seam: float | None = 10.0

    def __str__(self) -> str:
        return " ".join(f"{name}={'off' if value is None else f'{value:g}'}" for name, value in vars(self).items())


USUAL = MarkLimits()
_LEVEL = "silent_db"


def mark_limits_of(text: str, name: str) -> MarkLimits:
    """
    Return what a person sets of the limits, `black=2 frozen=off`; the rest is as usual.

    Args:
        name: The variable that holds it.

    Raises:
        SettingsError: There is no such limit, or it is no number that can be one.
    """
    limits = USUAL
    names = [field.name for field in fields(MarkLimits)]
    for word in text.replace(",", " ").split():
        which, equals, value = word.partition("=")
        if not equals or which not in names:
            raise SettingsError(f"{name}: '{word}' is no limit; write one as name=number, of: {', '.join(names)}")
        if value == "off" and which != _LEVEL:
            limits = _with(limits, which, None)
            continue
        number = _number(value)
        least, most = (-120.0, 0.0) if which == _LEVEL else (0.0, 3600.0)
        if number is None or not least <= number <= most:
            off = "" if which == _LEVEL else ", or off"
            raise SettingsError(f"{name}: {which}={value} is no number from {least:g} to {most:g}{off}")
        limits = _with(limits, which, number)
    return limits


def _with(limits: MarkLimits, name: str, value: float | None) -> MarkLimits:
    changes: dict[str, Any] = {name: value}
    return replace(limits, **changes)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
