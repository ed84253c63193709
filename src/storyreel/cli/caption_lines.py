"""
What is read beside the picture of a film, as `storyreel plan` shows it: how many captions, whose and how, and chapters.
"""

from __future__ import annotations

from rich.console import Console

from storyreel.cli.render import print_prose
from storyreel.model.film_words import captions_asked, chapters_asked
from storyreel.model.timeline import Timeline


def show_captions(console: Console, film: Timeline) -> None:
    """Show what there is of captions and chapters; nothing where there are none."""
    captions, how = captions_asked(film), film.captions
    if captions:
        whose = "of what scenes say" if how.file is None else f"from {how.file.path.name}"
        where = "in the picture" if how.burn else "as a track"
        print_prose(
            console,
            f"captions: {len(captions)} {whose}, {where}, and beside the film; language: {how.language or 'not named'}",
        )
    if chapters := chapters_asked(film):
        print_prose(console, f"chapters: {len(chapters)}, one a scene")
