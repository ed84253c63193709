"""
Clips for tests, made by the real ffmpeg, and eyes and ears for what comes out.

Every clip flashes white for its first two frames and beeps for its first tenth of a second; after that each frame is
a little brighter than the one before, so that a frame can be told by its light.
"""

import hashlib
import struct
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from storyreel.media import ffmpeg_binary
from storyreel.media.h264 import PPS, SPS, kind_of, packed, units

FLASH = 235
BEEP = "aevalsrc='if(lt(t,0.1),0.5*sin(2*PI*1000*t),0)'"
SERVICE = ("-c:v", "libx264", "-profile:v", "high", "-preset", "veryfast", "-crf", "20", "-g", "12")
"""How a service might encode: all of its clips alike, with the parameter sets' number left at 0."""


def ffmpeg(*args: str) -> None:
    """Run ffmpeg as a person would."""
    subprocess.run([ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *args], check=True, timeout=60)


def film_clip(
    to: Path,
    *,
    size: str = "160x90",
    fps: str = "24",
    seconds: float = 0.5,
    sound: Sequence[str] | None = ("-c:a", "aac", "-ac", "2", "-ar", "48000"),
    encoder: Sequence[str] = SERVICE,
    hue: int = 128,
    picture: str = "",
    pix_fmt: str = "yuv420p",
    sound_seconds: float | None = None,
) -> Path:
    """Make a clip; `hue` makes its picture its own, `picture` are further filters, `sound` None is a silent clip."""
    light = f"nullsrc=s={size}:r={fps}:d={seconds},format=yuv420p,geq=lum='if(lt(N,2),{FLASH},24+N*3)':cb={hue}:cr=128"
    ear = ["-f", "lavfi", "-t", str(sound_seconds or seconds), "-i", f"{BEEP}:s=48000"] if sound else []
    filters = ",".join(part for part in (light, picture, f"format={pix_fmt}") if part)
    ffmpeg("-f", "lavfi", "-i", filters, *ear, *encoder, *(sound or ()), str(to))
    return to


def turn(clip: Path, to: Path) -> Path:
    """Copy an MP4 with a quarter turn to the left in its header, as phones write it. ffmpeg has words for that from 6.0 on."""
    film = bytearray(clip.read_bytes())
    place = film.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2: the matrix of a track header of version 0
    film[place : place + 36] = struct.pack(">9i", 0, -(1 << 16), 0, 1 << 16, 0, 0, 0, 0, 1 << 30)
    to.write_bytes(film)
    return to


def packets(clip: Path, *, repeated_sets: bool = True) -> list[str]:
    """Return a digest of each picture packet of a clip, in decoding order, with or without parameter sets it brings again."""
    with av.open(str(clip)) as reader:
        found = [bytes(packet) for packet in reader.demux(reader.streams.video[0]) if packet.size]
    if not repeated_sets:
        found = [packed(unit for unit in units(packet) if kind_of(unit) not in (SPS, PPS)) for packet in found]
    return [hashlib.sha256(packet).hexdigest() for packet in found]


def pictures(clip: Path) -> list[np.ndarray]:
    """Return the light of each frame that a clip shows, as it is stored."""
    with av.open(str(clip)) as reader:
        found = []
        for frame in reader.decode(video=0):
            plane = frame.reformat(format="yuv420p").planes[0]
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            found.append(rows[: plane.height, : plane.width].copy())
        return found


def lights(clip: Path) -> list[int]:
    """Return the light in the middle of each frame that a clip shows."""
    return [int(picture[picture.shape[0] // 2, picture.shape[1] // 2]) for picture in pictures(clip)]


def sound(clip: Path, rate: int = 48000) -> np.ndarray:
    """Return a clip's sound, mixed to one channel, each sample at its time from 0 on."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
    track = np.zeros(0, dtype=np.float32)
    with av.open(str(clip)) as reader:
        for frame in reader.decode(audio=0):
            for part in resampler.resample(frame):
                at = round((part.pts or 0) * part.time_base * rate)
                samples = part.to_ndarray()[0]
                track = np.concatenate([track, np.zeros(max(0, at + len(samples) - len(track)), dtype=np.float32)])
                track[max(0, at) : at + len(samples)] = samples[max(0, -at) :]
    return track


def beep_after_flash(film_lights: Sequence[int], film_sound: np.ndarray, frame: int, fps: Fraction) -> float:
    """Return by how many seconds the beep comes after the flash of the piece that begins at `frame`."""
    flash = next(n for n in range(max(0, frame - 3), len(film_lights)) if film_lights[n] > 200)
    start = max(0, int((frame / fps - Fraction(5, 100)) * 48000))
    loud = np.flatnonzero(np.abs(film_sound[start : start + 12000]) > 0.1)
    return float((start + int(loud[0])) / 48000 - flash / fps)
