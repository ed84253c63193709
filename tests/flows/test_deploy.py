"""
Deployments: what prefect.yaml names can be loaded, deployed to a real server, and is described in its form.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists
from prefect.flows import load_flow_from_entrypoint
from ruamel.yaml import YAML

from storyreel.desk.flows import load

ROOT = Path(__file__).parents[2]
DEPLOYMENTS: list[dict[str, Any]] = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["deployments"]

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: str(deployment["name"]))
def test_every_entrypoint_can_be_loaded(deployment: dict[str, Any], prefect_server: str, monkeypatch: Any):
    """
    An entrypoint that fails to import would be found out by a worker only, at night.
    """
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    loaded = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)

    assert deployment["entrypoint"].endswith(f":{loaded.fn.__name__}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is deployed, in a folder without git."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("flows", "storyboards"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "prefect.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def deployed(prefect_server: str, checkout: Path) -> dict[str, DeploymentResponse]:
    """Deploy all of it with Prefect's own commands, as the README has it, and return what the server then has."""

    async def make_pool() -> None:
        async with get_client() as client:
            with suppress(ObjectAlreadyExists):
                await client.create_work_pool(WorkPoolCreate(name="studio", type="process"))

    async def read() -> list[DeploymentResponse]:
        async with get_client() as client:
            return await client.read_deployments()

    asyncio.run(make_pool())
    told = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=checkout,
        env={**os.environ, "PREFECT_API_URL": prefect_server},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    # Other tests deploy to the same server.
    ours = {deployment["name"] for deployment in DEPLOYMENTS}
    return {deployment.name: deployment for deployment in asyncio.run(read()) if deployment.name in ours}


def test_all_are_deployed_without_a_question(deployed: dict[str, DeploymentResponse], checkout: Path):
    """
    One command deploys all of them, to run where they were deployed from, with parameters whose help stands in the form.
    """
    assert {deployment["name"] for deployment in DEPLOYMENTS} == set(deployed)
    for deployment in deployed.values():
        assert deployment.enforce_parameter_schema
        assert deployment.pull_steps == [
            {"prefect.deployments.steps.set_working_directory": {"directory": str(checkout)}}
        ]
        form = deployment.parameter_openapi_schema["properties"]
        assert all(field.get("description") for field in form.values()), form


@pytest.mark.parametrize("written", DEPLOYMENTS, ids=lambda deployment: str(deployment["name"]))
def test_each_is_stored_as_it_is_written(deployed: dict[str, DeploymentResponse], written: dict[str, Any]):
    """
    Parameters, tags, how many at once; and a version also where there is no git.
    """
    stored = deployed[written["name"]]

    assert written["parameters"] == stored.parameters
    assert set(written["tags"]) == set(stored.tags)
    assert written["concurrency_limit"]["limit"] == stored.global_concurrency_limit.limit
    assert "ENQUEUE" == stored.concurrency_options.collision_strategy
    assert "unversioned" == stored.version
    assert "storyreel" in stored.tags, "what takes up a lost run looks for it"


NIGHTS = [each for each in DEPLOYMENTS if each["entrypoint"] == "flows/dailies.py:dailies"]


@pytest.mark.parametrize("written", NIGHTS, ids=lambda deployment: str(deployment["name"]))
def test_a_night_sleeps_until_somebody_switches_it_on(deployed: dict[str, DeploymentResponse], written: dict[str, Any]):
    """
    Its schedule has a time zone and a budget of its own, and nobody is billed because it was deployed.
    """
    stored = {schedule.slug: schedule for schedule in deployed[written["name"]].schedules}
    flow_parameters = deployed[written["name"]].parameter_openapi_schema["properties"]

    assert {schedule["slug"] for schedule in written["schedules"]} == set(stored)
    for schedule in written["schedules"]:
        it = stored[schedule["slug"]]
        assert not it.active
        assert (schedule["cron"], schedule["timezone"]) == (it.schedule.cron, it.schedule.timezone)
        assert schedule["parameters"] == it.parameters
        assert "budget" in it.parameters
        assert set(it.parameters) <= set(flow_parameters)


@pytest.mark.parametrize("written", NIGHTS, ids=lambda deployment: str(deployment["name"]))
def test_whether_a_night_spends_stands_where_its_switch_is(written: dict[str, Any]):
    """
    The page shows of a schedule when it is, and neither money nor time zone: the deployment says both, and its tag the first.
    """
    rehearsed = written["parameters"].get("sandbox", False)

    assert ("sandbox" if rehearsed else "real") in written["tags"]
    assert ("nothing is billed" if rehearsed else "This spends money") in written["description"]
    for schedule in written["schedules"]:
        assert {schedule["slug"], schedule["timezone"]} <= set(written["description"].replace("`", "").split(" "))
        assert f"${schedule['parameters']['budget']:g}" in written["description"]


def test_lists_and_texts_are_plain_fields_of_the_form(deployed: dict[str, DeploymentResponse]):
    """
    Each is a field and not a choice between one and nothing; what is left empty is not asked for.
    """
    form = deployed["sequence"].parameter_openapi_schema["properties"]
    night = deployed["dailies"].parameter_openapi_schema["properties"]
    texts = [*(form[name] for name in ("till", "vault", "out")), *(night[name] for name in ("vault", "out"))]

    assert [("array", []), ("array", [])] == [(form[name]["type"], form[name]["default"]) for name in ("only", "redo")]
    assert [("string", "")] * 5 == [(text["type"], text["default"]) for text in texts]


def test_what_was_left_empty_before_is_still_taken(prefect_server: str):
    """
    Runs and schedules of before have null where nothing was wanted, and a line that was added and not filled in is none.
    """
    former = {"storyboard": "a.yaml", "only": None, "redo": ["climb", " "], "vault": None, "out": None, "till": None}
    taken = load("sequence").validate_parameters(former)

    assert {"only": (), "redo": ("climb",), "vault": "", "out": "", "till": ""}.items() <= taken.items()
