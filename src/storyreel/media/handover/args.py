"""
What ffmpeg is told to make of a film as it is cut the film as it is handed over.

The picture is encoded once, from the film's own. PCM is what was mixed; sound that stays AAC is joined afterwards (`join.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from storyreel.media.ffmpeg_args import BITEXACT, TAGS, arguments, timescale
from storyreel.media.picture_filters import SCALER
from storyreel.model.finish import Codec
from storyreel.model.sound import SAMPLE_RATE

THREADS = 4
"""Of an encoder, on every machine: the same film gives the same bytes. What x264 encodes differs with how many there are."""

ENCODERS: dict[Codec, str] = {"h264": "libx264", "h265": "libx265", "prores": "prores_ks"}
"""ffmpeg's encoder for each codec."""
PIXELS: dict[Codec, str] = {"h264": "yuv420p", "h265": "yuv420p", "prores": "yuv422p10le"}
TAGGED: dict[Codec, str] = {"h264": "avc1", "h265": "hvc1", "prores": "apch"}
"""How a file calls them. `hvc1` is the one of two for H.265 that QuickTime plays; `apch` is ProRes 422 HQ."""


@dataclass(frozen=True)
class Laid:
    """
    A picture that is laid over a film with its upper left corner at `x` and `y`, in a file of bare pixels: `still` has one for all
    frames, in RGBA, else there is one for each, in grey, on standard input.
    """

    size: tuple[int, int]
    x: int
    y: int
    still: Path | None = None


def handover_args(
    film: Path,
    codec: Codec,
    to: Path,
    *,
    film_rate: Fraction,
    rate: Fraction,
    frames: int,
    laid: Sequence[Laid] = (),
    bus: Path | None = None,
) -> list[str]:
    """
    Encode the picture of a film anew.

    Args:
        film: An MP4 as `splice` makes it.
        to: A MOV for ProRes, else an MP4.
        film_rate: The film's frames a second.
        rate: Those of what is made.
        frames: How many come out.
        laid: What is laid over it, the lowest first.
        bus: What is heard, in bare samples of 24 bits; nothing if not given.
    """
    source = ffmpeg.input(
        str(film.absolute()), format="mov", protocol_whitelist="file,pipe", copyts=None, reinit_filter=0
    )
    shown = _in_bt709(source["v:0"])
    if rate != film_rate:
        # The frame that has begun last when one of the new ones does.
        shown = shown.filter("fps", fps=_ratio(rate), start_time=0, round="up", eof_action="round")
    for each in laid:
        shown = _laid_over(shown, each, rate)
    if codec == "prores":
        shown = shown.filter("scale", flags=SCALER)
    # Not by `-frames:v`: with it ffmpeg 5 ends the sound wherever the picture is.
    shown = _in_bt709(shown.filter("format", PIXELS[codec])).filter("trim", end_frame=frames)
    streams, sound = [shown], {}
    if bus is not None:
        samples = ffmpeg.input(
            str(bus.absolute()), format="s24le", protocol_whitelist="file,pipe", ar=SAMPLE_RATE, ac=2
        )
        streams, sound = [shown, samples["a:0"]], {"c:a": "pcm_s24le"}
    output = ffmpeg.output(
        *streams,
        str(to),
        format="mov" if codec == "prores" else "mp4",
        r=_ratio(rate),
        **{"c:v": ENCODERS[codec], "threads:v": THREADS, "tag:v": TAGGED[codec]},
        **_quality(codec, rate),
        **sound,
        # Filters that share a picture between them round otherwise where they part it: 5.1 and 7.0 do, 9.0 does not.
        filter_complex_threads=1,
        filter_threads=1,
        **{"flags:v": "+bitexact", "flags:a": "+bitexact", "fflags": "+bitexact"},
        video_track_timescale=timescale(rate),
        **TAGS,
        **BITEXACT,
    )
    return arguments(output)


def _quality(codec: Codec, rate: Fraction) -> dict[str, Any]:
    match codec:
        case "prores":
            return {"profile:v": 3, "vendor": "apl0", "pix_fmt": PIXELS[codec]}
        case "h265":
            # Rows of a picture are encoded side by side, and never two pictures: then it is no matter how many processors there are.
            # It writes no note of itself, in which would be what the processor can.
            options = {"log-level": "error", "info": 0, "frame-threads": 1, "open-gop": 0, "keyint": round(rate * 5)}
            return {"preset": "medium", "crf": 20, "profile:v": "main", "x265-params": _joined(options)}
        case _:
            # As windows of a film are rendered.
            options = {"open-gop": 0, "cpu-independent": 1, "lookahead-threads": 1, "keyint": round(rate * 5)}
            return {"preset": "faster", "crf": 16, "profile:v": "high", "x264-params": _joined(options)}


def _laid_over(stream: Any, laid: Laid, rate: Fraction) -> Any:
    width, height = laid.size
    where = "pipe:0" if laid.still is None else str(laid.still.absolute())
    pixels = "gray" if laid.still is None else "rgba"
    source = ffmpeg.input(
        where,
        format="rawvideo",
        protocol_whitelist="file,pipe",
        pix_fmt=pixels,
        s=f"{width}x{height}",
        framerate=_ratio(rate),
    )
    inside = "yuv420p" if laid.still is None else "yuva420p"
    inlay = source["v:0"].filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", inside)
    return _in_bt709(
        ffmpeg.overlay(
            _in_bt709(stream.filter("format", "yuv420p")),
            _in_bt709(inlay),
            x=laid.x,
            y=laid.y,
            format="yuv420",
            eof_action="repeat",
        )
    )


def _in_bt709(stream: Any) -> Any:
    """Have a picture say that it is bt709: beside one that says so, ffmpeg would convert one that says nothing."""
    return stream.filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")


def _joined(options: dict[str, object]) -> str:
    return ":".join(f"{name}={value}" for name, value in options.items())


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
