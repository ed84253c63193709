"""
Captions in the picture: over the frames at which they are said and over no others, and nothing else is made anew for them.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.delivery.assemble import assemble, draft
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.tagged import put_tagged
from storyreel.media import Piece, Window
from storyreel.model.captions import CaptionFile, Captioning, Say, TimedLines
from storyreel.model.shot import Shot
from storyreel.model.tags import tags_of
from storyreel.model.timeline import Timeline
from storyreel.model.words import Title
from tests.delivery.test_cut import FRAMES, RATE, SIZE, Studio, read, shot, studio
from tests.delivery.test_titles import lower_parts

__all__ = ["studio"]  # fixtures

BURNT = Captioning(burn=True)
SECOND = 1 / RATE


def say(words: str, first: int, end: int) -> Say:
    """Return what is said from a frame of its clip to before another."""
    return Say(words, first * SECOND, end * SECOND)


def film(*shots: Shot, captions: Captioning = BURNT) -> Timeline:
    return Timeline(SIZE, shots, captions=captions)


async def captioned(timeline: Timeline, studio: Studio) -> list[int]:
    """Cut a film with its captions and without them, and return in which frames they differ below. All else of them is alike."""
    bare = replace(timeline, captions=Captioning())
    films = [(await assemble(each, studio.clips, studio.vault))[0] for each in (timeline, bare)]
    burnt, plain = map(read, films)
    assert [number for _, number in plain] == [number for _, number in burnt]
    apart = np.abs(np.subtract(*map(lower_parts, films))).max(axis=(1, 2))
    return [int(at) for at in np.flatnonzero(apart > 40)]


@pytest.mark.parametrize(
    ("shots", "frames"),
    [
        ([replace(shot(0), say=(say("MMMMMM", 31, 45),)), shot(1)], range(31, 45)),
        ([shot(1), replace(shot(0), say=(Say("MMMMMM"),))], range(FRAMES, 2 * FRAMES)),
        ([replace(shot(0, speed="2"), say=(say("MMMMMM", 40, 60),))], range(20, 30)),
        ([replace(shot(0, 1.0, 3.0), say=(say("MMMMMM", 20, 30), say("MMM", 80, 90)))], range(6)),
    ],
    ids=["at its seconds", "over all of its shot", "twice as fast", "cut off at the shot's edge"],
)
async def test_captions_are_burnt_over_the_frames_at_which_they_are_said(
    studio: Studio, shots: Sequence[Shot], frames: Sequence[int]
):
    """
    As they stand in the files beside the film.
    """
    assert [*frames] == await captioned(film(*shots), studio)


async def test_captions_of_a_file_are_burnt_at_its_seconds(studio: Studio):
    """
    Over whatever shots are seen then.
    """
    file = CaptionFile(Path("x.srt"), "x", (TimedLines(90 * SECOND, 110 * SECOND, ("MMMMMM",)),))

    assert [*range(90, 110)] == await captioned(film(shot(0), shot(1), captions=replace(BURNT, file=file)), studio)


async def test_only_what_carries_captions_is_rendered(studio: Studio):
    """
    Another word is another window, and everything else stays where it is.
    """
    cuts = [
        await draft(film(replace(shot(0), say=(say(words, 40, 50),))), studio.clips, CuttingRoom(studio.vault))
        for words in ("MMMMMM", "NNNNNN")
    ]
    (before, window, after), (again, other, rest) = (cut.segments for cut in cuts)

    assert isinstance(before, Piece)
    assert isinstance(after, Piece)
    assert isinstance(window, Window)
    assert isinstance(other, Window)
    assert (before, after) == (again, rest)
    assert window != other == replace(window, words=other.words)


async def test_captions_that_follow_one_another_are_windows_of_a_few_seconds(studio: Studio):
    """
    Another word renders its own anew, and no window has all of them; the frames of the film are the same.
    """
    lines = [say(words, 20 * at, 20 * at + 20) for at, words in enumerate(("MMM", "NNN", "MMM", "NNN"))]
    lines += [say("MMMMMM", 80, FRAMES)]
    shots = replace(shot(0, speed="0.5"), say=tuple(lines)), shot(1, into="dissolve")
    other = replace(shots[0], say=(*lines[:-1], say("NNNNNN", 80, FRAMES)))
    cuts = [await draft(film(first, shots[1]), studio.clips, CuttingRoom(studio.vault)) for first in (shots[0], other)]
    windows, again = ([each for each in cut.segments if isinstance(each, Window)] for cut in cuts)

    assert [2, 3] == [len(each.words) for each in windows]
    assert [True, False] == [one == two for one, two in zip(windows, again, strict=True)]
    assert [*range(cuts[0].timeline.words[-1].end)] == await captioned(film(*shots), studio)


async def test_a_film_with_burnt_captions_has_no_track_of_them(studio: Studio, tmp_path: Path):
    """
    They would be read twice.
    """
    timeline = film(replace(shot(0), say=(Say("MMMMMM"),)))
    path, record = await assemble(timeline, studio.clips, studio.vault)
    copy = tmp_path / "film.mp4"
    await put_tagged(path, record, tags_of("x", timeline, record.timeline), copy, studio.vault)

    with av.open(str(copy)) as reader:
        assert ["video", "audio"] == [each.type for each in reader.streams]


async def test_captions_know_which_titles_are_in_their_way(studio: Studio):
    """
    Those below and in the lower third, that are seen at the same time.
    """
    titles = (
        Title("below", 0.0, 1.0, place="bottom"),
        Title("third", 0.5, 1.0),
        Title("later", 2.0, 1.0),
        Title("above", 0.0, 1.0, place="top"),
    )
    timeline = film(replace(shot(0), titles=titles, say=(say("MMMMMM", 0, 24),)))
    words = (await draft(timeline, studio.clips, CuttingRoom(studio.vault))).timeline.words

    assert ["below", "third"] == [each.text for each in words[-1].above]
    assert [()] * 4 == [each.above for each in words[:-1]]
