"""
A copy of a film says what it is, and is the same film packet by packet.
"""

import asyncio
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from storyreel.errors import MediaError
from storyreel.media import Piece, splice, tag_film
from storyreel.media.ffmpeg_args import AS_WRITTEN
from storyreel.media.tags import check_same
from storyreel.model.captions import Caption
from storyreel.model.film_words import Chapter
from storyreel.model.tags import Tags
from tests.media.filming import ffmpeg
from tests.media.structures import FPS, HOUSE

RATE = Fraction(FPS)
WORDS = ("a < b & c > d {x} \\N \\h {\\i1} </i> &lt;", "終電 – مرحبا – Ж 👩‍👩‍👧‍👦")
TAGS = Tags(
    title="The Last Tram; 100 % = \\ # 終電",
    language="pt-BR",
    spoken="pt-BR",
    captions=(
        Caption(first_frame=7, frames=12, lines=WORDS),
        Caption(first_frame=19, frames=5, lines=("next",)),
        Caption(first_frame=30, frames=500, lines=("last",)),
    ),
    chapters=(Chapter(name="sea", first_frame=0, end=31), Chapter(name="pier", first_frame=31, end=600)),
)


@pytest.fixture(scope="module")
def film(pieces: list[Piece], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film whose one header has the parameter sets of many clips, with key frames that only look like ones."""
    to = tmp_path_factory.mktemp("tags") / "film.mp4"
    asyncio.run(splice(pieces, HOUSE, to))
    return to


async def tagged(film: Path, tags: Tags, to: Path) -> Path:
    await tag_film(film, tags, to, rate=RATE)
    return to


async def test_a_copy_has_the_packets_of_the_film_and_all_that_it_says(film: Path, tmp_path: Path):
    """
    Title, chapters at their frames, and the languages of what is read and spoken.
    """
    copy = await tagged(film, TAGS, tmp_path / "copy.mp4")

    check_same(film, copy)
    with av.open(str(copy)) as reader:
        assert TAGS.title == reader.metadata["title"]
        assert ["video", "audio", "subtitle"] == [each.type for each in reader.streams][:3]
        assert ["und", "por", "por"] == [each.metadata["language"] for each in reader.streams][:3]
        chapters = [
            (each["metadata"]["title"], round(each["start"] * each["time_base"] * RATE)) for each in reader.chapters()
        ]
        assert [("sea", 0), ("pier", 31)] == chapters
        assert not {"creation_time", "encoder"} & {name for each in (reader, *reader.streams) for name in each.metadata}


async def test_captions_are_a_track_with_the_very_words_at_their_very_frames(film: Path, tmp_path: Path):
    """
    What means something elsewhere is nothing but words here; between captions nothing is shown, and nothing of no length.
    """
    copy = await tagged(film, TAGS, tmp_path / "copy.mp4")

    with av.open(str(copy)) as reader:
        track = reader.streams.subtitles[0]
        shown = [
            (
                round(packet.pts * track.time_base * RATE),
                bytes(packet)[2:].decode(),
                packet.duration * track.time_base * RATE,
            )
            for packet in reader.demux(track)
            if packet.size and packet.duration
        ]
    assert [(0, "", 7), (7, "\n".join(WORDS), 12), (19, "next", 5), (24, "", 6), (30, "last", 500)] == shown


async def test_the_same_film_with_the_same_tags_is_the_same_file(film: Path, tmp_path: Path):
    """
    There is no date in it; another title is another file.
    """
    one, again = [(await tagged(film, TAGS, tmp_path / name)).read_bytes() for name in ("a.mp4", "b.mp4")]
    other = (await tagged(film, TAGS.model_copy(update={"title": "x"}), tmp_path / "c.mp4")).read_bytes()

    assert one == again
    assert one != other


async def test_a_film_that_says_nothing_has_no_further_track(film: Path, tmp_path: Path):
    """
    As of a board without captions and chapters.
    """
    copy = await tagged(film, Tags(title="x"), tmp_path / "copy.mp4")

    check_same(film, copy)
    with av.open(str(copy)) as reader:
        assert ["video", "audio"] == [each.type for each in reader.streams]
        assert [] == reader.chapters()


def test_a_copy_that_marks_other_key_frames_is_none(film: Path, tmp_path: Path):
    """
    As ffmpeg makes them: it marks what a decoder may recover at, at which players then seek.
    """
    copy = tmp_path / "copy.mp4"
    ffmpeg("-i", str(film), "-c", "copy", "-video_track_timescale", "12288", str(copy))

    with pytest.raises(MediaError, match=r"copy\.mp4: packet \d+ is not that of film\.mp4"):
        check_same(film, copy)


def test_a_copy_that_ends_early_is_none(film: Path, tmp_path: Path):
    """
    Every packet is looked at, and the header.
    """
    ffmpeg(
        "-fflags",
        AS_WRITTEN,
        "-i",
        str(film),
        "-c",
        "copy",
        "-t",
        "3",
        "-video_track_timescale",
        "12288",
        str(tmp_path / "c.mp4"),
    )
    with pytest.raises(MediaError, match="is not that of"):
        check_same(film, tmp_path / "c.mp4")

    ffmpeg("-i", str(film), "-c", "copy", "-video_track_timescale", "24000", str(tmp_path / "d.mp4"))
    with pytest.raises(MediaError, match="has not the headers"):
        check_same(film, tmp_path / "d.mp4", threading.Event())


async def test_where_a_copy_cannot_be_written_that_is_what_is_told(film: Path, tmp_path: Path):
    """
    And not that the film cannot be read.
    """
    with pytest.raises((OSError, MediaError)) as wrong:
        await tag_film(film, TAGS, tmp_path / "nowhere" / "copy.mp4", rate=RATE)

    assert "cannot be read" not in str(wrong.value)
