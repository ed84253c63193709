"""
What the text of a variable means: an address, a path, seconds, gigabytes, dollars; or an error that names the variable.

Whether it may be a key, is told in `api_key.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from storyreel.api_key import starred
from storyreel.errors import SettingsError

MOST_S = 3600
"""The longest pause or latency that a variable may name, in seconds."""

MOST_USD = 1e9
"""The largest amount of money that a variable may name, in US dollars."""

NAME_MOST = 256
"""Letters of a name that is told to the service; no source gives a bound."""

_ADDRESS = re.compile(
    r"https?://(?P<host>\[[0-9a-f:.]+\]|[^\s/\\?#@:\[\]%]+)(:(?P<port>\d{1,5}))?(/[^\s\\?#@]*)?",
    re.IGNORECASE | re.ASCII,
)


def text_of(text: str, _: str) -> str:
    """Return a text as it is."""
    return text


def name_of(text: str, name: str) -> str:
    """
    Return a text as the name of somebody.

    Raises:
        SettingsError: It cannot be printed, is longer than a name, or looks like a key: it would be shown, and told to the service.
    """
    if starred(text) != text:
        raise SettingsError(
            f"{name} looks like an API key, and is shown and told to the service: a key belongs to XAI_API_KEY"
        )
    if not text.isprintable() or len(text) > NAME_MOST:
        raise SettingsError(f"{name} is no name: one line of {NAME_MOST} letters at most")
    return text


def path_of(text: str, _: str) -> Path:
    """Return a text as a path; a relative one stays relative."""
    return Path(text)


def seconds_of(text: str, name: str) -> float:
    """
    Return a text as seconds, of which parts count too.

    Raises:
        SettingsError: It is no number from 0 to an hour.
    """
    seconds = _number(text)
    if not 0 <= seconds <= MOST_S:
        raise SettingsError(f"{name}={text!r} is no number of seconds from 0 to {MOST_S}")
    return seconds


def gigabytes_of(text: str, name: str) -> float:
    """
    Return a text as gigabytes.

    Raises:
        SettingsError: It is no number from 0.
    """
    gigabytes = _number(text)
    if not 0 <= gigabytes < math.inf:
        raise SettingsError(f"{name}={text!r} is no number of gigabytes, such as 20")
    return gigabytes


def dollars_of(text: str, name: str) -> float:
    """
    Return a text as US dollars.

    Raises:
        SettingsError: It is no amount of money.
    """
    amount = _number(text.removeprefix("$"))
    if not 0 <= amount <= MOST_USD:
        raise SettingsError(f"{name}={text!r} is no amount of money; it is US dollars, such as 50")
    return amount


def port_of(text: str, name: str) -> int:
    """
    Return a text as a port that a person's process may have.

    Raises:
        SettingsError: It is none.
    """
    if not text.isascii() or not text.isdecimal() or not 1024 <= int(text[:9]) <= 65535:
        raise SettingsError(f"{name}={text!r} is no port from 1024 to 65535")
    return int(text)


def address(*, like: str, instead: str = "") -> Callable[[str, str], str]:
    """
    Return what reads an address, and returns it without a slash at its end; it raises a SettingsError where it is none.

    It will be shown and logged, so nothing secret may be in it; of one that is refused nothing is repeated.

    Args:
        like: What such an address looks like.
        instead: The variable that a secret belongs in.
    """

    def parse(text: str, name: str) -> str:
        if "@" in unquote(text):
            whither = f"; give the key as {instead}" if instead else ""
            raise SettingsError(f"{name} has a name or a password in it, which would be shown and logged{whither}")
        if "?" in text or "#" in text:
            raise SettingsError(
                f"{name} has a query or a fragment in it, which no base address has; it looks like {like}"
            )
        form = _ADDRESS.fullmatch(text)
        labels = form["host"].removesuffix(".").split(".") if form else [""]
        if (
            form is None
            or int(form["port"] or 80) not in range(1, 65536)
            or not all(0 < len(one) < 64 for one in labels)
        ):
            raise SettingsError(f"{name} is no address; it looks like {like}")
        scheme, _, rest = text.partition("://")
        return f"{scheme.lower()}://{rest}".rstrip("/")

    return parse


def at_home(path: str | Path, name: str) -> Path:
    """
    Return a path in which `~` is made whole.

    Args:
        name: What has named it, a variable or an option.

    Raises:
        SettingsError: It starts in the home of somebody whom this machine does not know.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"{name}={path} starts in a home that this machine does not know; write all of it"
        ) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
