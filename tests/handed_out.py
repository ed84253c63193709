"""
How tests are handed out to the processes of pytest-xdist: by file, and all that share a Prefect server to one process.
"""

from xdist.scheduler import LoadFileScheduling

from tests.one_server import together


class OneServer(LoadFileScheduling):
    """Hands tests out by file, and all that use a server of one kind to one process."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what the tests have in common that one process has to run."""
        return together(self.config.rootpath / nodeid.partition("::")[0])
