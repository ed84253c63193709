"""
Files that several storyboards use: what they share, whose words win, and where what is wrong with them is told.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import PictureFile, Storyboard

Read = Callable[[str], Storyboard]

SCENE = "scenes:\n  - {id: sea, prompt: Waves.}\n"


@pytest.fixture
def share(folder: Path) -> Callable[..., None]:
    """Return a function that writes files beside the storyboard, below `shared`."""

    def share(**files: str) -> None:
        for name, text in files.items():
            (folder / "shared" / f"{name}.yaml").write_text(text)

    return share


def told(read: Read, text: str) -> list[str]:
    """Return what is wrong with a storyboard, each with its place and its code; what is noted where nothing is wrong."""
    try:
        problems = read(text).notes
    except StoryboardError as error:
        problems = error.problems
    return [f"{each.place}: {each.sentence} [{each.code}]" for each in problems]


def test_a_storyboard_has_what_its_files_share(read: Read, share: Callable[..., None]):
    """
    Members of the cast, names of variables, the style, and fields of the defaults.
    """
    share(
        series="cast:\n  mira: {description: 'a keeper in {{ town }}'}\nvars: {town: Lisbon, sea: the Tejo}\nstyle: Pencil.\n"
        "defaults: {duration: 4, resolution: 480p, still: {resolution: 1k, model: grok-imagine-image-quality}}\n"
    )
    board = read(
        "use: [shared/series.yaml]\nvars: {town: Porto}\ndefaults: {resolution: 720p, still: {resolution: 2k}}\nscenes:\n"
        "  - {id: sea, prompt: '{{ cast.mira }} by {{ sea }}.', image: {prompt: A lamp.}}\n"
    )

    scene, still = board.scenes[0], board.stills[0]
    assert "a keeper in Porto by the Tejo." == scene.prompt
    assert ("A lamp.\nPencil.", "2k", "grok-imagine-image-quality") == (still.prompt, still.resolution, still.model)
    assert (4, "720p") == (scene.duration, board.resolution)


def test_what_is_moved_into_a_shared_file_stays_what_it_was(read: Read, share: Callable[..., None]):
    """
    A board whose cast, style and defaults stand elsewhere plans the same requests.
    """
    own = "cast:\n  mira:\n    description: a keeper\n    references: [{0}refs/mira-front.png, {{prompt: A keeper.}}]\nstyle: Pencil.\ndefaults: {{duration: 4}}\n"
    scenes = "scenes:\n  - {id: sea, references: [mira], prompt: '{{ ref.mira }} waits.'}\n"
    share(series=own.format("../"))

    there, here = read("use: [shared/series.yaml]\n" + scenes), read(own.format("") + scenes)

    assert here.scenes[0].references == there.scenes[0].references
    assert [(scene.prompt, scene.duration) for scene in here.scenes] == [
        (scene.prompt, scene.duration) for scene in there.scenes
    ]
    assert [(still.prompt, still.model) for still in here.stills] == [
        (still.prompt, still.model) for still in there.stills
    ]


def test_paths_in_a_shared_file_begin_where_it_lies(
    read: Read, share: Callable[..., None], folder: Path, measured: list[str]
):
    """
    Pictures and texts are those beside the shared file; the storyboard's own are beside the storyboard.
    """
    (folder / "shared" / "looks").mkdir()
    (folder / "shared" / "looks" / "dusk.j2").write_text("a dusk of the series")
    share(series="cast:\n  mira: {references: [../refs/lamp.png]}\nstyle: '{% include \"looks/dusk.j2\" %}'\n")
    board = read(
        "use: [shared/series.yaml]\nvars: {city: Lisbon}\nscenes:\n"
        "  - {id: sea, references: [mira], prompt: '{% include \"looks/dusk.j2\" %}'}\n"
    )

    assert "dusk over Lisbon\na dusk of the series" == board.scenes[0].prompt
    assert ["refs/lamp.png"] == measured
    assert isinstance(board.scenes[0].references[0], PictureFile)


def test_what_nobody_needs_of_a_shared_file_is_no_note(read: Read, share: Callable[..., None]):
    """
    A cast is for all films of a series; a member of the storyboard's own that is in no scene is still told.
    """
    share(series="cast:\n  mira: {description: a keeper}\nx-looks: &look Pencil.\nstyle: *look\n")

    assert [] == told(read, "use: [shared/series.yaml]\n" + SCENE)
    assert ["lantern.yaml:3:8: 'ana' is in the cast and in no scene [unused-member]"] == told(
        read, "use: [shared/series.yaml]\ncast:\n  ana: {description: a guest}\n" + SCENE
    )


WRONG = {
    "use: [shared/nobody.yaml]": [
        (
            "lantern.yaml:1:7: there is no file 'shared/nobody.yaml' (paths are relative to the storyboard's file and stay inside its "
            "folder) [missing-file]"
        )
    ],
    "use: [shared/cats.yaml]": [
        "lantern.yaml:1:7: there is no file 'shared/cats.yaml' (did you mean 'shared/cast.yaml'?) [missing-file]"
    ],
    "use: [../cast.yaml]": [
        (
            "lantern.yaml:1:7: '../cast.yaml' leads out of the storyboard's folder (copy the file beside the storyboard, or make a folder above a project by an empty storyreel.toml; paths are relative "
            "to the storyboard's file and stay inside its folder) [wrong-path]"
        )
    ],
    "use: [shared]": ["lantern.yaml:1:7: 'shared' is a folder, not a file (name the file in it) [wrong-media]"],
    "use: shared/cast.yaml": [
        "lantern.yaml:1:6: use is 'shared/cast.yaml'; it must be a list of files (write use: [shared/cast.yaml]) [wrong-value]"
    ],
    "use: []": ["lantern.yaml:1:6: the list of files to use is empty (name a file, or leave `use` out) [empty-list]"],
    "use: [shared/cast.yaml, shared/cast.yaml]": [
        "lantern.yaml:1:25: 'shared/cast.yaml' is used twice (name each file once) [repeated-name]"
    ],
    "include: [shared/cast.yaml]": [
        "lantern.yaml:1:1: there is no 'include' in a storyboard (did you mean 'use'?) [unknown-key]"
    ],
    "use: [shared/cast.yaml, shared/winter.yaml]": [
        (
            "shared/winter.yaml:2:3: 'ben' is not the same here and in shared/cast.yaml, line 2 (take one away, or write it in the "
            "storyboard: its own words win) [shared-differs]"
        )
    ],
    "use: [shared/film.yaml]": [
        (
            "shared/film.yaml:3:1: `title` cannot be shared; cast, vars, style, defaults can (write it in the storyboard that uses this "
            "file) [not-shared]"
        )
    ],
}
"""What stands at the top of a storyboard of one right scene, and what is told of it."""


@pytest.mark.parametrize("top", WRONG)
def test_a_file_that_cannot_be_used_is_told_where_it_is_named(read: Read, top: str):
    """
    With its place, both values where there are two, and what to do.
    """
    assert WRONG[top] == told(read, f"{top}\n{SCENE}")


WRONG_INSIDE = {
    "use: [cast.yaml]\n": [
        "1:1: a file that is used has no `use` of its own (name that file in the storyboard, beside this one) [not-shared]"
    ],
    "cats: {}\n": ["1:1: there is no 'cats' in a file that is used (did you mean 'cast'?) [not-shared]"],
    "vars: [Lisbon]\n": [
        "1:1: vars is a list; it must be a mapping of names (write what it has below it, or take it away) [not-shared]"
    ],
    "cast:\n": ["1:1: 'cast' has no value (give it one, or take the key away) [not-shared]"],
    "cast:\n  mira: {descripton: a keeper}\n": [
        "2:10: there is no 'descripton' in the cast (did you mean 'description'?) [unknown-key]",
    ],
    "cast:\n  mira: {references: [refs/lamp.png]}\n": [
        "2:23: there is no file 'refs/lamp.png' (there is no folder 'refs' beside the file that it stands in) [missing-file]"
    ],
    "cast:\n  mira: {references: [../../lamp.png]}\n": [
        (
            "2:23: '../../lamp.png' leads out of the storyboard's folder (copy the file beside the storyboard, or make a folder above a project by an empty storyreel.toml; paths are relative to the "
            "file that they stand in and stay inside the storyboard's folder) [wrong-path]"
        )
    ],
    "cast:\n  mira: {description: 'a keeper in {{ twon }}'}\nvars: {town: Lisbon}\n": [
        "2:39: description knows no 'twon'; did you mean 'town'? (it knows town) [unknown-name]"
    ],
    "cast:\n  mira: a keeper: tall\n": [
        "2:17: there is a colon and a space inside a text without quotes, and YAML takes it for a key (put quotes round the whole text) [yaml-colon]"
    ],
    "defaults: {duration: noon}\n": [
        (
            "1:22: duration is 'noon'; it must be a whole number of seconds (write a number, without quotes and without a unit) "
            "[wrong-value]"
        )
    ],
    "- cast\n": [
        (
            "1:1: a storyboard is a mapping of keys to values (write `scenes:` and the scenes below it; every line at the top is a key "
            "and a value) [not-a-storyboard]"
        )
    ],
    "vars: {loop: Lisbon}\n": [
        "1:8: 'loop' is a word of templates already (give the variable another name) [reserved-name]"
    ],
}
"""A file that is used, and what is told of it."""


@pytest.mark.parametrize("inside", WRONG_INSIDE)
def test_what_is_wrong_in_a_shared_file_is_told_there(read: Read, share: Callable[..., None], inside: str):
    """
    At its line and its column; nothing is missed that it would have had.
    """
    share(series=inside)
    expected = [f"shared/series.yaml:{each}" for each in WRONG_INSIDE[inside]]

    assert expected == told(read, "use: [shared/series.yaml]\n" + SCENE)


def test_the_screen_shows_the_line_of_the_shared_file(problems: Callable[[str], str], share: Callable[..., None]):
    """
    The caret stands below the words that are wrong, in the file that has them.
    """
    share(series="cast:\n  mira: {descripton: a keeper}\n")

    assert (
        "shared/series.yaml:2:10: there is no 'descripton' in the cast [unknown-key]\n"
        "   2 |   mira: {descripton: a keeper}\n"
        "     |          ^^^^^^^^^^\n"
        "     = did you mean 'description'?\n"
    ) == problems("use: [shared/series.yaml]\n" + SCENE)


def test_files_that_differ_are_told_with_both_values(read: Read, share: Callable[..., None]):
    """
    Unless the storyboard writes the name itself.
    """
    share(one="vars: {city: Lisbon}\ndefaults: {duration: 4}\n", two="defaults: {duration: 8}\nvars: {city: Lisbon}\n")

    assert [
        (
            "shared/two.yaml:1:12: 'duration' is 8 here, and 4 in shared/one.yaml, line 2 (take one away, or write it in the storyboard: its "
            "own words win) [shared-differs]"
        )
    ] == told(read, "use: [shared/one.yaml, shared/two.yaml]\n" + SCENE)
    assert [] == told(read, "use: [shared/one.yaml, shared/two.yaml]\ndefaults: {duration: 6}\n" + SCENE)


def test_the_same_words_beside_other_files_are_not_the_same(read: Read, share: Callable[..., None], folder: Path):
    """
    `refs/lamp.png` of two folders are two pictures.
    """
    words = "cast:\n  mira: {references: [refs/lamp.png]}\n"
    share(series=words)
    (folder / "more").mkdir()
    (folder / "more" / "series.yaml").write_text(words)
    for where in ("more", "shared"):
        (folder / where / "refs").symlink_to(folder / "refs")

    assert ["shared-differs"] == [
        each.split("[")[-1].rstrip("]") for each in told(read, f"use: [shared/series.yaml, more/series.yaml]\n{SCENE}")
    ]


def test_a_name_that_a_broken_file_would_have_is_not_missed(read: Read, share: Callable[..., None]):
    """
    Only what is wrong is told; what is wrong beside it as well.
    """
    share(series="cast: {mira: {description: a keeper}\n")
    seen = told(
        read, "use: [shared/series.yaml]\ntitel: One\nscenes:\n  - {id: sea, prompt: '{{ cast.mira }} waits.'}\n"
    )

    assert ["lantern.yaml:2", "shared/series.yaml:1"] == [":".join(each.split(":")[:2]) for each in seen]


def test_a_link_and_a_pipe_are_no_files_to_use(read: Read, folder: Path, tmp_path: Path):
    """
    A link out of the folder is followed and refused; a pipe is not waited for; too many words are not read.
    """
    import os

    (tmp_path / "secret.yaml").write_text("vars: {city: Lisbon}\n")
    (folder / "shared" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.mkfifo(folder / "shared" / "pipe.yaml")
    (folder / "shared" / "large.yaml").write_bytes(b"#" * (8 * 1024**2 + 1))

    codes = [each.split(": ")[1] for each in told(read, f"use: [shared/link.yaml, shared/pipe.yaml]\n{SCENE}")]
    assert [
        (
            "'shared/link.yaml' leads out of the storyboard's folder (copy the file beside the storyboard, or make a folder above a project by an empty storyreel.toml; paths are relative to the "
            "storyboard's file and stay inside its folder) [wrong-path]"
        ),
        "'shared/pipe.yaml' is no plain file but a pipe, a socket or a device (name a file) [wrong-media]",
    ] == codes
    assert [
        "shared/large.yaml:1:1: the file is larger than 8 MiB (a storyboard holds words only) [unreadable-file]"
    ] == (told(read, f"use: [shared/large.yaml]\n{SCENE}"))
