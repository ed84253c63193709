"""
Pictures travel inside a request while all of them together are small; else they are uploaded before anything is claimed.
"""

import base64
import hashlib
import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from storyreel import media
from storyreel.errors import VaultError
from storyreel.imagine import ByFile, ByUrl
from storyreel.media import measure
from storyreel.model.events import Event
from storyreel.model.recipe import Clip, Frame, GivenAddress, GivenFile, Recipe, Trimmed, digest
from storyreel.production.attachments import INLINE_MOST, Inputs
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.report import reported
from storyreel.production.run import run
from storyreel.vault import open_vault
from tests.desk import Desk
from tests.media.filming import film_clip, turn


class Storage:
    """The service's storage of files."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.kinds: list[tuple[str, str]] = []

    async def upload(self, path: Path, mime: str, filename: str) -> str:
        self.files.append(path)
        self.kinds.append((mime, Path(filename).suffix))
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


X264 = ("-c:v", "libx264", "-preset", "ultrafast")
HLG = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return own clips that the service does not take as they are, under a name that tells nothing."""
    folder = tmp_path_factory.mktemp("own")
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-f", "webm")
    clips = {
        "avi": film_clip(folder / "avi", encoder=("-c:v", "mpeg4", "-f", "avi"), sound=("-c:a", "mp3")),
        "webm": film_clip(folder / "webm", encoder=vp9, sound=("-c:a", "libopus")),
        "mkv": film_clip(folder / "mkv", encoder=(*X264, "-f", "matroska")),
        "ts": film_clip(folder / "ts", encoder=(*X264, "-f", "mpegts")),
        "mov": film_clip(folder / "mov", encoder=(*X264, "-f", "mov")),
        "hlg": film_clip(folder / "hlg", encoder=(*X264, *HLG, "-f", "mp4"), pix_fmt="yuv420p10le"),
        "mjpeg": film_clip(folder / "mjpeg", encoder=("-c:v", "mjpeg", "-f", "mp4"), pix_fmt="yuvj420p"),
    }
    upright = film_clip(folder / "upright.mp4", size="90x160", encoder=X264)
    return clips | {"turned": turn(upright, folder / "turned")}


def inputs_of(path: Path, place: Path) -> tuple[Inputs, Storage, GivenFile]:
    """Return the inputs of a run that has one own file, where they go, and the file as a recipe has it."""
    footage, storage = measure(path), Storage()
    vault = open_vault(str(place / "vault"), cache=place / "cache")
    files = {footage.sha256: footage}
    return Inputs(vault, storage, "xai", files), storage, GivenFile(sha256=footage.sha256)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["avi", "webm", "mkv", "ts", "mov", "hlg", "mjpeg", "turned"])
async def test_a_clip_that_the_service_does_not_take_is_sent_as_mp4(own: dict[str, Path], tmp_path: Path, kind: str):
    """
    It is encoded whole, as a player shows it, once a run; what is bought with it is known by the person's file.
    """
    inputs, storage, source = inputs_of(own[kind], tmp_path)

    await inputs.prove(source)
    assert [] == storage.files
    await inputs.ready(source)
    await inputs.ready(source)

    (sent,) = storage.files
    before, now = measure(own[kind]), measure(sent)
    assert [("video/mp4", ".mp4")] == storage.kinds
    assert ("", before.frames, before.width, before.height) == (now.converted, now.frames, now.width, now.height)
    recipe = Recipe(operation="edit-video", body={"prompt": "snow"}, inputs=(source,))
    inside = {"sha256": hashlib.sha256(own[kind].read_bytes()).hexdigest()}
    body = {"v": 1, "service": "xai", "operation": "edit-video", "body": {"prompt": "snow"}, "inputs": [inside]}
    assert digest(body) == recipe.fingerprint("xai")


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
async def test_an_mp4_that_the_service_takes_is_sent_byte_for_byte(tmp_path: Path, codec: str):
    """
    Whatever its name is.
    """
    mp4 = film_clip(tmp_path / "clip", encoder=("-c:v", codec, "-preset", "ultrafast", "-f", "mp4"))
    inputs, storage, source = inputs_of(mp4, tmp_path)

    await inputs.prove(source)
    await inputs.ready(source)

    assert [mp4.read_bytes()] == [sent.read_bytes() for sent in storage.files]
    assert [("video/mp4", ".mp4")] == storage.kinds


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("WEBP", "image/webp"),
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("BMP", "image/png"),
        ("AVIF", "image/jpeg"),
    ],
)
async def test_a_picture_is_sent_for_what_it_is(tmp_path: Path, kind: str, mime: str):
    """
    A WebP that is called .png is a WebP; a BMP is sent as the PNG that is made of it.
    """
    path = tmp_path / "p.gif"
    Image.new("RGB", (16, 9), (40, 90, 160)).save(path, kind)
    inputs, _, source = inputs_of(path, tmp_path)

    ready = await inputs.ready(source)

    assert isinstance(ready, ByUrl)
    head, _, content = ready.url.partition(";base64,")
    assert f"data:{mime}" == head
    assert (16, 9) == media.check_picture(base64.b64decode(content))[:2]


async def test_two_steps_that_ask_for_the_same_frame_send_one_picture(own: dict[str, Path], tmp_path: Path):
    """
    Two seconds may be one frame, of a clip of one's own as of a made one: it is one file, and uploaded once.
    """
    inputs, _, source = inputs_of(own["ts"], tmp_path)
    frames = [Frame(of=source, at=at, part="first_frame") for at in (0.25, 0.26, 0.0)]

    one, near, other = [await inputs.local(frame) for frame in frames]

    assert one == near
    assert one != other
    await media.frame_at(own["ts"], 0.25, tmp_path / "shown.png")
    assert (tmp_path / "shown.png").read_bytes() == one.read_bytes()


async def test_a_frame_of_a_part_of_own_footage_counts_in_that_part(own: dict[str, Path], tmp_path: Path):
    """
    Its first frame is the first of the part, which is proved before anything is bought as for a last frame.
    """
    inputs, storage, source = inputs_of(own["ts"], tmp_path)
    frame = Frame(of=Trimmed(of=source, start=0.25, end=0.5), at=0.0, part="first_frame")

    await inputs.prove(frame)
    sent = Image.open(await inputs.local(frame)).convert("L")

    await media.frame_at(own["ts"], 0.25, tmp_path / "there.png")
    await media.frame_at(own["ts"], 0.0, tmp_path / "first.png")
    there, first = (Image.open(tmp_path / name).convert("L") for name in ("there.png", "first.png"))
    apart, elsewhere = (sum(ImageStat.Stat(ImageChops.difference(sent, each)).mean) for each in (there, first))
    assert apart < 2 < elsewhere
    assert [] == storage.files


FRAMED = """defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse. [[sandbox: shorter 0.5]]"}
  - {id: stair, image: {frame_of: coast, at: 1.75}, prompt: "A stair."}
  - {id: door, image: {frame_of: coast, at: 0.5}, prompt: "A door."}
"""


async def test_a_clip_that_came_back_shorter_gives_its_last_frame_and_says_so(desk: Desk):
    """
    It is told before the request is sent, and stands with what the run did; what the clip has is no matter of a note.
    """
    desk.write(FRAMED)
    told: list[Event] = []
    prepared = prepare(str(desk.board))
    async with open_session(prepared, run="one", sandbox=True, caller=Caller(watcher=told.append)) as session:
        result = await run(session)
        lines = {line.step.id: line.note for line in await reported(session, result.ends)}
        frame, coast = result.ends["stair/video"], result.ends["coast/video"]
        assert isinstance(frame, Clip)
        assert isinstance(coast, Clip)
        await media.last_frame(await session.vault.clips.local(coast.sha256), desk.folder / "last.png")

    says = "the clip of coast came back 1.5 s long, so this begins on its last frame, and not at 1.75 s"
    mark = ("coast/video", "another length than asked; --redo coast/video makes it anew")
    assert [mark, ("stair/video", says)] == [(event.step, event.text) for event in told if event.stage == "noted"]
    assert says == lines["stair/video"]
    assert "" == lines["door/video"]
    (kept,) = {path.read_bytes() for path in (desk.folder / "vault" / "derived" / "frames").iterdir()} & {
        (desk.folder / "last.png").read_bytes()
    }
    assert kept


async def test_each_frame_that_a_shorter_clip_does_not_have_is_told_by_its_part(desk: Desk):
    """
    What a clip ends on, and what it shows on its way; the other frames are no matter of a note.
    """
    held = "last_frame: {frame_of: coast, at: 1.75}, keyframes: [{image: {frame_of: coast, at: 1.6}, at: 1}]"
    desk.write(
        FRAMED.replace("{duration", "{model: grok-imagine-video-1.5, duration").replace(
            "image: {frame_of: coast, at: 1.75}", f"image: {{frame_of: coast, at: 0.5}}, {held}"
        )
    )
    told: list[Event] = []
    async with open_session(
        prepare(str(desk.board)), run="one", sandbox=True, caller=Caller(watcher=told.append)
    ) as session:
        await run(session)

    (note,) = (event.text for event in told if event.stage == "noted" and event.step == "stair/video")
    came = "the clip of coast came back 1.5 s long, so this"
    assert note == (
        f"{came} ends on its last frame, and not at 1.75 s; {came} shows at 1 s its last frame, and not at 1.6 s"
    )


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
