"""
The limiter: nothing passes its ceiling, and nothing else is touched.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyreel.media.mixing.limiter import Limiter
from tests.media.sounds import RATE, tone


def limited(limiter: Limiter, sound: np.ndarray, lengths: list[int]) -> np.ndarray:
    both = np.repeat(sound.astype(np.float32)[:, None], 2, axis=1)
    edges = np.cumsum([0, *lengths])
    blocks = [both[begin:end] for begin, end in zip(edges, [*edges[1:], len(both)], strict=True) if begin < len(both)]
    return np.concatenate(list(limiter.over(blocks)))[:, 0]


@settings(max_examples=40, deadline=None)  # how long it takes is the machine's affair
@given(seed=st.integers(0, 2**16), loud=st.floats(0.1, 4), gain=st.floats(0.5, 3), blocks=st.integers(1, 4))
def test_no_sample_passes_the_ceiling_wherever_blocks_end(seed: int, loud: float, gain: float, blocks: int):
    """
    Noise with a crack in it, from its very first sample to its last; as many samples come out as go in.
    """
    noise = np.random.default_rng(seed)
    sound = loud * noise.normal(0, 0.3, 20_000)
    sound[noise.integers(0, 20_000)] *= 10
    limiter = Limiter(gain, 0.5, true_peak=True)
    out = limited(limiter, sound, [4800] * (blocks - 1))

    assert 20_000 == len(out)
    assert np.abs(out).max() <= 0.5001
    assert limiter.most_db >= 0


def test_what_is_softer_is_left_alone_to_the_bit():
    """
    With a gain of 1.
    """
    limiter = Limiter(1.0, 0.5, true_peak=True)
    sound = tone(997, 1, 0.45)

    assert (limited(limiter, sound, [RATE // 2]) == sound.astype(np.float32)).all()
    assert 0 == limiter.most_db


def test_what_lies_between_samples_counts():
    """
    A tone whose samples are all 3 dB below its peaks is turned down by that.
    """
    sound = 0.6 * np.sin(np.arange(RATE) * np.pi / 2 + np.pi / 4)
    sample, true = Limiter(1.0, 0.5, true_peak=False), Limiter(1.0, 0.5, true_peak=True)

    assert np.abs(limited(sample, sound, [])).max() == pytest.approx(0.6 * np.sqrt(0.5), abs=1e-3)
    assert np.abs(limited(true, sound, [])[2000:-2000]).max() == pytest.approx(0.5 * np.sqrt(0.5), abs=1e-2)
    assert (0, 20 * np.log10(1.2)) == (sample.most_db, pytest.approx(true.most_db, abs=0.2))


def test_what_is_too_loud_for_a_moment_makes_no_step():
    """
    A tone that is too loud for a tenth of a second goes down and comes up within the tone's own steps.
    """
    sound = tone(100, 2, 0.4)
    sound[RATE : RATE + RATE // 10] *= 2
    out = limited(Limiter(1.0, 0.5, true_peak=True), sound, [RATE])
    own = np.abs(np.diff(tone(100, 1, 0.5))).max()
    leap = np.abs(np.diff(sound)[RATE - 1 : RATE + RATE // 10]).max()

    assert np.abs(np.diff(out)).max() < max(own * 1.5, leap)
    assert 0.4 == pytest.approx(np.abs(out[: RATE - 500]).max(), abs=0.001)
    assert 0.4 == pytest.approx(np.abs(out[-RATE // 4 :]).max(), abs=0.01)
