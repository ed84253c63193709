"""
What a sandbox clip sounds like: a quiet ambience that fits the place and the weather, made by ffmpeg's own sources.

Only filter descriptions are made here; nothing is run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

RATE = 48_000

# The chord has no tone above some hundred hertz: worked out at this rate it costs an eighth.
_CHORD_RATE = 6_000


@dataclass(frozen=True)
class Ambience:
    """
    A bed of noise and a chord over it.

    Args:
        noise: A colour that ffmpeg's `anoisesrc` knows.
        level: Of the noise, 0 to 1.
        shape: Filters that turn the noise into waves, wind, rain.
        chord: Steps above the root, in semitones.
        root: In Hz.
        chord_level: 0 to 1.
    """

    noise: str
    level: float
    shape: str
    chord: tuple[int, ...] = (0, 7, 12)
    root: float = 110.0
    chord_level: float = 0.02


AMBIENCES = {
    "sea": Ambience("brown", 0.55, "lowpass=f=1400,tremolo=f=0.14:d=0.75", (0, 7, 14), 98.0),
    "wind": Ambience("pink", 0.34, "lowpass=f=520,tremolo=f=0.2:d=0.6", (0, 5, 12), 87.3),
    "rain": Ambience("white", 0.05, "highpass=f=900,lowpass=f=6500", (0, 3, 7), 98.0),
    "storm": Ambience("brown", 0.8, "lowpass=f=1000,tremolo=f=0.25:d=0.6", (0, 1, 7), 55.0),
    "city": Ambience("brown", 0.4, "lowpass=f=360", (0, 7, 10), 73.4, 0.025),
    "forest": Ambience("pink", 0.16, "bandpass=f=900:w=900,tremolo=f=0.15:d=0.5", (0, 4, 7), 130.8),
    "room": Ambience("brown", 0.12, "lowpass=f=220", (0, 7, 16), 130.8, 0.035),
    "night": Ambience("pink", 0.08, "lowpass=f=700", (0, 7, 15), 98.0, 0.03),
}


PRESETS_HZ, OWN_HZ = 660.0, 3200.0
"""Where the tones of preset voices begin, a semitone apart, and above them those of voices of a team's own."""
VOICE_LEVEL = 0.12
VOICE_S = (0.6, 1.6)
"""How long a voice is heard, at least and at most."""


def tone_of(voice: str, presets: Sequence[str]) -> float:
    """Return the tone by which a voice is known, in Hz: each preset has one of its own, above all that an ambience has."""
    if voice.lower() in presets:
        return PRESETS_HZ * float(2 ** (presets.index(voice.lower()) / 12))
    return OWN_HZ + int.from_bytes(hashlib.sha256(voice.encode()).digest()[:4]) % 3000


def spoken(graph: list[str], under: str, tones: Sequence[float], samples: int) -> str:
    """
    Have each voice speak its tone once, one after the other; return the label of the result.

    Args:
        graph: To which filters are added.
        under: Label of what is heard beside them.
        tones: In Hz, one for each voice.
        samples: How long it is, at 48 kHz.
    """
    seconds = samples / RATE
    share = seconds / max(1, len(tones))
    lasts = min(seconds, max(VOICE_S[0], min(VOICE_S[1], 0.7 * share)))
    for number, tone in enumerate(tones):
        begins = max(0.0, min(number * share + 0.1, seconds - lasts))
        label = f"{under}v{number}"
        graph.append(
            f"sine=f={tone:.3f}:r={RATE}:d={lasts:.6f},volume={VOICE_LEVEL * 8},"
            f"afade=t=in:d=0.03,afade=t=out:st={lasts - 0.03:.6f}:d=0.03,"
            f"adelay={round(begins * RATE)}S:all=1,apad=whole_len={samples},atrim=end_sample={samples},"
            f"aformat=sample_fmts=fltp:channel_layouts=stereo[{label}s];"
            f"[{under}][{label}s]amix=inputs=2:normalize=0:duration=first[{label}]"
        )
        under = label
    return under


def ambience(kind: str, seed: int, samples: int, label: str) -> str:
    """
    Return the filters that make this many samples of stereo sound, as the stream `label`.

    Args:
        kind: A key of AMBIENCES.
        seed: Two clips of one kind differ by it.
        samples: At 48 kHz.
        label: Of the resulting stream.
    """
    bed = AMBIENCES[kind]
    root = bed.root * 2 ** ((seed % 5 - 2) / 12)
    seconds = samples / RATE

    def voice(detune: float) -> str:
        tones = [root * 2 ** (step / 12) + detune * (k + 1) for k, step in enumerate(bed.chord)]
        swell = [f"(0.6+0.4*sin({0.5 + 0.17 * k:.2f}*t+{k}))" for k in range(len(tones))]
        return f"{bed.chord_level}*({'+'.join(f'{s}*sin({t * 6.283185:.3f}*t)' for s, t in zip(swell, tones, strict=True))})"

    fade = min(0.4, seconds / 4)
    return (
        f"anoisesrc=r={RATE}:c={bed.noise}:a={bed.level}:seed={seed % 100_000}:d={seconds:.6f},{bed.shape},"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo[{label}n];"
        f"aevalsrc=exprs='{voice(0.0)}|{voice(0.35)}':s={_CHORD_RATE}:d={seconds:.6f},"
        f"aresample={RATE},aformat=sample_fmts=fltp:channel_layouts=stereo[{label}c];"
        f"[{label}n][{label}c]amix=inputs=2:normalize=0:duration=first,"
        f"afade=t=in:d={fade:.3f},afade=t=out:st={seconds - fade:.3f}:d={fade:.3f},"
        f"apad=whole_len={samples},atrim=end_sample={samples}[{label}]"
    )
