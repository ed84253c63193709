"""
Tiny clips of every structure that H.264 encoders make, encoded in this process: groups of pictures closed, open and
endless, frames in and out of order, slices, buffering messages. What they show moves, and no two frames are the same.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType
from hypothesis import strategies as st

from storyreel.media import House

WIDTH, HEIGHT, FPS = 96, 64, 24
HOUSE = House(WIDTH, HEIGHT)
HIGH = "8x8dct=1:threads=1:b-adapt=0:scenecut=0:"

STRUCTURES = {
    "twelve": "keyint=12:bframes=3",
    "forty-eight": "keyint=48:bframes=3:ref=4:b-pyramid=none",
    "one-group": "keyint=infinite:bframes=3:ref=5",
    "no-b-frames": "keyint=12:bframes=0:ref=1",
    "eight-b-frames": "keyint=24:bframes=8:ref=6:b-pyramid=normal",
    "open": "keyint=12:min-keyint=12:open-gop=1:bframes=3",
    "open-and-closed": "keyint=10:min-keyint=10:open-gop=1:bframes=2",
    "intra-refresh": "keyint=12:intra-refresh=1:bframes=0",
    "cavlc-slices": "keyint=12:cabac=0:slices=4:bframes=2",
    "buffered": "keyint=12:bframes=2:slices=2:aud=1:nal-hrd=cbr:vbv-maxrate=400:vbv-bufsize=400",
}
"""x264's options, by what they make."""


def shown_frames(count: int, hue: int = 128) -> Iterator[av.VideoFrame]:
    """Yield pictures in which everything moves, and a clip is told by its `hue`."""
    noise = np.random.default_rng(hue).integers(0, 60, (HEIGHT, 4 * WIDTH), dtype=np.uint8)
    for number in range(count):
        light = np.roll(noise, number * 5, axis=1)[:, :WIDTH] + np.uint8(60)
        light[8:40, (number * 7) % 64 : (number * 7) % 64 + 24] = 230 - number
        colour = np.full((HEIGHT // 2, WIDTH), hue, np.uint8)
        yield av.VideoFrame.from_ndarray(np.concatenate([light, colour.reshape(HEIGHT // 2, WIDTH)]), format="yuv420p")


def encode(to: Path, x264: str, *, frames: int = 60, hue: int = 128, colours: int = 1, idr: int = 0) -> Path:
    """Encode a clip. `colours` are those that it says it has: 1 is bt709, 2 nothing. `idr` is a frame that has to be one."""
    with av.open(str(to), "w") as writer:
        track = writer.add_stream("libx264", rate=FPS)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = track.codec_context
        context.time_base = Fraction(1, FPS)
        context.color_primaries = context.color_trc = context.colorspace = colours
        context.options = {"preset": "veryfast", "profile": "high", "forced-idr": "1", "x264-params": HIGH + x264}
        if "hrd" in x264:
            context.bit_rate = 400_000
        for number, frame in enumerate(shown_frames(frames, hue)):
            frame.pts = number
            if number == idr:
                frame.pict_type = PictureType.I
            writer.mux(track.encode(frame))
        writer.mux(track.encode(None))
    return to


def decoded(packets: Iterable[bytes], box: bytes) -> list[str]:
    """Decode packets alone, in this order, and return a digest of each frame in the order in which they are shown."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = box
    decoder.thread_count = 1
    frames: list[str] = []
    for packet in [*map(av.Packet, packets), None]:
        frames += map(digest, decoder.decode(packet))
    return frames


def digest(frame: av.VideoFrame) -> str:
    """Return a digest of a frame's pixels."""
    return hashlib.blake2b(frame.to_ndarray().tobytes(), digest_size=8).hexdigest()


def contents(clip: Path) -> list[bytes]:
    """Return the packets of a clip's picture, in decoding order."""
    with av.open(str(clip)) as reader:
        return [bytes(packet) for packet in reader.demux(video=0) if packet.size]


@dataclass(frozen=True)
class Structure:
    """
    A made-up stream: when each packet's frame is shown, in decoding order, which are IDR pictures, and what each packet
    needs to be decoded.
    """

    times: tuple[int, ...]
    idr: tuple[int, ...]
    needs: tuple[tuple[int, ...], ...]

    def needed(self, packets: Iterable[int]) -> set[int]:
        """Return all packets that these need, and what those need, and all that come between: a stream has no holes."""
        found: set[int] = set()
        left = [*packets]
        while left:
            packet = left.pop()
            if packet not in found:
                found.add(packet)
                left += self.needs[packet]
        return {*range(min(found), max(found) + 1)}


@st.composite
def made_up(draw: st.DrawFn) -> Structure:
    """Make up groups of pictures, closed and open, with B frames in the order of their time or by halves."""
    times: list[int] = []
    idr: list[int] = []
    needs: list[tuple[int, ...]] = []
    shown = 0
    for closed in [True, *draw(st.lists(st.booleans(), max_size=3))]:
        anchor: int | None = None if closed else len(times) - 1
        for between in draw(st.lists(st.integers(0, 5), min_size=1, max_size=4)):
            first = closed and anchor is None
            count = 0 if first else between
            here = len(times)
            times.append(shown + count)
            if first:
                idr.append(here)
            # An I picture of an open group leans on nothing, and the B frames before it on both sides.
            opens = not closed and anchor == here - 1 and draw(st.booleans())
            needs.append(() if first or opens else (anchor if anchor is not None else here,))
            order = list(range(count))
            for place in draw(st.permutations(order)) if draw(st.booleans()) else order:
                times.append(shown + place)
                needs.append((here,) if anchor is None else (here, anchor))
            shown += count + 1
            anchor = here
    return Structure(tuple(times), tuple(idr), tuple(needs))
