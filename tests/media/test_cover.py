"""What of a clip is copied and what rendered, so that a part of it is shown as it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.media import Cover, cover, scan
from storyreel.media.packets import scan_of
from tests.media.structures import Structure, made_up

NONE = range(0)


@given(structure=made_up(), data=st.data(), least=st.integers(1, 12))
def test_a_part_is_covered_by_the_longest_copy_there_is(structure: Structure, data: st.DataObject, least: int):
    """
    Each frame comes once and in its order; what is copied can be, nothing longer could be, and nothing short is.
    """
    known = scan_of(structure.times, structure.idr)
    first = data.draw(st.integers(0, known.frames - 1))
    end = data.draw(st.integers(first + 1, known.frames))

    found = cover(known, first, end, least=least)

    assert [*range(first, end)] == [*found.before, *found.copied, *found.after]
    copies = [
        stop - start
        for start in range(first, end)
        for stop in range(start + 1, end + 1)
        if known.can_be_copied(start, stop)
    ]
    longest = max(copies, default=0)
    assert len(found.copied) == (longest if longest >= least or longest == end - first else 0)
    assert not found.copied or known.can_be_copied(found.copied.start, found.copied.stop)


@pytest.mark.parametrize(
    ("structure", "part", "segments"),
    [
        # A dissolve of 12 frames at the tail takes its frames and those back to the clean end.
        pytest.param("one-group", (0, 48), Cover(NONE, range(45), range(45, 48)), id="tail"),
        # One at the head takes all of a clip that has no later IDR picture, and nothing but itself where there is one.
        pytest.param("one-group", (12, 60), Cover(range(12, 60), NONE, NONE), id="head"),
        pytest.param("twelve", (12, 60), Cover(range(12, 12), range(12, 60), NONE), id="head-at-a-start"),
        pytest.param("twelve", (13, 60), Cover(range(13, 24), range(24, 60), NONE), id="head-between"),
        # A title in the middle leaves what is before it; what is after it waits for the next IDR picture.
        pytest.param("one-group", (0, 25), Cover(NONE, range(25), range(25, 25)), id="before-a-title"),
        pytest.param("one-group", (37, 60), Cover(range(37, 60), NONE, NONE), id="after-a-title"),
        pytest.param("forty-eight", (37, 60), Cover(range(37, 48), range(48, 60), NONE), id="after-a-title-48"),
        pytest.param("open", (13, 60), Cover(range(13, 60), NONE, NONE), id="open"),
        pytest.param("open-and-closed", (13, 60), Cover(range(13, 33), range(33, 60), NONE), id="open-and-closed"),
        pytest.param("intra-refresh", (20, 60), Cover(range(20, 60), NONE, NONE), id="intra-refresh"),
        pytest.param("no-b-frames", (5, 23), Cover(range(5, 12), range(12, 23), NONE), id="no-b-frames"),
        pytest.param("no-b-frames", (5, 19), Cover(range(5, 19), NONE, NONE), id="too-short-a-copy"),
        pytest.param("no-b-frames", (12, 19), Cover(NONE, range(12, 19), NONE), id="short-and-whole"),
    ],
)
def test_what_a_change_renders(structures: dict[str, Path], structure: str, part: tuple[int, int], segments: Cover):
    """
    Of clips that x264 has made, the frames are exact for every way in which a cut meets a group of pictures.
    """
    found = cover(scan(structures[structure]), *part, least=8)

    assert [[*frames] for frames in (segments.before, segments.copied, segments.after)] == [
        [*frames] for frames in (found.before, found.copied, found.after)
    ]


@pytest.mark.parametrize(("first", "end"), [(-1, 3), (3, 3), (5, 2), (0, 61)])
def test_a_part_that_is_none_is_refused(structures: dict[str, Path], first: int, end: int):
    """
    A part has a frame at least, and ends with the clip.
    """
    with pytest.raises(ValueError, match=f"frames {first} to {end} are no part of 60"):
        cover(scan(structures["twelve"]), first, end, least=8)
