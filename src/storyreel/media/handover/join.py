"""
Join a picture that was encoded anew with the sound that a film has, packet by packet.

Not by ffmpeg, whose older versions tell of a film's last packet of sound that it is longer than it is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.media.container import PACKETS_ALONE, reading
from storyreel.media.ffmpeg_args import AS_WRITTEN

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

AS_IT_IS = {**PACKETS_ALONE, "fflags": AS_WRITTEN}


def join_sound(picture: Path, film: Path, to: Path, stop: threading.Event) -> None:
    """
    Write an MP4 with the packets of a picture, and those of a film's sound.

    Args:
        picture: An MP4 with a picture alone.
        stop: Writing ends, half done, when it is set.

    Raises:
        MediaError: One of them cannot be read.
    """
    import av

    with reading(picture, "mov", "film", **AS_IT_IS) as pictures, reading(film, "mov", "film", **AS_IT_IS) as heard:
        video, audio = pictures.streams.video[0], heard.streams.audio[0]
        assert video.time_base is not None
        options = {"fflags": "+bitexact", "video_track_timescale": str(video.time_base.denominator)}
        with av.open(str(to.absolute()), "w", format="mp4", options=options) as writer:
            rows = [_copied(pictures, video, writer), _copied(heard, audio, writer)]
            # Whatever is decoded first stands first, so that a player never has to reach far.
            for _, packet in merge(*rows, key=itemgetter(0)):
                if stop.is_set():
                    return
                writer.mux(packet)


def _copied(reader: InputContainer, source: Stream, writer: OutputContainer) -> Iterator[tuple[float, Packet[Any]]]:
    """Add a track like another one; return its packets, with when they are decoded in seconds."""
    track: Any = writer.add_stream_from_template(source)
    # It would be left to the writer, which calls H.265 by the one of its names that QuickTime does not play.
    track.codec_context.codec_tag = source.codec_context.codec_tag

    def packets() -> Iterator[tuple[float, Packet[Any]]]:
        for packet in reader.demux(source):
            if packet.size and packet.dts is not None and packet.time_base is not None:
                seconds = float(packet.dts * packet.time_base)
                packet.stream = track
                yield seconds, packet

    return packets()
