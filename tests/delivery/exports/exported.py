"""
A film of numbered frames, shot, cut and exported, and eyes for what it shows and for what each format says that it shows.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import floor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import opentimelineio

from storyreel.delivery.assemble import find_film
from storyreel.delivery.exports.export import export_film
from storyreel.delivery.exports.export_data import ExportData
from storyreel.delivery.film import cut_film, identity_of
from storyreel.delivery.places import files_of
from storyreel.model.joints import Joint
from storyreel.model.plan import PlannedFilm
from storyreel.model.timeline import ResolvedTimeline
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Prepared, prepare
from tests.cli.shot import shoot
from tests.media.sounds import tone, written_sound

SIZE, BITS, OWN_RATE = 480, 8, 30
HUES = {"city/video": 60, "stop/video": 90, "ride/video": 150}
OWN_HUE = 180

BOARD = """
title: 'The Last Tram <"&>'
slug: tram
defaults: {duration: 3, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: title, card: {text: TRAM}, duration: 1}
  - id: city
    prompt: "The city at night, \\"one\\" tram."
    trim: {start: 0.5, end: 2.5}
    transition: {kind: dissolve, duration: 0.46}
  - id: stop
    prompt: "She runs to the stop."
    transition: {kind: wipe-left, duration: 0.5}
    voiceover: [{file: vo.wav, at: 0.2}]
    sounds: [{file: vo.wav, at: 0.9, gain_db: -10}]
    titles: [{text: Rua da Bica, at: 0.25, duration: 0.5}]
    say: Nobody waits.
  - {id: own, clip: own.mp4, trim: {start: 1.03, end: 2.4}, transition: dissolve}
  - {id: ride, prompt: "Inside the tram."}
cut:
  order:
    - title
    - city
    - {scene: stop, end: 1.5}
    - own
    - {scene: stop, start: 1.5, transition: {kind: fade-black, duration: 0.6}}
    - {scene: ride, speed: 1.5, start: 0.5, transition: dissolve}
    - {scene: city, speed: 0.5, start: 1.0, end: 1.5, transition: dissolve}
    - city
    - city
  close: {kind: fade-black, duration: 0.25}
  music: [{file: vo.wav, gain_db: -12, loop: true}]
deliver:
  short: {order: [stop, ride]}
"""


@dataclass(frozen=True)
class Exported:
    """An export with the film that it is of."""

    ready: Prepared
    film: Path
    timeline: ResolvedTimeline
    folder: Path
    data: ExportData


def picture(number: int, hue: int) -> av.VideoFrame:
    """Return a frame that carries its number as bars, in the colour of its clip."""
    luma = np.full((SIZE, SIZE), 50, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            luma[:, bit * SIZE // BITS : (bit + 1) * SIZE // BITS] = 190
    chroma = np.full((SIZE // 2, SIZE), hue, np.uint8)
    return av.VideoFrame.from_ndarray(np.concatenate([luma, chroma]), format="yuv420p")


def filmed(to: Path, frames: int, rate: Fraction, hue: int) -> bytes:
    """Write a clip of numbered frames, and return its content."""
    with av.open(str(to), "w") as writer:
        options = {"preset": "ultrafast", "crf": "20", "profile": "high", "g": "12"}
        track = writer.add_stream("libx264", rate=rate, options=options)
        track.width, track.height, track.pix_fmt = SIZE, SIZE, "yuv420p"
        for number in range(frames):
            frame = picture(number, hue)
            frame.pts, frame.time_base = number, 1 / rate
            writer.mux(track.encode(frame))
        writer.mux(track.encode(None))
    return to.read_bytes()


def read(clip: Path) -> list[tuple[int, int]]:
    """Return of each frame of a clip its colour and its number."""
    shown = []
    with av.open(str(clip)) as reader:
        for frame in reader.decode(video=0):
            planes = frame.to_ndarray()
            bars = planes[SIZE // 8, SIZE // BITS // 2 :: SIZE // BITS][:BITS]
            hue = int(planes[SIZE + 10 : SIZE + 50].mean().round())
            shown.append((hue, sum(1 << bit for bit in range(BITS) if bars[bit] > 120)))
    return shown


def scene_set(folder: Path, rate: Fraction) -> Path:
    """Put a board with its media into a folder, and shoot it into the vault of the environment: `stop` twice."""
    folder.mkdir(exist_ok=True)
    written_sound(folder / "vo.wav", tone(440, 1.2, 0.1))
    filmed(folder / "own.mp4", 3 * OWN_RATE, Fraction(OWN_RATE), OWN_HUE)
    board = folder / "tram.yaml"
    board.write_text(BOARD)
    shoot(board, "2026-11-20T10:00:00", film=partial(_clip, folder, rate, 1))
    shoot(board, "2026-11-20T11:00:00", film=partial(_clip, folder, rate, 2), redo=["stop/video"])
    return board


def _clip(folder: Path, rate: Fraction, longer: int, step: str, seconds: float) -> bytes:
    # A clip of 23.976 is a frame longer than it was asked for, or it would end before an asked second does.
    return filmed(folder / "clip.mp4", floor(seconds * rate) + longer, rate, HUES[step])


async def cut(ready: Prepared, film: PlannedFilm) -> tuple[Path, ResolvedTimeline]:
    """Cut a film, and return its file and what it shows."""
    clips = await clips_of(ready)
    made = await cut_film(
        ready.plan, film, "xai", clips, ready.vault, files_of(ready.out, film.board, "xai"), lambda _: None
    )
    there = await find_film(identity_of(film, clips), ready.vault)
    assert there is not None
    return made.path, there[1].timeline


async def clips_of(ready: Prepared) -> Mapping[str, Any]:
    """Return the clips that the vault has of a plan's steps."""
    known = await forecast(ready.plan, ready.vault, "xai", allowed=ready.allowed)
    return {each.step.id: each.clip for each in known if each.clip is not None}


async def export(ready: Prepared, film: PlannedFilm, to: Path, *, link: bool = False) -> ExportData:
    """Export a film."""
    return await export_film(ready.plan, film, "xai", await clips_of(ready), ready.vault, to, link=link, out=ready.out)


def exported(folder: Path, rate: Fraction) -> Exported:
    """Shoot, cut and export the board at a rate."""
    board = scene_set(folder / "board", rate)
    ready = prepare(board, out=folder / "out", root=folder)
    master = ready.plan.master
    assert master is not None

    async def done() -> Exported:
        film, timeline = await cut(ready, master)
        return Exported(ready, film, timeline, folder / "export", await export(ready, master, folder / "export"))

    return asyncio.run(done())


def alone(film: ResolvedTimeline) -> Iterator[int]:
    """Yield each frame of a film that shows one shot alone."""
    joints = [*(each.joint if isinstance(each.joint, Joint) else None for each in film.picture), film.close]
    for at, each in enumerate(film.picture):
        into, out = joints[at], joints[at + 1]
        first = 0 if into is None else into.frames if at == 0 else into.of_incoming
        last = 0 if out is None else out.frames if at == len(film.picture) - 1 else out.of_outgoing
        yield from range(each.first_frame + first, each.first_frame + each.frames - last)


def read_back(folder: Path, suffix: str, rate: float) -> Any:
    """Read a timeline of an export with its own library."""
    (file,) = folder.glob(f"*{suffix}")
    options = {"rate": rate} if suffix == ".edl" else {}
    timeline = opentimelineio.adapters.read_from_file(str(file), **options)
    if isinstance(timeline, opentimelineio.schema.SerializableCollection):
        (timeline,) = [each for each in timeline if isinstance(each, opentimelineio.schema.Timeline)]
    return timeline


def shows(timeline: Any) -> dict[int, tuple[str, int]]:
    """Return of each frame of a timeline the file of its picture that it shows, and which frame of it."""
    schema = opentimelineio.schema
    track = next(each for each in timeline.tracks if each.kind == schema.TrackKind.Video)
    shown = {}
    for at, item in enumerate(track):
        if isinstance(item, schema.Clip) and not isinstance(item.media_reference, schema.GeneratorReference):
            place = track.range_of_child_at_index(at)
            speed = next((Fraction(effect.time_scalar).limit_denominator(1000) for effect in item.effects), Fraction(1))
            for number in range(round(place.duration.value)):
                frame = round(item.source_range.start_time.value) + floor(number * speed)
                shown[round(place.start_time.value) + number] = item.name, frame
    return shown


def shows_in_xml(folder: Path, rate: Fraction) -> dict[int, tuple[str, int]]:
    """Return the same of a Final Cut Pro XML, by its own fractions: its library's reader takes whole rates, and rounds down."""
    (file,) = folder.glob("*.fcpxml")
    shown = {}
    for clip in ElementTree.parse(file).findall(".//spine/clip"):
        at, frames, start = (seconds(clip.get(name, "0s")) * rate for name in ("offset", "duration", "start"))
        assert {1} == {at.denominator, frames.denominator, start.denominator}, "each is on a frame of the film"
        shown |= {int(at) + number: (clip.attrib["name"], int(start) + number) for number in range(int(frames))}
    return shown


def seconds(text: str) -> Fraction:
    """Return a time of a Final Cut Pro XML."""
    return Fraction(text.removesuffix("s"))


def wrong(export: Exported, shown: Mapping[int, tuple[str, int]]) -> list[str]:
    """Return every frame of a film that its export shows as something else, as both are decoded."""
    film = read(export.film)
    files: dict[str, list[tuple[int, int]]] = {}
    faults = []
    for frame in alone(export.timeline):
        name, number = shown.get(frame, ("nothing", 0))
        if name not in files and name != "nothing":
            files[name] = read(export.folder / "media" / name)
        there = files[name][number] if name != "nothing" else (0, -1)
        if abs(there[0] - film[frame][0]) > 8 or there[1] != film[frame][1]:
            faults.append(f"frame {frame}: {name} {number} is {there}, and the film shows {film[frame]}")
    return faults
