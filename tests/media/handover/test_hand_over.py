"""
A film is handed over in its codec and at its rate: every frame is where it belongs, and what is heard is not touched.
"""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.errors import MediaError
from storyreel.media import Piece, splice
from storyreel.media.handover import Handover, check_encoder, hand_over
from storyreel.media.handover.proof import Expected, check_handed_over
from storyreel.model.finish import Codec, Finish, Shown
from storyreel.model.rates import frame_shown
from tests.media.filming import film_clip, lights, pictures
from tests.media.structures import FPS, HOUSE

SIZE, RATE = (160, 90), Fraction(24)
SHOWN = (Shown(0, "sea/video", "71c2aa90"), Shown(12, "end", "card"))


def asked(finish: Finish, shown: tuple[Shown, ...] = ()) -> Handover:
    return Handover(finish, SIZE, RATE, 24, shown)


def heard(film: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(film)) as reader:
        return [(packet.pts, bytes(packet)) for packet in reader.demux(reader.streams.audio[0]) if packet.size]


@pytest.fixture
def bus(tmp_path: Path) -> Path:
    """Return what is heard of the film: a second, every sample another one."""
    path = tmp_path / "bus"
    path.write_bytes(np.random.default_rng(7).integers(0, 256, 48000 * 6, np.uint8).tobytes())
    return path


@pytest.mark.parametrize("rate", ["25", "30", "24000/1001", "50", "12"])
async def test_at_another_rate_frames_are_repeated_or_dropped_evenly(film: Path, tmp_path: Path, rate: str):
    """
    Each shows the film's frame that has begun last, and the sound has the same packets at the same times.
    """
    how = asked(Finish(rate=Fraction(rate)))

    await hand_over(film, how, tmp_path / "film.mp4")

    own = lights(film)
    shows = [own[frame_shown(frame, RATE, how.rate)] for frame in range(how.frames_made)]
    assert how.frames_made == -(-24 * how.rate // 24)
    assert pytest.approx(shows, abs=1) == lights(tmp_path / "film.mp4")
    assert heard(film) == heard(tmp_path / "film.mp4")


async def test_prores_has_every_frame_and_what_was_mixed(film: Path, bus: Path, tmp_path: Path):
    """
    422 HQ in a MOV with its colours told, and the bus sample by sample.
    """
    to = tmp_path / "film.mov"

    await hand_over(film, asked(Finish("prores")), to, bus=bus)

    with av.open(str(to)) as reader:
        picture, sound = reader.streams.video[0].codec_context, reader.streams.audio[0]
        assert ("prores", "HQ", "apch", "yuv422p10le") == (
            picture.name,
            picture.profile,
            picture.codec_tag,
            picture.pix_fmt,
        )
        assert (1, 1, 1, 1) == (picture.color_primaries, picture.color_trc, picture.colorspace, picture.color_range)
        assert (24, 48000) == (reader.streams.video[0].frames, sound.duration)
        # The codec's own header names who encoded it: after size and mark of a frame and of its header, a version.
        packet = next(bytes(packet) for packet in reader.demux(reader.streams.video[0]))
        assert b"apl0" == packet[12:16]
    assert bus.read_bytes() == b"".join(content for _, content in heard(to))
    assert pytest.approx(lights(film), abs=1) == lights(to)


async def test_h265_is_called_what_quicktime_plays(film: Path, tmp_path: Path):
    """
    `hvc1`, eight bits, every frame, and the sound's own packets.
    """
    to = tmp_path / "film.mp4"

    await hand_over(film, asked(Finish("h265")), to)

    with av.open(str(to)) as reader:
        picture = reader.streams.video[0].codec_context
        assert ("hevc", "Main", "hvc1", "yuv420p") == (
            picture.name,
            picture.profile,
            picture.codec_tag,
            picture.pix_fmt,
        )
    assert pytest.approx(lights(film), abs=2) == lights(to)
    assert heard(film) == heard(to)


@pytest.mark.parametrize("codec", ["h264", "h265", "prores"])
async def test_one_processor_makes_the_same_bytes_as_all(film: Path, bus: Path, tmp_path: Path, codec: Codec):
    """
    Of a film with something written into it.
    """
    how = asked(Finish(codec, Fraction(25), burn_in=True), SHOWN)
    all_of_them = os.sched_getaffinity(0)
    one, many = tmp_path / f"one{how.finish.container}", tmp_path / f"many{how.finish.container}"

    await hand_over(film, how, many, bus=bus if codec == "prores" else None)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        await hand_over(film, how, one, bus=bus if codec == "prores" else None)
    finally:
        os.sched_setaffinity(0, all_of_them)

    assert one.read_bytes() == many.read_bytes()


@pytest.mark.long
async def test_a_film_of_many_clips_has_all_of_its_frames(pieces: list[Piece], tmp_path: Path):
    """
    Their parameter sets change on the way.
    """
    film, to = tmp_path / "film.mp4", tmp_path / "handed.mp4"
    await splice(pieces, HOUSE, film)
    frames = sum(piece.frames for piece in pieces)

    await hand_over(film, Handover(Finish("h264"), (HOUSE.width, HOUSE.height), Fraction(FPS), frames), to)

    own, shown = pictures(film), pictures(to)
    assert frames == len(shown)
    assert 4 > max(np.abs(one.astype(int) - other).mean() for one, other in zip(own, shown, strict=True))


def cut_short(bus: Path) -> None:
    bus.write_bytes(bus.read_bytes()[:-6])


def one_bit(bus: Path) -> None:
    content = bytearray(bus.read_bytes())
    content[-1] ^= 1
    bus.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "why"), [(cut_short, "is heard is not what was mixed"), (one_bit, "not what was mixed")]
)
async def test_other_sound_than_was_mixed_is_noticed(
    film: Path, bus: Path, tmp_path: Path, spoil: Callable[[Path], None], why: str
):
    """
    A sample fewer, and one bit of one.
    """
    to = tmp_path / "film.mov"
    await hand_over(film, asked(Finish("prores")), to, bus=bus)
    spoil(bus)

    with pytest.raises(MediaError, match=why):
        check_handed_over(to, film, Expected("prores", SIZE, RATE, RATE, 24), bus)


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        (Expected("h264", SIZE, RATE, Fraction(25), 26), "has 25 frames, not 26"),
        (Expected("h264", SIZE, RATE, RATE, 25), "off the grid"),
        (Expected("h265", SIZE, RATE, Fraction(25), 25), "its codec is h264, not hevc"),
        (Expected("h264", (160, 80), RATE, Fraction(25), 25), "its size is .160, 90., not .160, 80."),
    ],
)
async def test_what_is_not_the_film_is_not_handed_over(film: Path, tmp_path: Path, expected: Expected, why: str):
    """
    Another number of frames, another rate, other frames, another codec or size.
    """
    to = tmp_path / "film.mp4"
    await hand_over(film, asked(Finish(rate=Fraction(25))), to)

    with pytest.raises(MediaError, match=why):
        check_handed_over(to, film, expected, None)


async def test_the_pictures_of_another_film_are_not_handed_over(film: Path, tmp_path: Path):
    """
    As many frames with the same sound, and other light.
    """
    other = film_clip(tmp_path / "other.mp4", seconds=1, picture="negate")
    await hand_over(film, asked(Finish("h265")), tmp_path / "film.mp4")

    with pytest.raises(MediaError, match="frame 0 is not the film's"):
        check_handed_over(tmp_path / "film.mp4", other, Expected("h265", SIZE, RATE, RATE, 24), None)


def test_an_ffmpeg_without_the_encoder_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    One with H.264 alone, as some distributions have it.
    """
    few = tmp_path / "ffmpeg"
    few.write_text("#!/bin/sh\necho ' V....D libx264  H.264'\necho ' A....D aac  AAC'\n")
    few.chmod(0o755)
    monkeypatch.setenv("STORYREEL_FFMPEG", str(few))

    check_encoder("h264")
    with pytest.raises(
        MediaError, match=r"codec prores wants an ffmpeg with prores_ks, and .*pip install imageio-ffmpeg"
    ):
        check_encoder("prores")
