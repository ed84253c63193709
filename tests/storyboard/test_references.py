"""
Files among references: each is named after itself.
"""

from collections.abc import Callable

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard

Read = Callable[[str], Storyboard]

BOARD = """\
cast:
  mira: {{description: a woman, references: [refs/mira-front.png]}}
scenes:
  - id: pier
    references: [{references}]
    prompt: "{prompt}"
"""


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("refs/lamp.png", "{lamp: refs/lamp.png}"),
        ("./refs/lamp.png", "{lamp: ./refs/lamp.png}"),
        ('"https://example.org/a/lamp.png?size=2"', '{lamp: "https://example.org/a/lamp.png?size=2"}'),
    ],
)
def test_a_file_is_what_the_same_file_under_its_own_name_is(read: Read, reference: str, named: str) -> None:
    """
    The same pictures in the same order, and the same words: so the same purchase.
    """
    short, long = (
        read(BOARD.format(references=f"mira, {each}", prompt="{{ ref.lamp }} swings")).scenes[0]
        for each in (reference, named)
    )

    assert short.prompt == "<IMAGE_1> swings"
    assert (short.prompt, short.references) == (long.prompt, long.references)


def test_a_still_takes_files_as_well(read: Read) -> None:
    """
    Wherever references stand.
    """
    board = read(
        "scenes: [{id: a, image: {prompt: '{{ ref.lamp }} at dusk', references: [refs/lamp.png]}, prompt: it swings}]"
    )

    assert board.stills[0].prompt == "<IMAGE_0> at dusk"


@pytest.mark.parametrize(
    ("references", "code", "message", "remedy"),
    [
        pytest.param(
            "refs/mira-side.png",
            "file-without-name",
            "'refs/mira-side.png' is named after its file here, and 'mira-side' cannot be a name",
            "give it one that a template can write: {mira_side: refs/mira-side.png}",
            id="hyphen",
        ),
        pytest.param(
            "boards/020.png",
            "file-without-name",
            "'020' cannot be a name",
            "{ref_020: boards/020.png}",
            id="digit",
        ),
        pytest.param("refs/été.png", "missing-file", "there is no file 'refs/été.png'", "", id="accent-and-not-there"),
        pytest.param("refs/..", "wrong-media", "'refs/..' is a folder", "", id="dots"),
        pytest.param(r"'refs\lamp.png'", "wrong-path", "has a backslash", "refs/lamp.png", id="backslash"),
        pytest.param("{}", "wrong-value", "a mapping is no reference", "", id="nothing-in-it"),
        pytest.param(
            "refs/lamp.png, boards/lamp.png",
            "repeated-name",
            "'refs/lamp.png' and 'boards/lamp.png' are both called 'lamp' here",
            "give this picture a name of its own: {lamp_2: boards/lamp.png}",
            id="two-of-one-stem",
        ),
        pytest.param(
            "{lamp: boards/020.png}, refs/lamp.png",
            "repeated-name",
            "'boards/020.png' and 'refs/lamp.png' are both called 'lamp' here",
            "{lamp_2: refs/lamp.png}",
            id="named-and-stem",
        ),
        pytest.param(
            "refs/lamp.png, refs/lamp.png", "repeated-name", "'lamp' is among these references twice", "", id="twice"
        ),
        pytest.param(
            "media/mira.png",
            "repeated-name",
            "'mira' is in the cast already (line 2), and 'media/mira.png' would be called so as well",
            "{mira_2: media/mira.png}",
            id="member-of-the-cast",
        ),
        pytest.param("refs/lmap.png", "missing-file", "there is no file", "did you mean 'refs/lamp.png'?", id="typo"),
        pytest.param("/etc/hostname", "wrong-path", "not inside the storyboard's folder", "", id="outside"),
        pytest.param("mira-2", "wrong-value", "'mira-2' is no reference", "a name from the cast, a file", id="no-name"),
        pytest.param("{lamp: 5}", "wrong-value", "5 is no reference", "", id="number"),
    ],
)
def test_a_file_that_has_no_name_of_its_own_is_told_with_what_to_write(
    read: Read, references: str, code: str, message: str, remedy: str
) -> None:
    """
    A name that no template can write, two of one name, a name of the cast: each says what to paste.
    """
    with pytest.raises(StoryboardError) as caught:
        read(BOARD.format(references=references, prompt="She waits."))

    first = next(each for each in caught.value.problems if each.code == code)
    assert message in first.message
    assert remedy in first.remedy
    assert first.place.line == 5
