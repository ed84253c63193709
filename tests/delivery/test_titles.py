"""
Titles in a film: over the frames that they are asked for and over no others, and nothing else is made anew for them.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.delivery.assemble import assemble, draft
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.errors import VaultError
from storyreel.fonts import FACE
from storyreel.media import Piece
from storyreel.model.drawn import Card, Drawn, FontFile
from storyreel.model.recipe import sha256_of
from storyreel.model.shot import Credit, Shot
from storyreel.model.sound import OwnSound
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.model.words import Title
from storyreel.vault import open_vault
from tests.delivery.test_cut import FRAMES, HEIGHT, RATE, SIZE, Studio, own_shot, read, shot, studio
from tests.media.words.scripts import LINES

__all__ = ["studio"]  # fixtures

FRAME = 1 / RATE


def title(first: int, frames: int | None = None, **how: object) -> Title:
    """Return a title that fills the lower part of these tiny pictures, and stands clear of the numbers that they carry."""
    return Title("MMM", first * FRAME, None if frames is None else frames * FRAME, size=20, **how)  # type: ignore[arg-type]


def titled(shown: Shot, *titles: Title) -> Shot:
    return replace(shown, titles=titles)


def lower_parts(film: Path) -> np.ndarray:
    """Return the light of where titles stand, of each frame of a film."""
    with av.open(str(film)) as reader:
        frames = [frame.to_ndarray()[HEIGHT * 3 // 4 : HEIGHT] for frame in reader.decode(video=0)]
    return np.stack(frames).astype(int)


async def lettered(shots: Sequence[Shot], studio: Studio, close: Transition | None = None) -> list[int]:
    """
    Cut a film with its titles and without them, and return in which frames they differ there. All else of them is alike: the frames
    that they show, and how many they are.
    """
    bare = tuple(replace(each, titles=()) for each in shots)
    films = [
        (await assemble(Timeline(SIZE, each, close), studio.clips, studio.vault))[0] for each in (tuple(shots), bare)
    ]
    with_titles, without = map(read, films)
    assert [number for _, number in without] == [number for _, number in with_titles]
    apart = np.abs(np.subtract(*map(lower_parts, films))).max(axis=(1, 2))
    return [int(at) for at in np.flatnonzero(apart > 40)]


@pytest.mark.parametrize("number", range(5))
async def test_a_title_stands_over_its_frames_whatever_its_clip_is_like(studio: Studio, number: int):
    """
    From the first to the last of them, in clips whose groups of pictures are short, long, open or endless.
    """
    shots = [titled(shot(number), title(31, 14)), shot(0)]

    assert [*range(31, 45)] == await lettered(shots, studio)


@pytest.mark.parametrize(
    ("shots", "frames"),
    [
        ([titled(shot(0), title(0, 6)), shot(1)], range(6)),
        ([shot(1), titled(shot(0), title(0))], range(FRAMES, 2 * FRAMES)),
        ([titled(shot(0), title(90, 48)), shot(1)], range(90, FRAMES)),
        ([titled(shot(0, 1.0, 3.0), title(10, 5)), shot(1)], range(10, 15)),
        ([titled(shot(0, speed="2"), title(10, 5)), shot(1)], range(10, 15)),
        ([titled(shot(1, speed="0.5"), title(100, 5)), shot(1)], range(100, 105)),
        ([titled(shot(0), title(40, 8))], range(40, 48)),
        ([titled(shot(0), title(40, 9))], range(40, 49)),
        ([titled(shot(0), title(10, 5), title(15, 5), title(40, 5))], [*range(10, 20), *range(40, 45)]),
        ([shot(0), titled(shot(1, into="dissolve"), title(0, 20))], None),
        ([titled(shot(0), title(80)), shot(1, into="dissolve")], None),
        ([titled(shot(0, 0, 3.5), title(60)), titled(shot(1, 0.5, into="dissolve"), title(0, 12))], range(60, 96)),
        ([titled(shot(0), title(0)), titled(shot(3, into="wipe-left"), title(0)), shot(1, into="wipe-left")], None),
    ],
    ids=[
        "from its first frame on", "over all of the second shot", "ends with its shot", "of a part", "twice as fast",
        "half as fast", "up to a key frame", "over a key frame", "one behind the other", "into which a dissolve leads", "out of which a dissolve leads",
        "over a dissolve with handles", "over three shots",
    ],
)  # fmt: skip
@pytest.mark.some(4)
async def test_a_title_begins_and_ends_on_its_frames(studio: Studio, shots: list[Shot], frames: Sequence[int] | None):
    """
    Its moments count in the film from the first frame that is to be seen of its shot; over a transition it stands as it is.
    """
    plan = Timeline(SIZE, tuple(shots))
    film = (await draft(plan, studio.clips, CuttingRoom(studio.vault))).timeline
    wanted = {at for each in film.words for at in range(each.first_frame, each.end)}

    assert frames is None or {*frames} == wanted
    assert sorted(wanted) == await lettered(shots, studio)


async def test_a_title_goes_with_a_fade(studio: Studio):
    """
    What fades to black takes it along: at the end nothing is to be seen of it, and before the fade all.
    """
    film = (titled(shot(0), title(0)),)
    path, _ = await assemble(Timeline(SIZE, film, Transition("fade-black", 1.0)), studio.clips, studio.vault)
    light = lower_parts(path).max(axis=(1, 2))

    assert min(light[:70]) > 220
    assert light[-1] <= 20
    assert (np.diff(light[-24:]) <= 2).all()


async def test_a_title_stands_over_own_footage_and_over_a_card(studio: Studio):
    """
    Whatever is shown carries words.
    """
    card = Shot("end", Drawn(Card("", "#203040"), 1.0), 0.0, None, (Credit(None, 0.0, 1.0),))
    shots = [titled(own_shot(studio, 0.5, 1.5), title(3, 7)), titled(card, title(2, 4))]

    assert [*range(3, 10), *range(26, 30)] == await lettered(shots, studio)


async def test_only_what_carries_words_is_rendered(studio: Studio):
    """
    Before them a clip is copied up to a clean end, and behind them from its next key frame on, packet by packet.
    """
    film = Timeline(SIZE, (titled(shot(0), title(40, 10)),))
    cut = await draft(film, studio.clips, CuttingRoom(studio.vault))

    before, window, after = cut.segments
    assert isinstance(before, Piece)
    assert isinstance(after, Piece)
    assert 36 <= before.frames <= 40
    assert (60, FRAMES - 60) == (after.first, after.frames)
    assert before.frames + window.frames + after.frames == FRAMES


async def test_a_clip_of_one_group_is_given_key_frames_for_what_comes_behind_a_title(studio: Studio):
    """
    Once; its sound stays the clip's own, and so does the film's.
    """
    late, early = (Timeline(SIZE, (titled(shot(3), title(at, 10)), shot(0), shot(2))) for at in (60, 0))
    cut = await draft(early, studio.clips, CuttingRoom(studio.vault))

    assert cut.shots[0].heard_in is not None
    assert sum(each.frames for each in cut.segments if isinstance(each, Piece)) >= 2 * FRAMES + 72
    assert (await draft(late, studio.clips, CuttingRoom(studio.vault))).shots[0].heard_in is None
    before = made(studio)
    for film in (late, early):
        await assemble(film, studio.clips, studio.vault)
    assert 1 == len((made(studio) - before) & {each for each in made(studio) if each.suffix == ".m4a"})


def made(studio: Studio) -> set[Path]:
    """Return the windows and the sounds that a vault has."""
    root = Path(str(studio.vault.address).removeprefix("file://"))
    return {*root.glob("derived/windows/*.mp4"), *root.glob("derived/sound/*.m4a")}


@pytest.mark.long
async def test_one_title_of_sixty_scenes_is_one_window_and_no_sound(studio: Studio):
    """
    Another word, another moment, another colour: the window that carries it. Another gain: no picture at all.
    """
    shots = [titled(shot(at % 2, 0.0, 2.0), title(6, 12)) for at in range(60)]
    await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)
    for changed in (
        Title("WWW", 0.25, 0.5, size=20),
        Title("WWW", 0.5, 0.5, size=20),
        Title("WWW", 0.5, 0.5, size=20, color="#ffd166"),
    ):
        before = made(studio)
        shots[30] = titled(shots[30], changed)
        await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)
        assert [".mp4"] == [each.suffix for each in made(studio) - before]

    before = made(studio)
    shots[30] = replace(shots[30], sound=OwnSound(gain_db=-6))
    await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)
    assert [".m4a"] == [each.suffix for each in made(studio) - before]


def test_a_film_without_titles_is_the_film_that_it_was():
    """
    Its identity says nothing of words; with one it is another film, and with another text another again.
    """
    contents = {"s0/video": "a" * 64}
    films = [Timeline(SIZE, (titled(shot(0), *titles),)) for titles in ((), (Title("A"),), (Title("B"),))]

    assert "9c9bf7f54fe29d1ce9f886ea9fd4b99df237d0941f9fb217c0ed414dd4ded137" == films[0].identity(contents)
    assert 3 == len({film.identity(contents) for film in films})


@pytest.mark.parametrize("script", ["arabic", "japanese"])
async def test_a_title_is_written_in_a_font_of_one_s_own(studio: Studio, tmp_path: Path, script: str):
    """
    It is known by its content: under another name it is the same window, and what lies there meanwhile is not written in.
    """
    text, path = LINES[script]
    assert path is not None
    fonts = [FontFile(Path(shutil.copy(path, tmp_path / name)), sha256_of(path)) for name in ("a.ttf", "b.ttf")]
    films = [Timeline(SIZE, (titled(shot(0), Title(text, 0.5, 0.5, size=30, font=each)), shot(1))) for each in fonts]
    assert films[0].identity({"s0/video": "a", "s1/video": "b"}) == films[1].identity(
        {"s0/video": "a", "s1/video": "b"}
    )
    await assemble(films[0], studio.clips, studio.vault)
    before = made(studio)
    await assemble(films[1], studio.clips, studio.vault)
    assert before == made(studio)

    fonts[0].path.write_bytes(FACE.read_bytes())
    with pytest.raises(VaultError, match=r"a\.ttf"):
        await assemble(films[0], studio.clips, studio.vault)


@pytest.mark.parametrize("size", [(96, 54), (54, 96), (64, 64)], ids=["16:9", "9:16", "1:1"])
async def test_titles_stand_in_films_of_every_ratio(tmp_path: Path, size: tuple[int, int]):
    """
    Within nine tenths of the picture, in the film's own size.
    """
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    card = Shot("end", Drawn(Card("", "#204060"), 0.5), 0.0, None, (Credit(None, 0.0, 0.5),))
    over = replace(card, titles=(Title("Rua da Bica", 0.0, 0.25, "bottom", size=12),))
    path, record = await assemble(Timeline(size, (over,)), {}, vault)
    with av.open(str(path)) as reader:
        pictures = [frame.to_ndarray()[: size[1]].astype(int) for frame in reader.decode(video=0)]
    rows, columns = np.nonzero(np.abs(pictures[2] - pictures[-1]) > 60)

    assert size == record.timeline.size
    assert size[1] / 2 < rows.min() < rows.max() < size[1] * 0.96
    assert size[0] * 0.03 < columns.min() < size[0] / 2 < columns.max() < size[0] * 0.97
