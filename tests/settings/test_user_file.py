"""
The user's own settings file: for all that they do, or for one project, and nobody else's to write.
"""

import pytest

from storyreel.settings import as_set
from tests.settings.conftest import Home


def test_it_holds_for_all_or_for_one_project_by_its_folder(home: Home):
    """
    What is said for the nearest folder goes before what is said for all; a project's own word comes after both.
    """
    (home.project / "one").mkdir()
    home.write(
        'out = "theirs"\npoll = 3\n',
        own='vault = "file:/vaults/all"\ncatalog = "~/mine.toml"\nbudget = 4\n[cap]\nday = 9\n'
        '[projects."~/film"]\nvault = "/vaults/film"\nout = "mine"\ncap.day = 5\n[projects."/elsewhere"]\nvault = "/vaults/other"\n',
    )
    settings = home.settings()

    assert "/vaults/film" == settings.vault
    assert (home.project / "mine", home.path / "mine.toml") == (settings.out, settings.catalog)
    assert (5, 4, 3) == (settings.cap_day, settings.budget, settings.poll_s)
    assert "user-project" == settings.origins["STORYREEL_VAULT"].source
    assert f"{home.own}:7" == settings.origins["STORYREEL_VAULT"].place


def test_what_no_project_has_its_own_of_is_taken_from_it_too(home: Home):
    """
    Which ffmpeg runs, and how much room copies take.
    """
    home.write(own='ffmpeg = "/opt/ffmpeg"\ncache_gb = 5\n')
    environ = {"HOME": str(home.path)}

    assert ("/opt/ffmpeg", "5") == tuple(as_set(environ)[name] for name in ("STORYREEL_FFMPEG", "STORYREEL_CACHE_GB"))
    assert "mine" == as_set({**environ, "STORYREEL_FFMPEG": "mine"})["STORYREEL_FFMPEG"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('vault = "here"', "another place wherever a command runs"),
        ('vault = "file:here"', "another place wherever a command runs"),
        ('catalog = "mine.toml"', "another place wherever a command runs"),
        ('xai_api_key = "xai-canary"', "a key stands in no file"),
        ('notify = "mailtos://canary"', "a key stands in no file"),
        ('base_url = "https://me:canary@h"', "has a name or a password in it"),
        ('poll = "soon"', "this is a number"),
        ("valt = 1", "did you mean 'vault'"),
        ('[projects."film"]\nout = "x"', "no whole path of a folder"),
        ('[projects."/film"]\ncache_gb = 5', "the same for all projects"),
        ("projects = 3", "this is a table"),
        ('projects."/film" = 3', "this is a table"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(home: Home, line: str, words: str):
    """
    And what to do; a secret is not repeated.
    """
    home.write(own=f"budget = 3\n{line}\n")
    (told, *_) = home.refused()

    assert words in told
    assert told.startswith((f"{home.own}:2:", f"{home.own}:3:"))
    assert "canary" not in told


@pytest.mark.parametrize(("mode", "of"), [(0o660, "file"), (0o602, "file"), (0o770, "folder")])
def test_one_that_others_may_write_is_refused(home: Home, mode: int, of: str):
    """
    It says where the key goes; how to mend it is a line to paste.
    """
    home.write(own="budget = 3\n")
    place = home.own if of == "file" else home.own.parent
    place.chmod(mode)

    assert [
        f"{place} may be written by others, who could have your films and your key go elsewhere: chmod go-w {place}"
    ] == home.refused()


def test_it_is_read_again_when_it_has_changed(home: Home):
    """
    A worker lives for weeks.
    """
    home.write(own="budget = 3\n")
    before = home.settings().budget
    home.write(own="budget = 44\n")

    assert (3, 44) == (before, home.settings().budget)
