"""Pictures and sound, measured in memory."""

from __future__ import annotations

import numpy as np
import pytest

from storyreel.media.quality.samples import at_limit, bars, brightest, loudness_db, moved, stepped


def frames(count: int = 6, level: int = 100) -> np.ndarray:
    """Return pictures with a slope from left to right, so that no two columns are alike."""
    slope = np.linspace(0, 60, 128, dtype=np.float32)
    return np.broadcast_to(slope + level, (count, 72, 128)).astype(np.uint8)


def test_a_lamp_makes_a_night_that_is_not_black():
    """One bright sample is seen."""
    night = np.full((2, 72, 128), 18, dtype=np.uint8)
    night[1, 40, 60] = 180

    assert [18, 180] == brightest(night)


def test_what_moves_is_counted_and_noise_is_not():
    """An encoder's noise of a few levels is no move; a flame of a few samples is."""
    still = frames()
    noisy = still + (np.arange(72 * 128).reshape(72, 128) % 3).astype(np.uint8)
    noisy[0] = still[0]
    flame = still.copy()
    flame[3:, 10:14, 10:12] += 40

    assert [0] * 6 == moved(noisy, [0] * 6)
    assert [0, 0, 0, 0, 8, 8] == moved(flame, [0] * 6)


def test_a_cut_is_one_step():
    """The level by which the picture jumps, in tenths, at the frame that jumps."""
    cut = frames()
    cut[4:] += 50

    assert [0, 0, 0, 0, 500, 0] == stepped(cut)


@pytest.mark.parametrize(
    ("top", "bottom", "expected"),
    [
        pytest.param(9, 9, 0.125, id="letterbox"),
        pytest.param(9, 0, 0.0, id="dark-above"),
        pytest.param(9, 20, 0.0, id="not-alike"),
    ],
)
def test_bars_are_black_on_both_sides_and_alike(top, bottom, expected):
    """A dark sky is no bar, and neither is what is dark on one side alone."""
    picture = frames()
    picture[:, :top] = 16
    picture[:, 72 - bottom :] = 16

    assert (expected, expected) == (bars(picture).top, bars(picture).bottom)


def test_a_night_that_fades_into_its_edges_has_no_bars():
    """A vignette goes over into the dark; a bar has an edge."""
    rows = np.concatenate([np.linspace(16, 120, 36), np.linspace(120, 16, 36)])
    night = np.broadcast_to(rows[np.newaxis, :, np.newaxis], (3, 72, 128)).astype(np.uint8)

    assert 0.0 == bars(night).top


def test_loudness_is_told_for_each_window():
    """Silence, and a tone of half the full scale: 9 dB below it."""
    tone = np.round(16384 * np.sin(np.arange(4800) * 0.2)).astype(np.int16)
    sound = np.concatenate([np.zeros(2400, dtype=np.int16), tone])[:, np.newaxis]

    assert [-120, -9, -9] == loudness_db(sound, 2400)
    assert [-120, -9, -9, -9] == loudness_db(np.concatenate([sound, sound[-500:]]), 2400)
    assert [] == loudness_db(sound[:0], 2400)


def test_a_flat_top_is_at_the_limit_and_a_peak_is_not():
    """Three samples in a row at full scale count; one does not."""
    sound = np.zeros((200, 2), dtype=np.int16)
    sound[10, 0] = 32767
    sound[110:120, 1] = -32768

    assert [0, 100] == at_limit(sound, 100)


def test_a_clip_of_one_frame_is_measured_as_any_other():
    """
    There is nothing before it that it could differ from.
    """
    frame = np.full((1, 72, 128), 90, dtype=np.uint8)

    assert ([0], [0]) == (stepped(frame), moved(frame, [0]))
