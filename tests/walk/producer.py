"""
What a producer does on Prefect's page, click by click, and what can be asked of Prefect and of the sandbox afterwards.
"""

import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Error, Page

from storyreel.desk.secret import Secret
from tests.desk import outside

ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PICTURES = os.environ.get("WALK_PICTURES")
"""A folder for pictures of the walk, as `make pictures` takes them for the docs."""


@dataclass(frozen=True)
class OpenDesk:
    """Where a desk is."""

    folder: Path
    port: int
    films_port: int
    pid: int
    secret: Secret

    @property
    def page(self) -> str:
        """The address of Prefect's page, as a browser has it."""
        return f"http://{self.secret.browser_name}:{self.port}"

    @property
    def films(self) -> str:
        """The address of the films, as a browser has it."""
        return f"http://{self.secret.browser_name}:{self.films_port}"

    def ticket(self) -> str:
        """Return an address that lets a browser in once, as the command for it prints it."""
        asked = subprocess.run(
            [sys.executable, "-m", "storyreel", "studio", "--open"],
            env={**outside(), "XDG_DATA_HOME": str(self.folder / "data")},
            capture_output=True,
            text=True,
            check=True,
        )
        return asked.stdout.strip()

    def said(self) -> str:
        """Return what it said at the terminal."""
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def posts(self) -> int:
        """Return how many requests that cost money the sandbox has received: uploads are free."""
        log = self.folder / "sandbox" / "posts.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return sum(not json.loads(line)["path"].endswith("/files") for line in lines)


@dataclass(frozen=True)
class Producer:
    """Somebody in front of a browser."""

    desk: OpenDesk
    page: Page
    api: httpx.Client
    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a storyboard."""
        board = self.folder / f"{name}.yaml"
        board.write_text(text, encoding="utf-8")
        return board

    # --- clicks

    def custom_run(self, board: Path, **lists: str) -> str:
        """Fill in the form of the rehearsal deployment and submit it; return the id of the new run."""
        deployment = self.api.get("/deployments/name/sequence/sequence-rehearsal").json()["id"]
        before = {run["id"] for run in self._runs(deployment)}
        self._go(f"/deployments/deployment/{deployment}/run")
        self.page.get_by_label("storyboard").or_(self.page.locator("textarea")).first.fill(str(board))
        for number, field in enumerate(field for field in ("only", "redo") if field in lists):
            # Each list has its button, in the order of the flow's parameters, and its lines stand after the storyboard's.
            fields = self.page.locator("textarea").count()
            self.page.get_by_role("button", name="Add item").nth(("only", "redo").index(field)).click()
            self.page.wait_for_function("n => document.querySelectorAll('textarea').length > n", arg=fields)
            self.page.locator("textarea").nth(1 + number).fill(lists[field])
        self.picture("-".join(["form", *lists]))
        submit = self.page.get_by_role("button", name="Submit")
        deadline, pressed = time.monotonic() + 40, 0.0
        while not (new := [run["id"] for run in self._runs(deployment) if run["id"] not in before]):
            assert time.monotonic() < deadline, "no run came of it"
            # The page tells a person when its server was too busy (SQLite turns requests away): they press again.
            if time.monotonic() - pressed > 8 and submit.is_visible():
                submit.click()
                pressed = time.monotonic()
            time.sleep(0.2)
        return str(new[0])

    def retry(self, run: str) -> None:
        """Press Retry on a run's page, and confirm it."""
        self._go(f"/runs/flow-run/{run}")
        self.page.locator("button[aria-haspopup=menu]").first.click()
        self.page.get_by_role("menuitem", name="Retry").click()
        self.page.get_by_role("button", name="Retry").last.click()

    def resume(self, run: str, *, approve: bool = True) -> None:
        """Press Resume on the page of a run that waits, and approve in the form; else touch nothing there."""
        self._go(f"/runs/flow-run/{run}")
        self.page.locator("button[aria-haspopup=menu]").first.click()
        self.page.get_by_role("menuitem", name="Resume").click()
        form = self.page.get_by_role("dialog")
        # The form comes a moment after its dialog; a button that is pressed before that sends nothing.
        choice = form.get_by_role("switch")
        choice.wait_for()
        if approve:
            choice.click()
            self.picture("approve")
        form.get_by_role("button", name="Resume").click()
        form.wait_for(state="hidden")

    def look_at(self, run: str, picture: str) -> None:
        """Open a run's page, and take a picture of it."""
        self._go(f"/runs/flow-run/{run}")
        self.page.get_by_role("tab", name="Task Runs").click()
        # The graph draws itself on a canvas, a moment after the rest.
        self.page.wait_for_timeout(1500)
        self.picture(picture)

    def open_artifact(self, run: str, key: str) -> None:
        """Open the newest artifact of a run that has this key, by clicks."""
        self._go(f"/runs/flow-run/{run}")
        self.page.get_by_role("tab", name="Artifacts").click()
        self.page.get_by_text(key, exact=True).first.click()
        self.page.locator("a[href*='/artifacts/artifact/']").first.click()
        self.page.wait_for_load_state("networkidle")

    def open_log(self, run: str, until: str) -> str:
        """Open the log of a run, and return it once it has some words."""
        self._go(f"/runs/flow-run/{run}")
        tab = self.page.get_by_role("tab", name="Logs")
        tab.click()
        self.page.get_by_text(until).first.wait_for()
        tab.evaluate("tab => tab.scrollIntoView()")
        return self.page.inner_text("main")

    def open_events(self, kind: str) -> str:
        """Open the feed of events of one kind, and return what it shows."""
        title, deadline = self.page.get_by_text(kind.replace(".", " ").title()), time.monotonic() + 60
        while time.monotonic() < deadline:
            self._go(f"/events?rangeType=span&seconds=-86400&events=%5B%22{kind}%22%5D")
            with suppress(Error):
                # The server writes events down every few seconds, and the page draws what it has got a moment later.
                title.first.wait_for(timeout=6_000)
                break
        return self.page.inner_text("main")

    def picture(self, name: str) -> None:
        """Take a picture of the page, if pictures are wanted."""
        if PICTURES:
            shot = Image.open(io.BytesIO(self.page.screenshot()))
            shot.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(
                Path(PICTURES) / f"{name}.png", optimize=True
            )

    def _go(self, path: str) -> None:
        self.page.goto(f"{self.desk.page}/v2{path}")

    # --- what can be asked afterwards

    def ended(self, run: str, times: int = 1, by: Collection[str] = ENDS) -> dict[str, Any]:
        """Wait until a run has ended so many times, or is in one of these states; return it."""
        deadline = time.monotonic() + 90
        while True:
            told: dict[str, Any] = self.api.get(f"/flow_runs/{run}").json()
            if told["state_type"] in by and told["run_count"] >= times:
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.2)

    def tasks(self, run: str, execution: int, count: int) -> dict[str, str]:
        """Return the task runs of one execution of a run and their states by name, once the server has told of so many."""
        deadline = time.monotonic() + 30
        while True:
            found = self.api.post("/task_runs/filter", json={"flow_runs": {"id": {"any_": [run]}}}).json()
            named = [(task["name"], task["state_name"]) for task in found if task["flow_run_run_count"] == execution]
            over = all(state not in ("Pending", "Running") for _, state in named)
            if (len(named) >= count and over) or time.monotonic() > deadline:
                assert [] == [name for name, times in Counter(name for name, _ in named).items() if times > 1]
                return dict(named)
            time.sleep(0.3)

    def _runs(self, deployment: str) -> list[dict[str, Any]]:
        which = {"deployments": {"id": {"any_": [deployment]}}, "limit": 50}
        runs: list[dict[str, Any]] = self.api.post("/flow_runs/filter", json=which).json()
        return runs
