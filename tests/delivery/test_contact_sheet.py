"""The contact sheet shows every tile, and reads well."""

import pytest
from PIL import Image

from storyreel.delivery.contact_sheet import Tile, columns_for, contact_sheet
from storyreel.errors import MediaError
from storyreel.media import first_frame
from storyreel.model.drawn import Framing


@pytest.mark.parametrize("count", [1, 2, 5, 9, 13])
async def test_a_sheet_has_every_tile_and_is_no_wider_than_a_screen(clip, tmp_path, count):
    """
    However many tiles there are, the sheet is one PNG of at most 1600 pixels width.
    """
    await contact_sheet([Tile(clip, 0.0, f"scene-{n}/video", "6 s, $0.42") for n in range(count)], tmp_path / "s.png")

    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width <= 1600
        flashes = sheet.convert("L").point(lambda value: 255 if value > 250 else 0)
        assert flashes.histogram()[255] > count * 0.9 * 150 * 80
    assert [tmp_path / "s.png"] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (4, 4), (7, 4), (9, 3), (12, 3), (60, 3), (61, 8)])
def test_rows_are_as_full_as_can_be(count, columns):
    """
    No tile stands alone in the last row if another width of the sheet avoids it; very many tiles are small ones.
    """
    assert columns == columns_for(count, upright_pictures=False)


async def test_stills_and_clips_share_a_sheet(clip, footage, tmp_path):
    """
    A tile may be a picture as well as a clip, of any shape; words that are too long are cut.
    """
    await first_frame(footage["tall"], tmp_path / "still.png")

    tiles = [
        Tile(clip, 0.3, "harbour/video", "6 s, $0.42"),
        Tile(tmp_path / "still.png", 0.0, "door/still", "still"),
        Tile(footage["turned"], 99.0, "a-scene-with-a-name-that-is-far-too-long-for-its-column" * 2, "é 東京"),
    ]
    await contact_sheet(tiles, tmp_path / "s.png")

    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.width <= 1600


async def test_tiles_have_the_shape_of_the_film(tmp_path):
    """
    Where most of them are square stills, the frames of a wide film are as large as in a sheet of frames alone.
    """
    square, wide = tmp_path / "square.png", tmp_path / "wide.png"
    Image.new("RGB", (64, 64), "red").save(square)
    Image.new("RGB", (64, 36), "white").save(wide)
    few, alone = tmp_path / "few.png", tmp_path / "alone.png"
    await contact_sheet([Tile(path, 0.0, "a") for path in (square, square, wide)], few, shape=16 / 9)
    await contact_sheet([Tile(wide, 0.0, "a")] * 3, alone)

    with Image.open(few) as with_stills, Image.open(alone) as frames:
        assert frames.size == with_stills.size


@pytest.mark.parametrize(("fit", "white"), [("pad", 9 / 16 * 9 / 16), ("blur", 9 / 16 * 9 / 16), ("crop", 1)])
async def test_a_tile_fills_its_place_as_the_shot_fills_the_film(tmp_path, fit, white):
    """
    Of a wide picture in an upright film, cut off at its sides, all of the tile is seen; with bars, and before a blurred copy, what they leave.
    """
    wide, sheet = tmp_path / "wide.png", tmp_path / "s.png"
    Image.new("RGB", (160, 90), "white").save(wide)

    await contact_sheet([Tile(wide, 0.0, "a", framing=Framing(fit))] * 3, sheet, shape=9 / 16)

    with Image.open(sheet) as page:
        tile = page.convert("L").crop((45, 45, 500, 900))
    assert white == pytest.approx(
        tile.point(lambda value: 255 if value > 250 else 0).histogram()[255] / (455 * 855), abs=0.05
    )


async def test_a_sheet_of_nothing_is_an_error(tmp_path):
    """
    Without a picture there is no sheet.
    """
    with pytest.raises(MediaError, match="at least one"):
        await contact_sheet([], tmp_path / "s.png")


async def test_what_cannot_be_shown_is_told_with_its_scene_and_file(clip, tmp_path):
    """
    Whoever reads the error knows where to look, also after the film itself is made.
    """
    (tmp_path / "broken.mp4").write_bytes(clip.read_bytes()[:300])

    with pytest.raises(MediaError, match=r"^scene 'harbour': broken\.mp4 "):
        await contact_sheet(
            [Tile(tmp_path / "broken.mp4", 0.0, "harbour/video", scene="harbour")], tmp_path / "s.png", shape=1
        )
