"""
Measure media that a person gave: a picture or a clip, told by its content and not by its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.media.check import is_picture, open_picture
from storyreel.media.probe import probe

if TYPE_CHECKING:
    from storyreel.reel import Footage


def measure(path: Path) -> Footage:
    """
    Measure a picture or a clip.

    Returns:
        Its size as shown (after rotation, in square pixels), for a clip its seconds, rate and frames, and the sha256
        of the file.

    Raises:
        MediaError: It cannot be read, or is neither.
    """
    # Both load the whole language of takes, which who only runs ffmpeg does not need.
    from storyreel.reel import Footage
    from storyreel.slate import sha256_of

    try:
        sha256 = sha256_of(path)
        if is_picture(path):
            width, height, _ = open_picture(path.read_bytes(), name=path.name)
            return Footage(path=path, sha256=sha256, width=width, height=height)
    except OSError as error:
        raise MediaError(f"{path.name} cannot be read: {error.strerror}") from error
    found = probe(path)
    width, height = found.shown
    return Footage(
        path=path,
        sha256=sha256,
        width=width,
        height=height,
        seconds=found.seconds,
        fps=float(found.signature.fps),
        frames=found.frames,
        has_audio=found.has_audio,
    )
