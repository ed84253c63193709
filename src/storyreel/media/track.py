"""
One H.264 track out of pieces of many clips, whose packets are copied and not decoded.

A piece is a part of a clip that its own packets show: from an IDR picture to a clean end (see `packets`), or all of it. Its
frames get their places on the exact grid of the film, so clocks, offsets and roundings of clips do not matter. There is
one sample entry, which has the parameter sets of all clips under distinct numbers and says bt709; only IDR pictures are
marked as key frames.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.container import PACKETS_ALONE, opened, shown
from storyreel.media.format import BT709, House, matches
from storyreel.media.packets import Scan
from storyreel.media.parameter_sets import ParameterSets
from storyreel.media.probe import Measured
from storyreel.media.set_numbers import Numbering, together
from storyreel.media.survey import Survey

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG of libavutil


@dataclass(frozen=True)
class Piece:
    """
    A part of a clip as it goes into a film, in the house format already: `frames` frames from `first` on.

    `name` is what errors call it.
    """

    path: Path
    frames: int
    name: str = ""
    first: int = 0

    @property
    def called(self) -> str:
        """What it is to people."""
        return self.name or self.path.name

    @property
    def end(self) -> int:
        """The frame of the clip before which the piece ends."""
        return self.first + self.frames


@dataclass(frozen=True)
class Layout:
    """How clips lie in one track: what their packets are like, what their parameter sets are called, and all of those."""

    scans: Mapping[Path, Scan]
    numberings: Mapping[Path, tuple[Numbering, ...]]
    sets: ParameterSets

    @property
    def renumbered(self) -> bool:
        """Whether any clip's parameter sets have other numbers than in the clip."""
        return any(each.moves for numberings in self.numberings.values() for each in numberings)

    def keeps_sets(self, clip: Path) -> bool:
        """Whether all of a clip is decoded with the same parameter sets, and they have the same numbers in the track."""
        numberings = self.numberings[clip]
        return len(numberings) == 1 and not numberings[0].moves

    @property
    def lead(self) -> int:
        """By how many frames decoding has to run ahead, for the clip that reorders its frames most."""
        return max(number - place for each in self.scans.values() for number, place in enumerate(each.places))

    def packets(self, piece: Piece) -> Iterator[tuple[bytes, int, bool]]:
        """
        Yield the packets of a piece as they stand in the track, in decoding order.

        Each comes with the place of its frame in the piece, and whether it is an IDR picture.
        """
        structure = self.scans[piece.path]
        changes = {each.first: new for each, new in zip(structure.in_force, self.numberings[piece.path], strict=True)}
        starts, numbering = frozenset(structure.starts), changes[0]
        with opened(piece.path, **PACKETS_ALONE) as (reader, video):
            for number, packet in enumerate(islice(shown(reader.demux(video)), piece.end)):
                numbering = changes.get(number, numbering)
                if number >= piece.first:
                    yield numbering.packet(bytes(packet)), structure.places[number] - piece.first, number in starts


def joining(
    clips: Sequence[Path], measured: Sequence[Measured], house: House, survey: Survey | None = None
) -> list[bool]:
    """
    Say of each clip whether its packets can go into the film as they are, beside those of the others.

    Those cannot that do not match the house or cannot be scanned, or for whose parameter sets there are no numbers left.
    They have to be conformed.

    Args:
        survey: What is known of clips already.
    """
    survey = survey or Survey()
    scans: dict[Path, Scan] = {}
    for clip, each in dict(zip(clips, measured, strict=True)).items():
        if not matches(each, house):
            with suppress(MediaError):
                scans[clip] = survey.scan(clip)
    numberings = _numbered(scans)[0]
    return [clip in numberings for clip in clips]


def lay_out(pieces: Sequence[Piece], survey: Survey | None = None) -> Layout:
    """
    Scan the clips of pieces, and find out how they lie in one track.

    Args:
        survey: What is known of clips already.

    Raises:
        MediaError: A piece is not in its clip or cannot be cut out of it, or two clips cannot be in one track.
    """
    survey = survey or Survey()
    scans: dict[Path, Scan] = {}
    for piece in pieces:
        if piece.path not in scans:
            scans[piece.path] = survey.scan(piece.path)
        _check_cut(piece, scans[piece.path])
    numberings, sets = _numbered(scans)
    for piece in pieces:
        if piece.path not in numberings:
            raise MediaError(f"the parameter sets of {piece.called} find no numbers beside those of the other clips")
    assert sets is not None
    return Layout(scans, numberings, sets)


def _check_cut(piece: Piece, structure: Scan) -> None:
    name = piece.called
    if not 0 <= piece.first < piece.end <= structure.frames:
        raise MediaError(f"{name} has {structure.frames} frames, not {piece.end}")
    if piece.first not in structure.starts:
        raise MediaError(f"{name} cannot be cut at frame {piece.first}: it is no IDR picture")
    if piece.end not in structure.ends:
        raise MediaError(f"{name} cannot be cut at frame {piece.end}: frames before it need later packets")


def _numbered(scans: Mapping[Path, Scan]) -> tuple[dict[Path, tuple[Numbering, ...]], ParameterSets | None]:
    """Return what the sets of each clip are called, for those that find numbers, and all of these sets as one."""
    fit = together([(each.sets, structure.understood) for structure in scans.values() for each in structure.in_force])
    remaining = iter(fit.numberings)
    numberings: dict[Path, tuple[Numbering, ...]] = {}
    for path, structure in scans.items():
        own = list(islice(remaining, len(structure.in_force)))
        if None not in own:
            numberings[path] = tuple(each for each in own if each is not None)
    return numberings, fit.sets


def write_track(
    pieces: Sequence[Piece], layout: Layout, house: House, to: Path, stop: threading.Event, sound: Path | None = None
) -> None:
    """
    Write the pictures of pieces, one after the other, into a film with nothing else in it but a sound.

    Decoding times run one a frame over the whole film, as far ahead as the clip that reorders its frames most wants.

    Args:
        stop: Writing ends, half done, when it is set.
        sound: An MP4 with the film's sound alone, which is copied. With it a film is whole, and its index stands in front.
    """
    import av

    base = Fraction(1, ffmpeg_args.timescale(house.fps))
    options = {"fflags": "+bitexact", "video_track_timescale": str(base.denominator)}
    with ExitStack() as stack:
        heard = None if sound is None else stack.enter_context(av.open(str(sound), format="mov"))
        if heard is not None:
            options["movflags"] = "+faststart"
        writer = stack.enter_context(av.open(str(to), "w", format="mp4", options=options))
        with opened(pieces[0].path) as (_, first):
            track = writer.add_stream_from_template(first)
        track.time_base = base
        track.codec_context.extradata = layout.sets.box()
        _colour(track)
        tracks = [_timed(_pictures(pieces, layout, house, track), base)]
        if heard is not None:
            tracks.append(_timed(_copied(heard, writer), heard.streams.audio[0].time_base))
        # Whatever is decoded first stands first, so that a player never has to reach far.
        for _, packet in merge(*tracks, key=itemgetter(0)):
            if stop.is_set():
                return
            writer.mux(packet)


def _pictures(
    pieces: Sequence[Piece], layout: Layout, house: House, track: VideoStream
) -> Iterator[Packet[VideoStream]]:
    """Yield the packets of pieces, at their places in the film."""
    import av

    base = track.time_base
    assert base is not None
    tick = int(1 / (house.fps * base))
    at = number = 0
    lead = layout.lead
    for piece in pieces:
        for content, place, is_idr in layout.packets(piece):
            packet: Packet[Any] = av.Packet(content)
            packet.is_keyframe = is_idr
            packet.time_base = base
            packet.pts, packet.dts = (at + place) * tick, (number - lead) * tick
            packet.duration = tick
            packet.stream = track
            yield packet
            number += 1
        at += piece.frames


def _copied(heard: InputContainer, writer: OutputContainer) -> Iterator[Packet[AudioStream]]:
    """Yield the packets of a sound, as those of a track in a film."""
    source = heard.streams.audio[0]
    track = writer.add_stream_from_template(source)
    for packet in heard.demux(source):
        if packet.size:
            packet.stream = track
            yield packet


def _timed(packets: Iterator[Packet[Any]], base: Fraction | None) -> Iterator[tuple[float, Packet[Any]]]:
    """Yield packets with when they are decoded, in seconds; those of a track that reckons in `base`."""
    assert base is not None
    tick_s = float(base)
    return ((packet.dts * tick_s, packet) for packet in packets if packet.dts is not None)


def _colour(track: VideoStream) -> None:
    """Have the track say that it is bt709: clips that do not say so themselves are shown by that."""
    context = track.codec_context
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = LIMITED_RANGE
