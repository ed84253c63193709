"""
Say what a clip is, by reading its packets: nothing is decoded beyond what opening it takes, nothing is believed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storyreel.errors import MediaError
from storyreel.media.channels import channels_of
from storyreel.media.container import at_once, check_codec, container_of, decoded, opened, time_of
from storyreel.media.kinds import converting
from storyreel.media.look import Look, look_of
from storyreel.media.parameter_sets import is_idr
from storyreel.model.sound_track import SoundTrack

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

NEVER_ZERO = {"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mjpeg", "prores"}
"""Codecs of which no frame begins with 64 zeros. What is not encoded may: a black picture does."""
TAIL_S = 0.1
"""
What sound has more than its picture and is not meant: an encoder fills its last packet, and cameras stop it a little later.
The longest packets that are in use are shorter (HE-AAC at 22 kHz: 93 ms).
"""
A_HAIR_S = Fraction(1, 1000)  # times written in decimals are a little before the frame they mean
MOST_LEAP_S = 10
MOST_BACK_S = {"mpegts": Fraction(1, 10)}
"""How far times of decoding may go back, which they never should; for other containers a second, as they are guessed there."""


@dataclass(frozen=True)
class Signature(Look):
    """What makes two clips alike or not."""

    codec: str
    profile: str
    fps: Fraction
    time_base: Fraction
    vfr: bool


@dataclass(frozen=True)
class Measured:
    """
    A clip, measured.

    `seconds` are the picture's: its frames at their rate. `lasts` is how long the clip is as a person's own footage: to where
    its picture or its sound ends, whichever is later, as the packets tell. What goes on for less than `TAIL_S` is an encoder's
    padding, and then it is `seconds`. The last picture stands until then. `early_sound` are seconds of sound from before
    the first frame, which are never heard.

    `frames` are those a player shows; `hidden` are in the file and cut away by an edit list. `declared` is what the
    header promises (0: nothing), `promised` are the seconds that it does, `corrupt` how many of them are not whole, or zeros. `start` is when the first frame is
    shown, in seconds of the file's own clock, `whole_from` when the first key frame is: what is shown before it lacks what it
    refers to. `clean_start`: the first packet stands alone and is the first frame shown, so the clip may follow any other.
    `decodes`: some frame came out of it. `parameters` is what a decoder needs before the first packet, as it stands in the
    file. `times` are when frames are shown, in ticks of the file's clock.
    """

    signature: Signature
    frames: int
    seconds: float
    has_audio: bool
    audio_codec: str
    audio_rate: int
    audio_channels: int
    container: str
    start: Fraction
    whole_from: Fraction
    declared: int
    promised: float
    hidden: int
    corrupt: int
    clean_start: bool
    decodes: bool
    video_index: int
    audio_index: int
    videos: int
    sound_track: SoundTrack | None
    other_sound: tuple[SoundTrack, ...]
    lasts: float
    early_sound: float
    parameters: bytes = field(repr=False)
    times: tuple[int, ...] = field(repr=False)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in square pixels, as a player shows them."""
        return self.signature.shown

    def begins(self, seconds: float, rate: Fraction) -> Fraction:
        """
        Return when, in seconds of the file's own clock, a part begins so that at this rate it begins with the frame that a player
        shows at a time of the clip: when that frame does, if not later. A frame may stand for long, and sound goes on meanwhile.
        """
        base = self.signature.time_base
        wanted = self.start + Fraction(seconds).limit_denominator(1_000_000)
        number = max(1, bisect_right(self.times, (wanted + A_HAIR_S) / base))
        own = self.times[number - 1] * base
        if wanted - own <= 1 / rate:
            return own
        after = self.times[number] * base - Fraction(3, 4) / rate if number < len(self.times) else wanted
        return min(wanted, max(own, after))


def probe(path: Path, *, container: str | None = None) -> Measured:
    """
    Measure a clip: one pass over its packets, a few milliseconds for ten seconds.

    Args:
        path: The clip, of whatever origin.
        container: The demuxer it must be of (`mov` for what was downloaded); told by the content if not given.

    Raises:
        MediaError: It is no clip, has no video, or no frame of it can be found.
    """
    from av.stream import Disposition

    name = container or container_of(path)
    with opened(path, name) as (reader, video):
        context = video.codec_context
        context.thread_count = 1  # one frame is decoded: waking threads for it costs more than it saves
        times: list[int] = []
        hidden = corrupt = latest = last_duration = 0
        first: tuple[int, bytes] | None = None
        key: int | None = None
        before: int | None = None
        frame: VideoFrame | None = None
        audio = _sound_of(reader.streams.audio)
        if audio is not None:
            check_codec(audio, path, "sound")
        heard: tuple[int, int] | None = None
        for packet in reader.demux(*filter(None, [video, audio])):
            if packet.stream is audio:
                if packet.size and packet.pts is not None and not packet.is_discard:
                    begins, ends = heard or (packet.pts, packet.pts)
                    heard = min(begins, packet.pts), max(ends, packet.pts + (packet.duration or 0))
                continue
            shot = cast("Packet[VideoStream]", packet)
            if frame is None:
                frame = decoded(shot) or (at_once(shot) if key is None and packet.is_keyframe else None)
            time = time_of(shot)
            if packet.size == 0 or time is None:
                continue
            corrupt += packet.is_corrupt or _is_hole(shot, context.codec.canonical_name)
            if key is None and packet.is_keyframe:
                key = time
            if packet.is_discard:
                hidden += 1
                continue
            if packet.dts is not None:
                _one_clock(path, name, before, packet.dts, video.time_base)
                before = packet.dts
            if first is None:
                first = (time, bytes(packet) if packet.is_keyframe else b"")
            if not times or time > latest:
                latest, last_duration = time, packet.duration or 0
            times.append(time)
        if first is None or video.time_base is None:
            raise MediaError(f"{path.name} has no frame")
        times.sort()
        base, parameters = video.time_base, context.extradata or b""
        fps, vfr = rate_of(times, base, (video.average_rate, video.guessed_rate, video.base_rate))
        signature = Signature(
            **look_of(video, frame),
            codec=context.codec.canonical_name,
            profile=video.profile or "",
            fps=fps,
            time_base=base,
            vfr=vfr,
        )
        ticks = (times[-1] - times[0] + (last_duration or round(1 / (fps * base)))) if vfr else 0
        seconds = float(ticks * base if vfr else len(times) / fps)
        last, early = (times[-1] + last_duration) * base, 0.0
        if audio is not None and audio.time_base is not None and heard is not None:
            last = max(last, heard[1] * audio.time_base)
            early = float(times[0] * base - heard[0] * audio.time_base)
        lasts = float(last - times[0] * base)
        tracks = _sound_tracks(reader.streams.audio)
        track = tracks.pop(audio.index, None) if audio else None
        return Measured(
            signature=signature,
            frames=len(times),
            seconds=seconds,
            has_audio=audio is not None,
            audio_codec=audio.codec_context.name if audio else "",
            audio_rate=(audio.codec_context.sample_rate or 0) if audio else 0,
            audio_channels=track.channels if track else 0,
            container=name,
            start=times[0] * base,
            whole_from=(times[0] if key is None else key) * base,
            declared=video.frames,
            promised=(reader.duration or 0) / 1_000_000,
            hidden=hidden,
            corrupt=corrupt,
            decodes=frame is not None,
            clean_start=first[0] == times[0] and is_idr(first[1], parameters),
            video_index=video.index,
            audio_index=audio.index if audio else -1,
            videos=sum(not stream.disposition & Disposition.attached_pic for stream in reader.streams.video),
            sound_track=track,
            other_sound=tuple(tracks.values()),
            lasts=lasts if lasts - seconds > TAIL_S else seconds,
            early_sound=early if early > TAIL_S else 0.0,
            parameters=parameters,
            times=tuple(times),
        )


def _one_clock(path: Path, container: str, before: int | None, dts: int, base: Fraction | None) -> None:
    """
    Refuse what was joined end to end as it was: two clocks in one file, by which no time is one frame's.

    Source: of a transport stream ffmpeg takes a leap of ten seconds ahead (`-dts_delta_threshold`) or of a tenth back for a new
    clock (fftools, `ts_discontinuity_process`; read 2026-11-27).
    """
    if before is None or base is None or 0 < (dts - before) * base.numerator <= base.denominator:
        return  # nearly all of them, in whole numbers
    leap = (dts - before) * base
    if leap < -MOST_BACK_S.get(container, 1) or (container == "mpegts" and leap > MOST_LEAP_S):
        raise MediaError(
            f"{path.name} is several recordings in one, and its clock leaps by {float(leap):.1f} s; "
            f"give it one clock: {converting(path, '-c', 'copy', suffix='.mkv')}"
        )


def _is_hole(packet: Packet[VideoStream], codec: str) -> bool:
    """Whether zeros stand where a frame was to be, as in a file that was made as large as it will be and never filled."""
    return codec in NEVER_ZERO and not any(memoryview(packet)[:64])


def _sound_of(streams: Sequence[AudioStream]) -> AudioStream | None:
    """Return the sound that is heard: of those that can be decoded the one that is marked as the default, else the first."""
    from av.stream import Disposition

    known = [stream for stream in streams if getattr(stream, "codec_context", None) is not None] or streams
    return next((stream for stream in known if stream.disposition & Disposition.default), next(iter(known), None))


def _sound_tracks(streams: Sequence[AudioStream]) -> dict[int, SoundTrack]:
    """Return how a file describes its sound, by the index of the stream."""
    return {
        stream.index: SoundTrack(
            number=number,
            language="" if (stream.language or "und") == "und" else str(stream.language),
            title=" ".join(stream.metadata.get("title", "").split()),
            channels=channels.count if channels else 0,
            layout=channels.name if channels else "",
        )
        for number, stream in enumerate(streams, start=1)
        for channels in [channels_of(stream.codec_context.layout) if getattr(stream, "codec_context", None) else None]
    }


def rate_of(shown: Sequence[int], base: Fraction, declared: Sequence[Fraction | None]) -> tuple[Fraction, bool]:
    """
    Return the rate at which frames are shown, and whether it varies.

    A rate is believed if every frame is shown where it says, within one tick of the clip's clock: what a header tells
    is an average, and some clocks are too coarse to tell the rate themselves.
    """
    own: list[Fraction] = []
    if len(shown) > 1:
        steps = sorted(b - a for a, b in pairwise(shown))
        if steps[len(steps) // 2] > 0:
            own = [1 / (steps[len(steps) // 2] * base)]
    candidates = [Fraction(rate) for rate in declared if rate] + own
    for rate in candidates:
        ticks = 1 / (rate * base)
        length, parts = ticks.numerator, ticks.denominator
        if ticks >= 1 and all(abs((at - shown[0]) * parts - n * length) <= parts for n, at in enumerate(shown)):
            return rate, False
    if len(shown) == 1:
        return (candidates or [Fraction(24)])[0], False
    average = Fraction(len(shown) - 1, 1) / ((shown[-1] - shown[0]) * base) if shown[-1] > shown[0] else Fraction(24)
    return average.limit_denominator(1001), True
