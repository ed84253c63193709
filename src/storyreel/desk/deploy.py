"""
Put the flows on a Prefect server: its work pool, the limits that all workers share, the deployments.

All of it can be done again at any time: what is there stays as people have changed it, except the deployments, which
are what prefect.yaml says.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console
from ruamel.yaml import YAML

from storyreel.catalog import Catalog, load_catalog
from storyreel.console import say
from storyreel.desk.discovery import data_home, desk_here
from storyreel.desk.flows import flow_file
from storyreel.desk.home import leave_the_folder
from storyreel.desk.named_server import named_server, not_taken_from
from storyreel.desk.pool import JOBS_LIMIT, POOL, SUBMITS_LIMIT, TAG, closed_template
from storyreel.errors import SettingsError, StoryreelError
from storyreel.settings import masked, read_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

QUIET = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


def deploy_all(console: Console, notes: Console) -> int:
    """
    Put everything on a server, and say what is there: the one that PREFECT_API_URL names, else the desk that runs here, else
    the one of the person's Prefect profile.

    Args:
        console: Where the deployments are listed.
        notes: Where a person is told what else there is to know.
    """
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    desk = desk_here(settings.project)
    server = named_server(os.environ) if desk is None else desk.api
    note = not_taken_from(settings.root, server, "deploy", os.environ)
    if server is None:
        raise SettingsError(
            "there is no Prefect server to deploy to: set PREFECT_API_URL, or start one with: storyreel studio"
            + (f". {note}" if note else "")
        )
    if note:
        say(notes, f"note: {note}")
    leave_the_folder(settings.root, data_home(), desk.variables() if desk else None)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        scheduled = asyncio.run(_set_up(catalog))
    except (httpx.HTTPError, RuntimeError) as error:
        raise StoryreelError(
            masked(
                f"the Prefect server at {os.environ['PREFECT_API_URL']} did not take it: {' '.join(str(error).split())}"
            )
        ) from error
    manifest = deployments(flow_file().parent.parent, settings.root, scheduled)
    for name in _deploy(manifest):
        say(console, name)
    return 0


async def _set_up(catalog: Catalog) -> frozenset[str]:
    """
    Make what is not there yet: the work pool and the limits. What took up lost runs in 0.1.0 goes: workers do it now.

    Returns:
        The deployments that are there and have schedules.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
    from prefect.exceptions import ObjectNotFound

    from storyreel.desk.recovery import drop_former_automations

    async with get_client() as client:
        await drop_former_automations(client)
        await _close_pool(client)
        for limit in (
            GlobalConcurrencyLimitCreate(name=JOBS_LIMIT, limit=catalog.jobs_in_flight),
            GlobalConcurrencyLimitCreate(
                name=SUBMITS_LIMIT,
                limit=max(1, int(catalog.submits_per_second)),
                slot_decay_per_second=catalog.submits_per_second,
            ),
        ):
            try:
                await client.read_global_concurrency_limit_by_name(limit.name)
            except ObjectNotFound:
                await client.create_global_concurrency_limit(limit)
        return frozenset(
            deployment.name
            for deployment in await client.read_deployments()
            if TAG in deployment.tags and deployment.schedules
        )


async def _close_pool(client: PrefectClient) -> None:
    """Make the work pool, or have one that is as Prefect makes it take no job variables; what people have made of it stays."""
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    closed = closed_template()
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=closed))
    except ObjectAlreadyExists:
        pool = await client.read_work_pool(POOL)
        if _filled_in(pool.base_job_template) == _filled_in(ProcessWorker.get_default_base_job_template()):
            await client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=closed))


def _filled_in(template: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return what a job template makes of its variables, and what they are where nobody says; titles and words left out."""
    variables = template.get("variables", {}).get("properties", {})
    return template.get("job_configuration"), {name: each.get("default") for name, each in variables.items()}


def _deploy(manifest: dict[str, Any]) -> list[str]:
    """Deploy what a prefect.yaml names, as `prefect deploy --all` does, and return the names of the deployments."""
    from prefect.cli import app

    with (
        tempfile.TemporaryDirectory(prefix="storyreel-") as folder,
        contextlib.redirect_stdout(io.StringIO()) as output,
    ):
        file = Path(folder) / "prefect.yaml"
        YAML(typ="safe").dump(manifest, file)
        # The command `prefect`, in this process: to import it once more takes seconds.
        sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
        try:
            app()
        except SystemExit as end:
            if end.code:
                raise StoryreelError(f"Prefect did not take the deployments: {_last_line(output.getvalue())}") from None
    return [f"{Path(each['entrypoint']).name.split(':')[1]}/{each['name']}" for each in manifest["deployments"]]


def deployments(root: Path, folder: Path, scheduled: Collection[str]) -> dict[str, Any]:
    """
    Return prefect.yaml for a server whose limits are there and whose workers run flows in a folder of their own choice.

    Args:
        root: Where prefect.yaml and `flows/` are: the checkout, or the installed package.
        folder: Where flows run: relative paths of storyboards start there.
        scheduled: The deployments that are on the server and have schedules. Those are the person's: times, budgets, on
            or off. They stay as they are, and none is sent.
    """
    # What is anchored once in YAML is one object in several places, and is to be changed in one of them.
    manifest: dict[str, Any] = json.loads(json.dumps(YAML(typ="safe").load(root / "prefect.yaml")))
    manifest.pop("definitions", None)
    manifest.pop("build", None)
    manifest["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]
    here = _version(root)
    for each in manifest["deployments"]:
        each["entrypoint"] = str(root / each["entrypoint"])
        each["version"] = here
        asked = each.get("parameters", {})
        if each["name"] in scheduled:
            each.pop("schedules", None)
        if not (folder / asked.get("storyboard", "")).exists():
            # Nobody can shoot an example that is not there; the form asks for another one.
            del asked["storyboard"]
    return manifest


def _version(root: Path) -> str:
    """Return the commit of a checkout, else the version of the package."""
    if (root / ".git").exists():
        with contextlib.suppress(OSError):
            asked = subprocess.run(
                ["git", "-C", str(root), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
            )
            if asked.returncode == 0 and asked.stdout.strip():
                return asked.stdout.strip()
    return version("storyreel")


def _last_line(text: str) -> str:
    lines = [line.strip(" │╭╮╰╯─") for line in text.splitlines()]
    return next((line for line in reversed(lines) if line), "it said nothing")
