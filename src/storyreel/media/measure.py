"""
Measure media that a person gave: a picture or a clip, told by its content and not by its name.
"""

from __future__ import annotations

import errno
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError, WrongMedia
from storyreel.files.regular import FOOTAGE_MOST, PICTURE_MOST, Seen, copy_plain, open_plain, reason_of, seen
from storyreel.media.conform import why_converted
from storyreel.media.container import container_of
from storyreel.media.integrity import has_no_index, missing_part, sizes
from storyreel.media.kinds import AGAIN, HEAD, converting, picture_kind, stranger
from storyreel.media.pictures import opened_picture
from storyreel.media.probe import Measured, probe

if TYPE_CHECKING:
    from storyreel.model.footage import Footage

CONVERT = "convert it where it can be played: {}"
SETTLED_NS = 2_000_000_000
"""How long a file has to lie still before its times tell that nobody has written to it: some clocks are that coarse."""


def measure(path: Path) -> Footage:
    """
    Measure a picture or a clip. A picture is decoded to its last row; of a clip packets and headers are read.

    Returns:
        Its size as shown (after rotation, in square pixels), and the sha256 of the file; for a clip how long it lasts, its
        rate and frames, and what of it is not shown or heard; and why it is converted before it is sent, if it is.

    Raises:
        WrongMedia: It is neither, or not all of it is there.
        MediaError: It cannot be read.
    """
    # It loads the whole language of takes, which who only runs ffmpeg does not need.
    from storyreel.model.footage import Footage

    try:
        with open_plain(path) as file:
            head = file.read(HEAD)
        kind = picture_kind(head)
        if kind is not None:
            content = BytesIO()
            sha256, before = copy_plain(path, content, PICTURE_MOST)
        else:
            _known(path, head)  # told by its head: what is none is not read to its end
            sha256, before = copy_plain(path, None, FOOTAGE_MOST)
    except OSError as error:
        remedy = "save it smaller" if error.errno == errno.EFBIG else "see to that, then check again"
        raise WrongMedia(path.name, reason_of(error), remedy) from error
    if kind is not None:
        picture = opened_picture(content.getvalue(), name=path.name)
        return Footage(
            path=path,
            sha256=sha256,
            width=picture.width,
            height=picture.height,
            converted="" if kind.taken else kind.name,
            seen=_still(before),
        )
    measured = _whole(path)
    if seen(path) != before:
        raise WrongMedia(path.name, "was written to while it was measured", "try again when it is done")
    width, height = measured.shown
    return Footage(
        path=path,
        sha256=sha256,
        width=width,
        height=height,
        seconds=measured.lasts,
        picture_seconds=measured.seconds,
        fps=float(measured.signature.fps),
        frames=measured.frames,
        has_audio=measured.has_audio,
        converted=why_converted(measured, head),
        videos=measured.videos,
        sound_track=measured.sound_track,
        other_sound=measured.other_sound,
        early_sound=measured.early_sound,
        seen=_still(before),
    )


def _known(path: Path, head: bytes) -> None:
    """
    See that a file begins as a clip that is opened.

    Raises:
        WrongMedia: It does not.
    """
    if (strange := stranger(head, path)) is not None:
        raise WrongMedia(path.name, *strange)
    try:
        container_of(path)
    except MediaError as error:
        raise WrongMedia(path.name, "is no picture and no clip that is opened") from error


def _whole(path: Path) -> Measured:
    """
    Return what a clip is, if all of it is there.

    Raises:
        WrongMedia: Some of it is missing, or nothing of it can be decoded.
    """
    try:
        measured = probe(path)
    except MediaError as error:
        if container_of(path) == "mov" and has_no_index(path):
            lacks = "has no index (moov): the recording or the copying was broken off"
            raise WrongMedia(path.name, lacks, AGAIN) from error
        promised, there = sizes(path, container_of(path))
        if promised > there:
            raise WrongMedia(path.name, f"is cut short: {there} of {promised} bytes are there", AGAIN) from error
        what, _, remedy = str(error).removeprefix(f"{path.name} ").partition("; ")
        raise WrongMedia(path.name, what, remedy or CONVERT.format(converting(path))) from error
    if part := missing_part(path, measured):
        raise WrongMedia(path.name, part, AGAIN)
    if not measured.decodes:
        raise WrongMedia(path.name, "has no frame that can be decoded", CONVERT.format(converting(path)))
    if unread := measured.signature.unread:
        raise WrongMedia(path.name, f"has its colours in {unread}, which cannot be read", "export it anew in BT.709")
    return measured


def _still(before: Seen) -> Seen | None:
    """Return how a file was, if that tells later on whether it is the same: not where it was written to a moment ago."""
    return before if time.time_ns() - max(before.written_ns, before.changed_ns) > SETTLED_NS else None
