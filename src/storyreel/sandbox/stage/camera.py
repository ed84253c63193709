"""
Film painted layers: every clip of the sandbox leaves through this one encoder.

A layer is a picture that moves by whole pixels; ffmpeg lays them over each other, frame by frame, so that Python paints
each of them once. One encoder setting serves every operation, so that all clips of one size can be joined without
encoding them again. What is on the layers, and why, is not known here.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from storyreel.errors import MediaError
from storyreel.media.ffmpeg import ffmpeg_binary, without_secrets

HOUSE_FPS = Fraction(24)
GOP = 48
TIMESCALE = 12288
PATIENCE_S = 300.0

COLOURS = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]
# A constant quantizer spares x264 the look at each frame that it needs to weigh it, and flat colours need no weighing.
# Ultrafast is four times quicker than veryfast here. With the 8x8 transform back the stream is High profile, and no
# slower. No B-frames: what is shown first is also stored first, so that clips can be joined without a look inside.
ENCODER = ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high", "-pix_fmt", "yuv420p"]
ENCODER += ["-x264-params", "8x8dct=1:bframes=0:open-gop=0:scenecut=0:stitchable=1"]
ENCODER += ["-g", str(GOP), "-threads", "1", *COLOURS]
SPEAKER = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "64k", "-ar", "48000", "-ac", "2"]
EXACT = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
MP4 = ["-video_track_timescale", str(TIMESCALE), "-movflags", "+faststart", "-f", "mp4"]

TO_YUV = "scale=out_color_matrix=bt709:out_range=tv:flags=fast_bilinear"
EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2:out_range=tv,format=yuv420p"
TAGGED = "format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,setsar=1"


# Half a pixel less a breath must not become the pixel before: sines are never exactly nought.
_NOISE = 1e-6


@dataclass(frozen=True)
class Track:
    """
    Where something is along one axis at frame n: `start + speed * n + swing * sin(2 pi n / period)`, in pixels.

    With `wrap` the travelled part is taken modulo that many pixels, so that a repeating pattern runs for ever. With
    `step` 2 it moves at every second frame only, which suits what is quick and small, as rain. What is slower than a
    pixel a frame does so by itself: it moves by two pixels anyway, and frames between which nothing moves cost little.
    """

    start: float = 0
    speed: float = 0
    swing: float = 0
    period: float = 48
    wrap: float = 0
    step: int = 1

    @property
    def pace(self) -> int:
        """The number of frames between two of its moves, 1 or 2."""
        slow = abs(self.speed) <= 1 and 2 * math.pi * abs(self.swing) <= 1.5 * self.period
        return 2 if slow else self.step

    def at(self, n: int) -> int:
        """Return the whole, even pixel of frame n: 4:2:0 pictures can only be moved by two."""
        n -= n % self.pace
        travelled = self.speed * n
        if self.wrap:
            travelled = math.fmod(travelled, self.wrap)
        place = self.start + travelled + self.swing * math.sin(2 * math.pi * n / self.period)
        return 2 * math.floor(place / 2 + _NOISE)

    def expression(self, *, halved: bool = False) -> str:
        """Return the same as ffmpeg's overlay filter understands it; `halved` where n counts every second frame."""
        if not self.speed and not self.swing:
            return str(self.at(0))
        n = "(2*n)" if halved else "n" if self.pace == 1 else f"(n-mod(n,{self.pace}))"
        travelled = f"{self.speed}*{n}"
        if self.wrap:
            travelled = f"mod({travelled},{self.wrap})"
        swing = f"+{self.swing}*sin(2*PI*{n}/{self.period})" if self.swing else ""
        return f"2*floor(({self.start}+{travelled}{swing})/2+{_NOISE:.6f})"

    def _way(self, frames: int) -> tuple[float, float]:
        end = (math.copysign(self.wrap, self.speed) if self.speed else 0.0) if self.wrap else self.speed * frames
        return min(0.0, end), max(0.0, end)

    def least(self, frames: int) -> int:
        """Return a pixel that it never goes below within these frames."""
        return 2 * math.floor((self.start + self._way(frames)[0] - abs(self.swing)) / 2)

    def most(self, frames: int) -> int:
        """Return a pixel that it never goes beyond within these frames."""
        return 2 * math.floor((self.start + self._way(frames)[1] + abs(self.swing)) / 2)


STILL = Track()


@dataclass(frozen=True)
class Layer:
    """
    One painted picture and its way through the frame.

    Args:
        picture: RGBA. With `cells` > 1 it is a strip of that many phases side by side, all of one width.
        x, y: The left upper corner over time.
        cells: Phases of the movement; each is shown for `hold` frames, then the next.
        hold: In frames.
        between: First and last frame (inclusive) in which the layer is shown; None for all.
        rhythm: Period, first and last frame (inclusive) of each period in which the layer is shown; None for all.
    """

    picture: Image.Image
    x: Track = STILL
    y: Track = STILL
    cells: int = 1
    hold: int = 3
    between: tuple[int, int] | None = None
    rhythm: tuple[int, int, int] | None = None

    def phase(self, n: int) -> Image.Image:
        """Return what the layer shows at frame n."""
        width = self.picture.width // self.cells
        left = (n // self.hold) % self.cells * width
        return self.picture.crop((left, 0, left + width, self.picture.height))

    @property
    def calm(self) -> bool:
        """Whether nothing of it changes between an even frame and the next."""
        edges = (*(self.between or ()), *(self.rhythm[1:] if self.rhythm else ()))
        if any((edge + k) % 2 for k, edge in enumerate(edges)) or (self.rhythm and self.rhythm[0] % 2):
            return False
        if self.cells > 1 and self.hold % 2:
            return False
        return all(track.pace == 2 or not (track.speed or track.swing) for track in (self.x, self.y))

    def shown(self, n: int) -> bool:
        """Whether the layer is shown at frame n."""
        if self.between and not self.between[0] <= n <= self.between[1]:
            return False
        return not self.rhythm or self.rhythm[1] <= n % self.rhythm[0] <= self.rhythm[2]


def run(arguments: Sequence[str], feed: Iterable[bytes] = ()) -> None:
    """
    Run ffmpeg to its end.

    Args:
        arguments: Without the program and its common options.
        feed: What goes into its standard input.

    Raises:
        MediaError: It failed, or took longer than five minutes.
    """
    command = [ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *arguments]
    with (
        tempfile.TemporaryFile() as error_log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=error_log, env=without_secrets()
        ) as process,
    ):
        assert process.stdin is not None
        try:
            try:
                for piece in feed:
                    process.stdin.write(piece)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it has what it needs, or its exit code tells why not
            code = process.wait(timeout=PATIENCE_S)
        except BaseException:
            process.kill()
            raise
        error_log.seek(0)
        tail = error_log.read().decode(errors="replace")[-2000:]
    if code:
        raise MediaError("ffmpeg could not make the sandbox's clip", command=command, tail=tail)


class Stage:
    """
    The inputs and filters of one ffmpeg call, gathered piece by piece.

    A stage is a context: the raw pictures that it hands to ffmpeg live in a folder that goes with it.
    """

    def __init__(self, fps: Fraction = HOUSE_FPS) -> None:
        self.fps = fps
        self.inputs: list[str] = []
        self.graph: list[str] = []
        self._count = 0
        self._folder = tempfile.TemporaryDirectory(prefix="storyreel-")

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """The folder that goes with the stage."""
        return Path(self._folder.name)

    def file(self, *arguments: str) -> int:
        """Add an input as ffmpeg's arguments name it; return its number."""
        self.inputs += arguments
        self._count += 1
        return self._count - 1

    def picture(self, picture: Image.Image, fps: Fraction) -> int:
        """Add a painted picture, unpacked: that is quicker than PNG on both sides."""
        number = self._count
        path = self.folder / f"{number}.raw"
        path.write_bytes(picture.tobytes())
        layout = {"RGBA": "rgba", "RGB": "rgb24"}[picture.mode]
        size = f"{picture.width}x{picture.height}"
        return self.file(
            "-f", "rawvideo", "-pix_fmt", layout, "-video_size", size, "-framerate", str(fps), "-i", str(path)
        )

    def piped(self, width: int, height: int) -> str:
        """Take raw 4:2:0 frames from the feed of `shoot`; return their label."""
        size = f"{width}x{height}"
        number = self.file(
            "-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", size, "-framerate", str(self.fps), "-i", "pipe:0"
        )
        # Without its tags, each frame would be converted to what the layers over it are.
        self.graph.append(f"[{number}:v]{TAGGED}[piped]")
        return "piped"

    def join(self, clips: Sequence[Path], frames: Sequence[int]) -> int:
        """Add clips of our own encoder, end to end, as one input that can be copied; return its number."""
        lines = ["ffconcat version 1.0"]
        for clip, count in zip(clips, frames, strict=True):
            lines += [f"file '{clip.as_posix()}'", f"duration {float(count / self.fps):.6f}"]
        script = self.folder / "join.ffconcat"
        script.write_text("\n".join(lines) + "\n")
        return self.file("-f", "concat", "-safe", "0", "-i", str(script))

    def copy(self, video: int, audio: str | None, to: Path) -> None:
        """Write the picture of the input `video` as it is, with the sound `audio` if there is one."""
        graph = ["-filter_complex", ";".join(self.graph)] if self.graph else []
        sound = ["-map", f"[{audio}]", *SPEAKER] if audio else []
        run([*self.inputs, *graph, "-map", f"{video}:v:0", "-c:v", "copy", *sound, *EXACT, *MP4, str(to)])

    def scene(self, backdrop: Image.Image, layers: Sequence[Layer], label: str = "s") -> str:
        """
        Lay layers over a picture that fills the frame; return the label of the result.

        The deepest layers are most often calm. They are laid at half the rate, and each of these frames is shown twice.
        """
        calm = next((k for k, layer in enumerate(layers) if not layer.calm), len(layers))
        number = self.picture(backdrop.convert("RGB"), self.fps / 2)
        self.graph.append(f"[{number}:v]{TO_YUV},format=yuv420p,loop=-1:1[{label}b]")
        deep = self.lay(layers[:calm], f"{label}b", f"{label}d", halved=True)
        self.graph.append(f"[{deep}]fps={self.fps}[{label}f]")
        return self.lay(layers[calm:], f"{label}f", label)

    def lay(self, layers: Iterable[Layer], over: str, label: str, *, halved: bool = False) -> str:
        """
        Lay layers over the stream `over`, the first one deepest; return the label of the result.

        `halved` says that the stream has every second frame only.
        """
        for k, layer in enumerate(layers):
            number = self.picture(_even(layer.picture, layer.cells), self.fps / 2 if halved else self.fps)
            width, height = _even_size(layer.picture, layer.cells)
            hold = layer.hold // 2 if halved else layer.hold
            cell = f",crop={width}:{height}:{width}*mod(floor(n/{hold})\\,{layer.cells}):0" * (layer.cells > 1)
            x, y = layer.x.expression(halved=halved), layer.y.expression(halved=halved)
            n, shown = "2*n" if halved else "n", ""
            if layer.between:
                shown = f":enable='between({n},{layer.between[0]},{layer.between[1]})'"
            elif layer.rhythm:
                shown = f":enable='between(mod({n},{layer.rhythm[0]}),{layer.rhythm[1]},{layer.rhythm[2]})'"
            self.graph.append(f"[{number}:v]{TO_YUV},format=yuva420p,loop=-1:1{cell}[{label}p{k}]")
            self.graph.append(
                f"[{over}][{label}p{k}]overlay=x='{x}':y='{y}':format=yuv420:shortest=1{shown}[{label}l{k}]"
            )
            over = f"{label}l{k}"
        return over

    def shoot(
        self,
        video: str,
        audio: str | None,
        frames: int,
        to: Path,
        feed: Iterable[bytes] = (),
        *,
        copied_from: int | None = None,
        steady: bool = True,
        fine: bool = False,
    ) -> None:
        """
        Encode `frames` frames of the stream `video` as a clip.

        Args:
            video: Label of the picture.
            audio: Label of the sound; None for none.
            frames: How many.
            to: The file to write.
            feed: Raw frames for the input `pipe:0`, if there is one.
            copied_from: An input whose sound is taken over as it is.
            steady: False lets each frame keep the time that it came with.
            fine: Spend more bytes, for pictures that are not ours.
        """
        self.graph.append(f"[{video}]{TAGGED},trim=end_frame={frames}[film]")
        maps = ["-map", "[film]"]
        if audio:
            maps += ["-map", f"[{audio}]", *SPEAKER]
        else:
            # ffmpeg 5 may show the last frame twice without this, and with it ends the sound that filters make too early.
            maps += ["-frames:v", str(frames)]
        if copied_from is not None:
            maps += ["-map", f"{copied_from}:a:0", "-c:a", "copy"]
        pace = ["-r", str(self.fps)] if steady else ["-fps_mode", "passthrough", "-enc_time_base", f"1:{TIMESCALE}"]
        drawing = ["-filter_complex_threads", "1", *self.inputs, "-filter_complex", ";".join(self.graph)]
        quality = ["-qp", "10" if fine else "25"]
        run(
            [*drawing, *maps, *pace, *ENCODER, *quality, *EXACT, *MP4, str(to)],
            feed,
        )


def _even_size(picture: Image.Image, cells: int) -> tuple[int, int]:
    width = picture.width // cells
    return width + width % 2, picture.height + picture.height % 2


def _even(picture: Image.Image, cells: int) -> Image.Image:
    width, height = _even_size(picture, cells)
    if (width * cells, height) == picture.size and picture.mode == "RGBA":
        return picture
    even = Image.new("RGBA", (width * cells, height))
    was = picture.width // cells
    for k in range(cells):
        even.paste(picture.crop((k * was, 0, (k + 1) * was, picture.height)), (k * width, 0))
    return even


def flatten(backdrop: Image.Image, layers: Iterable[Layer], n: int) -> Image.Image:
    """Return frame n as one RGB picture."""
    frame = backdrop.convert("RGBA")
    for layer in layers:
        if not layer.shown(n):
            continue
        phase = layer.phase(n).convert("RGBA")
        frame.paste(phase, (layer.x.at(n), layer.y.at(n)), phase)
    return frame.convert("RGB")
