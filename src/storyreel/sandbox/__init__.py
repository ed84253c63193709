"""
The same API, played by us: storyreel's rehearsal stage.

An ASGI app that answers as xAI's Imagine API does, errors and odd shapes included, and gives back real clips. Nothing
is billed and no network is touched. It has three doors: in process (`create_app` in an ASGI transport), on a port of
127.0.0.1 (`serve`), and in tests. It does not paint: scenery, figures and sound have modules of their own here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # Whoever only paints needs neither models nor faults, and a clip is to be made in a second and a half.
    from starlette.applications import Starlette

    from storyreel.catalog import Catalog
    from storyreel.sandbox.api.faults import Fault

__all__ = ["HEADER", "SandboxSettings", "create_app", "serve"]

HEADER = "x-storyreel-sandbox"
"""Every answer of the sandbox carries this header; the original's never do."""


@dataclass(frozen=True)
class SandboxSettings:
    """
    How the sandbox behaves.

    Args:
        folder: Where jobs, clips, uploads and the record of what was asked are kept.
        latency_s: Seconds from accepted to due.
        submits_per_second: Video submits a second and model that are accepted; None for no limit.
        url_life_s: Seconds for which a result can be downloaded, counted from when it was finished.
        pending: The shape of "not yet": 202 with a body, 202 without, or 200 with a body.
        honour_idempotency: Give the same answer to the same Idempotency-Key. The original does not.
        extend_input_most_s: Longest clip that may be extended.
        key: The one key that is taken; None takes any that does not begin with `wrong`.
        faults: What goes wrong on purpose.
        zero_retention: Belong to a team with zero data retention, which has to say where each clip is to be put.
        old_ratios: Know the aspect ratios of September 2026 only, without 21:9 and 5:2.
    """

    folder: Path
    latency_s: float = 0.2
    submits_per_second: float | None = 2.0
    url_life_s: float = 86400
    pending: Literal["body", "empty", "200"] = "body"
    honour_idempotency: bool = False
    extend_input_most_s: float = 15
    key: str | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()
    zero_retention: bool = False
    old_ratios: bool = False


def create_app(settings: SandboxSettings, catalog: Catalog) -> Starlette:
    """
    Return the sandbox as an ASGI app. Several apps, also of several processes, may share one folder.

    Raises:
        OSError: The folder cannot be made.
    """
    from storyreel.sandbox.api.app import build

    return build(settings, catalog)


async def serve(
    settings: SandboxSettings,
    catalog: Catalog,
    *,
    port: int,
    host: str = "127.0.0.1",
    ready: Callable[[int], None] | None = None,
) -> None:
    """
    Serve the sandbox until the process is told to stop. Prints nothing.

    Args:
        settings: How it behaves.
        catalog: What it knows of models, limits and prices.
        port: 0 takes any free one.
        host: An address of this machine's own loopback; nobody else is ever served.
        ready: Called with the port as soon as requests are answered.

    Raises:
        SettingsError: The port is taken, or the host is not of the loopback.
    """
    from storyreel.sandbox.api.port import run

    await run(settings, catalog, port=port, host=host, ready=ready)
