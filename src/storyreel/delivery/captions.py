"""
Captions beside a film, one below the other with their times: SRT, which everything reads, and VTT, which browsers do.

SRT has no way to write that a sign means nothing but itself, so words stand in it as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from storyreel.model.captions import Caption
from storyreel.model.joints import half_up
from storyreel.model.recipe import Frozen


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


def cut_captions(captions: Sequence[Caption], rate: Fraction) -> tuple[CutCaption, ...]:
    """Return captions as the cut list has them."""
    return tuple(
        CutCaption(
            scene=each.scene or None,
            start=round(float(each.first_frame / rate), 6),
            end=round(float(each.end / rate), 6),
            text=each.text,
        )
        for each in captions
    )


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
