"""
Pictures travel inside a request while all of them together are small; else they are uploaded before anything is claimed.
"""

import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from storyreel import media
from storyreel.errors import VaultError
from storyreel.imagine import ByFile, ByUrl
from storyreel.media import measure
from storyreel.model.recipe import Clip, GivenAddress, GivenFile, Trimmed
from storyreel.production.attachments import INLINE_MOST, Inputs
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run
from storyreel.vault import open_vault
from tests.desk import Desk


class Storage:
    """The service's storage of files."""

    def __init__(self) -> None:
        self.files: list[Path] = []

    async def upload(self, path: Path, mime: str, filename: str) -> str:  # noqa: ARG002 - as the client's
        self.files.append(path)
        return f"file_{len(self.files)}"


@pytest.mark.parametrize(
    ("sizes", "uploaded"),
    [
        ([1_000_000], 0),
        ([INLINE_MOST], 0),
        ([INLINE_MOST + 1], 1),
        ([500_000, 500_000], 0),
        ([600_000, 600_000], 2),
        ([100_000] * 14, 14),
        ([1_250_000] * 14, 14),
    ],
)
async def test_a_request_stays_small(tmp_path: Path, sizes: list[int], uploaded: int):
    """
    Fourteen pictures of 1.25 MB make no request of 23 MB that a slow line can never send.
    """
    files, sources = {}, []
    for n, size in enumerate(sizes):
        drawn = io.BytesIO()
        Image.new("RGB", (8, 8), (n, 0, 0)).save(drawn, "PNG")
        path = tmp_path / f"{n}.png"
        path.write_bytes(drawn.getvalue().ljust(size, b"\0"))
        footage = measure(path)
        files[footage.sha256] = footage
        sources.append(GivenFile(sha256=footage.sha256))
    storage = Storage()
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    inputs = Inputs(vault, storage, "xai", files)  # type: ignore[arg-type]
    address = GivenAddress(url="https://example.org/mira.png")

    ready = await inputs.all_ready([*sources, address])

    assert uploaded == len(storage.files)
    assert uploaded == sum(isinstance(one, ByFile) for one in ready)
    assert ready[-1] == ByUrl(url=address.url)
    body = sum(len(one.url) for one in ready if isinstance(one, ByUrl))
    assert body < 1_600_000


@pytest.mark.parametrize("trimmed", [False, True], ids=["whole", "a-part-of-it"])
async def test_footage_that_changes_meanwhile_is_not_sent(tmp_path: Path, storyboards: Path, trimmed: bool):
    """
    What goes to the service is what the plan was made from and priced for, or nothing.
    """
    own = tmp_path / "endcard.mp4"
    shutil.copyfile(storyboards / "lighthouse" / "endcard.mp4", own)
    footage = measure(own)
    source = GivenFile(sha256=footage.sha256)
    storage = Storage()
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    inputs = Inputs(vault, storage, "xai", {footage.sha256: footage})  # type: ignore[arg-type]

    own.write_bytes(own.read_bytes() + b"\0\0\0\x08free")
    with pytest.raises(VaultError, match="was changed while the film was being shot"):
        await inputs.ready(Trimmed(of=source, start=0, end=1) if trimmed else source)

    assert [] == storage.files


async def test_a_vaults_clip_that_another_run_touches_is_cut_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    Runs on one machine share the local copies of a bucket's clips, and each marks what it uses: that is no change.
    """
    plain = media.last_frame

    async def touched(clip: Path, to: Path) -> None:
        await plain(clip, to)
        os.utime(clip, (0, 0))

    monkeypatch.setattr(media, "last_frame", touched)
    desk.write(
        'defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}\nscenes:\n  - {id: coast, prompt: "A lighthouse."}\n'
        '  - {id: stair, image: {last_frame_of: coast}, prompt: "A stair."}\n'
    )
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        result = await run(session)

    assert ["coast/video", "stair/video"] == [step for step, end in result.ends.items() if isinstance(end, Clip)]
