"""
What the sandbox shows where the real service shows what a model made: illustrated clips, drawn from the prompt's words.

Six operations, each of which writes one file. They are deterministic: the same input gives the same bytes. Nothing here
knows of requests, jobs or prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageOps

from storyreel.sandbox.stage import camera
from storyreel.sandbox.stage.camera import EVEN, TAGGED, Layer, Stage, flatten
from storyreel.sandbox.stage.caption import caption, edge_mark
from storyreel.sandbox.stage.clips_in import (
    AS_CLIP,
    Planes,
    Rush,
    house_header,
    last_frame,
    picture_of,
    planes_of,
    push_in,
    sampled,
)
from storyreel.sandbox.stage.clips_in import measure as measure
from storyreel.sandbox.stage.grade import look_for
from storyreel.sandbox.stage.pins import Pin as Pin
from storyreel.sandbox.stage.pins import hold
from storyreel.sandbox.stage.references import hang, opened
from storyreel.sandbox.stage.scenery import Scene, aim_of, paint_scene, seed_of, sound_of, weather_of
from storyreel.sandbox.stage.sound import RATE, ambience, spoken
from storyreel.sandbox.stage.sound import tone_of as tone_of
from storyreel.sandbox.stage.spoilt import spoil_clip as spoil_clip
from storyreel.sandbox.stage.spoilt import spoil_still as spoil_still
from storyreel.sandbox.stage.weather import weather

TAKEN = ("PNG", "JPEG", "WEBP")
"""Kinds of pictures that the service takes, in Pillow's words; docs.x.ai image generation, read 2026-11-22."""

# An extension holds its first frame, hardly moving, and then dissolves to what comes next.
HELD_S = 2.0
DISSOLVE_S = 1.25


@dataclass(frozen=True)
class Shot:
    """
    What is asked for: the words, the size in pixels (even), the length in seconds.

    `sound` False leaves the audio stream out. `fps` is 24 for all that the service makes itself. `pins` are pictures that it shows at
    moments of its own, `tones` those of the voices that
    speak in it, in Hz.
    """

    prompt: str
    width: int
    height: int
    seconds: float
    sound: bool = True
    fps: Fraction | int = 24
    pins: tuple[Pin, ...] = ()
    tones: tuple[float, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return max(1, round(self.seconds * self.fps))


def text_to_video(shot: Shot, to: Path) -> None:
    """
    Draw a clip from words alone.

    Raises:
        MediaError: ffmpeg failed. So do all operations of this module.
    """
    scene = paint_scene(shot.prompt, shot.width, shot.height, shot.frames)
    _show(shot, scene, (), to)


def reference_to_video(shot: Shot, references: Sequence[Path], to: Path) -> None:
    """
    Draw a clip from words, with each reference picture hung before the scene as a framed print.

    The prints stand for whom the words speak of, so the scene behind them is the place alone.
    """
    scene = paint_scene(shot.prompt, shot.width, shot.height, shot.frames, figures=not references)
    _show(shot, scene, hang(references, shot.width, shot.height), to)


def still(prompt: str, width: int, height: int, to: Path, references: Sequence[Path] = ()) -> None:
    """Draw one picture from words: JPEG or PNG, as the name ends. References hang in it as framed prints."""
    scene = paint_scene(prompt, width, height, 1, figures=not references)
    picture = flatten(scene.backdrop, [*scene.layers, *hang(references, width, height)], 0)
    if to.suffix.lower() == ".png":
        picture.save(to, "PNG", compress_level=3)
    else:
        picture.save(to, "JPEG", quality=92)


def _show(shot: Shot, scene: Scene, prints: Sequence[Layer], to: Path) -> None:
    with Stage(Fraction(shot.fps)) as stage:
        video = stage.scene(scene.backdrop, [*scene.layers, *prints, *_words(shot)])
        video = hold(stage, video, shot.pins, (shot.width, shot.height), shot.frames)
        stage.shoot(video, _sound(stage, shot, scene.sound), shot.frames, to)


def _arriving(layers: Sequence[Layer], shot: Shot) -> list[Layer]:
    """Return layers that come after the first frame, which belongs to the picture alone."""
    return [replace(layer, between=(2, shot.frames)) for layer in layers]


def _words(shot: Shot) -> list[Layer]:
    return caption(shot.prompt, shot.width, shot.height, shot.frames)


def _sound(stage: Stage, shot: Shot, kind: str) -> str | None:
    if not shot.sound:
        return None
    samples = round(shot.frames * RATE / shot.fps)
    stage.graph.append(ambience(kind, seed_of(shot.prompt), samples, "heard"))
    return spoken(stage.graph, "heard", shot.tones, samples)


def image_to_video(shot: Shot, picture: Path, to: Path) -> None:
    """
    Set a picture in motion: it is the first frame, cropped to the frame's shape, and the camera moves on from there.

    The move is the one that the words name (in, out, left, right; else in); so is the weather that falls before it.
    """
    width, height = shot.width, shot.height
    first = ImageOps.fit(opened(picture), (width, height), Image.Resampling.LANCZOS)
    with Stage(Fraction(shot.fps)) as stage:
        moving = stage.piped(width, height)
        falling = weather_of(shot.prompt, width, height, fallback="dust")
        video = stage.lay([*_arriving(falling, shot), *_words(shot)], moving, "s")
        video = hold(stage, video, shot.pins, (width, height), shot.frames)
        feed = push_in(planes_of(first), shot.frames, 0.10, aim_of(shot.prompt))
        stage.shoot(video, _sound(stage, shot, sound_of(shot.prompt)), shot.frames, to, feed)


def edit_video(prompt: str, source: Path, to: Path) -> None:
    """Change the look of a clip as the words ask; its frames, size, rate and sound stay what they are."""
    rush = measure(source)
    look = look_for(prompt, sampled(source))
    with Stage(rush.fps) as stage:
        number = stage.file(*AS_CLIP, str(source))
        stage.graph.append(f"[{number}:v]{EVEN},{look.filters()},{TAGGED}[graded]")
        falling = weather(look.weather, rush.width, rush.height, seed_of(prompt))
        video = stage.lay(falling, "graded", "w")
        heard = number if rush.has_sound else None
        stage.shoot(video, None, rush.frames, to, copied_from=heard, steady=rush.steady)


def extend_video(prompt: str, source: Path, seconds: float, to: Path, sound: bool | None = None) -> None:
    """
    Continue a clip: its own frames, then `seconds` more that begin with its last frame, as one clip. Each of these carries a mark of its
    own at its edge (`edge_mark`).

    A clip of the sandbox goes in as it is; any other one is encoded once, at high quality.

    Args:
        prompt: What happens next.
        source: An MP4.
        seconds: Of the new part.
        to: The file to write.
        sound: None keeps sound where the source has it.
    """
    with Stage() as folder:
        rush = measure(source)
        as_it_is = rush.steady and rush.header == house_header(rush.width, rush.height, rush.fps)
        before, after = folder.folder / "before.mp4", folder.folder / "after.mp4"
        picture_of(rush, before, as_it_is=as_it_is)
        clean = measure(before)
        shot = Shot(prompt, clean.width, clean.height, seconds, False, clean.fps)
        scene = paint_scene(prompt, shot.width, shot.height, shot.frames)
        _go_on(shot, scene, last_frame(before), after)
        heard = rush.has_sound if sound is None else sound
        with Stage(clean.fps) as stage:
            joined = stage.join([before, after], [clean.frames, shot.frames])
            audio = None
            if heard:
                audio = _sounds_on(stage, source if rush.has_sound else None, clean, shot, scene)
            stage.copy(joined, audio, to)


def _go_on(shot: Shot, scene: Scene, last: Planes, to: Path) -> None:
    fps = Fraction(shot.fps)
    held = min(shot.frames, round(HELD_S * fps))
    dissolve = min(held, round(DISSOLVE_S * fps))
    with Stage(fps) as stage:
        moving = stage.piped(shot.width, shot.height)
        painted = stage.scene(scene.backdrop, scene.layers)
        stage.graph.append(
            f"[{painted}]{TAGGED},fps={fps}[to];[{moving}]{TAGGED},fps={fps}[from];"
            f"[from][to]xfade=duration={float(dissolve / fps):.6f}:offset={float((held - dissolve) / fps):.6f},"
            f"setpts=N/({fps})/TB[joined]"
        )
        worded = stage.lay(_words(shot), "joined", "c")
        video = stage.lay(edge_mark(shot.width, shot.height, shot.frames), worded, "e")
        stage.shoot(video, None, shot.frames, to, push_in(last, held, 0.03, (0.5, 0.45)))


def _sounds_on(stage: Stage, source: Path | None, before: Rush, shot: Shot, scene: Scene) -> str:
    old, new = (round(frames * RATE / before.fps) for frames in (before.frames, shot.frames))
    if source is None:
        stage.graph.append(f"anullsrc=r={RATE}:cl=stereo,atrim=end_sample={old}[was]")
    else:
        number = stage.file(*AS_CLIP, str(source))
        stage.graph.append(
            f"[{number}:a:0]aresample={RATE}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,"
            f"apad=whole_len={old},atrim=end_sample={old}[was]"
        )
    stage.graph.append(ambience(scene.sound, scene.seed, new, "comes"))
    stage.graph.append("[was][comes]concat=n=2:v=0:a=1[heard]")
    return "heard"


def is_picture(path: Path) -> bool:
    """Whether a file is a picture of a kind that the service takes, and opens to its end."""
    try:
        with Image.open(path, formats=TAKEN) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def pixels(picture: Path) -> tuple[int, int]:
    """Return width and height of a picture as it is shown."""
    return opened(picture).size


def shrink(clip: Path, lines: int, to: Path) -> None:
    """Write a clip whose short side has `lines` pixels, with the sound as it is."""
    fit = f"scale='if(gt(iw,ih),-2,{lines})':'if(gt(iw,ih),{lines},-2)'"
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-c:a", "copy"]
    camera.run(["-f", "mov", "-i", str(clip), "-vf", fit, *encode, *camera.MP4, str(to)])
