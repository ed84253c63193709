"""
Mix layers of sound: each is heard at its place, as loud as it is to be there, and what is heard together adds up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from storyreel.model.sound import DUCK_DOWN_S, DUCK_UP_S, SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Block = NDArray[np.float32]
    """Samples in two columns, left and right; 1.0 is full scale."""

BLOCK = SAMPLE_RATE
"""Samples that are mixed at a time."""
FULL_SCALE = {"<i2": 32768.0, "<f4": 1.0}


@dataclass(frozen=True)
class Level:
    """
    How loud a layer is over its samples: `gain_db`, rising along a quarter of a sine over `fade_in` samples from `begins` on, and
    falling so over `fade_out` to before `ends`. Where it fades it is silent before it begins, and after it ends.
    """

    gain_db: float = 0.0
    begins: int = 0
    fade_in: int = 0
    ends: int = 0
    fade_out: int = 0

    def over(self, first: int, count: int) -> NDArray[np.float32] | float:
        """Return what `count` samples from the layer's sample `first` on are multiplied with: one number where all are alike."""
        import numpy as np

        gain = 10 ** (self.gain_db / 20)
        rises = self.fade_in > 0 and first < self.begins + self.fade_in
        falls = self.fade_out > 0 and first + count > self.ends - self.fade_out
        if not rises and not falls:
            return gain
        at = np.arange(first, first + count)
        shape = np.full(count, gain)
        if rises:
            shape *= np.sin(np.clip((at - self.begins) / self.fade_in, 0, 1) * (np.pi / 2))
        if falls:
            shape *= np.sin(np.clip((self.ends - at) / self.fade_out, 0, 1) * (np.pi / 2))
        return shape.astype(np.float32)[:, None]


@dataclass(frozen=True)
class Layer:
    """
    Bare stereo samples in a file, heard for `samples` of them from the film's sample `first` on: those from `start` on, and, if
    it `repeats`, from the file's end on once more from there. Where the file has no more there is silence.

    `duck_db` is how far it goes down where music does; `bits` is how its samples are written.
    """

    path: Path
    first: int
    samples: int
    level: Level = Level()
    duck_db: float = 0.0
    start: int = 0
    repeats: bool = False
    bits: Literal["<i2", "<f4"] = "<i2"

    def read(self, first: int, count: int) -> Block:
        """Return `count` of its samples, the first of which is its sample `first`."""
        import numpy as np

        size = np.dtype(self.bits).itemsize * 2
        whole = self.path.stat().st_size // size - self.start
        block = np.zeros((count, 2), np.float32)
        done = 0
        while done < count and whole > 0:
            at = first + done
            at = at % whole if self.repeats else at
            part = min(count - done, whole - at)
            if part <= 0:
                break
            content = np.fromfile(self.path, self.bits, part * 2, offset=(self.start + at) * size)
            block[done : done + part] = content.reshape(-1, 2) / np.float32(FULL_SCALE[self.bits])
            done += part
        return block

    def as_it_is(self, first: int, count: int) -> bytes:
        """Return `count` of its samples as they are written in 16 bits; nothing where they are not heard as they are, or it has fewer."""
        whole = first >= 0 and first + count <= self.samples and not self.repeats and self.bits == "<i2"
        if not whole or not isinstance(gain := self.level.over(first, count), float) or gain != 1:
            return b""
        with self.path.open("rb") as samples:
            samples.seek((self.start + first) * 4)
            content = samples.read(count * 4)
        return content if len(content) == count * 4 else b""


def mixed(layers: Sequence[Layer], samples: int, *, ducked: Sequence[tuple[int, int]] = ()) -> Iterator[Block]:
    """
    Yield the samples of a film, block by block. What is too loud together is in them beyond full scale.

    Args:
        samples: How many the film has.
        ducked: Stretches of the film, each from its first sample to before its last, under which layers that duck are down: linear
            in dB over `DUCK_DOWN_S` before they begin, and up again over `DUCK_UP_S` after they end.
    """
    import numpy as np

    for at, count, heard in _blocks(layers, samples):
        block = np.zeros((count, 2), np.float32)
        for layer in heard:
            first, last = max(at, layer.first), min(at + count, layer.first + layer.samples)
            part = layer.read(first - layer.first, last - first)
            part *= layer.level.over(first - layer.first, last - first)
            if layer.duck_db and ducked:
                part *= _down(layer.duck_db, ducked, first, last)
            block[first - at : last - at] += part
        yield block


def in_whole_numbers(layers: Sequence[Layer], samples: int) -> Iterator[bytes]:
    """
    Yield the samples of a film in 16 bits, block by block, of layers that do not duck. What is too loud together is as loud as can be.

    A second in which one clip is heard, as loud as it is, is read and not reckoned: most of a film of plain cuts is like that.
    """
    import numpy as np

    for at, count, heard in _blocks(layers, samples):
        if len(heard) == 1 and (whole := heard[0].as_it_is(at - heard[0].first, count)):
            yield whole
        else:
            (block,) = mixed([replace(layer, first=layer.first - at) for layer in heard], count)
            yield np.clip(np.rint(block * np.float32(FULL_SCALE["<i2"])), -32768, 32767).astype("<i2").tobytes()


def _blocks(layers: Sequence[Layer], samples: int) -> Iterator[tuple[int, int, list[Layer]]]:
    """Yield the first sample of each block, how many it has, and the layers that are heard in it, in their order."""
    waiting = sorted(enumerate(layers), key=lambda each: each[1].first, reverse=True)
    heard: list[tuple[int, Layer]] = []
    for at in range(0, samples, BLOCK):
        count = min(BLOCK, samples - at)
        while waiting and waiting[-1][1].first < at + count:
            heard.append(waiting.pop())
        heard = sorted((each for each in heard if each[1].first + each[1].samples > at), key=lambda each: each[0])
        yield at, count, [layer for _, layer in heard]


def _down(depth_db: float, ducked: Sequence[tuple[int, int]], first: int, last: int) -> NDArray[np.float32] | float:
    """Return what samples of the film are multiplied with under what music goes down for."""
    import numpy as np

    before, after = round(DUCK_DOWN_S * SAMPLE_RATE), round(DUCK_UP_S * SAMPLE_RATE)
    near = [(begins, ends) for begins, ends in ducked if begins - before < last and first < ends + after]
    if not near:
        return 1.0
    places = [place for begins, ends in near for place in (begins - before, begins, ends, ends + after)]
    decibels = np.interp(np.arange(first, last), places, [0, depth_db, depth_db, 0] * len(near))
    return np.power(10.0, decibels / 20).astype(np.float32)[:, None]
