"""
XMP in an MP4 or a MOV: a box of its own behind all others, so nothing of what is in the file moves.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storyreel.errors import MediaError
from storyreel.model.label import Label

XMP_BOX = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
"""What a box `uuid` begins with that holds XMP (XMP specification, part 3, of January 2020, 1.1.4; the same in a MOV as in an MP4)."""

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>{uri}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def append_xmp(film: Path, label: Label) -> None:
    """
    Write a label into a film, as XMP: `Iptc4xmpExt:DigitalSourceType`.

    Args:
        film: An MP4 or a MOV that has none; it is written to.

    Raises:
        MediaError: It is no whole file of boxes.
        OSError: It cannot be written.
    """
    packet = PACKET.format(uri=label.uri).encode()
    with film.open("r+b") as file:
        for _ in _boxes(file, film):
            pass
        file.write(struct.pack(">I4s", 8 + len(XMP_BOX) + len(packet), b"uuid") + XMP_BOX + packet)


def read_xmp(film: Path) -> bytes | None:
    """
    Return the XMP of a film; None where it has none.

    Raises:
        MediaError: It is no whole file of boxes.
    """
    with film.open("rb") as file:
        for kind, size in _boxes(file, film):
            if kind == b"uuid" and file.read(len(XMP_BOX)) == XMP_BOX:
                return file.read(size - len(XMP_BOX))
    return None


def _boxes(file: BinaryIO, film: Path) -> Iterator[tuple[bytes, int]]:
    """Yield each box of a file, and the bytes in it, with the file at the first of them; at the end it is at its own (ISO/IEC 14496-12, 4.2)."""
    file.seek(0, 2)
    end = file.tell()
    at = 0
    while at < end:
        file.seek(at)
        header, length = file.read(8), 8
        size, kind = struct.unpack(">I4s", header) if len(header) == 8 else (0, b"")
        if size == 1:
            size, length = int.from_bytes(file.read(8)), 16
        if not length <= size <= end - at:
            raise MediaError(
                f"{film.name} has a box that does not end in it, at byte {at}: it is not whole, or no film"
            )
        yield kind, size - length
        at += size
    file.seek(end)
