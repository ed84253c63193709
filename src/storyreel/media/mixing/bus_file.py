"""
Write down what a film's sound is before it is encoded: for who is handed sound as PCM.

Whole numbers of 24 bits hold the mix of a film whose sounds are as they are (16 bits) to the last bit, and the mix in floats of any
other as finely as floats near full scale do: nothing is dithered, and nothing is decoded from AAC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

BYTES = 3
"""Of a sample in one channel."""


def written_down(pieces: Iterable[bytes], bits: Literal["<i2", "<f4"], to: Path) -> Iterator[bytes]:
    """
    Hand samples through as they are, and write each down in 24 bits as it goes by.

    Args:
        bits: How they are written: whole numbers of 16 bits, or floats of which 1.0 is full scale.
    """
    with to.open("wb") as file:
        for piece in pieces:
            file.write(in_24_bits(piece, bits))
            yield piece


def in_24_bits(samples: bytes, bits: Literal["<i2", "<f4"]) -> bytes:
    """Return samples as whole numbers of 24 bits; what is beyond full scale is as loud as can be."""
    import numpy as np

    if bits == "<i2":
        whole = np.frombuffer(samples, "<i2").astype("<i4") << 8
    else:
        exact = np.rint(np.frombuffer(samples, "<f4").astype(np.float64) * (1 << 23))
        whole = np.clip(exact, -(1 << 23), (1 << 23) - 1).astype("<i4")
    return whole.view("u1").reshape(-1, 4)[:, :BYTES].tobytes()
