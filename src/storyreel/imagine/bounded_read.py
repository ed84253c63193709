"""
Read a body without trusting it: so many bytes and no more, counted after it was unpacked.

A few kilobytes of gzip unfold to gigabytes, and httpx unfolds whatever comes. So a body is taken as it came over the
line and unpacked here, piece by piece. A header may lie: a body in a coding that we did not ask for and cannot bound is
taken as it came, and so is one that is called packed and is not.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

PIECE = 1 << 18
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Unfoldable(Exception):
    """The body is packed in a way that is not read here, or does not unpack."""


async def pieces(response: httpx.Response, at_once: int | None = None) -> AsyncIterator[bytes]:
    """
    Give a body in pieces of at most 256 KB, unpacked. Who has enough stops asking: no more than that is held.

    Args:
        response: Not read yet.
        at_once: Bytes to gather from the line before a piece is given; None gives each as it comes, so that what came
            before a line broke is not lost.

    Raises:
        Unfoldable: It cannot be unpacked.
        httpx.HTTPError: The line broke.
    """
    coding = coding_of(response)
    if coding not in _WINDOWS:
        async for raw in response.aiter_raw(at_once):
            yield raw
        return
    unpacked = zlib.decompressobj(_WINDOWS[coding])
    begun, lies = False, False
    async for raw in response.aiter_raw(at_once):
        rest, piece = raw, b""
        while not lies and (rest or len(piece) == PIECE) and not unpacked.eof:
            try:
                piece = unpacked.decompress(rest, PIECE)
            except zlib.error:
                if begun:
                    raise Unfoldable(f"it is called {coding}, and does not unpack") from None
                lies = True
                break
            rest = unpacked.unconsumed_tail
            if piece:
                yield piece
        begun = True
        if lies:
            yield raw
    if not lies and not unpacked.eof:
        raise Unfoldable(f"it is called {coding}, and ends in the middle")


def coding_of(response: httpx.Response) -> str:
    """Return how a body is packed, as its header says; empty if it is not."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    return "" if coding == "identity" else str(coding)


def odd_coding(response: httpx.Response) -> str:
    """Say that a body came in a coding that is not read here; empty if it did not."""
    coding = coding_of(response)
    known = not coding or coding in _WINDOWS
    return "" if known else f"it came packed as {coding[:40]!r}, though it was asked for plain"


async def read_at_most(response: httpx.Response, most: int, body: bytearray | None = None) -> tuple[bytes, str]:
    """
    Return a body up to `most` bytes, and why it is not the whole of it (empty: it is).

    Args:
        body: Filled with what comes, for whoever breaks this off.
    """
    body = bytearray() if body is None else body
    try:
        async for piece in pieces(response):
            body += piece
            if len(body) > most:
                return bytes(body[:most]), f"it goes on past {most} bytes"
    except Unfoldable as error:
        return bytes(body), str(error)
    except httpx.HTTPError as error:
        return bytes(body), f"the line broke ({type(error).__name__})"
    return bytes(body), odd_coding(response)
