"""
A service whose every frame carries its number in the story: an extension reads the last number that was fed to it, and counts on.

So whatever was fed, cut, joined or rendered on the way, a film whose numbers run through has lost no frame and shows none twice.
"""

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from storyreel.media import ffmpeg_binary
from storyreel.sandbox.stage.clips import Shot

WIDTH, HEIGHT = 160, 96
ACROSS, DOWN = 4, 3
"""A number has twelve bits: a box each, light or dark."""
SIZES = f'[size."480p"]\nshort = {HEIGHT}\n"16:9" = [{WIDTH}, {HEIGHT}]\n'
"""A catalogue in which clips are as small as these."""

Picture = NDArray[np.uint8]


def drawn(number: int) -> Picture:
    """Return a picture that carries a number."""
    bits = [number >> place & 1 for place in range(ACROSS * DOWN)]
    light = np.array([200 if bit else 40 for bit in bits], np.uint8).reshape(DOWN, ACROSS)
    return light.repeat(HEIGHT // DOWN, axis=0).repeat(WIDTH // ACROSS, axis=1)


def read(picture: Picture) -> int:
    """Return the number that a picture carries; -1 where a box is neither light nor dark."""
    boxes = picture.reshape(DOWN, HEIGHT // DOWN, ACROSS, WIDTH // ACROSS)[:, 8:-8, :, 8:-8]
    light = boxes.mean(axis=(1, 3)).reshape(-1)
    return (
        -1 if ((80 < light) & (light < 160)).any() else int(sum(1 << at for at, each in enumerate(light) if each > 120))
    )


def numbers(clip: Path) -> list[int]:
    """Return the numbers of all frames of a clip, in the order in which they are shown."""
    with av.open(str(clip)) as reader:
        return [read(frame.to_ndarray(format="gray")[:HEIGHT, :WIDTH]) for frame in reader.decode(video=0)]


def film(shown: Sequence[int], to: Path, rate: Fraction | int = 24) -> None:
    """Write a clip of these numbers: one long group of pictures, as a service may send it, with a tone."""
    source = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(rate), "-i", "pipe:")
    tone = ("-f", "lavfi", "-t", str(float(len(shown) / Fraction(rate))), "-i", "sine=440:r=48000")
    encoder = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2")
    subprocess.run(
        [ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *source, *tone, *encoder, "-f", "mp4", str(to)],
        input=b"".join(drawn(number).tobytes() for number in shown),
        check=True,
        timeout=60,
    )


def from_words(shot: Shot, to: Path) -> None:
    """Stand in for a clip from words: its frames are counted from 0."""
    film(range(shot.frames), to)


def extended(_: str, source: Path, seconds: float, to: Path, __: bool | None = None) -> None:
    """Stand in for an extension: what was fed, and as many frames more, counted on."""
    fed = numbers(source)
    film([*fed, *range(fed[-1] + 1, fed[-1] + 1 + round(seconds * 24))], to)
