"""
The contact sheet: one frame of every tile on one dark page, with its name and what is to be said of it.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.delivery.cutting_room import about
from storyreel.errors import MediaError
from storyreel.files.regular import PICTURE_MOST, read_plain, reason_of
from storyreel.media.drawing import drawn_at
from storyreel.media.frames import keep, show_small, size_of
from storyreel.media.pictures import is_picture, upright
from storyreel.media.words.ground import framed
from storyreel.model.drawn import PLAIN, Drawn, Framing
from storyreel.model.money import dollars
from storyreel.model.plan import Plan, PlannedFilm, Step
from storyreel.model.recipe import Clip, digest
from storyreel.vault import Take, Vault

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

DRAWING = 3
"""Raised when the way a sheet is drawn changes, so that older ones are not taken for it."""
WIDEST = 1600
SAMPLES = 12
CROWD = 60
"""More tiles than this are drawn half as wide: a sheet of hundreds would be a page of a hundred megabytes."""
MARGIN, GAP, CORNER = 40, 28, 10
NAME_PX, WORDS_PX = 19, 15
PAGE, SHADE, NAME, WORDS = "#16181d", "#0c0d10", "#f2f2ee", "#9aa0aa"


@dataclass(frozen=True)
class Tile:
    """
    One picture of a sheet: `clip` at `at_s` seconds (of no account if it is a picture), a name, and words under it. Errors
    name its `scene`, if it has one. What is `drawn` has no file. `framing` is how the film has it fill its picture; what is shown
    with bars is shown so here, on the page's shade.
    """

    clip: Path
    at_s: float
    label: str
    sublabel: str = ""
    scene: str = ""
    drawn: Drawn | None = None
    framing: Framing = PLAIN

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes a difference to how it looks."""
        seen: dict[str, Any] = {
            "clip": self.clip.name,
            "at_s": self.at_s,
            "label": self.label,
            "sublabel": self.sublabel,
        }
        seen |= {} if self.framing.is_usual else self.framing.identity
        return seen if self.drawn is None else {**seen, "drawn": self.drawn.sha256}


async def contact_sheet(tiles: Sequence[Tile], to: Path, *, shape: float | None = None) -> None:
    """
    Draw tiles, row by row, as one PNG at most 1600 pixels wide.

    Args:
        tiles: In reading order. A time after a clip's end shows its last frame.
        shape: Width by height of a tile; that of most of the pictures where it is None.

    Raises:
        MediaError: There is no tile, or the file of one cannot be read.
    """
    if not tiles:
        raise MediaError("a contact sheet needs at least one picture")
    await keep(await _draw(tiles, shape), to)


def columns_for(count: int, *, upright_pictures: bool) -> int:
    """
    Return how many tiles go side by side: as many as leave the last row fullest, fewer and larger ones if equal; small
    ones if there are very many.
    """
    few, many = (5, 6) if upright_pictures else (3, 4)
    if count > CROWD:
        return 2 * many
    return min(count, min(few, many, key=lambda columns: -count % columns))


async def _draw(tiles: Sequence[Tile], shape: float | None) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    if shape is None:
        shape = await asyncio.to_thread(_shape_of_most, tiles)
    shape = min(max(shape, 9 / 16), 2.4)
    columns = columns_for(len(tiles), upright_pictures=shape < 1)
    # One or two tiles are drawn as large as three would be: a sheet is for looking things over.
    width = (WIDEST - 2 * MARGIN - (max(columns, 3) - 1) * GAP) // max(columns, 3)
    height = round(width / shape)
    row = height + 14 + NAME_PX + 8 + WORDS_PX + GAP
    rows = -(-len(tiles) // columns)
    page = Image.new("RGB", (2 * MARGIN + columns * width + (columns - 1) * GAP, 2 * MARGIN + rows * row - GAP), PAGE)
    pen = ImageDraw.Draw(page)
    mask = _rounded(width, height)
    name_font, words_font = ImageFont.load_default(size=NAME_PX), ImageFont.load_default(size=WORDS_PX)
    for number, tile in enumerate(tiles):
        left = MARGIN + number % columns * (width + GAP)
        top = MARGIN + number // columns * row
        picture = await _picture(tile, (width, height))
        if not tile.framing.is_usual:
            picture = await asyncio.to_thread(framed, picture, (width, height), tile.framing)
        picture = await asyncio.to_thread(_fitted, picture, width, height)
        page.paste(picture, (left, top), mask)
        below = top + height + 12
        pen.text((left, below), _short(tile.label, name_font, width), fill=NAME, font=name_font)
        pen.text((left, below + NAME_PX + 8), _short(tile.sublabel, words_font, width), fill=WORDS, font=words_font)
    return await asyncio.to_thread(_png, page)


def _rounded(width: int, height: int) -> Image:
    """Return the mask of a tile: white with round corners, which alone are drawn large and made smooth."""
    from PIL import Image, ImageDraw

    corner = 2 * CORNER
    large = Image.new("L", (corner * 8, corner * 8), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, corner * 8 - 1, corner * 8 - 1), CORNER * 4, fill=255)
    corners = large.resize((corner * 2, corner * 2), Image.Resampling.LANCZOS)
    mask = Image.new("L", (width, height), 255)
    for right, low in ((0, 0), (1, 0), (0, 1), (1, 1)):
        one = corners.crop((corner * right, corner * low, corner * (right + 1), corner * (low + 1)))
        mask.paste(one, ((width - corner) * right, (height - corner) * low))
    return mask


def _png(page: Image) -> bytes:
    with io.BytesIO() as file:
        # A sixth of its size would take half as long again.
        page.save(file, "PNG", compress_level=4)
        return file.getvalue()


def _shape_of_most(tiles: Sequence[Tile]) -> float:
    # Of hundreds of tiles some tell the shape that most have; and never more than one picture is held at a time.
    shapes = sorted(map(_shape, tiles[:: -(-len(tiles) // SAMPLES)]))
    return shapes[len(shapes) // 2]


def _shape(tile: Tile) -> float:
    if tile.drawn is not None:
        return 16 / 9
    picture = _still(tile)
    width, height = size_of(tile.clip) if picture is None else picture.size
    return width / height


async def _picture(tile: Tile, size: tuple[int, int]) -> Image:
    with about(tile.scene or tile.label, tile.clip.name):
        if tile.drawn is not None:
            # Words are drawn as large as in a film, and made small with all the rest.
            large = (size[0] * 3, size[1] * 3)
            return await asyncio.to_thread(drawn_at, tile.drawn, large, tile.at_s)
        picture = await asyncio.to_thread(_still, tile)
        if picture is not None:
            return picture
        # Of what is cut off at its sides more pixels are wanted than fit into a tile with all of it.
        wanted = size if tile.framing.is_usual else (size[0] * 4, size[1] * 4)
        return await show_small(tile.clip, max(0.0, tile.at_s), wanted)


def _still(tile: Tile) -> Image | None:
    """Return the picture of a tile; None if it is a clip."""
    try:
        content = read_plain(tile.clip, PICTURE_MOST) if is_picture(tile.clip) else None
    except OSError as error:
        raise MediaError(f"{tile.clip.name} {reason_of(error)}") from error
    return None if content is None else upright(content, name=tile.clip.name)


def _fitted(picture: Image, width: int, height: int) -> Image:
    """Return a picture as large as fits, on a darker ground where its shape is another."""
    from PIL import Image, ImageOps

    fitted = ImageOps.contain(picture, (width, height), Image.Resampling.LANCZOS)
    if abs(fitted.width - width) <= 2 and abs(fitted.height - height) <= 2:
        return fitted.resize((width, height), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (width, height), SHADE)
    ground.paste(fitted, ((width - fitted.width) // 2, (height - fitted.height) // 2))
    return ground


def _short(text: str, font: FreeTypeFont | ImageFont, width: int) -> str:
    """Return text on one line that is at most `width` pixels long."""
    text = " ".join(text.split())
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..."


async def film_sheet(
    plan: Plan, film: PlannedFilm, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault
) -> Path:
    """Return the contact sheet of a film in the vault's derived folder; it is drawn where it is not there."""
    # Its tiles have the shape of the film, also where most of them are stills of another one.
    return await kept_sheet(await _tiles(plan, film, clips, takes, vault), film.timeline.size, vault)


async def kept_sheet(tiles: Sequence[Tile], size: tuple[int, int], vault: Vault) -> Path:
    """Return a sheet of tiles that have the shape of `size` in the vault's derived folder; it is drawn where it is not there."""
    width, height = size
    name = digest({"v": DRAWING, "tiles": [tile.identity for tile in tiles], "size": [width, height]}) + ".png"
    drawn = await vault.clips.find_derived("sheets", name)
    if drawn is None:
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            page = Path(folder) / name
            await contact_sheet(tiles, page, shape=width / height)
            drawn = await vault.clips.keep_derived(page, "sheets", name)
    return drawn


async def _tiles(
    plan: Plan, film: PlannedFilm, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault
) -> list[Tile]:
    """One frame for each step, from the middle of what that step made, and one for each piece of own footage."""
    tiles = []
    own = {shot.scene: shot for shot in film.timeline.picture}
    steps = [step for step in plan.steps_of(film) if step.id in clips]
    scenes = {scene.id for scene in film.board.scenes}
    for scene in film.board.scenes:
        shot = own.get(scene.id)
        if shot is not None and shot.footage is not None:
            middle = sum(shot.within(shot.footage.seconds)) / 2
            length = f"own footage, {shot.seconds:g} s"
            tiles.append(Tile(shot.footage.path, middle, scene.id, length, scene.id, framing=shot.framing))
        if shot is not None and shot.drawn is not None:
            middle = sum(shot.within(shot.drawn.seconds)) / 2
            name = f"{shot.shows}, {shot.seconds:g} s"
            tiles.append(Tile(Path(shot.shows), middle, scene.id, name, scene.id, shot.drawn))
        for step in (step for step in steps if step.scene_id == scene.id):
            tile = await _tile(step, clips, takes, vault)
            tiles.append(tile if step.kind == "still" else replace(tile, framing=scene.framing))
    stills = [step for step in steps if step.scene_id not in scenes]
    return [await _tile(step, clips, takes, vault) for step in stills] + tiles


async def _tile(step: Step, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault) -> Tile:
    take = takes.get(step.id)
    path = await vault.clips.local(clips[step.id].sha256)
    charge = "" if take is None or take.charge is None else dollars(take.charge)
    length = (take.seconds or 0.0) if take else step.seconds
    middle = max(0.0, length - step.bought_seconds / 2)
    kind = "still" if step.kind == "still" else f"{length:g} s"
    return Tile(path, middle, step.id, ", ".join(text for text in (kind, charge) if text), step.scene)
