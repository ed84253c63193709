"""
Real files under a storyboard: told for what they are, wherever they are named, and noted where they are converted.
"""

from pathlib import Path

import pytest
from PIL import Image

from storyreel.catalog import load_catalog
from storyreel.errors import StoryboardError
from storyreel.media import measure
from storyreel.storyboard import load
from tests.media.filming import ffmpeg, film_clip

CLIP = "{{id: {id}, clip: {file}}}"
IMAGE = "{{id: {id}, prompt: c, image: {file}}}"


def said(folder: Path, *scenes: str) -> list[str]:
    """Return everything that is said of a board of these scenes, in the order of the file."""
    board = folder / "board.yaml"
    board.write_text("scenes:\n" + "".join(f"  - {scene}\n" for scene in scenes))
    try:
        found = load(board, catalog=load_catalog(), measure=measure).notes
    except StoryboardError as error:
        found = error.problems
    return [f"{each.code}: {each.sentence}" for each in found if each.code != "other-ratio"]


@pytest.mark.parametrize("scenes", [(CLIP, IMAGE), (IMAGE, CLIP)], ids=["clip-first", "image-first"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            b"version https://git-lfs.github.com/spec/v1\n",
            "wrong-media: 'own.mp4' is a pointer of Git LFS, not the file itself (fetch it: git lfs pull)",
            id="lfs",
        ),
        pytest.param(b"", "wrong-media: 'own.mp4' is empty (copy or download it again)", id="empty"),
        pytest.param(b"%PDF-1.7\n", "wrong-media: 'own.mp4' is a PDF (save the page as PNG)", id="pdf"),
    ],
)
def test_a_file_has_one_sentence_wherever_it_is_named(
    tmp_path: Path, scenes: tuple[str, str], content: bytes, sentence: str
):
    """
    As a clip or as a picture, whichever comes first.
    """
    (tmp_path / "own.mp4").write_bytes(content)

    told = said(tmp_path, *(scene.format(id=name, file="own.mp4") for scene, name in zip(scenes, "ab", strict=True)))

    assert [sentence, sentence] == told


def test_what_nobody_knows_has_the_remedy_of_its_place(tmp_path: Path):
    """
    Where a picture is wanted, pictures are spoken of.
    """
    (tmp_path / "own").write_bytes(b"\xde\xad\xbe\xef" * 40)

    clip, image = said(tmp_path, CLIP.format(id="a", file="own"), IMAGE.format(id="b", file="own"))

    assert "MP4, MOV, MKV" in clip
    assert "PNG, JPEG and WebP" in image


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"ID3\4\0\0\0\0\0\x23TSSE", id="mp3"),
        pytest.param(b"\xff\xfb\x90\x64\0", id="bare-mp3"),
        pytest.param(b"\xff\xf1\x50\x40\x20\xff", id="aac"),
        pytest.param(b"RIFF\xce\x58\1\0WAVEfmt ", id="wav"),
        pytest.param(b"fLaC\0\0\0\x22", id="flac"),
        pytest.param(b"FORM\0\1\x58\xb6AIFFCOMM", id="aiff"),
        pytest.param(b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead", id="opus"),
    ],
)
def test_sound_alone_is_told_as_such(tmp_path: Path, head: bytes):
    """
    As a clip or as a picture: to convert it helps nobody.
    """
    (tmp_path / "own").write_bytes(head)

    told = said(tmp_path, CLIP.format(id="a", file="own"), IMAGE.format(id="b", file="own"))

    assert 2 * ["wrong-media: 'own' has sound and no picture (name a file in which there is something to see)"] == told


@pytest.mark.parametrize("suffix", ["m4a", "mka", "ts"])
def test_sound_alone_in_a_clips_container_is_told_as_such(tmp_path: Path, suffix: str):
    """
    The first bytes are those of a clip.
    """
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.1", str(tmp_path / f"own.{suffix}"))

    (told,) = said(tmp_path, CLIP.format(id="a", file=f"own.{suffix}"))

    assert "has sound and no picture (name a file in which there is something to see)" in told


def test_other_bytes_are_not_taken_for_sound(tmp_path: Path):
    """
    The mark of UTF-16 is nearly the beginning of a frame.
    """
    (tmp_path / "own").write_bytes("words, and no sound".encode("utf-16"))

    assert "sound and no picture" not in said(tmp_path, CLIP.format(id="a", file="own"))[0]


def test_a_picture_that_is_too_large_is_told_so(tmp_path: Path):
    """
    It is not read, and what to do is no list of kinds.
    """
    with (tmp_path / "p.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(60_000_000)

    (told,) = said(tmp_path, IMAGE.format(id="a", file="p.png"))

    assert "'p.png' has 60 MB, and 50 MB are the most (save it smaller)" in told


def test_a_picture_of_a_phone_is_a_picture(tmp_path: Path):
    """
    AVIF, like HEIC, is packed as an MP4 is; as a clip it is refused in words of pictures.
    """
    Image.new("RGB", (16, 9)).save(tmp_path / "p.avif")

    (told,) = said(tmp_path, CLIP.format(id="a", file="p.avif"))

    assert "'p.avif' is a picture, and a clip is wanted here" in told


def test_what_is_converted_is_noted(tmp_path: Path):
    """
    A picture and a clip that the service does not take are converted, and a note says so; a clip that is only shown is not sent.
    """
    Image.new("RGB", (16, 9)).save(tmp_path / "p.bmp")
    Image.new("RGB", (16, 9)).save(tmp_path / "g.gif")
    film_clip(tmp_path / "own.mkv", seconds=2.5, size="32x18")

    told = said(
        tmp_path,
        IMAGE.format(id="a", file="p.bmp"),
        IMAGE.format(id="b", file="g.gif"),
        CLIP.format(id="c", file="own.mkv"),
        "{id: d, clip: own.mkv, then: [{edit: snow}]}",
    )

    assert [
        "converted-media: 'p.bmp' is BMP, which the service does not take; it is converted and sent",
        "converted-media: 'g.gif' is GIF, which the service does not take; its first picture is converted and sent",
        "converted-media: 'own.mkv' is Matroska or WebM; it goes to the service as an MP4 that is made of it",
    ] == told
