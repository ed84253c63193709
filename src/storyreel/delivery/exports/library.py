"""
OpenTimelineIO and its adapters: loaded when something is exported, and by nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from storyreel.errors import SettingsError

INSTALL = "pip install 'storyreel[export]'"
ADAPTERS = ("cmx_3600", "fcp_xml", "fcpx_xml")
"""The adapters that are no part of OpenTimelineIO itself, by its names for them."""


def opentimelineio() -> Any:
    """
    Return the library OpenTimelineIO, with the adapters of all formats that are written.

    Raises:
        SettingsError: It, or one of them, is not installed.
    """
    try:
        import opentimelineio as library
    except ModuleNotFoundError as error:
        if error.name != "opentimelineio":
            raise
        raise SettingsError(f"an export needs the package opentimelineio; install it with: {INSTALL}") from None
    missing = sorted(set(ADAPTERS).difference(library.adapters.available_adapter_names()))
    if missing:
        raise SettingsError(
            f"an export needs the adapters {', '.join(missing)} of opentimelineio; install them with: {INSTALL}"
        )
    return library


@contextmanager
def quiet() -> Iterator[None]:
    """Have the library say nothing on a person's terminal while it works."""
    log = logging.getLogger("opentimelineio")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
