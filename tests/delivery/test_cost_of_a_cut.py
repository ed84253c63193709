"""What a cut costs: clips are read once, and encoded only where something changes."""

import json
from pathlib import Path

import pytest

from storyreel.delivery.assemble import assemble, draft
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.media import Piece, survey
from storyreel.model.timeline import Timeline
from tests.delivery.test_cut import SIZE, Studio, shot, studio

__all__ = ["studio"]  # fixtures

GROUPS_OF_12, GROUPS_OF_48, ONE_GROUP = 0, 1, 3
"""Clips of the studio, by what their groups of pictures are like."""


class Log:
    """The commands that were given to ffmpeg since it was last looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def encoded(self) -> list[str]:
        """Return the folders of what was encoded: what it was for."""
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        self._path.unlink(missing_ok=True)
        calls = [json.loads(line) for line in lines]
        return [call["argv"][call["argv"].index("-g") + 1] for call in calls if call["encodes_video"]]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Log:
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(tmp_path / "log"))
    return Log(tmp_path / "log")


WINDOW, REGROUPED = "250", "24"
"""Frames in a group of what is encoded."""


async def test_a_clip_is_read_once_a_film(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    """
    However often it is shown, and whatever is asked of it: whether it joins, where it may be cut, what is heard, what is proven.
    """
    reads: list[tuple[str, Path]] = []
    for name in ("probe", "scan"):
        read = getattr(survey, name)
        monkeypatch.setattr(
            survey, name, lambda clip, name=name, read=read: (reads.append((name, clip)), read(clip))[1]
        )
    shots = (shot(GROUPS_OF_12), shot(GROUPS_OF_48, into="wipe-right"), shot(GROUPS_OF_12), shot(GROUPS_OF_48))
    await assemble(Timeline(SIZE, shots), studio.clips, studio.vault)

    assert len({*reads}) == len(reads)
    assert {await studio.vault.clips.local(studio.clips[f"s{n}/video"].sha256) for n in (0, 1)} <= {
        clip for name, clip in reads if name == "scan"
    }


async def test_a_clip_of_one_group_is_given_key_frames_once(studio: Studio, log: Log):
    """
    The first transition into it encodes it and a window; from then on a joint that changes is one window, as with any clip.
    """
    shots = [shot(GROUPS_OF_12), shot(ONE_GROUP, into="dissolve"), shot(GROUPS_OF_12, into="dissolve")]
    await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)
    first = log.encoded()
    shots[1] = shot(ONE_GROUP, into="wipe-down")
    _, record = await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)

    assert [REGROUPED, WINDOW, WINDOW] == sorted(first)
    assert [WINDOW] == log.encoded()
    assert record.av_offset_ms < 1


async def test_most_of_a_clip_with_new_key_frames_is_copied(studio: Studio):
    """
    Of its own packets none could be, behind a dissolve at its head; its sound stays the clip's own.
    """
    film = Timeline(SIZE, (shot(GROUPS_OF_12), shot(ONE_GROUP, into="dissolve")))
    cut = await draft(film, studio.clips, CuttingRoom(studio.vault))
    clip = await studio.vault.clips.local(studio.clips[f"s{ONE_GROUP}/video"].sha256)
    copied = [segment for segment in cut.segments if isinstance(segment, Piece) and segment.path == cut.shots[1].path]

    assert cut.shots[1].path != clip == cut.shots[1].heard_in
    assert 72 <= sum(piece.frames for piece in copied)


@pytest.mark.parametrize(
    "shots",
    [
        (shot(GROUPS_OF_12), shot(ONE_GROUP), shot(GROUPS_OF_12)),
        (shot(ONE_GROUP), shot(GROUPS_OF_12, into="dissolve")),
        (shot(GROUPS_OF_12), shot(GROUPS_OF_48, into="dissolve")),
        (shot(GROUPS_OF_12), shot(ONE_GROUP, 3.0)),
        (shot(GROUPS_OF_12), shot(ONE_GROUP, speed="2", into="dissolve")),
    ],
    ids=["cuts", "a dissolve at its tail", "groups of 48", "its last second", "another speed"],
)
async def test_a_clip_stays_as_it_was_bought_where_that_costs_little(studio: Studio, shots: tuple, log: Log):
    """
    Between plain cuts it is copied; and it is not encoded for what a window of two seconds does, or what has to be rendered anyway.
    """
    await assemble(Timeline(SIZE, shots), studio.clips, studio.vault)

    assert REGROUPED not in log.encoded()
