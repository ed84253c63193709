"""
Sounds that a person gave: of whatever kind the file is, as long and as loud as they are.
"""

import threading
from pathlib import Path

import numpy as np
import pytest

from storyreel.errors import WrongMedia
from storyreel.media import measure_sound
from storyreel.media.sound_files import decode_sound
from tests.media.filming import ffmpeg
from tests.media.sounds import RATE, level_db, tone, written_sound

KINDS = {
    "pcm.wav": ("-c:a", "pcm_s24le"),
    "old.mp3": ("-c:a", "libmp3lame", "-b:a", "192k"),
    "free.flac": ("-c:a", "flac"),
    "phone.m4a": ("-c:a", "aac", "-b:a", "192k"),
    "bare.aac": ("-c:a", "aac", "-b:a", "192k", "-f", "adts"),
    "web.opus": ("-c:a", "libopus", "-b:a", "192k"),
    "web.ogg": ("-c:a", "libvorbis", "-b:a", "192k"),
    "mac.aiff": ("-c:a", "pcm_s16be"),
    "low.wav": ("-c:a", "pcm_s16le", "-ar", "22050"),
}


def decoded(sound: Path, folder: Path) -> np.ndarray:
    """Return left and right, as floats."""
    decode_sound(sound, folder / "out.f32", threading.Event())
    return np.frombuffer((folder / "out.f32").read_bytes(), "<f4").reshape(-1, 2).T


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_as_long_and_as_loud_as_it_is(tmp_path: Path, name: str):
    """
    To the sample where the file tells what its encoder has padded it with, so that music which loops has no hole where it goes back.
    """
    source = written_sound(tmp_path / "source.wav", tone(1000, 1.5, 0.5))
    ffmpeg("-i", str(source), *KINDS[name], str(tmp_path / name))
    left, right = decoded(tmp_path / name, tmp_path)
    padded = 0.05 * RATE if name == "bare.aac" else 1

    assert 1.5 * RATE == pytest.approx(measure_sound(tmp_path / name).seconds * RATE, abs=padded)
    assert 1.5 * RATE == pytest.approx(len(left), abs=padded)
    assert -6.02 == pytest.approx(level_db(left[RATE // 4 : RATE], 1000), abs=0.4)
    assert -6.02 == pytest.approx(level_db(right[RATE // 4 : RATE], 1000), abs=0.4)


@pytest.mark.parametrize(
    ("layout", "speakers", "left", "right"),
    [("mono", "0.5", -6, -6), ("5.1", "0.5|0|0|0|0|0", -6, None), ("5.1", "0|0|0.5|0|0|0", -9, -9),
     ("5.1", "0|0|0|0.5|0|0", None, None), ("5.1", "0|0|0|0|0.5|0", -9, None)],
)  # fmt: skip
def test_mono_and_surround_are_as_loud_as_they_are(
    tmp_path: Path, layout: str, speakers: str, left: float | None, right: float | None
):
    """
    Mono in both channels at its own level; fronts as they are, centre and surrounds 3 dB down, without the LFE.
    """
    each = "|".join(f"{height}*sin(2*PI*1000*t)" for height in speakers.split("|"))
    ffmpeg(
        "-f", "lavfi", "-i", f"aevalsrc={each}:s={RATE}:d=1:c={layout}", "-c:a", "pcm_f32le", str(tmp_path / "in.wav")
    )
    levels = [level_db(channel, 1000) for channel in decoded(tmp_path / "in.wav", tmp_path)]

    for level, wanted in zip(levels, (left, right), strict=True):
        assert level < -80 if wanted is None else wanted == pytest.approx(level, abs=0.1)


def test_a_clip_gives_its_sound(tmp_path: Path):
    """
    Whatever there is to see in it.
    """
    ffmpeg(
        *("-f", "lavfi", "-i", "color=s=64x64:r=24:d=1", "-f", "lavfi", "-i", f"sine=f=1000:d=1:r={RATE}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(tmp_path / "clip.mp4")),
    )

    assert 1.0 == pytest.approx(measure_sound(tmp_path / "clip.mp4").seconds, abs=0.05)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.wav", b"", "is empty"),
        ("page.wav", b"<html>not found</html>", "is no sound"),
        ("list.mp3", b"#EXTM3U\nhttp://example.org/a.mp3\n", "is no sound"),
        ("cover.mp3", b"\x89PNG\r\n\x1a\n" + bytes(600), "is a picture (PNG)"),
        (
            "head.wav",
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data\0\0\0\0",
            "has no sound in it",
        ),
        ("torn.flac", b"fLaC" + bytes(40), "cannot be read as a sound"),
    ],
)
def test_what_is_no_sound_is_told_as_what_it_is(tmp_path: Path, name: str, content: bytes, words: str):
    """
    With what to do.
    """
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongMedia, match=words.replace("(", r"\(").replace(")", r"\)")) as error:
        measure_sound(tmp_path / name)

    assert error.value.remedy


def test_a_clip_without_sound_is_told(tmp_path: Path):
    """
    There is nothing to be heard in it.
    """
    ffmpeg("-f", "lavfi", "-i", "color=s=64x64:r=24:d=1", "-c:v", "libx264", str(tmp_path / "mute.mp4"))
    with pytest.raises(WrongMedia, match="has no sound"):
        measure_sound(tmp_path / "mute.mp4")


@pytest.mark.parametrize("name", ["pcm.wav", "old.mp3", "free.flac", "mac.aiff"])
def test_half_of_a_file_is_known_by_what_it_says(tmp_path: Path, name: str):
    """
    A download that was cut off can be heard all the same.
    """
    source, half = written_sound(tmp_path / "source.wav", tone(1000, 3, 0.5)), tmp_path / f"half-{name}"
    ffmpeg("-i", str(source), *KINDS[name], str(tmp_path / name))
    content = (tmp_path / name).read_bytes()
    half.write_bytes(content[: len(content) // 2])
    found = measure_sound(half)

    assert measure_sound(tmp_path / name).whole_seconds is None
    assert found.whole_seconds is not None
    assert 3 == pytest.approx(found.whole_seconds, abs=0.01)
    assert 1.5 == pytest.approx(found.seconds, abs=0.4)


def test_a_sound_that_was_written_to_a_pipe_is_whole(tmp_path: Path):
    """
    Who wrote it could not know how large it would be.
    """
    piped = written_sound(tmp_path / "piped.wav", tone(1000, 1, 0.5))
    content = piped.read_bytes()
    piped.write_bytes(content[:4] + b"\xff\xff\xff\xff" + content[8:])

    assert measure_sound(piped).whole_seconds is None
