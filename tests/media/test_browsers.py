"""
Films in real browsers: every frame is the right one when all are sought in random order within one page.

Stepping through a film in its order does not find what ends a player that seeks. `make browser` installs both.
"""

import base64
import json
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import quote

import av
import numpy as np
import pytest

from storyreel.media import Piece, splice
from tests.media.filming import ffmpeg
from tests.media.structures import FPS, HEIGHT, HOUSE, WIDTH
from tests.walk.conftest import CHROMIUM, QUIET

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

FIREFOX = ("firefox-esr", "firefox")
NEAR = 1.5
"""How far, in steps of 255 and on average, a frame may be from ours: browsers round colours. No other frame is nearer than 20."""
CALM = {
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "toolkit.telemetry.enabled": False,
}
"""Nothing that Firefox does by itself, and most of it over a network."""


def command(browser: str, folder: Path, address: str) -> list[str]:
    """Return how a browser is started with nobody before it."""
    if browser == "firefox":
        prefs = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in CALM.items())
        (folder / "user.js").write_text(prefs)
        return [found(FIREFOX), "--headless", "--no-remote", "--profile", str(folder), address]
    return [found(CHROMIUM), "--headless=new", f"--user-data-dir={folder}", *QUIET, address]


def found(names: Sequence[str]) -> str:
    path = next(filter(None, map(shutil.which, names)), None)
    assert path is not None, f"there is none of {', '.join(names)}; `make browser` installs one"
    return path


@dataclass(frozen=True)
class Seen:
    """What a page has seen: the light of each pixel of each frame, in base 64, and what ended it before the last one."""

    trouble: str
    seen: list[str]


class Player:
    """A server of films and of the page that seeks in them, and what the page has seen."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/": (Path(__file__).parent / "seeking.html").read_bytes()}
        self.seen: Queue[Seen] = Queue()
        player = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = player.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                asked = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
                start, end = int(asked[0] or 0), int(asked[2] or len(content) - 1) + 1
                self.send_response(206 if "Range" in self.headers else 200)
                self.send_header("Content-Type", "video/mp4" if "film" in self.path else "text/html")
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
                self.send_header("Content-Length", str(end - start))
                self.end_headers()
                self.wfile.write(content[start:end])

            def do_POST(self) -> None:
                player.seen.put(Seen(**json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing: browsers ask for icons."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def look(self, browser: str, folder: Path, film: Path, places: Sequence[int], fragments: str) -> Seen:
        """Have a browser seek all of these frames, and return what it saw."""
        # A browser may keep what it has read of an address.
        name = f"/film-{len(self.files)}.mp4"
        self.files[name] = film.read_bytes()
        asked = quote(json.dumps({"film": name, "places": places, "rate": FPS, "fragments": fragments}))
        address = f"http://127.0.0.1:{self.server.server_address[1]}/#{asked}"
        folder.mkdir()
        process = subprocess.Popen(
            command(browser, folder, address),
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return self.seen.get(timeout=240)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    """Return a server of films, on this machine only."""
    made = Player()
    yield made
    made.server.shutdown()
    made.server.server_close()


def light(film: Path) -> np.ndarray:
    """Return the light of each pixel of each frame, as a screen shows it: red, green and blue end at their edges."""
    with av.open(str(film)) as reader:
        return np.stack([lit(frame.to_ndarray(format="yuv420p").astype(float)) for frame in reader.decode(video=0)])


def lit(planes: np.ndarray) -> np.ndarray:
    luma = (planes[:HEIGHT] - 16) / 219
    blue, red = ((plane - 128) / 224 for plane in planes[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2))
    blue, red = (plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (blue, red))
    screen = luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue  # ITU-T H.273: bt709
    parts = zip((0.2126, 0.7152, 0.0722), (np.clip(colour, 0, 1) for colour in screen), strict=True)
    return 255 * sum(share * colour for share, colour in parts)


RECOVERS = {"open", "open-and-closed", "intra-refresh"}


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_every_frame_is_right_in_random_order(player: Player, pieces: list[Piece], tmp_path: Path, browser: str):
    """
    A film of all structures, with rendered windows, whose clips all say number 0 for parameter sets that differ.
    """
    await splice(pieces, HOUSE, tmp_path / "film.mp4")

    hold(player, browser, tmp_path / "film.mp4")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_every_frame_is_right_where_a_page_feeds_it_in_fragments(
    player: Player, pieces: list[Piece], tmp_path: Path, browser: str
):
    """
    Without the structures at whose recovery points both browsers begin to decode in fragments, whatever a file marks.
    """
    whole, film = tmp_path / "film.mp4", tmp_path / "fragments.mp4"
    await splice([piece for piece in pieces if piece.path.stem not in RECOVERS], HOUSE, whole)
    ffmpeg(
        "-i", str(whole), "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof+delay_moov", str(film)
    )
    with av.open(str(whole)) as reader:
        codec = bytes(reader.streams.video[0].codec_context.extradata or b"")[1:4].hex()

    hold(player, browser, film, fragments=f'video/mp4; codecs="avc1.{codec}, mp4a.40.2"')


def hold(player: Player, browser: str, film: Path, *, fragments: str = "") -> None:
    """Have a browser seek every frame of a film, and hold what it shows against the film decoded here."""
    wanted = light(film)
    places = list(range(len(wanted)))
    random.Random(11).shuffle(places)

    told = player.look(browser, film.parent / "profile", film, places, fragments)

    seen = [np.frombuffer(base64.b64decode(text), np.uint8).reshape(HEIGHT, WIDTH) for text in told.seen]
    assert ("", len(places)) == (told.trouble, len(seen))
    off = {place: np.abs(wanted[place] - picture).mean() for place, picture in zip(places, seen, strict=True)}
    assert {} == {place: distance for place, distance in sorted(off.items()) if distance > NEAR}
