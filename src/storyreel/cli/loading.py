"""
What a run needs is loaded while something else is waited for, and what nobody needs is not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread


def load_httpx() -> None:
    """
    Load httpx without its own command line, which it else loads with itself wherever click is installed: as many modules once more,
    a third of its time. Source: httpx/__init__.py of 0.28.1, read 2026-11-28: it does without where there is none.
    """
    if "httpx" in sys.modules:
        return
    name = "httpx._main"
    there = sys.modules.get(name)
    # So Python says that there is none.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        import_module("httpx")
    finally:
        del sys.modules[name]
        if there is not None:
            sys.modules[name] = there


def load_meanwhile(modules: Sequence[str]) -> Thread:
    """Load modules in a thread, which has its turn while this one waits for a server; who needs one of them sooner waits for it."""

    def load() -> None:
        for module in modules:
            # What cannot be loaded is told to whoever needs it.
            with suppress(Exception):
                import_module(module)

    thread = Thread(target=load, name="loading", daemon=True)
    thread.start()
    return thread
