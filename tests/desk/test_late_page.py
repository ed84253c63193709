"""
Prefect's page at a server for one command: made when it is asked for.
"""

import asyncio
import threading

import httpx
import pytest
from starlette.responses import PlainTextResponse

from storyreel.desk.late_page import LatePage


def browser(app: LatePage) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk")


async def test_a_page_is_made_once_and_by_whoever_asks_first():
    """
    Whoever asks the server for something else does not wait for it, and no second one makes another.
    """
    made: list[int] = []
    go_on = threading.Event()

    def make() -> PlainTextResponse:
        made.append(1)
        assert go_on.wait(20)
        return PlainTextResponse("page")

    async with browser(LatePage(PlainTextResponse("api"), make)) as client:
        before = [(await client.get(path)).text for path in ("/api", "/api/health")]
        pages = [asyncio.create_task(client.get(path)) for path in ("/", "/v2/runs", "/apiary")]
        while not made:
            await asyncio.sleep(0)
        meanwhile = (await client.get("/api/health")).text
        go_on.set()
        looked = [(await page).text for page in pages]

    assert ["api", "api"] == before
    assert "api" == meanwhile
    assert ["page"] * 3 == looked
    assert [1] == made


async def test_a_page_that_could_not_be_made_is_tried_again():
    """
    The disk was full, say: the next who asks may have it.
    """
    disk = [OSError("No space left on device")]

    def make() -> PlainTextResponse:
        if disk:
            raise disk.pop()
        return PlainTextResponse("page")

    async with browser(LatePage(PlainTextResponse("api"), make)) as client:
        with pytest.raises(OSError, match="No space"):
            await client.get("/")
        again = (await client.get("/")).text

    assert "page" == again
