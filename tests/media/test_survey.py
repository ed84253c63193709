"""A survey reads each clip once, and never says of one file what another was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.errors import MediaError
from storyreel.media import Survey, survey
from tests.media.structures import STRUCTURES, encode


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is read of clips, as it is read."""
    seen: list[str] = []

    def noting(name: str, read: Callable[[Path], object]) -> Callable[[Path], object]:
        return lambda clip: (seen.append(f"{name} {clip.name}"), read(clip))[1]

    for name in ("probe", "scan"):
        monkeypatch.setattr(survey, name, noting(name, getattr(survey, name)))
    return seen


def test_a_clip_is_read_once_however_often_it_is_asked_for(tmp_path: Path, reads: list[str]):
    """
    What it is and what its packets are like are two readings, and each is made when it is first asked for.
    """
    clip, known = encode(tmp_path / "a.mp4", STRUCTURES["twelve"], frames=24), Survey()

    assert [24] * 6 == [*(known.measured(clip).frames for _ in range(3)), *(known.scan(clip).frames for _ in range(3))]
    assert ["probe a.mp4", "scan a.mp4"] == reads


def test_another_file_in_its_place_is_read_anew(tmp_path: Path):
    """
    Also one of the same name, and where half of one was made again.
    """
    clip, known = encode(tmp_path / "a.mp4", STRUCTURES["twelve"], frames=24), Survey()
    before = known.measured(clip).frames, known.scan(clip).frames
    Path(encode(tmp_path / "b.mp4", STRUCTURES["twelve"], frames=12)).replace(clip)

    assert ((24, 24), (12, 12)) == (before, (known.measured(clip).frames, known.scan(clip).frames))


def test_what_could_not_be_read_is_asked_again(tmp_path: Path):
    """
    An error is no knowledge: a clip that comes later is found.
    """
    clip, known = tmp_path / "a.mp4", Survey()
    with pytest.raises(MediaError, match=r"^a\.mp4 cannot be read: No such file"):
        known.scan(clip)
    encode(clip, STRUCTURES["twelve"], frames=12)

    assert 12 == known.scan(clip).frames
