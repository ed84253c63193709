"""
A person at a terminal is asked once before the first dollar, and told where it is known that not all of it fits.
"""

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import uvicorn
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.consent import Consent, consent
from storyreel.console import agreed
from storyreel.errors import BudgetError
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare, prepare_all
from storyreel.production.status import prospect
from storyreel.sandbox import HEADER, SandboxSettings, create_app
from tests.cli.test_questions import at_a_terminal
from tests.desk import TWO, WAITING, Desk
from tests.production.patiently import buy


@pytest.fixture
def real(quick_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose key and address are those of the real API, as far as storyreel can tell: the sandbox, which does not say so."""
    plain = create_app(
        SandboxSettings(folder=quick_desk.folder / "sandbox", latency_s=0.0, submits_per_second=None), load_catalog()
    )

    async def unnamed(scope: Any, receive: Any, send: Any) -> None:
        async def without_name(message: Any) -> None:
            headers = [(name, value) for name, value in message.get("headers", ()) if name.decode() != HEADER]
            await send({**message, "headers": headers} if message["type"] == "http.response.start" else message)

        await plain(scope, receive, without_name)

    server = uvicorn.Server(
        uvicorn.Config(unnamed, port=0, lifespan="off", log_config=None, log_level="critical", access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    monkeypatch.setenv("XAI_API_KEY", "xai-key")
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("XAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    quick_desk.write(TWO)
    yield quick_desk
    server.should_exit = True
    thread.join()


def test_a_person_who_says_no_has_sent_nothing(real: Desk):
    """
    The sum of the plan, what bounds it, and how to answer stand there before the first dollar.
    """
    code, screen = at_a_terminal(real, "shoot", "small.yaml", answer="n")

    assert code == 1
    assert "to buy: 2 requests, $0.10, within the budget of $10.00 (the real API)" in screen
    assert "Buy it? [y/N]" in screen
    assert "Nothing was sent" in screen
    assert [] == real.posts()


@pytest.mark.long
def test_a_person_who_says_yes_is_asked_once(real: Desk):
    """
    And has their film; a second run has nothing to buy, and asks nothing.
    """
    code, screen = at_a_terminal(real, "shoot", "small.yaml", answer="y")
    again, stands = at_a_terminal(real, "shoot", "small.yaml", answer="n")

    assert (0, 0) == (code, again)
    assert 1 == screen.count("[y/N]")
    assert 0 == stands.count("[y/N]")
    assert 2 == len(real.posts())
    assert (real.folder / "out" / "small" / "small.mp4").exists()


def test_ctrl_c_at_the_question_ends_it_at_once(real: Desk):
    """
    One is enough: whoever presses it and types a y after it has not said yes. Nothing was sent.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "storyreel", "shoot", "small.yaml"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=real.folder) as process:
        os.close(theirs)
        screen = b""
        while b"[y/N]" not in screen:
            screen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
        screen += os.read(ours, 4096)
    os.close(ours)

    assert 130 == code
    assert b"Nothing was sent." in screen
    assert [] == real.posts()


@pytest.mark.parametrize("moment", ["before", "while it is written"])
def test_ctrl_c_just_before_the_question_ends_it_as_well(moment: str):
    """
    Whenever it is pressed, nobody has to press it twice.
    """

    class Pressed(StringIO):
        def write(self, text: str) -> int:
            signal.raise_signal(signal.SIGINT)
            return len(text)

    async def asked() -> None:
        if moment == "before":
            signal.raise_signal(signal.SIGINT)
        agreed(Console(file=StringIO() if moment == "before" else Pressed()), "Buy it?")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(asked())


class Person(StringIO):
    """Somebody at a terminal: types a line as soon as a question stands on their screen, which this is."""

    def __init__(self, keyboard: int) -> None:
        super().__init__()
        self.keyboard = keyboard
        self.line = b""

    def write(self, words: str) -> int:
        """Show some words."""
        if "[y/N]" in words:
            os.write(self.keyboard, self.line)
        return super().write(words)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Somebody who sits where standard input is a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield Person(ours)
    os.close(ours)


def test_a_ctrl_c_that_no_read_is_woken_by_ends_it_all_the_same(person: Person):
    """
    As one that comes between the question and the wait for its answer: here another thread is interrupted by the system.
    """
    pressed = threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
    pressed.start()

    with pytest.raises(KeyboardInterrupt):
        agreed(Console(file=person), "Buy it?")
    pressed.join()


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", b"\n", b"yesterday\n", b"\x04"], ids=["no-text", "empty", "not-yes", "end"]
)
def test_what_is_no_yes_is_a_no(person: Person, line: bytes):
    """
    Whatever was typed, a price is not paid by mistake.
    """
    person.line = line

    assert not agreed(Console(file=person), "Buy it?")


@pytest.mark.parametrize("ahead", [b"y\n", b"y\ny\n", b"y"], ids=["a-line", "lines", "no-line-yet"])
def test_what_was_typed_before_a_question_is_no_answer_to_it(person: Person, ahead: bytes):
    """
    It was typed by somebody who had not seen the price: only what is typed after it counts.
    """
    os.write(person.keyboard, ahead)
    person.line = b"n\n"
    refused = agreed(Console(file=person), "Buy it?")
    os.write(person.keyboard, b"n\n")
    person.line = b"y\n"

    assert not refused
    assert agreed(Console(file=person), "Buy it?")


@pytest.mark.long
@pytest.mark.parametrize(("answer", "code", "sent"), [("n", 1, 0), ("y", 6, 1)])
def test_what_does_not_fit_is_told_and_asked(real: Desk, answer: str, code: int, sent: int):
    """
    Whoever lets it begin all the same has what fits, and the step that would have passed the budget ends it.
    """
    ended, screen = at_a_terminal(real, "shoot", "small.yaml", "--budget", "0.09", answer=answer)

    assert ended == code
    assert "2 requests for about $0.10 are still to buy, and $0.09 is left of the budget of $0.09." in screen
    assert "Begin all the same, and stop before the step that would pass it? [y/N]" in screen
    assert sent == len(real.posts())


def test_where_nobody_can_be_asked_nothing_is_begun(desk: Desk):
    """
    A script ends with 6 and says what it can say; nothing was sent, and no Prefect was started for it.
    """
    desk.write(TWO)
    told = desk.shoot("--budget", "0.09", code=6)

    assert "2 requests for about $0.10 are still to buy" in told
    assert "--partial" in told
    assert "Prefect" not in told.replace("in Prefect: partial", "")
    assert [] == desk.posts()


@pytest.mark.prefect
@pytest.mark.journey
def test_what_is_paid_is_fetched_where_the_rest_does_not_fit(quick_desk: Desk):
    """
    A script whose budget is too small still brings home what another run has bought.
    """
    quick_desk.write(TWO)

    async def bought() -> None:
        async with open_session(prepare(str(quick_desk.board)), run="before", sandbox=True) as session:
            await buy(session, "coast", "video", [])

    asyncio.run(bought())
    quick_desk.shoot("--budget", "0.01", code=6)

    assert 1 == len(list((quick_desk.folder / "vault" / "clips").rglob("*.mp4")))
    assert 1 == len(quick_desk.posts())


# --- who is asked, and who is not -------------------------------------------------------------------------------------


async def asked(
    desk: Desk, person: Person, line: str, *, service: Any = "xai", terminal: bool = True, yes: bool = False, partial: bool = False,
    always: bool = False, budget: float | None = None,
) -> tuple[Consent, str]:  # fmt: skip
    """Return what is let begin of the desk's board, and what was on the screen."""
    every = prepare_all(str(desk.board), budget=budget)
    seen = [await prospect(ready.plan, ready.vault, service, ready.out) for ready in every]
    person.line = f"{line}\n".encode()
    console = Console(file=person, force_terminal=terminal, width=120, markup=False, highlight=False, color_system=None)
    may = await consent(every, seen, service, console, question="Buy it?", yes=yes, partial=partial, always=always)
    return may, person.getvalue()


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param({}, Consent.NOTHING, id="asked"),
        pytest.param({"yes": True}, Consent.ALL, id="--yes"),
        pytest.param({"budget": 5}, Consent.ALL, id="--budget"),
        pytest.param({"terminal": False}, Consent.ALL, id="no-terminal"),
        pytest.param({"service": "sandbox"}, Consent.ALL, id="a-rehearsal"),
        pytest.param({"budget": 5, "always": True}, Consent.NOTHING, id="a-redo-with-a-budget"),
        pytest.param({"service": "sandbox", "always": True}, Consent.NOTHING, id="a-redo-of-a-rehearsal"),
        pytest.param({"partial": True}, Consent.NOTHING, id="--partial"),
        pytest.param({"partial": True, "budget": 0.01}, Consent.PART, id="--partial-with-a-budget"),
        pytest.param({"partial": True, "yes": True}, Consent.PART, id="--partial-and-yes"),
        pytest.param({"budget": 0.09}, Consent.NOTHING, id="does-not-fit"),
    ],
)
async def test_who_is_asked(desk: Desk, person: Person, wishes: dict[str, Any], expected: Consent):
    """
    Somebody who would say no: they do where they are asked, and where they are not it goes on.
    """
    desk.write(TWO)
    may, screen = await asked(desk, person, "n", **wishes)

    assert may is expected
    assert (1 if expected is Consent.NOTHING else 0) == screen.count("[y/N]")


@pytest.mark.parametrize(
    "wishes",
    [{"yes": True}, {"terminal": False}, {"service": "sandbox"}],
    ids=["--yes", "no-terminal", "a-rehearsal"],
)
async def test_what_does_not_fit_is_not_begun_where_nobody_is_asked(desk: Desk, person: Person, wishes: dict[str, Any]):
    """
    Who is not to be asked has said nothing of a part.
    """
    desk.write(TWO)
    with pytest.raises(BudgetError, match="still to buy"):
        await asked(desk, person, "y", budget=0.09, **wishes)


async def test_a_cap_is_named_in_the_question(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch):
    """
    With what is left of it, where something is spent.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "20")
    monkeypatch.setenv("STORYREEL_CAP_MONTH", "0.07")
    desk.write(TWO)
    may, screen = await asked(desk, person, "y")

    assert may is Consent.PART
    assert "$0.07 is left of the month's cap of $0.07" in screen


async def test_what_waits_for_an_approval_is_told_apart(desk: Desk, person: Person):
    """
    What is sent at once, and what only after a person has approved it.
    """
    desk.write(WAITING)
    may, screen = await asked(desk, person, "y")

    assert may is Consent.ALL
    assert "to buy: 1 request, $0.02, and after approval 2 requests, $0.102, within the budget of $10.00" in screen


VARIANTS = "variants: {lisbon: {}, porto: {vars: {word: A street.}}}\nvars: {word: A door.}\n" + TWO.replace(
    '"A door."', '"{{ word }}"'
)
"""Two films: a clip that both have, and one of each, for $0.05 a clip."""


async def test_the_question_names_the_variants_that_are_left_out(desk: Desk, person: Person):
    """
    One question for all of them: what is begun with its price, what is not with the reason.
    """
    desk.write(VARIANTS)
    may, screen = await asked(desk, person, "y", always=True, budget=0.12)

    assert may is Consent.ALL
    assert "  lisbon: 2 requests, $0.10\n  porto: left out, since 1 request for about $0.05 is still to buy" in screen
    assert 1 == screen.count("[y/N]")


@pytest.mark.parametrize(("line", "expected"), [("y", Consent.PART), ("n", Consent.NOTHING)])
async def test_where_no_variant_fits_a_person_is_asked_as_for_one_film(
    desk: Desk, person: Person, line: str, expected: Consent
):
    """
    Each is named with its reason, and whoever lets them begin all the same has what fits.
    """
    desk.write(VARIANTS)
    may, screen = await asked(desk, person, line, budget=0.09)

    assert may is expected
    assert ["lisbon", "porto"] == re.findall(r"^  (\w+): left out, since 2 requests", screen, re.MULTILINE)
    assert "Begin all the same, and stop before the step that would pass it? [y/N]" in screen


async def test_where_no_variant_fits_and_nobody_is_asked_nothing_is_begun(desk: Desk, person: Person):
    """
    Before anything is started for it, with the reason of each.
    """
    desk.write(VARIANTS)
    with pytest.raises(
        BudgetError, match=r"2 of 2 variants are not made: lisbon, porto / lisbon: 2 requests .*--partial"
    ):
        await asked(desk, person, "y", terminal=False, budget=0.09)
