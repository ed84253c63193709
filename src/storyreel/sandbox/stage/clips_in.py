"""
Look at clips that exist: their measures, their last frame, and whether they can be joined to ours as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from storyreel.errors import MediaError
from storyreel.sandbox.stage.camera import EVEN, EXACT, MP4, Stage, run

if TYPE_CHECKING:
    import av

Planes = tuple[Image.Image, Image.Image, Image.Image]

# What ffmpeg is told about a clip that came from outside: this container, local files, nothing else.
AS_CLIP = ("-protocol_whitelist", "file,pipe", "-f", "mov", "-i")

# From RGB to the numbers of limited-range BT.709, as Pillow's matrix conversion takes them.
_BT709 = (
    *(0.2126 * 219 / 255, 0.7152 * 219 / 255, 0.0722 * 219 / 255, 16.0),
    *(-0.11457 * 224 / 255, -0.38543 * 224 / 255, 0.5 * 224 / 255, 128.0),
    *(0.5 * 224 / 255, -0.45415 * 224 / 255, -0.04585 * 224 / 255, 128.0),
)


@dataclass(frozen=True)
class Rush:
    """A clip as it was measured. `header` is its decoder configuration; sizes are as shown, after rotation."""

    path: Path
    width: int
    height: int
    fps: Fraction
    frames: int
    has_sound: bool
    header: bytes
    steady: bool


def measure(clip: Path) -> Rush:
    """
    Measure a clip.

    Raises:
        MediaError: It cannot be read, or has no picture.
    """
    import av  # a tenth of a second, and a clip from words needs none of it
    import av.error

    try:
        with av.open(str(clip), format="mov") as container:
            if not container.streams.video:
                raise MediaError(f"{clip.name} has no video stream")
            stream = container.streams.video[0]
            times = sorted(packet.pts for packet in container.demux(stream) if packet.pts is not None)
            rate = stream.average_rate or Fraction(24)
            steps = {b - a for a, b in pairwise(times)}
            container.seek(0)
            turned = next(container.decode(stream)).rotation % 180 != 0
            size = (stream.height, stream.width) if turned else (stream.width, stream.height)
            codec = stream.codec_context
            header = codec.extradata or b""
            return Rush(
                clip, *size, rate, len(times), bool(container.streams.audio), header, len(steps) <= 1 and not turned
            )
    except (av.error.FFmpegError, StopIteration) as error:
        raise MediaError(f"{clip.name} cannot be read as a clip: {error}") from error


def picture_of(rush: Rush, to: Path, *, as_it_is: bool) -> None:
    """Write the picture of a clip without its sound: copied, or encoded by our encoder so that ours can follow it."""
    if as_it_is:
        run([*AS_CLIP, str(rush.path), "-map", "0:v:0", "-c", "copy", *EXACT, *MP4, str(to)])
        return
    with Stage(rush.fps) as stage:
        number = stage.file(*AS_CLIP, str(rush.path))
        stage.graph.append(f"[{number}:v:0]{EVEN},setpts=N/({rush.fps})/TB[whole]")
        stage.shoot("whole", None, rush.frames, to, fine=True)


def planes_of(picture: Image.Image) -> Planes:
    """Return an RGB picture as the three planes of limited-range BT.709, 4:2:0."""
    y, u, v = picture.convert("RGB", _BT709).split()
    return y, u.reduce(2), v.reduce(2)


def _planes(frame: av.VideoFrame) -> Planes:
    flat = frame.reformat(format="yuv420p")
    shapes = ((flat.width, flat.height), *[((flat.width + 1) // 2, (flat.height + 1) // 2)] * 2)
    y, u, v = (
        Image.frombytes("L", shape, bytes(plane), "raw", "L", plane.line_size, 1)
        for shape, plane in zip(shapes, flat.planes, strict=True)
    )
    return y, u, v


def last_frame(clip: Path) -> Planes:
    """Return the frame that is shown last, in the clip's own numbers: nothing is converted on the way."""
    import av

    with av.open(str(clip), format="mov") as container:
        stream = container.streams.video[0]
        # The audio may outlast the picture, so a seek to "almost the end" can find nothing: start at the last key.
        if stream.duration:
            container.seek(stream.duration, stream=stream, backward=True)
        last: av.VideoFrame | None = None
        for frame in container.decode(stream):
            if last is None or (frame.pts or 0) >= (last.pts or 0):
                last = frame
        if last is None:
            raise MediaError(f"{clip.name} shows no frame")
        return _planes(last)


def sampled(clip: Path, count: int = 3) -> list[Planes]:
    """Return some key frames of a clip, evenly over its length."""
    import av

    with av.open(str(clip), format="mov") as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        keys = [_planes(frame) for frame in container.decode(stream)]
    return [keys[k * len(keys) // count] for k in range(count)] if keys else []


@lru_cache(maxsize=32)
def house_header(width: int, height: int, fps: Fraction) -> bytes:
    """Return the decoder configuration that our encoder gives every clip of this size and rate."""
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder, Stage(fps) as stage:
        to = Path(folder) / "header.mp4"
        stage.shoot(stage.scene(Image.new("RGB", (width, height)), ()), None, 2, to)
        return measure(to).header


def push_in(planes: Planes, frames: int, reach: float, aim: tuple[float, float]) -> Iterator[bytes]:
    """
    Yield raw frames in which the camera moves towards a point, by fractions of a pixel; the first is the picture itself.

    Args:
        planes: The picture.
        frames: How many to yield.
        reach: How much of the width has gone at the end, 0 to 1.
        aim: Where the camera looks at the end; 0.5, 0.5 is the middle.
    """
    # Each plane is enlarged once; picking every third pixel of that is eight times quicker than to interpolate each
    # frame anew, and as smooth to the eye.
    large = [plane.resize((3 * plane.width, 3 * plane.height), Image.Resampling.BICUBIC) for plane in planes]
    yield b"".join(plane.tobytes() for plane in planes)
    for n in range(1, frames):
        # It starts from rest, so that the join to what was before is not felt.
        t = n / max(frames - 1, 1)
        gone = reach * (t * t * (1.5 - 0.5 * t))
        raw = []
        for plane, fine in zip(planes, large, strict=True):
            w, h = fine.size
            left, top = w * gone * aim[0], h * gone * aim[1]
            box = (left, top, left + w * (1 - gone), top + h * (1 - gone))
            raw.append(fine.resize(plane.size, Image.Resampling.NEAREST, box).tobytes())
        yield b"".join(raw)
