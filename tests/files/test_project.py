"""
The folder of a project: files anywhere in it, and never outside.
"""

import os
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import StoryboardError
from storyreel.files.project import project_of
from storyreel.model.footage import Footage
from storyreel.model.storyboard import PictureFile, Storyboard
from storyreel.storyboard import load

BOARD = "scenes:\n  - {id: sea, image: ../refs/lamp.png, prompt: Waves.}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in the home with a picture and, in a folder of its own, a storyboard that names it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project = tmp_path / "home" / "series"
    for folder in ("refs", "one"):
        (project / folder).mkdir(parents=True)
    (project / "refs" / "lamp.png").write_text("a lamp")
    (project / "one" / "film.yaml").write_text(BOARD)
    return project


def read(project: Path) -> Storyboard:
    def measure(path: Path) -> Footage:
        return Footage(path, path.name, 1280, 720, 0.0, 0.0, 1)

    return load(project / "one" / "film.yaml", catalog=load_catalog(), measure=measure)


def refused(project: Path) -> str:
    with pytest.raises(StoryboardError) as wrong:
        read(project)
    return wrong.value.problems[0].sentence


def test_files_may_lie_anywhere_in_a_project(project: Path):
    """
    Media, texts and shared files above the storyboard.
    """
    (project / "storyreel.toml").touch()
    (project / "one" / "film.yaml").write_text(
        "use: [../people/cast.yaml]\nscenes:\n  - {id: sea, image: ../refs/lamp.png, prompt: '{% include \"../looks/dusk.j2\" %}'}\n"
    )
    for folder, file in (("people", "cast.yaml"), ("looks", "dusk.j2")):
        (project / folder).mkdir()
        (project / folder / file).write_text("vars: {hour: dusk}\n" if folder == "people" else "at {{ hour }}")

    scene = read(project).scenes[0]

    assert "at dusk" == scene.prompt
    assert isinstance(scene.image, PictureFile)
    assert project / "refs" / "lamp.png" == scene.image.footage.path


def test_without_a_project_the_border_is_the_storyboards_folder(project: Path):
    """
    As it always was.
    """
    assert "'../refs/lamp.png' leads out of the storyboard's folder" in refused(project)


def test_a_shared_file_of_a_project_is_told_by_its_path(project: Path):
    """
    From where the storyboard's was given, without the way there.
    """
    (project / "storyreel.toml").touch()
    (project / "cast.yaml").write_text("cats: {}\n")
    (project / "one" / "film.yaml").write_text("use: [../cast.yaml]\nscenes:\n  - {id: sea, prompt: Waves.}\n")

    with pytest.raises(StoryboardError) as wrong:
        read(project)

    assert [f"{project}/cast.yaml:1:1"] == [str(each.place) for each in wrong.value.problems]


@pytest.mark.parametrize("way", ["../../secret.png", "../link.png", "../out/secret.png"])
def test_nothing_outside_of_a_project_is_read(project: Path, way: str):
    """
    Also not by a link.
    """
    (project / "storyreel.toml").touch()
    (project.parent / "secret.png").write_text("a secret")
    (project / "link.png").symlink_to(project.parent / "secret.png")
    (project / "out").symlink_to(project.parent)
    (project / "one" / "film.yaml").write_text(BOARD.replace("../refs/lamp.png", way))

    assert f"'{way}' leads out of the project's folder" in refused(project)


def test_the_nearest_mark_counts(project: Path):
    """
    A folder within a project may be a project of its own.
    """
    (project / "storyreel.toml").touch()
    (project / "one" / "storyreel.toml").touch()

    assert project / "one" == project_of(project / "one")
    assert "leads out of the storyboard's folder" in refused(project)


def test_nothing_above_the_home_makes_a_project(project: Path, tmp_path: Path):
    """
    The home itself may be one.
    """
    (tmp_path / "storyreel.toml").touch()
    assert project / "one" == project_of(project / "one")

    (tmp_path / "home" / "storyreel.toml").touch()
    assert tmp_path / "home" == project_of(project / "one")


@pytest.mark.parametrize("mark", ["folder", "link", "pipe"])
def test_only_a_file_is_a_mark(project: Path, mark: str):
    """
    What only has the name opens nothing.
    """
    {"folder": Path.mkdir, "link": lambda path: path.symlink_to("refs/lamp.png"), "pipe": os.mkfifo}[mark](
        project / "storyreel.toml"
    )

    assert project / "one" == project_of(project / "one")


def test_a_file_of_somebody_else_is_no_mark(project: Path, monkeypatch: pytest.MonkeyPatch):
    """
    In a folder that others may write to nobody else opens what lies beside.
    """
    (project / "storyreel.toml").touch()
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)

    assert project / "one" == project_of(project / "one")
