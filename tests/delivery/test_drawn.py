"""
Cards and pictures in a film: drawn once, cut like any clip, shown on the sheet.
"""

import asyncio
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from storyreel.delivery.assemble import assemble, prove_shot
from storyreel.delivery.contact_sheet import Tile, contact_sheet
from storyreel.errors import MediaError, VaultError
from storyreel.media import measure
from storyreel.model.drawn import Card, Drawn, Framing, HeldPicture
from storyreel.model.footage import Footage
from storyreel.model.joints import Joint
from storyreel.model.recipe import Clip, sha256_of
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.vault import Vault, open_vault
from tests.delivery.test_joints import FRAMES, HEIGHT, WIDTH, filmed

SIZE = (WIDTH, HEIGHT)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip of three seconds as a service encodes it, of grey with a touch of green."""
    return filmed(tmp_path_factory.mktemp("sea"), "sea", 110)


def drawn_shot(name: str, drawn: Drawn, joint: Transition | None = None) -> Shot:
    return Shot(name, drawn, 0.0, None, (Credit(None, 0.0, drawn.seconds),), joint)


def kept(vault: Vault, clip: Path) -> dict[str, Clip]:
    sha256 = asyncio.run(vault.clips.keep(clip, ".mp4"))
    return {"sea/video": Clip(request_id="sea", sha256=sha256, frames=FRAMES)}


def drawings(vault_folder: Path) -> set[str]:
    return {path.name for path in vault_folder.rglob("derived/drawn/*.mp4")}


def colours(film: Path) -> np.ndarray:
    """Return the mean colour of each frame of a film, in RGB."""
    with av.open(str(film)) as reader:
        return np.stack([frame.to_ndarray(format="rgb24").mean(axis=(0, 1)) for frame in reader.decode(video=0)])


def test_a_film_of_a_card_a_clip_and_a_picture_shows_each_for_its_seconds(tmp_path: Path, vault: Vault, sea: Path):
    """
    Decimals are rounded to frames; the clip's own packets are copied, and sound is as long as the picture.
    """
    Image.new("RGB", (64, 64), "#c00000").save(tmp_path / "red.png")
    picture = Drawn(HeldPicture(measure(tmp_path / "red.png"), "left"), 1.5, Framing("crop"))
    clip = Shot("sea", StepClip("sea/video", 3.0), 0.0, None, (Credit("sea/video", 0.0, 3.0),))
    shots = (drawn_shot("title", Drawn(Card("Mar", "#0000c0"), 0.7)), clip, drawn_shot("logo", picture))

    film, record = asyncio.run(assemble(Timeline(SIZE, shots), kept(vault, sea), vault))
    seen = colours(film)

    assert [17, 72, 36] == [shot.frames for shot in record.timeline.picture]
    assert 125 == len(seen)
    assert seen[:17, 2].min() > 150 > 60 > seen[:17, 0].max()
    assert seen[89:, 0].min() > 150 > 60 > seen[89:, 2].max()
    assert record.av_offset_ms <= 1
    with av.open(str(film)) as cut, av.open(str(sea)) as whole:
        copied = [len(bytes(packet)) for packet in cut.demux(video=0) if packet.size][17:89]
        assert copied == [len(bytes(packet)) for packet in whole.demux(video=0) if packet.size]


def test_a_transition_finds_handles_in_what_is_drawn(tmp_path: Path, vault: Vault, sea: Path):
    """
    A card goes on as long as is wanted before it and after it, so a film keeps its length on its side.
    """
    clip = Shot(
        "sea", StepClip("sea/video", 3.0), 0.5, 2.5, (Credit("sea/video", 0.0, 3.0),), Transition("dissolve", 0.5)
    )
    end = drawn_shot("end", Drawn(Card("Fim", "#ffffff", "#ffffff"), 1.0), Transition("dissolve", 0.5))
    shots = (drawn_shot("title", Drawn(Card("", "#000000"), 1.0)), clip, end)

    film, record = asyncio.run(assemble(Timeline(SIZE, shots), kept(vault, sea), vault))
    light = colours(film).mean(axis=1)

    joints = [shot.joint for shot in record.timeline.picture[1:]]
    assert [(6, 6), (6, 6)] == [(each.handle_out, each.handle_in) for each in joints if isinstance(each, Joint)]
    assert 24 + 48 + 24 == len(light)
    assert light[:18].max() < 2
    assert light[-18:].min() > 250
    assert (np.diff(light[18:30]) > 0).all()  # it comes up out of black from beyond the cut on
    # Whole seconds are drawn for handles, so a longer transition wants no other drawing.
    before = drawings(tmp_path)
    longer = tuple(replace(each, joint=each.joint and Transition("dissolve", 0.75)) for each in shots)
    asyncio.run(assemble(Timeline(SIZE, longer), kept(vault, sea), vault))
    assert before == drawings(tmp_path)


def test_a_part_of_a_move_is_shown_at_its_speed(tmp_path: Path, vault: Vault):
    """
    Frame k of a shot is the drawn clip's frame `start + k * speed`: a camera that goes to the right over what grows lighter.
    """
    shade = np.tile(np.linspace(0, 255, 640).astype(np.uint8), (360, 1))
    Image.fromarray(shade).convert("RGB").save(tmp_path / "shade.png")
    drawn = Drawn(HeldPicture(measure(tmp_path / "shade.png"), "right"), 4.0, Framing("crop"))
    whole = drawn_shot("pan", drawn)
    part = replace(whole, start=1.0, end=3.0, speed=Fraction(2))

    film, record = asyncio.run(assemble(Timeline(SIZE, (whole, part)), {}, vault))
    light = colours(film).mean(axis=1)

    assert [(0, 96), (24, 24)] == [(shot.clip_first_frame, shot.frames) for shot in record.timeline.picture]
    assert np.abs(light[96:] - light[24:72:2]).max() < 0.6
    assert np.diff(light[:96:12]).min() > 1
    assert 1 == len(drawings(tmp_path))


def test_what_is_drawn_is_drawn_once(tmp_path: Path, vault: Vault):
    """
    The same card in another film, or again in this one, is the same clip; another word is another one.
    """
    card = Drawn(Card("Mar"), 0.5)
    films = ((drawn_shot("a", card),), (drawn_shot("b", card), drawn_shot("c", card)))
    for shots in films:
        asyncio.run(assemble(Timeline(SIZE, shots), {}, vault))
    assert 1 == len(drawings(tmp_path))

    asyncio.run(assemble(Timeline(SIZE, (drawn_shot("a", Drawn(Card("Maré"), 0.5)),)), {}, vault))
    assert 2 == len(drawings(tmp_path))


def test_a_picture_that_is_broken_or_changed_is_told_with_scene_and_file(tmp_path: Path, vault: Vault):
    """
    It is known by its content: what lies under its name meanwhile is not drawn for it.
    """
    path = tmp_path / "logo.png"
    Image.new("RGB", (64, 64), "red").save(path)
    shot = drawn_shot("logo", Drawn(HeldPicture(measure(path)), 0.5))
    asyncio.run(prove_shot(shot, SIZE, vault))

    Image.new("RGB", (64, 64), "blue").save(path)
    with pytest.raises(VaultError, match=r"logo\.png"):
        asyncio.run(prove_shot(shot, SIZE, vault))
    path.write_bytes(path.read_bytes()[:60])
    spoilt = Drawn(HeldPicture(Footage(path, sha256_of(path), 64, 64)), 0.5)
    with pytest.raises(MediaError, match=r"^scene 'logo'.*logo\.png.*broken"):
        asyncio.run(prove_shot(drawn_shot("logo", spoilt), SIZE, vault))


def test_a_card_has_a_tile_on_the_sheet(tmp_path: Path):
    """
    It is drawn there, from no file.
    """
    tiles = [Tile(Path("card"), 0.5, "title", "card, 1 s", drawn=Drawn(Card("Mar", "#00c000"), 1.0))]

    asyncio.run(contact_sheet(tiles, tmp_path / "sheet.png"))

    with Image.open(tmp_path / "sheet.png") as sheet:
        greens = [count for count, colour in sheet.getcolors(sheet.width * sheet.height) or () if colour == (0, 192, 0)]
        assert sum(greens) > sheet.width * sheet.height / 3
