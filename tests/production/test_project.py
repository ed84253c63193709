"""
A run in a project: where its films go and what it may spend, also where a desk's worker runs it, and what a stranger's folder cannot have.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from storyreel import api
from storyreel.errors import BudgetError, SettingsError
from storyreel.production.dailies import open_night
from storyreel.production.prepare import prepare
from storyreel.production.service import call, dotenv_beside
from storyreel.production.settings_notes import settings_notes
from tests.desk import Desk

BOARD = "scenes: [{id: coast, prompt: A lighthouse., duration: 1}]\n"


@pytest.fixture
def project(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a project that says where its films go, and nobody else does."""
    desk.write(BOARD)
    monkeypatch.delenv("STORYREEL_OUT", raising=False)
    monkeypatch.chdir("/")
    (desk.folder / "storyreel.toml").write_text('out = "films"\nbudget = 0.01\n')
    return desk


async def test_a_project_lowers_what_its_runs_spend_wherever_they_begin(project: Desk):
    """
    What is given for the run too, and its line is named; nothing is sent.
    """
    for budget in (None, 20):
        with pytest.raises(BudgetError, match=rf"{project.folder}/storyreel.toml:2"):
            await api.shoot(project.board, sandbox=True, budget=budget)

    assert [] == project.posts()


def test_a_worker_follows_the_same_rules(project: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    It is told what its desk serves: a film of a project that goes elsewhere has no link there.
    """
    monkeypatch.setenv("STORYREEL_FILMS_URL", "http://films.localhost:4201")
    monkeypatch.setenv("STORYREEL_FILMS_FOLDER", "/served")
    ready = prepare(str(project.board))
    served = prepare(str(project.board), out="/served")

    assert (project.folder / "films", None) == (ready.out, ready.settings.films_url)
    assert "http://films.localhost:4201" == served.settings.films_url


async def test_a_night_in_a_project_is_lowered_as_well(project: Desk):
    """
    One night is one run with one budget.
    """
    from datetime import date

    night = await open_night(str(project.folder), run="night", day=date(2026, 11, 28), budget=30, sandbox=True)

    assert 0.01 == night.budget
    assert project.folder / "films" == night.out


def test_a_link_in_a_projects_folder_for_films_leads_nowhere(project: Desk, tmp_path: Path):
    """
    A stranger's folder has one with the name of a film in it; a person who names the folder themselves has what they want.
    """
    (project.folder / "films").mkdir()
    (project.folder / "films" / project.board.stem).symlink_to("/tmp")

    with pytest.raises(SettingsError, match=r"leads out of the project's folder .*give --out"):
        prepare(str(project.board))
    assert tmp_path / "mine" == prepare(str(project.board), out=tmp_path / "mine").out


def test_what_a_project_says_in_vain_is_noted(project: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    More than the default, and more than the person's own cap.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "5")
    (project.folder / "storyreel.toml").write_text("budget = 1000\n[cap]\nday = 1000\n")
    notes = settings_notes(prepare(str(project.board)), "xai")

    assert ["storyreel.toml:1", "storyreel.toml:3"] == [note.rpartition("/")[2].partition(" ")[0] for note in notes]
    assert all("a project only lowers it" in note for note in notes)


def test_a_dotenv_beside_is_told_where_there_is_no_key(project: Desk):
    """
    That there is one, and that it is not read.
    """
    (project.folder / ".env").write_text("XAI_API_KEY=xai-canary\n")
    ready = prepare(str(project.board))

    assert project.folder / ".env" == dotenv_beside(ready.settings)
    with pytest.raises(SettingsError, match=rf"There is {project.folder}/.env, which is not read") as told:
        call(replace(ready.settings, key=None), ready.catalog, sandbox=False)
    assert "canary" not in str(told.value)
