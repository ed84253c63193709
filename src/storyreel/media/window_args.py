"""
What ffmpeg is told to render a window: its stretches at their speeds, mixed into one another, its words, and its fades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from storyreel.media.ffmpeg_args import (
    BASELINE,
    BITEXACT,
    HOUSE_SETS,
    TAGS,
    arguments,
    begin,
    clip_input,
    first_read,
    timescale,
)
from storyreel.media.format import PROFILES, House
from storyreel.media.h264 import SequenceSet
from storyreel.media.probe import Measured
from storyreel.media.seek import Landing
from storyreel.media.windows import Fade, Stretch, Window

A_HAIR_S = 1e-8
ONE_GROUP = 250
"""Frames in a group of pictures of a window: more than most windows have."""


@dataclass(frozen=True)
class Source:
    """
    The clip of a stretch, measured, and how it is read: from its start, or from where `landing` says; then `proof` gets the
    time of the first key frame that was read.
    """

    measured: Measured
    landing: Landing | None = None
    proof: Path | None = None


@dataclass(frozen=True)
class LaidPicture:
    """
    A picture that is laid over frames of a window, in a file of bare RGBA: `size` are its width and height, `x` and `y` where
    its upper left corner lies, all of them even.
    """

    path: Path
    size: tuple[int, int]
    x: int
    y: int
    first_frame: int
    frames: int


def window_args(
    window: Window,
    sources: Sequence[Source],
    house: House,
    to: Path,
    *,
    like: SequenceSet,
    group: int = ONE_GROUP,
    laid: Sequence[LaidPicture] = (),
) -> list[str]:
    """
    Encode a window, whose clips are in the house format, to stand beside their own packets.

    A decoder keeps as many frames for it as for them, or a strict one drops what it has not shown yet where the number
    changes. One thread, and nothing of this machine's processor: the same frames give the same bytes everywhere.

    Args:
        sources: Of each stretch.
        like: What the clips' own sequence parameter sets say.
        group: Frames from one key frame to the next, at most.
        laid: Of its words.
    """
    read = [
        clip_input(each.clip, source.measured, **begin(source.landing))[str(source.measured.video_index)]
        for each, source in zip(window.stretches, sources, strict=True)
    ]
    streams = [
        _stretch(number, each, stream, source.measured, house)
        for number, (each, stream, source) in enumerate(zip(window.stretches, read, sources, strict=True))
    ]
    shown, length = streams[0], window.stretches[0].frames
    for each, stream, mix in zip(window.stretches[1:], streams[1:], window.mixes, strict=True):
        shown = _mixed(shown, stream, mix.name, length - mix.frames, mix.frames, house)
        length += each.frames - mix.frames
    for picture in laid:
        shown = _laid_over(shown, picture, house)
    # A fade is a mix with a plain colour: the filter of that name would take a picture through RGB, and its colours with it.
    opens, closes = window.opens, window.closes
    if closes is not None and length == 1:
        opens, closes = Fade(closes.colour, 1), None  # a frame that is the only one, and all of its colour
    if opens is not None:
        shown = _mixed(_plain(opens, house, "opens"), shown, "fade", 0, opens.frames, house)
    if closes is not None:
        # One step sooner, so that the last frame is all of the colour. Of two frames the first is the picture's own, so one of a
        # single frame is taken for one of two.
        closes = Fade(closes.colour, max(2, closes.frames))
        start = max(0, length - closes.frames)
        shown = _mixed(shown, _plain(closes, house, "closes"), "fade", start, closes.frames - 1, house)
    shown = _in_bt709(shown.filter("format", "yuv420p"))
    output = ffmpeg.output(
        shown,
        str(to),
        format="mp4",
        r=f"{house.fps.numerator}/{house.fps.denominator}",
        **{"c:v": "libx264", "preset": "faster", "crf": 16, "g": group, "profile:v": PROFILES[house.profile]},
        **{"x264-params": _beside(like), "filter_complex_threads": 1, "flags:v": "+bitexact", "fflags": "+bitexact"},
        video_track_timescale=timescale(house.fps),
        **TAGS,
        **BITEXACT,
    )
    proofs = [
        first_read(stream, source.proof)
        for stream, source in zip(read, sources, strict=True)
        if source.proof is not None
    ]
    return arguments(ffmpeg.merge_outputs(output, *proofs) if proofs else output)


def _stretch(number: int, stretch: Stretch, stream: Any, measured: Measured, house: House) -> Any:
    """Return the frames of a stretch, at the rate of the house, a tick each. Its number keeps two that are alike apart."""
    first = measured.start + stretch.first / house.fps
    ahead, behind = stretch.speed.numerator, stretch.speed.denominator
    # In ticks of which `ahead` are a frame of the film, each of the clip's frames has a whole number of them. The film's
    # frame k shows the last one that is not after it.
    at = f"(N+{stretch.first - stretch.origin})*{behind}-({stretch.skip * ahead})"
    return _in_bt709(
        # From half a frame before on, since clocks are coarse; and a hair more for each, since filters are told apart by what they
        # are told.
        stream.filter("trim", start=f"{float(first - 1 / house.fps / 2) + number * A_HAIR_S:.9f}")
        .filter("trim", end_frame=stretch.end - stretch.first)
        .filter("tpad", stop=1 + behind, stop_mode="clone")
        .filter("settb", f"{house.fps.denominator}/{house.fps.numerator * ahead}")
        .filter("setpts", at)
        .filter("fps", fps=f"{house.fps.numerator}/{house.fps.denominator}", start_time=0, round="up")
        # From here on no `setpts`: behind it ffmpeg 7.0 knows no rate, and mixes nothing.
        .filter("trim", end_frame=stretch.frames)
    )


def _mixed(one: Any, other: Any, name: str, start: int, frames: int, house: House) -> Any:
    """Mix a stream from its frame `start` on into another, over so many frames."""
    duration, offset = _seconds(frames / house.fps), _seconds(start / house.fps)
    return ffmpeg.filter([one, other], "xfade", transition=name, duration=duration, offset=offset)


def _laid_over(stream: Any, picture: LaidPicture, house: House) -> Any:
    """
    Lay a picture over some frames of a stream, and leave all others as they are.

    Frames are told by their time, half a frame before and after it: those who lay one over another count them ahead.
    """
    width, height = picture.size
    rate = f"{house.fps.numerator}/{house.fps.denominator}"
    source = ffmpeg.input(
        str(picture.path.absolute()),
        format="rawvideo",
        protocol_whitelist="file,pipe",
        pix_fmt="rgba",
        s=f"{width}x{height}",
        framerate=rate,
    )
    inlay = _in_bt709(
        source["v:0"].filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuva420p")
    )
    first, end = (
        f"{float((frame - Fraction(1, 2)) / house.fps):.6f}"
        for frame in (picture.first_frame, picture.first_frame + picture.frames)
    )
    return _in_bt709(
        ffmpeg.overlay(
            _in_bt709(stream.filter("format", "yuv420p")),
            inlay,
            x=picture.x,
            y=picture.y,
            format="yuv420",
            eof_action="repeat",
            enable=f"between(t,{first},{end})",
        )
    )


def _plain(fade: Fade, house: House, name: str) -> Any:
    """Return a picture of one colour, for as long as a fade lasts. Its name keeps two that are alike apart."""
    rate = f"{house.fps.numerator}/{house.fps.denominator}"
    colour = f"color@{name}={fade.colour}:size={house.width}x{house.height}:rate={rate}"
    source = ffmpeg.input(colour, format="lavfi")
    return _in_bt709(source["v:0"].filter("format", "yuv420p").filter("trim", end_frame=fade.frames))


def _in_bt709(stream: Any) -> Any:
    """
    Have a picture say that it is bt709, which all of the house are: beside one that says so, ffmpeg would convert one that says
    nothing before it mixes them. 9.0 does, 5.1 does not.
    """
    return stream.filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")


def _beside(like: SequenceSet) -> str:
    """
    Return x264's options for a picture that is to stand beside another encoder's.

    x264 writes into its sequence set what it was asked for, one more than it holds back at least, and four where B frames
    are predicted from. So it is asked for no more than it takes to write the clip's own number: what we have conformed
    and what is rendered beside it then have the same sets.

    Source: x264, `x264_sps_init`, read 2026-11.
    """
    references = max(1, like.references)
    reorders = references > 1 and like.profile != BASELINE
    pyramid = reorders and references >= 4
    options = {
        "sps-id": HOUSE_SETS,
        "open-gop": 0,
        "chromaloc": 0,
        "stitchable": 1,
        "threads": 1,
        "cpu-independent": 1,
        "ref": 1 if pyramid and references == 4 else references,
        "bframes": 3 if reorders else 0,
        "b-pyramid": "normal" if pyramid else "none",
        "level": like.level,
    }
    return ":".join(f"{name}={value}" for name, value in options.items())


def _seconds(value: Fraction) -> str:
    return f"{float(value):.6f}"
