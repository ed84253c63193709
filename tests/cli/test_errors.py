"""
The rim of the command line: whatever is raised below is one line and the right exit code, never a traceback.
"""

import asyncio
import builtins
import errno
import inspect
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import cyclopts
import httpx
import pytest
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.text import Text

from storyreel import errors
from storyreel.cli import app as cli
from storyreel.cli import render
from storyreel.cli.errors import Screen, at_the_rim, ending
from storyreel.cli.gc import sweep_vault
from storyreel.cli.render import print_table
from storyreel.console import say
from storyreel.defects import foreseen, known, without_secrets
from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.errors import SequenceFailed, TakeModerated
from storyreel.production.outcomes import RETRY
from tests.desk import Desk

PLAIN = "scenes: [{id: a, prompt: A lighthouse.}]\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have logs written into a folder of this test's, and return it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "storyreel" / "defects"


def kinds() -> Iterator[BaseException]:
    """Yield one of every exception that Python, storyreel and the network have, and some that lie."""
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.StoryreelError):
            if kind is errors.StoryboardError:
                yield kind([Diagnostic("unreadable-file", Place("b.yaml", 1, 1), "wrong")])
            elif kind is errors.SettingsFileError:
                yield kind(["storyreel.toml:1:1: no"])
            elif kind is errors.SequenceFailed:
                yield kind("1 of 2 steps failed", ["a/video: no"], [ValueError("no")])
            elif kind is errors.NotReached:
                yield kind("b/video", because="a/video")
            else:
                error = kind.__new__(kind)
                Exception.__init__(error, "no")
                yield error
    for kind in vars(builtins).values():
        plain = inspect.isclass(kind) and issubclass(kind, BaseException) and not issubclass(kind, Warning | SystemExit)
        if plain and kind is not BaseException and not issubclass(kind, UnicodeError | BaseExceptionGroup):
            yield kind(errno.ENOSPC, "full", "/films/a.mp4") if issubclass(kind, OSError) else kind("one\ntwo")
    yield asyncio.CancelledError()
    yield UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
    yield httpx.ConnectError("no\nroute")
    yield ExceptionGroup("many", [ValueError("a"), errors.MediaError("b")])
    yield BaseExceptionGroup("all stopped", [KeyboardInterrupt(), asyncio.CancelledError()])
    yield type("Mute", (Exception,), {"__str__": lambda _: 1 / 0})()


def code_of(error: BaseException) -> int:
    """Return the exit code that belongs to an exception."""
    match error:
        case errors.StoryreelError():
            return error.exit_code
        case KeyboardInterrupt() | asyncio.CancelledError():
            return 130
        case BaseExceptionGroup() if not isinstance(error, Exception):
            return 130
        case MemoryError():
            return 2
        case httpx.HTTPError() | ConnectionError():
            return 3
        case OSError():
            return 2
        case _:
            return 70


@pytest.mark.parametrize("command", ["check", "plan", "shoot", "approve", "resolve", "takes"])
@pytest.mark.some(2)
def test_whatever_is_raised_in_a_command_is_a_line_and_a_code(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    Every exception there is, in every command: one line on stderr, the code of its stage, 70 for what nobody foresaw.
    """
    raised: list[BaseException] = []

    def fail(*_: object, **__: object) -> None:
        raise raised[-1]

    board = tmp_path / "board.yaml"
    board.write_text(PLAIN)
    for reading in ("cli.check.read_plans", "production.prepare.read_plans"):
        monkeypatch.setattr(f"storyreel.{reading}", fail)
    words = [command, str(board), *(["a", "--lost"] if command == "resolve" else [])]
    for error in kinds():
        raised.append(error)
        code = at_the_rim(lambda: cli.app(words, exit_on_error=False, print_error=False))
        told = capsys.readouterr().err

        assert (error, code_of(error)) == (error, code)
        assert "Traceback" not in told
        if code == 130:
            assert told == ""
        elif not isinstance(error, errors.StoryboardError | errors.SequenceFailed):
            assert told.startswith("storyreel: ")
            assert 1 == told.count("\n")
    assert len(raised) > 70


def test_what_nobody_foresaw_is_written_down_without_the_key(state: Path, monkeypatch: pytest.MonkeyPatch):
    """
    The line names a log of this person's alone, which has the traceback; the key is a row of stars in both.
    """
    monkeypatch.setenv("XAI_API_KEY", "canary/+%-0123456789")
    try:
        raise ZeroDivisionError("of canary/+%-0123456789 and canary%2F%2B%25-0123456789 at https://me:pass@host/")
    except ZeroDivisionError as error:
        words, code = ending(error)
    (log,) = state.iterdir()
    written = log.read_text()

    assert code == 70
    assert str(log) in words
    assert "ZeroDivisionError: of *** and *** at https://***@host/" in words
    assert "Traceback" in written
    assert "in test_what_nobody_foresaw" in written
    assert "canary" not in words + written
    assert "me:pass" not in words + written
    assert 0o600 == log.stat().st_mode & 0o777


def test_a_log_that_cannot_be_written_is_no_second_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    Where no folder can be written the line is told all the same.
    """
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))

    assert ("no log could be written" in ending(KeyError("a"))[0]) is True


def test_logs_do_not_fill_a_disk(state: Path):
    """
    However often something fails, so many logs are left; and a text of megabytes makes a small one.
    """
    for number in range(60):
        known(ValueError(f"{number} " + "x" * 5_000_000 if number == 59 else number))

    assert 50 == len(list(state.iterdir()))
    assert 300_000 > max(log.stat().st_size for log in state.iterdir())


def test_a_setting_that_prefect_does_not_take_is_no_defect(monkeypatch: pytest.MonkeyPatch):
    """
    A person has it in their shell for other work: it is named, and nothing is reported.
    """

    class LoggingSettings(BaseModel):
        """As Prefect has them."""

        level: Literal["DEBUG", "INFO"]

    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "chatty")
    with pytest.raises(ValidationError) as caught:
        LoggingSettings(level="CHATTY")  # type: ignore[arg-type]

    words, code = ending(caught.value)

    assert 2 == code
    told = "Prefect does not take what is set for it (level is 'CHATTY'); look at PREFECT_LOGGING_LEVEL"
    assert f"storyreel: {told}" == words


async def test_in_a_run_it_is_one_line_too():
    """
    What a step raises becomes a state's message on Prefect's page: storyreel's own error, in one line.
    """
    with pytest.raises(errors.Unforeseen) as caught:
        async with foreseen():
            raise ValueError("one\ntwo")

    assert "\n" not in str(caught.value)
    assert 70 == errors.SequenceFailed("1 of 1 steps failed", [], [caught.value]).exit_code


@pytest.mark.parametrize("secret", ["xai-abcdefghij0123", "Bearer abcdefghij0123", "https://a:b@c.example"])
def test_what_looks_like_a_secret_is_masked(secret: str):
    """
    A key of the service, a token, a password in an address: whatever looks like one is stars.
    """
    assert "***" in without_secrets(f"see {secret} there")
    assert secret not in without_secrets(f"see {secret} there")


def test_a_process_that_nobody_looks_at_ends_with_a_line_too(state: Path):
    """
    A worker, a server, a run of its own: its log has one line and the path of the rest, and its end has the code.
    """
    words = "from storyreel.defects import to_the_end; to_the_end(lambda: {}['a'])"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=60, check=False)
    (log,) = state.iterdir()

    assert 70 == done.returncode
    assert done.stderr.startswith("storyreel: nobody foresaw this: KeyError: 'a'.")
    assert 1 == done.stderr.count("\n")
    assert "Traceback" in log.read_text()


# --- output that cannot be written --------------------------------------------------------------------------------


STAND_INS = """
storyreel() { python -P -m storyreel "$@"; echo "ends $?" >&9; }
storyreel check small.yaml >&-
storyreel check small.yaml >&- 2>&- <&-
storyreel check none.yaml >&- 2>&- <&-
storyreel check --json small.yaml >/dev/full
storyreel check small.yaml 2>/dev/full
storyreel plan small.yaml --sandbox | true
PYTHONUNBUFFERED=1 storyreel plan --json small.yaml --sandbox | true
mv small.yaml $'b\\xff.yaml'; PYTHONIOENCODING=ascii storyreel check $'b\\xff.yaml'
mkdir gone; cd gone; rmdir ../gone; storyreel check small.yaml
"""


@pytest.mark.long
def test_output_that_nobody_takes_is_no_defect(desk: Desk):
    """
    Closed streams, a full disk, a reader that has gone, a folder that is no more: a code of the list, no traceback.
    """
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", f"exec 9>&1; {STAND_INS}"], cwd=desk.folder, env=env, capture_output=True, text=True, timeout=120
    )
    codes = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("ends ")]

    assert [0, 0, 2, 2, 0, 0, 0, 0, 2] == codes, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("words", "env", "code"),
    [
        pytest.param("shoot small.yaml --budget 1e308 --sandbox", {}, 2, id="budget"),
        pytest.param("shoot small.yaml --budget nan --sandbox", {}, 2, id="budget-nan"),
        pytest.param("gc --vault /dev/null/vault", {}, 5, id="vault-below-a-file"),
        pytest.param("films --port 99999", {}, 2, id="odd-port"),
        pytest.param("films --port -1", {}, 2, id="negative-port"),
        pytest.param("films --host a..b", {}, 2, id="odd-host"),
        pytest.param("studio --folder ~nosuchuser/x", {}, 2, id="home-of-nobody"),
        pytest.param("check small.yaml", {"STORYREEL_CATALOG": "~nosuchuser/x"}, 2, id="catalogue-of-nobody"),
        pytest.param("studio", {"PREFECT_HOME": "~nosuchuser/x"}, 2, id="home-of-prefect-of-nobody"),
        pytest.param("sweep", {"PREFECT_PROFILES_PATH": "~nosuchuser/x"}, 2, id="profiles-of-nobody"),
        pytest.param("plan small.yaml", {"STORYREEL_VAULT": "~nosuchuser/x"}, 5, id="vault-of-nobody"),
        pytest.param("sandbox --port 99999", {}, 2, id="odd-port-of-the-sandbox"),
        pytest.param("sandbox --port 0 --latency nan", {}, 2, id="odd-latency-of-the-sandbox"),
        pytest.param("check small.yaml", {"HOME": "", "XDG_DATA_HOME": ""}, 0, id="no-home"),
        pytest.param("plan small.yaml", {"HOME": "/proc/nowhere"}, 0, id="home-that-is-none"),
        pytest.param("check small.yaml", {"STORYREEL_CATALOG": "/proc/self/mem"}, 2, id="catalogue-of-the-kernel"),
        pytest.param("check inf.yaml", {}, 2, id="budget-of-the-board"),
        pytest.param("check brackets.yaml", {}, 2, id="brackets"),
        pytest.param("check digits.yaml", {}, 2, id="digits"),
        pytest.param("check small.yaml", {"STORYREEL_CATALOG": "inf.toml"}, 2, id="infinite-price"),
        pytest.param("check small.yaml", {"STORYREEL_CATALOG": "brackets.toml"}, 2, id="brackets-of-the-catalogue"),
        pytest.param("check small.yaml", {"STORYREEL_CATALOG": "digits.toml"}, 2, id="digits-of-the-catalogue"),
        pytest.param(
            "plan small.yaml --sandbox", {"STORYREEL_VAULT": "file:/dev/full/[/y]"}, 5, id="brackets-in-a-path"
        ),
    ],
)
def test_odd_settings_are_no_defect(
    desk: Desk, words: str, env: dict[str, str], code: int, monkeypatch: pytest.MonkeyPatch
):
    """
    Amounts, ports, hosts, homes, catalogues and paths that are none: a line and a code of the list.
    """
    monkeypatch.chdir(desk.folder)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    Path("inf.yaml").write_text(f"budget: 1e308\n{PLAIN}")
    Path("digits.yaml").write_text(f"budget: {'9' * 5000}\n{PLAIN}")
    Path("brackets.yaml").write_text("[" * 100_000)
    Path("inf.toml").write_text("[video.grok-imagine-video.price]\nsecond = {'480p' = inf}")
    Path("brackets.toml").write_text(f"a = {'[' * 100_000}")
    Path("digits.toml").write_text(f"[limits]\nprompt_characters = {'9' * 5000}")

    assert code == at_the_rim(lambda: cli.app(words.split(), exit_on_error=False, print_error=False))


# --- text is text ---------------------------------------------------------------------------------------------------

ODD = "[/y] [bold]b[/bold] [link=x] :smile: \\[ [red"


def test_a_title_is_shown_as_it_is_written(desk: Desk):
    """
    Brackets and colons in a title are no markup, in `check`, in `plan` and in `shoot`.
    """
    desk.write(f"title: '{ODD}'\n{PLAIN}")

    assert f"right: {ODD}, 1 scene" in desk.run("check", "small.yaml")
    assert f"{ODD}  " in desk.run("plan", "small.yaml", "--sandbox")


def test_a_vault_with_brackets_in_its_path_can_be_swept(tmp_path: Path):
    """
    `gc` names the vault as it is called.
    """
    vault = tmp_path / "[/y] :smile:"
    console = Console(file=io.StringIO(), width=400)

    assert 0 == sweep_vault(str(vault), yes=True, console=console)
    assert f"Nothing in {vault} can be freed" in console.file.getvalue()  # type: ignore[attr-defined]


def test_who_shoots_here_is_not_sent_to_a_button_that_their_run_has_not():
    """
    Prefect's page retries runs of deployments; what was begun at the command line is run again there.
    """
    line = (
        f"face/video: moderated; change its prompt, or make it again with --redo face/video{RETRY} [text-to-video, m]"
    )
    words, code = ending(SequenceFailed("1 of 2 steps failed", [line], [TakeModerated("moderated", request_id="71c2")]))

    assert 3 == code
    assert str(words) == (
        "storyreel: 1 of 2 steps failed\n"
        "  face/video: moderated; change its prompt, or make it again with --redo face/video [text-to-video, m]"
    )


def test_nothing_is_printed_as_markup():
    """
    All that the command line prints goes through `say`, or is a drawing of its own.
    """
    folder = Path(render.__file__).parent
    lines = [
        f"{path.name}: {line.strip()}"
        for path in folder.rglob("*.py")
        for line in path.read_text().splitlines()
        if ("console.print(" in line or "console.input(" in line) and "Text" not in line and "(table)" not in line
    ]

    assert [] == lines


def test_no_text_commands_a_terminal(capsys: pytest.CaptureFixture[str]):
    """
    What a service or a record brings along of control characters is shown as a mark, in a line and in a table; our own colours stand.
    """
    hostile, screen = "moderated\x1b[2J \x9b1m by \x1b]0;x", Screen()
    say(screen, hostile)
    screen.print(hostile)
    print_table(screen, ["step", "why"], [[Text("a"), Text(hostile)]])
    shown = capsys.readouterr().out

    assert 2 == shown.count("moderated\ufffd[2J \ufffd1m by \ufffd]0;x\n")
    assert 3 == shown.count("moderated\ufffd[2J")
    assert not {"\x1b", "\x9b"} & set(shown)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((errors.AwaitingApproval("stills wait"), errors.SubmitUnknown("the line went dead")), 7),
        ((errors.SubmitUnknown("the line went dead"), errors.VaultError("full"), errors.NotReached("b", "a")), 7),
        ((errors.SubmitUnknown("the line went dead"), ZeroDivisionError()), 70),
        ((errors.AwaitingApproval("stills wait"), errors.MediaError("no ffmpeg")), 8),
        ((errors.BudgetError("all of it"), errors.MediaError("no ffmpeg")), 6),
        ((errors.NotReached("b", "a"),), 3),
    ],
)
def test_of_several_causes_the_gravest_gives_the_exit_code(parts: tuple[BaseException, ...], code: int):
    """
    What may have been billed and is known to nobody is not hidden by a person who is waited for.
    """
    assert code == SequenceFailed("2 failed", [], parts).exit_code


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "costs my film",
            "storyreel costs does not take 'my', 'film': a name with spaces in it stands in quotes\nSee: storyreel costs --help",
        ),
        ("takes --nope x", "Unknown option: --nope.\nSee: storyreel takes --help"),
        (
            "vault check x",
            "storyreel vault check does not take 'x': a name with spaces in it stands in quotes\nSee: storyreel vault check --help",
        ),
        ("plam", 'Unknown command "plam". Did you mean "plan"?'),
    ],
)
def test_a_line_that_no_command_takes_is_told_with_the_help_of_that_command(line: str, told: str):
    """
    In our words, where the reader of the line would show a list of Python's.
    """
    with pytest.raises(cyclopts.CycloptsError) as refused:
        cli.app(line.split(), exit_on_error=False, print_error=False)
    words, code = ending(refused.value)

    assert 2 == code
    assert str(words).startswith(told)
