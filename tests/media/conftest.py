"""Clips that several tests of this room share: made once, never changed."""

import asyncio
from pathlib import Path

import pytest

from storyreel.media import Piece
from storyreel.media.render import render
from storyreel.media.windows import Stretch, Window
from tests.media.filming import SERVICE, ffmpeg, film_clip, turn
from tests.media.structures import HOUSE, STRUCTURES, encode


@pytest.fixture(scope="session")
def reels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which this room's clips are kept."""
    return tmp_path_factory.mktemp("reels")


@pytest.fixture(scope="session")
def clip(reels: Path) -> Path:
    """Return a clip as the service might make it: 160x90, 24 frames a second, 12 frames, with sound."""
    return film_clip(reels / "clip.mp4")


@pytest.fixture(scope="session")
def long_sound(reels: Path) -> Path:
    """Return a clip whose sound goes on for a second after its picture."""
    return film_clip(reels / "long-sound.mp4", sound_seconds=1.5)


@pytest.fixture(scope="session")
def footage(reels: Path) -> dict[str, Path]:
    """Return own footage of every kind that people bring, by its oddity."""
    x264 = ("-c:v", "libx264", "-preset", "ultrafast")
    mono = ("-c:a", "aac", "-ac", "1", "-ar", "44100")
    clips = {
        "25-mono-44k": film_clip(reels / "a.mkv", fps="25", size="320x180", sound=mono, encoder=x264),
        "30-silent": film_clip(reels / "b.mp4", fps="30", size="192x108", sound=None, encoder=x264, seconds=1),
        "60": film_clip(reels / "c.mov", fps="60", encoder=x264),
        "ntsc": film_clip(reels / "d.mkv", fps="30000/1001", sound=("-c:a", "libopus"), encoder=x264),
        "varying": film_clip(
            reels / "e.mp4",
            fps="48",
            picture="select='lt(n,4)+not(mod(n,5))'",
            encoder=("-fps_mode", "vfr", *x264),
        ),
        "ten-bit": film_clip(reels / "f.mp4", pix_fmt="yuv420p10le", encoder=x264),
        "odd-size": film_clip(reels / "g.mp4", size="161x91", pix_fmt="yuv444p", encoder=x264),
        "tall": film_clip(reels / "h.mp4", size="90x160", encoder=x264),
        "hevc": film_clip(
            reels / "i.mp4", encoder=("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
        ),
        "vp9": film_clip(
            reels / "j.webm", sound=("-c:a", "libopus"), encoder=("-c:v", "libvpx-vp9", "-deadline", "realtime")
        ),
        "wide-pixels": film_clip(reels / "k.mp4", size="120x90", picture="setsar=4/3", encoder=x264),
        "broadcast": film_clip(reels / "l.ts", encoder=x264, sound=("-c:a", "mp2")),
        "old-camera": film_clip(reels / "m.avi", encoder=("-c:v", "mjpeg"), sound=("-c:a", "pcm_s16le")),
        "single-frame": film_clip(reels / "n.mp4", seconds=0.04, encoder=SERVICE, size="128x72"),
    }
    turned, late, cut = turn(clips["tall"], reels / "turned.mp4"), reels / "late.mp4", reels / "cut.mp4"
    ffmpeg("-itsoffset", "0.7", "-i", str(clips["25-mono-44k"]), "-map", "0", "-c", "copy", str(late))
    whole = film_clip(reels / "whole.mp4", seconds=1, encoder=x264)
    ffmpeg("-ss", "0.25", "-i", str(whole), "-c", "copy", str(cut))
    return clips | {"turned": turned, "late": late, "cut-by-edit-list": cut}


@pytest.fixture(scope="session")
def structures(reels: Path) -> dict[str, Path]:
    """Return tiny clips of sixty frames, one of every structure, by what makes it."""
    return {
        name: encode(reels / f"{name}.mp4", x264, hue=60 + 14 * number, idr=33 if name == "open-and-closed" else 0)
        for number, (name, x264) in enumerate(STRUCTURES.items())
    }


@pytest.fixture(scope="session")
def windows(structures: dict[str, Path], reels: Path) -> dict[str, Path]:
    """Return the last six frames of some clips, rendered to stand behind the others."""

    async def made(name: str) -> Path:
        to = reels / f"window-{name}.mp4"
        await render(Window((Stretch(structures[name], 54, 6),)), HOUSE, to)
        return to

    return {name: asyncio.run(made(name)) for name in ("one-group", "no-b-frames", "eight-b-frames")}


@pytest.fixture(scope="session")
def pieces(structures: dict[str, Path], windows: dict[str, Path]) -> list[Piece]:
    """Return a film of every structure, in whole and in parts, with rendered windows between them; all say number 0."""
    whole = [Piece(clip, 60) for name, clip in structures.items() if name not in windows]
    parts = [
        Piece(structures["one-group"], 53),
        Piece(windows["one-group"], 6),
        Piece(structures["no-b-frames"], 29, first=12),
        Piece(windows["no-b-frames"], 6),
        Piece(structures["eight-b-frames"], 19, first=24),
        Piece(windows["eight-b-frames"], 6),
        Piece(structures["twelve"], 5, first=24),
    ]
    return [piece for pair in zip(whole, parts, strict=True) for piece in pair]
