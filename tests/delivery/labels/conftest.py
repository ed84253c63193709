"""What rooms of labels share: a vault with a clip, in which a film is cut once."""

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from storyreel.model.recipe import Clip
from storyreel.vault import open_vault
from tests.delivery.labels.certificates import Certificate, certificate
from tests.delivery.labels.room import Room
from tests.media.filming import SERVICE, ffmpeg, film_clip


@pytest.fixture(scope="package")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Clip]:
    """Return the folder of a vault, and the clip that is in it."""
    folder = tmp_path_factory.mktemp("shelf")
    path = film_clip(folder / "clip.mp4", size="480x480", encoder=SERVICE)
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    return folder, Clip(request_id="r1", sha256=asyncio.run(vault.clips.keep(path, ".mp4")), frames=12)


@pytest.fixture(scope="package")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a clip, a picture and a sound of a person's own, each called `own`."""
    folder = tmp_path_factory.mktemp("own")
    film_clip(folder / "own.mp4", size="480x480", seconds=1)
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", str(folder / "own.wav"))
    Image.new("RGB", (64, 64)).save(folder / "own.png")
    return folder


@pytest.fixture
def room(tmp_path: Path, shelf: tuple[Path, Clip]) -> Room:
    """Return a room of its own, with the vault of all."""
    folder, clip = shelf
    return Room(tmp_path, open_vault(str(folder / "vault"), cache=folder / "cache"), clip)


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Return a certificate that is configured."""
    one = certificate(tmp_path / "certificate")
    monkeypatch.setenv("STORYREEL_C2PA_CERT", str(one.cert))
    monkeypatch.setenv("STORYREEL_C2PA_KEY", str(one.key))
    return one
