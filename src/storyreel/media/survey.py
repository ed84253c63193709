"""
A survey of clips: what they are and what their packets are like, each read once however often it is asked for.

Cutting a film asks the same of a clip at every turn: whether it joins, where it may be cut, how its sound lies, and once more
when the film is proven.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storyreel.errors import MediaError
from storyreel.files.regular import Seen, reason_of, seen
from storyreel.media.packets import Scan, scan
from storyreel.media.probe import Measured, probe

Reading = TypeVar("Reading")


class Survey:
    """
    What is known of clips. A clip that was written to, or has another in its place, is read anew; so is one that could not
    be read.
    """

    def __init__(self) -> None:
        self._measured: dict[Path, tuple[Seen, Measured]] = {}
        self._scans: dict[Path, tuple[Seen, Scan]] = {}

    def measured(self, clip: Path) -> Measured:
        """
        Measure a clip, as `probe` does.

        Raises:
            MediaError: It is no clip, has no video, or no frame of it can be found.
        """
        return _read_once(self._measured, clip, probe)

    def scan(self, clip: Path) -> Scan:
        """
        Scan a clip's packets, as `packets.scan` does.

        Raises:
            MediaError: It is no H.264 with its parameter sets in the header, shows two frames at one time, or is damaged.
        """
        return _read_once(self._scans, clip, scan)


def _read_once(readings: dict[Path, tuple[Seen, Reading]], clip: Path, read: Callable[[Path], Reading]) -> Reading:
    try:
        now = seen(clip)
    except OSError as error:
        raise MediaError(f"{clip.name} {reason_of(error)}") from error
    before = readings.get(clip)
    if before is not None and before[0] == now:
        return before[1]
    reading = read(clip)
    readings[clip] = (now, reading)
    return reading
