"""
Choosing a take: which one a word means, what is refused with what to do, and what becomes of the storyboard's file.
"""

import stat
from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.files.own_file import own_file
from storyreel.model.plan import Plan
from storyreel.production.pin_history import PinHistory
from storyreel.production.pinning import Check, Pinned, pin, take_meant, unpin
from storyreel.production.prepare import prepare_all
from storyreel.storyboard.pin_places import place_of_pin
from storyreel.storyboard.text.source import MAX_BYTES
from storyreel.vault import Ask, Take, Vault
from tests.desk import Desk

BOARD = """\
# ours
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast   # first
    prompt: "A lighthouse."
  - id: door
    image: {prompt: "An iron door."}
    prompt: 'It opens.'
"""
VARIED = """\
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
vars: {door: iron}
variants: {one: {}, two: {vars: {door: oak}}}
scenes:
  - {id: coast, prompt: "A lighthouse.", then: [{extend: "Dusk.", duration: 2}]}
  - {id: door, image: {prompt: "A door of {{ door }}."}, prompt: "It opens."}
"""


@pytest.fixture
def board(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose board has two scenes, and a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.folder / "state"))
    desk.write(BOARD)
    return desk


@pytest.mark.parametrize(
    ("name", "trail"),
    [
        ("last-still", ("scenes", 0, "last_frame", "pin")),
        ("key-still-1", ("scenes", 0, "keyframes", 1, "image", "pin")),
        ("key-still-2", ("scenes", 0, "keyframes", 2, "image", "pin")),
    ],
)
def test_the_pin_of_a_still_stands_with_its_picture(name: str, trail: tuple[str | int, ...]):
    """
    Those that a clip shows are counted among the drawn ones.
    """
    drawn = {"image": {"prompt": "A door."}, "at": 1}
    scene = {
        "id": "face",
        "last_frame": {"prompt": "A wall."},
        "keyframes": [{"image": "a.png", "at": 2}, drawn, drawn],
    }

    assert place_of_pin({"scenes": [scene]}, scene="face", name=name) == trail


def of(desk: Desk) -> tuple[list[Plan], Vault]:
    every = prepare_all(str(desk.board))
    return [each.plan for each in every], every[0].vault


async def bought(
    vault: Vault,
    step: str,
    request_id: str,
    *,
    end: str = "clip",
    service: str = "sandbox",
    board: str = "small",
    sha256: str = "a" * 64,
) -> None:
    """Write what a run has written that bought a take of a step."""
    fingerprint = request_id.encode().hex().rjust(64, "f")[-64:]
    operation = "generate-image" if request_id.startswith("still-") else "text-to-video"
    claim = await vault.claims.claim(
        service, fingerprint, 1, ask=Ask(run_id="before", k=0), recipe={"operation": operation}, step=step,
        estimate_ticks=1, till=None, board=board,
    )  # fmt: skip
    assert claim is not None
    await vault.claims.answer_accepted(claim, request_id)
    await vault.takes.end(
        Take.model_validate({
            "service": service, "request_id": request_id, "fingerprint": fingerprint, "attempt": 1, "end": end,
            "sha256": sha256 if end == "clip" else None, "charged_ticks": 1, "estimate_ticks": 1,
        })
    )  # fmt: skip


async def pinned(desk: Desk, step_id: str, word: str) -> Pinned:
    """Pin a step as the command does."""
    plans, vault = of(desk)
    step = next(step for plan in plans for step in plan.steps if step.id == step_id)
    take, every = await take_meant(plans, step, word, vault, "sandbox")
    check = Check(desk.board, prepare_all(str(desk.board))[0].catalog, Path.cwd(), {})
    return pin(plans, step, take, every, Path.cwd(), check)


def undone(desk: Desk, step_id: str) -> tuple[str, int]:
    """Take the last pin of a step back, as the command does; return what it was, and where."""
    plans, _ = of(desk)
    back = unpin(plans, next(step for plan in plans for step in plan.steps if step.id == step_id), Path.cwd())
    return back.former, back.line


async def three_takes(vault: Vault) -> None:
    """Three takes of the coast, the second of which failed, one of the door and one of the real API."""
    await bought(vault, "coast/video", "aa8c0a59-1748")
    await bought(vault, "coast/video", "bb00", end="failed")
    await bought(vault, "coast/video", "aa8c0a77-0000")
    await bought(vault, "door/video", "dd4c3b1a-9c38")
    await bought(vault, "coast/video", "ee4c3b1a-9c38", service="xai")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("aa8c0a59-1748", "aa8c0a59-1748"),
        ("aa8c0a5", "aa8c0a59-1748"),
        ("t03", "aa8c0a77-0000"),
        ("1", "aa8c0a59-1748"),
        ("aa8c0a", "begins several ids, aa8c0a59-1748, aa8c0a77-0000; write more"),
        ("aa8", "is neither a take's number nor 6 characters"),
        ("t02", r"t02 \(bb00\) has no clip, it is failed; with a clip there are t01 \(aa8c0a59-1748\), t03"),
        ("bb00", "has no clip"),
        ("t07", "is no take that this vault has; with a clip there are t01"),
        ("dd4c3b", "is a take of door/video, and not of this step"),
        ("ee4c3b1a-9c38", "is a take of xai, and here those of sandbox count .leave --sandbox out"),
        ("11111111-1111", "is no take that this vault has"),
    ],
)
async def test_a_word_means_one_take_with_a_clip_or_is_refused_with_what_there_is(board: Desk, word: str, meant: str):
    """
    A whole id, six characters that begin one, or its number among the takes of the step.
    """
    plans, vault = of(board)
    await three_takes(vault)
    step = plans[0].step("coast/video")
    if meant.startswith("aa8"):
        take, _ = await take_meant(plans, step, word, vault, "sandbox")
        assert meant == take.request_id
        return
    with pytest.raises(SettingsError, match=meant):
        await take_meant(plans, step, word, vault, "sandbox")


async def test_a_number_that_may_be_the_beginning_of_an_id_is_none(board: Desk):
    """
    Where it can be mistaken it is asked for in another way.
    """
    plans, vault = of(board)
    await bought(vault, "coast/video", "1f400000-1748")
    step = plans[0].step("coast/video")
    with pytest.raises(
        SettingsError, match=r"1 may be the number of a take or the beginning of 1f400000-1748; say t01"
    ):
        await take_meant(plans, step, "1", vault, "sandbox")

    assert "1f400000-1748" == (await take_meant(plans, step, "t01", vault, "sandbox"))[0].request_id


async def test_the_file_keeps_its_place_its_permissions_and_its_bytes(board: Desk):
    """
    Pinned twice, the line is changed; each undo takes one back. A link to the storyboard stays a link.
    """
    _, vault = of(board)
    await three_takes(vault)
    real = board.folder / "boards" / "real.yaml"
    real.parent.mkdir()
    board.board.rename(real)
    board.board.symlink_to(real)
    real.chmod(0o640)
    one = await pinned(board, "coast/video", "t01")
    with_one = real.read_text()
    two = await pinned(board, "coast/video", "t03")
    again = await pinned(board, "coast/video", "aa8c0a77-0000")
    with_two = real.read_text()
    real.write_text(with_two + "    # a remark\n")
    first, second = undone(board, "coast/video"), undone(board, "coast/video")

    assert with_one == BOARD.replace('house."\n', 'house."\n    pin: aa8c0a59-1748\n')
    assert with_two == with_one.replace("aa8c0a59-1748", "aa8c0a77-0000")
    assert [(6, True), (6, True), (6, False)] == [(each.line, each.changed) for each in (one, two, again)]
    assert [("aa8c0a77-0000", 6), ("aa8c0a59-1748", 6)] == [first, second]
    assert real.read_text() == BOARD + "    # a remark\n"
    assert board.board.is_symlink()
    assert 0o640 == stat.S_IMODE(real.stat().st_mode)
    assert ["real.yaml"] == [path.name for path in real.parent.iterdir()]
    with pytest.raises(SettingsError, match="no pin that `storyreel pin` has written on this machine is remembered"):
        undone(board, "coast/video")


async def test_what_a_person_has_changed_since_stays(board: Desk):
    """
    A pin of their own, and a storyboard that was saved while the command was at work: neither is written over.
    """
    _, vault = of(board)
    await three_takes(vault)
    read = own_file(board.board, Path.cwd(), MAX_BYTES)
    await pinned(board, "coast/video", "t01")
    pinned_text = board.board.read_text()
    with pytest.raises(SettingsError, match="was changed meanwhile, so nothing was written"):
        read.replace("scenes: []")
    assert pinned_text == board.board.read_text()
    board.change("pin: aa8c0a59-1748", "pin: dd4c3b1a-9c38")
    with pytest.raises(SettingsError, match=r"small.yaml:6 has `pin: dd4c3b1a-9c38`; before that there was no pin"):
        undone(board, "coast/video")


async def test_a_command_that_was_killed_leaves_nothing_that_is_taken_back_for_another(board: Desk):
    """
    What was noted and never written is passed over; what was written and never noted as that is taken back.
    """
    _, vault = of(board)
    await three_takes(vault)
    await pinned(board, "coast/video", "t01")
    history = PinHistory(board.board.resolve())
    (written,) = history.of_step("coast/video")
    history.add(written.model_copy(update={"pin": "aa8c0a77-0000", "is_there": False}))

    assert ("aa8c0a59-1748", 6) == undone(board, "coast/video")
    assert BOARD == board.board.read_text()


async def test_a_take_of_one_variant_is_pinned_where_it_is_of_that_one(board: Desk):
    """
    In the variant; what stands where all have it is pinned there only if it is a take of each.
    """
    board.write(VARIED)
    _, vault = of(board)
    await bought(vault, "one:coast/video", "aa8c0a59-1748", board="small-one")
    await bought(vault, "one:door/still", "still-0000-1", board="small-one")
    await pinned(board, "one:coast/video", "t01")
    with pytest.raises(
        SettingsError, match="pin there is that of every variant, and still-0000-1 is no take of two:door"
    ):
        await pinned(board, "one:door/still", "t01")

    assert board.board.read_text() == VARIED.replace("{one: {},", "{one: {scenes: {coast: {pin: aa8c0a59-1748}}},")
    assert ["aa8c0a59-1748", None] == [plan.steps[0].pin for plan in of(board)[0]]
    undone(board, "one:coast/video")
    assert board.board.read_text() == VARIED
