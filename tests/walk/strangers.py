"""
A page of somebody else's, in the browser of a person who sits at a desk, and what it tried.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, Response

HTML = Path(__file__).with_name("attack.html").read_bytes()
NAMES = ("127.0.0.1", "localhost", "evil.test")
"""Under which a page of somebody else's may be seen."""
COUNTED = ("flow_runs", "automations", "work_pools", "deployments", "flows", "artifacts", "variables")


@contextmanager
def foreign_page() -> Iterator[int]:
    """Serve the page of somebody else's under every name, and return its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(HTML)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@dataclass
class Heard:
    """Every answer that a page of a browser has got."""

    answers: list[tuple[str, str, int]] = field(default_factory=list)

    def __call__(self, response: Response) -> None:
        """Note an answer down."""
        self.answers.append((response.request.method, response.url, response.status))

    def of(self, *servers: str) -> list[tuple[str, str, int]]:
        """Return the answers of these servers."""
        return [each for each in self.answers if each[1].startswith(servers)]


def attacked(page: Page, origin: str, server: str, deployment: str, asset: str) -> dict[str, str]:
    """Open the page of somebody else's, have it try all that it can on a server, and return what it got."""
    page.goto(origin)
    results = page.evaluate(
        "([server, deployment, asset]) => attack(server, deployment, asset)", [server, deployment, asset]
    )
    return dict(results)


def standing(api: httpx.Client) -> dict[str, int]:
    """Return how much there is of everything that a page could have made."""
    return {what: int(api.post(f"{what}/count", json={}).json()) for what in COUNTED}


def bait(api: httpx.Client) -> str:
    """Make a deployment that nobody works on, and return its id."""
    return taken(api, "deployments/", name="bait", flow_id=taken(api, "flows/", name="bait"))


def taken(api: httpx.Client, path: str, **what: str) -> str:
    """Make something on a server, and return its id; a server that has just begun may be busy with its database."""
    for _ in range(9):
        if (answer := api.post(path, json=what)).is_success:
            return str(answer.json()["id"])
        time.sleep(0.5)
    raise AssertionError(answer.text)


def new_page(context: BrowserContext) -> tuple[Page, Heard]:
    """Return another page of a browser, and what it hears."""
    page, heard = context.new_page(), Heard()
    page.set_default_timeout(120_000)
    page.on("response", heard)
    return page, heard


def hosts(requests: list[Any]) -> set[str]:
    """Return which servers were asked."""
    return {httpx.URL(request.url).host for request in requests if request.url.startswith(("http", "ws"))}
