"""
The kinds of clips, a row for each: who writes such a file, how it is made here, and what is to become of it.

What the rows know of the field was read in bug reports of players, editors and recorders, 2026-11.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from tests.field.clip import AAC, X264, Clip, ffmpeg
from tests.field.patches import cut_to, matrix, renamed, without_index

USED, CONVERTED, REFUSED = ("taken", "converted"), ("converted",), ("refused",)
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1")
TEN = "format=yuv420p10le"
BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
LINEAR = f"{BT709},zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020"
HLG = f"{LINEAR},zscale=t=arib-std-b67:m=bt2020nc:r=tv:npl=400,{TEN}"
PQ = f"{LINEAR},zscale=t=smpte2084:m=bt2020nc:r=tv:npl=400,{TEN}"
HLG_TAGS = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")
PQ_TAGS = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
OPUS = ("-c:a", "libopus", "-b:a", "96k")
VP8 = ("-c:v", "libvpx", "-b:v", "1M", "-deadline", "realtime", "-cpu-used", "8")
VP9 = ("-c:v", "libvpx-vp9", "-b:v", "1M", "-deadline", "realtime", "-cpu-used", "8")
INTERLACED = ("-flags", "+ilme+ildct", "-field_order", "tt", "-top", "1")
FINE_CLOCK = ("-fps_mode", "vfr", "-enc_time_base:v", "1:1000")
TRANSPARENT = "split[p][q];[q]lut=y='if(between(val,105,145),0,255)':u=128:v=128,format=gray[m];[p][m]alphamerge"
"""The ground becomes transparent, and keeps its colour beneath."""


def _left(pixels: np.ndarray) -> np.ndarray:
    return np.rot90(pixels, 1)


PHONES = (
    Clip("phone-portrait-h264.mov", "phones, held upright: a quarter turn in the header", (*X264, *AAC), USED, (180, 320),
         stored=_left, patch=matrix(0, 1, -1, 0, x=180)),
    Clip("phone-upside-down.mp4", "phones, held the other way", (*X264, *AAC), USED,
         stored=lambda pixels: np.rot90(pixels, 2), patch=matrix(-1, 0, 0, -1, 320, 180)),
    Clip("phone-front-mirrored.mp4", "front cameras: a mirror in the header", (*X264, *AAC), USED,
         stored=np.fliplr, patch=matrix(-1, 0, 0, 1, x=320)),
    Clip("phone-flipped.mp4", "front cameras: upside down by the header", (*X264, *AAC), USED,
         stored=np.flipud, patch=matrix(1, 0, 0, -1, y=180)),
    Clip("phone-mirrored-portrait.mp4", "front cameras, upright: mirrored and turned", (*X264, *AAC), USED, (180, 320),
         stored=lambda pixels: pixels.transpose(1, 0, 2), patch=matrix(0, 1, 1, 0)),
    Clip("phone-hlg.mov", "iPhones since 2020: HEVC of ten bits in HLG", (*X265, *HLG_TAGS, *AAC), USED, filters=HLG),
    Clip("phone-hlg-portrait.mov", "the same, held upright", (*X265, *HLG_TAGS, *AAC), USED, (180, 320), filters=HLG,
         stored=_left, patch=matrix(0, 1, -1, 0, x=180)),
    Clip("phone-hlg-half-tagged.mov", "HLG that an app wrote again: transfer told, primaries and matrix not",
         (*X265, "-color_trc", "arib-std-b67", *AAC), USED,
         filters=f"{HLG},setparams=color_primaries=unknown:color_trc=arib-std-b67:colorspace=unknown"),
    Clip("phone-hdr10.mp4", "Android: HEVC of ten bits in PQ", (*X265, *PQ_TAGS, *AAC), USED, filters=PQ),
    Clip("phone-hdr10-half-tagged.mkv", "PQ that an app wrote again", (*X265, "-color_trc", "smpte2084", *AAC), CONVERTED,
         filters=f"{PQ},setparams=color_primaries=unknown:color_trc=smpte2084:colorspace=unknown"),
    Clip("phone-60.mp4", "phones at 60 frames", (*X265, "-pix_fmt", "yuv420p", *AAC), rate="60", frames=90),
    Clip("phone-240.mp4", "slow motion at 240 frames", rate="240", frames=240),
    Clip("phone-uneven.mp4", "Android: a rate that varies with the light", (*X264, *FINE_CLOCK, *AAC), USED,
         filters="settb=1/1000,setpts='(N/30+0.03*sin(N))/TB'", times=[max(0, n / 30 + 0.03 * math.sin(n)) for n in range(45)]),
    Clip("phone-full-range.mp4", "Android: full range", (*X264[:-1], "yuvj420p", "-color_range", "pc", *AAC),
         filters="scale=in_range=tv:out_range=pc,format=yuvj420p"),
    Clip("phone-3gp.3gp", "old phones: H.263 in 3GP", ("-c:v", "h263", *AAC), CONVERTED, (176, 144), rate="15", frames=22),
    Clip("phone-two-sounds.mov", "iPhones since 2023: stereo, and a track of a codec that few know",
         (*X264, "-map", "0:v", "-map", "1:a", "-map", "1:a", *AAC), USED, patch=renamed(b"mp4a", b"apac")),
    Clip("phone-strange-sound.mp4", "sound in a codec that nobody here knows, and no other", (*X264, *AAC), (*USED, *REFUSED),
         patch=renamed(b"mp4a", b"apac"), heard_at=None),
    Clip("phone-trimmed.mov", "phones: trimmed in the gallery, the frames before are hidden", expected=USED, frames=60, first=18,
         seconds=1.4, beep_at=0.8, made=lambda clip, to: _hidden(clip, to)),
    Clip("phone-mute.mp4", "no sound at all", X264, sound=""),
)  # fmt: skip


def _hidden(clip: Clip, to: Path) -> None:
    """Copy from the middle of a group of pictures on: what comes before is kept and hidden by an edit list."""
    whole = to.with_name(f"whole-{to.name}")
    clip.encode(whole, args=(*X264, "-g", "60", "-bf", "0", *AAC))
    ffmpeg(["-ss", "0.6", "-i", str(whole), "-c", "copy", str(to)])
    whole.unlink()


def _anamorphic(rate: str = "25") -> str:
    return f"scale=240:180,setsar=4/3,fps={rate}"


CAMERAS = (
    Clip("camera-avchd.MTS", "AVCHD: packets of 192 bytes, interlaced, pixels that are not square",
         (*X264, *INTERLACED, "-c:a", "ac3", "-b:a", "192k", "-f", "mpegts", "-mpegts_m2ts_mode", "1"), CONVERTED, rate="25",
         frames=38, filters=_anamorphic()),
    Clip("camera-bluray.m2ts", "packets of 192 bytes, progressive",
         (*X264, "-g", "100", "-c:a", "ac3", "-f", "mpegts", "-mpegts_m2ts_mode", "1"), CONVERTED, rate="24", frames=36),
    Clip("camera-hdv.m2t", "HDV tape: MPEG-2 in a transport stream",
         ("-c:v", "mpeg2video", "-b:v", "4M", *INTERLACED, "-c:a", "mp2", "-f", "mpegts"), CONVERTED, rate="25", frames=38,
         filters=_anamorphic()),
    Clip("camera-dv.avi", "DV tape: PAL, interlaced", ("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"), CONVERTED,
         (768, 576), rate="25", frames=30, filters="scale=720:576,setsar=16/15"),
    Clip("camera-timecode.mov", "cinema cameras: ProRes, a track with the time code, sound of 24 bits",
         ("-c:v", "prores_ks", "-profile:v", "3", "-timecode", "10:00:00:00", "-c:a", "pcm_s24le"), CONVERTED,
         rate="24000/1001", frames=36, filters="format=yuv422p10le"),
    Clip("camera-422.mov", "H.264 of ten bits and 4:2:2 at 59.94, PCM", ("-c:v", "libx264", "-preset", "veryfast", "-c:a",
         "pcm_s16be"), USED, rate="60000/1001", frames=90, filters="format=yuv422p10le"),
    Clip("camera-mjpeg.mov", "photo cameras: Motion JPEG, sound of one channel", ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt",
         "yuvj422p", "-c:a", "pcm_u8", "-ar", "22050"), CONVERTED, sound="mono",
         filters="scale=in_range=tv:out_range=pc,format=yuvj422p"),
    Clip("camera-cineform.mov", "action cameras: CineForm", ("-c:v", "cfhd", "-c:a", "pcm_s16le"), CONVERTED, (320, 192),
         filters="format=yuv422p10le"),
    Clip("camera-dnxhr.mov", "editors' and recorders' DNxHR", ("-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-c:a", "pcm_s16le"),
         CONVERTED, filters="format=yuv422p"),
    Clip("camera-cover.mp4", "drones: a thumbnail as a second video", (), USED, made=lambda clip, to: _with_cover(clip, to)),
    Clip("camera-six-channels.mov", "surround sound", (*X264, "-c:a", "ac3", "-b:a", "384k"), USED, sound="5.1", level=0.354),
    Clip("dashcam-long-groups.ts", "dash cameras: a key frame every five seconds", (*X264, "-g", "125", "-sc_threshold", "0", *AAC,
         "-f", "mpegts"), CONVERTED, rate="25", frames=38),
    Clip("dashcam-clock-wraps.ts", "a transport stream whose clock starts anew in the middle", (*X264, *AAC, "-f", "mpegts",
         "-output_ts_offset", "95441.6"), CONVERTED, rate="25", frames=38),
    Clip("camera-no-index.mp4", "the battery was taken out: no index", expected=REFUSED, patch=without_index),
    Clip("camera-cut-off.mp4", "a copy that broke off", (*X264, *AAC, "-movflags", "+faststart"), REFUSED, patch=cut_to(0.55)),
    Clip("camera-raw.mov", "a codec that nobody here knows", (*X264, *AAC), REFUSED, patch=renamed(b"avc1", b"brxq")),
    Clip("camera.mxf", "broadcast cameras: MXF", ("-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "pcm_s16le"), REFUSED, rate="25"),
    Clip("camera.mpg", "discs: an MPEG program stream", ("-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "mp2"), REFUSED, rate="25"),
)  # fmt: skip


def _with_cover(clip: Clip, to: Path) -> None:
    """Write a clip with a picture beside it that is marked as its cover."""
    alone, cover = to.with_name(f"alone-{to.name}"), to.with_suffix(".jpg")
    clip.encode(alone, args=(*X264, *AAC))
    ffmpeg(["-i", str(alone), "-frames:v", "1", str(cover)])
    ffmpeg(
        [
            "-i",
            str(alone),
            "-i",
            str(cover),
            "-map",
            "0",
            "-map",
            "1",
            "-c",
            "copy",
            "-disposition:v:1",
            "attached_pic",
            str(to),
        ]
    )
    alone.unlink()
    cover.unlink()
