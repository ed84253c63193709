"""One H.264 track out of pieces of many clips: every frame is its clip's, however it is reached."""

import random
import shutil
import struct
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from storyreel.errors import MediaError
from storyreel.media import Piece, conform, cover, joining, probe, scan, splice, verify
from storyreel.media.h264 import PPS, SPS, kind_of, packed, units
from storyreel.media.render import render
from storyreel.media.set_numbers import number_of
from storyreel.media.track import lay_out, write_track
from storyreel.media.window_args import Source, window_args
from storyreel.media.windows import Stretch, Window
from tests.media.filming import ffmpeg
from tests.media.structures import FPS, HOUSE, STRUCTURES, contents, digest, encode


def join(pieces: Sequence[Piece], to: Path) -> Path:
    """Write the track of a film, which nothing else is needed for."""
    write_track(pieces, lay_out(pieces), HOUSE, to, threading.Event())
    return to


def part_of(clip: Path, frames: range) -> Window:
    """Return a window of some frames of a clip, as they are."""
    return Window((Stretch(clip, frames.start, len(frames)),))


def frames_of(clip: Path, threads: int = 1) -> list[str]:
    """Return a digest of each frame that a clip shows, in its order."""
    with av.open(str(clip)) as reader:
        reader.streams.video[0].thread_count = threads
        reader.streams.video[0].thread_type = "FRAME"
        return [digest(frame) for frame in reader.decode(video=0)]


def asked(pieces: Sequence[Piece]) -> list[str]:
    """Return what a film is to show: the frames of its pieces, each of its clip decoded alone."""
    shown = {path: frames_of(path) for path in {piece.path for piece in pieces}}
    return [frame for piece in pieces for frame in shown[piece.path][piece.first : piece.end]]


def box(film: Path, name: bytes) -> bytes:
    """Return the content of the first box of this name."""
    content = film.read_bytes()
    at = content.index(name)
    (size,) = struct.unpack(">I", content[at - 4 : at])
    return content[at + 4 : at - 4 + size]


@pytest.fixture(scope="session")
def film(pieces: list[Piece], reels: Path) -> Path:
    """Return the track of that film."""
    return join(pieces, reels / "track.mp4")


@pytest.fixture(scope="session")
def wanted(pieces: list[Piece]) -> list[str]:
    """Return what that film is to show."""
    return asked(pieces)


@pytest.mark.parametrize("threads", [1, 4])
def test_every_frame_is_its_clip_s(film: Path, wanted: list[str], threads: int):
    """
    Read from its beginning to its end, in one thread or in several.
    """
    assert wanted == frames_of(film, threads)


def test_every_frame_is_reached_by_seeking(film: Path, wanted: list[str]):
    """
    In random order within one open file, which is how a person looks for a place, and another matter than playing it.
    """
    order = list(range(len(wanted)))
    random.Random(7).shuffle(order)
    with av.open(str(film)) as reader:
        video = reader.streams.video[0]
        tick = round(1 / (FPS * (video.time_base or Fraction(1))))
        for place in order[::3]:
            reader.seek(place * tick, stream=video)
            found = next(frame for frame in reader.decode(video) if (frame.pts or 0) >= place * tick)
            assert (place * tick, wanted[place]) == (found.pts, digest(found))


def test_only_idr_pictures_are_marked_as_key_frames(film: Path, pieces: list[Piece]):
    """
    Open groups and intra refresh too: a player that seeks to a mere recovery point shows damage, or stops.
    """
    starts = [0, *accumulate(piece.frames for piece in pieces)]
    idr = [
        start + place - piece.first + 1
        for start, piece in zip(starts, pieces, strict=False)
        for place in scan(piece.path).starts
        if piece.first <= place < piece.end
    ]
    marked = box(film, b"stss")

    assert idr == [*struct.unpack(f">{len(idr)}I", marked[8:])]


async def test_a_film_with_sound_is_the_same_and_survives_being_copied(
    film: Path, pieces: list[Piece], wanted: list[str], tmp_path: Path
):
    """
    Read whole by ffmpeg without a complaint, and copied by it into other containers and back with every frame.
    """
    whole = tmp_path / "film.mp4"
    spliced = await splice(pieces, HOUSE, whole)
    verified = await verify(whole, pieces, HOUSE)
    ffmpeg("-xerror", "-err_detect", "explode", "-i", str(whole), "-f", "null", "-")
    copies = [tmp_path / f"copy.{kind}" for kind in ("mp4", "ts", "mkv")]
    for to in copies:
        ffmpeg("-i", str(whole), "-c", "copy", str(to))

    assert spliced.renumbered
    assert len(wanted) == verified.frames
    assert box(film, b"stss") == box(whole, b"stss")
    for each in (whole, *copies):
        assert wanted == frames_of(each), each.name
    # ffmpeg marks what a decoder may recover at, which is what a film must not do.
    with pytest.raises(MediaError, match=r"packet \d+ is marked as a key frame"):
        await verify(copies[0], pieces, HOUSE)


def test_a_window_keeps_as_many_frames_as_the_clip_beside_it(
    structures: dict[str, Path], windows: dict[str, Path], film: Path, wanted: list[str]
):
    """
    Where the number changes a strict decoder drops what it has not shown: none is lost at a joint of clip and window.
    """
    kept = {name: scan(clip).sequences[0].references for name, clip in structures.items() if name in windows}
    rendered = {name: scan(clip).sequences[0] for name, clip in windows.items()}

    assert {"one-group": 5, "no-b-frames": 1, "eight-b-frames": 6} == kept
    assert kept == {name: said.references for name, said in rendered.items()}
    assert {(1, 1, 1)} == {said.colours for said in rendered.values()}


async def test_a_window_of_baseline_has_no_b_frames_and_as_many_references(tmp_path: Path):
    """
    The profile has none, so what they would take is asked for otherwise.
    """
    baseline = "ref=4:8x8dct=0:cabac=0:bframes=0:weightp=0"
    clip, window = encode(tmp_path / "clip.mp4", baseline, frames=6), tmp_path / "window.mp4"
    await render(part_of(clip, range(2, 5)), replace(HOUSE, profile="Constrained Baseline"), window)

    own, rendered = (scan(each).sequences[0] for each in (clip, window))

    assert (66, 4, 0) == (own.profile, own.references, own.reorder)
    assert (66, 4, 0) == (rendered.profile, rendered.references, rendered.reorder)


@pytest.mark.parametrize("name", ["one-group", "no-b-frames", "eight-b-frames"])
def test_a_strict_decoder_shows_all_frames(
    structures: dict[str, Path], windows: dict[str, Path], tmp_path: Path, name: str
):
    """
    Clip, window, clip: the decoder of openh264, which does what the standard allows at a change, counts every frame.
    """
    end = scan(structures[name]).ends[-2]
    track = join(
        [Piece(structures[name], end), Piece(windows[name], 6), Piece(structures[name], 60)], tmp_path / "t.mp4"
    )
    # Not every ffmpeg has that decoder: the one that Python brings has.
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-c:v", "libopenh264", "-i", str(track)]
    told = subprocess.run([*command, "-f", "framehash", "-"], check=True, capture_output=True, text=True).stdout

    assert end + 6 + 60 == sum(not line.startswith("#") for line in told.splitlines())


async def test_the_same_window_has_the_same_bytes(
    structures: dict[str, Path], windows: dict[str, Path], tmp_path: Path
):
    """
    It is encoded in one thread and without regard to the processor, so that it can be known by what it is made of, in
    whatever container that is.
    """
    ffmpeg("-i", str(structures["one-group"]), "-c", "copy", str(tmp_path / "clip.mkv"))

    for clip in (structures["one-group"], tmp_path / "clip.mkv"):
        window, like = part_of(clip, range(54, 60)), scan(clip).sequences[0]
        command = window_args(window, [Source(probe(clip))], HOUSE, tmp_path / "again.mp4", like=like)
        assert {"threads=1", "cpu-independent=1"} <= {*command[command.index("-x264-params") + 1].split(":")}
        await render(window, HOUSE, tmp_path / "again.mp4")

        assert windows["one-group"].read_bytes() == (tmp_path / "again.mp4").read_bytes()


async def test_what_we_have_encoded_has_one_set_for_all(structures: dict[str, Path], tmp_path: Path):
    """
    A clip that was conformed, and a window rendered of it in another quality: the safest film has no second set.
    """
    conformed, window = tmp_path / "conformed.mp4", tmp_path / "window.mp4"
    await conform(structures["forty-eight"], HOUSE, conformed)
    await render(part_of(conformed, range(3, 9)), HOUSE, window)

    sets = [scan(clip).in_force[0].sets for clip in (conformed, window)]

    assert sets[0] == sets[1]
    assert [3] == [number_of(unit) for unit in sets[0].sps]
    assert [(1, 1, 1)] == [said.colours for said in scan(conformed).sequences]


@pytest.mark.parametrize("structure", ["one-group", "open"])
async def test_a_part_is_shown_frame_by_frame(structures: dict[str, Path], tmp_path: Path, structure: str):
    """
    Copied as far as that can be, and rendered up to there: the part has the frames that were asked for, no more, no less.
    """
    clip = structures[structure]
    part = cover(scan(clip), 0, 59, least=12)
    after = tmp_path / "after.mp4"
    await render(part_of(clip, part.after), HOUSE, after)

    shown = frames_of(join([Piece(clip, len(part.copied)), Piece(after, len(part.after))], tmp_path / "part.mp4"))

    assert 59 == len(shown)
    assert frames_of(clip)[: len(part.copied)] == shown[: len(part.copied)]
    assert frames_of(after) == shown[len(part.copied) :]
    assert all(near < 4 for near in differences(clip, after, part.after))


@pytest.mark.parametrize(
    ("structure", "first"),
    [
        pytest.param("forty-eight", 50, id="behind-an-idr-picture"),
        pytest.param("open", 22, id="before-a-recovery-point"),
        pytest.param("intra-refresh", 37, id="behind-a-recovery-point"),
        pytest.param("late", 50, id="with-sound-that-begins-earlier"),
    ],
)
async def test_a_window_has_the_frames_that_were_asked_for(
    structures: dict[str, Path], tmp_path: Path, structure: str, first: int
):
    """
    Wherever ffmpeg would begin to read by itself: at a recovery point, or at a time that counts from the sound.
    """
    clip, window = structures.get(structure, tmp_path / "late.mp4"), tmp_path / "window.mp4"
    if structure == "late":
        ffmpeg("-itsoffset", "0.3", "-i", str(structures["forty-eight"]), "-f", "lavfi", "-t", "2", "-i", "anullsrc",
               "-map", "0:v", "-map", "1:a", "-c:v", "copy", str(clip))  # fmt: skip

    await render(part_of(clip, range(first, first + 3)), HOUSE, window)

    assert all(near < 4 for near in differences(clip, window, range(first, first + 3)))


def differences(clip: Path, window: Path, frames: range) -> list[float]:
    """Return how far each frame of a window is from the clip's, on average, in steps of 255."""
    with av.open(str(clip)) as reader, av.open(str(window)) as rendered:
        own = [frame.to_ndarray().astype(int) for frame in reader.decode(video=0)][frames.start : frames.stop]
        return [
            float(abs(frame.to_ndarray() - before).mean())
            for frame, before in zip(rendered.decode(video=0), own, strict=True)
        ]


def test_a_film_says_that_it_is_bt709(structures: dict[str, Path], tmp_path: Path):
    """
    Though its first clip does not say what its colours are: players guess, and guess otherwise for each.
    """
    untagged = encode(tmp_path / "untagged.mp4", "bframes=2", frames=12, colours=2)

    track = join([Piece(untagged, 12), Piece(structures["twelve"], 60)], tmp_path / "track.mp4")

    assert (2, 2, 2) == scan(untagged).sequences[0].colours
    assert b"nclx" + struct.pack(">HHHB", 1, 1, 1, 0) == box(track, b"colr")


@pytest.mark.parametrize(
    ("structure", "first", "frames", "why"),
    [
        pytest.param("twelve", 5, 12, "cannot be cut at frame 5: it is no IDR picture", id="between"),
        pytest.param("open", 12, 12, "cannot be cut at frame 12: it is no IDR picture", id="recovery-point"),
        pytest.param("twelve", 12, 3, "cannot be cut at frame 15: frames before it need later packets", id="unclean"),
        pytest.param("open", 0, 12, "cannot be cut at frame 12: frames before it need later packets", id="open"),
        pytest.param("twelve", 12, 49, "has 60 frames, not 61", id="too-long"),
    ],
)
def test_a_piece_that_its_packets_cannot_show_is_refused(
    structures: dict[str, Path], structure: str, first: int, frames: int, why: str
):
    """
    A copy begins with an IDR picture and ends where no frame is missing; all else would look right by luck.
    """
    with pytest.raises(MediaError, match=rf"{structure}\.mp4 {why}"):
        lay_out([Piece(structures[structure], frames, first=first)])


def test_parameter_sets_that_change_within_a_clip_are_told_apart(structures: dict[str, Path], tmp_path: Path):
    """
    One clip with the pictures of two encoders, whose second sets stand among them and say the same number: nothing is
    encoded again, and nothing stays among the pictures.
    """
    changing = tmp_path / "changing.mp4"
    one, two = structures["twelve"], structures["cavlc-slices"]
    sets = scan(two).in_force[0].sets
    brought, *others = contents(two)
    with av.open(str(changing), "w") as writer, av.open(str(one)) as reader:
        track = writer.add_stream_from_template(reader.streams.video[0])
        known = [*scan(one).places, *(60 + place for place in scan(two).places)]
        mixed = [*contents(one), packed([*sets.sps, *sets.pps]) + brought, *others]
        for number, (place, content) in enumerate(zip(known, mixed, strict=True)):
            packet = av.Packet(content)
            packet.time_base, packet.pts, packet.dts, packet.stream = Fraction(1, FPS), place, number - 2, track
            packet.is_keyframe = number in (0, 60)
            writer.mux(packet)

    pieces = [Piece(one, 60), Piece(changing, 120), Piece(two, 60)]
    shown = frames_of(join(pieces, tmp_path / "track.mp4"))

    assert [0, 60] == [each.first for each in scan(changing).in_force]
    assert [*frames_of(one) * 2, *frames_of(two) * 2] == shown
    assert {SPS, PPS}.isdisjoint(kind_of(unit) for packet in contents(tmp_path / "track.mp4") for unit in units(packet))


def test_a_film_of_one_encoder_has_its_clips_packets_to_the_byte(structures: dict[str, Path], tmp_path: Path):
    """
    Sets that a clip repeats among its pictures included; beside another encoder's clip those alone are left out.
    """
    clip = encode(tmp_path / "repeats.mp4", "keyint=6:bframes=2:repeat-headers=1", frames=12)
    bare = [packed(unit for unit in units(packet) if kind_of(unit) not in (SPS, PPS)) for packet in contents(clip)]

    alone = contents(join([Piece(clip, 12)] * 2, tmp_path / "alone.mp4"))
    beside = contents(join([Piece(clip, 12), Piece(structures["no-b-frames"], 60)], tmp_path / "beside.mp4"))

    assert bare != contents(clip)
    assert contents(clip) * 2 == alone
    assert bare == beside[:12]


def test_clips_for_whose_sets_no_number_is_left_are_to_be_conformed(tmp_path: Path):
    """
    Eighteen encoders that all say 0 live in one film; the nineteenth, and a clip of another profile, do not join.
    """
    clips = [encode(tmp_path / f"{crf}.mp4", f"crf={crf}:bframes=0", frames=2) for crf in range(10, 29)]
    other = tmp_path / "other.mp4"
    shutil.copy(clips[0], other)
    measured = [probe(clip) for clip in clips]
    main = replace(measured[0], signature=replace(measured[0].signature, profile="Main"))

    joins = joining([*clips, other], [*measured, main], HOUSE)

    assert [True] * 18 + [False, False] == joins
    assert 18 == len({number_of(unit) for unit in lay_out([Piece(clip, 2) for clip in clips[:18]]).sets.pps})
    with pytest.raises(MediaError, match=r"the parameter sets of 28\.mp4 find no numbers"):
        lay_out([Piece(clip, 2) for clip in clips])


def test_a_clip_whose_sets_cannot_be_read_is_to_be_conformed(structures: dict[str, Path], tmp_path: Path):
    """
    Its packets would have to be copied without knowing whether they clash with others.
    """
    clip, broken = structures["twelve"], tmp_path / "broken.mp4"
    (sequence,) = scan(clip).in_force[0].sets.sps
    broken.write_bytes(clip.read_bytes().replace(sequence, sequence[:4] + bytes(len(sequence) - 4)))

    assert [True, False] == joining([clip, broken], [probe(clip)] * 2, HOUSE)
    with pytest.raises(MediaError, match=r"broken\.mp4 cannot be read as a clip"):
        lay_out([Piece(broken, 60)])


def test_every_structure_is_in_the_film(pieces: list[Piece]):
    """
    The tests of this file speak of all that there is.
    """
    assert {*STRUCTURES} <= {piece.path.stem for piece in pieces}
