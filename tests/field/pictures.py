"""
The kinds of pictures, a row for each: who writes such a file, how it is made here, and what is to become of it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from tests.field import numbered
from tests.field.clip import Clip, ffmpeg
from tests.field.clips import CONVERTED, REFUSED
from tests.field.numbered import GROUND, Colour

ORIENTATION = 0x0112
NUMBER = 0b10110010


@dataclass(frozen=True)
class Picture:
    """A kind of picture: the name of its file, who writes such, what makes one, and what is to become of it."""

    name: str
    origin: str
    made: Callable[[Path], None]
    expected: tuple[str, ...] = ("taken",)
    ground: Colour | None = GROUND

    def make(self, folder: Path) -> Path:
        """Write a file of this kind."""
        to = folder / self.name
        self.made(to)
        return to


def saved(kind: str, mode: str = "RGB", **how: object) -> Callable[[Path], None]:
    """Have Pillow save the numbered picture."""
    return lambda to: numbered.picture(NUMBER).convert(mode).save(to, kind, **how)  # type: ignore[arg-type]


def turned(orientation: int, stored: Image.Transpose) -> Callable[[Path], None]:
    """Save it turned, and have its EXIF data say how to turn it back."""

    def make(to: Path) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        numbered.picture(NUMBER).transpose(stored).save(to, "JPEG", quality=95, exif=exif)

    return make


def _see_through(kind: str) -> Callable[[Path], None]:
    """Save it with its ground half transparent."""

    def make(to: Path) -> None:
        picture = numbered.picture(NUMBER).convert("RGBA")
        picture.putalpha(picture.convert("L").point([64 if 105 < level < 145 else 255 for level in range(256)]))
        picture.save(to, kind)

    return make


def _encoded(*args: str) -> Callable[[Path], None]:
    return lambda to: Clip(to.name, "", sound="", frames=NUMBER + 1).encode(to, args=args, numbers=[NUMBER])


def _motion(to: Path) -> None:
    """A JPEG with a clip behind it."""
    clip = to.with_suffix(".mp4")
    Clip(clip.name, "", frames=5).encode(clip)
    jpeg = io.BytesIO()
    numbered.picture(NUMBER).save(jpeg, "JPEG", quality=95)
    to.write_bytes(jpeg.getvalue() + clip.read_bytes())
    clip.unlink()


def _animated(kind: str) -> Callable[[Path], None]:
    def make(to: Path) -> None:
        others = [numbered.picture(number) for number in (1, 2)]
        numbered.picture(NUMBER).save(to, kind, save_all=True, append_images=others, duration=200)

    return make


def heic(to: Path) -> None:
    """Pack one picture of HEVC as a phone does; ISO/IEC 23008-12 (2022)."""
    clip = to.with_suffix(".mp4")
    _encoded("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p")(clip)
    with av.open(str(clip)) as reader:
        video = reader.streams.video[0]
        settings = bytes(video.codec_context.extradata or b"")
        data = next(bytes(packet) for packet in reader.demux(video) if packet.size)
    clip.unlink()
    handler = _box(b"hdlr", struct.pack(">II4s12xx", 0, 0, b"pict"))
    primary = _box(b"pitm", struct.pack(">IH", 0, 1))
    items = _box(b"iinf", struct.pack(">IH", 0, 1) + _box(b"infe", struct.pack(">IHH4sx", 2 << 24, 1, 0, b"hvc1")))
    about = _box(b"ipco", _box(b"hvcC", settings) + _box(b"ispe", struct.pack(">III", 0, 320, 180)))
    about = _box(b"iprp", about + _box(b"ipma", struct.pack(">IIHBBB", 0, 1, 1, 2, 0x81, 2)))
    kind = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    place = _box(b"iloc", struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, 0, len(data)))
    begin = len(kind) + len(_box(b"meta", bytes(4) + handler + primary + place + items + about)) + 8
    place = _box(b"iloc", struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, begin, len(data)))
    to.write_bytes(kind + _box(b"meta", bytes(4) + handler + primary + place + items + about) + _box(b"mdat", data))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _raw_photo(to: Path) -> None:
    """The head of a photograph as its sensor saw it, which is a TIFF of a kind."""
    ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-frames:v", "1", "-c:v", "png", "-f", "image2", str(to)])
    to.write_bytes(b"II*\0\x10\0\0\0CR\2\0" + bytes(4000))


PICTURES = (
    Picture("photo.jpg", "cameras", saved("JPEG", quality=95)),
    Picture("photo-held-upright.jpg", "phones: turned by EXIF", turned(6, Image.Transpose.ROTATE_90)),
    Picture("photo-mirrored.jpg", "front cameras: mirrored by EXIF", turned(5, Image.Transpose.TRANSPOSE)),
    Picture("photo-cmyk.jpg", "print: CMYK", saved("JPEG", "CMYK", quality=95)),
    Picture("photo-grey.jpg", "black and white", saved("JPEG", "L", quality=95), ground=(128, 128, 128)),
    Picture("photo-progressive.jpg", "the web: progressive", saved("JPEG", quality=95, progressive=True)),
    Picture("photo-motion.jpg", "phones: a photograph with a clip behind it", _motion),
    Picture("photo.heic", "iPhones", heic, CONVERTED),
    Picture("photo.avif", "the web: AVIF", saved("AVIF", quality=90), CONVERTED),
    Picture("photo-raw.cr2", "cameras' raw files", _raw_photo, REFUSED),
    Picture("picture.png", "screenshots", saved("PNG")),
    Picture("picture-palette.png", "drawings of few colours", saved("PNG", "P")),
    Picture("picture-see-through.png", "logos with transparency", _see_through("PNG"), ground=None),
    Picture("picture-16-bit.png", "renderers: 16 bits", _encoded("-frames:v", "1", "-pix_fmt", "rgb48be", "-update", "1")),
    Picture("picture-16-bit-grey.png", "scanners: 16 bits of grey", _encoded("-frames:v", "1", "-pix_fmt", "gray16be", "-update", "1"),
            ground=(128, 128, 128)),
    Picture("picture-labelled.png", "generators: a label that a machine made it, where EXIF data belong",
            saved("PNG", exif=b'AIGC:{"Label":"1"}')),
    Picture("picture-moves.png", "an animated PNG", _animated("PNG")),
    Picture("picture.webp", "the web: WebP", saved("WEBP", quality=95)),
    Picture("picture-lossless.webp", "the web: lossless", saved("WEBP", lossless=True)),
    Picture("picture-webp.png", "a WebP that is called PNG", saved("WEBP", quality=95)),
    Picture("picture.gif", "the web: GIF", saved("GIF"), CONVERTED),
    Picture("picture.tif", "scanners: TIFF", saved("TIFF", compression="tiff_lzw"), CONVERTED),
    Picture("picture.bmp", "old programs: BMP", saved("BMP"), CONVERTED),
    Picture("picture.jp2", "archives: JPEG 2000", saved("JPEG2000"), CONVERTED),
    Picture("picture-cut-off.jpg", "a copy that broke off", lambda to: _half(to), REFUSED),
    Picture("picture.svg", "drawings: SVG", lambda to: _written(to, b"<svg xmlns='http://www.w3.org/2000/svg'/>"), REFUSED),
    Picture("picture.pdf", "documents: PDF", lambda to: _written(to, b"%PDF-1.7\n" + bytes(200)), REFUSED),
    Picture("picture.psd", "editors: Photoshop", lambda to: _written(to, b"8BPS\0\1" + bytes(200)), REFUSED),
)  # fmt: skip


def _half(to: Path) -> None:
    saved("JPEG", quality=95)(to)
    to.write_bytes(to.read_bytes()[: to.stat().st_size // 2])


def _written(to: Path, content: bytes) -> None:
    to.write_bytes(content)
