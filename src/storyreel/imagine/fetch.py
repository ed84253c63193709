"""
Fetch a finished file from an address that the service gave.

The key never comes here. The address is a stranger's word, so it is followed with care: http and https only, every
hop looked at before it is asked, no private networks, a limit of bytes and of time. Whether the file decodes is for
others to say.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import httpx

from storyreel.errors import DownloadFailed
from storyreel.imagine.pace import backoff, told_to_wait

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes expected, None where nobody said."""

_HOPS = 5
_DEAD = frozenset({401, 403, 404, 410})  # an address that was good once: the caller asks for a new one by id
_LATER = frozenset({408, 425, 429})


class _Hiccup(Exception):
    """A fetch that may go well next time."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    to: Path,
    *,
    guarded: bool,
    on_bytes: OnBytes | None,
    limit_bytes: int,
    within_s: float,
    backoff_s: float,
    tries: int = 3,
) -> int:
    """
    Stream a file to `to` and see it safely on the disk. On failure `to` is removed.

    Args:
        client: Without a key and without redirects of its own.
        url: Where the file is.
        to: A path of the caller's choice; what is there is overwritten.
        guarded: Whether private addresses are refused.
        on_bytes: Told after each piece.
        limit_bytes: The most that is taken.
        within_s: Time for all tries together, in seconds.
        backoff_s: First pause between two tries, in seconds.
        tries: How often a cut or unanswered download is begun again.

    Returns:
        The number of bytes written.

    Raises:
        DownloadFailed: It could not be fetched whole.
    """
    shown = name_of(url)
    done = False
    try:
        async with asyncio.timeout(within_s):
            for attempt in range(1, tries + 1):
                try:
                    size = await _once(client, url, to, guarded, on_bytes, limit_bytes)
                    done = True
                    return size
                except _Hiccup as hiccup:
                    if attempt == tries:
                        raise DownloadFailed(f"{shown} could not be fetched in {tries} tries: {hiccup}") from None
                    pause = backoff(attempt, backoff_s, told_s=hiccup.after_s)
                await asyncio.sleep(pause)
    except TimeoutError:
        raise DownloadFailed(f"{shown} was not fetched within {within_s:g} s") from None
    except OSError as error:
        raise DownloadFailed(f"{shown} could not be written to {to}: {error.strerror}") from None
    finally:
        if not done:
            to.unlink(missing_ok=True)
    raise AssertionError("a fetch ends by returning or raising")


async def _once(
    client: httpx.AsyncClient, url: str, to: Path, guarded: bool, on_bytes: OnBytes | None, limit_bytes: int
) -> int:
    here = url
    for _ in range(_HOPS + 1):
        target = await _allowed(here, guarded)
        shown = name_of(here)
        try:
            async with client.stream("GET", target, headers={"Accept-Encoding": "identity"}) as response:
                if guarded:
                    _check_peer(response, shown)
                if response.has_redirect_location:
                    onward = str(target.join(response.headers["location"]))
                    if target.scheme == "https" and not onward.lower().startswith("https:"):
                        raise DownloadFailed(f"{shown} leads on to {name_of(onward)}, which is not https")
                    here = onward
                    continue
                _check_answer(response, shown, limit_bytes)
                return await _save(response, to, shown, on_bytes, limit_bytes)
        except httpx.InvalidURL:
            raise DownloadFailed(f"{shown} leads on to what is no address") from None
        except httpx.DecodingError:
            raise DownloadFailed(f"{shown} was sent in a coding that does not unfold") from None
        except httpx.HTTPError as error:
            raise _Hiccup(f"the connection failed ({type(error).__name__})") from None
    raise DownloadFailed(f"{name_of(url)} leads on from address to address more than {_HOPS} times")


def _check_answer(response: httpx.Response, shown: str, limit_bytes: int) -> None:
    status = response.status_code
    if status in _DEAD:
        raise DownloadFailed(f"the address {shown} is dead (HTTP {status}); a new one is asked for by id")
    if status >= 500 or status in _LATER:
        raise _Hiccup(f"HTTP {status}", told_to_wait(response.headers))
    if status != 200:
        raise DownloadFailed(f"{shown} answered HTTP {status} instead of a file")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in {"application/json", "application/xhtml+xml", "application/xml"}:
        raise DownloadFailed(f"{shown} gave {kind} instead of a picture or a clip")
    expected = _length(response)
    if expected is not None and expected > limit_bytes:
        raise DownloadFailed(f"{shown} has {expected} bytes; more than {limit_bytes} are not taken")


async def _save(response: httpx.Response, to: Path, shown: str, on_bytes: OnBytes | None, limit_bytes: int) -> int:
    expected, written = _length(response), 0
    file: BinaryIO = await asyncio.to_thread(to.open, "wb")
    with file:
        async for piece in response.aiter_bytes(1 << 18):
            if not written and piece.lstrip()[:1] in (b"<", b"{"):
                raise DownloadFailed(f"{shown} gave a page of text instead of a picture or a clip")
            written += len(piece)
            if written > limit_bytes:
                raise DownloadFailed(f"{shown} goes on past {limit_bytes} bytes; more are not taken")
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
    told = response.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None


def name_of(url: str) -> str:
    """Return an address as it may be shown: without name, password and query, since a signature may be in them."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return "an address that cannot be read"
    shown = f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}{parsed.path}"
    return shown if len(shown) <= 160 else shown[:157] + "..."


# --- which addresses ----------------------------------------------------------------------------------------------


async def _allowed(url: str, guarded: bool) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise DownloadFailed("the service gave an address that cannot be read") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise DownloadFailed(f"{name_of(url)} is no http or https address")
    if guarded:
        private = await is_private(parsed.host)
        if private:
            raise DownloadFailed(f"{name_of(url)} is inside a private network, and is not asked")
        if private is None and not _proxied():
            raise _Hiccup(f"{parsed.host} has no address")
    return parsed


async def is_private(host: str) -> bool | None:
    """
    Tell whether a host is, or resolves to, a loopback, private, link-local or otherwise reserved address.

    Returns:
        None where the name has no address here. Behind a proxy that is common, and the proxy decides.
    """
    literal = _ip(host)
    if literal is not None:
        return _reserved(literal)
    if host.lower().rstrip(".").endswith("localhost"):
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return None
    addresses = [_ip(str(entry[4][0])) for entry in found]
    return any(address is None or _reserved(address) for address in addresses)


def _proxied() -> bool:
    return bool(urllib.request.getproxies())


IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def _ip(text: str) -> IP | None:
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))  # 127.1 and 2130706433 are addresses too
    except (OSError, ValueError):
        return None


def _reserved(address: IP) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _reserved(inner)
    return not address.is_global or address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _check_peer(response: httpx.Response, shown: str) -> None:
    # A name may resolve to another address a moment later, so the one that was connected to is looked at as well.
    # With a proxy between, it is the proxy's, and says nothing.
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    address = _ip(str(peer[0])) if isinstance(peer, tuple) and peer else None
    if address is not None and _reserved(address) and not _proxied():
        raise DownloadFailed(f"{shown} is inside a private network, and was not read")
