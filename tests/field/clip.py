"""
One kind of clip from the field, and how a file of it is made: numbered pictures and a beep, by ffmpeg's encoders.
"""

from __future__ import annotations

import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from storyreel.media import ffmpeg_binary
from tests.field.numbered import GROUND, Colour, draw

NEAR = 24
"""How far a colour may be off that was encoded, and encoded once more."""
BEEP_AT, BEEP_S = 0.2, 0.1
AAC = ("-c:a", "aac", "-b:a", "128k")
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")

Patch = Callable[[bytes], bytes]


class NotMade(Exception):
    """The ffmpeg at hand cannot write such a file."""


@dataclass(frozen=True)
class Clip:
    """
    A kind of clip.

    Args:
        name: Of the file, with its suffix; it is the kind's name too.
        origin: Who writes such files.
        args: How its streams are encoded and packed, as ffmpeg takes it.
        expected: taken, converted or refused; several where a person is well served by each.
        size: Width and height as they are shown.
        rate: Frames a second.
        frames: How many of them; a number of eight bits counts them.
        filters: What is done to the pictures before they are encoded.
        stored: How an upright picture is turned before it is stored; the file says how to turn it back.
        times: When each frame is shown, in seconds; evenly if not given. Written by `filters`, and told here.
        seconds: How long it is shown; the frames at their rate if not given.
        first: The number of the first frame that is shown.
        sound: The channels of its sound, as ffmpeg names them; empty for none.
        sound_s: How long the sound is; as long as the pictures if not given.
        level: How loud the beep is to be in the film: the height of its wave.
        beep_at: When the beep is, after the first picture that is encoded.
        heard_at: When it is to be heard, after the first picture that is shown; None where it is not.
        ground: The colour that its ground is to have in the film.
        off_by: How far it may be off.
        patch: What is changed in the bytes of the file.
        made: What makes it in place of one run of ffmpeg.
    """

    name: str
    origin: str
    args: Sequence[str] = (*X264, *AAC)
    expected: tuple[str, ...] = ("taken",)
    size: tuple[int, int] = (320, 180)
    rate: str = "30"
    frames: int = 45
    filters: str = ""
    stored: Callable[[np.ndarray], np.ndarray] | None = field(default=None, repr=False)
    times: Sequence[float] | None = field(default=None, repr=False)
    seconds: float | None = None
    first: int = 0
    sound: str = "stereo"
    sound_s: float | None = None
    level: float = 0.5
    beep_at: float = BEEP_AT
    heard_at: float | None = BEEP_AT
    ground: Colour = GROUND
    off_by: float = NEAR
    patch: Patch | None = None
    made: Callable[[Clip, Path], None] | None = None

    @property
    def length(self) -> float:
        """How many seconds are to be seen."""
        return self.seconds if self.seconds is not None else float((self.frames - self.first) / Fraction(self.rate))

    def shows(self, second: float) -> set[int]:
        """Return the numbers of the frames that may be seen around a second: at most a film's frame before or after."""
        times = self.times or [n / float(Fraction(self.rate)) for n in range(self.frames - self.first)]
        first = max(0, bisect_right(times, second - 1 / 24 - 1e-4) - 1)
        last = max(0, bisect_right(times, second + 1 / 24 + 1e-4) - 1)
        return {self.first + n for n in range(first, last + 1)}

    def make(self, folder: Path) -> Path:
        """
        Write a file of this kind.

        Raises:
            NotMade: ffmpeg cannot.
        """
        to = folder / self.name
        if self.made is not None:
            self.made(self, to)
        else:
            self.encode(to)
        if self.patch is not None:
            to.write_bytes(self.patch(to.read_bytes()))
        return to

    def encode(self, to: Path, *, args: Sequence[str] | None = None, numbers: Sequence[int] | None = None) -> None:
        """Have ffmpeg write its pictures and its sound."""
        width, height = self.size
        pictures = [draw(n, width, height) for n in (range(self.frames) if numbers is None else numbers)]
        if self.stored is not None:
            pictures = [np.ascontiguousarray(self.stored(pixels)) for pixels in pictures]
        high, wide = pictures[0].shape[:2]
        seconds = len(pictures) / float(Fraction(self.rate))
        given = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{wide}x{high}", "-r", self.rate, "-i", "pipe:0"]
        if self.sound:
            beep = f"'if(between(t,{self.beep_at},{self.beep_at + BEEP_S}),0.5*sin(2*PI*1000*t),0)'"
            channels = "|".join(beep if sounds else "0" for sounds in CHANNELS[self.sound])
            length = self.sound_s if self.sound_s is not None else seconds
            given += ["-f", "lavfi", "-i", f"aevalsrc={channels}:s=48000:d={length}:c={self.sound}"]
        # From full levels to those of video, as a camera has them.
        filters = ",".join(
            part
            for part in (
                "scale=out_range=tv:out_color_matrix=bt709,format=yuv420p,setparams=colorspace=bt709",
                self.filters,
            )
            if part
        )
        ffmpeg(
            [*given, "-vf", filters, *(self.args if args is None else args), str(to)],
            b"".join(p.tobytes() for p in pictures),
        )


CHANNELS = {"mono": (True,), "stereo": (True, True), "5.1": (False, False, True, False, False, False)}
"""Which channels of a layout have the beep: of six it is the middle one, which has the speech."""


def ffmpeg(args: Sequence[str], pictures: bytes = b"") -> None:
    """
    Run the machine's own ffmpeg, which knows more encoders; else storyreel's.

    Raises:
        NotMade: It failed, or took a minute.
    """
    command = [shutil.which("ffmpeg") or ffmpeg_binary(), "-v", "error", "-y", *args]
    try:
        subprocess.run(command, input=pictures, check=True, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired as error:
        raise NotMade("ffmpeg took a minute") from error
    except subprocess.CalledProcessError as error:
        raise NotMade(error.stderr.decode(errors="replace").strip().splitlines()[-1][:200]) from error
