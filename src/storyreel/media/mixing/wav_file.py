"""
Write samples as WAV, for programs that lay sound beside pictures: 24 bits, stereo, as long as they go by.
"""

from __future__ import annotations

import threading
import wave
from collections.abc import Iterable
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.media.mixing.bus_file import BYTES, in_24_bits
from storyreel.model.sound import SAMPLE_RATE

if TYPE_CHECKING:
    from storyreel.media.mixing.layers import Block

CHANNELS = 2
MOST_SAMPLES = (2**32 - 64) // (BYTES * CHANNELS)
"""A WAV says in 32 bits how long it is (Microsoft and IBM, Multimedia Programming Interface 1.0, 1991): four hours and eight minutes."""


def write_wav(blocks: Iterable[Block], to: Path, samples: int, stop: threading.Event | None = None) -> float:
    """
    Write samples down, and return by how many dB the loudest is beyond full scale: 0 where none is. What is beyond is as loud as can be.

    Args:
        samples: How many there are.
        stop: Set where nobody waits for it any more.

    Raises:
        MediaError: They are more than a WAV can say.
    """
    import numpy as np

    if samples > MOST_SAMPLES:
        hours = MOST_SAMPLES / SAMPLE_RATE / 3600
        raise MediaError(
            f"the film lasts {samples / SAMPLE_RATE / 3600:.1f} h, and a WAV holds {hours:.1f} h; export parts of it"
        )
    most = 0.0
    with wave.open(str(to), "wb") as file:
        file.setnchannels(CHANNELS)
        file.setsampwidth(BYTES)
        file.setframerate(SAMPLE_RATE)
        file.setnframes(samples)
        for block in blocks:
            if stop is not None and stop.is_set():
                break
            most = max(most, float(np.abs(block).max(initial=0.0)))
            file.writeframesraw(in_24_bits(block.tobytes(), "<f4"))
    return max(0.0, 20 * log10(most)) if most > 0 else 0.0
