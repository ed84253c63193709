"""
Measure media that a person gave: a picture or a clip, told by its content and not by its name.
"""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import FOOTAGE_MOST, PICTURE_MOST, Seen, copy_plain, reason_of, seen
from storyreel.media.integrity import is_picture, open_picture
from storyreel.media.probe import container_of, probe

if TYPE_CHECKING:
    from storyreel.model.storyboard import Footage


SETTLED_NS = 2_000_000_000
"""How long a file has to lie still before its times tell that nobody has written to it: some clocks are that coarse."""


def measure(path: Path) -> Footage:
    """
    Measure a picture or a clip.

    Returns:
        Its size as shown (after rotation, in square pixels), for a clip how long it lasts, its rate and frames, what of it is not shown or heard, and the sha256
        of the file.

    Raises:
        MediaError: It cannot be read, or is neither.
    """
    # It loads the whole language of takes, which who only runs ffmpeg does not need.
    from storyreel.model.storyboard import Footage

    try:
        picture = is_picture(path)
        if picture:
            content = BytesIO()
            sha256, before = copy_plain(path, content, PICTURE_MOST)
        else:
            container_of(path)  # told by its head: what is none is not read to its end
            sha256, before = copy_plain(path, None, FOOTAGE_MOST)
    except OSError as error:
        raise MediaError(f"{path.name} {reason_of(error)}") from error
    if picture:
        width, height, _ = open_picture(content.getvalue(), name=path.name)
        return Footage(path=path, sha256=sha256, width=width, height=height, seen=_still(before))
    measured = probe(path)
    if seen(path) != before:
        raise MediaError(f"{path.name} was written to while it was measured; try again when it is done")
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
        videos=measured.videos,
        sound_track=measured.sound_track,
        other_sound=measured.other_sound,
        early_sound=measured.early_sound,
        seen=_still(before),
    )


def _still(before: Seen) -> Seen | None:
    """Return how a file was, if that tells later on whether it is the same: not where it was written to a moment ago."""
    return before if time.time_ns() - max(before.written_ns, before.changed_ns) > SETTLED_NS else None
