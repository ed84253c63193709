"""What people give is told by its content, whatever it is called: taken, converted, or refused with what to do."""

import shlex
import struct
import subprocess
from pathlib import Path

import pytest

from storyreel.errors import WrongMedia
from storyreel.media import check_frames, ffmpeg_binary, measure
from tests.media.filming import ffmpeg, film_clip

FRAGMENTS = ("-movflags", "+frag_keyframe+empty_moov", "-g", "3")
COPIED = ("-map", "0", "-c", "copy")


@pytest.fixture(scope="module")
def whole(reels: Path, clip: Path) -> dict[str, Path]:
    """Return the same 12 frames in every container that is opened."""
    clips = {"mp4": reels / "own.mp4", "mkv": reels / "own.mkv", "ts": reels / "own.ts", "mov": reels / "own.mov"}
    ffmpeg("-i", str(clip), *COPIED, "-movflags", "+faststart", str(clips["mp4"]))
    for kind in ("mkv", "ts", "mov"):
        ffmpeg("-i", str(clip), *COPIED, str(clips[kind]))
    clips["avi"] = film_clip(reels / "own.avi", encoder=("-c:v", "mjpeg"), sound=("-c:a", "pcm_s16le"))
    clips["fragments"] = film_clip(reels / "own-fragments.mp4", encoder=("-c:v", "libx264", *FRAGMENTS))
    return clips


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv", "avi", "ts", "fragments"])
def test_a_whole_clip_is_taken(whole: dict[str, Path], kind: str):
    """
    What is all there is never taken for cut short.
    """
    assert 12 == measure(whole[kind]).frames


def test_what_a_phone_has_trimmed_is_taken(reels: Path, whole: dict[str, Path]):
    """
    An edit list that leaves out the last frames takes nothing away from the file: the header promises more than is shown.
    """
    trimmed = reels / "trimmed.mp4"
    film = bytearray(whole["mp4"].read_bytes())
    entry = film.index(b"elst") + 12  # ISO/IEC 14496-12, 8.6.6: how long the first edit lasts, in the film's own ticks
    film[entry : entry + 4] = struct.pack(">I", struct.unpack(">I", film[entry : entry + 4])[0] // 3)
    trimmed.write_bytes(film)

    footage = measure(trimmed)

    assert 0 < footage.frames < 12


def test_a_clip_that_is_cut_in_its_middle_by_an_edit_list_is_taken(tmp_path: Path):
    """
    What is hidden has times of its own, which go back at the cut: they are no second recording.
    """
    own = film_clip(
        tmp_path / "own.mp4", fps="10", seconds=3, encoder=("-c:v", "libx264", "-g", "30", "-bf", "0"), sound=None
    )
    film = own.read_bytes()
    ticks = struct.unpack_from(">I", film, film.index(b"mdhd") + 16)[0]
    parts = [(600, 400), (800, 2200)]  # in milliseconds: how long, and from where
    edits = b"".join(struct.pack(">IiI", lasts, begins * ticks // 1000, 1 << 16) for lasts, begins in parts)
    box = struct.pack(">I4sIII", 16 + len(edits), b"elst", 0, len(parts), 0)[:16] + edits
    box = struct.pack(">I4s", 8 + len(box), b"edts") + box
    at = film.index(b"edts") - 4
    old = struct.unpack_from(">I", film, at)[0]
    changed = bytearray(film[:at] + box + film[at + old :])
    for kind in (b"moov", b"trak"):
        place = changed.index(kind) - 4
        struct.pack_into(">I", changed, place, struct.unpack_from(">I", changed, place)[0] + len(box) - old)
    own.write_bytes(changed)

    assert (14, 1.4) == (measure(own).frames, measure(own).seconds)
    check_frames(own)
    check_frames(own, start=0.3, end=1.0)


def half(content: bytes) -> bytes:
    return content[: len(content) * 6 // 10]


def hollow(content: bytes) -> bytes:
    """Leave the second half of a file to be filled, as what fetches a file in parts does."""
    return half(content).ljust(len(content), b"\0")


@pytest.mark.parametrize(
    ("kind", "spoil", "says"),
    [
        pytest.param("mp4", half, "is cut short: ", id="mp4"),
        pytest.param("mp4", hollow, "frames are not whole", id="mp4-not-filled"),
        pytest.param("mov", half, "has no index (moov)", id="mov"),
        pytest.param("fragments", half, "its last fragment is not whole", id="fragments"),
        pytest.param("mkv", half, "bytes are there", id="mkv"),
        pytest.param("avi", half, "bytes are there", id="avi"),
    ],
)
def test_a_clip_that_is_not_all_there_is_told_when_it_is_measured(
    whole: dict[str, Path], tmp_path: Path, kind: str, spoil, says: str
):
    """
    A download that was broken off is no shorter clip, and a check tells that without decoding it.
    """
    own = tmp_path / "own.mp4"
    own.write_bytes(spoil(whole[kind].read_bytes()))

    with pytest.raises(WrongMedia) as told:
        measure(own)

    assert says in told.value.what
    assert "copy or download it again" == told.value.remedy


def test_a_clip_of_which_nothing_can_be_decoded_is_told(whole: dict[str, Path], tmp_path: Path):
    """
    Packets are there and none of them is a picture.
    """
    own, film = tmp_path / "own.mp4", bytearray(whole["mp4"].read_bytes())
    start = film.index(b"mdat") + 4
    film[start:] = bytes(0xA5 ^ byte for byte in film[start:])
    own.write_bytes(film)

    with pytest.raises(
        WrongMedia, match=r"has no frame that can be decoded; convert it where it can be played: ffmpeg -i"
    ):
        measure(own)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a pointer of Git LFS", id="lfs"
        ),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "is a PDF", id="pdf"),
        pytest.param(b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "is a drawing in SVG", id="svg"),
        pytest.param(b"<svg/>", "is a drawing in SVG", id="bare-svg"),
        pytest.param(b"<!DOCTYPE html><html>404</html>", "it is text (a web page", id="html"),
        pytest.param(b"Shot list for Monday.\n", "it is text (a web page", id="words"),
        pytest.param(b"BMX race, take 3\n", "it is text (a web page", id="words-as-of-a-bitmap"),
        pytest.param(bytes(2000), "begins with zeros", id="zeros"),
        pytest.param(b"8BPS\0\1", "is a Photoshop document", id="psd"),
        pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n", "is JPEG XL", id="jxl"),
        pytest.param(b"II*\0\x10\0\0\0CR\2\0", "is the raw file of a camera", id="raw"),
        pytest.param(b"\xde\xad\xbe\xef" * 40, "is no picture and no clip that is opened", id="anything"),
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.png", "a"])
def test_what_is_no_media_is_told_for_what_it_is(tmp_path: Path, content: bytes, what: str, name: str):
    """
    The same file has the same sentence under any name.
    """
    (tmp_path / name).write_bytes(content)

    with pytest.raises(WrongMedia) as told:
        measure(tmp_path / name)

    assert what in told.value.what


SHORT = ("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=0.2")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.wmv", ("-c:v", "wmv2")),
        ("a.flv", ("-c:v", "flv1")),
        ("a.mpg", ("-c:v", "mpeg2video")),
        ("a.mxf", ("-c:v", "mpeg2video")),
        ("-a b'.ogv", ("-c:v", "libtheora")),
        ("a.dv", ("-s", "720x576", "-pix_fmt", "yuv420p", "-c:v", "dvvideo")),
        ("flash.mp4", ("-f", "flv", "-c:v", "flv1")),
    ],
)
def test_a_clip_that_is_not_opened_says_how_to_convert_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, how
):
    """
    The command works as it is written, where the person is.
    """
    monkeypatch.chdir(tmp_path)
    ffmpeg(*SHORT, *how, f"./{name}")
    with pytest.raises(WrongMedia) as told:
        measure(tmp_path / name)

    assert "which is not opened" in told.value.what
    _, command = told.value.remedy.split(": ", 1)
    words = shlex.split(command)
    assert "ffmpeg" == words[0]
    subprocess.run([ffmpeg_binary(), "-v", "error", "-nostdin", *words[1:]], check=True, timeout=60)
    assert 5 == measure(tmp_path / words[-1]).frames


@pytest.mark.parametrize(
    ("colours", "what"),
    [
        ("colormatrix=YCgCo", "YCgCo"), ("colormatrix=ICtCp", "ICtCp"), ("colormatrix=bt2020c", "BT.2020 with constant luminance"),
        ("colormatrix=smpte2085", "YDzDx"), ("transfer=log100", "a logarithmic curve"), ("transfer=log316", "a logarithmic curve"),
    ],
)  # fmt: skip
def test_colours_that_cannot_be_read_are_told_when_a_clip_is_measured(tmp_path: Path, colours: str, what: str):
    """
    One ffmpeg would show others than were filmed, the next one fails; and a frame could not be taken out of it.
    """
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-x264-params", colours)
    own = film_clip(tmp_path / "own.mp4", seconds=0.2, size="64x36", encoder=encoder, sound=None)

    with pytest.raises(WrongMedia, match=f"own.mp4 has its colours in {what}, which cannot be read; export it anew"):
        measure(own)
