"""
A vault moves: it is closed by a command, and whoever comes to the old place is told where it is now.
"""

import asyncio
import contextlib
import importlib
import inspect
import json
from pathlib import Path

import pytest

from storyreel.cli import vault as commands
from storyreel.cli.app import COMMANDS, app
from storyreel.cli.plan import plan
from storyreel.cli.takes import takes
from storyreel.errors import SettingsError, StoryreelError, VaultClosed, VaultError
from storyreel.production import closing
from storyreel.production.open import open_session
from storyreel.production.preflight.vault import vault as looked_at
from storyreel.production.prepare import prepare
from storyreel.settings import read_settings
from storyreel.vault import open_vault
from tests.desk import ONE, Desk
from tests.production.patiently import buy


@pytest.fixture
def left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose vault has one take in it, and is closed without a minute of waiting."""
    monkeypatch.setattr(closing.close, "__kwdefaults__", {**closing.close.__kwdefaults__, "seen_after_s": 0.0})
    desk.write(ONE.format(marker=""))

    async def bought() -> None:
        async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
            await buy(session, "coast", "video", [])

    asyncio.run(bought())
    return desk


def closed(desk: Desk, to: str = "newbox:/films/vault") -> int:
    return commands.close(str(desk.folder / "vault"), moved_to=to)


def test_a_later_run_stops_and_who_looks_is_told(left: Desk, capsys: pytest.CaptureFixture[str]):
    """
    Plan and takes show what the vault had, and say that it is closed; `storyreel doctor` says that a run would end with 5.
    """
    assert closed(left) == 0
    shown = capsys.readouterr().out
    assert "newbox:/films/vault is on another machine, and was not looked at" in shown
    assert "No claim is open: copy once more" in shown

    assert plan((left.board,), sandbox=True) == 0
    note = capsys.readouterr()
    assert "coast/video" in note.out
    assert "has moved to newbox:/films/vault: what is shown is what it had" in note.err
    (finding,) = asyncio.run(looked_at(read_settings(), None))
    assert (finding.state, finding.exit_code) == ("fault", 5)
    assert "has moved to newbox:/films/vault" in finding.words
    assert takes(left.board, sandbox=True, as_json=True) == 0
    note = capsys.readouterr()
    assert json.loads(note.out)["takes"]
    assert "has moved to newbox:/films/vault" in note.err


LOOKS = {
    "plan": "{board}",
    "why": "{board} coast",
    "page": "{board} --sandbox",
    "export": "{board} --to edit --sandbox",
    "watch": "--once",
    "status": "{folder}",
    "takes": "{board} --sandbox",
    "pin": "{board} coast t01 --sandbox",
    "costs": "",
    "budget": "",
    "resolve": "{board} --list",
    "vault": "check",
    "gc": "--yes",
    "shoot": "{board} --sandbox --rough",
}
"""What only looks at a vault, with what it is called on."""
STOPS = {
    "shoot": "{board} --sandbox --yes",
    "approve": "{board} --sandbox",
    "resolve": "{board} --all --lost --sandbox",
}
"""What would have the vault hold something more."""
GO_ON = {"films", "doctor"}
"""One shows until Ctrl-C, the other one says it among all else."""


def called(command: str, words: str, desk: Desk) -> object:
    """Call a command on the storyboard of a desk."""
    return app(
        [command, *words.format(board=desk.board, folder=desk.folder).split()],
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
    )


def test_every_command_that_has_a_vault_is_tried_with_a_closed_one():
    """
    Whoever adds one says here which of the two it is.
    """
    modules = {name: importlib.import_module(f"storyreel.cli.{name}") for name in COMMANDS if name != "vault"}
    known = {name for name, module in modules.items() if "vault" in inspect.signature(getattr(module, name)).parameters}

    assert {*LOOKS, *STOPS, *GO_ON} == known | {"vault"}


@pytest.mark.parametrize("command", LOOKS)
def test_what_only_looks_says_that_the_vault_is_closed(
    left: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
):
    """
    Beside what it shows, on standard error, so that nobody takes it for all that there is.
    """
    monkeypatch.chdir(left.folder)
    asyncio.run(open_vault("vault", cache=left.folder / "cache").closing.close("newbox:/films/vault"))

    with contextlib.suppress(SettingsError):  # of what is not fetched yet
        called(command, LOOKS[command], left)

    assert "has moved to newbox:/films/vault: what is shown is what it had" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", STOPS)
def test_what_would_be_written_stops_and_nobody_is_asked(left: Desk, monkeypatch: pytest.MonkeyPatch, command: str):
    """
    With 5, and with the place where the vault is now.
    """
    monkeypatch.chdir(left.folder)
    left.write(ONE.format(marker="") + "review: before-final\n")
    asyncio.run(open_vault("vault", cache=left.folder / "cache").closing.close("newbox:/films/vault"))

    with pytest.raises(VaultClosed, match="has moved to newbox:/films/vault"):
        called(command, STOPS[command], left)


def test_a_run_that_is_under_way_claims_nothing_after_it(left: Desk):
    """
    It has opened its session before the vault was closed, and looks again just before its claim; nothing is sent.
    """
    left.change("A lighthouse.", "A harbour.")
    before = left.posts()

    async def under_way() -> None:
        async with open_session(prepare(str(left.board)), run="two", sandbox=True) as session:
            await session.vault.closing.close("s3://films/new")
            with pytest.raises(VaultClosed, match="has moved to s3://films/new: nothing was sent"):
                await buy(session, "coast", "video", [])

    async def begun_later() -> None:
        async with open_session(prepare(str(left.board)), run="three", sandbox=True):
            raise AssertionError

    asyncio.run(under_way())
    with pytest.raises(VaultClosed):
        asyncio.run(begun_later())
    assert before == left.posts()


@pytest.mark.parametrize(
    ("to", "error", "words"),
    [
        ("vault", SettingsError, "that is the vault that is closed"),
        ("one-more-name", SettingsError, "that is the vault that is closed"),
        ("../{here}/vault/", SettingsError, "that is the vault that is closed"),
        ("ftp://me:secret@host/x", VaultError, "no kind of vault"),
        ("s3://user:secret@bucket/x", VaultError, "names no bucket that could exist"),
    ],
)
def test_what_cannot_be_the_new_place_closes_nothing(
    left: Desk, monkeypatch: pytest.MonkeyPatch, to: str, error: type[StoryreelError], words: str
):
    """
    The vault stays open, and what may be a password is not repeated.
    """
    monkeypatch.chdir(left.folder)
    Path("one-more-name").symlink_to("vault")
    with pytest.raises(error, match=words) as stop:
        closed(left, to.replace("{here}", left.folder.name))
    assert "secret" not in str(stop.value).replace(to, "")
    assert not (left.folder / "vault" / "closed.json").exists()


def test_a_vault_does_not_move_to_one_that_is_closed_itself(left: Desk, tmp_path: Path):
    """
    Nobody is sent in a circle.
    """
    assert closed(left, str(tmp_path / "b")) == 0
    (tmp_path / "b" / "sandbox").mkdir(parents=True)
    (tmp_path / "b" / "sandbox" / "x.json").write_text("{}")

    with pytest.raises(VaultClosed, match="has moved to"):
        commands.close(str(tmp_path / "b"), moved_to=str(left.folder / "vault"))


def test_a_folder_that_was_never_a_vault_is_not_closed(left: Desk, tmp_path: Path):
    """
    A name typed wrong leaves nothing behind.
    """
    with pytest.raises(VaultError, match="nothing was ever bought into it"):
        commands.close(str(tmp_path / "valt"), moved_to="s3://films/vault")
    assert not (tmp_path / "valt").exists()
