"""What comes from outside is whole, or refused; and it opens nothing but itself."""

import asyncio
import contextlib
import io
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from storyreel.errors import MediaError
from storyreel.media import House, check_and_inspect, check_picture, conform, last_frame, measure, probe, run_ffmpeg
from tests.media.filming import ffmpeg, film_clip

MEDIA_BOX_FIRST = "-movflags", "+faststart"


@pytest.fixture(scope="module")
def whole(reels: Path) -> Path:
    """Return a clip of 2 seconds with its index in front, as downloads have it."""
    moving = film_clip(reels / "moving.mp4", seconds=2, size="320x180", picture="noise=alls=20:allf=t")
    ffmpeg("-i", str(moving), "-c", "copy", *MEDIA_BOX_FIRST, str(reels / "faststart.mp4"))
    return reels / "faststart.mp4"


async def test_a_whole_clip_passes_and_is_measured(whole):
    """
    A clip with every frame in place passes the check, which returns what was measured.
    """
    found, _ = await check_and_inspect(whole)

    assert (48, 2.0, True) == (found.frames, found.seconds, found.has_audio)


def flipped(content: bytes) -> bytes:
    """Change 40 bytes in the middle of the pictures."""
    middle = len(content) * 2 // 3
    return content[:middle] + bytes(byte ^ 0x5A for byte in content[middle : middle + 40]) + content[middle + 40 :]


@pytest.mark.parametrize("old", [b"esds", b"avc1"])
async def test_a_codec_without_a_name_is_told_and_no_defect(whole, tmp_path, old):
    """
    A track that this ffmpeg has never heard of is no reason to lose a clip over: it is refused in words, like damage.
    """
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(whole.read_bytes().replace(b"mp4a", b"ac-4").replace(old, b"dac4"))

    with pytest.raises(MediaError, match="codec that is not known here"):
        await check_and_inspect(odd)
    with pytest.raises(MediaError, match="codec that is not known here"):
        measure(odd)


@pytest.mark.parametrize(
    "error", [AttributeError("name"), ZeroDivisionError(), OverflowError("too large"), MemoryError()]
)
async def test_whatever_a_file_does_to_its_reader_is_told_of_the_file(whole, monkeypatch, error):
    """
    Nobody can list what a damaged file does to a reader; each of it says that this clip cannot be read.
    """

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(sys.modules["storyreel.media.probe"], "rate_of", fails)

    with pytest.raises(MediaError, match=r"faststart\.mp4 cannot be read as a clip: \S"):
        await check_and_inspect(whole)


def test_a_clip_with_any_bytes_changed_is_measured_or_refused(whole, tmp_path):
    """
    30 clips with bytes of their index changed at random: each is measured, or refused in words.
    """
    content, dice, odd = whole.read_bytes(), random.Random(9), tmp_path / "odd.mp4"
    index = content.index(b"mdat")
    for _ in range(30):
        changed = bytearray(content)
        for _ in range(dice.randint(1, 8)):
            changed[dice.randrange(40, index)] = dice.randrange(256)
        odd.write_bytes(changed)
        with contextlib.suppress(MediaError):
            assert probe(odd, container="mov").frames


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param(lambda content: content[: len(content) // 2], "cut short", id="half"),
        pytest.param(lambda content: content[:-2048], "cut short", id="last-2-kb-missing"),
        pytest.param(flipped, "damaged", id="flipped-bytes"),
        pytest.param(lambda _: b"<!DOCTYPE html><html>Bad gateway</html>", "is text", id="html"),
        pytest.param(lambda _: b'{"error": "expired"}', "is text", id="json"),
        pytest.param(lambda _: b"", "empty", id="nothing"),
        pytest.param(lambda _: bytes(5000), "zeros", id="zeros"),
    ],
)
async def test_a_broken_download_is_refused(whole, tmp_path, damage, says):
    """
    A download that is cut short, changed or something else altogether is refused, and the text says which.
    """
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(damage(whole.read_bytes()))

    with pytest.raises(MediaError, match=says):
        await check_and_inspect(broken)


async def test_a_download_without_its_index_is_refused(clip, tmp_path):
    """
    Half a file whose index stood at its end is refused.
    """
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    with pytest.raises(MediaError, match="cannot be read as a clip"):
        await check_and_inspect(broken)


async def test_a_download_that_is_no_mp4_is_refused(footage):
    """
    The service delivers MP4; another container under that name is refused.
    """
    with pytest.raises(MediaError, match="no MP4"):
        await check_and_inspect(footage["vp9"])


@pytest.fixture
async def listener() -> AsyncIterator[tuple[int, list[str]]]:
    """Listen on the loopback and note who calls."""
    calls: list[str] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append((await reader.readline()).decode())
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(note, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], calls


def hls(address: str) -> str:
    return (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n"
    )


async def test_the_trap_itself_works(listener, tmp_path):
    """
    A playlist does make ffmpeg call out when it is allowed to, so that silence below means something.
    """
    port, calls = listener
    trap = tmp_path / "trap.m3u8"
    trap.write_text(hls(f"http://127.0.0.1:{port}/a.ts"))

    with pytest.raises(MediaError):
        await run_ffmpeg(["-protocol_whitelist", "file,http,tcp", "-i", str(trap), "-f", "null", "-"], timeout_s=20)

    assert calls


@pytest.mark.parametrize("name", ["trap.mp4", "trap.mkv", "trap.m3u8"])
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda port: hls(f"http://127.0.0.1:{port}/a.ts"), id="hls-http"),
        pytest.param(lambda _: hls("file:///etc/hostname"), id="hls-file"),
        pytest.param(lambda port: f"ffconcat version 1.0\nfile 'http://127.0.0.1:{port}/a.mp4'\n", id="concat-http"),
        pytest.param(lambda _: "ffconcat version 1.0\nfile '/etc/hostname'\n", id="concat-file"),
        pytest.param(lambda port: f"v=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n", id="sdp"),
    ],
)
async def test_a_playlist_is_refused_and_opens_nothing(listener, tmp_path, name, write):
    """
    A playlist under whatever name is no clip, and nothing that it names is opened.
    """
    port, calls = listener
    trap = tmp_path / name
    trap.write_text(write(port))

    for attempt in (
        check_and_inspect(trap),
        conform(trap, House(64, 64), tmp_path / "out.mp4"),
        last_frame(trap, tmp_path / "o"),
    ):
        with pytest.raises(MediaError, match="no clip"):
            await attempt
    for look in (probe, measure):
        with pytest.raises(MediaError, match="no clip"):
            look(trap)

    assert [] == calls
    assert [trap] == list(tmp_path.iterdir())


def picture(kind: str, size: tuple[int, int] = (64, 48), **how: object) -> bytes:
    with io.BytesIO() as file:
        Image.effect_noise(size, 60).convert("RGB").save(file, kind, **how)
        return file.getvalue()


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
def test_a_whole_picture_passes_with_its_size_and_suffix(kind, suffix):
    """
    A picture tells its size and how its file is to be called.
    """
    assert (64, 48, suffix) == check_picture(picture(kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_short_is_refused(kind):
    """
    A picture whose last rows are missing is broken.
    """
    content = picture(kind)

    with pytest.raises(MediaError, match="broken"):
        check_picture(content[: len(content) * 2 // 3])


@pytest.mark.parametrize("content", [b"", b"<html>", picture("GIF")], ids=["nothing", "html", "gif"])
def test_what_is_no_picture_is_refused(content):
    """
    Only PNG, JPEG and WebP are pictures here.
    """
    with pytest.raises(MediaError, match="no PNG, JPEG or WebP"):
        check_picture(content)


def test_a_picture_that_unpacks_to_too_much_is_refused(monkeypatch):
    """
    A small file may not unpack to a picture that fills the memory.
    """
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)

    with pytest.raises(MediaError, match="too large"):
        check_picture(picture("PNG"))


def test_a_picture_taken_sideways_is_measured_as_shown():
    """
    A phone's picture that is stored lying down is measured standing up.
    """
    exif = Image.Exif()
    exif[0x0112] = 6

    assert (48, 64, ".jpg") == check_picture(picture("JPEG", exif=exif))
