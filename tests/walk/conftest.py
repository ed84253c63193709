"""
A desk that is open, and a browser in front of it. `make browser` installs one where there is none.
"""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from storyreel.desk.secret import read_secret
from tests.desk import outside
from tests.walk.producer import OpenDesk, Producer

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",  # everything it shows is our own, and a container's root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Names of strangers, all of them on this machine; and what a browser may do by itself against them is not relied on.
    "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebind.test 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights",
)


def free_ports() -> tuple[int, int]:
    """Return two ports that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture(scope="session")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    """Open a desk by the one command that there is for it, and close it as a person does."""
    folder = tmp_path_factory.mktemp("desk")
    page, films = free_ports()
    env = {
        **outside(),
        "XDG_DATA_HOME": str(folder / "data"),
        "STORYREEL_VAULT": f"file:{folder / 'vault'}",
        "STORYREEL_SANDBOX": str(folder / "sandbox"),
        "STORYREEL_SANDBOX_LATENCY": "0",
        "STORYREEL_OUT": str(folder / "out"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XAI_API_KEY": "not-to-be-seen",
        "AWS_SECRET_ACCESS_KEY": "not-to-be-seen",
        "STORYREEL_NOTIFY": "json://not-to-be-seen",
    }
    words = [sys.executable, "-m", "storyreel", "studio", "--port", str(page), "--films-port", str(films)]
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(
            words, cwd=Path(__file__).parents[2], env=env, stdout=said, stderr=said, start_new_session=True
        )
    deadline = time.monotonic() + 400
    while "Ctrl-C stops all of it" not in (told := (folder / "said.txt").read_text(encoding="utf-8")):
        assert process.poll() is None, told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    yield OpenDesk(folder, page, films, process.pid, read_secret(folder / "data/storyreel/studio/secret"))
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0, (folder / "said.txt").read_text(encoding="utf-8")


# Playwright's loop runs in this thread while it is open, beside which no other loop can: it is closed with each file.
@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """Start a browser, and return its one page."""
    # Without one on PATH it is Playwright's own, which `make browser` has installed.
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def producer(open_desk: OpenDesk, browser_page: Page) -> Iterator[Producer]:
    """Return somebody who sits at the desk, and has opened its page by the address that they were told."""
    browser_page.goto(open_desk.ticket())
    with httpx.Client(
        base_url=f"http://127.0.0.1:{open_desk.port}/api",
        headers=open_desk.secret.headers,
        trust_env=False,
        timeout=30,
    ) as api:
        yield Producer(open_desk, browser_page, api, open_desk.folder)
