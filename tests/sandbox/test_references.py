"""How pictures that are given to the sandbox are read: as a viewer shows them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from storyreel.sandbox.stage.clips import pixels
from storyreel.sandbox.stage.references import opened


def test_a_label_in_the_place_of_exif_data_is_no_damage(tmp_path: Path) -> None:
    """What stands where a picture says how it is turned may be anything: it is shown as it lies."""
    Image.new("RGB", (6, 4), (9, 80, 120)).save(tmp_path / "a.png", exif=b'AIGC:{"Label":"1"}')
    assert opened(tmp_path / "a.png").getpixel((1, 1)) == (9, 80, 120)
    assert pixels(tmp_path / "a.png") == (6, 4)
