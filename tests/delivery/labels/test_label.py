"""
A film says how it was made: in its file, beside it, and signed, where there is a certificate; and stays the same film.
"""

import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from storyreel.delivery.labels.manifest import state_of
from storyreel.delivery.labels.statement import statement
from storyreel.delivery.labels.xmp import append_xmp, read_xmp
from storyreel.delivery.rough import filled
from storyreel.delivery.version_records import versions
from storyreel.errors import MediaError, SettingsError
from storyreel.media.ffmpeg import ffmpeg_binary
from storyreel.media.tags import check_same
from storyreel.model.label import Label, label_of
from storyreel.model.recipe import digest, sha256_of
from tests.delivery.labels.certificates import Certificate, certificate
from tests.delivery.labels.room import BOARD, TOP, Room
from tests.media.filming import film_clip

MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def source_type(film: Path) -> str | None:
    """Return what a film says in its XMP, as any reader of XML reads it."""
    packet = read_xmp(film)
    if packet is None:
        return None
    text = packet.decode()
    assert text.startswith("<?xpacket begin")
    (said,) = ElementTree.fromstring(text.split("?>", 1)[1].rsplit("<?", 1)[0]).iter(SOURCE_TYPE)
    return said.text


def boxes(film: Path) -> list[str]:
    content, at, kinds = film.read_bytes(), 0, []
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        kinds.append(kind.decode())
        at += size
    return kinds


async def test_a_film_that_models_made_says_so_in_its_file_and_beside_it(room: Room):
    """
    In the box that is for it, behind all others, so nothing moves in the file; its streams are those of the film as it was cut.
    """
    plan = room.plan()
    await room.film(plan)
    files = room.files(plan)

    assert MADE == source_type(files.film)
    assert ["ftyp", "moov", "free", "mdat", "uuid"] == boxes(files.film)
    check_same(await room.as_cut(plan), files.film)
    assert None is source_type(await room.as_cut(plan))
    assert (
        "This film was made with generative AI.\n\nFilm: Tram\nFile: tram.mp4\n\nGenerated:\n  by grok-imagine-video: stop/video\n\n"
        "Nothing in it is somebody's own footage, picture or recording.\n\n"
        f"The file says so itself, in its XMP (IPTC Digital Source Type): {MADE}\n"
    ) == files.label.read_text()


@pytest.mark.parametrize(
    ("scenes", "listed"),
    [
        ("scenes: [{id: stop, prompt: A}, {id: sea, clip: own.mp4}]", ["scene sea: own.mp4"]),
        ("scenes: [{id: stop, prompt: A}, {id: logo, picture: own.png, duration: 1}]", ["scene logo: own.png"]),
        (
            "scenes: [{id: stop, prompt: A}, {id: end, card: {text: End, background: own.png}, duration: 1}]",
            ["card end: own.png"],
        ),
        ("scenes: [{id: stop, prompt: A, sounds: [{file: own.wav, at: 0}]}]", ["sound over stop: own.wav"]),
        ("scenes: [{id: stop, prompt: A}]\ncut: {music: [{file: own.wav}]}", ["music: own.wav"]),
        (
            "scenes: [{id: stop, prompt: A}]\ndeliver: {master: {overlay: {file: own.png}}}",
            ["picture over all of it: own.png"],
        ),
        ("scenes: [{id: stop, clip: own.mp4, then: [{edit: At night}]}]", ["scene stop: own.mp4"]),
    ],
)
def test_own_footage_pictures_and_recordings_make_a_film_a_composite(
    room: Room, own: Path, scenes: str, listed: list[str]
):
    """
    What of it is whose stands in the label; a clip of their own that a model has changed is both.
    """
    plan = replace(room, folder=own).plan(TOP + scenes)

    label = label_of(plan, plan.films[0], "xai")
    assert label is not None
    assert COMPOSED == label.uri
    words = statement(plan, plan.films[0], label, name="tram.mp4", signed=False)
    assert [f"  {each}" for each in listed] == words.split("Not generated:\n")[1].splitlines()[: len(listed)]


@pytest.mark.parametrize(
    "scenes",
    [
        "scenes: [{id: stop, image: own.png, prompt: A}, {id: end, card: {text: End}, duration: 1}]",
        "scenes: [{id: sea, clip: own.mp4}, {id: stop, image: {last_frame_of: sea}, prompt: A}]\ncut: {order: [stop]}",
    ],
)
def test_what_a_model_was_given_and_words_on_a_card_make_no_composite(room: Room, own: Path, scenes: str):
    """
    A picture that a clip begins with is not in the film; the model's is.
    """
    plan = replace(room, folder=own).plan(TOP + scenes)

    label = label_of(plan, plan.films[0], "xai")
    assert label is not None
    assert MADE == label.uri


def test_the_models_of_stills_that_clips_begin_with_are_named_too(room: Room):
    """
    They are shown as what is made of them.
    """
    plan = room.plan(TOP + "scenes: [{id: stop, image: {prompt: A stop}, prompt: A tram stops}]")

    label = label_of(plan, plan.films[0], "xai")
    assert label is not None
    assert ("grok-imagine-image", "grok-imagine-video") == label.models


async def test_a_rough_cut_says_what_of_it_is_there(room: Room):
    """
    What is still to be made by a model was not made by it, and own footage that cannot be shown is not in it.
    """
    plan = room.plan(TOP + "scenes: [{id: stop, prompt: A}, {id: sea, prompt: B, model: grok-imagine-video-1.5}]")
    (film,) = plan.films

    for there, models in ((["stop/video"], ("grok-imagine-video",)), ([], None)):
        timeline = await filled(film.timeline, dict.fromkeys(there, room.clip), {}, room.vault)
        label = label_of(plan, replace(film, timeline=timeline), "xai")
        assert models == (None if label is None else label.models)


async def test_a_rehearsal_and_a_film_that_nobody_generated_say_nothing_of_models(room: Room):
    """
    Neither in the file nor beside it.
    """
    rehearsal = replace(room, service="sandbox")
    await rehearsal.film(room.plan())
    nobodys = room.plan(TOP + "scenes: [{id: end, card: {text: End}, duration: 0.5}]")
    await room.film(nobodys)

    for files in (rehearsal.files(room.plan()), room.files(nobodys)):
        assert None is source_type(files.film)
        assert not files.label.exists()


async def test_label_none_leaves_the_label_away_in_all_films_or_in_one(room: Room):
    """
    What stood beside the film is taken away, and a file of a person's own is not.
    """
    deliver = "deliver: {square: {order: [stop]}, plain: {label: none}}\n"
    plan = room.plan(BOARD + deliver)
    for at in range(3):
        await room.film(plan, at)
    said = {films.film.name: source_type(films.film) for at in range(3) if (films := room.files(plan, at))}
    assert {"tram.mp4": MADE, "tram.square.mp4": MADE, "tram.plain.mp4": None} == said

    files, square = room.files(plan), room.files(plan, 1)
    square.label.write_text("Mine.")
    none = room.plan(BOARD + deliver + "label: none\n")
    for at in range(3):
        await room.film(none, at)
    assert [None] * 3 == [source_type(room.files(plan, at).film) for at in range(3)]
    assert not files.label.exists()
    assert "Mine." == square.label.read_text()
    assert None is source_type(await room.as_cut(plan))
    of_master = room.plan(BOARD + "deliver: {master: {label: none}, square: {order: [stop]}}")
    assert [False, True] == [film.board.is_labelled for film in of_master.films]


async def test_a_film_that_was_put_there_before_there_were_labels_is_made_anew_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    """
    Its copy alone: nothing is cut, encoded or kept as another version. One that is to say nothing stays as it is.
    """
    none, plan = room.plan(BOARD + "label: none"), room.plan()
    await room.film(none)
    files = room.files(plan)
    before = sha256_of(files.film)
    tags = {"title": "Tram", "language": "", "spoken": "", "captions": [], "chapters": []}
    known = digest({"v": 1, "film": sha256_of(await room.as_cut(none)), "tags": tags})
    assert await room.vault.clips.find_derived("tagged", f"{known}.json"), "as copies were known before labels"

    film = await room.there(plan)
    assert film is not None
    assert film.fresh
    assert before != sha256_of(files.film)
    film = await room.there(plan)
    assert film is not None
    assert not film.fresh
    assert () == versions(files.film.parent)

    film = await room.there(none)
    assert film is not None
    assert film.fresh
    assert before == sha256_of(files.film)


async def test_a_signed_film_is_the_same_film_verifies_and_is_not_signed_again(room: Room, signing: Certificate):
    """
    Its manifest holds, its XMP is there, its packets are those of the film as it was cut, and it is decoded whole.
    """
    plan = room.plan(BOARD + "deliver: {master: {}, editor: {codec: prores}}")
    await room.film(plan)
    film = room.files(plan).film

    assert "Valid" == state_of(film)
    assert MADE == source_type(film)
    assert ["ftyp", "uuid", "moov", "free", "mdat", "uuid"] == boxes(film)
    check_same(await room.as_cut(plan), film)
    decoded = subprocess.run(
        [ffmpeg_binary(), "-v", "error", "-xerror", "-i", str(film), "-f", "null", "-"], capture_output=True, check=True
    )
    assert b"" == decoded.stderr
    assert "It has a C2PA manifest that says the same, and is signed.\n" in room.files(plan).label.read_text()

    before = film.stat()
    there = await room.there(plan)
    assert there is not None
    assert not there.fresh
    assert before == film.stat()
    assert [] == [path.name for path in film.parent.iterdir() if path.name.endswith(".half")]


async def test_what_is_changed_in_a_signed_film_breaks_its_manifest(room: Room, signing: Certificate):
    """
    A frame, or the label.
    """
    await room.film(room.plan())
    film = room.files(room.plan()).film
    content = film.read_bytes()

    for place in (content.index(b"mdat") + 100, content.index(MADE.encode(), content.index(b"<x:xmpmeta")) + 70):
        film.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert "Invalid" == state_of(film)


async def test_another_certificate_signs_a_film_anew_and_nothing_is_cut(
    room: Room, signing: Certificate, monkeypatch: pytest.MonkeyPatch
):
    """
    One that is configured, one that takes its place, none any more.
    """
    plan = room.plan()
    await room.film(plan)
    signed = sha256_of(room.files(plan).film)
    for cert in (certificate(room.folder / "next"), None):
        for name, path in (("CERT", cert and cert.cert), ("KEY", cert and cert.key)):
            monkeypatch.setenv(f"STORYREEL_C2PA_{name}", str(path or ""))
        film = await room.there(plan)
        assert film is not None
        assert film.fresh
        assert signed != sha256_of(room.files(plan).film)
    assert None is state_of(room.files(plan).film)
    assert () == versions(room.files(plan).film.parent)


async def test_films_that_take_turns_are_kept_once_although_each_is_signed_anew(room: Room, signing: Certificate):
    """
    A signature is never the same twice; the film is. What gave way last is the newest.
    """
    one, two = room.plan(), room.plan(BOARD + "cut: {close: fade-black}")
    for _ in range(2):
        await room.film(one)
        await room.film(two)

    folder = room.files(one).film.parent
    assert ["tram-0001", "tram-0002"] == [version.folder.name for version in versions(folder)]


async def test_a_mov_is_labelled_and_signed_as_well(room: Room, signing: Certificate):
    """
    As it is handed to an editor.
    """
    plan = room.plan(BOARD + "deliver: {master: {codec: prores}}")
    await room.film(plan)
    film = room.files(plan).film

    assert ".mov" == film.suffix
    assert "Valid" == state_of(film)
    assert MADE == source_type(film)


async def test_a_film_that_cannot_be_signed_leaves_the_one_that_is_there(
    room: Room, signing: Certificate, monkeypatch: pytest.MonkeyPatch
):
    """
    Nobody answers who is to say when it was signed: no half of a film is left, and none that is not signed.
    """
    plan = room.plan()
    await room.film(plan)
    files = room.files(plan)
    before = files.film.read_bytes()
    monkeypatch.setenv("STORYREEL_C2PA_TIMESTAMP", "http://127.0.0.1:9/")

    with pytest.raises(SettingsError, match=r"with STORYREEL_C2PA_TIMESTAMP=http://127\.0\.0\.1:9"):
        await room.film(room.plan(BOARD.replace("Tram", "Trem")))
    assert before == files.film.read_bytes()
    assert [] == [path.name for path in files.film.parent.iterdir() if ".half" in path.name]


def test_a_file_that_is_not_whole_is_not_written_to(tmp_path: Path):
    """
    Its last box would swallow the label.
    """
    film = film_clip(tmp_path / "film.mp4")
    film.write_bytes(film.read_bytes()[:-1])
    before = film.read_bytes()

    with pytest.raises(MediaError, match=r"film\.mp4 has a box that does not end in it, at byte \d+"):
        append_xmp(film, Label(source="trainedAlgorithmicMedia", models=("m",)))
    assert before == film.read_bytes()


@pytest.mark.long
async def test_exiftool_reads_the_label(room: Room, signing: Certificate):
    """
    As XMP, in its name for it, of a signed MP4 and a MOV alike.
    """
    exiftool = shutil.which("exiftool")
    assert exiftool is not None, "`make walk` installs it"
    for codec in ("h264", "prores"):
        plan = room.plan(BOARD + f"deliver: {{master: {{codec: {codec}}}}}")
        await room.film(plan)
        read = subprocess.run(
            [exiftool, "-s", "-G1", "-XMP:all", "-validate", str(room.files(plan).film)],
            capture_output=True,
            check=True,
            text=True,
        )
        assert f"[XMP-iptcExt]   DigitalSourceType               : {MADE}" in read.stdout
        assert "Validate                        : OK" in read.stdout
