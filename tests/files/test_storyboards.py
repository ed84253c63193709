"""
Which files of a folder are storyboards.
"""

from pathlib import Path

from storyreel.files.storyboards import storyboards_of


def test_only_yaml_files_of_the_folder_itself_are_storyboards(place: Path):
    """
    Media, notes, what is hidden and what lies in folders beneath is left alone: nothing is bought by surprise.
    """
    for name in ("b.yaml", "a.yml", ".hidden.yaml", "notes.md", "still.png", "old/c.yaml", "d.yaml/e.yaml"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).touch()

    assert ["a.yml", "b.yaml"] == [path.name for path in storyboards_of(place)]
