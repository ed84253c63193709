"""
Sounds that a person gave: measured by their packets, and decoded to samples. A clip will do; its sound is taken.

What a file is its first bytes tell, and it is opened as that and nothing else.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.errors import MediaError, WrongMedia
from storyreel.files.regular import FOOTAGE_MOST, copy_plain, open_plain, reason_of, seen
from storyreel.media.container import check_codec, container_of, reading
from storyreel.media.kinds import HEAD, picture_kind
from storyreel.media.sound import JITTER_S, stereo_of
from storyreel.model.sound import SAMPLE_RATE

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

    from storyreel.model.sound import SoundFile

OPENED = "WAV, MP3, FLAC, M4A, AAC, Ogg, Opus and AIFF are opened, and clips that have sound"
STREAMED = 0xFFFF0000
SETTLED_NS = 2_000_000_000
"""How long a file has to lie still before its times tell that nobody has written to it."""
MISSING_S = 0.25
"""From so many seconds that a file says it has, and has not, it was most likely not copied whole."""
BYTES_A_SAMPLE = 8  # 32 bit floats, stereo

_CONTAINERS = (
    (8, b"WAVE", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (0, b"caff", "caf"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
    (0, b"\xff\xfa", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"\xff\xf2", "mp3"),
    (0, b"\xff\xf3", "mp3"),
)
"""Files of sound alone: the place and the bytes that tell them, and the demuxer."""


def measure_sound(path: Path) -> SoundFile:
    """
    Measure a sound: its packets and headers are read.

    Raises:
        WrongMedia: There is no sound in it, or it cannot be read.
    """
    # It loads what only who reads storyboards needs.
    from storyreel.model.sound import SoundFile

    try:
        sha256, before = copy_plain(path, None, FOOTAGE_MOST)
    except OSError as error:
        remedy = "save it smaller" if error.errno is not None and path.is_file() else "see to that, then check again"
        raise WrongMedia(path.name, reason_of(error), remedy) from error
    seconds = float(_seconds(path))
    whole = _whole_seconds(path, seconds)
    if seen(path) != before:
        raise WrongMedia(path.name, "was written to while it was measured", "try again when it is done")
    still = time.time_ns() - max(before.written_ns, before.changed_ns) > SETTLED_NS
    return SoundFile(path, sha256, seconds, before if still else None, whole if whole > seconds + MISSING_S else None)


def decode_sound(path: Path, to: Path, stop: threading.Event) -> None:
    """
    Write a sound as bare floats, in stereo, `SAMPLE_RATE` of them a second, from its first sample to its last: what its encoder has
    padded it with is no part of it. What a mix of several channels brings beyond full scale is still in it.

    Raises:
        MediaError: It cannot be read, or most of it cannot be decoded.
    """
    left = round(_seconds(path) * SAMPLE_RATE) * BYTES_A_SAMPLE
    with to.open("wb") as file:
        for samples in _decoded(path, stop):
            left -= file.write(samples[:left])


def check_sound(path: Path, stop: threading.Event) -> None:
    """
    Decode a sound to its end.

    Raises:
        MediaError: It cannot be read, or most of it cannot be decoded.
    """
    for _ in _decoded(path, stop):
        pass


def _decoded(path: Path, stop: threading.Event) -> Iterator[bytes]:
    written = 0
    begins: Fraction | None = None
    packets: Counter[bool] = Counter()
    with _opened_sound(path) as (reader, audio):
        first = Fraction(0) if audio.start_time is None else audio.start_time * (audio.time_base or Fraction(0))
        for at, sound, _ in stereo_of(reader, audio, first, SAMPLE_RATE, packets):
            if stop.is_set():
                return
            begins = at if begins is None else begins
            place = written if at is None or begins is None else round((at - begins) * SAMPLE_RATE)
            if place - written > JITTER_S * SAMPLE_RATE:
                yield bytes((place - written) * BYTES_A_SAMPLE)
                written = place
            yield sound
            written += len(sound) // BYTES_A_SAMPLE
    if packets[False] > packets[True]:
        raise MediaError(f"{path.name} has sound of which most cannot be decoded; convert it to WAV with what made it")


def _container(path: Path) -> str:
    try:
        with open_plain(path) as file:
            head = file.read(HEAD)
    except OSError as error:
        raise WrongMedia(path.name, reason_of(error), "see to that, then check again") from error
    if not head:
        raise WrongMedia(path.name, "is empty", "copy or download it again")
    if (kind := picture_kind(head)) is not None:
        raise WrongMedia(path.name, f"is a picture ({kind.name})", "name a sound")
    for at, bytes_there, name in _CONTAINERS:
        if head[at:].startswith(bytes_there):
            return name
    try:
        return container_of(path)
    except MediaError as error:
        raise WrongMedia(path.name, "is no sound that is opened", OPENED) from error


@contextlib.contextmanager
def _opened_sound(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    with reading(path, _container(path), "sound") as reader:
        if not reader.streams.audio:
            raise WrongMedia(path.name, "has no sound", "name a file in which there is something to hear")
        audio = reader.streams.audio[0]
        check_codec(audio, path, "sound")
        yield reader, audio


def _seconds(path: Path) -> Fraction:
    """
    Return how long a sound is, from where it is first heard to where the last packet ends: without what its encoder has put before
    and behind it, as far as the file tells.
    """
    try:
        with _opened_sound(path) as (reader, audio):
            base = audio.time_base or Fraction(1, audio.rate or SAMPLE_RATE)
            first: int | None = None
            end, length, padding = 0, 0, Fraction(0)
            for packet in reader.demux(audio):
                if packet.size and packet.pts is not None and not packet.is_discard:
                    first = packet.pts if first is None else min(first, packet.pts)
                    end = max(end, packet.pts + (packet.duration or 0))
                    # Some readers have shortened the last packet by then, which is shorter than the one before it.
                    padding = _padding(packet, audio) if packet.duration == length else Fraction(0)
                    length = packet.duration or 0
            if first is not None and audio.start_time is not None:
                first = max(first, audio.start_time)
            if first is None or (seconds := (end - first) * base - padding) <= 0:
                raise WrongMedia(path.name, "has no sound in it", "copy or download it again")
            return seconds
    except WrongMedia:
        raise
    except MediaError as error:
        raise WrongMedia(path.name, "cannot be read as a sound", OPENED) from error


def _padding(packet: Packet[Any], audio: AudioStream) -> Fraction:
    """Return the seconds at a packet's end that are no sound, but fill it up; ffmpeg, AV_PKT_DATA_SKIP_SAMPLES, read 2026-11-28."""
    if not packet.has_sidedata("skip_samples"):
        return Fraction(0)
    behind = int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[4:8], "little")
    return Fraction(behind, audio.rate or SAMPLE_RATE)


def _whole_seconds(path: Path, seconds: float) -> float:
    """Return how long a sound is by what its file says, where that is no estimate; else, and of what says nothing, what it is."""
    with _opened_sound(path) as (reader, audio):
        container = reader.format.name.split(",")[0]
        if container == "wav":
            with open_plain(path) as file:
                size = int.from_bytes(file.read(8)[4:], "little") + 8
            there = path.stat().st_size
            # Who writes to a pipe does not know the size, and says none or the largest.
            return seconds * size / there if there < size < STREAMED else seconds
        if container not in ("aiff", "flac", "matroska") and not (container == "mp3" and audio.start_time):
            return seconds
        if audio.duration is not None and audio.time_base is not None:
            return float(audio.duration * audio.time_base)
        # Of a clip the file's length is that of its picture.
        return seconds if reader.duration is None or reader.streams.video else reader.duration / 1_000_000
