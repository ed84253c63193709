"""Own footage is as long as its picture and its sound, and each of its pictures keeps its shape."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.errors import MediaError
from storyreel.media import House, conform, measure, probe, trim
from tests.media.filming import beep_after_flash, ffmpeg, film_clip, lights, pictures, sound

HOUSE = House(64, 36)
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mp4": (X264, ("-c:a", "aac")),
    "mkv": (X264, ("-c:a", "aac")),
    "webm": (("-c:v", "libvpx", "-deadline", "realtime"), ("-c:a", "libopus")),
    "avi": (("-c:v", "mjpeg"), ("-c:a", "pcm_s16le")),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_last_picture_is_held_until_the_sound_ends(tmp_path, kind):
    """
    Half a second of picture with a second and a half of sound is a second and a half, and no frame of it moves on.
    """
    encoder, sounding = KINDS[kind]
    own = film_clip(tmp_path / f"own.{kind}", size="64x36", encoder=encoder, sound=sounding, sound_seconds=1.5)

    footage = measure(own)
    await conform(own, HOUSE, tmp_path / "house.mp4")

    assert (1.5, 0.5) == pytest.approx((footage.seconds, footage.picture_seconds), abs=0.04)
    shown = lights(tmp_path / "house.mp4")
    assert (36, 72000) == (len(shown), len(sound(tmp_path / "house.mp4")))
    assert shown[9] < shown[11]
    assert max(shown[11:]) - min(shown[11:]) <= 1


async def test_a_part_may_lie_where_the_picture_stands(long_sound, tmp_path):
    """
    Whoever measures, trims and cuts agrees on the seconds: a part may begin in the picture and end in what is held.
    """
    made = await trim(long_sound, 0.25, 1.25, tmp_path / "part.mp4")

    assert (24, 1.0) == (made.frames, made.seconds)
    with pytest.raises(MediaError, match=r"has 1\.5\d* s; 0 s to 1\.6 s is no part of it"):
        await trim(long_sound, 0, 1.6, tmp_path / "more.mp4")


@pytest.mark.parametrize("more", [-0.2, 0.02, 0.08])
def test_an_encoder_s_padding_is_no_length(tmp_path, more):
    """
    Sound that is shorter than its picture, or longer by what fills a packet, changes nothing.
    """
    own = film_clip(
        tmp_path / "own.mov", size="64x36", encoder=X264, sound=("-c:a", "pcm_s16le"), sound_seconds=0.5 + more
    )

    assert 0.5 == measure(own).seconds


def longer_mp4(content: bytes) -> bytes:
    for box, place in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = -1
        while (at := content.find(box, at + 1)) > 0:
            content = content[: at + place] + struct.pack(">I", 0x7FFFFFFF) + content[at + place + 4 :]
    return content


def longer_mkv(content: bytes) -> bytes:
    at = content.index(b"\x44\x89\x88") + 3  # the element Duration, eight bytes of a float: milliseconds
    return content[:at] + struct.pack(">d", 3_600_000.0) + content[at + 8 :]


@pytest.mark.parametrize(("kind", "lie"), [("mp4", longer_mp4), ("mkv", longer_mkv)])
def test_no_header_makes_a_clip_longer(tmp_path, kind: str, lie: Callable[[bytes], bytes]):
    """
    A header that promises an hour is not believed: there are the packets that there are.
    """
    own = film_clip(tmp_path / f"own.{kind}", size="64x36", encoder=X264)
    own.write_bytes(lie(own.read_bytes()))

    assert 0.5 == measure(own).seconds


async def test_footage_begins_with_its_first_frame(tmp_path):
    """
    What is heard before there is a picture is known, and left out; the rest is together with its picture.
    """
    plain = film_clip(tmp_path / "plain.mkv", size="64x36", encoder=X264, seconds=1)
    late = tmp_path / "late.mkv"
    ffmpeg(
        "-itsoffset", "0.5", "-i", str(plain), "-i", str(plain), "-map", "0:v", "-map", "1:a", "-c", "copy", str(late)
    )

    footage = measure(late)
    await conform(late, HOUSE, tmp_path / "house.mp4")

    assert (0.5, 1.0) == pytest.approx((footage.early_sound, footage.seconds), abs=0.03)
    assert np.abs(sound(tmp_path / "house.mp4")).max() < 0.01  # its beep is in what was left out


async def test_every_slide_stands_as_long_as_it_is_told(tmp_path):
    """
    One frame in two seconds is as long as the others, the last one included.
    """
    own = film_clip(tmp_path / "own.mp4", size="64x36", encoder=X264, fps="0.5", seconds=6, sound=None)

    await conform(own, HOUSE, tmp_path / "house.mp4")

    assert 6 == measure(own).seconds
    first, second, third = (lights(tmp_path / "house.mp4")[at : at + 48] for at in (0, 48, 96))
    assert (48, True, True) == (len(third), min(first + second) > 220, max(third) < 40)


async def test_a_last_frame_that_is_told_to_stand_does(tmp_path):
    """
    Frames that come evenly, and a last one that lasts a second longer by its own packet: it is shown so long.
    """
    plain = film_clip(tmp_path / "plain.mp4", size="64x36", encoder=(*X264, "-bf", "0"), sound=None)
    own = tmp_path / "own.mp4"
    with av.open(str(plain)) as reader, av.open(str(own), "w") as writer:
        track = writer.add_stream_from_template(reader.streams.video[0])
        for number, packet in enumerate(packet for packet in reader.demux(video=0) if packet.size):
            packet.duration *= 25 if number == 11 else 1
            packet.stream = track
            writer.mux(packet)

    assert 1.5 == measure(own).seconds


@pytest.fixture(scope="module")
def resized(reels: Path) -> Path:
    """Return a recording of a window that is wide, then tall, then wide and larger: half a second each, with a beep."""
    parts = []
    for number, size in enumerate(("96x54", "54x96", "128x72")):
        encoder = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M")
        parts.append(film_clip(reels / f"window-{number}.webm", size=size, encoder=encoder, sound=("-c:a", "libopus")))
    (reels / "windows").write_text("".join(f"file {part.name}\n" for part in parts))
    ffmpeg("-f", "concat", "-i", str(reels / "windows"), "-c", "copy", str(reels / "resized.webm"))
    return reels / "resized.webm"


async def test_a_size_that_changes_cuts_nothing_off(resized, tmp_path):
    """
    Every beep is there, whole and with its flash, though the picture changes its size twice.
    """
    await conform(resized, HOUSE, tmp_path / "house.mp4")

    shown, heard = lights(tmp_path / "house.mp4"), sound(tmp_path / "house.mp4")
    assert round(probe(resized).seconds * 24) == len(shown)
    for start in (0, 12, 24):
        assert abs(beep_after_flash(shown, heard, start, Fraction(24))) < 1 / 24
        loud = np.flatnonzero(np.abs(heard[max(0, start * 2000 - 2400) : start * 2000 + 9600]) > 0.05)
        assert 0.1 == pytest.approx((loud[-1] - loud[0]) / 48000, abs=0.02)


async def test_each_size_is_fitted_by_itself(resized, tmp_path):
    """
    The tall part has bars left and right, the wide ones have none, and nothing is stretched.
    """
    await conform(resized, HOUSE, tmp_path / "house.mp4")

    shown = pictures(tmp_path / "house.mp4")
    bars = [[bool(picture[18, column] < 20) for column in (2, 32, 61)] for picture in (shown[8], shown[20], shown[34])]
    assert [[False, False, False], [True, False, True], [False, False, False]] == bars


@pytest.mark.parametrize("rate", [25, 60, 1000])
async def test_a_clip_of_one_frame_is_one_frame_of_the_film(tmp_path, rate: int):
    """
    However short it is shown: what is there is never nothing.
    """
    own = film_clip(tmp_path / "own.mp4", size="64x36", encoder=X264, fps=str(rate), seconds=1 / rate, sound=None)
    assert 1 == probe(own).frames

    await conform(own, HOUSE, tmp_path / "house.mp4")

    assert 1 == probe(tmp_path / "house.mp4").frames
    assert lights(tmp_path / "house.mp4")[0] > 220
