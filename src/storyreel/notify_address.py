"""
Where the morning report is sent: an address that lets in whoever has it, and so is shown to nobody, like a key.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from storyreel.errors import SettingsError

SHORTEST_TOKEN = 6
"""Characters from which a part of an address is hidden by itself: what is shorter would hide half of the words."""

_BETWEEN = re.compile(r"[/:?&=,@+\s]+")
_NAME = re.compile(r"[a-z]+|[\w-]+(\.[\w-]+)+", re.IGNORECASE)
"""A word or the name of a host: what stands in any text, and lets nobody in."""
_PASSWORD = re.compile(r"://[^/?\s]*?:(?P<password>[^/?\s]+)@")


class NotifyAddress(str):
    """An address of apprise, or several. It prints as stars, so that no log or traceback shows it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def notify_address_of(text: str, name: str) -> NotifyAddress:
    """
    Return a text as the address that messages go to.

    Args:
        name: The variable that holds it.

    Raises:
        SettingsError: It is no address. Nothing of it is repeated.
    """
    if "://" not in text or not text.isprintable():
        raise SettingsError(
            f"{name} is no address that apprise knows, such as mailtos://..., slack://... or json://...; it is a secret, and "
            "not repeated here"
        )
    return NotifyAddress(text)


def secrets_of(address: str) -> frozenset[str]:
    """Return what of an address nobody may see: the whole of it, what stands behind its scheme, and each token in it."""
    secrets = {address}
    for one in address.split():
        scheme, _, rest = one.strip(",").partition("://")
        secrets |= {f"{scheme}://{rest}", rest, *(part for part in _BETWEEN.split(rest) if not _NAME.fullmatch(part))}
        secrets |= {match["password"] for match in _PASSWORD.finditer(one)}
    secrets |= {unquote(secret) for secret in secrets}
    return frozenset(secret for secret in secrets if len(secret) >= SHORTEST_TOKEN)
