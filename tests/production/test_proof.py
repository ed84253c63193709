"""
A person's own clips are proved before the first dollar: by the very ways that the film and the requests go.
"""

import json
from pathlib import Path

import pytest

from storyreel import api
from storyreel.delivery.assemble import prove_shot
from storyreel.errors import MediaError, SequenceFailed, VaultError
from storyreel.media import ffmpeg_binary
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.proof import prove
from storyreel.production.run import run
from tests.desk import Desk
from tests.media.filming import ffmpeg, film_clip

BOARD = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - id: own
    clip: own.mp4
"""
HOUSE = "480x480"


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second of footage that has to be conformed."""
    return film_clip(tmp_path_factory.mktemp("own") / "good.mp4", seconds=1, fps="12", sound=None)


@pytest.fixture(scope="session")
def spoilt(good: Path) -> bytes:
    """Return a clip that says it is whole, and whose first frame is; of the others none can be decoded."""
    return spoil(good)


def spoil(clip: Path) -> bytes:
    film = bytearray(clip.read_bytes())
    start = film.index(b"mdat") + 4
    start += 4 + int.from_bytes(film[start : start + 4], "big")  # what the encoder says of itself
    start += 4 + int.from_bytes(film[start : start + 4], "big")  # the first frame
    end = film.index(b"moov") - 4
    film[start:end] = bytes(0xA5 ^ byte for byte in film[start:end])
    return bytes(film)


def encodings(log: Path) -> int:
    """Return how often ffmpeg has encoded something of the person's file."""
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return sum(line["encodes_video"] and any(word.endswith("own.mp4") for word in line["argv"]) for line in lines)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("", id="shown"),
        pytest.param('    then: [{edit: "Add snow."}]\n', id="sent-whole"),
        pytest.param('    trim: {start: 0.5}\n    then: [{edit: "Add snow."}]\n', id="sent-in-part"),
    ],
)
@pytest.mark.some(1)
async def test_a_clip_that_cannot_be_decoded_costs_nothing(desk: Desk, spoilt: bytes, more: str):
    """
    Nothing is sent before every own clip is decoded to its end; the message names scene and file.
    """
    (desk.folder / "own.mp4").write_bytes(spoilt)
    desk.write(BOARD + more)

    with pytest.raises(MediaError, match=r"scene 'own'.*own\.mp4.*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("", id="shown"),
        pytest.param("    trim: {start: 0.5}\n", id="shown-in-part"),
        pytest.param('    then: [{edit: "Add snow."}]\n', id="sent-whole"),
        pytest.param('    trim: {start: 0.5}\n    then: [{edit: "Add snow."}]\n', id="sent-in-part"),
    ],
)
@pytest.mark.some(1)
async def test_a_clip_whose_middle_does_not_come_out_costs_nothing(desk: Desk, more: str):
    """
    A film of it can be made, in which a picture stands; so what comes out of it is counted.
    """
    encoder = ("-c:v", "mjpeg", "-cluster_time_limit", "200")
    own = film_clip(
        desk.folder / "own.mkv", seconds=3, picture="noise=alls=20", encoder=encoder, pix_fmt="yuvj420p", sound=None
    )
    film = bytearray(own.read_bytes())
    film[len(film) // 2 : len(film) * 3 // 4] = bytes(len(film) * 3 // 4 - len(film) // 2)
    own.write_bytes(film)
    desk.write(BOARD.replace("own.mp4", "own.mkv") + more)

    with pytest.raises(MediaError, match=r"scene 'own'.*own\.mkv.* is damaged: nothing can be seen .*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


async def test_without_an_ffmpeg_that_runs_nothing_is_bought(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    Also for a storyboard without a file of a person's: of what is bought no film could be cut.
    """
    desk.write("scenes: [{id: coast, prompt: A lighthouse., duration: 1}]\n")
    monkeypatch.setenv("STORYREEL_FFMPEG", "/nowhere/ffmpeg")

    with pytest.raises(MediaError, match=r"STORYREEL_FFMPEG=/nowhere/ffmpeg.*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


@pytest.mark.parametrize("frame", ["last_frame_of: own", "frame_of: own, at: 2.5"])
async def test_a_frame_that_leans_on_what_is_damaged_costs_nothing(desk: Desk, frame: str):
    """
    The clip itself is not shown: what goes out of it is one frame, and that is smeared.
    """
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "250")
    own = film_clip(desk.folder / "own.mp4", seconds=3, picture="noise=alls=20:allf=t", encoder=encoder, sound=None)
    film = bytearray(own.read_bytes())
    begin, end = len(film) // 2, len(film) * 53 // 100
    film[begin:end] = bytes(0xA5 ^ byte for byte in film[begin:end])
    own.write_bytes(film)
    desk.write(BOARD.replace('"A lighthouse."', f'"A lighthouse.", image: {{{frame}}}') + "cut: {order: [coast]}\n")

    with pytest.raises(MediaError, match=r"scene 'coast'.*own\.mp4.* is damaged: .*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


async def test_a_sound_that_cannot_be_decoded_costs_nothing(desk: Desk):
    """
    Its packets are all there, and nothing comes out of them: music, voices and effects are decoded before anything is sent.
    """
    bed = desk.folder / "bed.m4a"
    ffmpeg("-f", "lavfi", "-i", "sine=f=440:d=2", "-c:a", "aac", str(bed))
    sound = bytearray(bed.read_bytes())
    start = sound.index(b"mdat") + 4
    end = sound.index(b"moov", start) - 4
    sound[start:end] = bytes(0xA5 ^ byte for byte in sound[start:end])
    bed.write_bytes(sound)
    desk.write(BOARD.partition("  - id: own")[0] + "cut: {music: [{file: bed.m4a}]}\n")

    with pytest.raises(
        MediaError, match=r"bed\.m4a (has sound of which most|cannot be read as a sound).*Nothing was sent"
    ):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


async def test_a_film_that_cannot_be_handed_over_costs_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    An ffmpeg without ProRes, as some are built: the delivery is named, and what to do.
    """
    few = desk.folder / "ffmpeg"
    few.write_text(
        f'#!/bin/sh\ncase "$*" in *-encoders*) "{ffmpeg_binary()}" "$@" | grep -v prores; exit ;; esac\n'
        f'exec "{ffmpeg_binary()}" "$@"\n'
    )
    few.chmod(0o755)
    monkeypatch.setenv("STORYREEL_FFMPEG", str(few))
    desk.write(BOARD.partition("  - id: own")[0] + "deliver: {editor: {codec: prores}}\n")

    with pytest.raises(MediaError, match=r"delivery 'editor': codec prores wants .* prores_ks.*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


async def test_what_is_paid_is_fetched_although_a_clip_cannot_be_shown(desk: Desk, good: Path, spoilt: bytes):
    """
    A run that was killed has bought something; its clip is here before the next one says what is wrong, and buys nothing.
    """
    own = desk.folder / "own.mp4"
    own.write_bytes(good.read_bytes())
    desk.write(BOARD)
    await api.shoot(desk.board, sandbox=True)
    clips = list((desk.folder / "vault" / "clips").rglob("*.mp4"))
    for clip in clips:
        clip.unlink()
    own.write_bytes(spoilt)
    desk.write(BOARD + '  - {id: door, prompt: "A door."}\n')

    with pytest.raises(MediaError, match=r"scene 'own'.*own\.mp4.*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert 1 == len(clips)
    assert clips == list((desk.folder / "vault" / "clips").rglob("*.mp4"))
    assert 1 == len(desk.posts())


async def test_a_clip_that_would_be_copied_is_decoded_as_well(desk: Desk):
    """
    Footage that fits into the film as it is is encoded by nobody, and yet it is proved.
    """
    own = film_clip(desk.folder / "own.mp4", seconds=1, size=HOUSE, sound=None)
    own.write_bytes(spoil(own))
    desk.write(BOARD)

    with pytest.raises(MediaError, match=r"scene 'own'.*own\.mp4.*Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert [] == desk.posts()


async def test_all_clips_that_are_wrong_are_told_at_once(desk: Desk, spoilt: bytes):
    """
    Who has three bad files does not find out in three runs.
    """
    for name in ("own.mp4", "other.mp4"):
        (desk.folder / name).write_bytes(spoilt)
    desk.write(BOARD + "  - {id: other, clip: other.mp4}\n")

    with pytest.raises(MediaError, match=r"scene 'own' .* / scene 'other' "):
        await api.shoot(desk.board, sandbox=True)


async def test_a_film_that_buys_nothing_and_cannot_be_cut_names_scene_and_file(desk: Desk, good: Path, spoilt: bytes):
    """
    Every error of a cut does.
    """
    (desk.folder / "good.mp4").write_bytes(good.read_bytes())
    (desk.folder / "own.mp4").write_bytes(spoilt)
    desk.write("scenes:\n  - {id: fine, clip: good.mp4}\n  - {id: own, clip: own.mp4}\n")

    with pytest.raises(MediaError, match=r"scene 'own' \(own\.mp4\): ffmpeg failed"):
        await api.shoot(desk.board, sandbox=True)


async def test_what_was_proved_is_not_encoded_again(desk: Desk, good: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A run that is killed between proof and purchase leaves what it made; the next one, and its cut, use that.
    """
    log = desk.folder / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    (desk.folder / "own.mp4").write_bytes(good.read_bytes())
    desk.write(BOARD)

    async with open_session(prepare(str(desk.board)), run="killed", sandbox=True) as session:
        await prove(session)
    assert 1 == encodings(log)
    assert [] == desk.posts()
    async with open_session(prepare(str(desk.board)), run="again", sandbox=True) as session:
        await run(session)

    assert desk.film.exists()
    assert 1 == encodings(log)
    assert 1 == len(desk.posts())


async def test_where_nothing_is_bought_nothing_is_proved(desk: Desk, good: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A film that only has to be cut anew waits for no proof.
    """
    (desk.folder / "own.mp4").write_bytes(good.read_bytes())
    desk.write(BOARD.replace("  - id: own\n    clip: own.mp4\n", ""))
    await api.shoot(desk.board, sandbox=True)
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log := desk.folder / "log"))
    desk.write(BOARD)

    async with open_session(prepare(str(desk.board)), run="again", sandbox=True) as session:
        await prove(session)

    assert 0 == encodings(log)


async def test_nothing_is_bought_with_a_clip_that_changes_after_its_proof(desk: Desk, good: Path):
    """
    What was cut from it is right, and yet it is not what the storyboard now shows.
    """
    own = desk.folder / "own.mp4"
    own.write_bytes(good.read_bytes())
    desk.write(BOARD + '    then: [{edit: "Add snow."}]\n')
    async with open_session(prepare(str(desk.board)), run="run", sandbox=True) as session:
        await prove(session)
        own.write_bytes(good.read_bytes() + b"\0\0\0\x08free")

        with pytest.raises(VaultError, match="was changed"):
            await session.inputs.ready(session.plan.step("own/edit-1").recipe.inputs[0])

    assert [] == desk.posts()


async def test_what_is_made_of_a_clip_that_changes_meanwhile_is_not_kept(
    desk: Desk, good: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    A conformed clip is known by the content of its source, so it is never made of another one.
    """
    from storyreel import media

    own, plain = desk.folder / "own.mp4", media.conform
    own.write_bytes(good.read_bytes())
    desk.write(BOARD)
    ready = prepare(str(desk.board))

    async def meanwhile(*args: object, **how: object) -> object:
        made = await plain(*args, **how)  # type: ignore[arg-type]
        own.write_bytes(good.read_bytes() + b"\0\0\0\x08free")
        return made

    monkeypatch.setattr(media, "conform", meanwhile)
    shot = ready.plan.timeline.picture[1]

    with pytest.raises(VaultError, match="was changed"):
        await prove_shot(shot, ready.plan.timeline.size, ready.vault)

    assert [] == list((desk.folder / "vault").rglob("conformed/*"))


async def test_a_retry_that_may_buy_what_failed_proves_first(desk: Desk, good: Path, spoilt: bytes):
    """
    A plain run would not try a failed step again; a person's Retry may, and is no less careful.
    """
    own = desk.folder / "own.mp4"
    own.write_bytes(good.read_bytes())
    desk.write(BOARD.replace("A lighthouse.", "A lighthouse. [[sandbox: failed invalid_argument]]"))
    with pytest.raises(SequenceFailed):
        await api.shoot(desk.board, sandbox=True)
    own.write_bytes(spoilt)

    with pytest.raises(MediaError, match="Nothing was sent"):
        await api.shoot(desk.board, sandbox=True)

    assert 1 == len(desk.posts())
