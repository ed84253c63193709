"""
What ffmpeg is told to take the sounds of a film out of their clips: many at once, since to start it costs more than a clip's sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from storyreel.media.ffmpeg_args import LIMITER, arguments, clip_input, stereo_filters
from storyreel.media.format import House
from storyreel.media.probe import Measured

TEMPO_LEAD = 512
"""
By how many samples, of those that go in, the filter `atempo` is early: a quarter of its window at 48 kHz. Measured 2026-11-27 at
speeds from 0.25 to 4.
"""


@dataclass(frozen=True)
class SoundTake:
    """
    What is taken of a clip's sound, and where to: bare stereo PCM of exactly `samples` samples, from `skipped` seconds after the
    clip's first frame on, `speed` times as fast and at its own pitch.

    It rises over `rise` samples at the beginning, at equal power with what falls meanwhile, and falls over `fall` at the end.
    """

    clip: Path
    measured: Measured
    to: Path
    samples: int
    skipped: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    rise: int = 0
    fall: int = 0


def bus_args(takes: Sequence[SoundTake], house: House) -> list[str]:
    """
    Write each of these sounds.

    Args:
        takes: Of a clip each: filters that are told the same are one to ffmpeg-python.
    """
    return arguments(ffmpeg.merge_outputs(*(_output(take, house) for take in takes)))


def _output(take: SoundTake, house: House) -> Any:
    samples, speed = take.samples, take.speed
    # Opening it decodes no picture then.
    source = clip_input(take.clip, take.measured, copyts=None, **{"skip_frame:v": "all"})
    heard = samples if speed == 1 else ceil(samples * speed)
    sound = _sound(source[str(take.measured.audio_index)], take.measured, house, skipped=take.skipped, samples=heard)
    if speed != 1:
        lead = 0.0
        for factor in _tempos(speed):
            sound = sound.filter("atempo", f"{factor:.6f}")
            lead = (lead + TEMPO_LEAD) / factor
        sound = sound.filter("adelay", f"{round(lead)}S", all=1)
        sound = sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    if take.rise:
        sound = sound.filter("afade", type="in", start_sample=0, nb_samples=take.rise, curve="qsin")
    if take.fall:
        start = samples - take.fall
        sound = sound.filter("afade", type="out", start_sample=start, nb_samples=take.fall, curve="qsin")
    return ffmpeg.output(sound, str(take.to), format="s16le", acodec="pcm_s16le")


def _tempos(speed: Fraction) -> list[float]:
    """Return the steps in which the tempo is changed: the filter keeps every sample between half and twice as fast."""
    steps = 1 if Fraction(1, 2) <= speed <= 2 else 2
    return [float(speed) ** (1 / steps)] * steps


def _sound(stream: Any, measured: Measured, house: House, *, skipped: Fraction, samples: int) -> Any:
    """
    Start the sound `skipped` seconds after the clip's first frame and make it exactly `samples` long, with silence where
    there is none.
    """
    first = round((measured.start + skipped) * house.sample_rate)
    stream = stream.filter("aresample", house.sample_rate, **{"async": 1, "first_pts": first})
    if measured.audio_channels != 2:
        for name, options in stereo_filters(measured.audio_channels):
            stream = stream.filter(name, **options)
        stream = stream.filter("alimiter", **LIMITER)
    return (
        stream.filter("aformat", sample_fmts="s16", channel_layouts="stereo")
        .filter("asetpts", "PTS-STARTPTS")
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )
