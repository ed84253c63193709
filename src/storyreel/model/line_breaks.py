"""
Break a text into captions, as subtitlers do: two lines of 42 columns at most, and every break where it hurts least.

A wide letter, as of Chinese, Japanese and Korean, takes two columns, and a mark that stands over or under another none. Chinese
and Japanese break between any two letters, but where their rules forbid it; everything else breaks at spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

COLUMNS, LINES = 42, 2
"""Of a caption; Netflix, Timed Text Style Guide, general requirements and English, read 2026-11-28."""

Lines = tuple[str, ...]

SENTENCE, CLAUSE, WORD = 0, 1, 2
"""After what a break stands; the later in this row, the more it hurts."""
CAPTION_COST = {SENTENCE: 0.0, CLAUSE: 10.0, WORD: 30.0}
LINE_COST = {SENTENCE: 0.0, CLAUSE: 2.0, WORD: 6.0}
ANOTHER_CAPTION = 25.0
"""What one more caption costs: less than to break within a clause, and more than to break after one."""
WRITTEN_BREAK = 20.0
"""How much a break is wanted that was written, and how little it is wanted within a line."""
UNEVEN = 8.0
SHORT_WORD = 4.0
"""After a word of so few columns that it belongs to what follows nobody likes a break."""

_SPACE = re.compile(r"[^\S\u00a0\u2007\u202f]+")
_SENTENCE_END = re.compile(r"[.!?…‽。！？｡؟۔।॥።]+[\"'”’»›」』）)\]]*$")
_CLAUSE_END = re.compile(r"[,;:،؛、，；：､–—―][\"'”’»›」』）)\]]*$")
_OPENING = frozenset("([{«‹“‘„‚「『（【《〈〔［｛¿¡-–—―")
_DASHES = frozenset("-–—―")
_NO_START = frozenset(
    "、。，．・：；？！ヽヾーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ々〻゛゜」』）】》〉〕］｝…‥,.!?:;)]}»›”’%"
)
_NO_END = frozenset("「『（【《〈〔［｛([{«‹“‘„‚")
_JOINER = "\u200d"
_JOINERS = frozenset((_JOINER, "\u2060", "\ufe0e", "\ufe0f"))


@dataclass(frozen=True)
class _Token:
    """A piece of text that is never broken: its text, whether a space stands before it, and what a break after it is."""

    text: str
    spaced: bool
    after: int
    newline: bool = False
    """Whether a break was written after it."""


def columns(text: str) -> int:
    """Return how many columns a text takes: two for a wide letter, none for a mark over another."""
    if text.isascii():
        return len(text)
    # What follows a joiner is a part of the same sign: a family of four is one.
    return sum(_columns_of(sign) for at, sign in enumerate(text) if text[at - 1 : at] != _JOINER)


@lru_cache(maxsize=4096)
def _columns_of(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def broken(text: str) -> tuple[Lines, ...]:
    """Return the captions of a text, each as its lines; none of an empty one."""
    row = _Row(tuple(_tokens(text)))
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    # The cheapest way to have the first `end` tokens in captions: its cost, where the last of them begins, and its second line.
    for end in range(1, len(row.tokens) + 1):
        ways = []
        last = 0.0 if end == len(row.tokens) else _cost(row.tokens[end - 1], CAPTION_COST)
        for begin in range(end - 1, -1, -1):
            shape = row.lined(begin, end)
            if shape is None and begin + 1 < end:
                break
            cost, second = shape or (0.0, end)
            full = row.width(begin, end) / (COLUMNS * LINES)
            ways.append((best[begin][0] + ANOTHER_CAPTION + cost + last + UNEVEN * full**2, begin, second))
        best.append(min(ways))
    captions: list[Lines] = []
    end = len(row.tokens)
    while end:
        _, begin, second = best[end]
        parts = [(begin, end)] if second == end else [(begin, second), (second, end)]
        captions.append(tuple(_joined(row.tokens[first:last]) for first, last in parts))
        end = begin
    return tuple(reversed(captions))


def wrapped(lines: Lines, most: int) -> Lines:
    """
    Return the lines of a caption as they stand, or in more of them, about as long as each other, where one is wider than `most`:
    a phrase that goes on in the next line flows on then; where one ends with its line, and before another speaker, the break is kept.
    """
    if max(map(columns, lines)) <= most:
        return lines
    row = _Row(tuple(_flowing(tuple(_tokens("\n".join(lines))))))
    count = len(row.tokens)
    best: list[tuple[float, int]] = [(0.0, 0)]
    even = row.width(0, count) / -(-row.width(0, count) // most)
    for end in range(1, count + 1):
        after = 0.0 if end == count else row.after(end - 1)
        ways = [
            (best[begin][0] + after + UNEVEN * ((row.width(begin, end) - even) / even) ** 2, begin)
            for begin in range(end - 1, -1, -1)
            if row.width(begin, end) <= most or begin + 1 == end
        ]
        best.append(min(ways))
    cuts = [count]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return tuple(_joined(row.tokens[first:end]) for first, end in pairwise(reversed(cuts)))


def _flowing(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """Yield tokens without the breaks between lines that are one phrase."""
    for token, after in pairwise(tokens):
        keeps = token.after != WORD or after.text[0] in _DASHES
        yield token if keeps else replace(token, newline=False)
    yield tokens[-1]


class _Row:
    """The tokens of a text in a row, and how wide any stretch of them is."""

    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self.tokens = tokens
        self._ends = list(accumulate((columns(token.text) + token.spaced for token in tokens), initial=0))
        self._newlines = list(accumulate((token.newline for token in tokens), initial=0))
        self._after = [_cost(token, LINE_COST) for token in tokens]

    def width(self, begin: int, end: int) -> int:
        """Return how many columns tokens take as one line."""
        return self._ends[end] - self._ends[begin] - self.tokens[begin].spaced

    def after(self, place: int) -> float:
        """Return what it costs to break a line after a token."""
        return self._after[place]

    def lined(self, begin: int, end: int) -> tuple[float, int] | None:
        """
        Return what it costs to have tokens as one caption, and with which its second line begins (`end`: there is none); None
        if they do not fit.
        """
        whole = self.width(begin, end)
        if whole > COLUMNS * LINES + 1:
            return None
        ways = [(self._within(begin, end), end)] if whole <= COLUMNS else []
        written = self._newlines[end - 1] > self._newlines[begin]
        for second in range(end - 1, begin, -1) if whole > COLUMNS or written else ():
            below, above = self.width(second, end), self.width(begin, second)
            if below > COLUMNS:
                break
            if above <= COLUMNS and (whole > COLUMNS or self.tokens[second - 1].newline):
                inside = self._within(begin, second) + self._within(second, end)
                ways.append((self._after[second - 1] + UNEVEN * abs(above - below) / COLUMNS + inside, second))
        return min(ways, default=None)

    def _within(self, begin: int, end: int) -> float:
        """Return what it costs that breaks were written within a line."""
        return WRITTEN_BREAK * (self._newlines[end - 1] - self._newlines[begin])


def _cost(token: _Token, costs: Mapping[int, float]) -> float:
    if token.newline:
        return -WRITTEN_BREAK
    short = token.after == WORD and columns(token.text) <= 2
    return costs[token.after] + SHORT_WORD * short


def _joined(tokens: Sequence[_Token]) -> str:
    return "".join(" " * (token.spaced and at > 0) + token.text for at, token in enumerate(tokens))


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the pieces of a text between which it may be broken."""
    lines = [words for line in text.splitlines() if (words := _words(line))]
    for number, words in enumerate(lines):
        for at, word in enumerate(words):
            pieces = [part for run in _runs(word) for part in _short(run)]
            for place, piece in enumerate(pieces):
                last = at + 1 == len(words) and place + 1 == len(pieces)
                newline = last and number + 1 < len(lines)
                follows = pieces[place + 1] if place + 1 < len(pieces) else ""
                yield _Token(piece, place == 0 and _is_spaced(lines, number, at), _kind(piece, follows), newline)


def _is_spaced(lines: Sequence[Sequence[str]], number: int, at: int) -> bool:
    """Whether a space is before a word: between lines there is one, but not in Chinese or Japanese."""
    if at or not number:
        return at > 0
    return not (_is_ideograph(lines[number - 1][-1][-1]) and _is_ideograph(lines[number][0][0]))


def _words(line: str) -> list[str]:
    """Return the words of a line, signs that stand by themselves with the word that they belong to."""
    words: list[str] = []
    opening = ""
    for word in filter(None, _SPACE.split(line)):
        bare = not any(map(str.isalnum, word)) and all(unicodedata.category(sign)[0] == "P" for sign in word)
        if bare and _OPENING.issuperset(word):
            opening += f"{word} "
        elif bare and words and not opening:
            words[-1] += f" {word}"
        else:
            words.append(opening + word)
            opening = ""
    if opening:
        words[-1:] = [" ".join([*words[-1:], opening.rstrip()])]
    return words


def _runs(word: str) -> Iterator[str]:
    """Yield the pieces of a word between which a break may stand: more than one where Chinese or Japanese is written."""
    if word.isascii():
        yield word
        return
    run = ""
    for sign in word:
        if run and (_is_ideograph(run[-1]) or _is_ideograph(sign)) and not _holds_together(run[-1], sign):
            yield run
            run = ""
        run += sign
    yield run


def _holds_together(before: str, sign: str) -> bool:
    return sign in _NO_START or before in _NO_END or _is_mark(sign) or before in _JOINERS


def _is_mark(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.category(sign) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= sign <= "\U0001f3ff"


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    """Return which signs of Chinese or Japanese this is one of: `han`, `hiragana`, `katakana`, `sign`; "" for none."""
    if not "\u3000" <= sign:
        return ""
    name = unicodedata.name(sign, "")
    if name.startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")):
        return "han"
    if name.startswith("HIRAGANA"):
        return "hiragana"
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "katakana"
    return "sign" if name.startswith("IDEOGRAPHIC") or sign in _NO_START or sign in _NO_END else ""


def _is_ideograph(sign: str) -> bool:
    return _script(sign) != ""


def _short(run: str) -> Iterator[str]:
    """Yield a piece as it is, or in parts where it is longer than a line: an address, or a script that has no spaces."""
    part, width = "", 0
    for sign in run:
        wide = 0 if part[-1:] == _JOINER else _columns_of(sign)
        if width + wide > COLUMNS and not _is_mark(sign) and part[-1:] != "\u2060":
            yield part
            part, width = "", 0
        part += sign
        width += wide
    yield part


def _kind(piece: str, follows: str) -> int:
    """Return what a break after a piece is, where another piece of the same word may follow."""
    if _SENTENCE_END.search(piece):
        return SENTENCE
    if _CLAUSE_END.search(piece):
        return CLAUSE
    # A particle ends a phrase of Japanese, and is written in hiragana; what it follows is not.
    phrase = follows and _script(piece[-1]) == "hiragana" and _script(follows[0]) in ("han", "katakana")
    return CLAUSE if phrase else WORD
