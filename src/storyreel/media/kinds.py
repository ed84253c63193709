"""
What a file is, told by its first bytes and never by its name: the pictures that are opened, and what people take for media.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

HEAD = 512
"""How many of its first bytes tell what a file is."""


@dataclass(frozen=True)
class PictureKind:
    """
    A kind of pictures: what people call it, the suffix of its files, and how Pillow calls what opens it.

    `taken`: the service takes it as it is; any other is converted before it is sent.
    """

    name: str
    suffix: str
    mime: str
    opener: str
    taken: bool = False


PNG = PictureKind("PNG", ".png", "image/png", "PNG", taken=True)
JPEG = PictureKind("JPEG", ".jpg", "image/jpeg", "JPEG", taken=True)
WEBP = PictureKind("WebP", ".webp", "image/webp", "WEBP", taken=True)
HEIC = PictureKind("HEIC", ".heic", "image/heic", "")
AVIF = PictureKind("AVIF", ".avif", "image/avif", "AVIF")
GIF = PictureKind("GIF", ".gif", "image/gif", "GIF")
BMP = PictureKind("BMP", ".bmp", "image/bmp", "BMP")
TIFF = PictureKind("TIFF", ".tiff", "image/tiff", "TIFF")
JPEG_2000 = PictureKind("JPEG 2000", ".jp2", "image/jp2", "JPEG2000")

_PICTURES = (
    (PNG, 0, b"\x89PNG\r\n\x1a\n"),
    (JPEG, 0, b"\xff\xd8\xff"),
    (WEBP, 8, b"WEBP"),
    (GIF, 0, b"GIF8"),
    (BMP, 0, b"BM"),
    (TIFF, 0, b"II*\0"),
    (TIFF, 0, b"MM\0*"),
    (TIFF, 0, b"II+\0"),
    (TIFF, 0, b"MM\0+"),
    (JPEG_2000, 4, b"jP  "),
    (JPEG_2000, 0, b"\xff\x4f\xff\x51"),
)
_BRANDS = {
    AVIF: (b"avif", b"avis"),
    HEIC: (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
}
"""The brands of a picture that is packed as an MP4 is; ISO/IEC 23008-12 (2022) and AV1 Image File Format 1.1."""

AGAIN = "copy or download it again"
CAMERA_RAW = ("is the raw file of a camera", "develop it, and save it as PNG or JPEG")
"""What it is, and what to do."""
_STRANGERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"version https://git-lfs.github.com/spec/", "is a pointer of Git LFS, not the file itself", "fetch it: git lfs pull"),
    (0, b"%PDF", "is a PDF", "save the page as PNG"),
    (0, b"%!PS", "is PostScript", "save it as PNG"),
    (0, b"8BPS", "is a Photoshop document", "save it as PNG"),
    (0, b"\xff\x0a", "is JPEG XL, which is not opened", "save it as PNG or JPEG"),
    (4, b"JXL ", "is JPEG XL, which is not opened", "save it as PNG or JPEG"),
    (0, b"\x76\x2f\x31\x01", "is OpenEXR, which is not opened", "save it as PNG"),
    (0, b"\0\0\1\0", "is an icon, which is not opened", "save it as PNG"),
    (8, b"CR\2\0", *CAMERA_RAW),
    (0, b"FUJIFILMCCD-RAW", *CAMERA_RAW),
    (0, b"IIRO", *CAMERA_RAW),
    (4, b"ftypcrx ", *CAMERA_RAW),
    (0, b"PK\3\4", "is an archive", "unpack it, and name the file in it"),
)  # fmt: skip
"""What is no media that is opened: the place and the bytes that tell it, what it is, and what to do."""

_CONTAINERS = (
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (0, b"FLV\1", "Flash video"),
    (0, b"OggS", "Ogg"),
    (0, b"\0\0\1\xba", "an MPEG program stream"),
    (0, b"\0\0\1\xb3", "a bare MPEG stream"),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", "MXF"),
    (0, b"\x1f\x07\0", "bare DV"),
    (0, b".RMF", "RealMedia"),
)
"""Containers of clips that are not opened: the place and the bytes that tell them, and their name."""

SOUND_ALONE = "has sound and no picture"
NAME_A_CLIP = "name a file in which there is something to see"
_SOUNDS = (
    (0, b"ID3"),
    (0, b"fLaC"),
    (0, b"#!AMR"),
    (0, b"MThd"),
    (0, b"caff"),
    (8, b"WAVE"),
    (8, b"AIFF"),
    (8, b"AIFC"),
    (28, b"OpusHead"),
    (28, b"\x01vorbis"),
    (28, b"\x7fFLAC"),
    (28, b"Speex   "),
)
"""Files of sound alone: the place and the bytes that tell them. In Ogg the first page names what the file is for."""
_FRAMES = tuple(bytes([each]) for each in (0xF0, 0xF1, 0xF8, 0xF9, 0xE2, 0xE3, 0xF2, 0xF3, 0xFA, 0xFB, 0xFC, 0xFD))
"""The second byte of a frame of AAC (ADTS, ISO/IEC 13818-7), and of layers III and II (ISO/IEC 11172-3 and 13818-3)."""

_TEXT = "is no picture and no clip: it is text (a web page, a message or a playlist)"


def picture_kind(head: bytes) -> PictureKind | None:
    """Return the kind of picture that a file begins as; None if it is none that is opened."""
    if head[4:8] == b"ftyp":
        # The first brand may only say that it is a picture of some kind.
        brands = [head[at : at + 4] for at in range(8, min(int.from_bytes(head[:4], "big"), len(head)), 4)]
        if brands and brands[0] in (b"mif1", b"msf1") and not {b"avif", b"avis"}.isdisjoint(brands):
            return AVIF
        return next((kind for kind, known in _BRANDS.items() if brands and brands[0] in known), None)
    kind = next((kind for kind, at, magic in _PICTURES if head[at : at + len(magic)] == magic), None)
    # A camera's raw file begins as a TIFF does, and many a text as a BMP.
    if (kind is TIFF and head[8:11] == b"CR\2") or (kind is BMP and any(head[6:10])):
        return None
    return kind


def mime_of(path: Path) -> str:
    """Return the kind of a file that goes to the service: a picture, or the MP4 that any other file is."""
    with path.open("rb") as file:
        kind = picture_kind(file.read(HEAD))
    return kind.mime if kind is not None else "video/mp4"


def suffix_of(mime: str) -> str:
    """Return the suffix of a file of this kind."""
    return next((kind.suffix for kind in (PNG, JPEG, WEBP) if kind.mime == mime), ".mp4")


def stranger(head: bytes, path: Path) -> tuple[str, str] | None:
    """
    Return what a file is that is neither a picture nor a clip that is opened, and what to do; None if nothing tells.

    Args:
        head: Its first bytes.
        path: Where it lies, for the command that converts it.
    """
    if not head:
        return "is empty", AGAIN
    for at, magic, what, remedy in _STRANGERS:
        if head[at : at + len(magic)] == magic:
            return what, remedy
    if _is_sound(head):
        return SOUND_ALONE, NAME_A_CLIP
    for at, magic, name in _CONTAINERS:
        if head[at : at + len(magic)] == magic:
            return f"is a clip in {name}, which is not opened", f"convert it: {converting(path)}"
    if not head.strip(b"\0"):
        return "is no picture and no clip: it begins with zeros", AGAIN
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:4].lower() == b"<svg" or (text.startswith(b"<?xml") and b"<svg" in text):
        return "is a drawing in SVG", "save it as PNG"
    if text[:1] in (b"<", b"{", b"#") or text.startswith(b"ffconcat") or _is_words(head):
        return _TEXT, "name the file itself; if this was a download, it went wrong"
    return None


def converting(path: Path, *how: str, suffix: str = ".mp4") -> str:
    """
    Return the command that makes another file of a clip, to be typed where the person is.

    Args:
        how: Options of ffmpeg for what is made; its own choice for an MP4 if not given.
        suffix: Of the file that is made.
    """
    here = Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path
    to = here.with_suffix(suffix)
    if to == here:
        to = here.with_name(f"{here.stem}-converted{suffix}")
    source, target = (str(each) if not str(each).startswith("-") else f"./{each}" for each in (here, to))
    return shlex.join(["ffmpeg", "-i", source, *how, target])


def _is_sound(head: bytes) -> bool:
    """Whether this begins as sound alone. Bare AAC and MP3 have no magic: each frame begins with ones and what is in it."""
    bare = head[:1] == b"\xff" and head[1:2] in _FRAMES
    return bare or any(head[at : at + len(magic)] == magic for at, magic in _SOUNDS)


def _is_words(head: bytes) -> bool:
    """Whether this is plain text: printable ASCII and line breaks."""
    return all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head)
