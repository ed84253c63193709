"""
Captions beside a film, one below the other with their times: SRT, which everything reads, and VTT, which browsers do.

SRT has no way to write that a sign means nothing but itself, so words stand in it as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from storyreel.model.captions import Caption
from storyreel.model.film_words import captions_asked, captions_of, unsaid
from storyreel.model.joints import half_up
from storyreel.model.recipe import Frozen
from storyreel.model.timeline import ResolvedTimeline, Timeline

MOST_QUOTED = 40
"""Letters of a text that a remark has: enough to know which one it is."""


class CutCaption(Frozen):
    """A caption in seconds of the film; `scene` is null where a file has it."""

    scene: str | None
    start: float
    end: float
    text: str


class CutCaptions(Frozen):
    """
    The captions of a film: `burnt` into its picture or a track of its own; `language` is BCP 47, null where nobody named it;
    `file` is theirs, null where they are what scenes say.
    """

    burnt: bool
    language: str | None
    file: str | None
    captions: tuple[CutCaption, ...]


def cut_captions(timeline: Timeline, film: ResolvedTimeline) -> CutCaptions | None:
    """Return the captions of a film as its cut list has them; None where there are none."""
    captions, how = captions_of(timeline, film), timeline.captions
    if not captions:
        return None
    return CutCaptions(
        burnt=how.burn,
        language=how.language or None,
        file=None if how.file is None else how.file.path.name,
        captions=tuple(
            CutCaption(
                scene=each.scene or None,
                start=round(float(each.first_frame / film.fps), 6),
                end=round(float(each.end / film.fps), 6),
                text=each.text,
            )
            for each in captions
        ),
    )


def caption_remarks(timeline: Timeline, film: ResolvedTimeline) -> Iterator[str]:
    """
    Yield a sentence on each thing that is in no caption, though the film was to show it: its clip turned out shorter.

    Args:
        timeline: The film in asked seconds.
        film: The same in frames.
    """
    for scene, say in unsaid(timeline, film):
        at = "" if say.at is None else f", at {say.at:g} s"
        words = " ".join(say.text.split())
        called = words if len(words) <= MOST_QUOTED else f"{words[: MOST_QUOTED - 1].rstrip()}…"
        yield f"'{called}', said in '{scene}'{at}, is in no caption: its clip came back too short for it"
    late = len(captions_asked(timeline)) - len(captions_of(timeline, film)) if timeline.captions.file is not None else 0
    if late > 0:
        many = "a caption begins" if late == 1 else f"{late} captions begin"
        yield f"{many} after the film's end, which came earlier than it was to: left out"


def srt(captions: Sequence[Caption], rate: Fraction) -> str:
    """Return captions as a file of SRT."""
    return "\n".join(
        f"{number}\n{_time(each.first_frame, rate, ',')} --> {_time(each.end, rate, ',')}\n{each.text}\n"
        for number, each in enumerate(captions, 1)
    )


def vtt(captions: Sequence[Caption], rate: Fraction) -> str:
    """Return captions as a file of WebVTT; W3C, WebVTT, 2019-04-04, 4.2."""
    return "\n".join(["WEBVTT\n", *_cues(captions, rate)])


def _cues(captions: Sequence[Caption], rate: Fraction) -> Iterator[str]:
    for each in captions:
        text = each.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield f"{_time(each.first_frame, rate, '.')} --> {_time(each.end, rate, '.')}\n{text}\n"


def _time(frame: int, rate: Fraction, point: str) -> str:
    """Return when a frame is shown, to the millisecond."""
    seconds, thousandths = divmod(half_up(frame / rate * 1000), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{thousandths:03}"
