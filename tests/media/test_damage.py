"""What comes out of a person's clip is counted: ffmpeg goes on after damage, and shows the frame before it instead."""

import random
from pathlib import Path

import pytest

from storyreel.errors import MediaError
from storyreel.media import check_frames, measure
from tests.media.filming import ffmpeg, film_clip

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "250")
NOISE = "noise=alls=20:allf=t"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return three seconds in several containers; key frames stand at their beginning alone."""
    folder = tmp_path_factory.mktemp("whole")
    clips = {"mp4": film_clip(folder / "a.mp4", seconds=3, size="128x72", picture=NOISE, encoder=X264, sound=None)}
    for kind, how in (("mkv", ("-cluster_time_limit", "200")), ("ts", ())):
        ffmpeg("-i", str(clips["mp4"]), "-c", "copy", *how, str(folder / f"a.{kind}"))
        clips[kind] = folder / f"a.{kind}"
    return clips


def spoilt(clip: Path, to: Path, *, zeros: bool, share: float = 0.2) -> Path:
    """Overwrite the middle of a file, as a bad disk or a broken copy does."""
    content = bytearray(clip.read_bytes())
    begin, end = int(len(content) * 0.4), int(len(content) * (0.4 + share))
    content[begin:end] = bytes(end - begin) if zeros else random.Random(1).randbytes(end - begin)
    to.write_bytes(content)
    return to


@pytest.mark.parametrize("zeros", [True, False], ids=["zeros", "noise"])
@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_a_clip_that_is_spoilt_in_its_middle_is_refused(whole, tmp_path, kind, zeros):
    """
    A fifth of its frames do not come out, or are not even found: that is no small damage.
    """
    with pytest.raises(MediaError, match=rf"own\.{kind} is damaged: (\d+ of \d+ frames|nothing can be seen)"):
        check_frames(spoilt(whole[kind], tmp_path / f"own.{kind}", zeros=zeros))


def test_what_a_reader_skips_is_missed_also_where_every_frame_stands_alone(tmp_path):
    """
    No decoder complains then, and no packet is marked: nothing tells of it but the place in the file.
    """
    alone = ("-c:v", "mjpeg", "-cluster_time_limit", "200")
    own = film_clip(
        tmp_path / "a.mkv", seconds=3, size="128x72", picture=NOISE, pix_fmt="yuvj420p", encoder=alone, sound=None
    )

    with pytest.raises(MediaError, match=r"own\.mkv is damaged: nothing can be seen of it from [\d.]+ s to [\d.]+ s"):
        check_frames(spoilt(own, tmp_path / "own.mkv", zeros=True, share=0.25))


@pytest.mark.parametrize("part", [(1.0, 1.5), (2.0, 3.0)], ids=["damaged", "decoded-from-what-is-damaged"])
def test_a_part_is_refused_for_what_it_is_decoded_from(whole, tmp_path, part):
    """
    Damage goes on to the next key frame, so what lies between that and the part is counted.
    """
    own = spoilt(whole["mp4"], tmp_path / "own.mp4", zeros=False)

    with pytest.raises(MediaError, match="is damaged"):
        check_frames(own, start=part[0], end=part[1])


def test_a_part_before_the_damage_is_taken(whole, tmp_path):
    """
    What is not used may be as it likes.
    """
    check_frames(spoilt(whole["mp4"], tmp_path / "own.mp4", zeros=False), start=0.2, end=0.8)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_small_damage_is_let_by(whole, tmp_path, kind):
    """
    A player gets over a frame or two.
    """
    check_frames(spoilt(whole[kind], tmp_path / f"own.{kind}", zeros=False, share=0.005))


@pytest.mark.parametrize("zeros", [True, False], ids=["zeros", "noise"])
@pytest.mark.parametrize("kind", ["mp4", "ts", "alone"])
def test_more_than_a_frame_or_two_in_a_row_are_damage(whole, tmp_path, kind, zeros):
    """
    A person sees the picture jump, and what follows is smeared.
    """
    clip = whole.get(kind) or film_clip(
        tmp_path / "a.mov", seconds=3, size="128x72", picture=NOISE, pix_fmt="yuvj420p", encoder=("-c:v", "mjpeg"), sound=None
    )  # fmt: skip
    own = spoilt(clip, tmp_path / f"own{clip.suffix}", zeros=zeros, share=0.06 if kind == "alone" else 0.03)

    with pytest.raises(
        MediaError, match=r"own\.\w+ is damaged: its frames are lost or broken from [\d.]+ s to [\d.]+ s"
    ):
        check_frames(own)


def test_what_becomes_whole_slice_by_slice_is_no_damage(tmp_path):
    """
    A stream that was joined midway begins with frames that a decoder calls broken, and none is lost.
    """
    refreshed = ("-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "intra-refresh=1:keyint=24:bframes=0")
    whole = film_clip(tmp_path / "a.ts", seconds=2, size="128x72", picture=NOISE, encoder=refreshed, sound=None)
    content = whole.read_bytes()
    own = tmp_path / "own.ts"
    own.write_bytes(content[len(content) // 188 // 3 * 188 :])

    check_frames(own)


def test_a_picture_that_stands_for_long_is_no_damage(tmp_path):
    """
    A recording of a screen has no frames while nothing moves.
    """
    own = film_clip(tmp_path / "own.mkv", picture="select='not(between(n,6,40))'", encoder=X264, seconds=2, sound=None)

    check_frames(own)
    check_frames(own, start=1, end=2)


@pytest.mark.parametrize(
    ("suffix", "encoder"),
    [
        pytest.param("webm", ("-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "8", "-deadline", "realtime"), id="vp8"),
        pytest.param("avi", ("-c:v", "mpeg4", "-bf", "2"), id="avi"),
        pytest.param("ts", ("-c:v", "mpeg2video", "-bf", "2", "-flags", "+ilme+ildct"), id="interlaced"),
        pytest.param("mp4", ("-c:v", "libx264", "-g", "6", "-x264-params", "open-gop=1", "-bf", "3"), id="open-groups"),
    ],
)  # fmt: skip
def test_what_a_decoder_leaves_out_of_a_whole_clip_is_no_damage(tmp_path, suffix, encoder):
    """
    Whole clips of every make are taken, whole and in part.
    """
    own = film_clip(tmp_path / f"own.{suffix}", seconds=1, size="64x36", encoder=encoder, sound=None)

    check_frames(own)
    check_frames(own, start=0.4, end=0.7)


ENCODED = {
    "webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"),
    "mkv": ("-c:v", "mjpeg"),
    "avi": ("-c:v", "mjpeg"),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_a_clip_that_is_quietly_shorter_is_told_when_it_is_measured(tmp_path, kind):
    """
    A reader skips what it cannot make out, up to the end if need be; the header knows how long the clip was.
    """
    pix_fmt = "yuv420p" if kind == "webm" else "yuvj420p"
    own = film_clip(
        tmp_path / f"a.{kind}",
        seconds=2,
        size="128x72",
        picture=NOISE,
        pix_fmt=pix_fmt,
        encoder=ENCODED[kind],
        sound=None,
    )
    assert 2 == measure(own).seconds

    with pytest.raises(MediaError, match=rf"own\.{kind}.* is damaged: \d\.\d\d of 2\.00 s can be read"):
        measure(spoilt(own, tmp_path / f"own.{kind}", zeros=False, share=0.6))
