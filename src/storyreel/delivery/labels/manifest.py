"""
A C2PA manifest in a film: that a machine made it, and by which models, signed with a person's own certificate.

c2pa-python is loaded here and nowhere else, and only where a certificate is configured. Nobody is asked on the network, unless a person
names who says when something was signed.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from storyreel.delivery.labels.certificate import Certificate, configured, signing_with
from storyreel.errors import MediaError, SettingsError
from storyreel.model.label import Label
from storyreel.model.plan import Plan
from storyreel.variables.table import C2PA_TIMESTAMP

GOOD = ("Valid", "Trusted")
"""What a reader says of a manifest that was not changed; the second where it knows who has signed it, too (C2PA 2.2, 14.3)."""
KINDS = {".mp4": "video/mp4", ".mov": "video/quicktime"}
OFFLINE = {"verify": {"ocsp_fetch": False, "remote_manifest_fetch": False}}


def sign(film: Path, label: Label, title: str, certificate: Certificate, to: Path, *, container: str) -> None:
    """
    Write a copy of a film that has a manifest, and read the manifest back.

    Args:
        film: What is signed: nothing may be changed in it afterwards.
        title: The film's.
        to: A new file. Half of it may be there if this fails.
        container: What the name of such a film ends with.

    Raises:
        SettingsError: It cannot be signed with this certificate.
        MediaError: It was signed, and what came out does not hold.
    """
    kind = KINDS[container]
    with film.open("rb") as source, to.open("w+b") as signed:
        _sign(_manifest(label, title, kind), kind, source, signed, certificate)
    with to.open("rb") as signed:
        state = _state(kind, signed)
    if state not in GOOD:
        raise MediaError(f"{film.name} was signed, and its manifest does not hold ({state}); run it again")


def state_of(film: Path) -> str | None:
    """Return what a reader says of the manifest of a film: `Valid`, `Trusted`, `Invalid`; None where it has none."""
    with film.open("rb") as file:
        return _state(KINDS[film.suffix], file)


def check_signing(plans: Iterable[Plan]) -> None:
    """
    See that the films of these plans can be signed, where a certificate is configured and one of them is to be, by signing a small picture
    in memory. Nobody is asked, not even when that was.

    Raises:
        SettingsError: They cannot be; the text says what is wrong, and names the variable.
    """
    wanted = any(film.board.is_labelled for plan in plans for film in plan.films)
    if wanted and (certificate := configured()) is not None:
        try_out(certificate)


def try_out(certificate: Certificate) -> None:
    """
    Sign a small picture, in memory, to know whether films can be signed. Nobody is asked when that was.

    Raises:
        SettingsError: They cannot be.
    """
    still, signed = io.BytesIO(_dot()), io.BytesIO()
    label = Label(source="trainedAlgorithmicMedia", models=("none",))
    alone = replace(certificate, timestamp=None)
    _sign(_manifest(label, "trial", "image/png"), "image/png", still, signed, alone)
    signed.seek(0)
    if (state := _state("image/png", signed)) not in GOOD:
        raise SettingsError(
            f"{certificate.where} signs, and what it has signed does not hold ({state}); name another one"
        )


def _manifest(label: Label, title: str, kind: str) -> str:
    """Return what is said of a film (C2PA 2.2, 18.14: an action says how something came to be, and by what)."""
    created = {
        "action": "c2pa.created",
        "digitalSourceType": label.uri,
        "softwareAgent": {"name": ", ".join(label.models)},
    }
    return json.dumps(
        {
            "claim_generator_info": [{"name": "storyreel", "version": version("storyreel")}],
            "title": title,
            "format": kind,
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
        }
    )


def _sign(manifest: str, kind: str, source: BinaryIO, to: BinaryIO, certificate: Certificate) -> None:
    algorithm, key = signing_with(certificate)
    from c2pa import Builder, C2paError, C2paSignerInfo, Context, Settings, Signer

    asked = certificate.timestamp
    try:
        with (
            Context(settings=Settings.from_dict(OFFLINE)) as context,
            Signer.from_info(C2paSignerInfo(algorithm, certificate.chain, key, asked)) as signer,
            Builder(manifest, context) as builder,
        ):
            builder.sign(signer, kind, source, to)
    except C2paError as error:
        # Its words are about certificates and addresses; what is behind it may hold the key.
        reason = " ".join(str(error).split())
        remedy = "it has to be one for signing (key usage digitalSignature; extended key usage emailProtection or one of C2PA's)"
        if asked:
            remedy = "look at that address, or unset it"
        stamped = f", with {C2PA_TIMESTAMP.name}={asked}" if asked else ""
        raise SettingsError(f"nothing can be signed with {certificate.where}{stamped}: {reason}; {remedy}") from None


def _state(kind: str, file: BinaryIO) -> str | None:
    from c2pa import C2paError, Context, Reader, Settings

    file.seek(0)
    try:
        with Context(settings=Settings.from_dict(OFFLINE)) as context, Reader(kind, file, context=context) as reader:
            state: Any = reader.get_validation_state()
    except C2paError:
        return None
    return None if state is None else str(state)


def _dot() -> bytes:
    """Return a PNG of one grey pixel (ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )
