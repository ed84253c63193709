"""
Ids of scenes as shot lists have them: told once, with one that can stand instead, and still naming their scenes.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.suggest import is_id, new_ids, suggested_id

Read = Callable[[str], Storyboard]


def told_of(read: Read, text: str) -> list[str]:
    """Return each problem of a board as code, message and remedy."""
    with pytest.raises(StoryboardError) as caught:
        read(text)
    return [f"{each.code}: {each.message} = {each.remedy}" for each in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("shot_1", "shot-1"),
        ("shot_30", "shot-30"),
        ("Shot-1", "shot-1"),
        ("S01_SH010", "s01-sh010"),
        ("1A", "scene-1a"),
        ("scene 1", "scene-1"),
        ("Ünter", "unter"),
        ("2.1", "scene-2-1"),
        ("Scène d'été", "scene-d-ete"),
        ("\u04301", "a1"),
        ("\u0421oast", "coast"),
        ("\uff33hot\uff11", "shot1"),
        ("\u0141\u00f3d\u017a 2", "lodz-2"),
        ("_", ""),
        ("日本", ""),
    ],
)
def test_the_id_that_is_suggested_keeps_its_number(read: Read, written: str, suggested: str) -> None:
    """
    A shot list has numbers, and thirty shots must not become one.
    """
    assert suggested == suggested_id(written)
    told = " ".join(told_of(read, f"scenes: [{{id: {written!r}, prompt: b}}]"))
    assert (f"write id: {suggested}" if suggested else "choose another") in told


@given(st.text(max_size=80))
def test_what_is_suggested_can_be_an_id(text: str) -> None:
    """
    Whatever somebody wrote.
    """
    suggested = suggested_id(text)

    assert not suggested or (suggested[0].isalpha() and suggested == suggested.strip("-") and len(suggested) <= 40)
    assert suggested == suggested_id(suggested)


@pytest.mark.parametrize(
    ("ids", "suggested"),
    [
        (["1.1", "1.10"], ["scene-1-1", "scene-1-10"]),
        (["007", "7", "-7", "+7"], ["scene-007", "scene-7", "scene-7-2", "scene-7-3"]),
        (["1e3", "1000"], ["scene-1e3", "scene-1000"]),
        (["0x10", "16", ".inf"], ["scene-0x10", "scene-16", "inf"]),
        (["shot_1", "shot 1", "Shot-1"], ["shot-1", "shot-1-2", "shot-1-3"]),
        (["shot_1", "shot_1"], ["shot-1", "shot-1-2"]),
        (["a" * 70, "a" * 71], ["a" * 40, "a" * 40 + "-2"]),
    ],
)
def test_no_two_wrong_ids_have_one_suggestion(read: Read, ids: list[str], suggested: list[str]) -> None:
    """
    A number stays as it was typed, whatever YAML reads in it, and what is right already is kept for its scene.
    """
    told = told_of(read, "scenes:\n" + "".join(f"  - {{id: {each}, prompt: b}}\n" for each in ids))

    assert suggested == [line.partition("write id: ")[2] for line in told]
    told = told_of(read, f"scenes: [{{id: {suggested[0]}, prompt: b}}, {{id: {ids[0]}, prompt: b}}]")
    assert told[0].endswith(f"write id: {suggested[0]}-2")


@given(st.lists(st.text(max_size=80), max_size=8))
def test_whatever_is_written_the_new_ids_are_ids_and_no_two_alike(written: list[str]) -> None:
    """
    Of the ids that are right none is changed.
    """
    new = new_ids(written)
    wrong = [each for before, each in zip(written, new, strict=True) if each and not is_id(before)]

    assert all(is_id(each) for each in wrong)
    assert len(wrong) == len({*wrong} - {each for each in written if is_id(each)})
    assert all(before == after for before, after in zip(written, new, strict=True) if is_id(before))


@pytest.mark.parametrize(
    ("one", "remedy"),
    [
        ("shot_1", "write id: shot-1"),
        ("1.10", "write id: scene-1-10"),
        ("'2'", "write id: scene-2"),
        ("日本", "choose another"),
        ("true", "quote it, or choose another"),
        ("b" * 70, f"write id: {'b' * 40}"),
    ],
)
def test_a_wrong_id_that_is_named_is_told_once(read: Read, one: str, remedy: str) -> None:
    """
    At the id, with the lines on which it has to be changed as well; nothing is missed for it elsewhere.
    """
    scenes = f"scenes:\n- {{id: {one}, prompt: a}}\n- id: two\n  prompt: b\n  image: {{last_frame_of: {one}}}\n"

    (told,) = told_of(read, f"{scenes}cut:\n  order:\n  - {one}\n  - {{scene: {one}}}\n")

    assert f"{remedy}, and on lines 5, 8 and 9 too" in told


def test_what_names_the_new_id_already_is_right(read: Read) -> None:
    """
    It waits for the id alone.
    """
    (told,) = told_of(read, "scenes: [{id: shot_1, prompt: a}, {id: b, prompt: c, image: {last_frame_of: shot-1}}]")

    assert told.endswith("= write id: shot-1")


@pytest.mark.parametrize("name", ["shot_1", "Shot-1", "1", "[shot-1]"])
def test_the_name_of_a_scene_that_is_none_has_the_nearest_one_as_remedy(read: Read, name: str) -> None:
    """
    And no picture is said to lack a prompt.
    """
    told = told_of(
        read,
        f"scenes: [{{id: shot-1, prompt: a}}, {{id: b, prompt: c, image: {{last_frame_of: {name}}}}}]\ncut: {{order: [{name}]}}",
    )

    assert 2 == len(told)
    assert all("(scenes: shot-1, b)" in line for line in told)
    assert name == "1" or all("did you mean 'shot-1'?" in line for line in told)


def test_scenes_with_wrong_ids_are_called_by_what_is_written(read: Read) -> None:
    """
    In a circle, and where two things cannot stand side by side.
    """
    told = " ".join(
        told_of(
            read,
            "scenes:\n- {id: a_1, prompt: a, image: {last_frame_of: b_1}}\n"
            "- {id: b_1, prompt: c, image: {last_frame_of: a_1}, references: [refs/lamp.png]}\ncut: {order: [a_1, a_1]}",
        )
    )

    assert "a_1 (line 2) continues b_1 (line 3) continues a_1" in told
    assert "this scene has `image`" in told
    assert "unnamed" not in told


def test_a_wrong_id_hides_nothing_else(read: Read) -> None:
    """
    A number for an id, too long an id, a missing prompt: all are told, and no name that nobody wrote.
    """
    told = told_of(read, f"scenes: [{{id: E-x, references: [refs/lamp.png]}}, {{id: {'a' * 200}, prompt: b}}]")

    assert 3 == len(told)
    assert any("this scene has no prompt" in line for line in told)
    assert any("id has 200 characters; 64 are the most = shorten it" in line for line in told)
    assert "unnamed" not in " ".join(told)


@pytest.mark.parametrize("field", ["last_frame_of", "image", "id", "references", "prompt"])
def test_a_field_of_a_scene_that_stands_at_the_top_is_told(read: Callable[[str], Storyboard], field: str) -> None:
    """
    With whatever is below it: it is no place for it, and nothing else is looked for there.
    """
    with pytest.raises(StoryboardError) as caught:
        read(f"{field}:\n  - id: sea\n    prompt: Waves.\n")

    assert f"there is no '{field}' in a storyboard" in " ".join(each.message for each in caught.value.problems)
