"""
Serve the sandbox: `storyreel sandbox`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.catalog import load_catalog
from storyreel.cli.errors import Screen
from storyreel.errors import SettingsError
from storyreel.sandbox import SandboxSettings, serve
from storyreel.sandbox.api.faults import parse_fault
from storyreel.settings import read_settings
from storyreel.variables.table import SANDBOX, SANDBOX_LATENCY


def sandbox(
    *,
    port: Annotated[int, Parameter(help="Port on 127.0.0.1; 0 takes a free one.")] = 8765,
    folder: Annotated[Path | None, Parameter(help=f"Where its jobs are kept. {SANDBOX.in_help}")] = None,
    latency: Annotated[
        float | None, Parameter(help=f"Seconds from accepted to done. {SANDBOX_LATENCY.in_help}")
    ] = None,
    fault: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help="What is to go wrong: failed:internal_error@2 (docs/sandbox.md lists all). May be repeated.",
        ),
    ] = (),
    honour_idempotency: Annotated[
        bool, Parameter(negative="", show_default=False, help="Answer a repeated Idempotency-Key alike.")
    ] = False,
    zero_retention: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Keep no clips: each request says where its clip is to be put."
        ),
    ] = False,
) -> int:
    """
    Serve the sandbox: the Imagine API, played by storyreel. Real video comes out, nothing is generated or billed.

    Example: storyreel sandbox --port 8765
    """
    settings = read_settings()
    if latency is not None and not 0 <= latency <= 3600:
        raise SettingsError(f"--latency {latency:g} is no number of seconds from 0 to 3600")
    config = SandboxSettings(
        folder=folder or settings.sandbox,
        latency_s=settings.sandbox_latency_s if latency is None else latency,
        faults=tuple(parse_fault(text) for text in fault),
        honour_idempotency=honour_idempotency,
        zero_retention=zero_retention,
    )

    def ready(bound: int) -> None:
        Screen().print(
            f"The sandbox is at http://127.0.0.1:{bound}/v1 - nothing is generated or billed. Ctrl-C stops it.\n"
            f"  XAI_API_KEY=k XAI_BASE_URL=http://127.0.0.1:{bound}/v1 storyreel shoot storyboards/lighthouse.yaml",
            highlight=False,
            soft_wrap=True,
        )

    asyncio.run(serve(config, load_catalog(settings.catalog), port=port, ready=ready))
    return 0
