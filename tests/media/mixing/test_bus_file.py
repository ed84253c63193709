"""
What a film sounds like is written down as it goes into its encoder, in whole numbers of 24 bits.
"""

from pathlib import Path

import numpy as np
import pytest

from storyreel.media.mixing import finish
from storyreel.media.mixing.bus_file import in_24_bits, written_down
from tests.media.sounds import RATE, tone


def whole(content: bytes) -> list[int]:
    return [int.from_bytes(content[at : at + 3], "little", signed=True) for at in range(0, len(content), 3)]


def test_samples_of_sixteen_bits_stay_exactly_what_they_are():
    """
    Eight bits of nothing stand below each.
    """
    samples = np.array([0, 1, -1, 32767, -32768], "<i2")

    assert [0, 256, -256, 32767 * 256, -(1 << 23)] == whole(in_24_bits(samples.tobytes(), "<i2"))


def test_floats_are_rounded_to_the_nearest_and_never_turn_over():
    """
    What is beyond full scale is as loud as can be.
    """
    samples = np.array([0, 0.5, -0.5, 1, -1, 7, -7, 0.6 / (1 << 23)], "<f4")

    most, least = (1 << 23) - 1, -(1 << 23)
    assert [0, 1 << 22, -(1 << 22), most, least, most, least, 1] == whole(in_24_bits(samples.tobytes(), "<f4"))


def test_what_is_encoded_goes_by_as_it_is(tmp_path: Path):
    """
    The file has all of it once it has gone by.
    """
    pieces = [bytes(range(8)), bytes(range(8, 16))]

    assert pieces == list(written_down(pieces, "<i2", tmp_path / "bus"))
    assert 24 == (tmp_path / "bus").stat().st_size


@pytest.mark.parametrize("loudness", [None, -20])
async def test_a_film_of_a_loudness_is_written_down_as_loud_as_it_is_encoded(tmp_path: Path, loudness: float | None):
    """
    Once, though it is mixed several times to find how loud that is.
    """
    block = np.repeat(tone(1000, 2, 0.02).astype(np.float32)[:, None], 2, axis=1)

    done = await finish(
        lambda: iter([block]), tmp_path / "film.m4a", loudness=loudness, seconds=2, bus=tmp_path / "bus"
    )

    heard = np.array(whole((tmp_path / "bus").read_bytes())).reshape(-1, 2) / (1 << 23)
    assert (2 * RATE, 2) == heard.shape
    assert np.abs(heard - block * 10 ** (done.gain_db / 20)).max() < 0.001
    assert (loudness is None) == (done.gain_db == 0)
