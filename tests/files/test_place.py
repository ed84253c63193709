"""
Films and what belongs to them are put where they belong: whole, by any number of runs at once, and told where they cannot.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from storyreel.delivery.places import check_out, film_files
from storyreel.errors import MediaError, SettingsError
from storyreel.files import place
from storyreel.files.place import place_bytes, place_copy, workplace
from storyreel.files.regular import copy_plain

TWO = """
import sys
from pathlib import Path
from storyreel.files.place import place_bytes, place_copy
source, to = map(Path, sys.argv[1:])
for _ in range(40):
    place_copy(source, to)
    place_bytes(b"{}", to.with_suffix(".json"))
"""


def test_many_runs_put_the_same_film_in_its_place(tmp_path: Path):
    """
    Whoever looks sees a whole film at any time; every run ends well, and nothing of their work stays.
    """
    source, to = tmp_path / "film", tmp_path / "out" / "film.mp4"
    source.write_bytes(os.urandom(2_000_000))
    runs = [subprocess.Popen([sys.executable, "-c", TWO, source, to], stderr=subprocess.PIPE) for _ in range(3)]
    sizes = set()
    while any(run.poll() is None for run in runs):
        if to.exists():
            sizes.add(to.stat().st_size)
        time.sleep(0.005)
    told = [run.communicate()[1].decode() for run in runs]

    assert [0, 0, 0] == [run.returncode for run in runs], told
    assert {2_000_000} == sizes
    assert ["film.json", "film.mp4"] == sorted(path.name for path in to.parent.iterdir())


@pytest.mark.parametrize("letter", ["a", "ж", "映", "🎬"])
def test_the_longest_name_that_a_disk_takes_is_put_there(letter: str, tmp_path: Path):
    """
    Half a file has a name of its own, which is no longer than that; in whatever letters a title is.
    """
    to = tmp_path / (letter * (251 // len(letter.encode())) + ".mp4")
    half = tmp_path / f".{os.fsencode(to.name)[:150].decode(errors='ignore')}.1-2.half"
    half.write_bytes(b"half")
    os.utime(half, (1, 1))
    place_bytes(b"whole", to)

    assert [to] == list(tmp_path.iterdir())
    assert b"whole" == to.read_bytes()


def test_what_a_killed_run_has_left_is_swept(tmp_path: Path):
    """
    Half a film that nobody has written to for an hour goes, of today's naming and of 0.1.0's; a younger one stays.
    """
    old = [tmp_path / ".film.mp4.half", tmp_path / ".film.mp4.12-ab.half"]
    young, other = tmp_path / ".film.mp4.13-cd.half", tmp_path / ".other.mp4.14-ef.half"
    for path in (*old, young, other):
        path.write_bytes(b"half")
    for path in (*old, other):
        os.utime(path, (time.time() - 4000,) * 2)
    place_bytes(b"film", tmp_path / "film.mp4")

    assert [False, False, True, True] == [path.exists() for path in (*old, young, other)]


def test_a_folder_to_work_in_is_gone_with_the_work(tmp_path: Path):
    """
    It lies beside the film, and nothing of it stays, whether the work comes to its end or not.
    """
    film = tmp_path / "films" / "film.mov"
    with workplace(film) as folder:
        (folder / "half").write_bytes(b"half")
        assert film.parent == folder.parent
    with pytest.raises(ValueError, match="no"), workplace(film) as folder:
        raise ValueError("no")

    assert not list(film.parent.iterdir())


def test_a_folder_that_a_killed_run_has_left_is_swept(tmp_path: Path):
    """
    One in which something was written within the hour stays: a long film is being encoded there.
    """
    dead, alive = tmp_path / ".film.mov.12-ab.half", tmp_path / ".film.mov.13-cd.half"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "film.mov").write_bytes(b"half")
    for path in (dead / "film.mov", dead, alive):
        os.utime(path, (time.time() - 4000,) * 2)

    with workplace(tmp_path / "film.mov"):
        assert [False, True] == [path.exists() for path in (dead, alive)]


FULL = """
import resource, sys
from pathlib import Path
from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    place_bytes(b"a" * 2000, Path(sys.argv[1]))
except MediaError as error:
    print(error.exit_code, error)
"""


def test_a_disk_that_is_full_leaves_the_former_film(tmp_path: Path):
    """
    Exit code 4, the file and the remedy; the film of before stands, and half of the new one does not.
    """
    film = tmp_path / "film.mp4"
    film.write_bytes(b"former")
    told = subprocess.run([sys.executable, "-c", FULL, film], capture_output=True, text=True, check=True).stdout

    assert f"4 {film} cannot be written: File too large; a file may not grow that large here" in told
    assert [film] == list(tmp_path.iterdir())
    assert b"former" == film.read_bytes()


@pytest.mark.parametrize("what", ["file-above", "folder-there", "unreadable", "circle"])
def test_what_cannot_be_put_there_is_told_and_leaves_the_former_film(what: str, tmp_path: Path):
    """
    A file where a folder is wanted, a folder where the film is, a source that fails, links in a circle: exit code 4, no mess.
    """
    to = tmp_path / "out" / "film.mp4"
    to.parent.mkdir()
    source = tmp_path / "film"
    source.write_bytes(b"film")
    if what == "file-above":
        to = source / "film.mp4"
    elif what == "folder-there":
        to.mkdir()
    elif what == "circle":
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        to = tmp_path / "a" / "film.mp4"
    else:
        to.write_bytes(b"former")
        source = Path("/proc/self/mem")
    with pytest.raises(MediaError) as caught:
        place_copy(source, to)

    assert 4 == caught.value.exit_code
    assert str(to) in str(caught.value)
    assert not list(tmp_path.rglob("*.half"))
    if what == "unreadable":
        assert b"former" == to.read_bytes()


@pytest.mark.parametrize(
    "odd",
    ["file", "file/below", "circle", "slug-is-a-file", "film-is-a-folder", "/proc/films", "x" * 300, "nul\0"],
)
def test_a_folder_that_cannot_take_a_film_is_known_before_the_first_dollar(odd: str, tmp_path: Path):
    """
    The folder is made and written into; what stands in a film's place is noticed; and nothing of the trial stays.
    """
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "slug-is-a-file").mkdir()
    (tmp_path / "slug-is-a-file" / "small").write_text("")
    (tmp_path / "film-is-a-folder" / "small" / "small.sandbox.mp4").mkdir(parents=True)
    with pytest.raises(SettingsError, match="give another --out"):
        check_out(tmp_path / odd, [film_files(tmp_path / odd, "small", "sandbox")])
    check_out(tmp_path / "good", [film_files(tmp_path / "good", "small", "sandbox")])

    assert [] == list((tmp_path / "good").iterdir())


def test_a_file_that_another_run_puts_anew_while_it_is_copied_is_copied_whole(tmp_path: Path, monkeypatch):
    """
    Two runs may make the same film at once, and each puts it where the other is reading.
    """
    source, new, to = tmp_path / "film.mp4", tmp_path / "new.mp4", tmp_path / "out.mp4"
    for each in (source, new):
        each.write_bytes(b"a film" * 1000)

    class Meanwhile:
        """Has another run put its film there as soon as something of the former one is copied."""

        def __init__(self, half: BinaryIO) -> None:
            self.half = half

        def write(self, block: bytes) -> None:
            self.half.write(block)
            if new.exists():
                new.replace(source)

    monkeypatch.setattr(place, "copy_plain", lambda path, half: copy_plain(path, Meanwhile(half)))
    place_copy(source, to)

    assert b"a film" * 1000 == to.read_bytes()
