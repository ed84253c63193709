"""
Sounds for tests, and ears for what comes out.
"""

import wave
from pathlib import Path

import numpy as np

RATE = 48000


def tone(pitch: float, seconds: float, height: float = 0.5) -> np.ndarray:
    """Return a sine: whole samples, `height` of full scale."""
    return height * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)


def written_sound(to: Path, *channels: np.ndarray) -> Path:
    """Write channels as a WAV of 16 bits; one channel alone stands in both."""
    left, right = channels * 2 if len(channels) == 1 else channels
    with wave.open(str(to), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.stack([left, right], axis=1) * 32767).round().astype("<i2").tobytes())
    return to


def level_db(sound: np.ndarray, pitch: float) -> float:
    """Return the height of one tone within a sound, in dB of full scale."""
    window = np.hanning(len(sound))
    wave_of = np.exp(-2j * np.pi * pitch * np.arange(len(sound)) / RATE)
    return float(20 * np.log10(2 * abs((sound * window * wave_of).sum()) / window.sum() + 1e-12))
