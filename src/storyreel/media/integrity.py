"""
Is a clip whole? A downloaded one is counted, then decoded to its end; a person's own is counted when it is measured, and
decoded before anything is bought.

ffmpeg's exit code alone proves nothing about a file that is cut short, and counting packets nothing about one whose
bits have changed, so a clip has to pass both.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storyreel.errors import MediaError
from storyreel.files.regular import open_plain
from storyreel.media import ffmpeg_args
from storyreel.media.container import container_of, opened
from storyreel.media.damage import LONGEST_HOLE_S, MOST_LOST, SKIPPED_LEAST, SKIPPING, check_frames, unread
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.probe import TAIL_S, Measured, probe

UNTOLD = (0, 0xFFFFFFFF)
"""Sizes of an AVI that was never finished, or was written where nobody could go back: they tell nothing."""
HOLDS_FRAMES = (b"moof", b"mdat")
"""Boxes that have to be whole. What else stands at the end of an MP4 may be no box at all, as some phones write it."""
UNREAD_MOST = 0.05
"""The share of a file that may be in no packet: indexes, and what was only ever meant to be skipped."""
SEGMENT = b"\x18\x53\x80\x67"


async def counted(path: Path) -> Measured:
    """
    Make sure that every frame which the header of a downloaded clip promises is there; whether it decodes is another question.

    Raises:
        MediaError: It is cut short, or is no MP4 at all.
    """
    if await asyncio.to_thread(container_of, path) != "mov":
        raise MediaError(f"{path.name} is no MP4")
    measured = await asyncio.to_thread(probe, path, container="mov")
    present = measured.frames + measured.hidden
    if measured.corrupt or present < measured.declared:
        lost = f"{present} of {measured.declared} frames are there"
        raise MediaError(f"{path.name} is cut short: {lost}, {measured.corrupt} of them damaged")
    return measured


async def check_own(path: Path) -> None:
    """
    Decode a person's own clip to its end. Small damage is let by, as a player does.

    Raises:
        MediaError: More than a few frames of it cannot be decoded.
    """
    await asyncio.to_thread(check_frames, path)
    await check_decodes(path, await asyncio.to_thread(probe, path), strictly=False)


def patience_s(measured: Measured) -> float:
    """Return for how long a clip may be decoded."""
    return max(600.0, 60.0 * measured.seconds)


async def check_decodes(path: Path, measured: Measured, *, strictly: bool) -> None:
    """
    Decode picture and sound to the end.

    Args:
        strictly: Whether the first damage is one too many, or only much of it.

    Raises:
        MediaError: It is damaged.
    """
    try:
        args = ffmpeg_args.decode_args(path, measured, strictly=strictly)
        await run_ffmpeg(args, timeout_s=patience_s(measured))
    except MediaError as error:
        raise MediaError(
            f"{path.name} is damaged: {str(error).removeprefix('ffmpeg failed: ')}",
            command=error.command,
            tail=error.tail,
        ) from error


def missing_part(path: Path, measured: Measured) -> str:
    """Return what is missing of a clip, as its header and its packets tell; empty if nothing is known to be missing."""
    present = measured.frames + measured.hidden
    if measured.container == "mov" and present < measured.declared:
        # An edit list takes frames away as well: phones trim like that, and nothing is missing then.
        present = max(present, _with_all_that_is_hidden(path))
        if present < measured.declared:
            return f"is cut short: {present} of {measured.declared} frames are there"
    if part := _skipped_at_the_end(path, measured):
        return part
    promised, there = sizes(path, measured.container)
    if promised > there and measured.container != "mov":
        return f"is cut short: {there} of {promised} bytes are there"
    if promised > there and not measured.declared:
        return "is cut short: its last fragment is not whole"
    if measured.corrupt and measured.container != "mpegts":  # a receiver's are marked where a single bit was lost
        return f"is not all there: {measured.corrupt} of {present} frames are not whole"
    return ""


def _skipped_at_the_end(path: Path, measured: Measured) -> str:
    """
    Return what of a clip is promised and not found, though something stands where it was.

    A header alone proves nothing: some are never brought up to date, and live recordings have none.
    """
    lost = measured.promised - measured.lasts
    if measured.container not in SKIPPING or not (
        lost > LONGEST_HOLE_S or lost > max(TAIL_S, MOST_LOST * measured.promised)
    ):
        return ""
    if unread(path, measured.container) <= max(SKIPPED_LEAST, UNREAD_MOST * path.stat().st_size):
        return ""
    return f"is damaged: {measured.lasts:.2f} of {measured.promised:.2f} s can be read"


def has_no_index(path: Path) -> bool:
    """Whether an MP4 or MOV lacks the box that says where its frames are."""
    with open_plain(path) as file:
        return not any(kind == b"moov" for kind, _ in _boxes(file))


def sizes(path: Path, container: str) -> tuple[int, int]:
    """Return how many bytes a clip says that it has, and how many there are; as many as there are where it does not say."""
    with open_plain(path) as file:
        there = os.fstat(file.fileno()).st_size
        promised = there
        if container == "mov":
            promised = max((end for kind, end in _boxes(file) if kind in HOLDS_FRAMES), default=there)
        elif container == "avi":
            size = int.from_bytes(file.read(8)[4:], "little")
            promised = there if size in UNTOLD else size + 8
        elif container == "matroska":
            promised = _end_of_segment(file.read(1 << 16)) or there
    return promised, there


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield kind and end of each box at the top of an MP4; the last one may end beyond the file."""
    there, at = os.fstat(file.fileno()).st_size, 0
    while at + 8 <= there:
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = there - at
        if size < 8:
            return
        at += size
        yield head[4:8], at


def _end_of_segment(head: bytes) -> int:
    """Return where the segment of a Matroska file ends; 0 where its size was left open. RFC 9559, section 5; RFC 8794."""
    at = head.find(SEGMENT) + len(SEGMENT)
    if at < len(SEGMENT) or at >= len(head) or not head[at]:
        return 0
    length = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _with_all_that_is_hidden(path: Path) -> int:
    with opened(path, "mov", ignore_editlist="1") as (reader, video):
        return sum(1 for packet in reader.demux(video) if packet.size and not packet.is_corrupt)
