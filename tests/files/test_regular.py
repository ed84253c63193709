"""
Files that are none: pipes, devices, sockets, folders, files of a terabyte, and those that change while they are used.
"""

import io
import mmap
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.delivery.page.server import films_in
from storyreel.errors import MediaError, SettingsError, StoryboardError, VaultError
from storyreel.files import regular
from storyreel.files.regular import Changed, NotPlain, check_content, copy_plain, read_plain, seen
from storyreel.imagine import ByUrl
from storyreel.media import measure
from storyreel.model.recipe import GivenFile, LastFrame, sha256_of
from storyreel.production.attachments import Inputs
from storyreel.production.lost_answers import adopt_still
from storyreel.storyboard import load
from storyreel.vault import open_vault

BOARD = "scenes:\n  - id: a\n    prompt: A lighthouse.\n    image: it.png\n  - id: b\n    clip: it.mp4\n"


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"\0\0\0\x20ftypisom" if path.suffix == ".mp4" else b"\x89PNG\r\n\x1a\n")
        file.truncate(10**12)


def unix_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


ODD: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "socket": unix_socket,
    "terabyte": sparse,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "full": lambda path: path.symlink_to("/dev/full"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "circle": lambda path: path.symlink_to(path.name),
    "nowhere": lambda path: path.symlink_to("/nowhere"),
    "empty": Path.touch,
}


@contextmanager
def at_once() -> Iterator[None]:
    """Fail if something waits, or reads without end."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_told_at_once_wherever_it_is_named(kind: str, tmp_path: Path):
    """
    As a picture, a clip, an included text, a storyboard, a catalogue, in a vault, as a cut list: told, never waited for.
    """
    for name in ("it.png", "it.mp4", "it.txt", "it.yaml", "it.toml"):
        ODD[kind](tmp_path / name)
    (tmp_path / "board.yaml").write_text(BOARD)
    (tmp_path / "words.yaml").write_text("scenes: [{id: a, prompt: '{% include \"it.txt\" %}'}]")
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    (tmp_path / "out" / "it").mkdir(parents=True)
    (tmp_path / "out" / "it" / "it.mp4").write_bytes(b"film")
    ODD[kind](tmp_path / "out" / "it" / "it.cut.json")

    with at_once():
        for name in ("board.yaml", "it.yaml"):
            with pytest.raises(StoryboardError):
                load(tmp_path / name, catalog=load_catalog(), measure=measure)
        if kind != "empty":
            with pytest.raises(StoryboardError):
                load(tmp_path / "words.yaml", catalog=load_catalog(), measure=measure)
            with pytest.raises(SettingsError, match="STORYREEL_CATALOG"):
                load_catalog(tmp_path / "it.toml")
        for name in ("it.png", "it.mp4"):
            with pytest.raises(MediaError):
                measure(tmp_path / name)
        assert [film.name for film in films_in(tmp_path / "out")] == ["it"]
    assert vault.address


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket", "endless", "memory"])
async def test_what_is_no_file_in_a_vault_is_a_damage(kind: str, tmp_path: Path):
    """
    A pipe in the place of a record or a clip is a VaultError that names it; nobody waits for who may write into it.
    """
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")
    sha256 = await vault.clips.keep(clip, ".mp4")
    kept = next((tmp_path / "vault" / "clips").rglob("*.mp4"))
    kept.unlink()
    ODD[kind](kept)
    (tmp_path / "vault" / "xai" / "takes").mkdir(parents=True)
    ODD[kind](tmp_path / "vault" / "xai" / "takes" / "an-id-of-a-take.json")

    with at_once():
        with pytest.raises(VaultError):
            await vault.clips.local(sha256)
        if kind != "folder":
            with pytest.raises(VaultError):
                await vault.takes.get("xai", "an-id-of-a-take")


def test_a_limit_is_told_before_the_first_byte(tmp_path: Path):
    """
    Both sizes stand in the message; a file that the kernel makes up as it is read is bounded as well.
    """
    sparse(tmp_path / "huge.png")
    with pytest.raises(NotPlain) as caught:
        read_plain(tmp_path / "huge.png", 50_000_000)

    assert "has 1000 GB, and 50 MB are the most" == caught.value.strerror
    with pytest.raises(NotPlain, match="larger than it says"):
        read_plain(Path("/proc/self/status"), 10)
    with pytest.raises(NotPlain, match="while it was read"):
        copy_plain(Path("/proc/self/status"), None)


def test_what_is_written_to_while_it_is_read_is_not_believed(tmp_path: Path):
    """
    A file that grows, shrinks or changes under our hands gives no hash.
    """
    path = tmp_path / "growing"
    path.write_bytes(b"a" * 3_000_000)

    class Meddling(io.BytesIO):
        def write(self, _: object) -> int:
            with path.open("ab") as file:
                file.write(b"more")
            return 0

    with pytest.raises(NotPlain, match="while it was read"):
        copy_plain(path, Meddling())
    assert copy_plain(path, None)[0] == sha256_of(path)


# --- what is sent is what was checked ------------------------------------------------------------------------------


class Uploads:
    """A client that takes files, and has somebody meddle with the original before it reads what it is given."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self.meddle = meddle
        self.sent: list[bytes] = []

    async def upload(self, path: Path, *_: str) -> str:
        """Read what is to be sent, after the meddling."""
        self.meddle()
        self.sent.append(path.read_bytes())
        return "file-1"


@pytest.mark.parametrize("size", [1_000, 3_000_000], ids=["in-the-request", "uploaded"])
async def test_what_is_sent_is_what_was_checked(size: int, tmp_path: Path, storyboards: Path):
    """
    A picture is read once, from a file that is then ours alone: who changes it afterwards changes nothing of what is sent.
    """
    given = next(storyboards.rglob("*.png"))
    picture = tmp_path / "mira.png"
    shutil.copy(given, picture)
    with picture.open("ab") as file:
        file.write(b"\0" * size)
    footage = measure(picture)
    checked = picture.read_bytes()
    client = Uploads(lambda: picture.write_bytes(b"another picture"))
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    inputs = Inputs(vault, client, "xai", {footage.sha256: footage})  # type: ignore[arg-type]
    ready = await inputs.ready(GivenFile(sha256=footage.sha256))
    picture.write_bytes(b"another picture")
    again = await inputs.ready(GivenFile(sha256=footage.sha256))

    assert ready == again
    if not isinstance(ready, ByUrl):
        assert [checked] == client.sent


async def test_what_was_changed_before_it_is_used_stops_the_run(tmp_path: Path, storyboards: Path):
    """
    Another file, a pipe or nothing under a name that the plan was made from: nothing is sent.
    """
    picture = tmp_path / "mira.png"
    shutil.copy(next(storyboards.rglob("*.png")), picture)
    footage = measure(picture)
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    for meddle in (lambda: picture.write_bytes(b"x"), lambda: (picture.unlink(), os.mkfifo(picture)), picture.unlink):
        meddle()
        inputs = Inputs(vault, Uploads(lambda: None), "xai", {footage.sha256: footage})  # type: ignore[arg-type]
        for source in (GivenFile(sha256=footage.sha256), LastFrame(of=GivenFile(sha256=footage.sha256))):
            with pytest.raises(VaultError, match=r"mira\.png"):
                await inputs.ready(source)


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind != "empty"])
async def test_the_picture_of_a_lost_still_is_a_file(kind: str, tmp_path: Path):
    """
    `resolve --file` takes a regular file alone: nothing else is waited for, read without end, or kept.
    """
    ODD[kind](tmp_path / "still.png")
    with at_once(), pytest.raises(SettingsError, match=r"--file .*still\.png"):
        await adopt_still(None, None, None, tmp_path / "still.png")  # type: ignore[arg-type]


def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    How it was when it was measured says enough.
    """
    file = tmp_path / "card.mp4"
    file.write_bytes(b"a clip")
    sha256, since = copy_plain(file, None)
    monkeypatch.setattr(regular, "copy_plain", None)

    assert since == check_content(file, sha256, since)


def test_the_bytes_that_are_used_are_hashed_whatever_the_times_say(tmp_path: Path):
    """
    Who writes through a mapping of the file moves neither its size nor its times for a while; what is sent is what was checked.
    """
    file = tmp_path / "card.mp4"
    file.write_bytes(b"a clip" * 1000)
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        mapped[0:1] = b"A"
        sha256, since = copy_plain(file, None)
        mapped[0:1] = b"B"

        assert since == seen(file)
        with pytest.raises(Changed):
            check_content(file, sha256, since, io.BytesIO())


@pytest.mark.parametrize(("still_ns", "vouches"), [(0, True), (3600 * 10**9, False)])
def test_a_file_that_was_just_written_does_not_vouch_for_itself(
    storyboards: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, still_ns: int, vouches: bool
):
    """
    Where a clock is coarse it may be written once more within the same tick.
    """
    monkeypatch.setattr(sys.modules["storyreel.media.measure"], "SETTLED_NS", still_ns)
    path = shutil.copy(storyboards / "lighthouse" / "path.png", tmp_path)

    assert vouches is (measure(Path(path)).seen is not None)


@pytest.mark.parametrize("copied", [False, True], ids=["where-it-is", "as-a-copy"])
def test_a_file_that_was_only_touched_is_good(copied: bool, tmp_path: Path):
    """
    It is read again, and has the content that it had.
    """
    file, to = tmp_path / "card.mp4", io.BytesIO()
    file.write_bytes(b"a clip")
    sha256, since = copy_plain(file, None)
    file.touch()

    assert since != check_content(file, sha256, since, to if copied else None)
    assert to.getvalue() == (b"a clip" if copied else b"")


@pytest.mark.parametrize("copied", [False, True], ids=["where-it-is", "as-a-copy"])
@pytest.mark.parametrize("content", [b"a klip", b"a", b"a clip and more of it"], ids=["same-size", "shorter", "longer"])
def test_a_file_with_another_content_is_refused(content: bytes, copied: bool, tmp_path: Path):
    """
    Whoever changed it, also with its size and its time put back: nobody can put back when its entry was changed.
    """
    file, to = tmp_path / "card.mp4", io.BytesIO()
    file.write_bytes(b"a clip")
    sha256, since = copy_plain(file, None)
    file.write_bytes(content)
    os.utime(file, ns=(since.written_ns, since.written_ns))

    with pytest.raises(Changed):
        check_content(file, sha256, since, to if copied else None)
