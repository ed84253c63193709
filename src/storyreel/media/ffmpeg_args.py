"""
What ffmpeg is told, as lists of arguments. Windows and sounds of a film have files of their own.

Nothing runs here, and no text of a person's gets into a filter: filters are built from numbers that were measured.
Every input is opened with the demuxer its content calls for and may open nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from storyreel.media import picture_filters
from storyreel.media.fit_args import fitted
from storyreel.media.format import PROFILES, House
from storyreel.media.look import HDR_TRANSFERS, HIDDEN_ALPHA
from storyreel.media.picture_filters import Filter
from storyreel.media.probe import Measured
from storyreel.media.seek import Landing
from storyreel.model.drawn import PLAIN, Framing
from storyreel.model.sound import SAMPLE_RATE

HOUSE_SETS = 3
"""
The number of the parameter sets of what we encode. Encoders number theirs 0 unless they are told otherwise, and sets of
different numbers can live in one track (see `set_numbers`). Ours are to be the same for all footage, so they do not say where
colour lies between the pixels (`chromaloc`), which some versions of ffmpeg take over from the footage, nor how fine the
picture is (`stitchable`).
"""

DAMAGE = ("-max_error_rate", "0.1")
"""A clip of which more than this share cannot be decoded is no clip: what is missing would be shown as a picture that stands."""
BASELINE = 66  # ITU-T H.264 (08/2021), A.2.1: it has no B frames

AS_WRITTEN = "+noparse+nofillin"
"""Flags for reading: key frames are those that a file marks. Else they are also those at which a decoder may recover."""

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


def decode_args(clip: Path, measured: Measured, *, strictly: bool = True) -> list[str]:
    """Decode picture and sound to the end; stop at the first damage, or fail where there is much of it."""
    source = clip_input(clip, measured, **({"err_detect": "explode"} if strictly else {}))
    streams = [source[str(measured.video_index)]] + ([source[str(measured.audio_index)]] if measured.has_audio else [])
    limits = ["-xerror"] if strictly else DAMAGE
    return arguments(ffmpeg.output(*streams, "-", format="null").global_args(*limits))


def inspect_args(clip: Path, measured: Measured, picture: Path, sound: Path, *, across: int, down: int) -> list[str]:
    """
    Decode as strictly as `decode_args`, and write out what there is to look at: the luma of each second frame, so small, and the sound in 16 bits.

    Few samples of a frame are read: that costs a few percent of the decode, where a filter that reads all of them costs a fifth.
    """
    source = clip_input(clip, measured, err_detect="explode")
    small = (
        source[str(measured.video_index)].filter("framestep", 2).filter("scale", across, down, flags="fast_bilinear")
    )
    luma = small.filter("format", "yuv420p").filter("extractplanes", "y")
    bare = {"format": "rawvideo", "fps_mode": "passthrough"}
    outputs = [ffmpeg.output(luma, str(picture), **bare)]
    if measured.has_audio:
        heard = source[str(measured.audio_index)]
        outputs.append(ffmpeg.output(heard, str(sound), format="s16le", acodec="pcm_s16le"))
    return arguments(ffmpeg.merge_outputs(*outputs).global_args("-xerror"))


def conform_args(
    clip: Path,
    measured: Measured,
    house: House,
    to: Path,
    *,
    sound: Sound | None,
    first: Fraction,
    frames: int,
    lossless_sound: bool,
    landing: Landing | None = None,
    proof: Path | None = None,
    framing: Framing = PLAIN,
) -> list[str]:
    """
    Encode `frames` frames from the one on that is shown at `first`, as the house wants them, with their sound.

    Args:
        sound: What is heard with these frames; None makes a silent clip.
        first: Seconds of the clip's own clock.
        frames: How many frames come out, at the rate of the house; the last one is held if the clip is shorter.
        lossless_sound: Keep sound as it is for the film to encode once (ALAC); otherwise AAC.
        landing: Where to begin reading; at the start if not given.
        proof: Gets the time of the first key frame that was read, see `first_key`.
        framing: How a picture of another ratio fills the house.
    """
    # A size that changes midway begins no filter anew, which would lose its place in time. What turns a picture takes every frame
    # for as large as the first.
    look = measured.signature
    steady = {} if look.rotation or look.mirrored else {"reinit_filter": 0}
    source = clip_input(clip, measured, **_decoder(measured), **begin(landing), **steady)
    streams = [_picture(source[str(measured.video_index)], measured, house, framing, first=first, frames=frames)]
    options: dict[str, Any] = {}
    if sound is not None:
        streams.append(_heard(sound, house))
        options = {"c:a": "alac"} if lossless_sound else {"c:a": "aac", "b:a": "192k"}
    output = ffmpeg.output(
        *streams,
        str(to),
        **_encoder(house, round(house.fps * 2)),
        **options,
        **BITEXACT,
    )
    if proof is not None:
        output = ffmpeg.merge_outputs(output, first_read(source[str(measured.video_index)], proof))
    return arguments(output.global_args(*DAMAGE))


def drawn_args(house: House, to: Path, *, frames: int) -> list[str]:
    """
    Encode pictures that come on standard input, in bare RGB, as the house wants them; the last one stands to the end.

    It has a key frame every second, for what is drawn before its beginning is whole seconds.
    """
    rate = f"{house.fps.numerator}/{house.fps.denominator}"
    source = ffmpeg.input(
        "pipe:0", format="rawvideo", pix_fmt="rgb24", s=f"{house.width}x{house.height}", framerate=rate
    )
    shown = (
        source["v:0"]
        .filter("scale", flags=picture_filters.SCALER, out_color_matrix="bt709", out_range="tv")
        .filter("format", "yuv420p")
        .filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
        .filter("setsar", 1)
        .filter("tpad", stop=-1, stop_mode="clone")
        .filter("trim", end_frame=frames)
    )
    return arguments(ffmpeg.output(shown, str(to), **_encoder(house, round(house.fps)), **BITEXACT))


def first_key(proof: str) -> Fraction | None:
    """Return the time of the first key frame that ffmpeg read, in seconds of the clip's own clock; None if it read none."""
    base = Fraction(0)
    for line in proof.splitlines():
        if line.startswith("#tb 0:"):
            base = Fraction(line.split()[-1])
        elif not line.startswith("#"):
            return int(line.split(",")[2]) * base
    return None


def develop_args(filters: Sequence[Filter], to: Path) -> list[str]:
    """Run filters over one frame that comes on standard input as a NUT file; write its bytes, in RGB."""
    source = ffmpeg.input("pipe:0", format="nut", protocol_whitelist="file,pipe")
    output = ffmpeg.output(_filtered(source["v:0"], filters), str(to), format="rawvideo", pix_fmt="rgb24")
    return arguments(output)


def _encoder(house: House, group: int) -> dict[str, Any]:
    """
    Return how a clip is encoded in the house format.

    Args:
        group: Frames from one key frame to the next, at most.
    """
    return {
        "format": "mp4",
        # ffmpeg 7.0 forgets the rate at the filter `setpts`, and takes it for 25.
        "r": f"{house.fps.numerator}/{house.fps.denominator}",
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": 18,
        "g": group,
        "profile:v": PROFILES[house.profile],
        "x264-params": f"sps-id={HOUSE_SETS}:open-gop=0:chromaloc=0:stitchable=1",
        "video_track_timescale": timescale(house.fps),
        "movflags": "+faststart",
        **TAGS,
    }


def first_read(read: Any, proof: Path) -> Any:
    """Return an output in which ffmpeg writes down which key packet of an input it read first; see `first_key`."""
    return ffmpeg.output(read, str(proof), format="framecrc", **{"c:v": "copy", "frames:v": 1, "copypriorss": 1})


def encode_sound_args(to: Path, bits: str) -> list[str]:
    """
    Encode the sound of a film, which comes on standard input as bare stereo samples.

    Args:
        bits: How samples are written: `s16le` or `f32le`.
    """
    heard = ffmpeg.input("pipe:0", format=bits, ar=SAMPLE_RATE, ac=2)
    return arguments(ffmpeg.output(heard["a:0"], str(to), format="mp4", **{"c:a": "aac", "b:a": "192k"}, **BITEXACT))


def timescale(fps: Fraction) -> int:
    """Return the ticks a second of a track in which every frame of this rate lasts a whole number of them."""
    return fps.numerator * (512 if fps.numerator <= 240 else 1)


def arguments(output: Any) -> list[str]:
    """Return all that ffmpeg is told for an output, in words."""
    return [str(argument) for argument in ffmpeg.get_args(output)]


def clip_input(clip: Path, measured: Measured, **options: Any) -> Any:
    """Return a clip as an input that may open nothing but itself."""
    return ffmpeg.input(str(clip.absolute()), format=measured.container, protocol_whitelist="file,pipe", **options)


def _decoder(measured: Measured) -> dict[str, Any]:
    """Return who decodes, where it is not who ffmpeg would take."""
    look = measured.signature
    return {"c:v": HIDDEN_ALPHA[look.codec]} if look.alpha and look.codec in HIDDEN_ALPHA else {}


def begin(landing: Landing | None) -> dict[str, Any]:
    """
    Return the input options that leave times as they are and begin reading where a landing says.

    The cut itself is made on the frames' own times; seeking only saves decoding what lies far before it.
    """
    if landing is None:
        return {"copyts": None}
    return {"copyts": None, "seek_timestamp": 1, "ss": f"{float(landing.ask):.6f}", "noaccurate_seek": None}


def _picture(stream: Any, measured: Measured, house: House, framing: Framing, *, first: Fraction, frames: int) -> Any:
    """
    Time the picture, show it as `picture` says, fit it, and colour it as the house has it.

    It is turned by ffmpeg, as it is decoded: turned here, ffmpeg 5 would tell who shows it to turn it once more.
    """
    look = measured.signature
    if measured.whole_from > measured.start:
        stream = stream.filter("trim", start_pts=int(measured.whole_from / look.time_base))
    if look.interlaced or look.transfer in HDR_TRANSFERS:
        # What follows takes every frame for as large as the first. The shape of its pixels keeps that of the picture.
        stream = stream.filter("scale", "iw", "ih", interl=int(look.interlaced), flags=picture_filters.SCALER)
    stream = _filtered(stream, picture_filters.deinterlaced(look))
    if measured.container == "avi":
        # What ffmpeg makes of times that are not there begins at a tick of its own.
        stream = stream.filter("setpts", f"PTS-STARTPTS+{float(measured.start):.9f}/TB")
    # Of a clip with more frames than the house, the frame nearest to the house's, and not the last one that is near. Less a tick
    # of its clock: of two that are as near it is the later one.
    early = max(Fraction(0), (1 / house.fps - 1 / look.fps) / 2 - look.time_base)
    stream = stream.filter(
        "fps",
        fps=f"{house.fps.numerator}/{house.fps.denominator}",
        start_time=f"{float(first - early):.9f}",
        round="near",
        eof_action="pass",  # else a last frame that stands for less than half of one of the house's is none, even the only one
    )
    stream = _filtered(stream, [*picture_filters.on_black(look), *picture_filters.tone_mapped(look)])
    return (
        fitted(stream, look, house, framing)
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
        .filter("tpad", stop=-1, stop_mode="clone")
        .filter("setpts", "PTS-STARTPTS")
        # Not by `-frames:v`: ffmpeg 7.0 never ends where a filter goes on for ever, however few frames are asked for behind it,
        # and 5 ends the sound with the last frame of the picture, wherever that one is.
        .filter("trim", end_frame=frames)
    )


def _filtered(stream: Any, filters: Iterable[Filter]) -> Any:
    for each in filters:
        stream = stream.filter(each.name, **each.options)
    return stream


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
