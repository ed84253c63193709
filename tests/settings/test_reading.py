"""
What is taken from the environment, and that the key never shows.
"""

from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.settings import masked, read_settings
from storyreel.variables.table import REAL_API


def test_without_anything_set_there_are_places_for_everything(tmp_path):
    """
    A fresh machine needs no settings.
    """
    settings = read_settings({"HOME": str(tmp_path)})

    assert settings.key is None
    assert REAL_API == settings.base_url
    assert f"file:{tmp_path}/.local/share/storyreel/vault" == settings.vault
    assert Path("out") == settings.out


def test_the_key_is_never_printed():
    """
    Neither the settings nor the key itself show it.
    """
    settings = read_settings({"XAI_API_KEY": " xai-canary ", "HOME": "/"})

    assert "xai-canary" == settings.key
    assert "canary" not in f"{settings!r} {settings.key!r} {settings}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XAI_API_KEY", "two words"),
        ("XAI_API_KEY", "xai-ключ"),
        ("XAI_API_KEY", '"xai-canary"'),
        ("XAI_API_KEY", "'xai-canary'"),
        ("XAI_API_KEY", "xai\\canary"),
        ("XAI_API_KEY", "xai\x00canary"),
        ("XAI_API_KEY", "xai-canary\x7f"),
        ("XAI_API_KEY", "<xai-canary>"),
        ("XAI_BASE_URL", "api.x.ai/v1"),
        ("STORYREEL_POLL", "soon"),
        ("STORYREEL_POLL", "-1"),
        ("STORYREEL_POLL", "nan"),
    ],
)
def test_what_makes_no_sense_is_told_by_name(name, value):
    """
    A wrong variable is refused, and named.
    """
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings({name: value, "HOME": "/"})

    assert "ключ" not in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["XAI_BASE_URL", "STORYREEL_FILMS_URL"])
@pytest.mark.parametrize(
    "address",
    [
        "https://name:canary@gateway/v1",
        "https://canary@gateway/v1",
        "HTTPS://name:canary@gateway",
        "name:canary@gateway/v1",
        "https:/name:canary@gateway",
        "https://name:can/ary#canary@gateway",
        "https://name:canary%40gateway/v1",
        "https://gateway/v1?key=canary",
        "https://gateway/v1#canary",
        "https://gateway:canary/v1",
        "https://canary..gateway/v1",
        "canary",
        "https://" + "canary" * 50,
        "https://gateway:0/canary",
        "https://gateway:65536/canary",
        "https://\\canary",
        "ftp://canary/v1",
    ],
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(name, address):
    """
    It would stand in errors, logs and on Prefect's page; and of what is no address nobody knows what it was.
    """
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings({name: address, "HOME": "/"})

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("https://gateway.example/v1/", "https://gateway.example/v1"),
        ("HTTP://127.0.0.1:8765/v1", "http://127.0.0.1:8765/v1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_other_addresses_of_the_service_are_taken(address, read):
    """
    A gateway, a port, IPv6, capitals in the scheme: all that an address may have.
    """
    assert read_settings({"XAI_BASE_URL": address, "HOME": "/"}).base_url == read


@pytest.mark.parametrize("key", ["xai-" + "aB3" * 26, "1|abcDEF", "sk_a.b~c+d/e=", "a:b;c!d$e%f&g(h)i*j"])
def test_keys_of_gateways_are_taken(key):
    """
    What can stand in a header and be masked in a log is a key.
    """
    assert read_settings({"XAI_API_KEY": key, "HOME": "/"}).key == key


@pytest.mark.parametrize(
    "text",
    [
        "Unknown scheme for proxy URL 'socks://me:canary@proxy:1080'",
        "no answer from https://me:can@ary@gateway/api: refused",
        "https://canary@h and http://x:canary@h/p?q",
    ],
)
def test_words_that_are_not_ours_are_masked(text):
    """
    What a library says of an address is shown without the name and the password in it.
    """
    shown = masked(text)

    assert "canary" not in shown
    assert "can@ary" not in shown
    assert "***@" in shown


def test_a_relative_data_home_counts_as_unset():
    """
    The base directory specification asks for that.
    """
    assert read_settings({"HOME": "/h"}) == read_settings({"HOME": "/h", "XDG_DATA_HOME": "data"})


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("2.5", 2.5), ("", 0.2)])
def test_the_latency_of_the_sandbox_can_be_set(text, seconds):
    """
    No latency at all is a latency too.
    """
    assert seconds == read_settings({"HOME": "/h", "STORYREEL_SANDBOX_LATENCY": text}).sandbox_latency_s


def test_relative_paths_start_where_a_process_was_told_to(tmp_path, monkeypatch):
    """
    Else where it is; a relative place says nothing.
    """
    monkeypatch.chdir(tmp_path)

    assert Path("/films") == read_settings({"HOME": "/h", "STORYREEL_ROOT": "/films"}).root
    assert (
        tmp_path == read_settings({"HOME": "/h", "STORYREEL_ROOT": "films"}).root == read_settings({"HOME": "/h"}).root
    )
