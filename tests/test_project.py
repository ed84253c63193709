"""
The project as somebody meets it first: the demo, the wheel, the README, the storyboards that come with it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.media import measure, measure_sound, probe
from storyreel.model.storyboard import PictureFrame
from storyreel.storyboard import load, load_all
from tests.desk import Desk
from tests.lowest import lowest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def packed() -> list[str]:
    """Return the names of the files that a packed source has, which are those of a clone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    places = [ROOT / name.lstrip("/") for name in project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]]
    files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    return [str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of what git would clone, with this run's environment in the place of its own."""
    for name in packed():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for command in ("storyreel", "python"):
        (tmp_path / ".venv" / "bin" / command).symlink_to(Path(sys.executable).parent / command)
    return tmp_path


def demo(clone: Path) -> tuple[str, float]:
    """Run `make demo` and return what it said and what it took of a processor, in seconds: others may be at work, too."""
    # The tests may themselves be run by make, whose flags and Python are not this one's.
    theirs = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON")
    outside = {name: value for name, value in os.environ.items() if name not in theirs}
    before = os.times()
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/.ready", "demo"],
        cwd=clone,
        env={**outside, "XAI_API_KEY": "a-key-that-must-not-matter", "PREFECT_API_URL": "http://127.0.0.1:9/api"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    after = os.times()
    return done.stdout, sum(after[2:4]) - sum(before[2:4])


SMALL = """
title: The Lighthouse
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse at dusk.", then: [{edit: "Add snow."}]}
  - {id: door, image: {prompt: "An iron door."}, prompt: "The door opens."}
"""
"""In place of the demo's own storyboard, which takes half a minute."""


@pytest.mark.long
@pytest.mark.parametrize("board", [pytest.param(SMALL, id="small"), pytest.param("", id="whole")])
@pytest.mark.journey
def test_the_demo_shoots_a_film(clone: Path, board: str):
    """
    One command, a server of its own, every kind of step: the plan's seconds to the frame, sound on time; then nothing.
    """
    if board:
        (clone / "storyboards" / "lighthouse.yaml").write_text(board)
    told, _ = demo(clone)
    film = clone / "out" / "lighthouse" / "lighthouse.sandbox.mp4"
    found = probe(film)
    cut_list = json.loads(film.with_suffix(".cut.json").read_text())
    log = clone / "out" / "demo" / "sandbox" / "posts.jsonl"
    posts = log.read_text()
    again, seconds = demo(clone)

    assert told.splitlines()[-1] == "out/lighthouse/lighthouse.sandbox.mp4"
    assert ("h264", "aac", True) == (found.signature.codec, found.audio_codec, found.has_audio)
    assert round(cut_list["asked_seconds"] * 24) == found.frames
    assert 1000 / 24 > abs(cut_list["av_offset_ms"])
    assert film.with_suffix(".png").exists()
    assert "the film stands" in again
    assert posts == log.read_text()
    assert seconds < 5


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the wheel was unpacked into, as an installation has it."""
    folder = tmp_path_factory.mktemp("wheel")
    pack = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist"]
    subprocess.run(pack, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    shutil.unpack_archive(wheel, folder / "installed", "zip")
    return folder / "installed"


def test_the_wheel_has_all_that_somebody_begins_with(unpacked: Path):
    """
    Data, flows, starters, the example storyboards with their media, and of the docs what a storyboard is written with.
    """
    data = [
        path.relative_to(ROOT / "src")
        for path in (ROOT / "src").rglob("*.*")
        if path.suffix in (".j2", ".toml", ".ttf", ".txt", ".yaml", ".css", ".js")
    ]
    examples = [path.relative_to(ROOT / "storyboards") for path in (ROOT / "storyboards").rglob("*.*")]
    package = unpacked / "storyreel"

    assert [] == [path for path in data if not (unpacked / path).exists()]
    assert [] == [path for path in examples if not (package / "examples" / path).exists()]
    assert {"language.md", "cut.md", "problems.md", "settings.md"} <= {
        path.name for path in (package / "docs").iterdir()
    }
    assert {"sequence.py", "dailies.py"} <= {path.name for path in (package / "flows").iterdir()}
    assert 6_000_000 > sum(path.stat().st_size for path in package.rglob("*") if path.is_file())


@pytest.mark.long
@pytest.mark.prefect
@pytest.mark.journey
def test_the_wheel_begins_a_project_and_shoots_it_in_an_empty_folder(desk: Desk, prefect_server: str, unpacked: Path):
    """
    `storyreel new film && storyreel shoot film/film.yaml --sandbox` is a film; the package brings along all that it needs.
    """
    path = os.pathsep.join([str(unpacked), os.environ["PYTHONPATH"]])
    empty = desk.folder / "empty"
    empty.mkdir()
    there = Desk(empty)
    there.run("new", "film", PYTHONPATH=path)
    told = there.run(
        "shoot", "film/film.yaml", "--sandbox", PYTHONPATH=path, PREFECT_API_URL=prefect_server, STORYREEL_OUT="out"
    )
    where = subprocess.run(
        [sys.executable, "-c", "from storyreel.desk.flows import flow_file; print(flow_file())"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "out/film/film.sandbox.mp4" == told.splitlines()[-1]
    assert 14.5 * 24 == probe(empty / "out" / "film" / "film.sandbox.mp4").frames
    assert str(unpacked / "storyreel" / "flows" / "sequence.py") == where.stdout.strip()


def test_a_packed_source_is_all_of_the_project(tmp_path: Path):
    """
    It can be built, tested and changed from: all that a clone has is there, and nothing of whoever packed it.
    """
    pack = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", tmp_path]
    subprocess.run(pack, cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    tracked = []
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        tracked = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]

    assert [] == sorted({*tracked} - names)
    assert names <= {*packed(), ".gitignore", "PKG-INFO"}


@pytest.mark.parametrize("board", sorted((ROOT / "storyboards").rglob("*.yaml")), ids=lambda path: str(path.stem))
def test_every_storyboard_that_comes_along_is_right(board: Path):
    """
    What people learn from has no problem, and nothing to remark.
    """
    read = load_all(board, catalog=load_catalog(), measure=measure, measure_sound=measure_sound)

    assert [] == [note for each in read for note in each.notes]


def test_the_smallest_storyboard_has_every_kind_of_scene_and_step():
    """
    The demo goes through every way of making a clip.
    """
    from storyreel.production.read_plan import read_plan

    board, planned = read_plan(ROOT / "storyboards" / "lighthouse.yaml", load_catalog())

    assert {"text", "image", "references", "clip"} == {scene.mode for scene in board.scenes}
    assert {"video", "extend", "edit", "still"} == {step.kind for step in planned.steps}
    assert 7 == len(board.scenes)


def test_the_trailer_is_cut_in_every_way():
    """
    Parts, repeats, speeds, transitions, a close, cards, pictures, a move, fits, a scene that begins within another one, music, a voice,
    an effect, a loudness, titles, captions and chapters, as six films.
    """
    from storyreel.files.storyboards import storyboards_of
    from storyreel.production.read_plan import read_plans

    planned, other = read_plans(ROOT / "storyboards" / "tram.yaml", load_catalog())
    board = planned.board
    scenes, shots = board.scenes, planned.timeline.picture
    size = sum(path.stat().st_size for path in (ROOT / "storyboards" / "tram").iterdir() if path.suffix != ".py")

    assert {"text", "image", "clip", "card", "picture"} == {scene.mode for scene in scenes}
    assert {"pad", "crop", "blur"} == {scene.framing.fit for scene in scenes}
    assert ["hill"] == [scene.id for scene in scenes if scene.drawn is not None and scene.drawn.moves]
    assert ["face"] == [scene.id for scene in scenes if isinstance(scene.image, PictureFrame)]
    assert [("street", "Rua da Bica, Lisboa")] == [(shot.scene, each.text) for shot in shots for each in shot.titles]
    assert len({shot.scene for shot in shots}) == len(shots) - 3
    assert {"dissolve", "fade-black", "slide-left", "wipe-left"} == {shot.joint.kind for shot in shots if shot.joint}
    assert planned.timeline.close is not None
    assert planned.timeline.chapters
    assert [("stop", "pt-PT"), ("face", "pt-PT")] == [(each.id, board.captions.language) for each in scenes if each.say]
    assert {Fraction(1), Fraction(2), Fraction(3, 4)} == {shot.speed for shot in shots}
    assert {"voiceover", "sounds"} == {each.kind for shot in shots for each in shot.laid}
    assert [True] == [bed.loop for bed in planned.timeline.music]
    assert planned.timeline.loudness is not None
    assert ["stop"] == sorted({shot.scene for shot in shots if shot.sound.duck})
    assert 500_000 > size
    assert ["", "upright", "proof"] == [film.name for film in planned.films] == [film.name for film in other.films]
    alike = {
        step.scene_id
        for step, each in zip(planned.steps, other.steps, strict=True)
        if step.recipe.body == each.recipe.body
    }
    assert {"stop", "face"} == alike
    nights = [path.name for path in storyboards_of(ROOT / "storyboards")]
    assert ["ad-spot.yaml", "lighthouse.yaml", "tram.yaml"] == nights


def test_the_storyboard_of_the_readme_is_right(tmp_path: Path):
    """
    The one storyboard that everybody reads can be shot.
    """
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "keeper").mkdir()
    shutil.copy(ROOT / "storyboards" / "lighthouse" / "mira.png", tmp_path / "keeper" / "mira.png")
    board = load(tmp_path / "keeper.yaml", catalog=load_catalog(), measure=measure, text=block)

    assert ["coast", "walk", "stair"] == [scene.id for scene in board.scenes]


def test_only_one_package_is_called_ffmpeg():
    """
    Three packages install a module `ffmpeg` over each other; ours is ffmpeg-python.
    """
    from importlib.metadata import packages_distributions

    assert ["ffmpeg-python"] == sorted(set(packages_distributions()["ffmpeg"]))


def test_every_pin_is_plain():
    """
    Pins name versions, and no place to get them from.
    """
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]

    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][\w.]*", line) for line in lines), lines


def test_everything_that_is_asked_for_has_a_lower_bound():
    """
    `make test-lowest` installs a version of each package that pyproject.toml names, and none twice.
    """
    names = [re.split("[=<]=", line)[0] for line in lowest()]

    assert {"prefect", "httpx", "obstore", "pytest"} <= set(names)
    assert len(names) == len(set(names))


def test_no_file_of_ours_is_longer_than_400_lines():
    """
    A file can be read in one sitting. One that passes 400 lines has two purposes, and wants a door of its own for one.
    """
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}

    assert {} == {name: length for name, length in sorted(lengths.items()) if length > 400}
