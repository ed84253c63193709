"""
What somebody probably meant: an id, a name or a time, made of what they wrote.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from itertools import count

from storyreel.storyboard.fields import LONGEST_NAME
from storyreel.storyboard.fields.words import SCENE_ID

MOST_OF_ID = 64
"""Characters that an id has at most."""


def is_id(written: object) -> bool:
    """Return whether this can be the id of a scene."""
    return isinstance(written, str) and len(written) <= MOST_OF_ID and re.fullmatch(SCENE_ID, written) is not None


def new_ids(written: Sequence[str]) -> list[str]:
    """Return the id that each of some ids can be, no two alike: itself if it is one, empty if nothing of it can be in one."""
    taken = {each for each in written if is_id(each)}
    new = []
    for each in written:
        suggested = each if is_id(each) else suggested_id(each)
        if suggested != each:
            suggested = next(free for free in _numbered(suggested) if free not in taken) if suggested else ""
            taken.add(suggested)
        new.append(suggested)
    return new


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def suggested_id(text: str) -> str:
    """Return the id that is nearest to what somebody wrote, its numbers kept; empty if nothing of it can be in one."""
    words = "-".join(re.findall("[a-z0-9]+", plain(text).lower()))
    if words and not words[0].isalpha():
        words = f"scene-{words}"
    return words[:40].rstrip("-")


def rule_of_ids(text: str) -> str:
    """Return what a name of a film may be, and the one that is nearest to what somebody wrote."""
    words = "-".join(re.findall("[a-z0-9]+", plain(text).lower()))
    free = words[:40].rstrip("-") if words[:1].isalpha() else f"film-{words}"[:40].rstrip("-")
    rule = "names are lower-case letters, digits and hyphens, the first a letter"
    return f"{rule}; write {free}" if words else rule


_CODECS = {
    **dict.fromkeys(("hevc", "h.265", "x265", "265"), "h265"),
    **dict.fromkeys(("avc", "h.264", "x264", "264", "mp4"), "h264"),
    **dict.fromkeys(
        ("prores422", "prores-422", "prores422hq", "prores-hq", "proreshq", "prores 422 hq", "mov"), "prores"
    ),
}
"""What other programs call a codec, and what it is called here."""
_OFF = {
    "titles": "titles are written in scenes",
    "music": "music of all films is written in `cut.music`",
    "captions": "how all films are captioned is written in `cut.captions`",
}


def in_delivery(trail: Sequence[str | int], given: object) -> str:
    """Return what to write instead of a value at a place of `deliver`; empty where nothing better is known than elsewhere."""
    name = str(trail[-1])
    if len(trail) == 2:
        return f'write what it has of its own: {name}: {{aspect_ratio: "9:16"}}'
    if name in _OFF:
        return f"write off, or leave it out: {_OFF[name]}"
    if name == "codec" and isinstance(given, str) and (codec := _CODECS.get(given.strip().lower())):
        return f"write {codec}"
    if name == "opacity" and isinstance(given, int | float) and 1 < given <= 100:
        return f"write opacity: {given / 100:g}"
    if name == "overlay" and isinstance(given, str):
        return f"write overlay: {{file: {as_yaml(given)}}}"
    if name == "deliver":
        return 'write a name and what it has of its own: vertical: {aspect_ratio: "9:16"}'
    if name == "scenes":
        return "write scenes: {stop: {take: 2}}"
    return ""


def suggested_name(text: str, taken: Container[str]) -> str:
    """Return the name that is nearest to what somebody wrote and not taken yet: of a reference, as templates write it."""
    words = "_".join(re.findall("[A-Za-z0-9]+", plain(text)))[: LONGEST_NAME - 8]
    name = words if words[:1].isalpha() else f"ref_{words}".rstrip("_")
    number = 1
    while (free := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return free


def as_yaml(text: str) -> str:
    """Return a text as it stands in a mapping of one line, in quotes where it needs them."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in {"true", "false", "null"}
    return text if plain else json.dumps(text, ensure_ascii=False)


def in_seconds(text: str) -> str | None:
    """Return a time as people write it (`6s`, `1.5 sec`, `00:01:05`, `2m`, `0,5`) in plain seconds; None if it is none."""
    written = "".join(plain(each) or " " * each.isspace() for each in text).strip().lower()
    if match := re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d{1,3})?)", written):
        hours, minutes, seconds = match.groups(default="0")
        return f"{int(hours) * 3600 + int(minutes) * 60 + float(seconds):g}"
    if match := re.fullmatch(r"(\d{1,5}(?:[.,]\d{1,3})?) ?(ms|s|secs?|seconds?|m|mins?|minutes?)?", written):
        factor = {"m": 60.0, "": 1.0, "s": 1.0}[(match[2] or "")[:1]] if match[2] != "ms" else 0.001
        return f"{float(match[1].replace(',', '.')) * factor:g}"
    return None


def number_in(text: str, *, whole: bool) -> str:
    """Return the one number that a text has, behind a colon as remedies have it; empty where that is not certain."""
    numbers = re.findall(r"\d+(?:[.,]\d+)?", plain(text))
    if len(numbers) != 1 or "-" in plain(text) or (whole and not numbers[0].isdigit()):
        return ""
    return f": {numbers[0].replace(',', '.')}"


def strange_letter(text: str) -> str:
    """Return the name of the first character that is no plain one, since it may look like one; empty if there is none."""
    strange = next((character for character in text if not character.isascii()), "")
    return f"'{strange}' is {unicodedata.name(strange, 'a character without a name').lower()}" if strange else ""


_LETTERS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03b1\u03bd\u03c1"
    "\u0142\u0141\u00f8\u00d8\u0111\u0110\u0131",
    "aeopcyxijsdhABEKMHOPCTYXIJSABEZHIKMNOPTYXoavplLoOdDi",
)
"""Letters of Cyrillic and Greek that look like Latin ones, and Latin ones with a stroke, which no accent is taken off."""


_WRITTEN_OUT = str.maketrans({"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"})
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7\uff0d", "-"))
_FOREIGN = re.compile("[\u0370-\u052f]+")
"""Greek and Cyrillic."""


def plain(text: str) -> str:
    """Return a text in ASCII: letters without accents, those that look like others as these, and nothing for what is neither."""
    looked_like = _FOREIGN.sub(lambda letters: _latin(letters[0]), text.translate(_WRITTEN_OUT).translate(_DASHES))
    return unicodedata.normalize("NFKD", looked_like.translate(_LETTERS)).encode("ascii", "ignore").decode()


def _latin(letters: str) -> str:
    """Return letters of another script as the Latin ones that they look like; none where some of them look like no other."""
    return letters if all(ord(letter) in _LETTERS for letter in letters) else " "
