"""
What Prefect's runner starts for a flow run, `python -m prefect.engine`, with a blow waiting at a point.
"""

import os
import runpy
import sys

from tests.chaos.points import arm

if __name__ == "__main__":
    arm(os.environ["CHAOS_POINT"], os.environ["CHAOS_BLOW"])
    sys.argv = ["prefect.engine", os.environ["PREFECT__FLOW_RUN_ID"]]
    runpy.run_module("prefect.engine", run_name="__main__")
