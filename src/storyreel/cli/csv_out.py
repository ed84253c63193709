"""
Tables for other programs, as comma-separated values on standard output.

What a cell begins with is never taken for a formula by a spreadsheet: such a cell gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from storyreel.model.money import TICKS_PER_USD

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula. Source: OWASP, CSV injection, read 2026-11-28."""


def print_csv(heads: Sequence[str], rows: Iterable[Sequence[str | int | Decimal]]) -> None:
    """Print a table with a line of heads. Numbers stay numbers; texts are quoted where they have to be."""
    for row in (heads, *rows):
        line = io.StringIO(newline="")
        # Of the ends of lines in a text only those are quoted that the writer ends its own lines with.
        csv.writer(line, lineterminator="\r\n").writerow(
            [
                cell(value) if isinstance(value, str) else str(value) if isinstance(value, int) else format(value, "f")
                for value in row
            ]
        )
        print(line.getvalue().removesuffix("\r\n"))


def cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet reckons with."""
    return f"'{text}" if text.startswith(FORMULA) else text


def exact_usd(ticks: int) -> Decimal:
    """Return ticks as US dollars to the tick, as a bill is added up: 0.35, 0.0000000001."""
    amount = (Decimal(ticks) / TICKS_PER_USD).normalize()
    # Cents are always there, and no exponent ever is.
    return amount.quantize(Decimal("0.01")) if amount == amount.quantize(Decimal("0.01")) else amount
