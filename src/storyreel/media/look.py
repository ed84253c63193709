"""
How the pictures of a clip are to be shown, told by its header and its first frame: size, shape, place, colours, transparency.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideDataContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

UNSPECIFIED = 2  # of primaries, transfer and matrix alike; ITU-T H.273 (07/2021), tables 2 to 4
FULL_RANGE = 2  # AVCOL_RANGE_JPEG of libavutil
HDR_TRANSFERS = {16, 18}  # PQ and HLG; ITU-T H.273 (07/2021), table 3
UNREAD_MATRICES = {
    8: "YCgCo",
    10: "BT.2020 with constant luminance",
    11: "YDzDx",
    12: "a matrix of their own",
    13: "a matrix of their own",
    14: "ICtCp",
    15: "IPT-PQ-C2",
    16: "YCgCo-Re",
    17: "YCgCo-Ro",
}
UNREAD_TRANSFERS = {9: "a logarithmic curve", 10: "a logarithmic curve"}
"""Colours that ffmpeg cannot bring to those of a film: some versions show wrong ones, others fail; ITU-T H.273 (07/2021), tables 3 and 4."""
HIDDEN_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Codecs whose transparency lies beside the picture, and who decodes it."""


@dataclass(frozen=True)
class Look:
    """
    What decides how the pictures of a clip are shown. `width` and `height` are as stored; a player mirrors them left to
    right if `mirrored` and then turns them `rotation` degrees clockwise. `primaries`, `transfer`, `matrix` are the
    numbers of ITU-T H.273 (2: not said). `depth` is in bits; `alpha`: it can be seen through.
    """

    width: int
    height: int
    sar: Fraction
    pix_fmt: str
    depth: int
    rgb: bool
    alpha: bool
    primaries: int
    transfer: int
    matrix: int
    full_range: bool
    rotation: int
    mirrored: bool
    interlaced: bool

    @property
    def unread(self) -> str:
        """What its colours are that nobody here can read; empty if they can be read."""
        matrix = "" if self.rgb else UNREAD_MATRICES.get(self.matrix, "")
        return matrix or UNREAD_TRANSFERS.get(self.transfer, "")

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in square pixels, as a player shows them."""
        width, height = max(1, round(self.width * self.sar)), self.height
        return (height, width) if self.rotation in (90, 270) else (width, height)


def look_of(video: VideoStream, frame: VideoFrame | None) -> dict[str, Any]:
    """Return what decides how a clip's pictures are shown; `frame` is its first one, if one can be decoded."""
    import av

    context = video.codec_context
    components = av.VideoFormat(context.pix_fmt).components if context.pix_fmt else ()
    mirrored, rotation = orientation(frame)
    return {
        "width": context.width,
        "height": context.height,
        "sar": Fraction(video.sample_aspect_ratio or 1),
        "pix_fmt": context.pix_fmt or "",
        "depth": max((component.bits for component in components), default=8),
        "rgb": bool(components) and not any(part.is_luma or part.is_chroma for part in components),
        "alpha": hidden_alpha(video) is not None or any(component.is_alpha for component in components),
        "primaries": int(context.color_primaries),
        "transfer": int(context.color_trc),
        "matrix": int(context.colorspace),
        "full_range": int(context.color_range) == FULL_RANGE,
        "rotation": rotation,
        "mirrored": mirrored,
        "interlaced": frame is not None and bool(frame.interlaced_frame),
    }


def orientation(frame: VideoFrame | None) -> tuple[bool, int]:
    """
    Return whether a frame is mirrored left to right, and how many degrees, clockwise, it is turned after that.

    Source: the display matrix of libavutil/display.h, which is that of ISO/IEC 14496-12, 8.3.2. What is less than a degree
    from a quarter turn is one, as for ffmpeg.
    """
    from av.sidedata.sidedata import Type

    # Typed as a dictionary of the vectors of motion, and it is a mapping of all there is.
    beside = cast("SideDataContainer", frame.side_data) if frame is not None else ()
    matrix = next((data for data in beside if data.type is Type.DISPLAYMATRIX), None)
    if matrix is None:
        return False, 0
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    mirrored = a * d < b * c
    across, down = math.hypot(a, c) or 1, math.hypot(b, d) or 1
    degrees = round(
        math.degrees(math.atan2(b / down, a / across) if not mirrored else math.atan2(-b / down, -a / across))
    )
    quarter = round(degrees / 90) * 90
    return mirrored, (quarter if abs(degrees - quarter) <= 1 else degrees) % 360


def hidden_alpha(video: VideoStream) -> str | None:
    """Return the decoder for transparency that lies beside the picture (VP8 and VP9 in WebM); None where there is none."""
    described = {key.lower(): value for key, value in video.metadata.items()}
    return HIDDEN_ALPHA.get(video.codec_context.name) if described.get("alpha_mode") == "1" else None
