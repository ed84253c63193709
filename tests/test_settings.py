"""
What is taken from the environment, and that the key never shows.
"""

from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.settings import REAL_API, read_settings


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
