"""
What a Prefect server has of ours beside the flows: the work pool, the limits that all workers share, the tag of our runs.
"""

from __future__ import annotations

from typing import Any

POOL = "studio"
"""The work pool whose workers run our flows."""
TAG = "storyreel"
"""The tag of all our deployments, and so of their runs."""
JOBS_LIMIT = "storyreel-jobs"
SUBMITS_LIMIT = "storyreel-submits"
FORMER_AUTOMATIONS = (
    "storyreel: a run whose process is gone has crashed",
    "storyreel: a crashed run is taken up again",
)
"""What took up lost runs in 0.1.0. Beside a sweep they would take up what it has taken up already."""

RUN_ENVIRONMENT = {
    # A run is missed by its silence where nobody sees its process: the shortest that Prefect allows.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "STORYREEL_JOBS_LIMIT": JOBS_LIMIT,
    "STORYREEL_SUBMITS_LIMIT": SUBMITS_LIMIT,
}
"""What every run is told, whoever has started its worker."""


def closed_template() -> dict[str, Any]:
    """
    Return the job template of the pool: constants, and no variable that a run or a deployment could fill in.

    The server then refuses every `job_variables` when a run is made, and the form of the page asks for none. A worker of
    ours looks at none of it; what stands here is for Prefect's own.
    """
    return {
        "job_configuration": {
            "command": None,
            "env": RUN_ENVIRONMENT,
            "labels": {},
            "name": None,
            "stream_output": True,
            "working_dir": None,
        },
        "variables": {"type": "object", "properties": {}, "additionalProperties": False},
    }
