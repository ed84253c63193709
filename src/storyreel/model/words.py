"""
Words that are laid over the picture of a film: titles as they are asked for, and lettering, which is any words in frames.

Seconds where they are asked for; frames once the film is resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from storyreel.model.drawn import LETTERS_PERCENT, FontFile, Place
from storyreel.model.joints import half_up
from storyreel.model.recipe import Frozen

LETTERED = 1
"""Raised when the way words are laid over a picture changes, so that older windows and films are not taken for it."""


@dataclass(frozen=True)
class Title:
    """
    A title over a shot, from `at` seconds of the film after its first frame, for `duration` seconds or until it ends. `size`
    is that of the letters, in percent of the film's height; no `font` is the package's own.
    """

    text: str
    at: float = 0.0
    duration: float | None = None
    place: Place = "lower-third"
    size: float = LETTERS_PERCENT
    color: str = "#ffffff"
    font: FontFile | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes a difference to what is seen, whatever its font's file is called."""
        return {
            "v": LETTERED,
            "text": self.text,
            "at": self.at,
            "duration": self.duration,
            "place": self.place,
            "size": self.size,
            "color": self.color,
            "font": None if self.font is None else self.font.sha256,
        }

    def span(self, frames: int, rate: Fraction) -> tuple[int, int]:
        """
        Return its first frame and the one before which it ends, counted from the first of its shot; empty where it would begin
        after that shot. Both are moments, each rounded by itself, so a title that begins as another ends never meets it.

        Args:
            frames: How many its shot has.
            rate: Frames a second of the film.
        """
        at = Fraction(self.at).limit_denominator(1_000_000)
        first = half_up(at * rate)
        if self.duration is None:
            return min(first, frames), frames
        end = half_up((at + Fraction(self.duration).limit_denominator(1_000_000)) * rate)
        return min(first, frames), min(max(end, first + 1), frames)


class Lettering(Frozen):
    """
    Words over `frames` frames of a picture, from its frame `first_frame` on. `size` is that of the letters, in percent of the
    picture's height; `color` is `#rrggbb`; `font` is the sha256 of a font's file, None the package's own. `above` are words that they
    stand above, if they are in their way; of these no frames are told.
    """

    text: str
    place: Place
    size: float
    color: str
    font: str | None
    first_frame: int
    frames: int
    above: tuple[Lettering, ...] = ()

    @property
    def end(self) -> int:
        """The frame before which it ends."""
        return self.first_frame + self.frames

    def within(self, first: int, end: int) -> Lettering | None:
        """Return what of it stands from one frame to before another, counted from the former; None where nothing does."""
        begins, ends = max(self.first_frame, first), min(self.end, end)
        if begins >= ends:
            return None
        return self.model_copy(update={"first_frame": begins - first, "frames": ends - begins})


def one_at_a_place(words: Iterable[Lettering]) -> tuple[Lettering, ...]:
    """
    Return words in the order in which they begin, each place with one of them at a time: where the next begins the one before ends.

    A storyboard in which two would meet is wrong; clips that came back shorter than they were asked for may bring them together.
    """
    following: dict[Place, int] = {}
    apart: list[Lettering] = []
    in_order = sorted(words, key=lambda one: one.first_frame)
    for each in in_order[::-1]:
        end = min(each.end, following.get(each.place, each.end))
        following[each.place] = each.first_frame
        if end > each.first_frame:
            apart.append(each.model_copy(update={"frames": end - each.first_frame}))
    return tuple(reversed(apart))


def lettered(titles: Iterable[Title], first_frame: int, frames: int, rate: Fraction) -> Iterator[Lettering]:
    """
    Yield the titles of a shot as lettering of the film; none that would begin after its end.

    Args:
        first_frame: The first frame of the shot in the film.
        frames: How many it has.
        rate: Frames a second of the film.
    """
    for title in titles:
        first, end = title.span(frames, rate)
        if first < end:
            yield Lettering(
                text=title.text,
                place=title.place,
                size=title.size,
                color=title.color,
                font=None if title.font is None else title.font.sha256,
                first_frame=first_frame + first,
                frames=end - first,
            )
