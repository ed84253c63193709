"""A film is its clips, packet by packet, with sound that stays in step over every joint."""

import asyncio
import hashlib
import json
import shutil
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.errors import MediaError
from storyreel.media import House, Piece, conform, matches, probe, splice, verify
from storyreel.media.set_numbers import Numbering, number_of
from storyreel.media.track import lay_out
from tests.media.filming import SERVICE, beep_after_flash, ffmpeg, film_clip, lights, packets, pictures, sound

HOUSE = House(160, 90)


@pytest.fixture(scope="module")
def takes(reels: Path) -> list[Path]:
    """Return four clips of the service: alike in everything but what they show; one of them is silent."""
    return [
        film_clip(reels / "take-1.mp4", hue=100),
        film_clip(reels / "take-2.mp4", hue=128, seconds=0.75),
        film_clip(reels / "take-3.mp4", hue=150, sound=None),
        film_clip(reels / "take-4.mp4", hue=170, sound=("-c:a", "aac", "-ac", "1", "-ar", "44100")),
    ]


def whole(*clips: Path) -> list[Piece]:
    return [Piece(clip, probe(clip).frames) for clip in clips]


@pytest.mark.long
async def test_thirty_mixed_clips_make_one_film(takes, footage, tmp_path, monkeypatch):
    """
    Generated clips go in untouched, own footage is encoded once each, and sound and picture are together at every joint.
    """
    log = tmp_path / "calls.jsonl"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    own = [clip for kind, clip in footage.items() if kind not in ("single-frame", "cut-by-edit-list", "tall")]
    order = [clip for pair in zip(takes * 4, own + takes[:2], strict=True) for clip in pair][:30]
    assert 30 == len(order)
    conformed: dict[Path, Path] = {}
    for clip in own:
        if clip in order and matches(probe(clip), HOUSE):
            conformed[clip] = tmp_path / f"{clip.stem}.house.mp4"
            await conform(clip, HOUSE, conformed[clip])
    pieces = whole(*(conformed.get(clip, clip) for clip in order))

    film = tmp_path / "film.mp4"
    spliced = await splice(pieces, HOUSE, film)
    verified = await verify(film, pieces, HOUSE)

    frames = sum(piece.frames for piece in pieces)
    assert (frames, frames / 24, False) == (spliced.frames, spliced.seconds, spliced.renumbered)
    assert (frames, frames / 24) == (verified.frames, verified.seconds)
    assert verified.av_offset_ms < 1
    assert [digest for piece in pieces for digest in packets(piece.path)] == packets(film)

    seen, heard = lights(film), sound(film)
    # What is decoded beyond the end is the rest of the last AAC packet; the container says where the sound ends.
    assert frames == len(seen)
    assert frames * 2000 <= len(heard) < frames * 2000 + 1024
    starts = [0, *accumulate(piece.frames for piece in pieces)][:-1]
    offsets = {
        f"{n} {clip.name}": beep_after_flash(seen, heard, start, Fraction(24))
        for n, (clip, start) in enumerate(zip(order, starts, strict=True))
        if probe(clip).has_audio
    }
    assert {} == {joint: offset for joint, offset in offsets.items() if abs(offset) > 0.008}

    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(conformed) == sum(call["encodes_video"] for call in calls)


async def test_the_same_clips_give_the_same_bytes(takes, tmp_path):
    """
    A film can be made again and is the same file.
    """
    for name in ("one.mp4", "two.mp4"):
        await splice(whole(*takes), HOUSE, tmp_path / name)

    one, two = (hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one.mp4", "two.mp4"))
    assert one == two


async def test_each_clip_s_pictures_come_out_as_they_went_in(takes, footage, tmp_path):
    """
    Every decoded frame of the film is exactly a frame of its clip, with clips of different encoders side by side.
    """
    house = await conform(footage["60"], HOUSE, tmp_path / "own.mp4")
    pieces = whole(takes[0], tmp_path / "own.mp4", takes[1], tmp_path / "own.mp4", takes[0])

    spliced = await splice(pieces, HOUSE, tmp_path / "film.mp4")

    assert probe(takes[0]).parameters != house.parameters
    assert not spliced.renumbered
    wanted = [picture for piece in pieces for picture in pictures(piece.path)]
    assert all(np.array_equal(a, b) for a, b in zip(wanted, pictures(tmp_path / "film.mp4"), strict=True))


OTHER = ("-c:v", "libx264", "-profile:v", "high", "-preset", "ultrafast", "-crf", "33", "-g", "6",
         "-x264-params", "8x8dct=1:cabac=1:ref=4:bframes=3:b-adapt=0")  # fmt: skip


async def test_clips_whose_parameter_sets_clash_still_decode_as_they_were(takes, reels, tmp_path):
    """
    Two encoders that number different parameter sets alike: no picture is encoded again, and each decodes as its own.
    """
    other = film_clip(reels / "other.mp4", encoder=OTHER, hue=60)
    assert [] == matches(probe(other), HOUSE)
    pieces = whole(takes[0], other, takes[1], other)

    spliced = await splice(pieces, HOUSE, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, HOUSE)
    ffmpeg("-xerror", "-err_detect", "explode", "-i", str(tmp_path / "film.mp4"), "-f", "null", "-")

    assert spliced.renumbered
    wanted = [picture for piece in pieces for picture in pictures(piece.path)]
    assert all(np.array_equal(a, b) for a, b in zip(wanted, pictures(tmp_path / "film.mp4"), strict=True))


@pytest.mark.parametrize("kind", ["repeats-its-own", "brings-others"])
async def test_clips_with_parameter_sets_among_their_pictures_do_not_spoil_the_next(takes, reels, tmp_path, kind):
    """
    A clip that repeats its parameter sets before key frames, or brings new ones, leaves the clips around it as they are.
    """
    odd = reels / f"{kind}.mp4"
    if kind == "repeats-its-own":
        film_clip(odd, encoder=(*OTHER[:-1], OTHER[-1] + ":repeat-headers=1"), hue=60)
    else:
        other = film_clip(reels / "brought.mp4", encoder=OTHER, hue=60)
        (reels / "list.txt").write_text(f"ffconcat version 1.0\nfile '{takes[2]}'\nfile '{other}'\n")
        ffmpeg("-f", "concat", "-safe", "0", "-i", str(reels / "list.txt"), "-an", "-c", "copy", str(odd))
    assert [] == matches(probe(odd), HOUSE)
    pieces = whole(takes[0], odd, takes[1])

    await splice(pieces, HOUSE, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, HOUSE)

    wanted = [picture for piece in pieces for picture in pictures(piece.path)]
    assert all(np.array_equal(a, b) for a, b in zip(wanted, pictures(tmp_path / "film.mp4"), strict=True))


async def test_a_matching_clip_in_another_container_is_joined_as_it_is(takes, reels, tmp_path):
    """
    The container a clip comes in, and how coarse its clock is, make no difference.
    """
    ffmpeg("-i", str(takes[0]), "-c", "copy", "-metadata", "creation_time=2026-01-01", str(reels / "other.mkv"))
    pieces = whole(reels / "other.mkv", takes[1])

    await splice(pieces, HOUSE, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, HOUSE)

    assert packets(takes[0]) + packets(takes[1]) == packets(tmp_path / "film.mp4")
    assert b"2026" not in (tmp_path / "film.mp4").read_bytes()


async def test_sound_that_outlasts_its_picture_does_not_push_the_next(takes, long_sound, tmp_path):
    """
    However long a clip's sound is, the next clip's begins with its picture.
    """
    pieces = whole(long_sound, takes[0], long_sound, takes[1])

    await splice(pieces, HOUSE, tmp_path / "film.mp4")

    seen, heard = lights(tmp_path / "film.mp4"), sound(tmp_path / "film.mp4")
    for start in [0, *accumulate(piece.frames for piece in pieces)][:-1]:
        assert abs(beep_after_flash(seen, heard, start, Fraction(24))) < 0.003


async def test_a_part_of_a_clip_brings_the_sound_of_that_part(takes, reels, tmp_path):
    """
    What is heard before a part begins is not heard with it, and what comes after it is in step.
    """
    clip = film_clip(reels / "two-groups.mp4", seconds=1, encoder=(*SERVICE, "-sc_threshold", "0"))
    pieces = [*whole(takes[0]), Piece(clip, 12, first=12), *whole(takes[1])]

    await splice(pieces, HOUSE, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, HOUSE)

    seen, heard = lights(tmp_path / "film.mp4"), sound(tmp_path / "film.mp4")
    assert lights(clip)[12:] == seen[12:24]
    assert float(np.abs(heard[12 * 2000 + 200 : 24 * 2000 - 200]).max()) < 0.02
    assert abs(beep_after_flash(seen, heard, 24, Fraction(24))) < 0.003


async def test_a_film_at_a_broken_rate_stays_in_step(reels, tmp_path):
    """
    At 30000/1001 frames a second no clip is a whole number of samples long, and nothing adds up over a dozen joints.
    """
    house = House(160, 90, fps=Fraction(30000, 1001))
    clip = film_clip(reels / "broken-rate.mp4", fps="30000/1001")
    pieces = whole(clip) * 13

    await splice(pieces, house, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, house)

    seen, heard = lights(tmp_path / "film.mp4"), sound(tmp_path / "film.mp4")
    assert abs(beep_after_flash(seen, heard, 12 * pieces[0].frames, house.fps)) < 0.003


async def test_a_film_without_any_sound_has_a_silent_track(takes, tmp_path):
    """
    Players get a sound track in any case.
    """
    pieces = whole(takes[2], takes[2])

    await splice(pieces, HOUSE, tmp_path / "film.mp4")
    await verify(tmp_path / "film.mp4", pieces, HOUSE)

    assert 0.0 == float(np.abs(sound(tmp_path / "film.mp4")).max())


async def test_names_of_files_are_names_and_nothing_else(takes, tmp_path):
    """
    Quotes, brackets, line breaks and percent signs in a path mean nothing to what joins the clips.
    """
    folder = tmp_path / "it's [a] %03d;\n'film'"
    folder.mkdir()
    odd = shutil.copy(takes[0], folder / "-o 'x'\n:y.mp4")

    pieces = whole(Path(odd), takes[1])
    await splice(pieces, HOUSE, folder / "film %d.mp4")

    assert 30 == (await verify(folder / "film %d.mp4", pieces, HOUSE)).frames


async def test_a_piece_that_does_not_match_is_refused(takes, footage, tmp_path):
    """
    What would only look right is not joined at all.
    """
    with pytest.raises(MediaError, match=r"not in the house format: .*size is 192x108"):
        await splice(whole(takes[0], footage["30-silent"]), HOUSE, tmp_path / "film.mp4")
    with pytest.raises(MediaError, match="has 12 frames, not 24"):
        await splice([Piece(takes[0], 24)], HOUSE, tmp_path / "film.mp4")
    with pytest.raises(MediaError, match=r"scene 'sea' \(sea.mov\) has 12 frames, not 24"):
        await splice([Piece(takes[0], 24, "scene 'sea' (sea.mov)")], HOUSE, tmp_path / "film.mp4")

    assert [] == list(tmp_path.iterdir())


async def test_a_film_is_not_believed_but_read_back(takes, tmp_path):
    """
    A film that lacks a clip, has them in another order, or is out of step is found out.
    """
    film, late = tmp_path / "film.mp4", tmp_path / "late.mp4"
    await splice(whole(takes[0], takes[1]), HOUSE, film)
    ffmpeg("-i", str(film), "-itsoffset", "0.2", "-i", str(film), "-map", "0:v", "-map", "1:a", "-c", "copy", str(late))

    with pytest.raises(MediaError, match="packet 0 is not that of take-2"):
        await verify(film, whole(takes[1], takes[0]), HOUSE)
    with pytest.raises(MediaError, match="packet 12 is not that of"):
        await verify(film, whole(takes[0], takes[0]), HOUSE)
    with pytest.raises(MediaError, match="shows 30 frames, not 42"):
        await verify(film, whole(takes[0], takes[1], takes[0]), HOUSE)
    with pytest.raises(MediaError, match=r"(199|200) ms apart"):
        await verify(late, whole(takes[0], takes[1]), HOUSE)


async def test_the_right_packets_under_the_wrong_parameters_are_found_out(takes, reels, tmp_path):
    """
    Two encoders, and what the second one's pictures name has the content of the first one's: every packet is in its place,
    and half of them decode to other pictures.
    """
    other = film_clip(reels / "other-silent.mp4", encoder=OTHER, hue=60, sound=None)
    pieces = whole(takes[2], other)
    right, wrong = tmp_path / "right.mp4", tmp_path / "wrong.mp4"
    await splice(pieces, HOUSE, right)
    film = lay_out(pieces)
    swapped = film.sets.pps[0], Numbering(pps={0: 15}).unit(film.sets.pps[0])
    copy_with(right, wrong, replace(film.sets, pps=swapped).box())

    assert [0, 15] == [number_of(unit) for unit in film.sets.pps]
    assert packets(right) == packets(wrong)
    with pytest.raises(MediaError, match=r"first frame of other-silent\.mp4, frame 12, decodes to another picture"):
        await verify(wrong, pieces, HOUSE)


def copy_with(film: Path, to: Path, box: bytes) -> None:
    """Copy a film, with other parameter sets in its header."""
    with av.open(str(film)) as reader, av.open(str(to), "w") as writer:
        tracks = {track.index: writer.add_stream_from_template(track) for track in reader.streams}
        tracks[0].codec_context.extradata = box
        for packet in reader.demux():
            if packet.size:
                packet.stream = tracks[packet.stream.index]
                writer.mux(packet)


@pytest.mark.parametrize("after_s", [0.01, 0.05, 0.1, 0.2, 0.35])
async def test_a_cancelled_splice_leaves_nothing(takes, tmp_path, monkeypatch, after_s):
    """
    Whenever it is stopped, neither a file nor a process of it is left.
    """
    started: list[asyncio.subprocess.Process] = []
    real = asyncio.create_subprocess_exec

    async def watched(*args: object, **kwargs: object) -> asyncio.subprocess.Process:
        started.append(await real(*args, **kwargs))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    task = asyncio.create_task(splice(whole(*takes) * 10, HOUSE, tmp_path / "film.mp4"))
    await asyncio.sleep(after_s)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert [] == list(tmp_path.iterdir())
    assert all(process.returncode is not None for process in started)


async def test_one_clip_is_a_film(takes, tmp_path):
    """
    The smallest storyboard has one scene.
    """
    pieces = whole(takes[0])

    await splice(pieces, HOUSE, tmp_path / "film.mp4")

    assert 0.5 == (await verify(tmp_path / "film.mp4", pieces, HOUSE)).seconds


async def test_a_film_of_nothing_is_an_error(tmp_path):
    """
    Without clips there is no film.
    """
    with pytest.raises(MediaError, match="at least one clip"):
        await splice([], HOUSE, tmp_path / "film.mp4")


async def test_the_film_starts_to_play_before_it_is_loaded(takes, tmp_path):
    """
    The index stands in front of the pictures.
    """
    await splice(whole(takes[0]), HOUSE, tmp_path / "film.mp4")

    content = (tmp_path / "film.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_service_s_encoder_is_another_than_ours():
    """
    The clips of these tests are numbered as encoders number theirs by default, so that joints are real ones.
    """
    assert "sps-id" not in " ".join(SERVICE)
