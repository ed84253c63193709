"""
One wrong thing at a time: the place that is named, and what is said.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.diagnostics.excerpt import text as screen
from storyreel.errors import StoryboardError
from storyreel.media import measure
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import load

Read = Callable[[str], Storyboard]

BOARD = """\
vars: {city: Lisbon}
cast:
  mira: {description: a woman, references: [refs/mira-front.png]}
  fox: {description: a fox}
defaults:
  duration: 6
  still: {model: grok-imagine-image-2.0}
scenes:
  - id: dawn
    prompt: the sun over {{ city }}
    take: 1
  - id: keeper
    image: {last_frame_of: dawn}
    prompt: he wakes
    then:
      - extend: he rises
        duration: 6
  - id: door
    image: {prompt: a door, quality: low}
    prompt: it opens
  - id: meeting
    references: [mira, {lamp: refs/lamp.png}]
    prompt: "{{ ref.mira }} waves at {{ ref.lamp }}"
  - id: endcard
    clip: media/endcard.mp4
    trim: {start: 1, end: 3}
cut:
  order: [dawn, keeper, door, meeting, endcard]
budget: 12
"""


def faults(read: Read, text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(StoryboardError) as caught:
        read(text)
    return caught.value.problems


def test_scenes_that_begin_on_frames_of_each_other_go_in_a_circle(read: Read) -> None:
    """
    By a frame at some second as by the last one.
    """
    board = (
        "scenes:\n- {id: a, prompt: x, image: {frame_of: b, at: 1}}\n- {id: b, prompt: x, image: {last_frame_of: a}}"
    )
    (circle,) = faults(read, board)

    assert "a (line 2) continues b (line 3) continues a" in circle.message
    assert (2, 40) == (circle.place.line, circle.place.column)


def test_a_second_of_footage_that_is_not_there_is_no_second_problem(read: Read) -> None:
    """
    What is wrong with the file is told, once.
    """
    board = "scenes:\n- {id: a, clip: no.mp4}\n- {id: b, prompt: x, image: {frame_of: a, at: 99}}"

    assert ["missing-file"] == [each.code for each in faults(read, board)]


def test_a_frame_of_a_card_is_one_problem_whatever_its_second(read: Read) -> None:
    """
    It has no clip, so it has no seconds.
    """
    board = "scenes:\n- {id: a, card: {text: A}, duration: 2}\n- {id: b, prompt: x, image: {frame_of: a, at: 99}}"

    (problem,) = faults(read, board)
    assert "is a card, and no clip" in problem.message


def test_the_board_of_these_tests_is_right(read: Read) -> None:
    """
    What the tests below break is whole to begin with.
    """
    assert 5 == len(read(BOARD).scenes)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        pytest.param("budget: 12", "budget: .inf", 29, 9, "budget is no finite number", id="budget-endless"),
        pytest.param("budget: 12", "budget: twelve", 29, 9, "a number of US dollars", id="budget-word"),
        pytest.param("budget: 12", "budget: true", 29, 9, "budget is true", id="budget-true"),
        pytest.param("budget: 12", "budget: 12\nslug: a.b", 30, 7, "slug is 'a.b'", id="slug-dot"),
        pytest.param("budget: 12", "budget: 12\nslug: ''", 30, 7, "slug is empty", id="slug-empty"),
        pytest.param("budget: 12", "version: 3", 29, 10, "version 3", id="version"),
        pytest.param("budget: 12", "review: before-vidoe", 29, 9, "did you mean 'before-video'?", id="review-typo"),
        pytest.param(
            "budget: 12", "review: [before-vidoe]", 29, 10, "did you mean 'before-video'?", id="review-typo-in-list"
        ),
        pytest.param(
            "budget: 12", "review: [on-fault, 3]", 29, 20, "write before-video or on-fault", id="review-number-in-list"
        ),
        pytest.param("budget: 12", "review: []", 29, 9, "or leave `review` out", id="review-empty"),
        pytest.param(
            "budget: 12",
            "review: true",
            29,
            9,
            "it must be before-video, before-final, on-fault, or a list of these",
            id="review-true",
        ),
        pytest.param("    take: 1", "    take: -1", 11, 11, "take is -1", id="take-negative"),
        pytest.param("    take: 1", "    take: one", 11, 11, "take is 'one'", id="take-word"),
        pytest.param("    take: 1", "    pin: 12345678", 11, 10, "pin is the number 12345678", id="pin-number"),
        pytest.param("    take: 1", "    pin: ' a1b2c3d4'", 11, 10, "pin is", id="pin-with-space"),
        pytest.param("    take: 1", "    trim: {end: 7}", 11, 17, "the clip of", id="trim-beyond"),
        pytest.param("    take: 1", "    trim: {start: -7}", 11, 19, "start is -7 s", id="trim-before"),
        pytest.param("    take: 1", "    trim: {start: 3, end: -4}", 11, 27, "it ends at 2 s", id="trim-backwards"),
        pytest.param("    take: 1", "    trim: {end: 0.03}", 11, 11, "0.083 s, are the least", id="trim-flash"),
        pytest.param("    take: 1", "    speed: 5", 11, 12, "a number from 0.25 to 4", id="speed"),
        pytest.param("    take: 1", "    transition: disolve", 11, 17, "did you mean 'dissolve'?", id="transition"),
        pytest.param("    take: 1", "    transition: custom", 11, 17, "no transition 'custom'", id="transition-custom"),
        pytest.param("    take: 1", "    model: grok-imagine-vidoe", 11, 12, "no video model", id="model"),
        pytest.param(
            "    take: 1", "    model: grok-imagine-image", 11, 12, "makes stills, not video", id="model-still"
        ),
        pytest.param("    take: 1", "    resolution: 1080p", 11, 17, "makes 480p or 720p", id="resolution"),
        pytest.param("    take: 1", "    aspect_ratio: 7:5", 11, 19, "'7:5'", id="ratio"),
        pytest.param("    take: 1", "    duration: 0", 11, 15, "makes 1 to 15 s", id="duration-none"),
        pytest.param("    take: 1", "    duration: 16", 11, 15, "makes 1 to 15 s", id="duration-long"),
        pytest.param("    take: 1", "    duration: '6'", 11, 15, "a whole number of seconds", id="duration-text"),
        pytest.param("duration: 6\n  still", "duration: 16\n  still", 6, 13, "makes 1 to 15 s", id="duration-default"),
        pytest.param("grok-imagine-image-2.0", "grok-imagine-3.0", 7, 18, "for stills", id="still-model"),
        pytest.param("quality: low", "quality: high", 19, 38, "auto, low or medium", id="still-quality"),
        pytest.param("quality: low", "resolution: 4k", 19, 41, "1k or 2k", id="still-resolution"),
        pytest.param("quality: low", "aspect_ratio: 8:7", 19, 43, "stills are 1:1", id="still-ratio"),
        pytest.param("quality: low", "references: []", 19, 41, "list of references is empty", id="still-no-references"),
        pytest.param("last_frame_of: dawn", "last_frame_of: dwan", 13, 28, "no scene has that id", id="unknown-scene"),
        pytest.param(
            "last_frame_of: dawn", "last_frame_of: keeper", 13, 28, "keeper (line 12) continues keeper", id="itself"
        ),
        pytest.param(
            "last_frame_of: dawn",
            "frame_of: dwan, at: 1",
            13,
            23,
            "starts on a frame of 'dwan', and no scene has that id",
            id="frame-unknown-scene",
        ),
        pytest.param(
            "last_frame_of: dawn",
            "frame_of: keeper, at: 1",
            13,
            23,
            "keeper (line 12) continues keeper",
            id="frame-itself",
        ),
        pytest.param("last_frame_of: dawn", "frame_of: dawn", 13, 12, "this frame has no second", id="frame-no-second"),
        pytest.param(
            "last_frame_of: dawn",
            "frame_of: dawn, at: -1",
            13,
            33,
            "seconds count from the beginning of the clip",
            id="frame-negative",
        ),
        pytest.param(
            "last_frame_of: dawn",
            "frame_of: dawn, at: 6",
            13,
            33,
            "at is 6 s, and the clip of 'dawn' is 6 s long",
            id="frame-at-the-end",
        ),
        pytest.param(
            "last_frame_of: dawn",
            "frame_of: endcard, at: 2",
            13,
            36,
            "at is 2 s, and the clip of 'endcard' is 2 s long",
            id="frame-trimmed-away",
        ),
        pytest.param(
            "last_frame_of: dawn", "frame_of: dawn, at: 2s", 13, 33, "in seconds that is 2", id="frame-with-unit"
        ),
        pytest.param("last_frame_of: dawn", "frame_of: dawn, time: 2", 13, 29, "did you mean 'at'?", id="frame-time"),
        pytest.param("last_frame_of: dawn", "frame: dawn, at: 2", 13, 13, "did you mean 'frame_of'?", id="frame-typo"),
        pytest.param("last_frame_of: dawn", "at: 2", 13, 13, "no scene is named", id="frame-of-nothing"),
        pytest.param(
            "last_frame_of: dawn",
            "last_frame_of: dawn, at: 2",
            13,
            34,
            "a last frame is where the clip ends",
            id="last-frame-with-second",
        ),
        pytest.param(
            "last_frame_of: dawn",
            "last_frame_of: dawn, frame_of: dawn, at: 2",
            13,
            34,
            "cannot stand side by side",
            id="two-frames",
        ),
        pytest.param("last_frame_of: dawn", "last_fram_of: dawn", 13, 13, "no 'last_fram_of'", id="typo-image"),
        pytest.param("    prompt: the sun over {{ city }}\n", "", 9, 9, "has no prompt", id="no-prompt"),
        pytest.param(
            '    prompt: "{{ ref.mira }} waves at {{ ref.lamp }}"\n',
            "",
            21,
            9,
            "`references` needs one",
            id="no-prompt-of-references",
        ),
        pytest.param("prompt: the", "promt: the", 10, 5, "no 'promt'", id="typo"),
        pytest.param("{{ city }}", "{{ ctiy }}", 10, 29, "did you mean 'city'?", id="unknown-variable"),
        pytest.param("id: door", "id: dawn", 18, 9, "already (line 9)", id="two-of-one-id"),
        pytest.param("id: door", "id: Door", 18, 9, "id is 'Door'", id="id-capital"),
        pytest.param("id: door", "id: true", 18, 9, "the id is true", id="id-true"),
        pytest.param(
            "duration: 6\n  - id: door", "duration: 11\n  - id: door", 17, 19, "adds 2 to 10 s", id="extension-long"
        ),
        pytest.param(
            "      - extend: he rises", "      - edit: he rises", 17, 9, "has no `duration`", id="edit-duration"
        ),
        pytest.param("[mira, ", "[mria, ", 22, 18, "nobody in the cast is called 'mria'", id="unknown-cast"),
        pytest.param("[mira, ", "[mira, mira, ", 22, 24, "twice", id="name-twice"),
        pytest.param("[mira, ", "[mira, fox, ", 22, 24, "'fox' has no pictures (line 4)", id="no-pictures"),
        pytest.param("{lamp: ", "{fox: ", 22, 25, "'fox' is in the cast already (line 4)", id="name-of-cast"),
        pytest.param("[mira, {lamp: refs/lamp.png}]", "[{prompt: a lamp}]", 22, 18, "belongs to the cast", id="drawn"),
        pytest.param("[mira, {lamp: refs/lamp.png}]", "[7]", 22, 18, "7 is no reference", id="number"),
        pytest.param("{{ ref.lamp }}", "{{ ref.lamp[1] }}", 23, 13, "no number 1", id="no-such-tag"),
        pytest.param("{{ ref.mira }}", "{{ ref.fox }}", 23, 17, "knows no 'ref.fox'", id="not-referenced"),
        pytest.param("end: 3", "end: 6", 26, 27, "the footage is 5 s long", id="trim-outside"),
        pytest.param("start: 1", "start: 3", 26, 27, "before it begins", id="trim-empty"),
        pytest.param("start: 1", "start: -1", 26, 28, "before it begins at 4 s", id="trim-negative"),
        pytest.param("start: 1", "start: 9", 26, 19, "the footage is 5 s long", id="trim-behind"),
        pytest.param("trim: {start: 1, end: 3}", "take: 2", 26, 5, "own footage has no `take`", id="clip-take"),
        pytest.param(
            "trim: {start: 1, end: 3}", "model: grok-imagine-video", 26, 5, "needs no `model`", id="clip-model"
        ),
        pytest.param(
            "clip: media/endcard.mp4",
            "clip: https://example.org/a.mp4",
            25,
            11,
            "a file, not an address",
            id="clip-address",
        ),
        pytest.param("clip: media/endcard.mp4", "clip: media", 25, 11, "is a folder", id="clip-folder"),
        pytest.param("clip: media/endcard.mp4", "clip: 'media\\endcard.mp4'", 25, 11, "backslash", id="backslash"),
        pytest.param("clip: media/endcard.mp4", "clip: file:///etc/hostname", 25, 11, "no path", id="file-scheme"),
        pytest.param("order: [dawn", "order: [{scene: dawn, end: 7}", 28, 30, "6 s long", id="item-beyond"),
        pytest.param("order: [dawn", "order: [{scene: dwan}", 28, 19, "did you mean 'dawn'?", id="item-unknown"),
        pytest.param("order: [dawn", "order: [{id: dawn}", 28, 12, "did you mean 'scene'?", id="item-id"),
        pytest.param(
            "order: [dawn",
            "order: [{scene: dawn, transition: dissolve}",
            28,
            37,
            "nothing is shown before",
            id="item-first",
        ),
        pytest.param("cut:", "cut:\n  close: wipe-left", 28, 10, "take fade-black or fade-white", id="close"),
        pytest.param(
            "door, meeting",
            "{scene: door, end: 0.5, transition: {kind: dissolve, duration: 3}}, meeting",
            28,
            61,
            "its transitions take",
            id="transition-long",
        ),
        pytest.param("door, meeting", "doro, meeting", 28, 25, "did you mean 'door'?", id="order-unknown"),
        pytest.param("{city: Lisbon}", "{ref: Lisbon}", 1, 8, "a word of templates", id="reserved-variable"),
        pytest.param("{city: Lisbon}", "{my-city: Lisbon}", 1, 8, "cannot be a name", id="variable-name"),
        pytest.param(
            "  fox: {description: a fox}",
            "  fox: {}",
            4,
            3,
            "neither a description nor references, and no voice",
            id="empty-member",
        ),
        pytest.param("  fox: {", "  the fox: {", 4, 3, "'the fox' cannot be a name", id="cast-name"),
    ],
)
def test_a_problem_names_its_place(read: Read, old: str, new: str, line: int, column: int, says: str) -> None:
    """
    A problem carries the file, the line and the column at fault.
    """
    assert old in BOARD

    found = faults(read, BOARD.replace(old, new, 1))

    assert [(line, column)] == [(p.place.line, p.place.column) for p in found if says in f"{p.message} {p.remedy}"]
    assert {"lantern.yaml"} == {p.place.file for p in found}


@pytest.mark.parametrize(
    ("count", "limit", "where"),
    [
        pytest.param(15, "takes 14", "references: [{many}]\n    prompt: x", id="scene"),
        pytest.param(6, "5 are the most", "image: {{prompt: x, references: [{many}]}}\n    prompt: x", id="still"),
    ],
)
def test_too_many_pictures_are_counted(read: Read, count: int, limit: str, where: str) -> None:
    """
    The number of pictures that go into a request is checked before anything is sent.
    """
    many = ", ".join(f"{{lamp{at}: refs/lamp.png}}" for at in range(count))

    found = faults(read, f"scenes:\n  - id: a\n    {where.format(many=many)}\n")

    assert [f"{count} pictures"] == [p.message[: len(f"{count} pictures")] for p in found if limit in p.message]


def test_references_are_not_made_at_1080p(read: Read) -> None:
    """
    Resolutions that a model makes only without references are refused with them.
    """
    found = faults(
        read,
        "defaults: {model: grok-imagine-video-1.5, resolution: 1080p}\n"
        "scenes:\n"
        "  - {id: sea, prompt: Waves.}\n"
        "  - id: lamp\n"
        "    references: [{lamp: refs/lamp.png}]\n"
        "    prompt: It swings.\n",
    )

    (problem,) = found
    which = "clips with `references` (line 5) are made at 480p or 720p by grok-imagine-video-1.5"
    assert (f"resolution is '1080p'; {which}", 5) == (problem.message, problem.place.line)


@pytest.mark.parametrize(
    ("chain", "says"),
    [
        pytest.param(
            "duration: 15\n    then: [{extend: on}, {extend: on}, {edit: snow}]",
            "the clip is 27 s long here, and its tail alone went in before; one over 8.7 s",
            id="after-a-tail",
        ),
        pytest.param("duration: 9\n    then: [{edit: snow}]", "the clip is 9 s long here", id="edited"),
        pytest.param("duration: 1\n    then: [{extend: on}]", "the clip is 1 s long here; one under 2 s", id="short"),
        pytest.param("duration: 4\n    then: [{extend: on}, {edit: snow}]", "the clip is 10 s long here", id="after"),
    ],
)
def test_a_chain_is_measured_link_by_link(read: Read, chain: str, says: str) -> None:
    """
    What goes into an extension or an edit is as long as all that came before it.
    """
    found = faults(read, f"scenes:\n  - id: sea\n    prompt: Waves.\n    {chain}\n")

    assert 1 == len([p for p in found if p.message.startswith(says)])


@pytest.mark.parametrize(
    ("clip", "link", "says"),
    [
        ("clip: media/long.mp4", "edit: snow", "trim the footage to 8.7 s"),
        ("clip: media/long.mp4\n    trim: {start: 2, end: 19}", "edit: snow", "trim the footage to 8.7 s"),
        ("clip: media/blink.mp4", "extend: on", "make what comes before it longer"),
        (
            "clip: media/endcard.mp4\n    model: grok-imagine-video-1.5",
            "extend: on",
            "write model: grok-imagine-video in this item",
        ),
    ],
    ids=["long", "trimmed-too-little", "short", "model"],
)
def test_own_footage_is_measured_before_it_is_sent(read: Read, clip: str, link: str, says: str) -> None:
    """
    Own footage has the same limits as generated clips, after its trim.
    """
    found = faults(read, f"scenes:\n  - id: own\n    {clip}\n    then: [{{{link}}}]\n")

    assert [says] == [p.remedy for p in found]


def test_own_footage_within_the_limits_may_be_continued(read: Read) -> None:
    """
    A trim brings footage within the limits, and a chain may follow it.
    """
    board = read(
        "scenes:\n  - {id: own, clip: media/long.mp4, trim: {start: 2, end: 10}, then: [{edit: snow}, {extend: on}]}"
    )

    assert ["edit-1", "extend-1"] == [link.name for link in board.scenes[0].then]


def test_a_wrong_default_is_told_once(read: Read) -> None:
    """
    What twenty scenes inherit is wrong in one place.
    """
    scenes = "".join(f"  - {{id: s{at}, prompt: Waves.}}\n" for at in range(20))

    found = faults(read, f"defaults: {{resolution: 1080p, model: grok-imagine-video, duration: 99}}\nscenes:\n{scenes}")

    assert [(1, 24), (1, 68)] == [(p.place.line, p.place.column) for p in found]


def test_a_prompt_has_its_limit_with_style_and_all(read: Read) -> None:
    """
    A prompt is counted as it is sent: rendered, and with the style.
    """
    text = "style: {style}\nscenes: [{{id: sea, prompt: '{prompt}'}}]"

    assert 4096 == len(read(text.format(style="b" * 95, prompt="a" * 4000)).scenes[0].prompt)
    found = faults(read, text.format(style="b" * 96, prompt="a" * 4000))
    assert ["prompt is 4097 characters long, style included; 4096 are allowed"] == [p.message for p in found]


@pytest.mark.parametrize(
    ("raw", "says", "line"),
    [
        pytest.param(b"", "the file is empty", 1, id="empty"),
        pytest.param(b"# nothing\n", "the file is empty", 1, id="comments"),
        pytest.param(b"- a\n", "a storyboard is a mapping", 1, id="list"),
        pytest.param(b"scenes:\n  - id: caf\xe9\n", "not UTF-8", 2, id="latin-1"),
        pytest.param(b"title: a\x07b\n", "control character here, U+0007", 1, id="bell"),
        pytest.param(b"a: 1\n---\nb: 2\n", "a second document begins here", 3, id="two-documents"),
        pytest.param(b"title: x\n", "there are no scenes", 1, id="no-scenes"),
        pytest.param(b"#" * 8_400_000, "larger than 8 MiB", 1, id="large"),
    ],
)
def test_a_file_that_is_no_storyboard_is_refused(
    tmp_path: Path, catalog: Catalog, raw: bytes, says: str, line: int
) -> None:
    """
    What cannot be a storyboard is told as such, at its place.
    """
    path = tmp_path / "lantern.yaml"
    path.write_bytes(raw)

    with pytest.raises(StoryboardError) as caught:
        load(path, catalog=catalog, measure=measure)

    assert [(True, line)] == [(says in p.message, p.place.line) for p in caught.value.problems]


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path, catalog: Catalog) -> None:
    """
    A file from any editor is read, and its lines are counted right.
    """
    path = tmp_path / "lantern.yaml"
    path.write_bytes(b"\xef\xbb\xbfscenes:\r\n  - id: sea\r\n    prompt: |\r\n      Waves.\r\n      Gulls.\r\n")

    board = load(path, catalog=catalog, measure=measure)

    assert ("Waves.\nGulls.", 2) == (board.scenes[0].prompt, board.scenes[0].place.line)


def test_a_missing_file_names_its_neighbour(tmp_path: Path, catalog: Catalog) -> None:
    """
    A mistyped file name is told with the one that was likely meant.
    """
    (tmp_path / "lantern.yaml").write_text("")

    with pytest.raises(StoryboardError) as caught:
        load(tmp_path / "lantren.yaml", catalog=catalog, measure=measure)

    assert ["did you mean 'lantern.yaml'?"] == [p.remedy for p in caught.value.problems]


def test_a_folder_is_no_storyboard(tmp_path: Path, catalog: Catalog) -> None:
    """
    A storyboard is one file.
    """
    with pytest.raises(StoryboardError, match="this is a folder"):
        load(tmp_path, catalog=catalog, measure=measure)


@pytest.mark.parametrize("link", ["file", "folder"])
def test_no_link_leads_out_of_the_folder(read: Read, folder: Path, link: str) -> None:
    """
    Links are followed before it is judged whether a file lies inside the storyboard's folder.
    """
    (folder.parent / "secret.png").write_text("secret")
    if link == "file":
        (folder / "refs" / "secret.png").symlink_to(folder.parent / "secret.png")
    else:
        (folder / "refs" / "out").symlink_to(folder.parent, target_is_directory=True)
    name = {"file": "refs/secret.png", "folder": "refs/out/secret.png"}[link]

    found = faults(read, f"scenes: [{{id: sea, image: {name}, prompt: Waves.}}]")

    assert [f"'{name}' leads out of the storyboard's folder"] == [p.message for p in found]


def test_a_link_inside_the_folder_is_fine(read: Read, folder: Path) -> None:
    """
    A link to a file beside the storyboard is that file.
    """
    (folder / "mira.png").symlink_to(folder / "refs" / "mira-front.png")

    assert 1 == len(read("scenes: [{id: sea, image: mira.png, prompt: Waves.}]").scenes)


def test_a_screen_is_safe_to_print(read: Read) -> None:
    """
    What a storyboard says cannot move the cursor of the terminal that its problems are printed on.
    """
    found = faults(read, "title: \"\\x1b[2J\"\nscenes: [{id: sea, promt: '\u202egnp.exe'}]\n\u2066x: 1\n")

    assert not [c for p in found for c in screen(p) if c in "\x1b\u202e\u2066"]


@pytest.mark.parametrize(("field", "remedy"), [("prompt", "[{prompt: ...}]"), ("image", "[file]")])
def test_a_picture_of_a_member_is_told_where_it_belongs(read: Read, field: str, remedy: str) -> None:
    """
    Into its references, and not into a scene.
    """
    (told,) = faults(
        read, f"cast: {{fox: {{description: a fox, {field}: x}}}}\nscenes: [{{id: a, prompt: '{{{{ cast.fox }}}}'}}]"
    )

    assert f"a picture of it goes into `references`: {remedy}" == told.remedy


def test_a_file_may_be_called_anything(tmp_path: Path, catalog: Catalog) -> None:
    """
    What would move the cursor of a terminal is not printed, wherever it stands.
    """
    path = tmp_path / "a\x1b[2Jb.yaml"
    path.write_text("scenes: []\n")

    with pytest.raises(StoryboardError) as caught:
        load(path, catalog=catalog, measure=measure)

    assert "\x1b" not in f"{caught.value}{screen(caught.value.problems[0])}"
