"""
Layers of sound: each at its place, as loud as it is to be there.
"""

from pathlib import Path

import numpy as np
import pytest

from storyreel.media.mixing import Layer, Level, in_whole_numbers, mixed
from tests.media.sounds import RATE

SECOND = RATE


def layer(folder: Path, samples: np.ndarray, first: int = 0, count: int | None = None, **options: object) -> Layer:
    """Return a layer of these samples, in a file of floats."""
    path = folder / f"{len(list(folder.iterdir()))}.f32"
    path.write_bytes(np.repeat(samples.astype("<f4")[:, None], 2, axis=1).tobytes())
    return Layer(path, first, len(samples) if count is None else count, bits="<f4", **options)


def heard(layers: list[Layer], samples: int, ducked: tuple[tuple[int, int], ...] = ()) -> np.ndarray:
    mix = np.concatenate(list(mixed(layers, samples, ducked=ducked)))
    assert (samples, 2) == mix.shape
    assert (mix[:, 0] == mix[:, 1]).all()
    return mix[:, 0]


def decibels(sound: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(sound, 1e-9))


def test_layers_add_up_to_the_sample_wherever_blocks_end(tmp_path: Path):
    """
    Numbers that count samples, across the seconds that are mixed at a time; what goes on after its file's end is silent.
    """
    count = np.arange(3 * SECOND) / 2**20
    mix = heard([layer(tmp_path, count, 1000), layer(tmp_path, count, 30_000, 4 * SECOND)], 4 * SECOND)

    assert not mix[:1000].any()
    assert (mix[1000:30_000] == count[:29_000].astype(np.float32)).all()
    assert (mix[30_000 : 3 * SECOND] == (count[29_000 : 3 * SECOND - 1000] + count[: 3 * SECOND - 30_000])).all()
    assert not mix[3 * SECOND + 30_000 :].any()


def test_music_goes_back_to_where_it_began_in_its_file(tmp_path: Path):
    """
    To the sample, as often as it takes.
    """
    bed = np.arange(1000.0)
    mix = heard([layer(tmp_path, bed, 10, 3000, start=200, repeats=True)], 4000)

    assert not mix[:10].any()
    assert (mix[10:3010] == np.resize(bed[200:], 3000)).all()
    assert not mix[3010:].any()


def test_a_fade_is_silent_before_and_after_and_follows_a_sine(tmp_path: Path):
    """
    A handle before a rise and one after a fall are not heard; in the midst of a fade it is 3 dB down.
    """
    level = Level(gain_db=-6, begins=SECOND // 2, fade_in=SECOND, ends=4 * SECOND, fade_out=SECOND)
    mix = heard([layer(tmp_path, np.ones(5 * SECOND), level=level)], 5 * SECOND)

    assert not mix[: SECOND // 2 + 1].any()
    assert -9 == pytest.approx(decibels(mix)[SECOND], abs=0.1)
    assert np.allclose(decibels(mix[2 * SECOND : 3 * SECOND]), -6, atol=0.01)
    assert -9 == pytest.approx(decibels(mix)[7 * SECOND // 2], abs=0.1)
    assert not mix[4 * SECOND :].any()


@pytest.mark.parametrize("depth", [-6, -10, -24])
def test_music_goes_down_in_time_as_far_as_is_asked(tmp_path: Path, depth: int):
    """
    Measured on the music alone: linear in dB over 0.15 s before, down from the first sample to the last, and up over 0.4 s.
    """
    ducked = ((2 * SECOND, 3 * SECOND),)
    mix = decibels(heard([layer(tmp_path, np.ones(5 * SECOND), duck_db=depth)], 5 * SECOND, ducked))
    before, after = round(0.15 * SECOND), round(0.4 * SECOND)

    assert np.allclose(mix[: 2 * SECOND - before], 0, atol=0.01)
    assert depth / 2 == pytest.approx(mix[2 * SECOND - before // 2], abs=0.01)
    assert np.allclose(mix[2 * SECOND : 3 * SECOND], depth, atol=0.01)
    assert depth / 2 == pytest.approx(mix[3 * SECOND + after // 2], abs=0.01)
    assert np.allclose(mix[3 * SECOND + after :], 0, atol=0.01)


def test_what_does_not_duck_stays_as_it_is(tmp_path: Path):
    """
    Voices, effects, shots, and music with a `duck_db` of 0.
    """
    mix = heard([layer(tmp_path, np.ones(SECOND))], SECOND, ((0, SECOND),))

    assert (mix == 1).all()


def test_memory_is_that_of_a_block_however_long_the_film_is(tmp_path: Path):
    """
    240 clips take no more than 60.
    """
    import tracemalloc

    def peak(clips: int) -> int:
        path = layer(tmp_path, np.ones(SECOND // 4)).path
        layers = [Layer(path, at * SECOND // 4, SECOND // 4, bits="<f4") for at in range(clips)]
        tracemalloc.start()
        for _ in mixed(layers, clips * SECOND // 4):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(240) < 1.1 * peak(60)


def test_in_whole_numbers_a_film_is_what_its_mix_is(tmp_path: Path):
    """
    Whether a second is read as it is, since one clip alone is heard in it, or mixed: where two meet, overlap, are too loud
    together, fade, are ramped, or have less than they were to have.
    """
    dice = np.random.default_rng(11)

    def clip(first: int, seconds: float, **options: object) -> Layer:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.s16"
        samples = round(seconds * SECOND)
        path.write_bytes(dice.integers(-32768, 32768, (samples, 2)).astype("<i2").tobytes())
        return Layer(path, first, options.pop("samples", samples), **options)

    layers = [
        clip(0, 3.5),
        clip(round(3.5 * SECOND), 4, level=Level(fade_out=200, ends=4 * SECOND)),
        clip(7 * SECOND, 3, level=Level(gain_db=-6)),
        clip(11 * SECOND, 1.5, samples=3 * SECOND),
        clip(14 * SECOND, 3, start=SECOND, samples=2 * SECOND),
    ]
    samples = round(16.3 * SECOND)
    mix = np.concatenate(list(mixed(layers, samples)))
    wanted = np.clip(np.rint(mix * 32768), -32768, 32767).astype("<i2")
    assert wanted.tobytes() == b"".join(in_whole_numbers(layers, samples))
    assert np.abs(wanted[round(10.5 * SECOND) :]).max() > 0
