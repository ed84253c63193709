"""
Whether an ffmpeg can hand a film over. Every one that is used here encodes H.264; H.265 and ProRes are not in all of them.
"""

from __future__ import annotations

from storyreel.errors import MediaError
from storyreel.media.ffmpeg import encoders, ffmpeg_binary
from storyreel.media.handover.args import ENCODERS
from storyreel.model.finish import Codec


def check_encoder(codec: Codec) -> None:
    """
    See that the ffmpeg that is used can encode in a codec.

    Raises:
        MediaError: It cannot; the text says which ffmpeg can.
    """
    binary = ffmpeg_binary()
    if ENCODERS[codec] not in encoders(binary):
        raise MediaError(
            f"codec {codec} wants an ffmpeg with {ENCODERS[codec]}, and {binary} has it not; install one that has, or "
            f"`pip install imageio-ffmpeg` and name its binary in STORYREEL_FFMPEG, or write another codec"
        )
