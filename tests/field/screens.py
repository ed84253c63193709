"""
More kinds of clips: of screen recorders, browsers and editors, as in `clips`.
"""

from __future__ import annotations

from pathlib import Path

from tests.field.clip import AAC, X264, Clip, ffmpeg
from tests.field.clips import CONVERTED, FINE_CLOCK, INTERLACED, OPUS, REFUSED, TRANSPARENT, USED, VP8, VP9
from tests.field.patches import cut_to

FRAGMENTED = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-g", "15")

RECORDERS = (
    Clip("recorder.mkv", "OBS", (*X264, "-g", "250", *AAC), CONVERTED),
    Clip("recorder-fragmented.mp4", "OBS: MP4 in fragments", (*X264, *FRAGMENTED, *AAC)),
    Clip("recorder-fragment-lost.mp4", "the same, cut off in a fragment", (*X264, *FRAGMENTED, *AAC), REFUSED, patch=cut_to(0.7)),
    Clip("recorder-444.mp4", "H.264 that keeps every colour", ("-c:v", "libx264", "-preset", "veryfast", *AAC), USED,
         filters="format=yuv444p"),
    Clip("recorder-lossless.mkv", "FFV1 in RGB", ("-c:v", "ffv1", "-c:a", "flac"), CONVERTED, filters="format=bgr0"),
    Clip("recorder-zmbv.avi", "emulators: ZMBV", ("-c:v", "zmbv", "-c:a", "pcm_s16le"), CONVERTED, filters="format=bgr0"),
    Clip("recorder-stands-still.mkv", "screen recorders: no frame while nothing moves, the voice goes on",
         (*X264, *FINE_CLOCK, *AAC), CONVERTED, frames=30, seconds=2.0, sound_s=2.0),
    Clip("recorder-slides.mp4", "slides: a frame every half second", X264, rate="2", frames=4, sound=""),
    Clip("recorder-no-sound.mov", "screen recordings without sound, 60 frames", X264, USED, rate="60", frames=90, sound=""),
    Clip("recorder.flv", "streaming: Flash video", (*X264, *AAC), REFUSED),
    Clip("recorder.wmv", "Windows Media", ("-c:v", "wmv2", "-c:a", "wmav2"), REFUSED),
    Clip("recorder.gif", "a GIF as a clip", ("-c:v", "gif"), REFUSED, rate="10", frames=10, sound=""),
)  # fmt: skip

BROWSERS = (
    Clip("browser-vp8.webm", "Chromium's recorder: VP8 and Opus, no duration, no index", (*VP8, *OPUS, "-f", "webm", "-live", "1"),
         CONVERTED),
    Clip("browser-vp9.webm", "VP9 and Opus", (*VP9, *OPUS), CONVERTED),
    Clip("browser-uneven.webm", "Firefox's recorder: a rate that varies", (*VP8, *FINE_CLOCK, *OPUS), CONVERTED,
         filters="settb=1/1000,setpts='(N/30+0.2*floor(N/15))/TB'", times=[n / 30 + 0.2 * (n // 15) for n in range(45)], seconds=1.9,
         sound_s=1.9),
    Clip("browser-late-sound.webm", "sound that begins after the picture", (*VP8, *OPUS), CONVERTED, heard_at=0.4,
         made=lambda clip, to: _late(clip, to, "1.0")),
    Clip("browser-other-sizes.webm", "a window that is made smaller: the size changes inside", (), CONVERTED, frames=45,
         made=lambda clip, to: _other_sizes(clip, to)),
    Clip("browser-safari.mp4", "Safari's recorder: MP4 in fragments, H.264", (*X264, *FRAGMENTED, *AAC)),
    Clip("browser-vp9.mp4", "Chromium's recorder: VP9 in MP4", (*VP9, *OPUS), CONVERTED),
    Clip("browser-av1.mp4", "AV1 and Opus in MP4", ("-c:v", "libsvtav1", "-preset", "12", *OPUS), filters="format=yuv420p10le"),
    Clip("browser-segment.ts", "a segment of a stream", (*X264, *AAC, "-f", "mpegts", "-muxdelay", "0", "-output_ts_offset", "3600"),
         CONVERTED),
    Clip("browser-page.mp4", "a page that says no, saved as a clip", expected=REFUSED,
         made=lambda _, to: to.write_text("<!DOCTYPE html><title>403</title>", encoding="utf-8") and None),
    Clip("browser-wrong-suffix.mp4", "a WebM that is called MP4", (*VP9, *OPUS, "-f", "webm"), CONVERTED),
    Clip("browser-no-suffix", "a file without a suffix", (*X264, *AAC, "-f", "mp4")),
    Clip("browser.ogv", "Ogg Theora", ("-c:v", "libtheora", "-q:v", "8", "-c:a", "libvorbis"), REFUSED),
)  # fmt: skip

EDITORS = (
    Clip("editor-alpha.mov", "titles with transparency: ProRes 4444", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt",
         "yuva444p10le", "-alpha_bits", "16"), CONVERTED, filters=TRANSPARENT, sound="", ground=(0, 0, 0)),
    Clip("editor-alpha.webm", "titles with transparency: VP9", ("-c:v", "libvpx-vp9", "-b:v", "1M", "-auto-alt-ref", "0", "-pix_fmt",
         "yuva420p"), CONVERTED, filters=TRANSPARENT, sound="", ground=(0, 0, 0)),
    Clip("editor-animation.mov", "titles with transparency: QuickTime Animation", ("-c:v", "qtrle", "-pix_fmt", "argb"), CONVERTED,
         filters=TRANSPARENT, sound="", ground=(0, 0, 0)),
    Clip("editor-png.mov", "titles with transparency: PNG in MOV", ("-c:v", "png", "-pix_fmt", "rgba"), CONVERTED,
         filters=TRANSPARENT, sound="", ground=(0, 0, 0)),
    Clip("editor-hevc-422.mp4", "HEVC of ten bits and 4:2:2", ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", *AAC), USED,
         rate="60000/1001", frames=90, filters="format=yuv422p10le"),
    Clip("editor-interlaced.mp4", "an export in fields", (*X264, *INTERLACED, *AAC), USED, rate="25", frames=38),
    Clip("editor-raw.avi", "no compression", ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-c:a", "pcm_s16le"), CONVERTED, frames=30,
         filters="format=bgr24"),
    Clip("editor-xvid.avi", "Xvid with packed frames, MP3", ("-c:v", "mpeg4", "-vtag", "XVID", "-bf", "2", "-q:v", "4", "-c:a",
         "libmp3lame"), CONVERTED, rate="25", frames=38),
    Clip("editor-longer-sound.mp4", "a voice that goes on after the picture", frames=45, sound_s=2.2, seconds=2.2),
    Clip("editor-shorter-sound.mp4", "a picture that goes on after the sound", frames=60, sound_s=1.0),
    Clip("editor-late-picture.mp4", "sound that begins before the picture", expected=USED, heard_at=0.1,
         made=lambda clip, to: _late_picture(clip, to)),
    Clip("editor-12.mp4", "drawn films: 12 frames", rate="12", frames=18),
    Clip("editor-one-frame.mp4", "a single frame", frames=1, rate="2", sound=""),
    Clip("editor-lfs.mp4", "a pointer of Git LFS", expected=REFUSED, made=lambda _, to: _pointer(to)),
)  # fmt: skip


def _late(clip: Clip, to: Path, seconds: str) -> None:
    """Let the sound begin 0.2 s after the picture, without silence before it."""
    plain = to.with_name(f"plain-{to.name}")
    Clip(plain.name, "", clip.args, frames=clip.frames).encode(plain)
    pick = ["-i", str(plain), "-itsoffset", "0.2", "-t", seconds, "-i", str(plain), "-map", "0:v", "-map", "1:a"]
    ffmpeg([*pick, "-c", "copy", str(to)])
    plain.unlink()


def _late_picture(clip: Clip, to: Path) -> None:
    """Let the picture begin 0.1 s after the sound."""
    plain = to.with_name(f"plain-{to.name}")
    Clip(plain.name, "", clip.args, frames=clip.frames).encode(plain)
    pick = ["-itsoffset", "0.1", "-i", str(plain), "-i", str(plain), "-map", "0:v", "-map", "1:a"]
    ffmpeg([*pick, "-c", "copy", str(to)])
    plain.unlink()


def _other_sizes(clip: Clip, to: Path) -> None:
    """Join parts of two sizes without encoding them again."""
    parts = []
    for number, size in enumerate(((320, 180), (160, 90), (320, 180))):
        part = to.with_name(f"part-{number}.webm")
        first = number * clip.frames // 3
        Clip(part.name, "", size=size).encode(part, args=(*VP8, *OPUS), numbers=range(first, first + clip.frames // 3))
        parts.append(part)
    names = to.with_name("parts.txt")
    names.write_text("".join(f"file {part.name}\n" for part in parts), encoding="utf-8")
    ffmpeg(["-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(to)])
    for part in (*parts, names):
        part.unlink()


def _pointer(to: Path) -> None:
    oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
    to.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n", encoding="utf-8")
