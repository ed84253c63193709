"""
Write the page of a board, and of each of its variants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from storyreel.delivery.page.drawing import board_html
from storyreel.delivery.page.folder import page_place, place_page
from storyreel.production.page_data import page_of
from storyreel.production.prepare import Prepared
from storyreel.production.service import service_asked


async def write_pages(every: Sequence[Prepared], *, sandbox: bool) -> tuple[Path, ...]:
    """
    Write the page of each variant of a board; return where they are.

    Args:
        every: The variants; one, where it has none.
        sandbox: Whether it is about what was rehearsed.

    Raises:
        VaultError: The vault cannot be read.
        MediaError: A page cannot be written.
    """
    places = []
    for ready in every:
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
        drawn = await page_of(ready, service)
        place = page_place(ready.out, ready.plan.board.slug)
        await asyncio.to_thread(place_page, board_html(drawn.page), drawn.media, place)
        places.append(place)
    return tuple(places)
