"""
`storyreel page`: a board's page is written, and nothing is loaded, sent or changed for it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shot import shoot

BOARD = """
variants: {lisbon: {vars: {city: Lisbon}}, porto: {vars: {city: Porto}}}
vars: {city: x}
scenes:
  - {id: stop, prompt: "A tram in {{ city }}."}
"""


def test_a_page_is_written_for_each_variant_without_prefect_a_client_or_a_word_to_the_vault(
    place: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    No record comes or goes; what was drawn is among what can be made again.
    """
    monkeypatch.chdir(place)
    Path("tram.yaml").write_text(BOARD)
    shoot(Path("tram.yaml"), "2026-11-22 10:00", variant="porto")
    before = {path for path in (place / "vault").rglob("*") if path.is_file()}
    code = (
        "import sys; from storyreel.cli.app import app; app(['page', 'tram.yaml'], result_action='return_value');"
        "print(sorted({'prefect', 'httpx', 'starlette'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pages = [place / "out" / slug / "page" / "index.html" for slug in ("tram-lisbon", "tram-porto")]

    assert [*map(str, pages), "[]"] == done.stdout.split("\n")[:3]
    assert "A tram in Porto." in pages[1].read_text()
    assert ["TRAM-PORTO_010_porto.stop_video_t01.mp4"] == [path.name for path in pages[1].parent.glob("media/*")]
    assert before == {path for path in (place / "vault").rglob("*") if path.is_file() and "derived" not in path.parts}
