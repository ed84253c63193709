"""
Deployments: what prefect.yaml names can be loaded, deployed to a real server, and is described in its form.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.flows import load_flow_from_entrypoint
from ruamel.yaml import YAML

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


async def test_all_are_deployed_without_a_question(prefect_server: str, tmp_path: Path):
    """
    One command deploys all of them, with parameters whose help stands in the form.
    """
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="studio", type="process"))
        told = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
            cwd=ROOT,
            env={**os.environ, "PREFECT_API_URL": prefect_server},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        deployed = {deployment.name: deployment for deployment in await client.read_deployments()}

    assert {deployment["name"] for deployment in DEPLOYMENTS} == set(deployed)
    sequence = deployed["sequence"]
    assert sequence.enforce_parameter_schema
    assert sequence.parameters == {"storyboard": "storyboards/lighthouse.yaml"}
    assert sequence.pull_steps == [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    form = sequence.parameter_openapi_schema["properties"]
    assert all(field.get("description") for field in form.values()), form
