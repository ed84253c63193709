"""
An S3 server on loopback for the tests: moto's, one request at a time, so that its conditional PUT is atomic.

It prints its port. What real services and networks do beyond that is played by the name of the bucket: where it begins
with one of the words below it misbehaves in that one way; any other is an ordinary bucket.
"""

import logging
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

REFUSING = {
    "denied": ("403 Forbidden", "AccessDenied"),
    "stranger": ("403 Forbidden", "InvalidAccessKeyId"),
    "forged": ("403 Forbidden", "SignatureDoesNotMatch"),
    "stale": ("400 Bad Request", "ExpiredToken"),
    "elsewhere": ("400 Bad Request", "AuthorizationHeaderMalformed"),
    "simple": ("501 Not Implemented", "NotImplemented"),
    "website": ("404 Not Found", "PageNotFound"),
    "puzzling": ("418 I'm a teapot", "Teapot"),
}
"""Answers every request for an object like that."""

logging.getLogger("werkzeug").disabled = True
moto = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()
put: set[str] = set()
seen: set[str] = set()


def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    bucket, _, key = path.removeprefix("/").partition("/")
    word = bucket.partition("-")[0]
    first_put = method == "PUT" and path.endswith(".json") and path not in put
    if first_put:
        put.add(path)

    def answer(status: str, code: str) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/xml")])
        # Amazon repeats this much of a request, and none of it may be read in a message of ours.
        seal = f"<AWSAccessKeyId>AKIAEXAMPLE</AWSAccessKeyId><Signed>{environ.get('HTTP_AUTHORIZATION')}</Signed>"
        return [f"<Error><Code>{code}</Code>{seal}</Error>".encode()]

    if key and word in REFUSING:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return answer(*REFUSING[word])
    if word == "overwriting":  # as if it had never heard of conditions
        environ.pop("HTTP_IF_NONE_MATCH", None)
    if word == "checking" and environ.pop("HTTP_IF_NONE_MATCH", None):  # looks first, and puts a moment later
        there = path in seen
        time.sleep(float(bucket.split("-")[1]) / 1000)
        seen.add(path)
        if there:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return answer("412 Precondition Failed", "PreconditionFailed")
    if word == "crowded" and first_put:  # as if two had written at once
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return answer("409 Conflict", "ConditionalRequestConflict")
    told: list[Any] = []
    with turn:
        body = b"".join(moto(environ, lambda *said: told.extend(said)))
    if word == "forgetful" and first_put:  # it is done, and the reply is lost
        return answer("500 Internal Server Error", "InternalError")
    if word == "slow" and first_put:  # it is done, and the reply takes its time
        time.sleep(0.5)
    start(*told)
    return [body]


server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
