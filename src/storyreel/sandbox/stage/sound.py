"""
What a sandbox clip sounds like: a quiet ambience that fits the place and the weather, made by ffmpeg's own sources.

Only filter descriptions are made here; nothing is run.
"""

from __future__ import annotations

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
