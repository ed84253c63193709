"""
Send a message to wherever a person wants to hear of a night, by apprise, which Prefect brings along.

The address is a secret: apprise repeats it in what it logs, so that goes nowhere but into one line of ours, without it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from storyreel.defects import named, without_secrets
from storyreel.errors import StoryreelError
from storyreel.notify_address import NotifyAddress, secrets_of

TIME_LIMIT_S = 30.0
"""How long a message may take: nobody waits for it, and a night that is over is to be over."""
LONGEST = 6_000
"""Characters of a message; services cut longer ones into many."""


class NotSent(StoryreelError):
    """A message could not be sent; its text says why, without the address."""


async def send_message(address: NotifyAddress, title: str, text: str) -> None:
    """
    Send a message.

    Args:
        address: Where to, as apprise has it; several with spaces between them.
        text: Plain text.

    Raises:
        NotSent: Some address is none, did not take it, or not in time. Others may have got it.
    """
    # A thread of its own that nobody waits for: an interpreter would wait at its end for one of a pool.
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def tell(troubles: list[str]) -> None:
        if not done.done():
            done.set_result(troubles)

    def work() -> None:
        try:
            troubles = _sent(address, without_secrets(title), _short(without_secrets(text)))
        except Exception as error:
            troubles = [_masked(named(error), address)]
        # Once the night is over, nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, troubles)

    threading.Thread(target=work, name="storyreel-message", daemon=True).start()
    try:
        troubles = await asyncio.wait_for(done, TIME_LIMIT_S)
    except TimeoutError:
        troubles = [f"nobody took it within {TIME_LIMIT_S:g} s"]
    if troubles:
        raise NotSent("; ".join(dict.fromkeys(troubles)))


def _sent(address: NotifyAddress, title: str, text: str) -> list[str]:
    """Send a message to each address; return what went wrong."""
    import apprise

    troubles: list[str] = []
    with _heard(address) as words:
        everybody = apprise.Apprise()
        if not everybody.add(str(address)):
            troubles.append("an address is none that apprise knows")
        for server in everybody:
            # One after the other, and in this thread: what apprise begins by itself would be waited for.
            one = apprise.Apprise()
            one.add(server)
            if not one.notify(text, title=title, body_format=apprise.NotifyFormat.TEXT):
                troubles.append(f"{server.service_name} did not take it")
    return [*troubles, *words] if troubles else []


@contextmanager
def _heard(address: NotifyAddress) -> Iterator[list[str]]:
    """Yield what apprise says meanwhile, without the address, and have it said nowhere else."""
    words: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(_masked(" ".join(record.getMessage().split()), address))

    log, listener = logging.getLogger("apprise"), Listener(logging.WARNING)
    log.propagate = False
    log.addHandler(listener)
    try:
        yield words
    finally:
        log.removeHandler(listener)


def _masked(text: str, address: NotifyAddress) -> str:
    for secret in sorted(secrets_of(address), key=len, reverse=True):
        text = text.replace(secret, "***")
    return without_secrets(text)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[...]"
