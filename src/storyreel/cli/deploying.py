"""
Put the flows on a Prefect server: its work pool, the limits that all workers share, the recovery, the deployments.

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
from collections.abc import Collection
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from ruamel.yaml import YAML

from storyreel.catalog import Catalog, load_catalog
from storyreel.cli.finding import data_home, desk_here
from storyreel.cli.screen import say
from storyreel.desk.flows import flow_file
from storyreel.desk.home import leave_the_folder, named_server
from storyreel.errors import SettingsError, StoryreelError
from storyreel.settings import masked, read_settings
from storyreel.studio.opening import TAKEN_UP

POOL = "studio"
JOBS_LIMIT = "storyreel-jobs"
SUBMITS_LIMIT = "storyreel-submits"
TAG = "storyreel"
LOST = "storyreel: a run whose process is gone has crashed"
AGAIN = "storyreel: a crashed run is taken up again"
SILENCE_S = 80
"""
Seconds without a heartbeat after which a run's process counts as gone. Heartbeats come every 30 s at the shortest, so
two may be missed; with what the server and the worker take, a lost run is taken up again within two minutes.
"""
HEARTBEAT = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
"""What every run is told, whoever has started its worker: one that does not beat would be taken for lost."""
QUIET = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


def deploy_all(console: Console) -> int:
    """
    Put everything on a server, and say what is there: the one that PREFECT_API_URL names, else the desk that runs here, else
    the one of the person's Prefect profile.
    """
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    desk = desk_here()
    if desk is None and named_server(os.environ) is None:
        raise SettingsError(
            "there is no Prefect server to deploy to: set PREFECT_API_URL, or start one with: storyreel studio"
        )
    leave_the_folder(settings.root, data_home(), desk.variables() if desk else None)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        standing = asyncio.run(_furnish(catalog))
    except (httpx.HTTPError, RuntimeError) as error:
        raise StoryreelError(
            masked(
                f"the Prefect server at {os.environ['PREFECT_API_URL']} did not take it: {' '.join(str(error).split())}"
            )
        ) from error
    told = deployments(flow_file().parent.parent, settings.root, standing)
    for name in _deploy(told):
        say(console, name)
    return 0


async def _furnish(catalog: Catalog) -> frozenset[str]:
    """
    Make what is not there yet: the work pool, the limits, the automations that take up a lost run.

    Returns:
        The deployments that are there and have schedules.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
    from prefect.workers.process import ProcessWorker

    async with get_client() as client:
        with contextlib.suppress(ObjectAlreadyExists):
            await client.create_work_pool(
                WorkPoolCreate(
                    name=POOL, type="process", base_job_template=ProcessWorker.get_default_base_job_template()
                )
            )
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
        for automation in _recovery():
            standing = await client.read_automations_by_name(automation.name)
            if [each.description for each in standing] != [automation.description]:
                # None yet, or that of a former storyreel.
                for each in standing:
                    await client.delete_automation(each.id)
                await client.create_automation(automation)
        return frozenset(
            deployment.name
            for deployment in await client.read_deployments()
            if TAG in deployment.tags and deployment.schedules
        )


def _recovery() -> list[Any]:
    """Describe how a lost run is noticed, and how it is taken up again."""
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    ours = ResourceSpecification({"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"})
    runs = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
    beat = "prefect.flow-run.heartbeat"
    # Whoever ends, or lays the run aside, beats no longer and is not lost. A crash is left out: what follows it, the
    # other automation says. Did both wait for one event, SQLite would let the second fail by a lock, and the server
    # would go through the event again, up to three times, with all that the first one does.
    ends = {"Completed", "Failed", "Cancelled", "Cancelling", "Paused", "Suspended", "Pausing", "Suspending"}
    ends |= {"AwaitingRetry", "Scheduled", "Late"}
    return [
        AutomationCore(
            name=LOST,
            description=f"No heartbeat for {SILENCE_S} s: the process of the run, or its machine, is gone.",
            trigger=EventTrigger(
                match=runs,
                match_related=ours,
                for_each={"prefect.resource.id"},
                after={beat},
                expect={beat, *(f"prefect.flow-run.{end}" for end in ends)},
                posture=Posture.Proactive,
                threshold=1,
                within=timedelta(seconds=SILENCE_S),
            ),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CRASHED, name="Crashed", message=f"Its process was silent for {SILENCE_S} s."
                )
            ],
        ),
        AutomationCore(
            name=AGAIN,
            description="What it sent is in the vault, and nothing is sent twice. What never ran is left alone.",
            trigger=EventTrigger(
                match=runs,
                match_related=ours,
                for_each={"prefect.resource.id"},
                # What never ran would crash in the same way again, and at once: a wrong parameter, a folder that is gone.
                after={"prefect.flow-run.Running"},
                expect={"prefect.flow-run.Crashed"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(days=30),
            ),
            actions=[ChangeFlowRunState(state=StateType.SCHEDULED, name="AwaitingRetry", message=f"{TAKEN_UP}.")],
        ),
    ]


def _deploy(told: dict[str, Any]) -> list[str]:
    """Deploy what a prefect.yaml names, as `prefect deploy --all` does, and return the names of the deployments."""
    from prefect.cli import app

    with tempfile.TemporaryDirectory(prefix="storyreel-") as made, contextlib.redirect_stdout(io.StringIO()) as said:
        file = Path(made) / "prefect.yaml"
        YAML(typ="safe").dump(told, file)
        # The command `prefect`, in this process: to import it once more takes seconds.
        sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
        try:
            app()
        except SystemExit as end:
            if end.code:
                raise StoryreelError(f"Prefect did not take the deployments: {_last_line(said.getvalue())}") from None
    return [f"{Path(each['entrypoint']).name.split(':')[1]}/{each['name']}" for each in told["deployments"]]


def deployments(root: Path, folder: Path, standing: Collection[str]) -> dict[str, Any]:
    """
    Return prefect.yaml for a server whose limits are there and whose workers run flows in a folder of their own choice.

    Args:
        root: Where prefect.yaml and `flows/` are: the checkout, or the installed package.
        folder: Where flows run: relative paths of storyboards start there.
        standing: The deployments that are on the server and have schedules. Those are the person's: times, budgets, on
            or off. They stay as they are, and none is sent.
    """
    # What is anchored once in YAML is one object in several places, and is to be changed in one of them.
    told: dict[str, Any] = json.loads(json.dumps(YAML(typ="safe").load(root / "prefect.yaml")))
    told.pop("definitions", None)
    told.pop("build", None)
    told["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]
    here = _version(root)
    for each in told["deployments"]:
        each["entrypoint"] = str(root / each["entrypoint"])
        each["version"] = here
        asked = each.get("parameters", {})
        env = each["work_pool"].setdefault("job_variables", {}).setdefault("env", {})
        env |= HEARTBEAT
        if not asked.get("sandbox"):
            env |= {"STORYREEL_JOBS_LIMIT": JOBS_LIMIT, "STORYREEL_SUBMITS_LIMIT": SUBMITS_LIMIT}
        if each["name"] in standing:
            each.pop("schedules", None)
        if not (folder / asked.get("storyboard", "")).exists():
            # Nobody can shoot an example that is not there; the form asks for another one.
            del asked["storyboard"]
    return told


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
