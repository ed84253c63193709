"""
A board's page in a real browser: from a file, with the network off, on a desk and on a phone, for three scenes and for sixty.
"""

import asyncio
import itertools
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import opentimelineio
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from storyreel import api
from storyreel.delivery.page.boards import Look
from storyreel.delivery.page.drawing import index_html
from storyreel.delivery.page.index import Linked, Row
from storyreel.production.page import write_pages
from storyreel.production.prepare import prepare
from tests.cli.shot import shoot
from tests.media.filming import film_clip
from tests.media.test_browsers import found
from tests.walk.conftest import CHROMIUM, QUIET

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

MARKUP = "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>"
FILE = "<img src=x onerror=window.pwned=1>.yaml"
SIZES = ((1440, 900), (390, 844))


def board_of(scenes: int) -> str:
    """Return a storyboard that is full of markup."""
    head = {"title": f"Tram {MARKUP}", "slug": "tram", "defaults": {"duration": 1, "resolution": "480p"}}
    listed = [{"id": f"s{number}", "prompt": f"Tram {number} {MARKUP}", "note": MARKUP} for number in range(scenes)]
    return json.dumps({**head, "scenes": listed})


def in_a_thread(work: Callable[..., Any], *given: Any, **more: Any) -> None:
    """Do something in a thread of its own: in this one a browser has its loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work, *given, **more).result()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a clip of a second, as the service gives them."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return film_clip(path, size="848x480", fps="24", seconds=1).read_bytes()


@pytest.fixture(scope="module", params=[3, 60])
def page_file(
    request: pytest.FixtureRequest, clip: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, Path]]:
    """Return the number of scenes of a board that was shot, of which some were made again, and its page, moved elsewhere."""
    scenes, folder = request.param, tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("vault", "out"):
            patch.setenv(f"STORYREEL_{name.upper()}", str(folder / name))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.delenv("XAI_API_KEY", raising=False)
        patch.chdir(folder)
        board = Path(FILE)
        board.write_text(board_of(scenes))
        numbers = itertools.count()

        def takes(*_: object) -> bytes:
            # An empty box, which players skip: each take is a file of its own.
            return clip + struct.pack(">I4sI", 12, b"free", next(numbers))

        again = [f"s{number}" for number in range(0, scenes, 3)]
        for hour, redo in enumerate([[], again, again]):
            in_a_thread(shoot, board, f"2026-11-22 1{hour}:00", redo=redo, film=takes)
        in_a_thread(asyncio.run, api.shoot(FILE))
        board.write_text(board_of(scenes).replace("Tram 1 ", "Tram one "))
        listed = folder / "out" / "tram" / "tram.cut.json"
        fields = json.loads(listed.read_text())
        fields["cuts"][0]["scene"] = MARKUP
        listed.write_text(json.dumps(fields))
        in_a_thread(asyncio.run, write_pages([prepare(FILE, to_look=True)], sandbox=False))
        moved = folder / "moved <b>"
        (folder / "out" / "tram" / "page").rename(moved)
        shutil.rmtree(folder / "vault")
        yield scenes, moved / "index.html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser with nobody before it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


class Opened:
    """A page that is open, and what it complained of."""

    def __init__(self, context: BrowserContext, file: Path) -> None:
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on(
            "console", lambda word: self.troubles.append(word.text) if word.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.goto(file.as_uri())

    def run(self, script: str) -> Any:
        """Return what a script sees in the page."""
        return self.page.evaluate(script)

    def until(self, script: str) -> None:
        """Wait until something is so. The browser's own way to wait would have the page run a text, which its policy forbids."""
        for _ in range(600):
            if self.run(script):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(script)

    def scenes(self) -> int:
        """Return how many scenes are shown."""
        return int(self.run("[...document.querySelectorAll('[data-scene]')].filter((scene) => !scene.hidden).length"))

    def second(self) -> float:
        """Return where the film stands."""
        self.until("!document.querySelector('video').seeking")
        return float(self.run("document.querySelector('video').currentTime"))


@pytest.fixture(params=SIZES, ids=["desk", "phone"])
def opened(request: pytest.FixtureRequest, chromium: Browser, page_file: tuple[int, Path]) -> Iterator[Opened]:
    """Return the page, open in a window of a size, without a network."""
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
    yield Opened(context, page_file[1])
    context.close()


def test_a_page_says_nothing_wrong_and_runs_no_script_of_a_board(opened: Opened):
    """
    Not of its title, a prompt, a note, the name of a scene or of a file; and it is no wider than its window.
    """
    assert MARKUP in opened.run("document.title")
    assert MARKUP in opened.page.inner_text("h1")
    assert FILE in opened.page.inner_text("header")
    assert MARKUP in opened.page.locator(".frame .name").first.text_content()
    assert opened.run("window.pwned === undefined")
    assert opened.run("document.documentElement.scrollWidth <= innerWidth")
    assert [] == opened.troubles


def test_assistive_technology_has_a_name_for_everything(opened: Opened):
    """
    By the rules of axe-core, in the light and in the dark, also where scenes are not in sight yet.
    """
    opened.run("document.querySelectorAll('.scene').forEach((scene) => scene.scrollIntoView())")
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        violations = Axe().run(opened.page).response["violations"]

        assert [] == [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]


def test_film_and_takes_play_and_a_frame_seeks(opened: Opened):
    """
    From the folder where the page is now, after the vault is gone.
    """
    page = opened.page
    page.locator(".frame").nth(2).click()
    opened.until("document.querySelector('video').currentTime >= 2")
    assert 2.0 <= opened.second() < 2.05

    opened.run("document.querySelector('video').play()")
    opened.until("document.querySelector('video').currentTime > 2.3")
    opened.run("document.querySelector('video').pause()")
    page.locator(".take .play").first.click()
    opened.until("document.querySelector('.take video').currentTime > 0.1")

    assert [] == opened.troubles


def test_keys_do_what_the_list_of_keys_says(opened: Opened):
    """
    Shot by shot, frame by frame, scene by scene; and nothing of it while somebody writes.
    """
    keys = opened.page.keyboard
    for key, second in (
        (".", 1.0),
        (".", 2.0),
        (",", 1.0),
        ("Shift+ArrowRight", 1 + 1 / 24),
        ("ArrowRight", 2 + 1 / 24),
    ):
        keys.press(key)
        opened.until(f"Math.abs(document.querySelector('video').currentTime - {second}) < 0.02")
    keys.press("j")
    keys.press("j")
    assert "scene-2" == opened.run("document.activeElement.id")
    keys.press("k")
    assert "scene-1" == opened.run("document.activeElement.id")
    keys.press("?")
    assert opened.page.locator("#help").is_visible()
    keys.press("Escape")
    keys.press("n")
    keys.type("j?")
    assert "j?" == opened.page.input_value("#note-text")
    assert not opened.page.locator("#help").is_visible()


def test_scenes_are_filtered(opened: Opened, page_file: tuple[int, Path]):
    """
    By words, by state, and by what is to be done about them.
    """
    keys, everything = opened.page.keyboard, page_file[0]
    assert everything == opened.scenes()
    keys.press("s")
    assert 1 == opened.scenes()
    keys.press("0")
    keys.press("/")
    keys.type("tram 2")
    assert 1 <= opened.scenes() < everything
    keys.press("Escape")
    keys.press("m")
    assert 0 == opened.scenes()
    assert opened.page.locator("#nothing-left").is_visible()
    opened.page.click("#filters-off")
    opened.page.select_option("#filter-state", "stale")

    assert 1 == opened.scenes()


def test_a_pin_is_copied_and_the_takes_stand_side_by_side(opened: Opened):
    """
    Three of a scene that was made again twice; what is copied is the line as a storyboard has it.
    """
    takes = opened.page.locator("[aria-label='Takes of s0/video'] > li")
    assert 3 == takes.count()
    takes.nth(1).get_by_text("Copy pin").click()

    assert opened.page.inner_text("#copied").startswith("Copied: pin: ") or opened.page.inner_text(
        "#copied"
    ).startswith("pin: ")


def test_a_note_at_a_second_stays_and_comes_out_as_markers(opened: Opened, tmp_path: Path):
    """
    In this browser, after the page was closed; whatever it says, as text and for OpenTimelineIO.
    """
    page = opened.page
    page.locator(".frame").nth(1).click()
    opened.until("document.querySelector('video').currentTime >= 1")
    page.keyboard.press("n")
    page.keyboard.type(MARKUP)
    page.keyboard.press("Control+Enter")
    page.reload()
    assert MARKUP in page.inner_text("#note-list")
    for button, name in (("#note-markers", "tram.notes.json"), ("#note-words", "tram.notes.txt")):
        with page.expect_download() as coming:
            page.click(button)
        assert name == coming.value.suggested_filename
        coming.value.save_as(tmp_path / name)
    (marker,) = opentimelineio.adapters.read_from_file(str(tmp_path / "tram.notes.json"), adapter_name="otio_json")

    assert (24, 24, MARKUP) == (
        marker.marked_range.start_time.value,
        marker.marked_range.start_time.rate,
        marker.comment,
    )
    assert MARKUP in (tmp_path / "tram.notes.txt").read_text()
    assert opened.run("window.pwned === undefined")
    assert [] == opened.troubles


def test_the_index_is_filtered_and_sorted(chromium: Browser, tmp_path: Path):
    """
    By words, by state and without rehearsals; by name, too. Nobody else's script runs.
    """
    rows = [
        Row(
            slug=slug,
            title=f"{slug} {MARKUP}",
            page=f"{slug}/",
            board=FILE,
            rehearsal=slug == "boat",
            state=state,
            why=MARKUP,
            to_buy="",
            at=at,
            date=at,
            facts="",
            picture="",
            rough=False,
            films=(Linked(label=MARKUP, address="x"),),
            looks=(Look(step=MARKUP, picture=""),),
        )
        for slug, state, at in (("tram", "stale", "2026-11-02"), ("boat", "waits", "2026-11-03"), ("ash", "stale", ""))
    ]
    (tmp_path / "index.html").write_text(index_html(rows))
    context = chromium.new_context(viewport={"width": 390, "height": 844}, offline=True)
    index = Opened(context, tmp_path / "index.html")

    def shown() -> list[str]:
        return list(
            index.run(
                "[...document.querySelectorAll('[data-slug]')].filter((row) => !row.hidden).map((row) => row.dataset.slug)"
            )
        )

    assert ["tram", "boat", "ash"] == shown()
    index.page.select_option("#sort", "slug")
    assert ["ash", "boat", "tram"] == shown()
    index.page.click("#rehearsals")
    assert ["ash", "tram"] == shown()
    index.page.keyboard.press("/")
    index.page.keyboard.type("tram")
    assert ["tram"] == shown()
    assert [] == Axe().run(index.page).response["violations"]
    assert index.run("window.pwned === undefined && document.documentElement.scrollWidth <= innerWidth")
    assert [] == index.troubles
    context.close()
