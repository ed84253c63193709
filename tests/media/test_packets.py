"""Where a clip's packets can be cut: from an IDR picture to where every frame shown so far has come."""

from pathlib import Path

import av
import pytest
from hypothesis import given

from storyreel.errors import MediaError
from storyreel.media import Scan, scan
from storyreel.media.packets import scan_of
from tests.media.structures import STRUCTURES, Structure, contents, decoded, encode, made_up


def box_of(clip: Path) -> bytes:
    with av.open(str(clip)) as reader:
        return bytes(reader.streams.video[0].codec_context.extradata or b"")


@pytest.mark.parametrize("structure", STRUCTURES)
def test_what_may_be_cut_decodes_alone_as_in_its_clip(structures: dict[str, Path], structure: str):
    """
    From each IDR picture on: its first clean ends, and the clip's own. No frame needs a packet of before or after.
    """
    clip, known = structures[structure], scan(structures[structure])
    packets, box = contents(clip), box_of(clip)
    whole = decoded(packets, box)

    assert known.frames == len(whole) == len({*whole})
    for start in known.starts:
        ends = [end for end in known.ends if end > start]
        for end in {*ends[:7:2], ends[-1]}:
            assert known.can_be_copied(start, end)
            assert whole[start:end] == decoded(packets[start:end], box)


@given(structure=made_up())
def test_a_made_up_structure_is_cut_where_nothing_is_missing(structure: Structure):
    """
    However frames lean on each other: what lies between a start and an end needs nothing else, and every other cut does.
    """
    known = scan_of(structure.times, structure.idr)
    order = sorted(range(known.frames), key=lambda packet: known.places[packet])

    for start in [*structure.idr, *range(0, known.frames, 5)]:
        for end in range(start + 1, known.frames + 1):
            needed = structure.needed(order[start:end])
            alone = needed == {*range(start, end)} and start in structure.idr
            assert alone == known.can_be_copied(start, end)


@pytest.mark.parametrize("structure", ["open", "open-and-closed", "intra-refresh"])
def test_no_copy_begins_where_a_decoder_only_recovers(structures: dict[str, Path], structure: str):
    """
    What readers call key frames in streams of open groups or with intra refresh is no beginning.
    """
    with av.open(str(structures[structure])) as reader:
        keys = [n for n, packet in enumerate(reader.demux(video=0)) if packet.size and packet.is_keyframe]
    starts = scan(structures[structure]).starts

    assert ((0, 33) if structure == "open-and-closed" else (0,)) == starts
    assert len(keys) > len(starts)


def test_the_gap_between_clean_ends_is_that_of_the_frames_out_of_order(structures: dict[str, Path]):
    """
    Three B frames: an end at least every four frames, inside a group of pictures too; eight of them: nine.
    """

    def gap(known: Scan) -> int:
        return max(after - before for before, after in zip((0, *known.ends), known.ends, strict=False))

    names = ("no-b-frames", "one-group", "twelve", "eight-b-frames")
    assert [1, 4, 4, 9] == [gap(scan(structures[name])) for name in names]


def test_a_scan_tells_references_order_and_colours(structures: dict[str, Path], tmp_path: Path):
    """
    How many frames a decoder has to keep and to hold back, and which colours it is to show.
    """
    untagged = encode(tmp_path / "untagged.mp4", "bframes=2:ref=2", frames=3, colours=2)
    said = {
        name: [(each.references, each.reorder, each.colours, each.profile) for each in scan(clip).sequences]
        for name, clip in {**structures, "untagged": untagged}.items()
        if name in ("one-group", "no-b-frames", "eight-b-frames", "untagged")
    }

    assert {
        "one-group": [(5, 2, (1, 1, 1), 100)],
        "no-b-frames": [(1, 0, (1, 1, 1), 100)],
        "eight-b-frames": [(6, 2, (1, 1, 1), 100)],
        "untagged": [(4, 2, (2, 2, 2), 100)],
    } == said


def test_a_stream_without_its_sets_in_the_header_is_told(tmp_path: Path):
    """
    An MPEG transport stream has them among its pictures: its packets are not those of an MP4.
    """
    with pytest.raises(MediaError, match=r"stream\.ts is no H\.264 with its parameter sets in its header"):
        scan(encode(tmp_path / "stream.ts", "bframes=0", frames=12))
