"""
Somebody on this machine who takes what is posted to them, for tests that send messages.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """Where they are, and the bodies of what they were sent."""

    port: int
    bodies: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What they were sent, as JSON."""
        return [json.loads(body) for body in self.bodies]


@contextmanager
def receiving(status: int = 200, *, silent: bool = False) -> Iterator[Receiver]:
    """
    Take what is posted.

    Args:
        status: With what each is answered.
        silent: Whether no answer comes, as long as this lasts.
    """
    over = threading.Event()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
            if silent:
                over.wait(20)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
