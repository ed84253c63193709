"""
What is heard of a film: shots, recordings, effects and music, each where it is to be; and what of it is made again.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.delivery.assemble import FilmRecord, assemble
from storyreel.delivery.head_start import HeadStart
from storyreel.media import Survey, measure_sound
from storyreel.media.ffmpeg import encodes_video
from storyreel.model.recipe import Clip
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.sound import LaidSound, Music, OwnSound, SoundFile
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.vault import Vault, open_vault
from tests.media.filming import ffmpeg
from tests.media.sounds import RATE, level_db, tone, written_sound
from tests.media.structures import FPS, HEIGHT, WIDTH, encode

SIZE = (WIDTH, HEIGHT)
FRAME = RATE // FPS
FRAMES = 48


class Set:
    """A vault with the clips of two scenes, each of which hums a tone of its own, and a voice, a bell and music beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.vault: Vault = open_vault(str(folder / "vault"), cache=folder / "cache")
        self.clips = {f"{name}/video": self._clip(name, pitch) for name, pitch in (("sea", 300), ("pier", 500))}
        self.voice, self.bell, self.bed = (
            self._sound(name, pitch, seconds)
            for name, pitch, seconds in (("vo", 2000, 1), ("fx", 4000, 0.25), ("bed", 8000, 2))
        )

    def _clip(self, name: str, pitch: int) -> Clip:
        silent = encode(self.folder / f"{name}.mp4", "keyint=12:bframes=2", frames=FRAMES, hue=pitch // 4)
        heard = written_sound(self.folder / f"{name}.wav", tone(pitch, FRAMES / FPS, 0.1))
        clip = self.folder / f"{name}.mov"
        ffmpeg("-i", str(silent), "-i", str(heard), "-c:v", "copy", "-c:a", "pcm_s16le", str(clip))
        return Clip(request_id=name, sha256=asyncio.run(self.vault.clips.keep(clip, ".mp4")), frames=FRAMES)

    def _sound(self, name: str, pitch: int, seconds: float) -> SoundFile:
        return measure_sound(written_sound(self.folder / f"{name}.wav", tone(pitch, seconds, 0.1)))

    def shots(self, joint: Transition | None = None) -> tuple[Shot, Shot]:
        """Return the film of both scenes, each a second of its clip."""
        sea, pier = (
            Shot(name, StepClip(f"{name}/video", 2.0), 0.5, 1.5, (Credit(f"{name}/video", 0.0, 2.0),))
            for name in ("sea", "pier")
        )
        return sea, replace(pier, joint=joint)

    async def cut(self, timeline: Timeline) -> tuple[np.ndarray, FilmRecord]:
        """Return the left channel of a film, and its record."""
        path, record = await assemble(timeline, self.clips, self.vault)
        return heard_in(path), record


def heard_in(film: Path) -> np.ndarray:
    """Return the left channel of a film, decoded."""
    with av.open(str(film)) as reader:
        return np.concatenate([frame.to_ndarray()[0] for frame in reader.decode(audio=0)])[
            : reader.streams.audio[0].duration
        ]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Set:
    return Set(tmp_path_factory.mktemp("set"))


async def test_everything_is_heard_at_its_place(stage: Set):
    """
    A tone a sound: shots, a voice that runs on over the cut, an effect, and music that goes down under the voice.
    """
    sea, pier = stage.shots()
    sea = replace(sea, laid=(LaidSound("voiceover", stage.voice, at=0.5), LaidSound("sounds", stage.bell, at=0.25)))
    heard, record = await stage.cut(Timeline(SIZE, (sea, pier), music=(Music(stage.bed, duck_db=-12),)))
    second = RATE

    def level(pitch: int, begins: float, ends: float) -> float:
        return level_db(heard[round(begins * second) : round(ends * second)], pitch)

    assert 2 * second == len(heard)
    assert -20 == pytest.approx(level(300, 0.1, 0.9), abs=0.2)
    assert -20 == pytest.approx(level(500, 1.1, 1.9), abs=0.2)
    assert level(300, 1.1, 1.9) < -60
    assert -20 == pytest.approx(level(2000, 0.6, 1.4), abs=0.2)
    assert level(2000, 0.1, 0.45) < -60
    assert -20 == pytest.approx(level(4000, 0.3, 0.45), abs=0.3)
    assert -20 == pytest.approx(level(8000, 0.0, 0.3), abs=0.3)
    assert -32 == pytest.approx(level(8000, 0.6, 1.4), abs=0.3)
    assert record.timeline.sound is not None
    assert ((RATE // 2, RATE // 2 + RATE),) == record.timeline.sound.ducked


async def test_a_gain_renders_no_picture_and_a_picture_makes_no_sound(stage: Set, monkeypatch: pytest.MonkeyPatch):
    """
    With a dissolve, whose frames are rendered once: another gain encodes sound alone; what differs in neither encodes nothing.
    """
    timeline = Timeline(SIZE, stage.shots(Transition("dissolve", 0.25)))
    await stage.cut(timeline)
    log = stage.folder / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))

    def commands() -> list[list[str]]:
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [json.loads(line)["argv"] for line in lines]

    sea, pier = timeline.picture
    await stage.cut(replace(timeline, picture=(replace(sea, sound=OwnSound(gain_db=-6)), pier)))
    louder = commands()
    await stage.cut(replace(timeline, picture=(sea, replace(pier, joint=Transition("wipe-left", 0.25)))))
    wiped = commands()

    assert not any(map(encodes_video, louder))
    assert any("aac" in command for command in louder)
    assert any(map(encodes_video, wiped))
    assert not any("aac" in command for command in wiped)


async def test_a_film_without_words_on_sound_is_known_as_ever(stage: Set):
    """
    Its identity has none of the fields that sound has, and its record says nothing of it.
    """
    plain = Timeline(SIZE, stage.shots())
    sources = {step: clip.sha256 for step, clip in stage.clips.items()}
    sea, pier = plain.picture
    _, record = await stage.cut(plain)

    assert record.timeline.sound is None
    assert (
        len(
            {
                each.identity(sources)
                for each in (
                    plain,
                    replace(plain, loudness=-14.0),
                    replace(plain, music=(Music(stage.bed),)),
                    replace(plain, picture=(replace(sea, sound=OwnSound(mute=True)), pier)),
                    replace(plain, picture=(replace(sea, laid=(LaidSound("sounds", stage.bell),)), pier)),
                )
            }
        )
        == 5
    )


async def test_sounds_are_taken_out_of_clips_while_others_are_being_shot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    What is left for the cut is the mix: it opens no clip for its sound, and the film has the bytes that it has without.
    """
    stage = await asyncio.to_thread(Set, tmp_path / "a")
    other = await asyncio.to_thread(Set, tmp_path / "b")
    timeline = Timeline(SIZE, stage.shots(Transition("dissolve", 0.25)), music=(Music(stage.bed, first="pier"),))
    survey = Survey()
    async with HeadStart([timeline], stage.vault, survey) as ahead:
        ahead.begin()
        for step, clip in stage.clips.items():
            ahead.has_clip(step, clip)
        while not ahead.is_idle:
            await asyncio.sleep(0.02)
        await ahead.end()
    log = tmp_path / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    _, record = await assemble(timeline, stage.clips, stage.vault, survey)
    commands = [json.loads(line)["argv"] for line in log.read_text().splitlines()]
    _, plain = await assemble(timeline, other.clips, other.vault)

    assert not any("pcm_s16le" in command for command in commands)
    assert record.sound == plain.sound
