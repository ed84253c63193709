"""
A message to whoever wants to hear of a night: it arrives, or one line says why not; the address is nowhere to be read.
"""

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from storyreel.desk import notification
from storyreel.desk.notification import NotSent, send_message
from storyreel.notify_address import NotifyAddress
from tests.desk.receiver import receiving

# apprise loads all that it can do, of which some stands on what Python 3.13 has no more.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TOKEN = "t0ken-4711-s3cret"
"""What lets in whoever has the address."""


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Return what comes to the root of all loggers, as to a worker's log."""
    lines: list[str] = []

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    log = Log()
    logging.getLogger().addHandler(log)
    yield lines
    logging.getLogger().removeHandler(log)


def at(port: int, scheme: str = "json") -> NotifyAddress:
    return NotifyAddress(f"{scheme}://ana:{TOKEN}@127.0.0.1:{port}/{TOKEN}/nights?+X-Token={TOKEN}")


async def test_a_message_arrives_as_it_is_written():
    """
    Plain text with its title, and lines where they were.
    """
    with receiving() as receiver:
        await send_message(at(receiver.port), "Dailies 2026-11-28", "2 of 2 films are current.\n\n- a.yaml: shot")
    (message,) = receiver.messages

    assert "Dailies 2026-11-28" == message["title"]
    assert "2 of 2 films are current.\n\n- a.yaml: shot" == message["message"]


async def test_nothing_secret_is_sent(monkeypatch: pytest.MonkeyPatch):
    """
    Neither a key of the environment nor an address with a password in it, whatever a report repeats.
    """
    monkeypatch.setenv("XAI_API_KEY", "canary-of-the-service")
    with receiving() as receiver:
        monkeypatch.setenv("STORYREEL_NOTIFY", at(receiver.port))
        report = f"failed: canary-of-the-service at s3://me:password@bucket, {TOKEN}, {at(receiver.port)}"
        await send_message(at(receiver.port), "Dailies", report)

    assert "failed: *** at s3://***@bucket, ***, ***" == receiver.messages[0]["message"]


async def test_all_who_are_named_are_told_and_who_does_not_take_it_is_said():
    """
    One of two addresses does not work: the other one has got the message.
    """
    with receiving(500) as broken, receiving() as receiver:
        addresses = NotifyAddress(f"{at(broken.port)} {at(receiver.port)}")
        with pytest.raises(NotSent, match=r"JSON did not take it; .*500") as caught:
            await send_message(addresses, "Dailies", "2 of 2 films are current.")

    assert 1 == len(receiver.bodies)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("address", [f"nobody-knows-this://{TOKEN}", f"slack://{TOKEN}", f"mailto://ana:{TOKEN}@"])
async def test_an_address_that_is_none_is_said_without_it(address: str, logged: list[str]):
    """
    What apprise says of it has the address in it, and goes to no log.
    """
    with pytest.raises(NotSent, match="an address is none that apprise knows") as caught:
        await send_message(NotifyAddress(address), "Dailies", "2 of 2 films are current.")

    assert TOKEN not in str(caught.value)
    assert [] == [line for line in logged if TOKEN in line]


async def test_where_nobody_answers_it_is_said_without_the_address(capfd: pytest.CaptureFixture[str]):
    """
    Nobody listens at that port.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent, match="JSON did not take it") as caught:
        await send_message(at(port), "Dailies", "2 of 2 films are current.")

    assert TOKEN not in str(caught.value)
    assert TOKEN not in "".join(capfd.readouterr())


async def test_a_silent_receiver_holds_nobody_up(monkeypatch: pytest.MonkeyPatch):
    """
    A message has a time limit; what comes after that is nobody's matter.
    """
    monkeypatch.setattr(notification, "TIME_LIMIT_S", 0.3)
    began = time.monotonic()
    with receiving(silent=True) as receiver:
        with pytest.raises(NotSent, match="nobody took it within"):
            await send_message(at(receiver.port), "Dailies", "2 of 2 films are current.")
        waited_s = time.monotonic() - began

    assert waited_s < 3
