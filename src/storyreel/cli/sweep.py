"""
Take up the runs that died on a Prefect server of one's own: `storyreel sweep`.
"""

from __future__ import annotations

from storyreel.cli.worker import work


def sweep() -> int:
    """
    Take up the runs that died on a Prefect server of your own whose workers are Prefect's; `storyreel worker` does it too.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api storyreel sweep
    """
    return work("sweep", [])
