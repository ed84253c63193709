"""Clips and pictures are measured by what is in them."""

import hashlib
from fractions import Fraction

import pytest
from PIL import Image

from storyreel.errors import MediaError
from storyreel.media import House, house_for, matches, measure, probe
from storyreel.media.container import container_of
from tests.media.filming import SERVICE, ffmpeg, film_clip
from tests.media.numbered import MATRICES, standing


@pytest.mark.parametrize(
    ("kind", "frames", "rate", "shown"),
    [
        ("25-mono-44k", 13, Fraction(25), (320, 180)),
        ("30-silent", 30, Fraction(30), (192, 108)),
        ("60", 30, Fraction(60), (160, 90)),
        ("ntsc", 15, Fraction(30000, 1001), (160, 90)),
        ("odd-size", 12, Fraction(24), (161, 91)),
        ("turned", 12, Fraction(24), (160, 90)),
        ("wide-pixels", 12, Fraction(24), (160, 90)),
        ("broadcast", 12, Fraction(24), (160, 90)),
        ("cut-by-edit-list", 18, Fraction(24), (160, 90)),
        ("late", 13, Fraction(25), (320, 180)),
        ("single-frame", 1, Fraction(24), (128, 72)),
    ],
)
def test_a_clip_is_measured_as_it_is_shown(footage, kind, frames, rate, shown):
    """
    Frames, rate and size are those that a player shows, whatever the container says or hides.
    """
    found = probe(footage[kind])

    assert (frames, rate, shown) == (found.frames, found.signature.fps, found.shown)
    assert float(frames / rate) == pytest.approx(found.seconds)


@pytest.mark.parametrize("spare", [0, 4, 16], ids=["bare", "with a time in front", "with a checksum behind"])
@pytest.mark.parametrize("lost", [0, 100], ids=["whole", "joined midway"])
def test_a_transport_stream_is_told_by_its_packets(footage, tmp_path, spare, lost):
    """
    Broadcasts, camcorders and discs write packets of three sizes, and a recording may begin in the middle of one.
    """
    bare = footage["broadcast"].read_bytes()
    packets = [bare[place : place + 188] for place in range(0, len(bare), 188)]
    spared = [bytes(spare) * (spare == 4) + packet + bytes(spare) * (spare == 16) for packet in packets]
    (tmp_path / "00001.MTS").write_bytes(b"".join(spared)[lost:])

    assert "mpegts" == container_of(tmp_path / "00001.MTS")
    assert 12 == probe(tmp_path / "00001.MTS").frames


@pytest.mark.parametrize("text", [b"G" * 4000, b"Golden hour. " * 400, b"G" + bytes(187) + b"G" + bytes(50)])
def test_what_only_begins_like_a_transport_stream_is_no_clip(tmp_path, text):
    """
    One letter is the mark of a packet; a text that is full of it is no clip.
    """
    (tmp_path / "notes.ts").write_bytes(text)

    with pytest.raises(MediaError, match=r"notes\.ts"):
        probe(tmp_path / "notes.ts")


def test_a_varying_rate_is_told(footage):
    """
    A clip whose frames do not come evenly says so, and how long it really is.
    """
    found = probe(footage["varying"])

    assert found.signature.vfr
    assert 0.4 < found.seconds < 0.55


def test_a_person_s_clip_becomes_footage(footage):
    """
    A measured clip knows its length, rate, sound and the hash of its file.
    """
    clip = measure(footage["25-mono-44k"])

    assert (0.52, 25.0, 13, True, False) == (clip.seconds, clip.fps, clip.frames, clip.has_audio, clip.is_picture)
    assert hashlib.sha256(clip.path.read_bytes()).hexdigest() == clip.sha256


def test_a_person_s_picture_becomes_footage(tmp_path):
    """
    A picture has a size and no length.
    """
    Image.new("RGB", (30, 20)).save(tmp_path / "lamp.webp")

    found = measure(tmp_path / "lamp.webp")

    assert (30, 20, 0.0, 1, True) == (found.width, found.height, found.seconds, found.frames, found.is_picture)


def test_what_is_neither_picture_nor_clip_is_refused(tmp_path, reels):
    """
    A text, a missing file, a folder and a clip without a picture are told apart from footage by name.
    """
    (tmp_path / "notes.mp4").write_text("Scene one. A harbour.")

    for path in (tmp_path / "notes.mp4", tmp_path / "none.mp4", tmp_path):
        with pytest.raises(MediaError, match=path.name):
            measure(path)


def test_without_a_clip_the_house_is_24_frames_high_profile():
    """
    A film of own footage alone is 24 frames a second at the asked size.
    """
    assert House(160, 90, Fraction(24), "High") == house_for([], size=(160, 90))


def test_what_all_generated_clips_agree_on_is_the_house(reels):
    """
    When the service makes 25 frames a second in Main profile, nothing of it is encoded again.
    """
    encoder = ("-c:v", "libx264", "-profile:v", "main")
    clips = [probe(film_clip(reels / f"main-{hue}.mp4", fps="25", encoder=encoder, hue=hue)) for hue in (90, 160)]

    house = house_for(clips, size=(160, 90))

    assert House(160, 90, Fraction(25), "Main") == house
    assert [[], []] == [matches(clip, house) for clip in clips]


def test_when_clips_disagree_the_house_is_the_usual_one(clip, footage):
    """
    One clip of another rate does not change what the others are joined at.
    """
    assert Fraction(24) == house_for([probe(clip), probe(footage["60"])], size=(160, 90)).fps


@pytest.mark.parametrize(
    ("asked", "house"),
    [pytest.param((164, 92), (160, 90), id="nearly"), pytest.param((320, 180), (320, 180), id="far")],
)
def test_a_size_that_all_clips_agree_on_is_kept_if_it_is_nearly_the_asked_one(clip, asked, house):
    """
    A service that rounds its sizes differently costs no encoding; a clip of half the size is brought to the asked one.
    """
    found = house_for([probe(clip)], size=asked)

    assert house == (found.width, found.height)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("25-mono-44k", "rate is 25, not 24"),
        ("30-silent", "size is 192x108, not 160x90"),
        ("varying", "rate varies"),
        ("ten-bit", "pixel format is yuv420p10le"),
        ("hevc", "codec is hevc, not h264"),
        ("turned", "rotation is 270, not 0"),
        ("wide-pixels", "pixel shape is 4/3, not 1"),
        ("broadcast", "parameter sets are not in the header"),
        ("cut-by-edit-list", "hidden by an edit list"),
    ],
)
def test_differences_are_told_in_words(footage, kind, says):
    """
    A clip that cannot be joined as it is says why.
    """
    assert any(says in difference for difference in matches(probe(footage[kind]), House(160, 90)))


@pytest.mark.parametrize("stands", ["mirrored", "flipped", "transposed"])
def test_a_mirrored_clip_is_not_joined_as_it_is(clip, tmp_path, stands):
    """
    A joined packet would be shown without the mark that mirrors it.
    """
    assert any(
        "mirrored" in said
        for said in matches(probe(standing(clip, MATRICES[stands], tmp_path / "m.mp4")), House(160, 90))
    )


@pytest.mark.parametrize("clock", ["90000", "600", "12800"])
def test_a_clip_s_clock_is_no_difference(reels, clock):
    """
    Clips whose headers count time in other units are joined as they are.
    """
    encoder = (*SERVICE, "-video_track_timescale", clock)

    assert [] == matches(probe(film_clip(reels / f"clock-{clock}.mp4", encoder=encoder)), House(160, 90))


def test_a_house_s_name_tells_all_of_it():
    """
    Houses that differ in anything have different names, equal ones the same.
    """
    houses = [House(160, 90), House(160, 92), House(160, 90, Fraction(25)), House(160, 90, profile="Main")]

    assert len(houses) == len({str(house) for house in houses})
    assert str(House(160, 90)) == str(House(160, 90, Fraction(24), "High"))


def test_a_clip_of_one_group_that_is_cut_at_its_start_can_be_decoded(tmp_path):
    """
    Its one key frame is hidden by an edit list, as a phone's trim does it, and all that is shown leans on it.
    """
    whole, clip = film_clip(tmp_path / "a.mp4", seconds=1, encoder=(*SERVICE[:-1], "250")), tmp_path / "b.mp4"
    ffmpeg("-ss", "0.5", "-i", str(whole), "-c", "copy", str(clip))

    measured = probe(clip)

    assert measured.hidden
    assert measured.decodes
