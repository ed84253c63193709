"""
Fetch a finished file from an address that the service gave.

The key goes to the API's own origin alone, and only where that refuses to be asked without. The address is a stranger's word, so it is followed with care: http and https only, every
hop looked at before it is asked, no private networks, a limit of bytes and of time. What is looked at is what is asked:
a name is resolved once, and the connection goes to the address that was found, so that it cannot mean another one a
moment later. Whether the file decodes is for others to say.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from storyreel.errors import DownloadFailed, SettingsError
from storyreel.imagine.addresses import (
    IP,
    addresses_of,
    is_loopback_name,
    is_private,
    is_reserved,
    name_of,
    read_address,
)
from storyreel.imagine.bounded_read import PIECE, Unfoldable, odd_coding, pieces
from storyreel.imagine.rate import backoff, told_to_wait

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes expected, None where nobody said."""

_HOPS = 5
_DEAD = frozenset({401, 403, 404, 410})  # an address that was good once: the caller asks for a new one by id
_CLOSED = frozenset({401, 403})
_LATER = frozenset({408, 425, 429})
_PLAIN = {"Accept-Encoding": "identity"}
_TEXTS = frozenset({"application/json", "application/xhtml+xml", "application/xml"})
_SIGNS = (  # where a clip or a picture says what it is
    *((4, box) for box in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")),
    *((0, sign) for sign in (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"\x1aE\xdf\xa3", b"GIF8")),
)


class _Hiccup(Exception):
    """A fetch that may go well next time."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


Through = Callable[[httpx.URL], httpx.AsyncClient | None]
"""Gives what asks an address through the environment's proxy, None where it is asked directly."""


@dataclass(frozen=True)
class Ways:
    """
    How files are reached. Nothing here has a key, and nothing follows redirects by itself.

    Args:
        direct: Asks whoever is at an address, and no proxy.
        through: Asks through a proxy, where the environment wants one.
        guarded: Whether private addresses are refused.
        with_key: Gives what asks an address of the API's own origin with the key; None for any other.
    """

    direct: httpx.AsyncClient
    through: Through
    guarded: bool
    with_key: Through


@dataclass(frozen=True)
class Limits:
    """The most that is taken, the time for all tries together, and the first pause between two of them, in seconds."""

    size: int
    within_s: float
    backoff_s: float
    tries: int


async def fetch(ways: Ways, url: str, to: Path, limits: Limits, on_bytes: OnBytes | None = None) -> int:
    """
    Stream a file to `to` and see it safely on the disk. On failure `to` is removed.

    Args:
        ways: How it is reached.
        url: Where the file is.
        to: A path of the caller's choice; what is there is overwritten.
        limits: How much, how long.
        on_bytes: Told after each piece.

    Returns:
        The number of bytes written.

    Raises:
        DownloadFailed: It could not be fetched whole.
    """
    shown = name_of(url)
    done = False
    try:
        async with asyncio.timeout(limits.within_s):
            for attempt in range(1, limits.tries + 1):
                try:
                    size = await _once(ways, url, to, limits.size, on_bytes)
                    done = True
                    return size
                except _Hiccup as hiccup:
                    if attempt == limits.tries:
                        raise DownloadFailed(f"{shown} could not be fetched in {attempt} tries: {hiccup}") from None
                    pause = backoff(attempt, limits.backoff_s, told_s=hiccup.after_s)
                await asyncio.sleep(pause)
    except TimeoutError:
        raise DownloadFailed(f"{shown} was not fetched within {limits.within_s:g} s") from None
    except OSError as error:
        raise DownloadFailed(f"{shown} could not be written to {to}: {error.strerror}") from None
    finally:
        if not done:
            to.unlink(missing_ok=True)
    raise AssertionError("a fetch ends by returning or raising")


async def _once(ways: Ways, url: str, to: Path, most: int, on_bytes: OnBytes | None) -> int:
    here, keyed = url, False
    for _ in range(_HOPS + 1):
        target = _web_address(here)
        shown = name_of(here)
        own = ways.with_key(target) if keyed else None
        asked = own.stream("GET", target, headers=_PLAIN) if own is not None else _asked(ways, target, shown)
        try:
            async with asked as response:
                # Only what the service itself has named is asked with the key, and nothing that it leads on to.
                keyed = (
                    not keyed and here == url and response.status_code in _CLOSED and ways.with_key(target) is not None
                )
                if keyed:
                    continue
                if not response.has_redirect_location:
                    _check_answer(response, shown, most)
                    return await save(response, to, shown, on_bytes, most)
                here = _onward(target, response.headers["location"], shown)
        except Unfoldable as error:
            raise DownloadFailed(f"{shown} cannot be unpacked: {error}") from None
        except httpx.HTTPError as error:
            raise _Hiccup(f"the connection failed ({type(error).__name__})") from None
        except UnicodeError:
            raise DownloadFailed(f"{shown} names no host that could exist") from None
    raise DownloadFailed(f"{name_of(url)} leads on from address to address more than {_HOPS} times")


def _web_address(url: str) -> httpx.URL:
    parsed = read_address(url)
    if parsed is None:
        raise DownloadFailed("the service gave an address that cannot be read")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise DownloadFailed(f"{name_of(url)} is no http or https address")
    return parsed


def _onward(target: httpx.URL, location: str, shown: str) -> str:
    """Return where an address leads on to."""
    try:
        onward = str(target.join(location))
    except (httpx.InvalidURL, ValueError):
        raise DownloadFailed(f"{shown} leads on to what is no address") from None
    if target.scheme == "https" and not onward.lower().startswith("https:"):
        raise DownloadFailed(f"{shown} leads on to {name_of(onward)}, which is not https")
    return onward


@asynccontextmanager
async def _asked(ways: Ways, target: httpx.URL, shown: str) -> AsyncIterator[httpx.Response]:
    """Ask an address once it is known where that leads."""
    try:
        proxied = ways.through(target)
    except SettingsError as error:
        # What is paid for waits at the service until it can be fetched.
        raise DownloadFailed(f"{shown} is not asked: {error}") from None
    if proxied is not None or not ways.guarded:
        if ways.guarded and await is_private(target.host):
            raise DownloadFailed(f"{shown} is inside a private network, and is not asked")
        async with (proxied or ways.direct).stream("GET", target, headers=_PLAIN) as response:
            yield response
        return
    addresses = await addresses_of(target.host)
    if is_loopback_name(target.host) or any(is_reserved(address) for address in addresses):
        raise DownloadFailed(f"{shown} is inside a private network, and is not asked")
    response = await _first_to_answer(ways.direct, target, addresses)
    try:
        yield response
    finally:
        await response.aclose()


async def _first_to_answer(client: httpx.AsyncClient, target: httpx.URL, addresses: Sequence[IP]) -> httpx.Response:
    """Ask a host at the addresses that were looked at, and at no others."""
    # The certificate is the name's; the address is only where it is shown.
    name = {"Host": target.netloc.decode("ascii"), **_PLAIN}
    for left, address in enumerate(addresses, start=1 - len(addresses)):
        request = client.build_request(
            "GET",
            target.copy_with(host=str(address)),
            headers=name,
            extensions={"sni_hostname": target.host.rstrip(".")},
        )
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if left == 0:
                raise
    raise _Hiccup(f"{target.host[:100]} has no address")


def _check_answer(response: httpx.Response, shown: str, most: int) -> None:
    status = response.status_code
    if status in _DEAD:
        raise DownloadFailed(f"the address {shown} is dead (HTTP {status}); a new one is asked for by id")
    if status >= 500 or status in _LATER:
        raise _Hiccup(f"HTTP {status}", told_to_wait(response.headers))
    if status != 200:
        raise DownloadFailed(f"{shown} answered HTTP {status} instead of a file")
    expected = _length(response)
    if expected is not None and expected > most:
        raise DownloadFailed(f"{shown} has {expected} bytes; more than {most} are not taken")


def _check_beginning(first: bytes, kind: str, packed: str, shown: str) -> None:
    """
    Refuse a page of text in place of a file.

    The bytes speak before the header does: storages call a right clip text/plain, or JSON, and pages a clip.
    """
    if first.lstrip()[:1] in (b"<", b"{"):
        page = f"a page of text ({kind})" if kind else "a page of text"
        raise DownloadFailed(f"{shown} gave {page} instead of a picture or a clip")
    signed = any(first[at : at + len(sign)] == sign for at, sign in _SIGNS)
    if not signed and (kind.startswith("text/") or kind in _TEXTS):
        raise DownloadFailed(f"{shown} gave {kind} instead of a picture or a clip")
    if not signed and packed:
        raise DownloadFailed(f"{shown} cannot be unpacked: {packed}")


async def save(response: httpx.Response, to: Path, shown: str, on_bytes: OnBytes | None, most: int) -> int:
    """Write the body of an answer to a file, and return its bytes. `most` are borne."""
    expected, written = _length(response), 0
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()[:60]
    file: BinaryIO = await asyncio.to_thread(to.open, "wb")
    with file:
        async for piece in pieces(response, PIECE):
            if not written:
                _check_beginning(piece, kind, odd_coding(response), shown)
            written += len(piece)
            if written > most:
                raise DownloadFailed(f"{shown} goes on past {most} bytes; more are not taken")
            await asyncio.to_thread(file.write, piece)
            if on_bytes is not None:
                on_bytes(written, expected)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    # A server that packs the file although it was asked not to tells the length of the packed one.
    came = response.num_bytes_downloaded if "content-encoding" in response.headers else written
    if expected is not None and came != expected:
        raise _Hiccup(f"{came} of {expected} bytes came")
    if not written:
        raise _Hiccup("not one byte came")
    return written


def _length(response: httpx.Response) -> int | None:
    declared = response.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 19 else None
