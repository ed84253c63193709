"""
A film that is handed on shows in every format, frame by frame, what the film shows.
"""

import shutil
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio
import pytest

from storyreel.delivery.exports.gathered import Gathered, gathered
from storyreel.delivery.exports.notes import sound_notes
from storyreel.delivery.film_sound import SoundRecord, film_bus
from storyreel.delivery.page.notes import Note, notes_place, write_notes
from storyreel.errors import SettingsError
from storyreel.model.recipe import sha256_of
from tests.delivery.exports.exported import (
    Exported,
    alone,
    clips_of,
    cut,
    export,
    exported,
    read_back,
    shows,
    shows_in_xml,
    wrong,
)
from tests.media.test_stems import LSB, in_24_bits, samples_of

FORMATS = (".otio", ".edl", ".xml", ".fcpxml")


def at_a_rate(tmp_path_factory: pytest.TempPathFactory, rate: Fraction) -> Exported:
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYREEL_VAULT", f"file:{folder / 'vault'}")
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        return exported(folder, rate)


@pytest.fixture(scope="module")
def tram(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Return a film of 24 frames a second that is exported."""
    return at_a_rate(tmp_path_factory, Fraction(24))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.some(2)
def test_every_frame_is_the_films_as_the_formats_own_library_reads_it(tram: Exported, suffix: str):
    """
    Trims, speeds, handles, a scene that stands four times, footage of another rate, a card: both are decoded and compared.
    """
    timeline = read_back(tram.folder, suffix, 24)

    assert [] == wrong(tram, shows(timeline))
    assert tram.timeline.frames == round(timeline.duration().value)


@pytest.mark.long
@pytest.mark.parametrize("rate", [Fraction(25), Fraction(24000, 1001)], ids=["25", "23.976"])
def test_every_frame_is_the_films_at_other_rates(tmp_path_factory: pytest.TempPathFactory, rate: Fraction):
    """
    An EDL counts 24 where there are 23.976; Final Cut Pro's XML is read by its own fractions, since its library rounds.
    """
    film = at_a_rate(tmp_path_factory, rate)

    assert rate == film.timeline.fps
    for suffix in (".otio", ".edl", ".xml"):
        assert [] == wrong(film, shows(read_back(film.folder, suffix, round(rate)))), suffix
    assert [] == wrong(film, shows_in_xml(film.folder, rate))
    assert 8 < len(list(alone(film.timeline)))


def test_the_folder_can_be_moved_and_the_vault_be_gone(tram: Exported, tmp_path: Path):
    """
    Every file that a timeline names is found from where the timeline lies.
    """
    assert {1} == {path.stat().st_nlink for path in files(tram.folder)}
    moved = shutil.copytree(tram.folder, tmp_path / "elsewhere")

    with away(tram.film.parents[2] / "vault"), away(tram.folder):
        named = {suffix: places(read_back(moved, suffix, 24)) for suffix in FORMATS}

    assert {suffix: [] for suffix in FORMATS} == {
        suffix: [place for place in each if not (moved / place).is_file()] for suffix, each in named.items()
    }
    assert len(named[".otio"]) > len(named[".xml"]) > len(named[".edl"]) > 3


@contextmanager
def away(folder: Path) -> Iterator[None]:
    """Have a folder be gone for a while."""
    hidden = folder.rename(folder.with_name(f"gone {folder.name}"))
    try:
        yield
    finally:
        hidden.rename(folder)


def places(timeline: opentimelineio.schema.Timeline) -> set[str]:
    """Return every file that a timeline names."""
    return {
        reference.target_url
        for clip in timeline.find_clips()
        for reference in clip.media_references().values()
        if isinstance(reference, opentimelineio.schema.ExternalReference)
    }


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_folder_has_the_takes_as_they_came_under_names_for_people(tram: Exported):
    """
    Footage that was fitted lies there as it was, too; and each speed as a file for formats that have none.
    """
    names = sorted(path.name for path in (tram.folder / "media").iterdir())

    assert [
        "TRAM_010_title.mp4",
        "TRAM_020_city_video-retimed_t01.mp4",
        "TRAM_020_city_video_t01.mp4",
        "TRAM_030_stop_video_t01.mp4",
        "TRAM_030_stop_video_t02.mp4",
        "TRAM_040_own-fitted.mp4",
        "TRAM_040_own.mp4",
        "TRAM_050_ride_video-retimed_t01.mp4",
        "TRAM_050_ride_video_t01.mp4",
    ] == names
    own = Path(tram.ready.plan.board.path).parent / "own.mp4"
    assert own.read_bytes() == (tram.folder / "media/TRAM_040_own.mp4").read_bytes()


def test_every_take_is_an_alternate_of_the_one_that_is_shown(tram: Exported):
    """
    `stop` was shot twice, and the later take is in the film.
    """
    clips = {
        clip.metadata["storyreel"]["scene"]: clip for clip in read_back(tram.folder, ".otio", 24).tracks[0].find_clips()
    }

    assert "t02" == clips["stop"].active_media_reference_key
    assert {"t01", "t02"} == set(clips["stop"].media_references())
    own = clips["own"].media_references()
    assert {"own", "own-fitted"} == set(own)
    # Of the footage as it came the same seconds are shown: those from 1.03 s on, after a handle of a quarter of a second at most.
    shown_from = clips["own"].source_range.start_time - own["own"].available_range.start_time
    assert 1.03 == pytest.approx(shown_from.to_seconds(), abs=1 / 24)
    known = dict(clips["stop"].metadata["storyreel"])
    assert ("stop/video", 2, "She runs to the stop.") == (known["step"], known["take"], known["prompt"])
    assert known["request_id"]
    assert known["model"]


def test_what_no_format_has_is_named(tram: Exported):
    """
    Words over the picture and beside it, what was fitted, and what the stems are.
    """
    notes = " ".join((tram.folder / "NOTES.txt").read_text().split())

    assert "the title 'Rua da Bica' over stop (lower-third), frames" in notes
    assert "captions are no part of a timeline: they lie beside it as .srt and .vtt" in notes
    assert "TRAM_040_own-fitted.mp4 is TRAM_040_own.mp4 as the film has it" in notes
    assert "wipe-left into stop is written as a dissolve" in notes
    assert "the speed 1.5 of ride is not told: TRAM_050_ride_video-retimed_t01.mp4 is shown, which has it" in notes
    assert "before anything is turned up or limited" in notes
    assert {".srt", ".vtt"} == {Path(name).suffix for name in tram.data.captions}


def test_each_stem_is_as_long_as_the_film(tram: Exported):
    """
    Whatever is heard in it.
    """
    lengths = {path.name: length(path) for path in (tram.folder / "sound").iterdir()}

    samples = tram.timeline.frames * 2000
    assert {f"tram.{stem}.wav": samples for stem in ("own", "voiceover", "effects", "music")} == lengths


async def test_the_stems_that_are_handed_on_are_the_films_sound(tram: Exported, tmp_path: Path):
    """
    As it is before it is encoded, where nothing had to be limited: a voice, an effect, and music under them.
    """
    about = await gathered_again(tram)
    await film_bus(about.film, about.clips, about.sounds, about.house, about.room, tmp_path / "bus")

    stems = [samples_of(path) for path in sorted((tram.folder / "sound").iterdir())]

    bus = in_24_bits((tmp_path / "bus").read_bytes())
    assert [True, True, False, True] == [bool(abs(stem).max() > 0.01) for stem in stems], "the clips are silent"
    assert abs(sum(stems) - bus).max() <= 2 * LSB


def length(sound: Path) -> int:
    with wave.open(str(sound)) as reader:
        return reader.getnframes()


async def test_an_export_again_changes_nothing(tram: Exported):
    """
    Not even when a file was written. Into the vault nothing is exported.
    """
    before = {path: path.stat().st_mtime_ns for path in files(tram.folder)}
    master = tram.ready.plan.master
    assert master is not None

    again = await export(tram.ready, master, tram.folder)

    with pytest.raises(SettingsError, match=r"--to .* lies in the vault"):
        await export(tram.ready, master, Path(tram.ready.vault.address) / "derived" / "edit")

    assert ((), ()) == (again.changed, again.removed)
    assert before == {path: path.stat().st_mtime_ns for path in files(tram.folder)}


async def test_a_film_that_was_not_cut_is_exported_as_its_clips_give_it(tram: Exported, tmp_path: Path):
    """
    A delivery that nobody has made: its timeline is the one that it would be cut from, and that is said; it has what was written on it.
    """
    (short,) = [film for film in tram.ready.plan.films if film.name == "short"]

    written = [Note(id="1", film="tram.short", at=0.5, text="Cut."), Note(id="2", film="tram", at=1, text="Not here.")]
    write_notes(written, notes_place(tram.ready.out, "tram", "xai"), title="Tram", rates={})
    data = await export(tram.ready, short, tmp_path / "short")
    (marker,) = read_back(tmp_path / "short", ".otio", 24).tracks.markers
    notes_place(tram.ready.out, "tram", "xai").unlink()
    _, timeline = await cut(tram.ready, short)
    after = await export(tram.ready, short, tmp_path / "short")

    assert ("Cut.", 12) == (marker.name, marker.marked_range.start_time.value)
    assert (False, True) == (data.was_cut, after.was_cut)
    assert {"NOTES.txt", "tram.short.otio", "tram.short.xml", "tram.short.fcpxml"} == set(after.changed)
    assert "tram.short.otio" in {path.name for path in (tmp_path / "short").iterdir()}
    assert timeline.frames == data.frames
    assert "the film itself was not cut so far: this is its timeline as its clips give it" in data.notes


async def test_what_loudness_and_limiter_add_to_the_stems_is_said(tram: Exported):
    """
    In figures, of a film that was cut; and of a stem that is too loud for itself.
    """
    about = await gathered_again(tram)
    assert about.film.sound is not None
    loud = about.film.model_copy(update={"sound": about.film.sound.model_copy(update={"loudness": -14.0})})
    record = SoundRecord(sha256="0", gain_db=3.5, limited_db=1.25)

    brought = sound_notes(replace(about, film=loud, sound=record), {"music": 0.0})
    limited = sound_notes(replace(about, sound=record), {"music": 2.04})
    uncut = sound_notes(replace(about, film=loud, sound=None), {})

    assert (
        "the film is brought to -14 LUFS, which the stems are not: all of it is turned up by 3.5 dB, and what would be too loud then "
        "down by up to 1.25 dB"
    ) in brought
    assert "what would be too loud is turned down in the film by up to 1.25 dB, and not in the stems" in limited
    assert (
        "music is 2.0 dB too loud for itself, and is as loud as can be there: it is not what it is in the film"
        in limited
    )
    assert any("how far it is turned up is known once it is cut" in note for note in uncut)


async def test_a_take_whose_clip_is_gone_is_left_out_and_told(tram: Exported):
    """
    The one that is shown is there: nobody waits for the others.
    """
    (before,) = [path for path in (tram.folder / "media").iterdir() if path.name == "TRAM_030_stop_video_t01.mp4"]
    lost = await tram.ready.vault.clips.local(sha256_of(before))

    with away(lost):
        about = await gathered_again(tram)

    assert "media/TRAM_030_stop_video_t01.mp4" not in about.files
    assert "media/TRAM_030_stop_video_t02.mp4" in about.files
    (remark,) = about.remarks
    assert remark.startswith("take 1 of stop/video is left out: ")


async def gathered_again(tram: Exported) -> Gathered:
    """Return what the export of the master is made of."""
    master = tram.ready.plan.master
    assert master is not None
    return await gathered(tram.ready.plan, master, "xai", await clips_of(tram.ready), tram.ready.vault, name="tram")
