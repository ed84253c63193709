"""
Prefect's page has two faces, and links of the old one lead to that which the desk opens with.
"""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from storyreel.desk.links import NewFace

NAVIGATES = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def led(path: str, headers: dict[str, str]) -> str:
    """Return where a browser is led to from an address; empty if it stays."""
    transport = httpx.ASGITransport(NewFace(PlainTextResponse("the page")))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
        answer = await browser.get(path, headers=headers)
    return answer.headers.get("location", "")


@pytest.mark.parametrize(
    ("path", "headers", "where"),
    [
        pytest.param("/runs/flow-run/1?tab=Logs", NAVIGATES, "/v2/runs/flow-run/1?tab=Logs", id="a link of Prefect's"),
        pytest.param("/v2/runs", NAVIGATES, "", id="the new face"),
        pytest.param("/runs", {**NAVIGATES, "cookie": "a=b; prefect_ui_version=v1"}, "", id="the old one is chosen"),
        pytest.param("/runs", {**NAVIGATES, "cookie": "prefect_ui_version=v2"}, "/v2/runs", id="the new one is chosen"),
        pytest.param("/api/flow_runs/filter", NAVIGATES, "", id="the api"),
        pytest.param("/assets/index.js", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}, "", id="its files"),
        pytest.param("/runs", {}, "", id="no browser"),
        pytest.param("/", NAVIGATES, "", id="the root, which Prefect sees to"),
    ],
)
async def test_a_link_opens_the_face_that_the_desk_opens_with(path: str, headers: dict[str, str], where: str):
    """
    A link without `/v2` leads to the new face, unless the person has chosen the old one; all else is Prefect's.
    """
    assert where == await led(path, headers)
