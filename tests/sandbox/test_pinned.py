"""What a clip is held to: pictures are seen at their moments, and voices are heard, each by a tone of its own."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from storyreel.sandbox.api.validation import VOICES
from storyreel.sandbox.stage.clips import Pin, Shot, image_to_video, reference_to_video, still, text_to_video
from storyreel.sandbox.stage.sound import RATE, tone_of
from tests.sandbox.test_pictures import Frame, frames_of, psnr

SIZE = (320, 180)
WORDS = "A barn in a storm, rain"


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five pictures of other shapes than the clip's."""
    folder = tmp_path_factory.mktemp("painted")
    places = ("A fox in a forest", "A neon city at night", "A desert at noon", "A harbour at dawn", "A red door")
    for number, words in enumerate(places):
        still(words, 400 + 40 * number, 300, folder / f"{number}.png")
    return sorted(folder.iterdir())


def as_shown(picture: Path) -> Frame:
    """Return a picture as a clip shows it."""
    with Image.open(picture) as opened:
        return np.asarray(ImageOps.fit(opened.convert("RGB"), SIZE, Image.Resampling.LANCZOS)).astype(np.float64)


@pytest.mark.parametrize("begins", ["words", "picture", "references"])
def test_a_picture_is_seen_at_its_moment_and_nowhere_else(tmp_path: Path, painted: list[Path], begins: str) -> None:
    """
    Where a clip begins, where it ends, and on its way, also at moments a third of a second apart; with rain and a caption between.
    """
    first, third, middle, near, last = painted
    moments = {0: first, 8: third, 24: middle, 32: near, 71: last}
    pins = tuple(Pin(picture, frame) for frame, picture in moments.items())
    match begins:
        case "words":
            text_to_video(Shot(WORDS, *SIZE, 3, pins=pins), tmp_path / "a.mp4")
        case "picture":
            image_to_video(Shot(WORDS, *SIZE, 3, pins=pins[1:]), first, tmp_path / "a.mp4")
        case _:
            reference_to_video(Shot(WORDS, *SIZE, 3, pins=pins), [first, last], tmp_path / "a.mp4")

    frames = frames_of(tmp_path / "a.mp4")

    assert len(frames) == 72
    for frame, picture in moments.items():
        seen = as_shown(picture)
        assert psnr(frames[frame], seen) >= 30, frame
        assert psnr(frames[52], seen) < 30


def test_each_voice_has_a_tone_of_its_own() -> None:
    """
    No two presets are a semitone apart or nearer, and voices of a team's own are above them all.
    """
    tones = [tone_of(voice, VOICES) for voice in (*VOICES, "k7x2m9qp", "nova-2")]

    assert all(max(a, b) / min(a, b) > 1.05 for a, b in combinations(tones, 2))
    assert tone_of("EVE", VOICES) == tone_of("eve", VOICES)


def heard_s(clip: Path, tone: float) -> float:
    """Return for how many seconds a tone stands out of what is heard of a clip, by windows of a twentieth of a second."""
    with av.open(str(clip)) as container:
        whole = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    window = RATE // 20
    taper = np.hanning(window)
    turn = np.exp(-2j * np.pi * tone * np.arange(window) / RATE)
    pieces: npt.NDArray[Any] = whole[: len(whole) // window * window].reshape(-1, window) * taper
    return float((np.abs(pieces @ turn) / taper.sum() * 2 > 0.03).sum() / 20)


@pytest.mark.parametrize("seconds", [1, 4])
def test_a_voice_is_heard_as_its_tone(tmp_path: Path, seconds: int) -> None:
    """
    Three voices speak for half a second at least, in a clip of one second too, and nobody else does.
    """
    speak = ("eve", "atlas", "k7x2m9qp")
    tones = {voice: tone_of(voice, VOICES) for voice in (*speak, "rex", "ara")}
    text_to_video(Shot("A storm at sea", *SIZE, seconds, tones=tuple(tones[v] for v in speak)), tmp_path / "a.mp4")

    heard = {voice: heard_s(tmp_path / "a.mp4", tone) for voice, tone in tones.items()}

    assert all(heard[voice] >= 0.5 for voice in speak), heard
    assert heard["rex"] == heard["ara"] == 0
