"""
A folder with media beside a storyboard, and the storyboard read from text.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storyreel.catalog import Catalog, load_catalog
from storyreel.diagnostics.excerpt import text
from storyreel.errors import MediaError, StoryboardError, WrongMedia
from storyreel.model.footage import Footage
from storyreel.model.sound import SoundFile
from storyreel.model.sound_track import SoundTrack
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import load_all

MEDIA = {
    "refs/mira-front.png": (1280, 720, 0.0),
    "refs/mira-side.png": (1280, 720, 0.0),
    "refs/lamp.png": (1280, 720, 0.0),
    "boards/020.png": (1280, 720, 0.0),
    "boards/square.png": (720, 720, 0.0),
    "media/endcard.mp4": (1280, 720, 5.0),
    "media/tall.mp4": (720, 1280, 5.0),
    "media/long.mp4": (1280, 720, 20.0),
    "media/blink.mp4": (1280, 720, 1.5),
    "media/screencast.mkv": (1280, 720, 8.0),
    "media/languages.mov": (1280, 720, 5.0),
    "media/notes.png": None,
}
"""Width, height and seconds of what lies beside the storyboard; None is what no reader of media can read."""

FURTHER: dict[str, dict[str, Any]] = {
    "media/screencast.mkv": {"picture_seconds": 2.0},
    "media/languages.mov": {
        "early_sound": 1.5,
        "videos": 2,
        "sound_track": SoundTrack(2, "eng", "", 6, "5.1"),
        "other_sound": (SoundTrack(1, "ger", "Comment", 2, "stereo"),),
    },
}
"""What else there is to some of it."""

SOUNDS = {"media/bell.wav": 2.0, "media/half.wav": 2.0, "media/bed.wav": 30.0, "media/silence.txt": None}
"""Seconds of the sounds that lie beside the storyboard; None is what is none."""


CAPTIONS = {
    "media/lines.srt": "1\n00:00:01,000 --> 00:00:03,000\nNobody waits\nfor a tram like this.\n",
    "media/wide.srt": f"1\n00:00:01,000 --> 00:00:05,000\n{'Nobody waits for a tram like this. ' * 2}\n",
    "media/marked.vtt": "WEBVTT\n\n00:01.000 --> 00:02.500 line:0\n<i>Nobody</i>\n",
    "media/japanese.srt": "1\n00:00:01,000 --> 00:00:02,500\n終わり\n",
    "media/late.srt": "1\n01:00:01,000 --> 01:00:02,500\nNobody\n",
}
"""What files of captions there are have in them."""


SHARED = {
    "shared/cast.yaml": "cast:\n  ben: {description: a man in a blue coat}\n",
    "shared/winter.yaml": "cast:\n  ben: {description: a man in a fur coat}\n",
    "shared/film.yaml": "cast:\n  ben: {description: a man in a blue coat}\ntitle: The Pier\n",
}
"""What files that are used have in them."""


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a storyboard, with media in it; it is where the storyboard is read from."""
    home = tmp_path / "home"
    for name in (*MEDIA, *SOUNDS, *CAPTIONS, *SHARED):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text({**CAPTIONS, **SHARED}.get(name, name))
    (home / "looks").mkdir()
    (home / "looks" / "dusk.j2").write_text("dusk over {{ city }}")
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def measured() -> list[str]:
    """Return the names of the files that were measured, in order."""
    return []


@pytest.fixture
def read(folder: Path, catalog: Catalog, measured: list[str]) -> Callable[[str], Storyboard]:
    """Return a function that reads a storyboard's text as `lantern.yaml` in the folder."""

    def measure(path: Path) -> Footage:
        name = path.relative_to(folder).as_posix()
        measured.append(name)
        size = MEDIA.get(name)
        if size is None:
            raise MediaError("it has neither a picture nor a clip in it")
        width, height, seconds = size
        rate, frames = (24.0, int(seconds * 24)) if seconds else (0.0, 1)
        footage = Footage(path, name, width, height, seconds, rate, frames)
        return replace(footage, **FURTHER.get(name, {}))

    def measure_sound(path: Path) -> SoundFile:
        name = path.relative_to(folder).as_posix()
        seconds = SOUNDS.get(name)
        if seconds is None:
            raise WrongMedia(path.name, "is no sound that is opened", "WAV is opened")
        return SoundFile(path, name, seconds, whole_seconds=4.0 if name == "media/half.wav" else None)

    def read(text: str) -> Storyboard:
        path = Path("lantern.yaml")
        return load_all(path, catalog=catalog, measure=measure, measure_sound=measure_sound, text=text)[0]

    return read


@pytest.fixture
def problems(read: Callable[[str], Storyboard]) -> Callable[[str], str]:
    """Return a function that gives what a person sees of a wrong storyboard; nothing if it is right."""

    def problems(board: str) -> str:
        try:
            read(board)
        except StoryboardError as error:
            return "\n\n".join(map(text, error.problems)) + "\n"
        return ""

    return problems
