"""
Make what tram.yaml brings along, `python storyboards/tram/media.py`: pictures and a clip, with the sandbox's brush; and, out of sines and
noise, a bed of music that can be repeated, a voice that hums a sentence, and the bell of a tram.
"""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from storyreel.sandbox.stage.camera import Stage, flatten, run
from storyreel.sandbox.stage.clips import RATE, ambience
from storyreel.sandbox.stage.scenery import paint_scene

HERE = Path(__file__).parent
PICTURES = {
    "hill.jpg": ("A village below a mountain at dusk.", (1920, 1080)),
    "poster.jpg": ("A tram in a city street at night, a woman in a yellow raincoat under the moon.", (1000, 1000)),
}
PHONE = "A city street at night in rain, a bus passes."
SAMPLES = 48000
BEAT_S = 0.5
CHORDS = ((57, 60, 64, 69), (53, 57, 60, 65), (48, 55, 60, 64), (52, 56, 59, 64))
"""Bars of the music, in four beats each, as MIDI notes: A minor, F, C, E."""
SYLLABLES = (
    (0.34, 118, 700, 1200),
    (0.24, 132, 400, 2000),
    (0.3, 124, 500, 900),
    (0.22, 140, 350, 2200),
    (0.6, 104, 650, 1100),
)
"""What is hummed: seconds, Hz of the voice, and the first two formants of its vowel."""


def seconds(length: float) -> np.ndarray:
    """Return the time of each sample."""
    return np.arange(round(length * SAMPLES)) / SAMPLES


def plucked(note: int, length: float) -> np.ndarray:
    """Return a string that is plucked: partials, the higher the sooner gone."""
    at, pitch = seconds(length), 440 * 2 ** ((note - 69) / 12)
    partials = (np.sin(2 * np.pi * pitch * k * at) * np.exp(-at * (1.5 + 1.2 * k)) / k for k in range(1, 7))
    return np.sum(list(partials), axis=0) * np.minimum(1, at / 0.004)


def music() -> np.ndarray:
    """Return four bars; what still sounds at their end goes on at their beginning, so that they can be repeated."""
    bed = np.zeros(round(len(CHORDS) * 4 * BEAT_S * SAMPLES))
    for bar, (root, *upper) in enumerate(CHORDS):
        for beat, notes in enumerate(((root - 12, root), (upper[0], upper[1]), (upper[2],), (upper[1], upper[0]))):
            first = round((bar * 4 + beat) * BEAT_S * SAMPLES)
            for note in notes:
                sound = plucked(note, 1.6)
                bed[(first + np.arange(len(sound))) % len(bed)] += sound
    return 0.5 * bed / np.abs(bed).max()


def voice() -> np.ndarray:
    """Return a sentence that is hummed: vowels of a deep voice."""
    spoken = []
    for length, pitch, *formants in SYLLABLES:
        at = seconds(length)
        sound = np.zeros(len(at))
        for k in range(1, 30):
            near = sum(1 / (1 + ((k * pitch - formant) / 120) ** 2) for formant in formants)
            sound += (near + 0.02) / k**0.5 * np.sin(2 * np.pi * k * pitch * at * (1 - 0.06 * at))
        spoken += [sound * np.sin(np.pi * at / length) ** 0.5, np.zeros(round(0.04 * SAMPLES))]
    hummed = np.concatenate(spoken)
    return 0.5 * hummed / np.abs(hummed).max()


def bell() -> np.ndarray:
    """Return two strokes of a small bell."""
    at = seconds(1.6)
    ring = sum(
        np.sin(2 * np.pi * pitch * at) * np.exp(-at * fall)
        for pitch, fall in ((1480, 4), (2960, 6), (4220, 9), (6100, 14))
    )
    again = np.concatenate([np.zeros(round(0.28 * SAMPLES)), ring])[: len(ring)]
    return 0.4 * (ring + again) / np.abs(ring + again).max()


def main() -> None:
    """Make all of it."""
    for name, sound in (("bed", music()), ("voice", voice()), ("bell", bell())):
        with TemporaryDirectory() as folder:
            raw = Path(folder) / "raw.s16"
            raw.write_bytes(np.rint(sound * 32767).astype("<i2").tobytes())
            bare = ["-f", "s16le", "-ar", str(SAMPLES), "-ac", "1", "-i", str(raw)]
            run([*bare, "-c:a", "aac", "-b:a", "56k", "-fflags", "+bitexact", str(HERE / f"{name}.m4a")])
    for name, (words, (width, height)) in PICTURES.items():
        scene = paint_scene(words, width, height, 1)
        flatten(scene.backdrop, scene.layers, 0).convert("RGB").save(HERE / name, "JPEG", quality=78, optimize=True)
    with TemporaryDirectory() as folder:
        raw = Path(folder) / "phone.mp4"
        frames = 84
        scene = paint_scene(PHONE, 432, 768, frames)
        with Stage(Fraction(30)) as stage:
            video = stage.scene(scene.backdrop, scene.layers)
            stage.graph.append(ambience(scene.sound, scene.seed, frames * RATE // 30, "heard"))
            stage.shoot(video, "heard", frames, raw)
        encode = [
            "-c:v",
            "libx264",
            "-preset",
            "slow",
            "-crf",
            "31",
            "-c:a",
            "aac",
            "-b:a",
            "64k",
            "-movflags",
            "+faststart",
        ]
        run(["-i", str(raw), *encode, str(HERE / "phone.mp4")])


if __name__ == "__main__":
    main()
