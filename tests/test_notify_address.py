"""
The address of the morning report: a secret of which no token is shown, and no other word is hidden for it.
"""

import pytest

from storyreel.defects import without_secrets
from storyreel.errors import SettingsError
from storyreel.notify_address import NotifyAddress, notify_address_of, secrets_of


def test_an_address_prints_as_stars():
    """
    So no log or traceback that has it as a value shows it.
    """
    assert "'***'" == repr(NotifyAddress("json://ana:canary@host"))


@pytest.mark.parametrize("text", ["canary", "mailto:canary", "json://host/can\tary"])
def test_what_is_no_address_is_refused_and_not_repeated(text: str):
    """
    The message names the variable, and what such an address looks like.
    """
    with pytest.raises(SettingsError, match=r"STORYREEL_NOTIFY is no address .*mailtos://") as caught:
        notify_address_of(text, "STORYREEL_NOTIFY")

    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnl", "A1BRTD4JD"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544", "123456789"),
        ("mailtos://ana:correcthorse@gmail.com", "correcthorse"),
        ("mailtos://ana:p%40ssword@gmail.com", "p@ssword"),
        ("json://hooks.example.com/a?+X-Token=t0ken-4711", "t0ken-4711"),
        ("json://one.example/t0ken-1 json://two.example/t0ken-2", "t0ken-2"),
    ],
)
def test_each_token_of_it_is_hidden_by_itself(address: str, token: str):
    """
    What repeats an address often repeats a part of it alone.
    """
    assert token in secrets_of(address)
    assert f"{token} was refused" not in without_secrets(f"{token} was refused", {"STORYREEL_NOTIFY": address})


def test_names_that_let_nobody_in_stay_readable():
    """
    A host, a mailbox and a path of words stand in other texts as well.
    """
    environ = {"STORYREEL_NOTIFY": "json://ana@hooks.example.com/storyboards/nights?format=text"}
    text = "storyboards/nights.yaml at hooks.example.com, in text format"

    assert text == without_secrets(text, environ)
