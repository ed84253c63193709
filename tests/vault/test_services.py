"""
Who has answered at an address is remembered with the takes, once, and never forgotten for another.
"""

from __future__ import annotations


async def test_who_has_answered_is_remembered_by_address(vault):
    """
    Told twice it is one record; another address is another matter, and two who answered in turn are both known.
    """
    for _ in range(2):
        await vault.services.remember("http://127.0.0.1:8765/v1", "sandbox")
    await vault.services.remember("https://gateway.example/v1", "xai")
    alone = await vault.services.at("http://127.0.0.1:8765/v1")
    await vault.services.remember("http://127.0.0.1:8765/v1", "xai")

    assert ("sandbox",) == alone
    assert ("xai",) == await vault.services.at("https://gateway.example/v1")
    assert ("xai", "sandbox") == await vault.services.at("http://127.0.0.1:8765/v1")
    assert () == await vault.services.at("https://other.example/v1")
