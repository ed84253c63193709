"""
A stranger's `storyreel.toml`: nothing leaves its folder, nothing gets dearer, and it is told what it may not say.
"""

import os
import re
import time

import pytest

from storyreel.settings.project_file import ALLOWED
from tests.settings.conftest import Home

KEY = "xai-canary0123456789ABCDEFghijklmnop"
RIGHT = """\
# what a project may say
out = "films"          # in this folder
budget = 2.5
poll = 7

[cap]
day = 20
month = 100

[desk]
port = 4310
films_port = 4311
"""


def test_a_project_says_where_its_films_go_and_lowers_what_is_spent(home: Home):
    """
    All that it may say, each of which holds.
    """
    home.write(RIGHT)
    settings = home.settings()

    assert (home.project / "films", 7, 4310, 4311) == (
        settings.out, settings.poll_s, settings.port, settings.films_port
    )  # fmt: skip
    assert (20, 100) == (settings.cap_day, settings.cap_month)
    assert ("2.5", f"{home.mark}:3") == (settings.project_budget.text, settings.project_budget.place)  # type: ignore[union-attr]
    assert {"out", "budget", "cap.day", "cap.month", "poll", "desk.port", "desk.films_port"} == set(ALLOWED)
    assert home.project == settings.project


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param('out = "/etc"', "leads out of the project's folder", id="a-whole-path"),
        pytest.param('out = "../elsewhere"', "leads out of the project's folder", id="a-path-upwards"),
        pytest.param('out = "films/../../x"', "leads out of the project's folder", id="a-path-down-and-upwards"),
        pytest.param('out = "~/films"', "leads out of the project's folder", id="a-home"),
        pytest.param('out = "file:/etc"', "leads out of the project's folder", id="an-address"),
        pytest.param('out = "link/films"', "leads out of the project's folder by a link", id="a-link"),
        pytest.param('out = "loop"', "leads nowhere|by a link", id="a-link-to-itself"),
        pytest.param('out = "a\\u0000b"', "a character that nobody sees", id="a-character-that-ends-names"),
        pytest.param('out = "\\u202Efilms"', "a character that nobody sees", id="a-character-that-turns-text"),
        pytest.param('vault = "file:/stranger"', "a project's file does not say this.*STORYREEL_VAULT", id="a-vault"),
        pytest.param('STORYREEL_VAULT = "s3://stranger"', "STORYREEL_VAULT", id="a-vault-by-its-variable"),
        pytest.param('catalog = "cheap.toml"', "a project's file does not say this", id="a-catalogue"),
        pytest.param('base_url = "https://stranger.example"', "XAI_BASE_URL", id="an-address-to-ask"),
        pytest.param('ffmpeg = "./ffmpeg"', "STORYREEL_FFMPEG", id="a-program"),
        pytest.param('XAI_API_KEY = "xai-canary"', "a key stands in no file", id="a-key"),
        pytest.param('api_key = "xai-canary"', "a key stands in no file", id="a-key-by-another-name"),
        pytest.param('projects."/home".vault = "/x"', "says nothing of others", id="settings-of-others"),
        pytest.param("budget = nan", "no amount of money", id="no-number"),
        pytest.param("budget = inf", "no amount of money", id="an-endless-number"),
        pytest.param("budget = -1", "no amount of money", id="less-than-nothing"),
        pytest.param("budget = 1e300", "no amount of money", id="more-than-there-is"),
        pytest.param("budget = true", "this is a number", id="no-amount"),
        pytest.param('budget = "5"', "this is a number", id="an-amount-as-text"),
        pytest.param("poll = 0", "is not from 1 to 60", id="a-service-asked-without-end"),
        pytest.param("poll = 3600", "is not from 1 to 60", id="a-service-asked-too-late"),
        pytest.param("cap = 5", r"write \[cap\].*day = 5", id="a-number-in-the-place-of-a-table"),
        pytest.param("desk.port = 80", "no port from 1024 to 65535", id="a-port-of-the-system"),
        pytest.param("desk.port = 4200", "a port of the user's own desk", id="the-users-own-port"),
        pytest.param("desk.port = 4_300.0", "no port from 1024 to 65535", id="a-port-with-a-point"),
        pytest.param("bugdet = 5", "did you mean 'budget'", id="a-slip"),
        pytest.param("[vault]", "a project's file does not say this", id="an-empty-table"),
        pytest.param("[[cap]]", r"write \[cap\]", id="a-list-of-tables"),
        pytest.param("out = " + "[" * 9000, "too deep|no TOML", id="a-deep-one"),
        pytest.param(".".join("a" * 3000) + " = 1", "too deep", id="a-name-within-names-without-end"),
        pytest.param("[" + ".".join("a" * 3000) + "]", "too deep", id="a-table-within-tables-without-end"),
        pytest.param("a = [\n" + f'"{"a" * 45}",\n' * 580 + "]", "more than 40 lines", id="a-value-that-goes-on"),
        pytest.param("a = 1\n" * 700, "lines, and 600 are the most", id="a-long-one"),
        pytest.param("#" * 40_000, "and 32000 bytes|0.032 MB are the most", id="a-huge-one"),
        pytest.param("budget = ", r"storyreel.toml:2:\d+: this is no TOML", id="half-a-line"),
        pytest.param("budget = 1\nbudget = 2", "no TOML", id="twice-the-same"),
    ],
)
def test_a_stranger_is_told_what_it_may_not_say(home: Home, line: str, words: str):
    """
    With file, line, column and what to do; nothing of a key is repeated; and nothing that it says holds.
    """
    (home.project / "link").symlink_to("/tmp")
    (home.project / "loop").symlink_to("loop")
    home.write(f"# a film\n{line}\n")
    began = time.process_time()
    (told, *_) = home.refused()

    assert re.search(words, told), told
    assert told.startswith(str(home.mark))
    assert "the most" in told or "too deep" in told or re.match(rf"{home.mark}:[23]:\d+: ", told), told
    assert "canary" not in told
    assert 2 > time.process_time() - began


@pytest.mark.parametrize(
    "line", ['"KEY" = 3', "KEY = 3", "[KEY]", 'vault = "KEY"', "KEY", 'budget = "KEY"', 'out = "../KEY"']
)
def test_a_key_is_shown_nowhere_wherever_it_was_pasted(home: Home, line: str):
    """
    As a name, as a value, as a table, as a line by itself.
    """
    home.write(line.replace("KEY", KEY))
    told = "\n".join(home.refused())

    assert str(home.mark) in told
    assert KEY[:24] not in told


@pytest.mark.parametrize(
    "name",
    [
        "sk-9f8Ahk2mQ7xW4pLz",
        "AKIA9QWERTY12345",
        "hooks.example.com/services/T01/B02/x9",
        "A" * 60,
        "ghp_16C7e42F292c6912E7",
    ],
)
def test_a_name_that_no_setting_could_have_is_not_repeated(home: Home, name: str):
    """
    It may be a secret of whatever kind, pasted there: its place tells whose file it is which line of it.
    """
    home.write(f'"{name}" = 3\n["{name}.x"]\n')
    told = "\n".join(home.refused())

    assert f"{home.mark}:1:1: {name[:3]}..." in told
    assert name[:12] not in told


def test_a_setting_that_is_there_nowhere_is_shown(home: Home):
    """
    What may be a slip is told as it is written.
    """
    home.write("budgets = 3\n[desk]\nfilms-prot = 4\n")
    told = "\n".join(home.refused())

    assert ": budgets: there is no such setting; did you mean 'budget'?" in told
    assert ": desk.films-prot: " in told


def test_a_table_of_others_is_told_by_its_first_word(home: Home):
    """
    What follows it may be anything.
    """
    home.write('[projects."/films/sk-9f8Ahk2mQ7xW4pLz"]\nvault = "/x"\n')
    told = "\n".join(home.refused())

    assert ": projects....: a project says nothing of others" in told
    assert "9f8A" not in told


def test_all_that_is_wrong_is_told_at_once(home: Home):
    """
    Each with its own place, whatever stands in several lines between.
    """
    home.write('budget = 3\nvault = "/x"\nout = """\\\n  key = 1\n  """\n[cap]\n  weeks = 3\n[desk]\nport = 1\n')

    places = [line.removeprefix(str(home.mark)).split(": ")[0] for line in home.refused()]

    assert [":2:1", ":3:1", ":7:3", ":9:1"] == places


@pytest.mark.parametrize("content", [b"\xff\xfe\x00budget", b"\x00" * 400, b"budget = 1\xe9"])
def test_what_is_no_text_is_told(home: Home, content: bytes):
    """
    A picture under that name stops no one from being told so.
    """
    home.write(content)

    assert re.search("is no text in UTF-8|is no TOML", home.refused()[0])


def test_a_project_never_raises_what_may_be_spent(home: Home):
    """
    What the person has said holds, and the project's word is noted.
    """
    home.write("budget = 1000\n[cap]\nday = 1000\nmonth = 30\n")
    settings = home.settings(STORYREEL_CAP_DAY="50", STORYREEL_CAP_MONTH="400")

    assert (50, 30) == (settings.cap_day, settings.cap_month)
    assert (
        f"{home.mark}:3 says 1000 for cap.day, and STORYREEL_CAP_DAY says 50: a project only lowers it",
    ) == settings.unused
    assert "400 (STORYREEL_CAP_MONTH)" == settings.origins["STORYREEL_CAP_MONTH"].over


@pytest.mark.parametrize("whose", ["file", "folder", "link"])
def test_what_belongs_to_somebody_else_is_no_project(home: Home, whose: str, monkeypatch: pytest.MonkeyPatch):
    """
    In a folder that others may write to nobody else lowers a budget, or says where films go.
    """
    if whose == "link":
        (home.path / "elsewhere.toml").write_text("budget = 1\n")
        home.mark.symlink_to(home.path / "elsewhere.toml")
    else:
        home.write("budget = 1\n")
        theirs = home.mark if whose == "file" else home.project
        real = os.lstat(theirs).st_ino
        for name in ("stat", "lstat"):
            monkeypatch.setattr(f"pathlib.Path.{name}", of_another(getattr(type(home.mark), name), real))
    settings = home.settings()

    assert settings.project is None
    assert settings.project_budget is None


def of_another(look, inode: int):
    """Return what looks at a file and finds that one of them belongs to another user."""

    def looked(path, **how):
        status = look(path, **how)
        if status.st_ino != inode:
            return status
        return os.stat_result((*status[:4], status.st_uid + 1, *status[5:]))

    return looked


def test_nothing_of_the_project_goes_before_what_the_person_says(home: Home):
    """
    Variables and their own file win over a project's places and pauses.
    """
    home.write(RIGHT, own="poll = 9\n")
    settings = home.settings(STORYREEL_OUT="mine")

    assert ("mine", 9) == (str(settings.out), settings.poll_s)
    assert ("environment", "user", "project") == tuple(
        settings.origins[name].source for name in ("STORYREEL_OUT", "STORYREEL_POLL", "STORYREEL_PORT")
    )
