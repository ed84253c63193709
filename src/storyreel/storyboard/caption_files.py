"""
Read a file of captions: SRT, VTT or ASS, told by what is in it and not by its name.

What it says of looks and places is left out: captions of a film look alike. Nothing of a file is taken for what it is not, so
bytes that are no text, and times that cannot be, are told with their line or their number.
"""

from __future__ import annotations

import html
import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from storyreel.model.captions import TimedLines
from storyreel.model.line_breaks import Lines

if TYPE_CHECKING:
    from pysubs2 import SSAEvent

MOST_LETTERS = 1000
"""Of one caption: what has more is no caption that anybody could read."""
MARKED_UP = ("srt", "vtt")
READ = "SRT, VTT and ASS are read"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ARROW = re.compile(r"\d[.,]\d{1,3}[ \t]*-->[ \t]*-?\d")
_NEGATIVE = re.compile(r"^(?:Dialogue:.*?,|.*--> *)?-\d+:\d")
_LONE_NUMBER = re.compile(r"^(?P<number>\d+)(?=[ \t]*$)(?!\n[^\n]*-->)", re.MULTILINE)
_KEEPER = "\u2060"
"""Put behind a line that is a number and is said: the reader would take it for that of the next caption."""
_HUNDREDS = re.compile(r"^[ \t]*(?:\d{3,}:\d+:\d.*-->|[\d:.,]+[ \t]*-->[ \t]*\d{3,}:\d+:\d)")
"""A time of so many hours, of which the reader takes the end for all of it."""
_VTT_BLOCK = re.compile(r"(?:(?<=\n\n)|\A)(?:NOTE|STYLE|REGION)\b.*?(?:\n\n|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_HTML = re.compile(r"</?[A-Za-z][^<>]*>")
_BRACES = re.compile(r"\{[^{}]*\}")
_SPACES = frozenset("\t\v\f\x85\u2028\u2029")
"""Between words, and none that a line of captions can have."""
_BREAK = re.compile(r"\\[Nn]")


class WrongCaptions(Exception):
    """A file is none of captions, or none that can be right: what is wrong with it, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class ReadCaptions:
    """The captions of a file in their order, no two at one time, and what of the file is not in them, as sentences about it."""

    captions: tuple[TimedLines, ...]
    remarks: tuple[str, ...]


def read_captions(content: bytes) -> ReadCaptions:
    """
    Return the captions that a file has.

    Raises:
        WrongCaptions: It has none, or some that cannot be right.
    """
    text = _text(content)
    kind = _kind(text)
    for number, line in enumerate(text.split("\n"), 1):
        if _NEGATIVE.match(line):
            raise WrongCaptions(
                f"has a time before 0 in line {number}: '{line.strip()[:60]}'",
                "captions begin with the film: shift them",
            )
        if _HUNDREDS.match(line):
            what = f"has a time of a hundred hours or more in line {number}: '{line.strip()[:60]}'"
            raise WrongCaptions(what, "mend it: times are written as in 00:00:01,500")
    events = list(_events(text, kind))
    captions = [TimedLines(event.start / 1000, event.end / 1000, _lines(event.text, kind)) for event in events]
    for number, each in enumerate(captions, 1):
        if each.end <= each.start:
            what = f"caption {number} from {each.start:g} s to {each.end:g} s: it ends before it begins"
            raise WrongCaptions(
                f"has {what if each.end < each.start else what.replace('before', 'when')}", "mend its times"
            )
        if (letters := sum(map(len, each.lines))) > MOST_LETTERS:
            what = f"has {letters} letters in caption {number}, at {each.start:g} s, and {MOST_LETTERS} are the most"
            raise WrongCaptions(what, "make several captions of it")
    worded = sorted((each for each in captions if each.lines), key=lambda each: each.start)
    if not worded:
        raise WrongCaptions(
            "has no caption in it", "name a file that has some, or take it away: then scenes say theirs"
        )
    return ReadCaptions(tuple(_apart(worded)), tuple(_remarks(worded, events, kind)))


def _text(content: bytes) -> str:
    if not content.strip():
        raise WrongCaptions("is empty", "copy or download it again")
    if content[:2] in _UTF16:
        raise WrongCaptions("is UTF-16, and no UTF-8", "save it with the encoding UTF-8")
    if b"\0" in content:
        raise WrongCaptions("is no text, but something binary", READ)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WrongCaptions(f"is not UTF-8 from line {line} on", "save it with the encoding UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _kind(text: str) -> str:
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    if "[Events]" in text:
        return "ass" if "[V4 Styles]" not in text else "ssa"
    if _ARROW.search(text):
        return "srt"
    raise WrongCaptions("is no file of captions", READ)


def _events(text: str, kind: str) -> Iterator[SSAEvent]:
    """Yield what is shown and has words, as the reader has it."""
    from pysubs2 import SSAFile

    if kind == "vtt":
        text = _VTT_BLOCK.sub("", text)
    if kind in MARKED_UP:
        text = _LONE_NUMBER.sub(rf"\g<number>{_KEEPER}", text)
    options = {"keep_html_tags": True} if kind in MARKED_UP else {}
    try:
        with warnings.catch_warnings(action="ignore"):  # of fields that nobody asks for here
            file = SSAFile.from_string(text, format_=kind, **options)
    except Exception as error:
        # What a damaged file does to a reader is not to be listed.
        raise WrongCaptions("cannot be read as captions", READ) from error
    yield from (event for event in file if not event.is_comment and not event.is_drawing)


def _lines(text: str, kind: str) -> Lines:
    """Return the lines of a caption without marks and tags."""
    if kind == "vtt":
        # A caption ends with its first empty line; what follows is the name of the next one.
        text = html.unescape(_TAG.sub("", text.partition(r"\N\N")[0]))
    elif kind == "srt":
        text = _OVERRIDE.sub("", _HTML.sub("", text))
    else:
        text = _BRACES.sub("", text).replace(r"\h", "\u00a0")
    plain = unicodedata.normalize("NFC", text.replace(_KEEPER, ""))
    lines = (
        "".join(" " if sign in _SPACES else sign for sign in each if sign in _SPACES or not _is_control(sign)).strip()
        for each in _BREAK.split(plain)
    )
    return tuple(line for line in lines if any(unicodedata.category(sign) not in ("Cf", "Zs") for sign in line))


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) == "Cc"


def _apart(captions: Sequence[TimedLines]) -> Iterator[TimedLines]:
    """Yield captions, each ended where the next one begins; those that begin together are one, in lines."""
    together: list[TimedLines] = []
    for each in captions:
        if together and together[-1].start == each.start:
            before = together.pop()
            each = TimedLines(each.start, max(before.end, each.end), (*before.lines, *each.lines))
        together.append(each)
    for each, after in pairwise(together):
        yield TimedLines(each.start, min(each.end, after.start), each.lines)
    yield together[-1]


def _remarks(captions: Sequence[TimedLines], events: Sequence[SSAEvent], kind: str) -> Iterator[str]:
    over = [(each, after) for each, after in pairwise(captions) if after.start < each.end]
    if over:
        first, second = over[0]
        many = f"{len(over)} captions that" if len(over) > 1 else "a caption that"
        yield (
            f"has {many} the next one overlaps, the first at {first.start:g} s, to {first.end:g} s, where the next begins at "
            f"{second.start:g} s: it ends there, or they are one"
        )
    marked = [event for event in events if _is_marked(event.text, kind)]
    if marked:
        yield f"says how captions look or where they stand, first at {marked[0].start / 1000:g} s: that is left out"


def _is_marked(text: str, kind: str) -> bool:
    return bool(_OVERRIDE.search(text) or (kind in MARKED_UP and _HTML.search(text)))
