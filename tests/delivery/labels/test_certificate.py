"""
What is wrong with a certificate is told before anything is bought, and a private key is never told at all.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from storyreel.cli import app as cli
from storyreel.cli.errors import at_the_rim
from storyreel.delivery.labels.certificate import configured
from storyreel.delivery.labels.manifest import check_signing, try_out
from storyreel.errors import SettingsError
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.delivery.labels.certificates import Certificate, certificate
from tests.delivery.labels.room import BOARD, Room


def again(signing: Certificate, **how: object) -> None:
    certificate(signing.cert.parent, **how)  # type: ignore[arg-type]


def locked(signing: Certificate) -> None:
    key = serialization.load_pem_private_key(signing.key.read_bytes(), None)
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    signing.key.write_bytes(key.private_bytes(kind, form, serialization.BestAvailableEncryption(b"word")))


def behind_those_above_it(signing: Certificate) -> None:
    other = certificate(signing.cert.parent / "other").cert.read_bytes()
    signing.cert.write_bytes(other + signing.cert.read_bytes())


WRONG: dict[str, tuple[Callable[[Certificate], object], str]] = {
    "gone": (
        lambda one: one.cert.unlink(),
        r"CERT=.*cert\.pem cannot be read: No such file.*; films are to be signed with it",
    ),
    "no key": (lambda one: one.key.unlink(), r"KEY=.*key\.pem cannot be read: No such file"),
    "expired": (
        lambda one: again(one, days=(-9, -1)),
        r"cert\.pem has expired, on \d{4}-\d\d-\d\d; name one that holds",
    ),
    "to come": (lambda one: again(one, days=(1, 9)), r"cert\.pem holds from \d{4}-\d\d-\d\d on, which is yet to come"),
    "of another": (
        lambda one: one.key.write_bytes(certificate(one.cert.parent / "other").key.read_bytes()),
        r"key\.pem is not the key of STORYREEL_C2PA_CERT=.*cert\.pem; name the one that it was made for",
    ),
    "for servers": (
        lambda one: again(one, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        r"nothing can be signed with STORYREEL_C2PA_CERT=.*cert\.pem: .*certificate is invalid; it has to be one for signing",
    ),
    "in another order": (
        behind_those_above_it,
        r"CERT=.*cert\.pem does not begin with your own certificate; put that first",
    ),
    "locked": (locked, r"key\.pem is locked with a password, which storyreel asks nobody for"),
    "swapped": (
        lambda one: one.cert.write_bytes(one.key.read_bytes()),
        r"cert\.pem has no certificate in it that can be read; it is one in PEM",
    ),
    "nonsense": (lambda one: one.key.write_text("key"), r"key\.pem has no private key in it that can be read"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_a_certificate_is_told_with_its_variable_and_without_the_key(
    room: Room, signing: Certificate, kind: str
):
    """
    Whatever it is, nothing of what is in the file of the key is in the error, nor in any behind it.
    """
    spoil, message = WRONG[kind]
    secret = signing.key.read_text().splitlines()[1]
    spoil(signing)

    with pytest.raises(SettingsError, match=message) as told:
        check_signing([room.plan()])
    assert None is told.value.__cause__
    assert secret not in repr(told.value)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_key_is_read_as_programs_write_it(room: Room, signing: Certificate, kind: str):
    """
    Also as openssl has long written it: `BEGIN EC PRIVATE KEY`, `BEGIN RSA PRIVATE KEY`.
    """
    again(signing, kind=kind)
    key = serialization.load_pem_private_key(signing.key.read_bytes(), None)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    signing.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))

    assert f"BEGIN {kind.upper()} PRIVATE KEY".encode() in signing.key.read_bytes()
    check_signing([room.plan()])


def test_a_key_is_not_shown_by_what_holds_it(signing: Certificate):
    """
    Nor is a good certificate wrong.
    """
    one = configured()
    assert one is not None
    try_out(one)

    assert signing.key.read_text().splitlines()[1] not in repr(one)


def test_half_of_what_signs_is_an_error(room: Room, signing: Certificate, monkeypatch: pytest.MonkeyPatch):
    """
    Nobody wants to learn from the film that it was not signed.
    """
    monkeypatch.delenv("STORYREEL_C2PA_KEY")

    with pytest.raises(SettingsError, match="STORYREEL_C2PA_CERT is set and STORYREEL_C2PA_KEY is not"):
        check_signing([room.plan()])
    check_signing([room.plan(f"{BOARD}label: none")])


def test_a_certificate_may_stand_in_the_users_own_settings(
    signing: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    The environment goes before them.
    """
    own = tmp_path / "config" / "storyreel" / "settings.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'[c2pa]\ncert = "{signing.cert}"\nkey = "{signing.key}"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("STORYREEL_C2PA_KEY", f"{signing.key}.none")
    monkeypatch.delenv("STORYREEL_C2PA_CERT")

    with pytest.raises(SettingsError, match=r"STORYREEL_C2PA_KEY=.*key\.pem\.none cannot be read"):
        configured()
    monkeypatch.delenv("STORYREEL_C2PA_KEY")
    one = configured()
    assert one is not None
    assert signing.cert.read_bytes() == one.chain


def test_without_what_signs_the_error_says_how_it_is_installed(
    room: Room, signing: Certificate, monkeypatch: pytest.MonkeyPatch
):
    """
    The extra is not there for everybody.
    """
    monkeypatch.setitem(sys.modules, "c2pa", None)

    with pytest.raises(SettingsError, match=r"is not installed: pip install 'storyreel\[c2pa\]', or unset it"):
        check_signing([room.plan()])


def test_check_tells_it(room: Room, signing: Certificate, capsys: pytest.CaptureFixture[str]):
    """
    `storyreel check` ends with 2.
    """
    board = room.folder / "tram.yaml"
    board.write_text(BOARD)
    signing.cert.unlink()

    assert 2 == at_the_rim(lambda: cli.app(["check", str(board)], exit_on_error=False, print_error=False))
    assert "STORYREEL_C2PA_CERT=" in "".join(capsys.readouterr().err.split())


@pytest.mark.long
def test_where_no_certificate_is_configured_check_loads_nothing_that_signs(room: Room):
    """
    It is wanted at once.
    """
    board = room.folder / "tram.yaml"
    board.write_text(BOARD)
    code = (
        "import sys; from storyreel.cli.app import app; app(['check', sys.argv[1]], result_action='return_value');"
        "print(sorted({'c2pa', 'cryptography', 'av'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code, str(board)], capture_output=True, text=True, check=True)
    assert loaded.stdout.endswith("[]\n")


async def test_a_run_that_could_not_sign_its_film_buys_nothing_and_a_rehearsal_signs_none(
    room: Room, signing: Certificate, monkeypatch: pytest.MonkeyPatch
):
    """
    It is told before anybody is asked, and before there is a folder for films.
    """
    board = room.folder / "tram.yaml"
    board.write_text(BOARD)
    signing.cert.unlink()
    monkeypatch.setenv("XAI_API_KEY", "xai-0123456789")
    monkeypatch.setenv("XAI_BASE_URL", "http://127.0.0.1:9/v1")
    ready = prepare(board, vault=str(room.folder / "vault"), out=room.folder / "out")

    with pytest.raises(SettingsError, match="STORYREEL_C2PA_CERT"):
        async with open_session(ready, run="one"):
            pass
    assert not (room.folder / "out").exists()

    async with open_session(ready, run="two", sandbox=True) as session:
        assert "sandbox" == session.service
