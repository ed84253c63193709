"""
The secret of a desk is its person's alone.
"""

import json
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storyreel.desk.listening import believes_nobody
from storyreel.desk.secret import keep_secret, prefect_variables, read_secret
from storyreel.errors import SettingsError
from tests.desk.doors import SECRET


def test_the_secret_is_made_once_and_is_the_persons_alone(tmp_path: Path):
    """
    It stays the same when the desk is opened again, nobody else can read it, and nothing prints it.
    """
    place = tmp_path / "secret"
    made = keep_secret(place)

    assert made == keep_secret(place) == read_secret(place)
    assert 0o600 == place.stat().st_mode & 0o7777
    assert made.text not in repr(made)
    assert keep_secret(tmp_path / "other") != made
    assert 64 == len(made.text)


def spoil(what: str) -> Callable[[Path], Any]:
    return {
        "open to others": lambda place: place.chmod(0o644),
        "empty": lambda place: place.write_text(""),
        "short": lambda place: place.write_text("ab"),
        "no hex": lambda place: place.write_text("é" * 64),
        "long": lambda place: place.write_text("a" * 65),
        "a link": lambda place: place.symlink_to(place.rename(place.with_name("elsewhere"))),
        "a folder": lambda place: (place.unlink(), place.mkdir()),
        "a pipe": lambda place: (place.unlink(), os.mkfifo(place, 0o600)),
    }[what]


@pytest.mark.parametrize("what", ["open to others", "empty", "short", "no hex", "long", "a link", "a folder", "a pipe"])
def test_a_secret_that_may_be_known_to_others_is_not_used(tmp_path: Path, what: str):
    """
    It says which file that is, and what to do.
    """
    place = tmp_path / "secret"
    keep_secret(place)
    spoil(what)(place)

    with pytest.raises(SettingsError, match="remove it, and open the desk again"):
        keep_secret(place)


def test_processes_of_prefect_are_told_the_secret_by_one_header(tmp_path: Path):
    """
    Prefect sends it with each request and each WebSocket.
    """
    told = prefect_variables("http://127.0.0.1:4200/api", SECRET)

    assert {"PREFECT_API_URL", "PREFECT_API_SSL_CERT_FILE", "PREFECT_CLIENT_CUSTOM_HEADERS"} == set(told)
    assert {"Authorization": SECRET.basic} == json.loads(told["PREFECT_CLIENT_CUSTOM_HEADERS"])


def test_clients_of_a_server_of_ours_believe_nobodys_certificate():
    """
    They speak to it without TLS: what they would read of all that are believed takes each of them a fortieth of a second.
    """
    told = prefect_variables("http://127.0.0.1:4200/api", SECRET)
    context = ssl.create_default_context(cafile=told["PREFECT_API_SSL_CERT_FILE"])
    (certificate,) = context.get_ca_certs()

    assert "Jan  2 00:00:00 2000 GMT" == certificate["notAfter"]
    assert 0 == believes_nobody().cert_store_stats()["x509"]
