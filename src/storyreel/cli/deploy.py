"""
Put the flows on a Prefect server: `storyreel deploy`.
"""

from __future__ import annotations

from storyreel.cli.errors import Screen
from storyreel.desk.deploy import deploy_all


def deploy() -> int:
    """
    Put all deployments on a Prefect server, with the work pool and the shared limits.

    The server is that of PREFECT_API_URL, else the desk that is open, else that of your Prefect profile. It can be done again at any time.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api storyreel deploy
    """
    return deploy_all(Screen(), notes=Screen(stderr=True))
