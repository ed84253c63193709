"""
A film is handed over in its place: encoded once for what it is made from and what is made of it, with all that it says of itself.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from storyreel.catalog import load_catalog
from storyreel.delivery.cut_list import CutPart, CutShot
from storyreel.delivery.film import Film, cut_film, film_there
from storyreel.delivery.handed_over import prove_finish, shown_in, tags_at
from storyreel.delivery.places import FilmFiles, film_files
from storyreel.errors import MediaError
from storyreel.media import measure
from storyreel.model.captions import Caption
from storyreel.model.film_words import Chapter
from storyreel.model.finish import AS_CUT, Finish, Overlay, Shown
from storyreel.model.footage import Footage
from storyreel.model.plan import Plan
from storyreel.model.recipe import sha256_of
from storyreel.model.tags import Tags
from storyreel.planning.steps import plan
from storyreel.storyboard import load
from storyreel.vault import Vault, open_vault
from tests.media.filming import BEEP, ffmpeg

BOARD = """
title: {title}
defaults: {{aspect_ratio: "1:1", resolution: 480p}}
scenes:
  - {{id: sea, clip: sea.mkv, say: "Look!"}}
  - {{id: end, card: {{text: Fim}}, duration: 0.25}}
cut: {{captions: {{language: pt}}, chapters: true{cut}}}
"""
RATE, FRAMES = Fraction(24), 18


class Room:
    """A vault and a folder for films, and the film of a person's own clip, whose sound is bare samples, and a card."""

    def __init__(self, folder: Path, vault: Path) -> None:
        self.folder, self.derived = folder, vault / "derived"
        self.vault: Vault = open_vault(str(vault), cache=folder / "cache")

    def plan(self, finish: Finish, title: str = "Tram", cut: str = "") -> Plan:
        catalog, text = load_catalog(), BOARD.format(title=title, cut=cut)
        board = plan(load(self.folder / "tram.yaml", catalog=catalog, measure=measure, text=text), catalog)
        film = board.films[0]
        return replace(board, films=(replace(film, board=replace(film.board, finish=finish)),))

    def files(self, finish: Finish) -> FilmFiles:
        return film_files(self.folder / "out", "tram", "sandbox", container=finish.container)

    async def film(self, finish: Finish, title: str = "Tram", cut: str = "") -> Film:
        board = self.plan(finish, title, cut)
        return await cut_film(board, board.films[0], "sandbox", {}, self.vault, self.files(finish), lambda _: None)

    def listed(self, finish: Finish) -> dict[str, Any]:
        listed: dict[str, Any] = json.loads(self.files(finish).cut_list.read_bytes())
        return listed


@pytest.fixture(scope="module")
def cut_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a vault that several tests may cut the film in, and a clip that beeps in samples of sixteen bits."""
    folder = tmp_path_factory.mktemp("handed")
    picture = "testsrc2=s=480x480:r=24:d=0.5"
    beep = f"{BEEP}:s=48000:c=stereo"
    clip = folder / "sea.mkv"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-t", "0.5", "-i", beep, "-c:a", "pcm_s16le", str(clip))
    return folder / "vault", clip


@pytest.fixture
def room(tmp_path: Path, cut_once: tuple[Path, Path]) -> Room:
    vault, clip = cut_once
    (tmp_path / "sea.mkv").write_bytes(clip.read_bytes())
    return Room(tmp_path, vault)


@pytest.fixture
def encoding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], int]:
    """Return a function that says how often ffmpeg has encoded pictures since it was asked last."""
    log = tmp_path / "calls.jsonl"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))

    def runs() -> int:
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return sum(json.loads(line)["encodes_video"] for line in lines)

    return runs


def samples(film: Path) -> np.ndarray:
    """Return the samples of a film's PCM, as whole numbers of 24 bits in two columns."""
    with av.open(str(film)) as reader:
        assert "pcm_s24le" == reader.streams.audio[0].codec_context.name
        content = b"".join(bytes(packet) for packet in reader.demux(reader.streams.audio[0]))
    deep = np.frombuffer(content, np.uint8).reshape(-1, 3)
    whole = np.zeros((len(deep), 4), np.uint8)
    whole[:, 1:] = deep
    return (whole.view("<i4").reshape(-1, 2)) >> 8


def decoded(film: Path) -> np.ndarray:
    with av.open(str(film)) as reader:
        return np.concatenate([frame.to_ndarray() for frame in reader.decode(audio=0)], axis=1)


async def test_prores_has_the_very_samples_of_a_persons_own_sound(room: Room):
    """
    A beep of sixteen bits comes through conforming and mixing as it was, to the sample; what follows is silent to the film's end.
    """
    await room.film(Finish("prores"))

    heard = samples(room.files(Finish("prores")).film)
    assert (FRAMES * 2000, 2) == heard.shape
    with av.open(str(room.folder / "sea.mkv")) as reader:
        own = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in reader.decode(audio=0)])
    assert (own.astype(int) << 8).tolist() == heard[: len(own)].tolist()
    assert np.abs(own).max() > 16000
    assert not heard[len(own) :].any()


@pytest.mark.long
async def test_prores_of_a_film_that_has_a_loudness_is_as_loud(room: Room):
    """
    The samples are those that were encoded, limiter and all: the film's AAC decodes to nearly the same, at the same place.
    """
    cut = ", loudness: -18"
    await room.film(AS_CUT, cut=cut)
    whole = decoded(room.files(AS_CUT).film)[0]
    await room.film(Finish("prores"), cut=cut)

    heard = samples(room.files(Finish("prores")).film)[:, 0] / (1 << 23)
    film = whole[: len(heard)]
    assert np.abs(heard).max() > 0.05
    assert np.abs(heard - film).std() < 0.05 * np.abs(heard).max()


@pytest.mark.long
async def test_a_film_that_is_handed_over_says_all_that_it_says_as_it_is_cut(room: Room):
    """
    Title, language, captions and chapters at the frames that first show theirs; and its cut list says what the file is.
    """
    for finish in (Finish("prores", Fraction(25)), Finish("h265", Fraction(25))):
        film = await room.film(finish, cut=", loudness: -18")

        assert FRAMES == film.frames
        with av.open(str(film.path)) as reader:
            assert ("Tram", ["por"]) == (
                reader.metadata["title"],
                [each.metadata["language"] for each in reader.streams.subtitles],
            )
            assert "por" == reader.streams.audio[0].metadata["language"]
            assert ["sea", "end"] == [each["metadata"]["title"] for each in reader.chapters()]
            assert [0, 520] == [each["start"] for each in reader.chapters()]
            assert 19 == reader.streams.video[0].frames
        listed = room.listed(finish)
        assert sha256_of(film.path) == listed["sha256"]
        assert (24.0, FRAMES) == (listed["fps"], listed["frames"])
        assert (25.0, 19, 0.76) == tuple(listed["handed_over"][key] for key in ("fps", "frames", "seconds"))
        assert 36000 == round(listed["seconds"] * 48000)


async def test_what_was_handed_over_is_found_again(room: Room, encoding: Callable[[], int]):
    """
    Nothing is encoded where nothing changed, where the file was deleted, or where it is to say something else.
    """
    finish = Finish("h264", Fraction(12))
    await room.film(finish)
    assert 0 < encoding()

    assert not (await room.film(finish)).fresh
    room.files(finish).film.unlink()
    assert (await room.film(finish)).fresh
    assert (await room.film(finish, title="Trem")).fresh
    assert 0 == encoding()
    await room.film(replace(finish, burn_in=True))
    assert 1 == encoding()


async def test_what_is_made_anew_is_told_and_nothing_is_cut_for_it(room: Room, monkeypatch: pytest.MonkeyPatch):
    """
    A film that was cut is only asked whether it stands: then nothing is encoded. Who makes it is told that it is at work.
    """
    await room.film(AS_CUT)
    finish, told = Finish("h264", Fraction(30)), list[str]()
    board, files = room.plan(finish), room.files(finish)
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log := room.folder / "log"))

    assert await film_there(board, board.films[0], "sandbox", {}, room.vault, files) is None
    assert not log.exists()
    await cut_film(board, board.films[0], "sandbox", {}, room.vault, files, lambda event: told.append(event.stage))

    assert ["cutting", "cut"] == told
    assert 1 == len(log.read_text().splitlines())


async def test_what_was_handed_over_may_go_from_the_vault(room: Room):
    """
    It can be made again, and is large.
    """
    await room.film(Finish("h264", Fraction(12)))
    for kept in (room.derived / "handed").iterdir():
        os.utime(kept, (0, 0))

    litter = [each for each in await room.vault.gc.litter() if each.key.startswith("derived/handed/")]

    assert {"derived"} == {each.kind for each in litter}
    assert len(list((room.derived / "handed").iterdir())) == len(litter)


async def test_what_is_half_of_a_film_is_not_taken_for_one(room: Room, encoding: Callable[[], int]):
    """
    It is encoded again, and comes out the same.
    """
    finish = Finish("h264", Fraction(12), burn_in=True)
    whole = sha256_of((await room.film(finish)).path)
    for kept in (room.derived / "handed").glob("*.mp4"):
        kept.write_bytes(kept.read_bytes()[:1000])
    room.files(finish).film.unlink()
    encoding()

    film = await room.film(finish)

    assert 1 == encoding()
    assert whole == sha256_of(film.path)


async def test_a_film_at_the_rate_that_it_has_is_handed_over_as_it_is_cut(room: Room, encoding: Callable[[], int]):
    """
    The same file and the same cut list.
    """
    as_cut = await room.film(AS_CUT)
    encoding()
    listed = room.files(AS_CUT).cut_list.read_bytes()

    assert not (await room.film(Finish(rate=RATE))).fresh
    assert 0 == encoding()
    assert listed == as_cut.path.with_suffix(".cut.json").read_bytes()
    assert b"handed_over" not in listed


async def test_what_cannot_be_handed_over_is_known_before(room: Room, tmp_path: Path):
    """
    A watermark whose file is gone, with the name of the film.
    """
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (8, 8)).save(logo)
    picture = Footage(logo, sha256_of(logo), 8, 8)
    (film,) = room.plan(Finish(overlay=Overlay(picture, "top-left", 0.5))).films
    await prove_finish(film)
    logo.unlink()

    with pytest.raises(MediaError, match=r"^the film: logo\.png "):
        await prove_finish(film)


def part(step: str | None, start: float, request_id: str | None = None) -> CutPart:
    return CutPart(
        step=step,
        request_id=request_id,
        start=start,
        end=start + 1,
        asked_seconds=1,
        measured_seconds=1,
        estimated_usd=0,
        charged_usd=None,
    )


def shot(
    scene: str, first: int, frames: int, *parts: CutPart, shows: str = "", placeholder: str | None = None
) -> CutShot:
    return CutShot(
        scene=scene,
        shows=shows or scene,
        start=first / 24,
        end=(first + frames) / 24,
        first_frame=first,
        frames=frames,
        clip_first_frame=0,
        speed=1,
        joint=None,
        asked_seconds=1,
        placeholder=placeholder,
        parts=parts,
        titles=(),
    )


def test_each_step_is_burnt_in_where_its_own_part_is_shown():
    """
    A chain changes within its shot; a mix shows the later one, and a step of which no more is seen then is never named. What nobody
    asked for has its scene, and what it is.
    """
    shots = (
        shot("title", 0, 12, part(None, 0.0), shows="card"),
        shot(
            "climb",
            12,
            60,
            part("climb/video", 0.5, "a"),
            part("climb/extend-1", 1.5, "b"),
            part("climb/extend-2", 2.9, "c"),
        ),
        shot("phone", 66, 24, part(None, 2.75), shows="phone.mp4"),
        shot("pier", 90, 24, placeholder="moderated"),
    )

    assert (
        Shown(0, "title", "card"),
        Shown(12, "climb/video", "a"),
        Shown(36, "climb/extend-1", "b"),
        Shown(66, "phone", "phone.mp4"),
        Shown(90, "pier", "placeholder"),
    ) == shown_in(shots, RATE)


def test_captions_and_chapters_begin_with_the_frame_that_first_shows_theirs():
    """
    At half the rate one of a single frame that is not shown is left out.
    """
    tags = Tags(
        captions=(Caption(first_frame=3, frames=4, lines=("a",)), Caption(first_frame=7, frames=1, lines=("b",))),
        chapters=(Chapter(name="sea", first_frame=0, end=5), Chapter(name="end", first_frame=5, end=48)),
    )
    at_50, at_12 = tags_at(tags, RATE, Fraction(50)), tags_at(tags, RATE, Fraction(12))

    assert [(7, 8), (15, 2)] == [(each.first_frame, each.frames) for each in at_50.captions]
    assert [(0, 11), (11, 100)] == [(each.first_frame, each.end) for each in at_50.chapters]
    assert [(2, 2)] == [(each.first_frame, each.frames) for each in at_12.captions]
    assert [(0, 3), (3, 24)] == [(each.first_frame, each.end) for each in at_12.chapters]


async def test_a_film_takes_the_place_of_what_it_was_in_another_container_and_of_its_rough_cut(room: Room):
    """
    Beside it that would be seen with its cut list. A person's own file of such a name stays.
    """
    cut, handed = room.files(AS_CUT), room.files(Finish("prores"))
    assert cut.rough is not None
    assert handed.rough is not None
    board = room.plan(AS_CUT)
    await cut_film(board, board.films[0], "sandbox", {}, room.vault, cut.rough, lambda _: None)
    await room.film(Finish("prores"))

    assert not cut.rough.film.exists()
    handed.rough.film.write_bytes(b"mine")
    await room.film(AS_CUT)
    assert [False, True] == [handed.film.exists(), handed.rough.film.exists()]

    handed.film.write_bytes(b"mine")
    await room.film(AS_CUT, title="Elétrico")
    await room.film(Finish("prores"))
    cut.film.write_bytes(b"mine")
    await room.film(Finish("prores"), title="Elétrico")

    assert [b"mine", True] == [cut.film.read_bytes(), handed.film.exists()]
