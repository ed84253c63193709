"""
A film of shots: every frame that it shows of a clip is the right one, wherever its clip could be copied and where not.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.delivery.assemble import FilmRecord, assemble
from storyreel.media import measure
from storyreel.model.footage import Footage
from storyreel.model.joints import Joint
from storyreel.model.recipe import Clip
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import ResolvedShot, Timeline
from storyreel.vault import Vault, open_vault
from tests.media.numbered import BITS, HEIGHT, WIDTH, written

RATE, FRAMES = 24, 96
SIZE = (WIDTH, HEIGHT)
HUES = {
    "keyint=12:bframes=3": 60,
    "keyint=48:min-keyint=48:bframes=3:b-pyramid=normal": 90,
    "keyint=250:bframes=2": 120,
    "keyint=infinite:bframes=0": 150,
    "keyint=24:min-keyint=24:open-gop=1:bframes=3": 180,
}
"""Structures of groups of pictures, and the colour by which a clip of each is told."""
OWN_HUE, SLACK = 128, 8  # grey: what is untagged and small is taken for bt601, and is converted


@dataclass(frozen=True)
class Studio:
    """A vault with a clip of every structure, and footage of another rate."""

    vault: Vault
    clips: dict[str, Clip]
    hues: dict[str, int]
    own: Footage


def picture(number: int, hue: int) -> av.VideoFrame:
    """Return a frame that carries its number as bars, in the colour of its clip."""
    luma = np.full((HEIGHT, WIDTH), 50, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            luma[:, bit * WIDTH // BITS : (bit + 1) * WIDTH // BITS] = 190
    chroma = np.full((HEIGHT // 2, WIDTH), hue, np.uint8)
    return av.VideoFrame.from_ndarray(np.concatenate([luma, chroma.reshape(HEIGHT // 2, WIDTH)]), format="yuv420p")


def read(film: Path) -> list[tuple[int, int]]:
    """Return of each frame of a film the colour of its clip and its number."""
    found = []
    with av.open(str(film)) as reader:
        for frame in reader.decode(video=0):
            planes = frame.to_ndarray()
            middles = planes[HEIGHT // 2, WIDTH // BITS // 2 :: WIDTH // BITS]
            found.append(
                (int(planes[HEIGHT:].mean().round()), sum(1 << bit for bit in range(BITS) if middles[bit] > 120))
            )
    return found


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    folder = tmp_path_factory.mktemp("studio")
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    clips, hues = {}, {}
    for number, (structure, hue) in enumerate(HUES.items()):
        options = {"preset": "veryfast", "crf": "12", "profile": "high", "x264-params": f"scenecut=0:{structure}"}
        pictures = [picture(frame, hue) for frame in range(FRAMES)]
        path = written(folder / f"{number}.mp4", pictures, "libx264", "yuv420p", options, None, None, rate=RATE)
        clips[f"s{number}/video"] = Clip(
            request_id=f"r{number}", sha256=asyncio.run(vault.clips.keep(path, ".mp4")), frames=FRAMES
        )
        hues[f"s{number}"] = hue
    pictures = [picture(frame, OWN_HUE) for frame in range(3 * 30)]
    own = written(folder / "own.mkv", pictures, "libx264", "yuv420p", {"g": "250"}, None, None, rate=30)
    return Studio(vault, clips, hues | {"own": OWN_HUE}, measure(own))


def shot(number: int, start: float = 0.0, end: float | None = None, speed: str = "1", into: object = None) -> Shot:
    clip = StepClip(f"s{number}/video", FRAMES / RATE)
    joint = into if isinstance(into, Transition) or into is None else Transition(str(into), 0.5)
    return Shot(f"s{number}", clip, start, end, (Credit(clip.step, 0.0, clip.seconds),), joint, Fraction(speed))


def own_shot(studio: Studio, start: float, end: float, into: Transition | None = None) -> Shot:
    return Shot("own", studio.own, start, end, (Credit(None, 0.0, end - start),), into)


def alone(shots: Sequence[ResolvedShot], close: Joint | None) -> Iterator[tuple[int, ResolvedShot, int]]:
    """Yield each frame of a film that shows one shot alone: its place, the shot, and which of the shot's frames it is."""
    joints = [*(each.joint if isinstance(each.joint, Joint) else None for each in shots), close]
    for at, each in enumerate(shots):
        into, out = joints[at], joints[at + 1]
        first = 0 if into is None else into.frames if at == 0 else into.of_incoming
        last = 0 if out is None else out.frames if at == len(shots) - 1 else out.of_outgoing
        for number in range(first, each.frames - last):
            yield each.first_frame + number, each, number


def wrong(studio: Studio, film: Path, record: FilmRecord) -> list[str]:
    """Return every frame of a film that shows something else than it is to show."""
    shown, faults = read(film), []
    assert len(shown) == record.timeline.frames
    for place, each, number in alone(record.timeline.picture, record.timeline.close):
        hue, frame = shown[place]
        wanted = each.clip_first_frame + floor(number * Fraction(str(each.speed)))
        if each.scene == "own":
            wanted = round((each.clip_first_frame + number) * 30 / RATE)
        near = 1 if each.scene == "own" else 0
        if abs(hue - studio.hues[each.scene]) > SLACK or abs(frame - wanted) > near:
            faults.append(f"frame {place}: {each.scene} {frame} ({hue}), not {wanted}")
    return faults


async def test_every_frame_of_a_cut_film_is_the_right_one(studio: Studio):
    """
    Twelve shots, some of one scene, at three speeds, with transitions of every kind, of clips of every structure.
    """
    film = Timeline(
        SIZE,
        (
            shot(0, 0.5, 3.0, into=Transition("fade-black", 0.5)),
            shot(1, into="dissolve"),
            shot(2, 1.0, 3.5, into="wipe-left"),
            shot(3, 0.25, 2.0),
            shot(0, 2.0, into=Transition("dissolve", 0.25)),
            shot(4, 1.0, 3.0, into="fade-white"),
            shot(1, -2.0, -0.5, speed="2"),
            own_shot(studio, 0.5, 2.0, Transition("dissolve", 0.5)),
            shot(3, 1.0, 2.5, speed="0.5", into="slide-right"),
            shot(0, speed="1.5"),
            shot(2, into=Transition("circleopen", 1.0)),
            shot(4, 0.0, 2.0),
        ),
        Transition("fade-black", 0.5),
    )
    path, record = await assemble(film, studio.clips, studio.vault)

    assert [] == wrong(studio, path, record)
    assert record.timeline.seconds == pytest.approx(film.seconds, abs=1 / RATE)
    assert record.av_offset_ms < 1


@pytest.mark.parametrize("seconds", [(0.0, 4.0), (0.125, 3.875), (1.0, 3.0)], ids=["no-handles", "three", "all"])
@pytest.mark.parametrize("number", range(len(HUES)))
@pytest.mark.some(4)
async def test_a_dissolve_is_right_to_the_frame_whatever_its_clips_are_like(
    studio: Studio, number: int, seconds: tuple[float, float]
):
    """
    With as many handles as there are frames beyond the cut: the film is shorter by those that are missing.
    """
    start, end = seconds
    film = Timeline(SIZE, (shot(number, start, end), shot((number + 1) % len(HUES), start, end, into="dissolve")))
    path, record = await assemble(film, studio.clips, studio.vault)
    joint = record.timeline.picture[1].joint
    beyond = min(6, round(start * RATE))

    assert isinstance(joint, Joint)
    assert (beyond, beyond) == (joint.handle_out, joint.handle_in)
    assert record.timeline.frames == 2 * round((end - start) * RATE) - (12 - 2 * beyond)
    assert [] == wrong(studio, path, record)


async def test_changing_one_joint_renders_one_window(studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """
    What else was rendered is known, and every other frame is copied.
    """
    log = tmp_path / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    shots = [shot(0), shot(1, into="dissolve"), shot(0, into="dissolve"), shot(1, into="dissolve")]
    await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)
    log.unlink()
    shots[2] = shot(0, into="wipe-up")
    await assemble(Timeline(SIZE, tuple(shots)), studio.clips, studio.vault)

    assert 1 == log.read_text(encoding="utf-8").count('"encodes_video": true')


async def test_a_longer_transition_into_own_footage_encodes_none_of_it_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """
    But what is mixed: beyond the cut whole seconds of it are there, or all that its file has.
    """
    log = tmp_path / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    for seconds in (0.25, 0.75):
        log.unlink(missing_ok=True)
        shots = (shot(0, 0, 3), own_shot(studio, 1.25, 2.5, Transition("dissolve", seconds)))
        path, record = await assemble(Timeline(SIZE, shots), studio.clips, studio.vault)

        assert [] == wrong(studio, path, record)
    assert 1 == log.read_text(encoding="utf-8").count('"encodes_video": true')
