"""
The server of one command, begun as soon as it is likely to be wanted: before what a run needs is loaded, and before a person is asked.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from storyreel.desk.discovery import data_home, is_noted
from storyreel.desk.home import own_home
from storyreel.desk.named_server import named_server
from storyreel.desk.temporary import Server, serve_alone
from storyreel.errors import StoryreelError


class EarlyServer:
    """
    A server that may have been begun. When the block ends in which it is wanted, however it does, it is gone.

    Args:
        project: The folder of the project whose desk would be used; None for the user's own.
    """

    def __init__(self, project: Path | None) -> None:
        self._project = project
        self._server: Server | None = None

    def __enter__(self) -> EarlyServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # What Prefect has to say at the end of a process it says before its server is ended, which was registered for that.
        if self._server is not None and not self._server.wanted:
            self.end()

    def begin(self) -> None:
        """
        Begin it, unless a desk or a server that a person has named is likely to be used. That it cannot be begun is no matter yet.
        """
        if self._server is None and named_server(os.environ) is None and not is_noted(self._project):
            with suppress(StoryreelError, OSError):
                self._server = serve_alone(own_home(os.environ, data_home()), os.environ)

    def server(self) -> Server:
        """
        Return it; now it is wanted.

        Raises:
            SettingsError: It cannot be begun.
        """
        if self._server is None:
            self._server = serve_alone(own_home(os.environ, data_home()), os.environ)
        self._server.wanted = True
        return self._server

    def end(self) -> None:
        """End it at once, if it was begun."""
        if self._server is not None:
            self._server.end()
            self._server = None
