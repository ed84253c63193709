"""
Whoever can write to a desk's server still runs no command here: not by a run, a deployment, its hooks or an automation.

And what a person does to a run - cancel, retry at once, approve - works through our own command as through Prefect's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk.opened import Opened, until

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(900)]

EVIL = """
from pathlib import Path
from prefect import flow

Path({marker!r}).write_text("its entrypoint was loaded")

def hook(flow, flow_run, state):
    Path({marker!r}).write_text("its hook ran")

@flow(name="sequence", on_crashed=[hook], on_cancellation=[hook], on_failure=[hook], on_completion=[hook])
def sequence(storyboard: str, sandbox: bool = False):
    Path({marker!r}).write_text("it ran")
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a desk."""
    desk = Opened(tmp_path_factory.mktemp("closed"))
    desk.open()
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def marker(opened: Opened) -> Path:
    """Have a deployment, and an automation, say whatever can be said there; return what shows that somebody listened."""
    marker = opened.folder / "marker"
    evil = opened.folder / "evil.py"
    evil.write_text(EVIL.format(marker=str(marker)))
    touch = f"touch {marker}"
    deployment = opened.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
    steps = [{"prefect.deployments.steps.run_shell_script": {"script": touch}}]
    for changed in (
        {"pull_steps": steps},
        {"entrypoint": f"{evil}:sequence", "path": str(opened.folder)},
    ):
        assert opened.api.patch(f"deployments/{deployment}", json=changed).is_success
    run = {"type": "run-deployment", "source": "inferred", "parameters": None, "job_variables": {"command": touch}}
    ends = ["prefect.flow-run.Completed", "prefect.flow-run.Crashed", "prefect.flow-run.Cancelled"]
    trigger = {
        "type": "event",
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "expect": ends,
        "posture": "Reactive",
        "threshold": 1,
        "within": 0,
    }
    opened.post("automations/", name="inferred", trigger=trigger, actions=[run])
    return marker


def run_count(opened: Opened, run: str) -> Any:
    """Return how often a run has begun."""
    return opened.api.get(f"flow_runs/{run}").json()["run_count"]


def test_a_changed_deployment_runs_nothing_foreign(opened: Opened, marker: Path):
    """
    Steps, entrypoint and hooks of a deployment, and an automation that would run it with a command at each end: each run,
    completed, killed and cancelled, is our own film's, and nothing else has run in the worker or in a run.
    """
    completed = opened.begin("completed", "slow 0")
    until(lambda: opened.state(completed) == "Completed", 180)
    killed, cancelled = opened.begin("killed", "slow 20"), opened.begin("cancelled", "slow 90")
    until(lambda: opened.posts("cancelled") and opened.all_sent("killed"))
    opened.kill(killed)
    opened.post(f"flow_runs/{cancelled}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    until(lambda: opened.state(killed) == "Completed" and opened.state(cancelled) == "Cancelled")

    assert 2 == run_count(opened, killed)
    assert not marker.exists()


def test_a_run_with_job_variables_is_refused_when_it_is_made(opened: Opened):
    """
    By the API, and so by the form; and so is any run of a deployment that somebody has given some.
    """
    deployment = opened.api.get("deployments/name/sequence/sequence").json()["id"]
    asked = {"parameters": {"storyboard": "a.yaml"}}
    answer = opened.api.post(
        f"deployments/{deployment}/create_flow_run", json={**asked, "job_variables": {"env.X": "1"}}
    )
    assert opened.api.patch(f"deployments/{deployment}", json={"job_variables": {"command": "touch marker"}}).is_success
    inherited = opened.api.post(f"deployments/{deployment}/create_flow_run", json=asked)

    assert [422, 422] == [answer.status_code, inherited.status_code]
    assert "Additional properties are not allowed" in answer.text


def test_where_the_pool_was_opened_the_worker_refuses(opened: Opened, marker: Path):
    """
    Somebody has given the pool a template that takes job variables: the run fails before there is a process, and says why.
    """
    job = {"command": "{{ command }}", "env": "{{ env }}", "working_dir": "{{ working_dir }}"}
    free = {"job_configuration": job, "variables": {"properties": {name: {} for name in job}}}
    assert opened.api.patch("work_pools/studio", json={"base_job_template": free}).is_success
    # The worker knows of it as soon as it reports the next time; whether or not it does, it is the same.
    deployment = opened.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
    variables = {"command": f"touch {marker}", "env": {"BASH_ENV": "evil.sh"}}
    run = str(
        opened.post(
            f"deployments/{deployment}/create_flow_run", parameters={"storyboard": "a.yaml"}, job_variables=variables
        )["id"]
    )
    until(lambda: opened.state(run) in ("Failed", "Completed", "Crashed"))

    assert "Failed" == opened.state(run)
    assert "the run has job variables (command, env)" in opened.api.get(f"flow_runs/{run}").json()["state"]["message"]
    assert 0 == run_count(opened, run)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("end", "cue", "sent"),
    [("Failed", "failed invalid_argument x1", 7), ("Cancelled", "slow 8", 6), ("Crashed", "slow 8", 6)],
    ids=["failed", "cancelled", "crashed"],
)
def test_a_run_can_be_retried_as_soon_as_it_has_ended(opened: Opened, end: str, cue: str, sent: int):
    """
    Its process may be there for a moment yet, and what was told of its end may be told again: it runs once more all the
    same, makes the film, and sends nothing but what had failed.
    """
    name = f"once-{end.lower()}"
    run = opened.begin(name, cue)
    if end == "Cancelled":
        until(lambda: opened.posts(name))
        opened.post(f"flow_runs/{run}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    elif end == "Crashed":
        until(lambda: opened.all_sent(name))
        opened.kill(run)
    until(lambda: opened.state(run) == end)
    retried = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
    answer = opened.post(f"flow_runs/{run}/set_state", state=retried, force=True)
    until(lambda: opened.state(run) in ("Completed", "Crashed", "Cancelled", "Failed"))

    assert "ACCEPT" == answer["status"]
    assert "Completed" == opened.state(run)
    assert sent == len(opened.posts(name))
    assert ["AwaitingRetry", "Running", "Completed"] == opened.history(run)[-3:]


def test_a_run_is_suspended_and_resumed(opened: Opened):
    """
    It waits for an approval without a process, and goes on when a person has given it.
    """
    text = "title: Waits\ndefaults: {duration: 2, resolution: 480p}\nreview: before-video\nscenes:\n  - id: door\n"
    text += '    image: {prompt: "waits: An iron door."}\n    prompt: "waits: The door opens."\n'
    (opened.folder / "waits.yaml").write_text(text)
    deployment = opened.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
    run = str(opened.post(f"deployments/{deployment}/create_flow_run", parameters={"storyboard": "waits.yaml"})["id"])
    until(lambda: opened.state(run) == "Suspended")
    opened.post(f"flow_runs/{run}/resume", run_input={"approve": True, "by": "Ana"})
    until(lambda: opened.state(run) == "Completed")

    assert 2 == len(opened.posts("waits"))
