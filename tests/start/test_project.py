"""
What `storyreel new` makes can be shot as it is; nothing that is there is touched, and nothing stands there half.
"""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import MachineError, SettingsError
from storyreel.files.project import project_of
from storyreel.production.read_plan import read_plans
from storyreel.settings.project_file import ALLOWED, project_at
from storyreel.settings.written import variables_in_files
from storyreel.start.names import project_name
from storyreel.start.project import begin_project
from storyreel.start.project_folder import make_folder
from storyreel.start.starters import MEDIA, Starter, files_of

STARTERS: tuple[Starter, ...] = ("film", "ad", "drama", "series")


def begun(starter: Starter, folder: Path, name: str = "film") -> list[Path]:
    """Begin a project, and return its storyboards."""
    called = project_name(name)
    return list(begin_project(called, folder, files_of(starter, called), load_catalog()).boards)


@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_has_nothing_wrong_and_nothing_to_remark(tmp_path: Path, starter: Starter):
    """
    What people begin with can be shot as it is, for less than a dollar an episode, and stays within its own budget.
    """
    boards = begun(starter, tmp_path, "São Paulo")
    plans = [plan for board in boards for plan in read_plans(board, load_catalog())]

    assert [] == [note for plan in plans for note in plan.board.notes]
    assert all("São Paulo" in plan.board.title for plan in plans)
    assert len({plan.board.slug for plan in plans}) == len(plans)
    assert all(sum(step.ticks for step in plan.steps) < plan.board.budget_ticks for plan in plans)
    assert tmp_path / "São Paulo" == project_of(boards[0].parent)
    assert sorted(MEDIA) == sorted(STARTERS)


def test_the_starters_show_what_each_is_for(tmp_path: Path):
    """
    A film of every kind of scene that needs nothing, an ad of four films, a drama that waits for its stills, three episodes.
    """
    (film,) = (plan for board in begun("film", tmp_path, "a") for plan in read_plans(board, load_catalog()))
    ads = [plan for board in begun("ad", tmp_path, "b") for plan in read_plans(board, load_catalog())]
    (drama,) = (plan for board in begun("drama", tmp_path, "c") for plan in read_plans(board, load_catalog()))
    series = [plan for board in begun("series", tmp_path, "d") for plan in read_plans(board, load_catalog())]

    assert {"image", "text", "picture", "card"} == {scene.mode for scene in film.board.scenes}
    assert ["english", "french"] == [plan.board.variant for plan in ads]
    assert [2, 2] == [len(plan.films) for plan in ads]
    assert drama.board.review
    assert {"still", "video", "extend"} == {step.kind for step in drama.steps}
    assert ["d-ep01", "d-ep02", "d-ep03"] == [plan.board.slug for plan in series]
    assert 1 == len({plan.steps[0].recipe.model_dump_json() for plan in series})


def test_a_projects_file_says_nothing_yet_and_all_that_it_may(tmp_path: Path):
    """
    Each line of it that is a setting holds as soon as its sign of a comment is taken away.
    """
    begun("film", tmp_path)
    mark = tmp_path / "film" / "storyreel.toml"
    before = project_at(mark.parent)
    text = re.sub(r"^# (?=[\w.]+ = )", "", mark.read_text(encoding="utf-8"), flags=re.MULTILINE)
    mark.write_text(text, encoding="utf-8")
    after = project_at(mark.parent)

    assert before is not None
    assert after is not None
    assert {} == before.lines
    assert sorted(variables_in_files()[key][0].name for key in ALLOWED) == sorted(after.lines)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("..", "film"),
        (".", "film"),
        ("", "film"),
        (" ", "film"),
        ("/etc/films", "films"),
        ("../films", "films"),
        ("a\\b", "b"),
        ("con", "con-film"),
        ("COM1.x", "com1-x"),
        ("NUL ", "nul-film"),
        ("film.yaml", "film"),
        ("film.", "film"),
        (".film", "film"),
        ("-rf", "rf"),
        ("a\nb", "a-b"),
        ("a\u202eb", "ab"),
        ("a{{ b }}", "a-b"),
        ('a"b', "a-b"),
        ("a:b", "a-b"),
        ("\udcff", "film"),
        ("x" * 65, "x" * 64),
    ],
)
def test_a_name_that_is_none_everywhere_is_refused_with_one_that_is(name: str, instead: str):
    """
    No place outside, no device of Windows, nothing that a shell or a template takes for its own; and another name that would do.
    """
    with pytest.raises(SettingsError, match="call it ") as refused:
        project_name(name)

    assert str(refused.value).endswith(f" {instead}")
    assert instead == project_name(instead).folder


@pytest.mark.parametrize(
    ("name", "slug", "title"),
    [
        ("film", "film", "Film"),
        ("My_Film-2", "My_Film-2", "My Film 2"),
        ("Été à Rio", "ete-a-rio", "Été à Rio"),
        ("Ma mere l'Oye", "ma-mere-l-oye", "Ma mere l'Oye"),
        ("日本", "riben", "日本"),
        ("e\u0301te\u0301", "ete", "Été"),
    ],
)
def test_a_name_of_any_script_names_a_folder_and_a_file(name: str, slug: str, title: str):
    """
    The folder is called as people write it, its storyboard in Latin letters.
    """
    called = project_name(name)

    assert (slug, title) == (called.slug, called.title)


@pytest.mark.parametrize("there", ["file", "folder", "full folder", "link"])
def test_nothing_that_is_there_is_touched(tmp_path: Path, there: str):
    """
    Whatever has the name, also a link to nothing, stays as it is, and nothing is left beside it.
    """
    place = tmp_path / "film"
    if there == "file":
        place.write_text("mine")
    elif there == "link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        place.mkdir()
        if there == "full folder":
            (place / "film.yaml").write_text("mine")
    before = sorted((path, path.lstat()) for path in tmp_path.rglob("*"))
    with pytest.raises(SettingsError, match=r"film is there already.*choose another name"):
        begun("film", tmp_path)

    assert before == sorted((path, path.lstat()) for path in tmp_path.rglob("*"))


def test_what_comes_there_meanwhile_is_not_touched_either(tmp_path: Path):
    """
    Somebody else makes it while ours is being written: theirs stays.
    """

    def meanwhile(_: Path) -> None:
        (tmp_path / "film").mkdir()
        (tmp_path / "film" / "mine").touch()

    with pytest.raises(SettingsError, match="film is there already"):
        make_folder(tmp_path / "film", {"film.yaml": b"ours"}, meanwhile)

    assert [tmp_path / "film", tmp_path / "film" / "mine"] == sorted(tmp_path.rglob("*"))


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path):
    """
    A disk's own words become a line with what to do.
    """
    (tmp_path / "afile").touch()
    with pytest.raises(MachineError, match=r"cannot be written: .*; .*choose another"):
        make_folder(tmp_path / "afile" / "film", {"film.yaml": b""}, lambda _: None)


@pytest.mark.journey
@pytest.mark.long
def test_killed_at_any_moment_there_is_a_whole_folder_or_none(tmp_path: Path):
    """
    The folder is there at once, with all that is in it; what is half stands beside it, hidden, and is no project of anybody's.
    """
    whole = None
    for delay in (0.3, 0.6, 0.8, 1.0, 1.3):
        place = tmp_path / str(delay)
        place.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "storyreel", "new", "film"], cwd=place, stdout=subprocess.DEVNULL
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (place / "film").exists():
            names = sorted(str(path.relative_to(place)) for path in (place / "film").rglob("*"))
            whole = whole or names
            assert names == whole
        assert all(path.name == "film" or path.name.startswith(".film.") for path in place.iterdir())
    subprocess.run([sys.executable, "-m", "storyreel", "new", "last"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "last" / "last.yaml").exists()
