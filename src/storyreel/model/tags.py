"""
What a film says of itself in its file: its title, its captions and chapters, in which language they are, and how it was made.
"""

from __future__ import annotations

from storyreel.model.captions import Caption
from storyreel.model.film_words import Chapter, captions_of, chapters_of
from storyreel.model.label import Label
from storyreel.model.recipe import Frozen
from storyreel.model.timeline import ResolvedTimeline, Timeline


class Tags(Frozen):
    """
    What is put into a copy of a film. `language` is that of its captions, `spoken` that of what is said in it, both in BCP 47 and
    empty where nobody named it. `label` says that models have made it; None where none have, or it is not to be said.
    """

    title: str = ""
    language: str = ""
    spoken: str = ""
    captions: tuple[Caption, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    label: Label | None = None

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing in them but a title."""
        return not (self.language or self.spoken or self.captions or self.chapters or self.label)


def tags_of(title: str, timeline: Timeline, film: ResolvedTimeline, label: Label | None = None) -> Tags:
    """
    Return what a film says of itself. Captions that stand in the picture are no track.

    What scenes say is spoken in the language of their captions; a file may be a translation.
    """
    how = timeline.captions
    captions = captions_of(timeline, film)
    return Tags(
        title=title,
        language=how.language if captions else "",
        spoken=how.language if captions and how.file is None else "",
        captions=() if how.burn else captions,
        chapters=chapters_of(timeline, film),
        label=label,
    )
