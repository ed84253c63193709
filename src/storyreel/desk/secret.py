"""
The secret of a desk, and what is made from it: the word of our processes, the cookie of a browser, tickets, a name.

Whoever can read the secret is the person: it is in one file that nobody else can read, and in no command line. Nothing
that is made from it tells it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path

from storyreel.desk.listening import NOBODY
from storyreel.errors import SettingsError

SECRET = "secret"  # noqa: S105 - the name of the file
"""The file with the secret, in the folder of a desk: the Prefect home of its server."""
BYTES = 32


@dataclass(frozen=True)
class Secret:
    """What lets somebody in. It prints as nothing."""

    text: str = field(repr=False)

    @property
    def basic(self) -> str:
        """What our processes send as `Authorization`."""
        return "Basic " + b64encode(f"storyreel:{self.text}".encode()).decode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers of our own requests."""
        return {"Authorization": self.basic}

    @property
    def cookie(self) -> str:
        """What a browser has that was let in by a ticket; it stays good when the desk is opened again."""
        return self._seal("browser")

    @property
    def browser_name(self) -> str:
        """
        The name under which a browser sees the desk.

        A cookie knows no ports: one of 127.0.0.1 is sent to every server on this machine that the person looks at, whoever
        has started it. Browsers take each name below `localhost` for this machine, and this one is nobody else's.
        """
        return f"d{self._seal('name')[:16]}.localhost"

    def ticket(self, port: int, now: float) -> str:
        """Return a ticket that lets a browser in once, at a port."""
        payload = f"{int(now * 1000)}.{secrets.token_hex(8)}"
        return f"{payload}.{self._seal(f'ticket {port} {payload}')}"

    def issued(self, ticket: str, port: int) -> float | None:
        """Return when a ticket for a port was issued, in seconds since the epoch; None if it is none of ours."""
        payload, _, seal = ticket.rpartition(".")
        if not ticket.isascii() or not hmac.compare_digest(seal, self._seal(f"ticket {port} {payload}")):
            return None
        return int(payload.partition(".")[0]) / 1000

    def _seal(self, what: str) -> str:
        return hmac.new(self.text.encode(), what.encode(), hashlib.sha256).hexdigest()


def prefect_variables(api: str, secret: Secret) -> dict[str, str]:
    """
    Return the settings with which Prefect's processes reach a server of ours.

    Its own setting for a password leaves the header out where it opens a WebSocket; this one does not.
    """
    return {
        "PREFECT_API_URL": api,
        "PREFECT_API_SSL_CERT_FILE": str(NOBODY),
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(secret.headers),
    }


def keep_secret(place: Path) -> Secret:
    """
    Return the secret of a desk, made when there is none yet.

    Raises:
        SettingsError: The file is not what we write, others can read it, or it cannot be written.
    """
    secret = Secret(secrets.token_hex(BYTES))
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(secret.text)
    except FileExistsError:
        return read_secret(place)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise SettingsError(f"the secret of the desk, {place}, cannot be written: {error.strerror}") from None
    return secret


def read_secret(place: Path) -> Secret:
    """
    Read the secret of a desk.

    Raises:
        SettingsError: It is not there, not what we write, or others can read it.
    """
    how = "remove it, and open the desk again"
    try:
        with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="ascii") as file:  # noqa: PTH123
            about = os.fstat(file.fileno())
            text = file.read(4 * BYTES)
    except (OSError, ValueError) as error:
        raise SettingsError(f"the secret of the desk, {place}, cannot be read ({error}); {how}") from None
    if not stat.S_ISREG(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise SettingsError(f"the secret of the desk, {place}, is not yours alone; {how}")
    if len(text) != 2 * BYTES or not set(text) <= set("0123456789abcdef"):
        raise SettingsError(f"the secret of the desk, {place}, is damaged; {how}")
    return Secret(text)
