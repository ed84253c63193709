"""
Teams that must name who asks: it is told with each request, and is no part of what is bought.
"""

import pytest

from storyreel.errors import SettingsError
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.settings import read_settings
from storyreel.vault import open_vault
from tests.desk import TWO, Desk
from tests.production.patiently import buy


async def test_who_asks_is_told_and_changes_no_purchase(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    What one has bought another finds; neither claim nor take says who it was.
    """
    desk.write(TWO)
    for run, user in {"one": "studio-7", "two": "studio-8"}.items():
        monkeypatch.setenv("STORYREEL_USER", user)
        async with open_session(prepare(str(desk.board)), run=run, sandbox=True) as session:
            step = session.plan.step("coast/video")
            assert await recall(session, step, []) or await buy(session, "coast", "video", [])

    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder)
    records = [await vault.store.read(key) or b"" for key in await vault.store.keys("")]
    assert 1 == len(desk.posts())
    assert not any(b"studio-" in record for record in records)


@pytest.mark.parametrize("user", ["two\nlines", "x" * 257, "xai-" + "a1" * 20])
def test_what_is_no_name_or_is_a_key_is_refused(monkeypatch: pytest.MonkeyPatch, user: str):
    """
    Before anything is asked; a key that was put into the wrong variable is not repeated.
    """
    monkeypatch.setenv("STORYREEL_USER", user)

    with pytest.raises(SettingsError, match="STORYREEL_USER") as refused:
        read_settings()
    assert user not in str(refused.value)
