"""
What ffmpeg is told, as lists of arguments. The only module that knows ffmpeg-python.

Nothing runs here, and no text of a person's gets into a filter: filters are built from numbers that were measured.
Every input is opened with the demuxer its content calls for and may open nothing but itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from storyreel.media.format import BT709, PROFILES, House
from storyreel.media.probe import HDR_TRANSFERS, UNSPECIFIED, Measured

HOUSE_SETS = 3
"""
The number of the parameter sets of what we encode. Encoders number theirs 0 unless they are told otherwise, and sets of
different numbers can live in one track (see `parameter_sets`). Ours are to be the same for all footage, so they do not say where
colour lies between the pixels (`chromaloc`), which some versions of ffmpeg take over from the footage.
"""

SCALER = "bicubic+accurate_rnd+full_chroma_int"
SEEK_LEAD_S = 3.0  # decoding starts this much before the first frame that is wanted, so that sound has settled
MATRICES = {BT709: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
"""ffmpeg's words for the matrices of ITU-T H.273 (07/2021), table 4."""

BITEXACT: dict[str, Any] = {"bitexact": None, "map_metadata": -1, "map_chapters": -1}
LIMITER: dict[str, Any] = {"level": 0, "latency": 1}
"""What a mix brings beyond full scale is limited, and nothing else is touched. Measured with 5.1, 7.0 and 9.0, 2026-11-27."""

BYTES_A_BUS_SAMPLE = 8  # 32 bit floats, stereo
TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"}


@dataclass(frozen=True)
class Sound:
    """Sound as `lay_sound` writes it: bare floats in stereo. `mixed`: from more channels, so it may be beyond full scale."""

    path: Path
    mixed: bool


def decode_args(clip: Path, measured: Measured) -> list[str]:
    """Decode picture and sound to the end and stop at the first damage."""
    source = _source(clip, measured, err_detect="explode")
    streams = [source[str(measured.video_index)]] + ([source[str(measured.audio_index)]] if measured.has_audio else [])
    return _args(ffmpeg.output(*streams, "-", format="null").global_args("-xerror"))


def conform_args(
    clip: Path,
    measured: Measured,
    house: House,
    to: Path,
    *,
    sound: Sound | None,
    start: float,
    frames: int,
    lossless_sound: bool,
) -> list[str]:
    """
    Encode `frames` frames from `start` seconds on, as the house wants them, with their sound.

    Args:
        sound: What is heard with these frames; None makes a silent clip.
        start: Seconds from the clip's first frame.
        frames: How many frames come out, at the rate of the house; the last one is held if the clip is shorter.
        lossless_sound: Keep sound as it is for the film to encode once (ALAC); otherwise AAC.
    """
    first = first_of(measured, start)
    # A size that changes midway begins no filter anew, which would lose its place in time. Turning takes every frame for as large
    # as the first.
    steady = {} if measured.signature.rotation else {"reinit_filter": 0}
    source = _source(clip, measured, **_seek(measured, start), **steady)
    streams = [_picture(source[str(measured.video_index)], measured, house, first=first, frames=frames)]
    options: dict[str, Any] = {}
    if sound is not None:
        streams.append(_heard(sound, house))
        options = {"c:a": "alac"} if lossless_sound else {"c:a": "aac", "b:a": "192k"}
    output = ffmpeg.output(
        *streams,
        str(to),
        format="mp4",
        # ffmpeg 7.0 forgets the rate at the filter `setpts`, and takes it for 25.
        r=f"{house.fps.numerator}/{house.fps.denominator}",
        **{"c:v": "libx264", "preset": "veryfast", "crf": 18, "g": round(house.fps * 2)},
        **{"profile:v": PROFILES[house.profile], "x264-params": f"sps-id={HOUSE_SETS}:open-gop=0:chromaloc=0"},
        video_track_timescale=timescale(house.fps),
        movflags="+faststart",
        **TAGS,
        **options,
        **BITEXACT,
    )
    return _args(output)


def sound_args(clip: Path, measured: Measured, house: House, to: Path, *, samples: int) -> list[str]:
    """Write a clip's sound as bare stereo PCM of exactly `samples` samples, the first of them at its first frame."""
    source = _source(clip, measured, copyts=None)
    sound = _sound(source[str(measured.audio_index)], measured, house, samples=samples)
    return _args(ffmpeg.output(sound, str(to), format="s16le", acodec="pcm_s16le"))


def first_of(measured: Measured, start: float) -> Fraction:
    """Return what the clip's clock says `start` seconds after its first frame."""
    return measured.start + Fraction(start).limit_denominator(1_000_000)


def join_args(picture: Path, bus: Path, house: House, to: Path) -> list[str]:
    """Put a finished picture and a sound bus into one film: the picture is copied, the sound encoded once."""
    seen = ffmpeg.input(str(picture.absolute()), format="mov", protocol_whitelist="file,pipe", copyts=None)
    heard = ffmpeg.input(
        str(bus.absolute()), format="s16le", protocol_whitelist="file,pipe", ar=house.sample_rate, ac=2
    )
    output = ffmpeg.output(
        seen["v:0"],
        heard["a:0"],
        str(to),
        format="mp4",
        **{"c:v": "copy", "c:a": "aac", "b:a": "192k", "movflags": "+faststart"},
        video_track_timescale=timescale(house.fps),
        **BITEXACT,
    )
    return _args(output)


def timescale(fps: Fraction) -> int:
    """Return the ticks a second of a track in which every frame of this rate lasts a whole number of them."""
    return fps.numerator * (512 if fps.numerator <= 240 else 1)


def _args(output: Any) -> list[str]:
    return [str(argument) for argument in ffmpeg.get_args(output)]


def _source(clip: Path, measured: Measured, **options: Any) -> Any:
    return ffmpeg.input(str(clip.absolute()), format=measured.container, protocol_whitelist="file,pipe", **options)


def _seek(measured: Measured, start: float) -> dict[str, Any]:
    """
    Return the input options that leave times as they are and begin reading somewhat before `start`.

    The cut itself is made on the frames' own times; seeking only saves decoding what lies far before it.
    """
    ahead = float(measured.start - measured.container_start) + start - SEEK_LEAD_S
    return {"copyts": None, "ss": f"{ahead:.6f}", "noaccurate_seek": None} if ahead > 0 else {"copyts": None}


def _picture(stream: Any, measured: Measured, house: House, *, first: Fraction, frames: int) -> Any:
    """Deinterlace, time, scale with bars, and colour the picture as the house has it."""
    now = measured.signature
    if now.interlaced or now.transfer in HDR_TRANSFERS:
        # What follows takes every frame for as large as the first. The shape of its pixels keeps that of the picture.
        stream = stream.filter("scale", "iw", "ih", interl=int(now.interlaced), flags=SCALER)
    if now.interlaced:
        stream = stream.filter("bwdif", mode="send_frame")
    stream = stream.filter(
        "fps", fps=f"{house.fps.numerator}/{house.fps.denominator}", start_time=f"{float(first):.9f}", round="near"
    )
    if now.transfer in HDR_TRANSFERS:
        # Phones film in HLG; shown as it is it looks grey. One white for all, since what was graded is not known.
        stream = (
            stream.filter("zscale", t="linear", npl=100)
            .filter("format", "gbrpf32le")
            .filter("zscale", p="bt709")
            .filter("tonemap", tonemap="hable", desat=0)
            .filter("zscale", t="bt709", m="bt709", r="tv")
            .filter("format", "yuv420p")
        )
        matrix = "bt709"
    else:
        matrix = assumed_matrix(now.matrix, now.width, now.height)
    return (
        # Each frame is fitted by itself: windows and calls change their size midway.
        stream.filter(
            "scale",
            _even(house.width, f"{house.height}*dar"),
            _even(house.height, f"{house.width}/dar"),
            eval="frame",
            flags=SCALER,
            in_color_matrix=matrix,
            out_color_matrix="bt709",
            out_range="tv",
        )
        .filter(
            "pad",
            house.width,
            house.height,
            f"trunc(({house.width}-iw)/4)*2",
            f"trunc(({house.height}-ih)/4)*2",
            eval="frame",
        )
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
        .filter("tpad", stop=-1, stop_mode="clone")
        .filter("setpts", "PTS-STARTPTS")
        # Not by `-frames:v`: ffmpeg 7.0 never ends where a filter goes on for ever, however few frames are asked for behind it,
        # and 5 ends the sound with the last frame of the picture, wherever that one is.
        .filter("trim", end_frame=frames)
    )


def stereo_filters(channels: int) -> Sequence[tuple[str, Mapping[str, str]]]:
    """
    Return the filters that make stereo of sound, as loud as it is, with their options.

    Mono stands in both channels at its own level; of more than two the fronts stand as they are, centre and surrounds at -3 dB,
    without LFE. ffmpeg mixes so where samples are floats. Where they are whole numbers it takes everything down until
    nothing could ever clip, by up to 8 dB, and mono it puts into both channels at -3 dB.

    Source: libswresample/rematrix.c, the same in 5.1, 7.0 and 9.0; measured 2026-11-27.
    """
    mono = [("pan", {"args": "stereo|c0=c0|c1=c0"})] if channels == 1 else []
    return [*mono, ("aformat", {"sample_fmts": "flt", "channel_layouts": "stereo"})]


def _heard(sound: Sound, house: House) -> Any:
    """Open sound that was decoded before, and bring it back below full scale."""
    bus = ffmpeg.input(
        str(sound.path.absolute()), format="f32le", protocol_whitelist="file,pipe", ar=house.sample_rate, ac=2
    )
    heard = bus["a:0"]
    if sound.mixed:
        heard = heard.filter("alimiter", **LIMITER)
    return heard.filter("aformat", sample_fmts="s16")


def _sound(stream: Any, measured: Measured, house: House, *, samples: int) -> Any:
    """Start the sound with the clip's picture and make it exactly `samples` long, with silence where there is none."""
    first = round(measured.start * house.sample_rate)
    stream = stream.filter("aresample", house.sample_rate, **{"async": 1, "first_pts": first})
    if measured.audio_channels != 2:
        for name, options in stereo_filters(measured.audio_channels):
            stream = stream.filter(name, **options)
        stream = stream.filter("alimiter", **LIMITER)
    return (
        stream.filter("aformat", sample_fmts="s16", channel_layouts="stereo")
        .filter("asetpts", "PTS-STARTPTS")
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )


def assumed_matrix(matrix: int, width: int, height: int) -> str:
    """
    Return the colour matrix to read a picture with. One that is not told is taken for what its size makes likely.

    Source: the rule of mpv's player (mp_csp_guess_colorspace): from 1280 wide or over 576 high it is bt709.
    """
    if matrix == UNSPECIFIED:
        return "bt709" if width >= 1280 or height > 576 else "bt601"
    return MATRICES.get(matrix, "auto")


def _even(most: int, length: str) -> str:
    """Return as an expression of ffmpeg's the even number nearest to a length, from 2 up to `most`."""
    return f"min({most},max(2,round(min({most},{length})/2)*2))"
