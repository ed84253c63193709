"""
Scan the packets of an H.264 clip: where its picture can be cut without being encoded again. Nothing is decoded.

A copy may begin at an IDR picture, and at nothing else: what readers call a key frame may be a mere recovery point, as
in streams with open groups of pictures or intra refresh. It may end wherever every frame shown so far has come by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media.container import PACKETS_ALONE, opened, shown
from storyreel.media.h264 import IDR, PPS, SPS, SequenceSet, kind_of, read_sps, units
from storyreel.media.parameter_sets import ParameterSets, read_box
from storyreel.media.set_numbers import UNDERSTOOD, number_of


@dataclass(frozen=True)
class InForce:
    """The parameter sets that packets are decoded with from the packet `first` on, in decoding order."""

    first: int
    sets: ParameterSets


@dataclass(frozen=True)
class Scan:
    """
    A clip's packets, in decoding order.

    `places` has, for each packet, the place of its frame among those shown. `starts` are the frames that a copy may
    begin with, `ends` those before which it may end; the number of frames is one of them. Before a start or an end
    exactly as many packets have come as frames are shown, so it is a number of packets too. `in_force` are the
    parameter sets, more than one where the clip changes them. `understood`: all of its packets can be renumbered.
    """

    places: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    in_force: tuple[InForce, ...]
    understood: bool

    @property
    def frames(self) -> int:
        """How many frames are shown."""
        return len(self.places)

    @property
    def sequences(self) -> tuple[SequenceSet, ...]:
        """What its sequence parameter sets say of colours and of the frames that a decoder keeps."""
        return tuple(dict.fromkeys(read_sps(unit) for each in self.in_force for unit in each.sets.sps))

    def can_be_copied(self, first: int, end: int) -> bool:
        """Whether frames from `first` to before `end` can be shown by their own packets alone."""
        return first < end and first in self.starts and end in self.ends


def scan(clip: Path, *, container: str | None = None) -> Scan:
    """
    Scan a clip: one pass over its packets, some ten milliseconds for ten seconds of 720p.

    Raises:
        MediaError: It is no H.264 with its parameter sets in the header, shows two frames at one time, or is damaged.
    """
    times: list[int] = []
    idr: list[int] = []
    kinds: set[int] = set()
    with opened(clip, container, **PACKETS_ALONE) as (reader, video):
        sets = read_box(video.codec_context.extradata or b"") if video.codec_context.name == "h264" else None
        if sets is None:
            raise MediaError(f"{clip.name} is no H.264 with its parameter sets in its header")
        in_force = [InForce(0, sets)]
        for number, packet in enumerate(shown(reader.demux(video))):
            assert packet.pts is not None
            times.append(packet.pts)
            content = list(units(bytes(packet)))
            kinds.update(map(kind_of, content))
            if any(kind_of(unit) == IDR for unit in content):
                idr.append(number)
            sets = _replaced(in_force[-1].sets, [unit for unit in content if kind_of(unit) in (SPS, PPS)])
            if sets != in_force[-1].sets:
                in_force = [*(before for before in in_force if before.first < number), InForce(number, sets)]
        for unit in {unit for each in in_force for unit in (*each.sets.sps, *each.sets.pps)}:
            number_of(unit)
            if kind_of(unit) == SPS:
                read_sps(unit)
    if len({*times}) != len(times):
        raise MediaError(f"{clip.name} shows two frames at one time")
    return scan_of(times, idr, tuple(in_force), understood=kinds <= UNDERSTOOD)


def scan_of(
    times: Sequence[int], idr: Iterable[int], in_force: tuple[InForce, ...] = (), *, understood: bool = True
) -> Scan:
    """
    Return the scan of packets in decoding order.

    Args:
        times: When each packet's frame is shown.
        idr: The numbers of those that are IDR pictures.
    """
    place = {time: number for number, time in enumerate(sorted(times))}
    places = tuple(place[time] for time in times)
    ends = clean_ends(places)
    starts = tuple(sorted({0, *ends} & {*idr}))
    return Scan(places, starts, ends, in_force, understood)


def clean_ends(places: Iterable[int]) -> tuple[int, ...]:
    """
    Return after how many packets, in decoding order, every frame shown so far has come.

    After so many no frame is missing before the last one, so none of them needs a packet that comes later.
    """
    latest, ends = -1, []
    for number, place in enumerate(places):
        latest = max(latest, place)
        if latest == number:
            ends.append(number + 1)
    return tuple(ends)


def _replaced(sets: ParameterSets, in_band: Sequence[bytes]) -> ParameterSets:
    """Return the sets that are in force after a packet with some of its own: those of the same number are gone."""
    if {*in_band} <= {*sets.sps, *sets.pps}:
        return sets
    new = {(kind_of(unit), number_of(unit)): unit for unit in (*sets.sps, *sets.pps, *in_band)}
    sps, pps = (tuple(unit for (kind, _), unit in new.items() if kind == wanted) for wanted in (SPS, PPS))
    return replace(sets, sps=sps, pps=pps)
