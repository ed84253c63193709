"""
What the service hands over for a still is paid for, and the only copy: it is kept before it is judged, and never dropped.
"""

import base64
import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from PIL import Image

from storyreel.errors import StoryreelError, SubmitUnknown, VaultError
from storyreel.imagine import Patience
from storyreel.production import open as opening
from storyreel.production.lost_answers import adopt_still
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.vault.clips import Clips
from storyreel.vault.stores import folder
from tests.desk import Desk
from tests.production.gateway import Gateway, gateway
from tests.production.test_session import shot

__all__ = ["gateway"]

STILL = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: door
    image: {prompt: "An iron door."}
    prompt: "It opens."
"""
PRICE = 200_000_000


@pytest.fixture(autouse=True)
def still_board(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a board with one still on the desk, and a place for what its vault cannot take."""
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.folder / "state"))
    desk.write(STILL)


async def shoot(desk: Desk, run: str) -> str:
    """Make the still as the flow does, and return its request id."""
    async with open_session(prepare(str(desk.board)), run=run, sandbox=True) as session:
        return (await shot(session, "door/still", {})).request_id


def drawn(kind: str) -> bytes:
    """Return a picture of this kind."""
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(out, kind)
    return out.getvalue()


def answering(picture: bytes, **more: object) -> Callable[[bytes], httpx.Response]:
    """Answer a request for a still with a picture."""
    fields = {"data": [{"b64_json": base64.b64encode(picture).decode()}], "usage": {"cost_in_usd_ticks": PRICE}, **more}
    return lambda _: httpx.Response(200, json=fields)


def stills(gateway: Gateway) -> int:
    """Return how often a still was asked for."""
    return sum(path.startswith("/v1/images") for path in gateway.asked)


ODD = [
    pytest.param(b"\0\0\0\x1cftypavif" + bytes(400), "AVIF", id="avif"),
    pytest.param(drawn("GIF"), "GIF", id="gif"),
    pytest.param(drawn("BMP"), "BMP", id="bmp"),
    pytest.param(drawn("TIFF"), "TIFF", id="tiff"),
    pytest.param(b"\0\0\0\x18ftypheic" + bytes(400), "HEIC", id="heic"),
    pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(400), "no PNG, JPEG or WebP", id="jxl"),
    pytest.param(drawn("PNG")[:-30], "broken", id="png-cut"),
    pytest.param(drawn("JPEG")[:-200], "broken", id="jpeg-cut"),
    pytest.param(drawn("WEBP")[:-20], "broken", id="webp-cut"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WebP", id="svg"),
    pytest.param(b"\xff\xd8\xff", "broken", id="three-bytes"),
    pytest.param(bytes(range(256)) * 4, "no PNG, JPEG or WebP", id="noise"),
]


@pytest.mark.parametrize(("picture", "says"), ODD)
async def test_a_picture_that_cannot_be_used_is_kept_with_its_charge(
    desk: Desk, gateway: Gateway, picture: bytes, says: str
):
    """
    Whatever came in place of a picture: it is kept as it came, its step says where, and nothing is sent again.
    """
    gateway.on("/v1/images", answering(picture))
    for run in ("one", "one", "two"):
        with pytest.raises(SubmitUnknown, match=says) as caught:
            await shoot(desk, run)
    (broken,) = (desk.folder / "vault" / "clips" / "broken").iterdir()
    async with open_session(prepare(str(desk.board)), run="three", sandbox=True) as session:
        fingerprint = session.plan.step("door/still").recipe.fingerprint("sandbox")
        (attempt,) = await session.vault.attempts.of("sandbox", fingerprint)
        came = await session.vault.deliveries.delivered(attempt.claim)

    assert picture == broken.read_bytes()
    assert str(broken) in str(caught.value)
    assert "storyreel resolve" in str(caught.value)
    assert "--file PICTURE" in str(caught.value)
    assert came is not None
    assert (PRICE, "unknown") == (came.charge, attempt.state)
    assert 1 == stills(gateway)


BODIES = [
    pytest.param(b'{"data": [{"b64_json": "no base64 at all!"}]}', id="no-base64"),
    pytest.param(b'{"data": []}', id="no-data"),
    pytest.param(b'{"images": [{"b64": "AAAA"}]}', id="other-fields"),
    pytest.param(b'{"data": [{"b64_json": "AAAA', id="cut"),
    pytest.param(b"<html>made, and told by a page</html>", id="page"),
]


@pytest.mark.parametrize("body", BODIES)
async def test_an_answer_that_nobody_can_read_is_kept_whole(desk: Desk, gateway: Gateway, body: bytes):
    """
    A success in which no picture is found may have one all the same, or say where it is: a person can look.
    """
    gateway.on("/v1/images", lambda _: httpx.Response(200, content=body))
    with pytest.raises(SubmitUnknown) as caught:
        await shoot(desk, "one")
    (broken,) = (desk.folder / "vault" / "clips" / "broken").iterdir()

    assert body == broken.read_bytes()
    assert str(broken) in str(caught.value)
    assert 1 == stills(gateway)


async def test_an_answer_that_is_the_picture_itself_is_a_still(desk: Desk, gateway: Gateway):
    """
    A gateway that answers with the picture and nothing around it has made what was asked for.
    """
    gateway.on("/v1/images", lambda _: httpx.Response(200, content=drawn("JPEG")))

    assert (await shoot(desk, "one")).startswith("still-")
    assert 1 == stills(gateway)


@pytest.mark.parametrize("status", [404, 403, 500, 503])
async def test_an_address_that_fails_is_fetched_again_by_the_next_run(
    desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, status: int
):
    """
    A picture that came as an address is paid for; the address is kept, and asked again, until the picture is here.
    """
    monkeypatch.setattr("storyreel.imagine.download.backoff", lambda *_, **__: 0.01)
    url = "http://127.0.0.1/media/still.png"
    fields = {"data": [{"url": url}], "usage": {"cost_in_usd_ticks": PRICE}}
    gateway.on("/v1/images", lambda _: httpx.Response(200, json=fields))
    gateway.on("/media/still", lambda _: httpx.Response(status, content=b"not now"))
    with pytest.raises(SubmitUnknown, match="fetches it again"):
        await shoot(desk, "one")
    gateway.on(
        "/media/still", lambda _: httpx.Response(200, content=drawn("PNG"), headers={"content-type": "image/png"})
    )
    made = await shoot(desk, "two")
    async with open_session(prepare(str(desk.board)), run="three", sandbox=True) as session:
        take = await session.vault.takes.get("sandbox", made)
        spent = await session.vault.ledger.spent("sandbox", "one")

    assert take is not None
    assert (PRICE, PRICE) == (take.charge, spent)
    assert 1 == stills(gateway)


FAULTS = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG, errno.EACCES, errno.ENODEV, errno.ESTALE]


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Have each write into the vault fail with an error of the system from here on."""
    with monkeypatch.context() as patch:

        def strike(number: int) -> None:
            def fails(descriptor: int, data: bytes) -> None:
                raise OSError(number, os.strerror(number))

            patch.setattr(folder, "write_all", fails)

        strike.undo = patch.undo  # type: ignore[attr-defined]
        yield strike


@pytest.mark.parametrize("number", FAULTS, ids=[errno.errorcode[number] for number in FAULTS])
@pytest.mark.parametrize("came", ["picture", "address", "avif", "withheld"])
@pytest.mark.some(8)
async def test_what_a_vault_cannot_take_is_kept_elsewhere_and_put_there_by_the_next_run(
    desk: Desk, gateway: Gateway, struck: Callable[[int], None], number: int, came: str
):
    """
    Whatever the disk says at that moment, and whatever came: it is on this machine, the message says where, and as soon
    as the vault can be written the next run puts it there and buys nothing.
    """
    answers = {
        "picture": answering(drawn("PNG")),
        "avif": answering(b"\0\0\0\x1cftypavif" + bytes(400)),
        "address": lambda _: httpx.Response(
            200, json={"data": [{"url": "http://127.0.0.1/media/still.png"}], "usage": {"cost_in_usd_ticks": PRICE}}
        ),
        "withheld": lambda _: httpx.Response(
            400,
            json={"code": "imagine:content-moderated", "error": "rejected", "usage": {"cost_in_usd_ticks": PRICE}},
        ),
    }

    def answer(content: bytes) -> httpx.Response:
        struck(number)
        return answers[came](content)

    gateway.on("/v1/images", answer)
    gateway.on(
        "/media/still", lambda _: httpx.Response(200, content=drawn("PNG"), headers={"content-type": "image/png"})
    )
    with pytest.raises(VaultError) as caught:
        await shoot(desk, "one")
    struck.undo()  # type: ignore[attr-defined]
    elsewhere = list((desk.folder / "state" / "storyreel" / "paid").iterdir())

    assert elsewhere
    assert any(str(path) in str(caught.value) for path in elsewhere)
    if came in ("picture", "address"):
        await shoot(desk, "two")
        assert [] == list((desk.folder / "state" / "storyreel" / "paid").iterdir())
    else:
        with pytest.raises(StoryreelError, match="AVIF" if came == "avif" else "moderated"):
            await shoot(desk, "two")
    async with open_session(prepare(str(desk.board)), run="three", sandbox=True) as session:
        assert PRICE == await session.vault.ledger.spent("sandbox", "one")
    assert 1 == stills(gateway)


@pytest.mark.parametrize("number", FAULTS, ids=[errno.errorcode[number] for number in FAULTS])
@pytest.mark.parametrize("at", ["clip", "end"])
@pytest.mark.some(6)
async def test_a_clip_that_a_vault_cannot_take_outlives_its_address(
    desk: Desk,
    gateway: Gateway,
    struck: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    at: str,
):
    """
    Whatever the disk says at that moment: the clip is on this machine, the message says where, and the next run puts it
    there although the service keeps it no longer. Its charge is known.
    """
    desk.write(STILL.replace('    image: {prompt: "An iron door."}\n', ""))

    def strike(content: bytes) -> None:
        if at == "clip":
            struck(number)

    async def strikes(*given: object) -> str:
        sha256 = await kept(*given)
        struck(number)
        return sha256

    kept = Clips.keep
    if at == "end":
        monkeypatch.setattr(Clips, "keep", strikes)
    gateway.on("/media", strike)
    with pytest.raises(VaultError) as caught:
        async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
            await shot(session, "door/video", {})
    struck.undo()  # type: ignore[attr-defined]
    monkeypatch.setattr(Clips, "keep", kept)
    elsewhere = desk.folder / "state" / "storyreel" / "paid"
    (clip,) = elsewhere.glob("*.mp4")
    gateway.on("/media", lambda _: httpx.Response(404))
    gateway.on("/v1/videos/", lambda _: httpx.Response(200, json={"status": "expired"}))
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        made = await shot(session, "door/video", {})
        take = await session.vault.takes.get("sandbox", made.request_id)

    assert str(clip) in str(caught.value)
    assert take is not None
    assert (take.end, take.charge) == ("clip", take.estimate_ticks)
    assert not list(elsewhere.iterdir())
    assert 1 == sum(path.startswith("/v1/videos/generations") for path in gateway.asked)


async def test_a_clip_that_is_none_is_kept_elsewhere_too(
    desk: Desk, gateway: Gateway, struck: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
):
    """
    What came is all there is of it, and a later run that gets it whole removes the rest.
    """
    desk.write(STILL.replace('    image: {prompt: "An iron door."}\n', ""))
    monkeypatch.setattr(opening, "call", partial(opening.call, patience=Patience(fetches=1)))

    def strike(content: bytes) -> httpx.Response:
        struck(errno.ENOSPC)
        return httpx.Response(200, content=content[:-50], headers={"content-type": "video/mp4"})

    gateway.on("/media", strike)
    with pytest.raises(StoryreelError, match=r"what came is kept as /.*mp4"):
        async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
            await shot(session, "door/video", {})
    struck.undo()  # type: ignore[attr-defined]
    elsewhere = desk.folder / "state" / "storyreel" / "paid"
    assert len(list(elsewhere.glob("*.mp4"))) == 1
    gateway.changes.clear()
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        await shot(session, "door/video", {})

    assert not list(elsewhere.iterdir())


async def test_a_folder_for_temporary_files_that_is_full_is_told(
    desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    """
    The clip is made by then; the next run fetches it.
    """
    desk.write(STILL.replace('    image: {prompt: "An iron door."}\n', ""))

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("storyreel.production.collect.tempfile.TemporaryDirectory", full)
        with pytest.raises(StoryreelError, match="no room for its clip"):
            async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
                await shot(session, "door/video", {})
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        await shot(session, "door/video", {})

    assert 1 == sum(path.startswith("/v1/videos/generations") for path in gateway.asked)


async def test_a_run_that_ends_between_keeping_and_judging_loses_nothing(desk: Desk, gateway: Gateway, monkeypatch):
    """
    The picture is here before anybody looks at it: a run that dies then is taken up by the next one.
    """

    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("storyreel.production.receive.judged", dies)
        with pytest.raises(Killed):
            await shoot(desk, "one")
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        fingerprint = session.plan.step("door/still").recipe.fingerprint("sandbox")
        (attempt,) = await session.vault.attempts.of("sandbox", fingerprint)
        await session.vault.claims.answer_unknown(attempt.claim, "it died")
    made = await shoot(desk, "three")

    assert made.startswith("still-")
    assert 1 == stills(gateway)


async def test_a_picture_that_a_person_brings_keeps_the_charge(desk: Desk, gateway: Gateway, tmp_path: Path):
    """
    Turned into a picture that can be used and resolved with `--file`, it is a still with the charge that was told.
    """
    gateway.on("/v1/images", answering(b"\0\0\0\x1cftypavif" + bytes(400)))
    with pytest.raises(SubmitUnknown):
        await shoot(desk, "one")
    (tmp_path / "door.png").write_bytes(drawn("PNG"))
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        step = session.plan.step("door/still")
        (attempt,) = await session.vault.attempts.of("sandbox", step.recipe.fingerprint("sandbox"))
        await adopt_still(session.vault, step, attempt, tmp_path / "door.png")
    made = await shoot(desk, "three")
    (record,) = (desk.folder / "vault" / "sandbox" / "takes").glob("still-*")

    assert record.stem == made
    assert PRICE == json.loads(record.read_text())["charged_ticks"]
    assert 1 == stills(gateway)
