"""
What the service takes, does not take any more, or is said to take by one page and not by another.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.errors import StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import load

Read = Callable[[str], Storyboard]


def board(model: str, count: int) -> str:
    references = ", ".join(["boards/square.png", "boards/020.png"][n % 2] for n in range(count))
    return (
        f"cast: {{fox: {{references: [{references}]}}}}\n"
        f"scenes: [{{id: a, model: {model}, references: [fox], prompt: 'the fox {{{{ ref.fox }}}}'}}]"
    )


@pytest.mark.parametrize(
    ("model", "count", "noted"),
    [
        ("grok-imagine-video", 7, False),
        ("grok-imagine-video", 8, True),
        ("grok-imagine-video", 14, True),
        ("grok-imagine-video-1.5", 14, False),
    ],
)
def test_more_references_than_are_documented_are_a_note(read: Read, model: str, count: int, noted: bool):
    """
    Seven by one page, fourteen by the server: a refusal costs nothing, so the storyboard is right.
    """
    notes = [str(note) for note in read(board(model, count)).notes if note.code == "many-pictures"]

    assert noted == bool(notes)
    if noted:
        assert f"{count} pictures go into this scene; {model} is documented to take 7, its server says 14" in notes[0]


def test_more_than_the_server_takes_are_a_problem(read: Read):
    """
    What the server's own text rules out is told before anything is bought.
    """
    with pytest.raises(StoryboardError, match="takes 14"):
        read(board("grok-imagine-video", 15))


def test_a_model_that_is_gone_is_told_with_its_successor(read: Read):
    """
    Gone is not unknown: since when, and what to write instead.
    """
    with pytest.raises(StoryboardError, match=r"gone since 2026-05-15 \(write grok-imagine-image-2\.0\)"):
        read("defaults: {still: {model: grok-imagine-image-pro}}\nscenes: [{id: a, image: {prompt: x}, prompt: x}]")


@pytest.mark.parametrize(
    ("then", "told"),
    [("[]", False), ("[{extend: x}]", True), ("[{edit: x}]", True)],
    ids=["shown", "extended", "edited"],
)
def test_a_clip_that_goes_in_has_a_size(catalog: Catalog, tmp_path: Path, then: str, told: bool):
    """
    An own clip of any size can be shown; one that is extended or edited has to be sent.
    """
    (tmp_path / "own.mp4").write_bytes(bytes(2_000))
    text = f"scenes: [{{id: a, clip: own.mp4, then: {then}}}]"

    def measure(path: Path) -> Footage:
        return Footage(path, path.name, 848, 480, 5.0, 24.0, 120)

    def reads(most: int) -> Storyboard:
        small = replace(catalog, clip_bytes=most)
        return load(tmp_path / "b.yaml", catalog=small, measure=measure, text=text)

    assert reads(2_000)
    if told:
        with pytest.raises(StoryboardError, match="one that is extended or edited has at most"):
            reads(1_999)
    else:
        assert reads(1_999)
