"""
A run that a person begins at a terminal: Prefect's flow in this process, found on its page, stopped by Ctrl-C.

Prefect is imported here, when a run begins, and nowhere sooner.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import warnings
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import httpx
from rich.console import Console

from storyreel.console import say
from storyreel.desk.flows import load
from storyreel.errors import StoryreelError
from storyreel.production.shutdown import answered
from storyreel.settings import masked

FAREWELL_S = 5.0
"""How long Prefect may take to note down that it was stopped."""


def begun_by_hand(
    flow: Any, tags: Collection[str], console: Console, entrance: Callable[[str], str] | None = None
) -> Callable[..., Coroutine[Any, Any, None]]:
    """
    Return a flow whose runs have tags, and say where they are to be seen on Prefect's page.

    Args:
        flow: That of a film, loaded.
        tags: By which the run is found there.
        console: Where that is said.
        entrance: Makes of an address one that lets a browser in, where the page is gone with the run; None where it stays.
    """
    from storyreel.desk.by_hand import by_hand

    def say_where(address: str | None) -> None:
        if address is not None and entrance is not None:
            say(console, f"run, while it lasts, for one browser: {entrance(address)}")
        elif address is not None:
            say(console, f"run: {address}")

    return by_hand(flow, tags, say_where)


async def stoppable(run: Coroutine[Any, Any, None], stopped: asyncio.Event) -> None:
    """
    Await a flow; when it is stopped, wait for the answers that are on their way, and then only a little for Prefect.

    A Ctrl-C may have reached the server as well, and telling a server that is gone takes Prefect over a minute.
    Impatience does not help: a second Ctrl-C would lose an answer that may have been paid for.
    """
    loop = asyncio.get_running_loop()
    flow = asyncio.create_task(run)
    stop = asyncio.create_task(stopped.wait())
    loop.add_signal_handler(signal.SIGINT, stopped.set)
    try:
        await asyncio.wait({flow, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not flow.done():
            flow.cancel()
            await answered()
            await asyncio.wait({flow}, timeout=FAREWELL_S)
            raise asyncio.CancelledError
        await flow
    except (RuntimeError, httpx.HTTPError) as error:
        raise StoryreelError(
            f"Prefect could not run the flow ({masked(str(error))}); if PREFECT_API_URL is set, see that its server runs and "
            "that it is the address of the API (it ends with /api), or unset it. Whatever was sent is in the vault: run it again"
        ) from error
    finally:
        stop.cancel()
        loop.remove_signal_handler(signal.SIGINT)


def load_flow() -> Any:
    """
    Load the flow: that of the checkout, else that of the wheel. Prefect is imported here and nowhere sooner.

    Prefect's own settings from the environment win over those made here, which keep a first run quiet and patient.
    """
    for name, value in {
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # A server of one's own may ask for tokens; ours does not.
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": str(bool(os.environ.get("PREFECT_API_URL", "").strip())).lower(),
    }.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", module="prefect")
    logging.getLogger("httpx").setLevel(logging.ERROR)
    return load("sequence")
