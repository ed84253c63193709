"""
Files as the field has them, through check, sandbox and film: what docs/media.md promises.
"""

import pytest
from bench.field import GROUPS, Row, tried


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Every kind of file, made, checked, shown in a film and read back."""
    folder = tmp_path_factory.mktemp("field")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SANDBOX", str(folder / "sandbox")), ("SANDBOX_LATENCY", "0"), ("POLL", "0.05")):
            patch.setenv(f"STORYREEL_{name}", value)
        return tried([kind for group in GROUPS.values() for kind in group], folder)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_file_from_the_field_is_taken_converted_or_refused_as_it_should_be(rows: list[Row]):
    """
    Each is as long as it is, shows its frames in their order and its sound at its time and level, in its colours.
    """
    assert [] == [f"{row.kind.name}: {row.verdict}" for row in rows if row.wrong and row.outcome != "not made"]


@pytest.mark.long
def test_most_kinds_can_be_made_with_any_ffmpeg(rows: list[Row]):
    """
    Sixty kinds and more are tried, also where the ffmpeg at hand lacks an encoder or two.
    """
    assert len([row for row in rows if row.outcome != "not made"]) >= 60
