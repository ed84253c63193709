"""
What is said where a vault is looked at that has moved.
"""

from __future__ import annotations

from storyreel.cli.errors import Screen
from storyreel.console import say
from storyreel.vault import Vault


async def say_if_closed(vault: Vault) -> None:
    """Say beside what is shown of a vault, where it is closed, that it is, and where it is now."""
    if (closed := await vault.closing.record()) is not None:
        say(
            Screen(stderr=True),
            f"note: {vault.closing.words(closed)}: what is shown is what it had. {vault.closing.remedy}",
        )
