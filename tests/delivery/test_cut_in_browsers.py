"""
A film that is cut in every way, in real browsers: each frame is the right one when all are sought in random order.
"""

import asyncio
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from storyreel.delivery.assemble import assemble
from storyreel.media import measure
from storyreel.model.drawn import Card, Drawn, Framing, HeldPicture
from storyreel.model.recipe import Clip
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.vault import open_vault
from tests.media.conftest import structures
from tests.media.filming import film_clip
from tests.media.structures import FPS, HEIGHT, WIDTH
from tests.media.test_browsers import Player, hold, player

__all__ = ["player", "structures"]  # fixtures

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

FRAMES = 60


@pytest.fixture(scope="module")
def film(structures: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of cards, a picture, own footage of another rate, and clips of several encoders, with transitions."""
    folder = tmp_path_factory.mktemp("cut")
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    clips = {
        f"{name}/video": Clip(request_id=name, sha256=asyncio.run(vault.clips.keep(path, ".mp4")), frames=FRAMES)
        for name, path in structures.items()
    }
    Image.radial_gradient("L").convert("RGB").save(folder / "map.png")
    own = measure(film_clip(folder / "own.mp4", size=f"{WIDTH}x{HEIGHT}", fps="30", seconds=2))

    def shot(name: str, start: float = 0.0, end: float | None = None, speed: str = "1", into: str = "") -> Shot:
        clip, joint = StepClip(f"{name}/video", FRAMES / FPS), Transition(into, 0.5) if into else None
        return Shot(name, clip, start, end, (Credit(clip.step, 0.0, clip.seconds),), joint, Fraction(speed))

    def drawn(name: str, what: Card | HeldPicture, into: str = "") -> Shot:
        source = Drawn(what, 1.0, Framing("crop"))
        return Shot(name, source, 0.0, None, (Credit(None, 0.0, 1.0),), Transition(into, 0.5) if into else None)

    shots = (
        drawn("title", Card("Mar", "#203060"), "fade-black"),
        shot("twelve", into="dissolve"),
        shot("one-group", 0.5, 2.0, into="wipe-left"),
        drawn("map", HeldPicture(measure(folder / "map.png"), "push-in"), "dissolve"),
        shot("open", 0.0, 2.0, into="slide-left"),
        shot("no-b-frames", 0.5, speed="2"),
        Shot("own", own, 0.25, 1.75, (Credit(None, 0.0, 1.5),), Transition("dissolve", 0.5)),
        shot("twelve", 1.0, 2.0),
        shot("intra-refresh", into="fade-white"),
        shot("eight-b-frames", 0.25, 2.25, into="dissolve"),
    )
    timeline = Timeline((WIDTH, HEIGHT), shots, Transition("fade-black", 0.5))
    path, _ = asyncio.run(assemble(timeline, clips, vault))
    (folder / "film").mkdir()
    return path.rename(folder / "film" / "film.mp4")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_every_frame_of_a_cut_is_right_in_random_order(player: Player, film: Path, browser: str, tmp_path: Path):
    """
    Cards, a picture in motion, own footage, parts, speeds and every kind of transition, of clips that all say number 0.
    """
    copy = tmp_path / "film.mp4"
    copy.write_bytes(film.read_bytes())

    hold(player, browser, copy)
